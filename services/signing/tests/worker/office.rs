//! The whole service over a real bus: an e-service asks, a holder reads, anybody verifies, the agency withdraws.

use std::{
    process::{Child, Command, Stdio},
    sync::Arc,
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use boot::{Kit, Stage};
use bus::{Bus, OnBehalf, Service, keys::Key};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use kernel::{
    Failure, Hash, Time,
    id::{CaseId, CommandId, PersonId},
};
use p256::{
    SecretKey,
    elliptic_curve::sec1::ToSec1Point,
    pkcs8::{EncodePrivateKey, LineEnding},
};
use prost::Message;
use proto::{
    ActionRef, CaseRef, Empty,
    eservice::v1::{Standing, operations::READ_STANDING},
    identity::v1::{
        Appointment, Keys, Officer,
        operations::{READ_KEYS, READ_OFFICER},
    },
    register::v1::{
        Agency, Revision,
        operations::{READ_AGENCY, READ_REVISION},
    },
    signing::v1::{
        Document, DoubtSealRequest, IssueDocumentRequest, IssueReceiptRequest, ListSealedRequest, ListSealsRequest,
        ReadDocumentRequest, ReadReceiptRequest, ReadStatusListRequest, RequestSealRequest, RevokeDocumentRequest,
        Verdict, VerifyCodeRequest, VerifyFileRequest, WithdrawSealRequest, operations,
    },
};
use serde_json::json;

const ROLES: [&str; 7] = ["signing", "register", "identity", "eservice", "portal", "operator", "payments"];

struct Platform {
    folder: std::path::PathBuf,
    kit: Kit,
    port: u16,
    server: Child,
}

impl Drop for Platform {
    fn drop(&mut self) {
        self.kit.shutdown.cancel();
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

impl Platform {
    fn start() -> Self {
        let folder = testkit::folder().join("office");
        std::fs::create_dir_all(&folder).unwrap();
        let kit = Kit::system(Stage::Trial);
        let mut trusted = Vec::new();
        for role in ROLES {
            let key = Key::generate(&*kit.random);
            std::fs::write(folder.join(format!("{role}.key")), key.to_text()).unwrap();
            trusted.push(key.trusted(role, Time::from_micros(0), None));
        }
        std::fs::write(folder.join("trusted.json"), serde_json::to_vec(&trusted).unwrap()).unwrap();
        let seed = nkeys::KeyPair::new_user().seed().unwrap();
        let credentials = format!(
            "-----BEGIN NATS USER JWT-----\nunused.unused.unused\n------END NATS USER JWT------\n\n\
             -----BEGIN USER NKEY SEED-----\n{seed}\n------END USER NKEY SEED------\n"
        );
        std::fs::write(folder.join("any.creds"), credentials).unwrap();
        let port = testkit::free_port();
        let server = Command::new(testkit::nats_binary())
            .args(["-a", "127.0.0.1", "-p", &port.to_string(), "-js", "-sd"])
            .arg(folder.join("jetstream"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Self { folder, kit, port, server }
    }

    fn settings(&self, role: &str) -> bus::Settings {
        bus::Settings {
            url: format!("nats://127.0.0.1:{}", self.port),
            credentials_file: self.folder.join("any.creds"),
            role: role.to_owned(),
            key_file: self.folder.join(format!("{role}.key")),
            trusted_keys_file: self.folder.join("trusted.json"),
            ..bus::Settings::default()
        }
    }

    async fn bus(&self, role: &str) -> Bus {
        Bus::connect(&self.settings(role), self.kit.clock.clone(), self.kit.random.clone()).await.unwrap()
    }

    /// A register with one revision, an identity with two heads of the agency, an e-service without mandates, and signing itself.
    async fn serve(&self) -> Hash {
        let definition: api::ServiceDefinition = serde_json::from_value(json!({
            "apiVersion": "xizmat.dev/v1alpha1", "kind": "ServiceDefinition", "metadata": {"name": "copy"},
            "spec": {"title": {"uz": "Nusxa"}, "agency": "justice",
                     "access": {"assurance": "substantial"},
                     "fees": [{"name": "duty", "amount": "percent(ref.bhm, '10')", "to": [{"agency": "justice", "share": 1}]}],
                     "documents": [
                {"name": "certificate", "title": {"uz": "Guvohnoma nusxasi", "en": "Copy"}, "seal": "justice",
                 "validFor": "1 year", "template": TEMPLATE,
                 "recall": {"role": "registrar", "reasons": [
                    {"code": "error", "text": {"uz": "Xato bilan berilgan", "en": "Issued in error"}}]}},
                {"name": "foreign", "template": TEMPLATE, "seal": "civil-status"},
                {"name": "broken", "template": "= A\n#nothing", "seal": "justice"},
            ]},
        }))
        .unwrap();
        let bytes = process::revision::canonical_bytes(&definition).unwrap();
        let hash = Hash::of(&bytes);
        let register = self.bus("register").await;
        let now = self.kit.clock.now();
        let revision = Revision {
            revision: hash.to_vec(),
            agency: "justice".into(),
            service: "copy".into(),
            definition: bytes,
            admitted_us: now.micros(),
            admission: register.sign_admission(hash, "justice", "copy", now),
        };
        let agency = json!({"apiVersion": "xizmat.dev/v1alpha1", "kind": "Agency", "metadata": {"name": "justice"},
            "spec": {"title": {"uz": "Adliya vazirligi", "en": "Ministry of Justice"}}});
        let revision = Arc::new(revision);
        let service = Service::new("register")
            .on(&READ_REVISION, move |_| {
                let revision = revision.clone();
                async move { Ok((*revision).clone()) }
            })
            .on(&READ_AGENCY, move |call| {
                let resource = agency.to_string().into_bytes();
                async move { Ok(Agency { agency: call.request.agency, resource }) }
            });
        register.serve(service, &self.kit).await.unwrap();
        let service = Service::new("identity")
            .on(&READ_KEYS, |_| async { Ok(Keys { jwks: person_key().1, issuer: "http://localhost".into() }) })
            .on(&READ_OFFICER, |call| async move { Ok(officer(call.request.person)) });
        self.bus("identity").await.serve(service, &self.kit).await.unwrap();
        let service = Service::new("eservice").on(&READ_STANDING, |_| async { Ok(Standing::default()) });
        self.bus("eservice").await.serve(service, &self.kit).await.unwrap();
        let config = signing::Config {
            database: sql::Settings::file(self.folder.join("signing.db")),
            bus: self.settings("signing"),
            agency_keys_dir: self.folder.join("agencies"),
            ca_dir: self.folder.join("ca"),
            verify_url: "https://xizmat.example/verify".into(),
            ..signing::Config::default()
        };
        signing::start(&self.kit, config).await.unwrap();
        hash
    }

    fn on_behalf(&self, person: PersonId, assurance: &str, request: &impl Message) -> OnBehalf {
        self.asserted((person, false), (assurance, "read-document"), request)
    }

    fn asserted(
        &self,
        (person, officer): (PersonId, bool),
        (assurance, operation): (&str, &str),
        request: &impl Message,
    ) -> OnBehalf {
        let command_id = CommandId::new(&*self.kit.clock, &*self.kit.random);
        let now = self.kit.clock.now().micros() / 1_000_000;
        let claims = json!({
            "iss": "http://localhost", "sub": person.to_string(), "aud": "signing",
            "operation": operation, "officer": officer, "iat": now, "exp": now + 60,
            "jti": command_id.to_string(), "acr": assurance, "auth_time": now,
            "payload": URL_SAFE_NO_PAD.encode(Hash::of(&request.encode_to_vec()).as_bytes()),
        });
        let mut header = Header::new(Algorithm::ES256);
        header.typ = Some("xizmat-assertion+jwt".into());
        header.kid = Some("one".into());
        OnBehalf { assertion: jsonwebtoken::encode(&header, &claims, &person_key().0).unwrap(), command_id }
    }
}

/// Two heads of the agency, and others who are nothing in it.
fn officer(person: Vec<u8>) -> Officer {
    let heads = [head(1), head(2)].map(|head| head.to_vec());
    let held = Appointment { agency: "justice".into(), role: "head".into(), ..Appointment::default() };
    Officer {
        appointments: heads.contains(&person).then_some(held).into_iter().collect(),
        person,
        ..Officer::default()
    }
}

fn head(number: u8) -> PersonId {
    PersonId::from_bytes([20 + number; 16])
}

const TEMPLATE: &str = r#"#let inputs = json("inputs.json")
= #inputs.document.title
#inputs.agency.title #inputs.document.number #inputs.document.code #inputs.data.spouse
#image(inputs.document.qr, width: 30mm, alt: "QR")"#;

fn person_key() -> (EncodingKey, String) {
    let secret = SecretKey::from_slice(&[7; 32]).unwrap();
    let point = secret.public_key().to_sec1_point(false);
    let (x, y) = (URL_SAFE_NO_PAD.encode(point.x().unwrap()), URL_SAFE_NO_PAD.encode(point.y().unwrap()));
    let jwk = json!({"kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": "one", "x": x, "y": y});
    let pem = secret.to_pkcs8_pem(LineEnding::LF).unwrap();
    (EncodingKey::from_ec_pem(pem.as_bytes()).unwrap(), json!({"keys": [jwk]}).to_string())
}

pub fn documents_are_issued_read_verified_and_withdrawn() {
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let platform = Platform::start();
        let revision = platform.serve().await;
        let desk = Desk { eservice: platform.bus("eservice").await, portal: platform.bus("portal").await, revision };
        an_agency_gets_one_seal(&platform).await;
        let issued = the_answer_is_kept(&desk).await;
        wrong_codes_never_stand_before_the_right_one(&desk, &issued).await;
        refusals_leave_no_gap(&desk, &issued).await;
        let file = only_the_holder_reads(&platform, &desk, &issued).await;
        the_same_content_is_read_as_a_page(&platform, &desk, &issued).await;
        anybody_verifies(&desk, &issued, &file).await;
        a_withdrawn_document_is_shown_as_such(&desk, &issued, &file).await;
        whoever_verifies_an_old_document_is_told_the_newer_ones_number(&desk).await;
        a_receipt_is_made_once_in_each_language(&platform, &desk).await;
        a_seal_in_doubt_is_withdrawn_by_two_and_what_it_sealed_before_stays_valid(&platform, &desk).await;
    });
}

struct Desk {
    eservice: Bus,
    portal: Bus,
    revision: Hash,
}

fn holder() -> PersonId {
    PersonId::from_bytes([3; 16])
}

const CASE: [u8; 16] = [4; 16];

impl Desk {
    fn action(&self, name: &str) -> Option<ActionRef> {
        let case = CaseRef {
            case_id: CaseId::from_bytes(CASE).to_vec(),
            agency: "justice".into(),
            service: "copy".into(),
            revision: self.revision.to_vec(),
        };
        let action_id = Hash::of(name.as_bytes()).to_vec();
        Some(ActionRef { case: Some(case), action_id, step: "issue".into(), cause: vec![] })
    }

    fn order(&self, action: &str, document: &str) -> IssueDocumentRequest {
        IssueDocumentRequest {
            action: self.action(action),
            document: document.into(),
            holder: holder().to_vec(),
            language: "uz".into(),
            inputs: json!({"data": {"spouse": "Gʻayrat"}}).to_string().into_bytes(),
            representative: Vec::new(),
            template_revision: Vec::new(),
        }
    }

    async fn issue(&self, order: &IssueDocumentRequest) -> Result<Document, String> {
        let answer = self.eservice.request(&operations::ISSUE_DOCUMENT, "justice", order).await;
        answer.map_err(|failure| failure.code.into_owned())
    }

    async fn code(&self, number: &str, code: &str) -> Verdict {
        self.ask_code(number, code, &[9; 32]).await.unwrap()
    }

    async fn ask_code(&self, number: &str, code: &str, asker: &[u8]) -> Result<Verdict, Failure> {
        let request = VerifyCodeRequest {
            number: number.into(),
            code: code.into(),
            asker: asker.to_vec(),
            language: "en".into(),
            twin: false,
        };
        self.portal.request(&operations::VERIFY_CODE, "platform", &request).await
    }

    async fn file(&self, file: &[u8]) -> Verdict {
        let request = VerifyFileRequest { file: file.to_vec(), language: "en".into() };
        self.portal.request(&operations::VERIFY_FILE, "platform", &request).await.unwrap()
    }
}

/// Whoever asks at the same time, or again.
async fn an_agency_gets_one_seal(platform: &Platform) {
    let operator = platform.bus("operator").await;
    let ask = async || {
        let request = RequestSealRequest { agency: "justice".into() };
        operator.request(&operations::REQUEST_SEAL, "justice", &request).await.unwrap()
    };
    let (one, other) = futures::join!(ask(), ask());
    assert_eq!(one, other);
    assert_eq!(ask().await, one);
    assert!(one.since_us <= platform.kit.clock.now().micros() && platform.kit.clock.now().micros() < one.until_us);
}

async fn the_answer_is_kept(desk: &Desk) -> Document {
    let order = desk.order("first", "certificate");
    let issued = desk.issue(&order).await.unwrap();
    assert!(issued.number.starts_with("justice-") && issued.number.ends_with("-1"), "{}", issued.number);
    assert_eq!((issued.status.as_str(), issued.title.as_str()), ("valid", "Guvohnoma nusxasi"));
    assert_eq!(desk.issue(&order).await.unwrap(), issued, "a repetition gets the same document");
    let other = IssueDocumentRequest { language: "en".into(), ..order };
    assert_eq!(desk.issue(&other).await.unwrap_err(), "action.other-body");
    issued
}

async fn refusals_leave_no_gap(desk: &Desk, first: &Document) {
    assert_eq!(desk.issue(&desk.order("a", "foreign")).await.unwrap_err(), "seal.not-granted");
    assert_eq!(desk.issue(&desk.order("b", "unheard-of")).await.unwrap_err(), "document.undeclared");
    assert_eq!(desk.issue(&desk.order("c", "broken")).await.unwrap_err(), "document.template");
    let mut anothers = desk.order("d", "certificate");
    anothers.action.as_mut().unwrap().case.as_mut().unwrap().service = "another".into();
    assert_eq!(desk.issue(&anothers).await.unwrap_err(), "document.foreign-revision");
    let orders: Vec<_> = (0..4).map(|n| desk.order(&format!("many-{n}"), "certificate")).collect();
    let issued = futures::future::join_all(orders.iter().map(|order| desk.issue(order))).await;
    let mut numbers: Vec<u32> = issued
        .iter()
        .map(|issued| issued.as_ref().unwrap().number.rsplit('-').next().unwrap().parse().unwrap())
        .collect();
    numbers.sort_unstable();
    assert_eq!(numbers, [2, 3, 4, 5], "after {}", first.number);
}

async fn only_the_holder_reads(platform: &Platform, desk: &Desk, issued: &Document) -> Vec<u8> {
    let request = ReadDocumentRequest { document_id: issued.document_id.clone(), offset: 0, twin: false };
    let read = async |person: PersonId, request: &ReadDocumentRequest| {
        let on_behalf = platform.on_behalf(person, "substantial", request);
        desk.portal.request_for(&operations::READ_DOCUMENT, "platform", request, &on_behalf).await
    };
    let with_a_password = platform.on_behalf(holder(), "low", &request);
    let refused = desk.portal.request_for(&operations::READ_DOCUMENT, "platform", &request, &with_a_password).await;
    assert_eq!(refused.unwrap_err().code, "service.assurance", "a password alone fetches no document");
    let chunk = read(holder(), &request).await.unwrap();
    assert_eq!(chunk.bytes.len() as i64, chunk.size);
    assert_eq!(Hash::of(&chunk.bytes).to_vec(), issued.hash);
    assert_eq!(chunk.file_name, format!("{}.pdf", issued.number));
    let stranger = read(PersonId::from_bytes([8; 16]), &request).await.unwrap_err();
    let nowhere = ReadDocumentRequest { document_id: vec![1; 16], offset: 0, twin: false };
    let unknown = read(holder(), &nowhere).await.unwrap_err();
    assert_eq!((&stranger.code, &stranger.message), (&unknown.code, &unknown.message), "the two look alike");
    chunk.bytes
}

/// By whoever may read the document, and by whoever has its number and code; by nobody else.
async fn the_same_content_is_read_as_a_page(platform: &Platform, desk: &Desk, issued: &Document) {
    let request = ReadDocumentRequest { document_id: issued.document_id.clone(), offset: 0, twin: true };
    let read = async |person: PersonId| {
        let on_behalf = platform.on_behalf(person, "substantial", &request);
        desk.portal.request_for(&operations::READ_DOCUMENT, "platform", &request, &on_behalf).await
    };
    let page = read(holder()).await.unwrap();
    let html = String::from_utf8(page.bytes.clone()).unwrap();
    let own = [&issued.number, &issued.code, &issued.title].map(String::as_str);
    for told in own.into_iter().chain(["Adliya vazirligi", "Gʻayrat", "SPECIMEN"]) {
        assert!(html.contains(told), "{told}: {html}");
    }
    assert_eq!((page.bytes.len() as i64, Hash::of(&page.bytes).to_vec()), (page.size, page.hash));
    assert_eq!(read(PersonId::from_bytes([8; 16])).await.unwrap_err().code, "document.unknown");

    let ask = async |code: &str, twin: bool| {
        let request = VerifyCodeRequest {
            number: issued.number.clone(),
            code: code.into(),
            asker: vec![9; 32],
            language: "en".into(),
            twin,
        };
        desk.portal.request(&operations::VERIFY_CODE, "platform", &request).await.unwrap()
    };
    let (shown, plain) = (ask(&issued.code, true).await, ask(&issued.code, false).await);
    assert_eq!((shown.twin, shown.has_twin), (html.into_bytes(), true));
    assert!(plain.has_twin && plain.twin.is_empty(), "only where it is asked for");
    let wrong = ask("0000-0000-0000-0000", true).await;
    assert!(!wrong.has_twin && wrong.twin.is_empty(), "{}", wrong.verdict);
}

async fn anybody_verifies(desk: &Desk, issued: &Document, file: &[u8]) {
    let right = desk.code(&issued.number, &issued.code.to_lowercase()).await;
    assert_eq!((right.verdict.as_str(), right.kind.as_str(), right.specimen), ("valid", "Copy", true));
    assert_eq!((right.agency.as_str(), right.agency_title.as_str()), ("justice", "Ministry of Justice"));
    let wrong = desk.code(&issued.number, "0000-0000-0000-0000").await;
    let unknown = desk.code("justice-1999-1", "0000-0000-0000-0000").await;
    assert_eq!(wrong, unknown, "an unknown number and a wrong code look alike");
    assert_eq!(wrong.verdict, "unknown");

    let shown = desk.file(file).await;
    assert_eq!(shown.verdict, "valid", "{shown:?}");
    assert_eq!(shown.number, issued.number);
    let mut changed = file.to_vec();
    changed[2000] ^= 1;
    assert_eq!(desk.file(&changed).await.verdict, "invalid");
    assert_eq!(desk.file(b"%PDF-1.7 nothing").await.verdict, "unknown");
    the_page_and_the_command_agree(desk, file, &changed).await;
}

/// Of a file in order, and of files that are not for one reason or another.
async fn the_page_and_the_command_agree(desk: &Desk, file: &[u8], changed: &[u8]) {
    let trust = desk.portal.request(&operations::READ_TRUST, "platform", &Empty {}).await.unwrap();
    let seal = file.windows(11).position(|window| window == b"/Contents <").unwrap() + 100;
    let mut other_signature = file.to_vec();
    other_signature[seal] = if other_signature[seal] == b'0' { b'1' } else { b'0' };
    let appended = [file, b"\n"].concat();
    let twice = [file, file].concat();
    let mut codes = Vec::new();
    for shown in [file, changed, &other_signature, &appended, &twice, b"%PDF-1.7 nothing".as_slice()] {
        let page = desk.file(shown).await;
        let lists = signing::Published { revocation_list: Some(&trust.crl), ..signing::Published::default() };
        let command = signing::verify_offline(shown, trust.root_pem.as_bytes(), lists).unwrap();
        let integrity = page.integrity.unwrap().code;
        assert_eq!((page.verdict.as_str(), &integrity), (command.outcome.as_str(), &command.integrity.code));
        assert_eq!(page.issuer.unwrap().code, command.issuer.code, "{integrity}");
        codes.push(integrity);
    }
    assert_eq!(codes[0], "verify.whole-file-sealed");
    codes.dedup();
    assert!(codes.len() >= 4, "for different reasons: {codes:?}");
}

/// Whoever floods a document, or shares a network with others, keeps nobody from checking a document they hold.
async fn wrong_codes_never_stand_before_the_right_one(desk: &Desk, issued: &Document) {
    let (mut by_number, mut by_nothing) = (Vec::new(), Vec::new());
    for (number, asker, answers) in
        [(issued.number.as_str(), [1; 32], &mut by_number), ("justice-1999-1", [2; 32], &mut by_nothing)]
    {
        for _ in 0..60 {
            let answer = desk.ask_code(number, "0000-0000-0000-0000", &asker).await;
            answers.push(answer.map(|verdict| verdict.verdict).map_err(|failure| failure.code.into_owned()));
        }
    }
    assert_eq!(by_number, by_nothing, "an unknown number and a wrong code look alike to the end");
    assert_eq!(by_number.iter().filter(|answer| answer.is_ok()).count(), 30);
    assert_eq!(by_number.last().unwrap().as_ref().unwrap_err(), "verify.too-many");
    for asker in [[1; 32], [3; 32]] {
        let right = desk.ask_code(&issued.number, &issued.code, &asker).await.unwrap();
        assert_eq!(right.verdict, "valid");
    }
}

async fn a_withdrawn_document_is_shown_as_such(desk: &Desk, issued: &Document, file: &[u8]) {
    let request = RevokeDocumentRequest {
        action: desk.action("revoke"),
        document_id: issued.document_id.clone(),
        reason: "error".into(),
        superseded_by: vec![],
    };
    for _ in 0..2 {
        let revoked = desk.eservice.request(&operations::REVOKE_DOCUMENT, "justice", &request).await.unwrap();
        assert_eq!((revoked.status.as_str(), revoked.code.as_str()), ("revoked", ""));
    }
    for verdict in [desk.file(file).await, desk.code(&issued.number, &issued.code).await] {
        assert_eq!((verdict.verdict.as_str(), verdict.status.as_str()), ("invalid", "revoked"));
        assert_eq!(verdict.reason, "Issued in error");
        assert_eq!(verdict.withdrawn.unwrap().code, "verify.revoked");
    }
    let trust = desk.portal.request(&operations::READ_TRUST, "platform", &Empty {}).await.unwrap();
    let offline = |status_list: Option<&[u8]>| {
        let lists = signing::Published { status_list, ..signing::Published::default() };
        signing::verify_offline(file, trust.root_pem.as_bytes(), lists).unwrap()
    };
    assert!(offline(None).is_valid(), "{}", offline(None));
    let with_list = offline(Some(trust.status_list.as_bytes()));
    assert!(!with_list.is_valid() && with_list.withdrawn.code == "verify.revoked", "{with_list}");
    let sealed = with_list.sealed.expect("it bears a seal");
    let year = i32::from(process::calendar::civil_date(sealed).year());
    let list = async |agency: &str, year: i32| {
        let request = ReadStatusListRequest { agency: agency.into(), year, ..ReadStatusListRequest::default() };
        let part = desk.portal.request(&operations::READ_STATUS_LIST, "platform", &request).await.unwrap();
        assert_eq!(part.size, i64::try_from(part.bytes.len()).unwrap(), "it fits into one part");
        offline(Some(&part.bytes)).withdrawn.code
    };
    assert_eq!(list("justice", year).await, "verify.revoked");
    assert_eq!(list("", 0).await, "verify.revoked", "the list of all");
    assert_eq!(list("justice", year - 1).await, "verify.status-other-list");
    let made_up = ReadStatusListRequest { agency: "nobody".into(), year, ..ReadStatusListRequest::default() };
    let none = desk.portal.request(&operations::READ_STATUS_LIST, "platform", &made_up).await.unwrap_err();
    assert_eq!(none.code, "status.no-list", "nobody makes us sign for a name that they made up");
    let again = ReadStatusListRequest { made: 1, ..ReadStatusListRequest::default() };
    let remade = desk.portal.request(&operations::READ_STATUS_LIST, "platform", &again).await.unwrap_err();
    assert_eq!(remade.code, "status.remade", "parts of two lists are no list");
}

/// The newer one may be made by another admitted revision of the service, and by none else.
async fn whoever_verifies_an_old_document_is_told_the_newer_ones_number(desk: &Desk) {
    let old = desk.issue(&desk.order("old", "certificate")).await.unwrap();
    let by =
        |revision: Vec<u8>| IssueDocumentRequest { template_revision: revision, ..desk.order("newer", "certificate") };
    assert_eq!(desk.issue(&by(vec![1])).await.unwrap_err(), "hash.malformed");
    assert!(desk.issue(&by(vec![1; 32])).await.is_err(), "nobody admitted it");
    let newer = desk.issue(&by(desk.revision.to_vec())).await.unwrap();
    let request = RevokeDocumentRequest {
        action: desk.action("supersede"),
        document_id: old.document_id.clone(),
        reason: "error".into(),
        superseded_by: newer.document_id.clone(),
    };
    desk.eservice.request(&operations::REVOKE_DOCUMENT, "justice", &request).await.unwrap();
    let verdict = desk.code(&old.number, &old.code).await;
    assert_eq!((verdict.status.as_str(), verdict.superseded_by), ("superseded", newer.number.clone()));
    let verdict = desk.code(&newer.number, &newer.code).await;
    assert_eq!((verdict.status.as_str(), verdict.superseded_by.as_str()), ("valid", ""));
}

/// Payments asks for it; anybody verifies it as any document.
async fn a_receipt_is_made_once_in_each_language(platform: &Platform, desk: &Desk) {
    let payments = platform.bus("payments").await;
    let receipt = |language: &str, number: &str, fee: &str| IssueReceiptRequest {
        case: desk.action("receipt").unwrap().case,
        number: number.into(),
        kind: "payment".into(),
        amount: Some(proto::Money { minor: 4_120_050, currency: "UZS".into() }),
        time_us: platform.kit.clock.now().micros(),
        fee: fee.into(),
        case_number: "JUS-2026-1".into(),
        provider: "payme".into(),
        transaction: "t1".into(),
        language: language.into(),
        holder: holder().to_vec(),
        representative: Vec::new(),
    };
    let ask = async |request: IssueReceiptRequest| {
        let made = payments.request(&operations::ISSUE_RECEIPT, "justice", &request).await;
        made.map_err(|failure: Failure| failure.code.into_owned())
    };
    let first = ask(receipt("ru", "justice-2026-R1", "duty")).await.unwrap();
    assert_eq!(ask(receipt("ru", "justice-2026-R1", "duty")).await.unwrap(), first, "asked again, it is the same one");
    assert_ne!(ask(receipt("en", "justice-2026-R1", "duty")).await.unwrap().document_id, first.document_id);
    assert_eq!(ask(receipt("ru", "health-2026-R1", "duty")).await.unwrap_err(), "receipt.number");
    assert_eq!(ask(receipt("ru", "justice-2026-R2", "unheard-of")).await.unwrap_err(), "receipt.fee");
    let nothing = IssueReceiptRequest { amount: None, ..receipt("ru", "justice-2026-R2", "duty") };
    assert_eq!(ask(nothing).await.unwrap_err(), "receipt.amount");
    let withdrawn = RevokeDocumentRequest {
        action: desk.action("revoke-receipt"),
        document_id: first.document_id.clone(),
        reason: "error".into(),
        superseded_by: vec![],
    };
    let refused = desk.eservice.request(&operations::REVOKE_DOCUMENT, "justice", &withdrawn).await.unwrap_err();
    assert_eq!(refused.code, "document.unknown", "no case takes a receipt back");
    let request = ReadReceiptRequest { document_id: first.document_id, offset: 0 };
    let chunk = payments.request(&operations::READ_RECEIPT, "justice", &request).await.unwrap();
    assert_eq!((chunk.bytes.len() as i64, chunk.file_name.as_str()), (first.size, "justice-2026-R1.ru.pdf"));
    let shown = desk.file(&chunk.bytes).await;
    assert_eq!((shown.verdict.as_str(), shown.kind.as_str(), shown.specimen), ("valid", "Payment receipt", true));
    let foreign = payments.request(&operations::READ_RECEIPT, "health", &request).await.unwrap_err();
    assert_eq!(foreign.code, "document.unknown");
}

#[expect(clippy::too_many_lines, reason = "one story from the theft to the new seal")]
async fn a_seal_in_doubt_is_withdrawn_by_two_and_what_it_sealed_before_stays_valid(platform: &Platform, desk: &Desk) {
    let operator = platform.bus("operator").await;
    macro_rules! ask {
        ($operation:expr, $name:literal, $person:expr, $request:expr) => {{
            let request = $request;
            let person = platform.asserted(($person, true), ("substantial", $name), &request);
            operator.request_for(&$operation, "justice", &request, &person).await
        }};
    }
    let before = desk.issue(&desk.order("before-the-theft", "certificate")).await.unwrap();
    let mut number = 0;
    let after = loop {
        number += 1;
        let issued = desk.issue(&desk.order(&format!("after-the-theft-{number}"), "certificate")).await.unwrap();
        if issued.sealed_us > before.sealed_us {
            break issued;
        }
    };
    let read = async |issued: &Document| {
        let request = ReadDocumentRequest { document_id: issued.document_id.clone(), ..ReadDocumentRequest::default() };
        let person = platform.on_behalf(holder(), "substantial", &request);
        desk.portal.request_for(&operations::READ_DOCUMENT, "platform", &request, &person).await.unwrap().bytes
    };
    let files = [read(&before).await, read(&after).await];

    let seals = ask!(operations::LIST_SEALS, "list-seals", head(1), ListSealsRequest {}).unwrap().seals;
    let [seal] = seals.as_slice() else { panic!("one seal: {seals:?}") };
    let serial = seal.serial.clone();
    let word = |from_us| DoubtSealRequest { serial: serial.clone(), reason: "A backup was copied".into(), from_us };
    let agreed = |doubted_from_us, reason: &str| {
        let (serial, reason) = (serial.clone(), reason.to_owned());
        WithdrawSealRequest { serial, doubted_from_us, reason }
    };
    let withdrawal = || agreed(after.sealed_us, "A backup was copied");
    let from = after.sealed_us;
    let stranger = ask!(operations::DOUBT_SEAL, "doubt-seal", holder(), word(from)).unwrap_err();
    let nowhere = DoubtSealRequest { serial: vec![1], ..word(from) };
    let unknown = ask!(operations::DOUBT_SEAL, "doubt-seal", head(1), nowhere).unwrap_err();
    assert_eq!((stranger.code.as_ref(), unknown.code.as_ref()), ("seal.unknown", "seal.unknown"));
    let never = ask!(operations::WITHDRAW_SEAL, "withdraw-seal", head(2), withdrawal()).unwrap_err();
    assert_eq!(never.code, "seal.not-doubted");
    let future = ask!(operations::DOUBT_SEAL, "doubt-seal", head(1), word(from + 3_600_000_000)).unwrap_err();
    assert_eq!(future.code, "seal.doubted-from");
    for _ in 0..2 {
        let doubted = ask!(operations::DOUBT_SEAL, "doubt-seal", head(1), word(from)).unwrap();
        assert_eq!((doubted.doubted_from_us, doubted.own, doubted.withdrawn_us), (from, true, 0));
    }
    assert_eq!(ask!(operations::DOUBT_SEAL, "doubt-seal", head(2), word(from)).unwrap_err().code, "seal.doubted");
    assert_eq!(desk.file(&files[1]).await.verdict, "valid", "one word changes nothing");
    let alone = ask!(operations::WITHDRAW_SEAL, "withdraw-seal", head(1), withdrawal()).unwrap_err();
    assert_eq!(alone.code, "seal.two-persons");
    for other in [agreed(from - 1, ""), agreed(from, "The disk was stolen")] {
        let refused = ask!(operations::WITHDRAW_SEAL, "withdraw-seal", head(2), other).unwrap_err();
        assert_eq!(refused.code, "seal.doubt-changed", "nobody agrees to what they were not shown");
    }
    for _ in 0..2 {
        let withdrawn = ask!(operations::WITHDRAW_SEAL, "withdraw-seal", head(2), withdrawal()).unwrap();
        assert!(withdrawn.withdrawn_us >= from && !withdrawn.own, "{withdrawn:?}");
    }
    let late = ask!(operations::DOUBT_SEAL, "doubt-seal", head(2), word(from)).unwrap_err();
    assert_eq!(late.code, "seal.withdrawn");
    let listed = ListSealedRequest { serial: serial.clone(), after: String::new() };
    let listed = ask!(operations::LIST_SEALED, "list-sealed", head(2), listed).unwrap();
    let numbers: Vec<&str> = listed.documents.iter().map(|one| one.number.as_str()).collect();
    assert_eq!((numbers, listed.more), (vec![after.number.as_str()], false));
    let renewed = read(&desk.issue(&desk.order("renewed", "certificate")).await.unwrap()).await;
    only_the_record_knows_what_was_sealed_before(desk, [&before, &after], &files).await;
    let trust = desk.portal.request(&operations::READ_TRUST, "platform", &Empty {}).await.unwrap();
    let lists = signing::Published { revocation_list: Some(&trust.crl), ..signing::Published::default() };
    assert_eq!(desk.file(&renewed).await.verdict, "valid", "the agency has another seal");
    let offline = signing::verify_offline(&renewed, trust.root_pem.as_bytes(), lists).unwrap();
    assert!(offline.is_valid(), "{offline}");
}

/// A file alone proves no time.
async fn only_the_record_knows_what_was_sealed_before(
    desk: &Desk,
    [before, after]: [&Document; 2],
    files: &[Vec<u8>; 2],
) {
    for (document, file, verdict, code) in [
        (before, &files[0], "valid", "verify.sealed-before-doubt"),
        (after, &files[1], "invalid", "verify.seal-revoked"),
    ] {
        for shown in [desk.file(file).await, desk.code(&document.number, &document.code).await] {
            assert_eq!((shown.verdict.as_str(), shown.issuer.unwrap().code.as_str()), (verdict, code));
            assert_eq!(shown.agency, "justice");
        }
    }
    let trust = desk.portal.request(&operations::READ_TRUST, "platform", &Empty {}).await.unwrap();
    let lists = signing::Published { revocation_list: Some(&trust.crl), ..signing::Published::default() };
    for file in files {
        let offline = signing::verify_offline(file, trust.root_pem.as_bytes(), lists).unwrap();
        assert!(!offline.is_valid() && offline.issuer.code == "verify.seal-revoked", "{offline}");
    }
}
