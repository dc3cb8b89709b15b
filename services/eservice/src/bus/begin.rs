//! A case begins from one that has ended: by whoever may see that one, once for each way, with what its definition carries over.

use bus::{Call, Person};
use kernel::{CaseId, Failure, Hash, Language};
use process::{
    Command,
    case::{Applicant, Beginning, Phase},
    start,
};
use prost::Message;
use proto::eservice::v1::{Case as ToldCase, OpenDraftReply, OpenDraftRequest};

use super::{
    allow_applicant, command_id,
    draft::{self, decoded, in_force, opened, represented, takes_applications},
    noted, own,
};
use crate::{
    domain::{
        access,
        applicant::{self, Standing},
        intake, onward, text,
    },
    execute::{Order, act, new_case},
    host::{Host, Reach, Service},
    mandate,
    store::{
        cases::{self, Case},
        placements,
    },
};

/// How it came, in the words of the case.
const CHANNEL: &str = "case";

pub async fn open(host: &Host, call: &Call<OpenDraftRequest>) -> Result<OpenDraftReply, Failure> {
    let person = call.person()?;
    let asked = &call.request;
    let origin_id = CaseId::from_slice(&asked.origin)?;
    let origin = origin_of(host, person, origin_id, asked).await;
    let origin = noted(host, person, origin_id, &call.agency, origin).await?;
    let revision = in_force(host, &asked.agency, &asked.service, person.actor).await?;
    takes_applications(host, &asked.agency, &asked.service).await?;
    let service = host.service(&asked.agency, revision, Reach::Platform).await?;
    intake::assured(service.definition(), person.assurance.as_str())?;
    if let Some(reply) = begun_already(host, person, &origin, &asked.start).await? {
        return Ok(reply);
    }
    let beginning = beginning(host, &service, &origin, &asked.start)?;
    let case_id = next_id(host, &origin, &asked.start).await?;
    let applicant = applying(host, call, &origin, &service, case_id).await?;
    let mut begun = act("case.begun", host.now(), Some(person.actor), case_id, &asked.agency);
    begun.detail = serde_json::json!({"origin": origin.id, "start": asked.start, "channel": CHANNEL}).to_string();
    let order = Order {
        case_id,
        id: command_id(person),
        request: Some((person.id, call.body_hash)),
        opens: Some(new_case(host, case_id, &asked.agency, &asked.service, revision, applicant.person)?),
        numbered: false,
        acts: vec![begun],
        command: &|_, _, _| {
            Ok(Command::OpenDraft {
                case_id,
                applicant: applicant.clone(),
                language: text::language(&asked.language),
                channel: CHANNEL.to_owned(),
                beginning: Some(Box::new(beginning.clone())),
            })
        },
        answer: &|case, service| Ok(opened(host, case, service, false).encode_to_vec()),
        outgoing: represented(host, case_id, &applicant, asked, revision).into_iter().collect(),
    };
    match host.execute(&order).await {
        Ok(done) => decoded(&done.answer()),
        // Pressed twice: what the first press made is what both get.
        Err(failure) if failure.code == "case.exists" => {
            begun_already(host, person, &origin, &asked.start).await?.ok_or(failure)
        }
        Err(failure) => Err(failure),
    }
}

/// The ended case, for whoever may see it; anybody else is told what is told of an unknown one.
async fn origin_of(host: &Host, person: &Person, origin: CaseId, asked: &OpenDraftRequest) -> Result<Case, Failure> {
    let case = own(host, person, origin).await?;
    if case.agency != asked.agency || case.service != asked.service {
        return Err(access::not_found().with_detail("a case of another service"));
    }
    Ok(case)
}

fn beginning(host: &Host, service: &Service, origin: &Case, name: &str) -> Result<Beginning, Failure> {
    let ways = start::onward(&service.process, &origin.state, &host.calendar, host.now());
    let way = ways.into_iter().find(|way| way.start.name == name);
    way.and_then(|way| start::beginning(way.start, &origin.state)).ok_or_else(|| start::late().into())
}

/// It follows from the case and the way, so that two presses at the same moment make one draft; one that was thrown away or erased
/// makes room for another.
async fn next_id(host: &Host, origin: &Case, start: &str) -> Result<CaseId, Failure> {
    let mut tx = host.database.read().await?;
    let gone = cases::gone(&mut tx, origin.id, start).await?;
    let parts: [&[u8]; 4] = [b"case-from-case", origin.id.as_bytes().as_slice(), start.as_bytes(), &gone.to_be_bytes()];
    Ok(CaseId::derived(Hash::of_parts(&parts)))
}

/// The applicant for themselves, whoever directs the company now, or their representative under the mandate of the ended case while
/// it is in force.
async fn applying(
    host: &Host,
    call: &Call<OpenDraftRequest>,
    origin: &Case,
    service: &Service,
    case_id: CaseId,
) -> Result<Applicant, Failure> {
    let person = call.person()?;
    if person.mandate.is_some() {
        return draft::applying(host, person, service, case_id, &call.request).await;
    }
    let assurance = person.assurance.as_str().to_owned();
    let mandate = mandate::confirmed(host, person, origin).await?;
    if let (Some(mandate), Some(before)) = (mandate, &origin.state.applicant) {
        let (principal, profile) = (before.person, before.profile.clone());
        return Ok(Applicant { person: principal, actor: person.id, mandate: Some(mandate), assurance, profile });
    }
    let facts = host.platform.person(person.id, case_id).await?;
    let standing = Standing { person: person.id, actor: person.id, mandate: None, assurance };
    Ok(applicant::applicant(standing, &facts))
}

/// The draft that was begun this way before, for whoever may go on with it. Once it was sent, the way is used up.
async fn begun_already(
    host: &Host,
    person: &Person,
    origin: &Case,
    start: &str,
) -> Result<Option<OpenDraftReply>, Failure> {
    let mut tx = host.database.read().await?;
    let followed = cases::followed(&mut tx, origin.id).await?;
    let Some((id, _)) = followed.into_iter().find(|(_, by)| by == start) else { return Ok(None) };
    let case = cases::read(&mut tx, &host.keys, id).await?;
    drop(tx);
    let goes_on = |case: &Case| case.state.phase == Phase::Draft && allow_applicant(host, case, person).is_ok();
    let Some(case) = case.filter(goes_on) else {
        return Err(Failure::conflict("start.taken", "This was begun already. Find it among your applications."));
    };
    let revision = host.revision_of(&case).await?;
    let service = host.service(&case.agency, revision, Reach::Platform).await?;
    Ok(Some(opened(host, &case, &service, true)))
}

/// Adds to an applicant's view of a case which one it began from, what was begun from it and what may be, as far as they may see it.
pub async fn tell(
    host: &Host,
    person: &Person,
    case: &Case,
    told: &mut ToldCase,
    language: Language,
) -> Result<(), Failure> {
    let mut tx = host.database.read().await?;
    let origin = match &case.state.origin {
        Some(origin) => cases::read(&mut tx, &host.keys, origin.case_id).await?,
        None => None,
    };
    if origin.is_none_or(|origin| allow_applicant(host, &origin, person).is_err()) {
        told.origin = None;
    }
    if case.state.phase != Phase::Ended {
        return Ok(());
    }
    let followed = cases::followed(&mut tx, case.id).await?;
    let mut begun = Vec::with_capacity(followed.len());
    for (id, _) in &followed {
        begun.extend(cases::read(&mut tx, &host.keys, *id).await?);
    }
    let closed = placements::closed(&mut tx, &case.agency, &case.service).await?;
    drop(tx);
    let Some(revision) = host.in_force(&case.agency, &case.service, person.actor).await? else { return Ok(()) };
    let service = host.service(&case.agency, revision, Reach::Platform).await?;
    let seen = begun.iter().filter(|begun| allow_applicant(host, begun, person).is_ok());
    told.followed = seen.map(|begun| onward::followed(service.definition(), &begun.state, language)).collect();
    if closed.is_empty() {
        let ways = start::onward(&service.process, &case.state, &host.calendar, host.now());
        let open = ways.iter().filter(|way| followed.iter().all(|(_, by)| *by != way.start.name));
        told.onward = open.map(|way| onward::offered(way, language)).collect();
    }
    Ok(())
}
