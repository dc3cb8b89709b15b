//! Of whom it was not known who they are when their paper was taken in: two officers of the role say it, each by the paper and for
//! themselves, and the second makes it that person's.

use std::sync::Arc;

use bus::{Call, Person};
use kernel::{CaseId, Failure, Hash, MessageId, PersonId};
use process::{
    Command,
    case::{Applicant, TakenIn},
};
use prost::Message;
use proto::{
    eservice::v1::{CaseOpened, CaseReply, IdentifyApplicantRequest},
    identity::v1::{Appointment, Officer},
};

use super::{
    command_id,
    draft::{decoded, replied},
    left, noted,
    paper::{as_opening, is_taken, named, refused},
    stored,
    task::officer_of,
};
use crate::{
    domain::{
        access,
        applicant::{self, Standing},
        identified::{self, IDENTIFIED, SAID},
        paper, parties,
    },
    execute::{Order, act},
    host::Host,
    store::cases::Case,
};

/// Whose it is by what the officer typed, and by which their paper is known.
struct Found {
    applicant: Applicant,
    mark: Option<Hash>,
    /// The same paper was taken in for them before.
    again: bool,
}

pub async fn identify(host: Arc<Host>, call: Call<IdentifyApplicantRequest>) -> Result<CaseReply, Failure> {
    let person = call.person()?;
    let case_id = CaseId::from_slice(&call.request.case_id)?;
    let judged = judged(&host, person, case_id).await;
    let (case, officer, held) = noted(&host, person, case_id, &call.agency, judged).await?;
    let found = match case.state.awaits_identity() {
        true => match found(&host, &case, &officer, &call.request).await {
            Ok(found) => Some(found),
            Err(failure) => return refused(&host, person, (&case.agency, &case.service), failure).await,
        },
        // Sent again, it gets its answer again.
        false => None,
    };
    let agrees = found.as_ref().is_some_and(|one| identified::agrees(&case.state, one.applicant.person, person.id));
    let opening = MessageId::derived(Hash::of_parts(&[b"identified", case_id.as_bytes()]));
    let mut recorded =
        act(if agrees { IDENTIFIED } else { SAID }, host.now(), Some(person.actor), case_id, &case.agency);
    recorded.detail = serde_json::json!({
        "original": paper::original(&case.state), "office": held.office, "role": held.role,
        "applicant": found.as_ref().map(|one| one.applicant.person), "opening": agrees.then_some(opening),
    })
    .to_string();
    let told = match &found {
        Some(found) if agrees => Some(CaseOpened {
            applicant: found.applicant.person.to_vec(),
            ..left::told(&host, &case, &held, opening).await?
        }),
        _ => None,
    };
    let order = Order {
        case_id,
        id: command_id(person),
        request: Some((person.id, call.body_hash)),
        opens: None,
        numbered: false,
        acts: vec![recorded],
        command: &|case, _, _| {
            let found = found.as_ref().ok_or_else(identified::known)?;
            if found.again {
                return Err(paper::taken_already());
            }
            // What is recorded and told is what happens.
            if agrees != identified::agrees(&case.state, found.applicant.person, person.id) {
                return Err(paper::not_left());
            }
            let applicant = Box::new(found.applicant.clone());
            Ok(Command::Identify { applicant, mark: found.mark, officer: person.id })
        },
        answer: &|case, _| Ok(replied(case).encode_to_vec()),
        outgoing: told.iter().map(|told| as_opening(&host, (case_id, case.version), opening, told)).collect(),
    };
    let done = host.execute(&order).await;
    decoded(&noted(&host, person, case_id, &call.agency, done).await?.answer())
}

/// The case, and as what this officer may say whose it is: of the role, and without a part in it. Who acts and who they act for are both
/// judged.
async fn judged(host: &Host, person: &Person, case: CaseId) -> Result<(Case, Officer, Appointment), Failure> {
    let officer = officer_of(host, person).await?;
    let case = stored(host, case).await?;
    let held = held(host, &case, &officer).cloned();
    let held = held.ok_or_else(|| access::not_found().with_detail("no paper that this officer's role takes in"))?;
    for who in [person.actor, person.id] {
        access::takes_no_part(host.keys.lookup(), &case.state, who, &officer)?;
    }
    Ok((case, officer, held))
}

fn held<'o>(host: &Host, case: &Case, officer: &'o Officer) -> Option<&'o Appointment> {
    let TakenIn { role, identity, .. } = case.state.taken_in.as_ref()?;
    identity.as_ref()?;
    paper::appointed(officer, &case.agency, role, host.now())
}

/// As at intake: the day of birth is the number's, the family name is that person's, and both are the paper's; and nobody's own.
async fn found(
    host: &Host,
    case: &Case,
    officer: &Officer,
    typed: &IdentifyApplicantRequest,
) -> Result<Found, Failure> {
    let pinfl = identified::said(&case.state, typed)?;
    if parties::is(host.keys.lookup(), &pinfl, officer)? {
        return Err(paper::own());
    }
    let known = host.platform.resolve(&named(&pinfl, case.id)).await?;
    let signed = identified::signed_by(&case.state, pinfl);
    if !paper::is_of(&signed, &known) {
        return Err(paper::name_differs());
    }
    let known = identified::as_typed(&case.state, paper::as_signed(&signed, known));
    let principal = PersonId::from_slice(&known.person)?;
    let assurance = case.state.applicant.as_ref().map(|one| one.assurance.clone()).unwrap_or_default();
    let standing = Standing { person: principal, actor: principal, mandate: None, assurance };
    let service = (case.agency.as_str(), case.service.as_str());
    let mark = paper::mark(host.keys.lookup(), service, &signed, principal);
    let again = is_taken(host, mark).await?;
    Ok(Found { applicant: applicant::applicant(standing, &known), mark, again })
}
