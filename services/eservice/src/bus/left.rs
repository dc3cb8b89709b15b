//! What an officer took in on paper and left lying is seen by every other officer of the role, and one of them goes on with it: nobody's
//! application is lost with whoever had it.

use std::sync::Arc;

use bus::{Call, Person};
use kernel::{CaseId, ErrorKind, Failure, Hash, MessageId, PersonId};
use process::{Command, case::TakenIn, start};
use prost::Message;
use proto::{
    eservice::v1::{CaseCommand, CaseOpened, CaseReply, ListTakenInRequest, TakenInCase},
    identity::v1::{Appointment, Officer},
};

use super::{
    command_id,
    draft::{decoded, replied},
    noted, opening,
    paper::{as_opening, has_room},
    second, stored,
    task::officer_of,
};
use crate::{
    domain::{access, changed, identified, paper, text},
    execute::{Order, act},
    host::{Host, Reach},
    store::{
        cases::{self, Case},
        waits::{self, Wait},
    },
};

/// Of how much that officers type it is asked whether they still do.
const FORSAKEN_OF: i64 = 200;

/// What others left lying, and of what others have that of which it is not known whose it is. Without the names of whoever signed: nobody
/// reads them before they go on with it, and whoever identifies them has the paper.
pub async fn list(
    host: &Host,
    person: &Person,
    officer: &Officer,
    asked: &ListTakenInRequest,
) -> Result<(Vec<TakenInCase>, Vec<TakenInCase>), Failure> {
    let (agency, service) = (asked.agency.as_str(), asked.service.as_str());
    let mut tx = host.database.read().await?;
    let (mut of_others, mut of_nobody) = (Vec::new(), Vec::new());
    for id in cases::of_others(&mut tx, person.id, agency, service).await? {
        of_others.extend(cases::read(&mut tx, &host.keys, id).await?);
    }
    // Looked for apart: what others have lying would hide what came in last.
    for id in cases::to_identify(&mut tx, person.id, agency, service).await? {
        of_nobody.extend(cases::read(&mut tx, &host.keys, id).await?);
    }
    drop(tx);
    let (mut left, mut to_identify) = (Vec::new(), Vec::new());
    for case in &of_others {
        if let Some((taken, _)) = open_to(host, case, person, officer)
            && is_left(host, case, &taken).await?
        {
            left.push(shown(host, case, taken.officer, person.id).await);
        }
    }
    for case in &of_nobody {
        if let Some((taken, _)) = open_to(host, case, person, officer) {
            to_identify.push(shown(host, case, taken.officer, person.id).await);
        }
    }
    Ok((left, to_identify))
}

async fn shown(host: &Host, case: &Case, had_by: PersonId, officer: PersonId) -> TakenInCase {
    TakenInCase {
        applicant: String::new(),
        reason: String::new(),
        contact: String::new(),
        officer: second::name(host, had_by).await,
        identity: identified::identity(&case.state, officer).to_owned(),
        ..paper::listed(&case.state)
    }
}

/// Who has it that this officer might go on with, and as what they would; none: it is theirs, sent, or none of their matter.
fn open_to<'o>(host: &Host, case: &Case, person: &Person, officer: &'o Officer) -> Option<(TakenIn, &'o Appointment)> {
    let state = &case.state;
    let taken = state.taken_in.as_ref().filter(|_| paper::waits(state))?;
    let held = paper::appointed(officer, &case.agency, &taken.role, host.now())?;
    let theirs =
        taken.officer == person.id || access::takes_no_part(host.keys.lookup(), state, person.id, officer).is_err();
    (!theirs).then(|| (taken.clone(), held))
}

async fn is_left(host: &Host, case: &Case, taken: &TakenIn) -> Result<bool, Failure> {
    Ok(paper::lies(&case.state, host.now()) || is_gone(host, taken, &case.agency).await?)
}

/// What officers type of a service, although whoever has it types it no more: somebody has to see to it before it is forgotten.
pub async fn forsaken(host: &Host, service: &str) -> Result<Vec<Wait>, Failure> {
    let mut tx = host.database.read().await?;
    let mut typed = Vec::new();
    for wait in waits::typed(&mut tx, service, host.now(), FORSAKEN_OF).await? {
        let case = cases::read(&mut tx, &host.keys, wait.case).await?;
        typed.extend(case.and_then(|case| Some((wait, case.agency, case.state.taken_in?))));
    }
    drop(tx);
    let mut found = Vec::new();
    for (wait, agency, taken) in typed {
        if is_gone(host, &taken, &agency).await? {
            found.push(wait);
        }
    }
    Ok(found)
}

/// Whoever has it types it no more: they are no officer, or have lost the role.
async fn is_gone(host: &Host, taken: &TakenIn, agency: &str) -> Result<bool, Failure> {
    match host.officer(taken.officer).await {
        Ok(officer) => Ok(paper::appointed(&officer, agency, &taken.role, host.now()).is_none()),
        Err(failure) if failure.kind == ErrorKind::NotFound => Ok(true),
        Err(failure) => Err(failure),
    }
}

pub async fn take_over(host: Arc<Host>, call: Call<CaseCommand>) -> Result<CaseReply, Failure> {
    let person = call.person()?;
    let case_id = CaseId::from_slice(&call.request.case_id)?;
    let judged = judged(&host, person, case_id).await;
    let (case, had_by, held) = noted(&host, person, case_id, &call.agency, judged).await?;
    let room = has_room(&host, person.id, (&case.agency, &case.service)).await?;
    let opening = MessageId::derived(Hash::of_parts(&[b"taken-over", call.message_id.as_bytes()]));
    let heard = is_heard_of(&case);
    let told = match heard {
        true => Some(self::told(&host, &case, &held, opening).await?),
        false => None,
    };
    let mut recorded = act(paper::TAKEN_OVER, host.now(), Some(person.actor), case_id, &case.agency);
    recorded.detail = serde_json::json!({
        "original": paper::original(&case.state), "from": had_by, "office": held.office, "role": held.role,
        "opening": heard.then_some(opening),
    })
    .to_string();
    let order = Order {
        case_id,
        id: command_id(person),
        request: Some((person.id, call.body_hash)),
        opens: None,
        numbered: false,
        acts: vec![recorded],
        command: &|case, _, _| {
            let taken = case.state.taken_in.as_ref();
            // What is recorded and told is what happens.
            if taken.is_none_or(|taken| taken.officer != had_by) || heard != is_heard_of(case) {
                return Err(paper::not_left());
            }
            if !room {
                return Err(paper::too_many());
            }
            Ok(Command::TakeOver { officer: person.id, role: held.role.clone() })
        },
        answer: &|case, _| Ok(replied(case).encode_to_vec()),
        outgoing: told.iter().map(|told| as_opening(&host, (case_id, case.version), opening, told)).collect(),
    };
    let done = host.execute(&order).await;
    decoded(&noted(&host, person, case_id, &call.agency, done).await?.answer())
}

/// Whether anybody reads of it: while nobody knows who applies, only whom the case names besides.
fn is_heard_of(case: &Case) -> bool {
    case.state.is_identified() || !opening::parties(case).is_empty()
}

/// The case, who has it until now, and as what this officer goes on with it. Whoever has it already is answered again.
async fn judged(host: &Host, person: &Person, case: CaseId) -> Result<(Case, PersonId, Appointment), Failure> {
    let officer = officer_of(host, person).await?;
    let case = stored(host, case).await?;
    if let Some(taken) = case.state.taken_in.clone().filter(|taken| taken.officer == person.id)
        && let Some(held) = paper::appointed(&officer, &case.agency, &taken.role, host.now())
    {
        return Ok((case, taken.officer, held.clone()));
    }
    if let Some((taken, held)) = open_to(host, &case, person, &officer)
        && is_left(host, &case, &taken).await?
    {
        let held = held.clone();
        return Ok((case, taken.officer, held));
    }
    Err(access::not_found().with_detail("nothing that was left to this officer"))
}

/// Whoever signed reads that this officer reads it now, and so does everybody else whom it names.
pub(super) async fn told(
    host: &Host,
    case: &Case,
    held: &Appointment,
    opening: MessageId,
) -> Result<CaseOpened, Failure> {
    let revision = host.revision_of(case).await?;
    let service = host.service(&case.agency, revision, Reach::Platform).await?;
    let title = start::on_paper(service.definition()).and_then(|start| start.title.as_ref());
    Ok(CaseOpened {
        case: Some(changed::case_ref(&case.state)),
        opening: opening.to_vec(),
        applicant: case.applicant.to_vec(),
        time_us: host.now().micros(),
        agency: case.agency.clone(),
        office: held.office.clone(),
        role: held.role.clone(),
        purpose: title.map(text::to_proto),
        parties: opening::parties(case),
        ..CaseOpened::default()
    })
}
