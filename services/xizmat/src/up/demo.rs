//! The first start of a trial: demo officers, who approve the examples' grants by the command any officer uses.

use std::{path::Path, time::Duration};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use boot::Kit;
use bus::OnBehalf;
use kernel::{CommandId, Failure, Hash, bytes};
use prost::Message;
use proto::{
    Operation,
    exchange::v1::{
        ApproveGrantRequest, Grants, ListGrantsRequest,
        operations::{APPROVE_GRANT, LIST_GRANTS},
    },
    identity::v1::{AppointOfficerRequest, Appointment, operations::APPOINT_OFFICER},
};
use serde::{Deserialize, Serialize};

use super::{layout::Layout, publish::Operator};
use crate::sign_in::Session;

/// A demo officer. Passwords and secrets are made at the first start and lie in the data folder, readable by its owner.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Account {
    pub login: String,
    pub display_name: String,
    pub pinfl: String,
    pub password: String,
    pub totp_secret: String,
    pub agency: String,
    pub office: String,
    pub role: String,
}

/// In the data folder.
const ACCOUNTS: &str = "keys/demo-officers.json";

/// In the data folder: which grants are approved. A code counts once, so nobody signs in at a start without need.
const APPROVED: &str = "run/demo-approved";
const CODE_LASTS: Duration = Duration::from_secs(30);

/// Login, name, PINFL, agency, office, role. Fictional people.
const OFFICERS: [[&str; 6]; 35] = [
    ["registrar-tashkent", "Malika Yusupova", "41203850170214", "justice", "tashkent-yunusabad", "registrar"],
    ["registrar-nukus", "Gulnara Saparova", "42307870350128", "justice", "nukus", "registrar"],
    ["head-tashkent", "Bahodir Ergashev", "31106880170331", "justice", "tashkent-yunusabad", "lead"],
    ["lead", "Sherzod Rahimov", "30507790170331", "justice", "", "registrar"],
    ["archivist", "Nodira Aliyeva", "41706880170529", "justice", "", "archivist"],
    ["auditor", "Rustam Ergashev", "31504840170634", "justice", "", "auditor"],
    ["treasurer", "Zulfiya Hamidova", "41508860170411", "justice", "", "treasurer"],
    ["chief-accountant", "Anvar Sodiqov", "32302790170525", "justice", "", "treasurer"],
    ["cashier-tashkent", "Madina Rustamova", "41502950170424", "justice", "tashkent-yunusabad", "cashier"],
    ["data-steward", "Jasur Toshev", "31409840170443", "civil-status", "", "grant-approver"],
    ["inspector", "Aziz Qodirov", "31202810170641", "interior", "information-centre", "inspector"],
    ["inspector-second", "Ilhom Sattorov", "31409790170719", "interior", "information-centre", "inspector"],
    ["head-interior", "Farhod Umarov", "30202720170721", "interior", "", "lead"],
    ["auditor-interior", "Saodat Tosheva", "42308830170738", "interior", "", "auditor"],
    ["migration-tashkent", "Olim Nazarov", "32703840170410", "interior", "tashkent-yunusabad", "migration-officer"],
    ["migration-nukus", "Aysuliw Embergenova", "41909880350193", "interior", "nukus", "migration-officer"],
    ["court-steward", "Feruza Ismoilova", "40906750170812", "court", "", "grant-approver"],
    ["notary-steward", "Nodira Xolmatova", "42211880170017", "notary", "", "grant-approver"],
    ["administrator", "Kamola Ergasheva", "41409860170615", "justice", "", "administrator"],
    ["lawyer", "Akmal Yoʻldoshev", "31205750170421", "justice", "", "lawyer"],
    ["head", "Dilfuza Karimova", "42306800170630", "justice", "", "head"],
    ["site-inspector", "Otabek Nazarov", "31706810170004", "construction", "tashkent", "inspector"],
    ["chief-architect", "Nigora Tursunova", "42511900170109", "construction", "", "chief"],
    ["chief-engineer", "Sardor Yusupov", "30503780170200", "construction", "", "chief"],
    ["head-construction", "Murod Aliyev", "31104700170749", "construction", "", "lead"],
    ["construction-treasurer", "Barno Ismoilova", "40506810170758", "construction", "", "treasurer"],
    ["construction-accountant", "Komil Rahimov", "31907760170762", "construction", "", "treasurer"],
    ["appeal-board", "Lola Mirzayeva", "41904870170302", "construction", "", "board"],
    ["fire-expert", "Ulugʻbek Saidov", "32209830170409", "fire-safety", "", "expert"],
    ["fire-steward", "Shahnoza Olimova", "41405790170505", "fire-safety", "", "grant-approver"],
    ["fire-treasurer", "Jamshid Qodirov", "30607780170513", "fire-safety", "", "treasurer"],
    ["sanitary-expert", "Davron Qosimov", "30912760170608", "sanitary", "", "expert"],
    ["sanitary-steward", "Mohira Rasulova", "42806880170701", "sanitary", "", "grant-approver"],
    ["ecology-expert", "Azamat Berdiyev", "31601820170803", "ecology", "", "expert"],
    ["ecology-steward", "Zarina Jumayeva", "42710850170900", "ecology", "", "grant-approver"],
];

/// Makes the officers that belong to the published agencies, and has the grants approved that wait for one.
pub async fn prepare(
    operator: &Operator,
    layout: &Layout,
    definitions: Option<&Path>,
    kit: &Kit,
) -> Result<Vec<Account>, Failure> {
    let Some(definitions) = definitions else { return Ok(Vec::new()) };
    let accounts: Vec<Account> = accounts(layout, kit)?
        .into_iter()
        .filter(|account| definitions.join(&account.agency).join("agency.yaml").is_file())
        .collect();
    for account in &accounts {
        appoint(operator, account, kit).await?;
    }
    let (grants, memory) = (grants(definitions)?, layout.folder.join(APPROVED));
    if std::fs::read_to_string(&memory).is_ok_and(|approved| approved == grants) {
        return Ok(accounts);
    }
    for account in accounts.iter().filter(|account| account.role == "grant-approver") {
        if approve_waiting(operator, layout, account, kit).await.is_err() {
            // The code that the authenticator shows now was used by a start that was cut off a moment ago.
            tokio::time::sleep(CODE_LASTS).await;
            approve_waiting(operator, layout, account, kit).await?;
        }
    }
    let unwritable = |error: std::io::Error| Failure::internal("up.demo", format!("{}: {error}", memory.display()));
    std::fs::write(&memory, &grants).map_err(unwritable)?;
    Ok(accounts)
}

/// What there is to approve, as one hash.
fn grants(definitions: &Path) -> Result<String, Failure> {
    let unreadable = |message| Failure::invalid("up.definitions", message);
    let sources = crate::check::sources(&[definitions.to_owned()]).map_err(unreadable)?;
    let texts = sources.iter().map(|source| source.content.as_bytes());
    let grants: Vec<&[u8]> = texts.filter(|text| text.windows(11).any(|part| part == b"kind: Grant")).collect();
    Ok(Hash::of_parts(&grants).to_string())
}

fn accounts(layout: &Layout, kit: &Kit) -> Result<Vec<Account>, Failure> {
    let path = layout.folder.join(ACCOUNTS);
    if !path.exists() {
        let made: Vec<Account> = OFFICERS.iter().map(|officer| account(officer, kit)).collect();
        boot::secrets::write_new(&path, &serde_json::to_vec_pretty(&made).expect("plain structs are JSON"))?;
    }
    read(&path)
}

fn read(path: &Path) -> Result<Vec<Account>, Failure> {
    let malformed =
        |error| Failure::internal("up.demo", format!("{} cannot be read.", path.display())).with_detail(error);
    serde_json::from_str(&boot::secrets::read(path)?).map_err(malformed)
}

pub fn code(login: &str, data: &Path) -> Result<String, Failure> {
    let accounts = read(&data.join(ACCOUNTS))?;
    let account = accounts.iter().find(|account| account.login == login);
    let unknown = || Failure::not_found("up.demo", format!("There is no demo officer \"{login}\"."));
    let now = Kit::system(boot::Stage::Trial).clock.now();
    identity::authenticator_code(&account.ok_or_else(unknown)?.totp_secret, now)
}

fn account(&[login, display_name, pinfl, agency, office, role]: &[&str; 6], kit: &Kit) -> Account {
    let base32 = |byte: &u8| char::from(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[usize::from(*byte % 32)]);
    Account {
        login: login.into(),
        display_name: display_name.into(),
        pinfl: pinfl.into(),
        password: URL_SAFE_NO_PAD.encode(bytes::<9>(&*kit.random)),
        totp_secret: bytes::<32>(&*kit.random).iter().map(base32).collect(),
        agency: agency.into(),
        office: office.into(),
        role: role.into(),
    }
}

async fn appoint(operator: &Operator, account: &Account, kit: &Kit) -> Result<(), Failure> {
    let request = AppointOfficerRequest {
        login: account.login.clone(),
        display_name: account.display_name.clone(),
        pinfl: account.pinfl.clone(),
        appointment: Some(Appointment {
            agency: account.agency.clone(),
            office: account.office.clone(),
            role: account.role.clone(),
            from_us: kit.clock.now().micros(),
            to_us: 0,
        }),
        demo_password: account.password.clone(),
        demo_totp_secret: account.totp_secret.clone(),
    };
    operator.bus.request(&APPOINT_OFFICER, &account.agency, &request).await?;
    Ok(())
}

async fn approve_waiting(operator: &Operator, layout: &Layout, account: &Account, kit: &Kit) -> Result<(), Failure> {
    let session = Session::open(&format!("{}/identity", layout.base_url), account, kit).await?;
    let request = ListGrantsRequest { agency: account.agency.clone() };
    let person = on_behalf(&session, &LIST_GRANTS, &request, kit).await?;
    let grants: Grants = operator.bus.request_for(&LIST_GRANTS, &account.agency, &request, &person).await?;
    for grant in grants.grants.into_iter().filter(|grant| grant.state == "waiting") {
        let request = ApproveGrantRequest { agency: grant.agency.clone(), name: grant.name.clone(), hash: grant.hash };
        let person = on_behalf(&session, &APPROVE_GRANT, &request, kit).await?;
        operator.bus.request_for(&APPROVE_GRANT, &account.agency, &request, &person).await?;
        tracing::info!(grant = grant.name, officer = account.login, "grant approved by the demo officer");
    }
    Ok(())
}

pub async fn on_behalf<Q: Message, R>(
    session: &Session,
    operation: &Operation<Q, R>,
    request: &Q,
    kit: &Kit,
) -> Result<OnBehalf, Failure> {
    let command_id = CommandId::new(&*kit.clock, &*kit.random);
    let asked = (operation.callee, operation.name);
    let assertion = session.assertion(asked, command_id, Hash::of(&request.encode_to_vec())).await?;
    Ok(OnBehalf { assertion, command_id })
}
