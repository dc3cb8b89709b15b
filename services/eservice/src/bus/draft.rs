//! Opening and discarding drafts: a draft is a case from its first moment.

use std::sync::Arc;

use bus::{Call, Person};
use kernel::{CaseId, Failure, Hash, MessageId, PersonId};
use process::{Command, case::Applicant};
use prost::Message;
use proto::{
    CaseRef, Event as _,
    eservice::v1::{CaseReply, DiscardDraftRequest, OpenDraftReply, OpenDraftRequest, RepresentationBegan},
};
use sql::outbox::Outgoing;

use super::{acting, allow_applicant, begin, command_id, noted, paper};
use crate::{
    domain::{
        applicant::{self, Standing},
        form, intake,
        mandate::not_taken,
        text,
    },
    execute::{Order, act, new_case, on_behalf},
    host::{Host, Reach, Service},
    mandate,
    store::{
        cases::{self, Case},
        placements,
    },
    upkeep,
};

pub async fn open(host: Arc<Host>, call: Call<OpenDraftRequest>) -> Result<OpenDraftReply, Failure> {
    let person = call.person()?;
    let asked = &call.request;
    if let Some(told) = &asked.paper {
        return Box::pin(paper::open(&host, &call, told)).await;
    }
    if person.officer {
        return Err(Failure::forbidden("service.officer", "Sign in as a citizen to apply for yourself."));
    }
    if !asked.origin.is_empty() {
        return Box::pin(begin::open(&host, &call)).await;
    }
    let revision = in_force(&host, &asked.agency, &asked.service, person.actor).await?;
    takes_applications(&host, &asked.agency, &asked.service).await?;
    let service = host.service(&asked.agency, revision, Reach::Platform).await?;
    intake::assured(service.definition(), person.assurance.as_str())?;
    if asked.reuse
        && asked.mandate.is_none()
        && let Some(reply) = open_already(&host, person, asked, person.id).await?
    {
        return Ok(reply);
    }
    let case_id = CaseId::new(&*host.clock, &*host.random);
    let applicant = applying(&host, person, &service, case_id, asked).await?;
    if asked.reuse
        && asked.mandate.is_some()
        && let Some(reply) = open_already(&host, person, asked, applicant.person).await?
    {
        return Ok(reply);
    }
    let opens = new_case(&host, case_id, &asked.agency, &asked.service, revision, applicant.person)?;
    let order = Order {
        case_id,
        id: command_id(person),
        request: Some((person.id, call.body_hash)),
        opens: Some(opens),
        numbered: false,
        acts: Vec::new(),
        command: &|_, _, _| Ok(open_command(case_id, &applicant, &asked.language)),
        answer: &|case, service| Ok(opened(&host, case, service, false).encode_to_vec()),
        outgoing: represented(&host, case_id, &applicant, asked, revision).into_iter().collect(),
    };
    decoded(&host.execute(&order).await?.answer())
}

/// Who applies: the person themselves, the company that they came for, or whoever gave them a mandate that is in force.
pub(super) async fn applying(
    host: &Host,
    person: &Person,
    service: &Service,
    case_id: CaseId,
    asked: &OpenDraftRequest,
) -> Result<Applicant, Failure> {
    let standing = |person_id, mandate| Standing {
        person: person_id,
        actor: person.actor,
        mandate,
        assurance: person.assurance.as_str().to_owned(),
    };
    let case = CaseRef {
        case_id: case_id.to_vec(),
        agency: asked.agency.clone(),
        service: asked.service.clone(),
        revision: service.process.revision().to_vec(),
    };
    let taken = match (&person.mandate, &asked.mandate) {
        (None, None) => {
            let facts = host.platform.person(person.id, case_id).await?;
            return Ok(applicant::applicant(standing(person.id, None), &facts));
        }
        (Some(_), None) => mandate::take_asserted(host, person, service, case_id).await,
        (None, Some(mandate)) => mandate::take(host, person, service, case, mandate).await,
        // Nobody hands on what they do for somebody else.
        (Some(_), Some(_)) => Err(not_taken()),
    };
    match taken {
        Ok(taken) => {
            let principal = PersonId::from_slice(&taken.principal.person)?;
            Ok(applicant::applicant(standing(principal, Some(taken.mandate)), &taken.principal))
        }
        Err(failure) => {
            let mut refused = act("mandate.refused", host.now(), Some(person.actor), case_id, &asked.agency);
            refused.detail = serde_json::json!({"code": failure.code}).to_string();
            host.record(on_behalf(refused, person)).await?;
            Err(failure)
        }
    }
}

/// The exchange shows the applicant, too, what is asked about whoever acts for them.
pub(super) fn represented(
    host: &Host,
    case_id: CaseId,
    applicant: &Applicant,
    asked: &OpenDraftRequest,
    revision: Hash,
) -> Option<Outgoing> {
    applicant.mandate.as_ref()?;
    let case = CaseRef {
        case_id: case_id.to_vec(),
        agency: asked.agency.clone(),
        service: asked.service.clone(),
        revision: revision.to_vec(),
    };
    let began = RepresentationBegan {
        case: Some(case),
        principal: applicant.person.to_vec(),
        representative: applicant.actor.to_vec(),
    };
    Some(Outgoing {
        message_id: MessageId::derived(Hash::of_parts(&[b"representation-began", case_id.as_bytes()])),
        name: RepresentationBegan::NAME.to_owned(),
        agency: asked.agency.clone(),
        case: Some((case_id, 1)),
        time: host.now(),
        body: began.encode_to_vec(),
    })
}

/// A service that was published a moment ago is asked for at the register instead of waiting for its news.
pub async fn in_force(host: &Host, agency: &str, service: &str, person: PersonId) -> Result<Hash, Failure> {
    if let Some(revision) = host.in_force(agency, service, person).await? {
        return Ok(revision);
    }
    upkeep::learn(host).await?;
    upkeep::fetch_missing(host).await?;
    upkeep::read_placements(host).await?;
    host.in_force(agency, service, person).await?.ok_or_else(intake::no_such_service)
}

/// Neither opened nor submitted where new applications are stopped.
pub async fn takes_applications(host: &Host, agency: &str, service: &str) -> Result<(), Failure> {
    let mut tx = host.database.read().await?;
    intake::taken(&placements::closed(&mut tx, agency, service).await?)
}

fn open_command(case_id: CaseId, applicant: &Applicant, language: &str) -> Command {
    Command::OpenDraft {
        case_id,
        applicant: applicant.clone(),
        language: text::language(language),
        channel: "web".to_owned(),
        beginning: None,
    }
}

/// The draft the person already has of this service, for this applicant.
async fn open_already(
    host: &Host,
    person: &Person,
    asked: &OpenDraftRequest,
    applicant: PersonId,
) -> Result<Option<OpenDraftReply>, Failure> {
    let mut tx = host.database.read().await?;
    let found = cases::open_draft(&mut tx, (applicant, person.actor), &asked.agency, &asked.service).await?;
    let Some(id) = found else {
        return Ok(None);
    };
    let case = cases::read(&mut tx, &host.keys, id).await?;
    drop(tx);
    let Some(case) = case.filter(|case| allow_applicant(host, case, person).is_ok()) else { return Ok(None) };
    let revision = host.revision_of(&case).await?;
    let service = host.service(&case.agency, revision, Reach::Platform).await?;
    Ok(Some(opened(host, &case, &service, true)))
}

pub(super) fn opened(host: &Host, case: &Case, service: &Service, reused: bool) -> OpenDraftReply {
    OpenDraftReply {
        case_id: case.id.to_vec(),
        version: case.version,
        reused,
        first_page: form::next_unanswered(&service.process, &case.state, &host.facts(service)).unwrap_or_default(),
        outlined: form::is_outlined(&service.process, &case.state),
    }
}

pub async fn discard(host: Arc<Host>, call: Call<DiscardDraftRequest>) -> Result<CaseReply, Failure> {
    let person = call.person()?;
    let case_id = CaseId::from_slice(&call.request.case_id)?;
    acting(&host, person, case_id, &call.agency).await?;
    let (thrown, told) = match person.officer {
        true => {
            let (thrown, told) = paper::throw_away(&host, person, case_id, &call.request.reason).await?;
            (Some(thrown), told)
        }
        false => (None, None),
    };
    let order = Order {
        case_id,
        id: command_id(person),
        request: Some((person.id, call.body_hash)),
        opens: None,
        numbered: false,
        acts: thrown.into_iter().collect(),
        command: &|case, service, _| {
            paper::allow(&host, case, person)?;
            intake::assured(service.definition(), person.assurance.as_str())?;
            Ok(Command::DiscardDraft)
        },
        answer: &|case, _| Ok(replied(case).encode_to_vec()),
        outgoing: told.into_iter().collect(),
    };
    let done = host.execute(&order).await;
    decoded(&noted(&host, person, case_id, &call.agency, done).await?.answer())
}

/// Where a case stands after a command.
pub fn replied(case: &Case) -> CaseReply {
    CaseReply { case_id: case.id.to_vec(), version: case.version, phase: case.state.public_phase().to_owned() }
}

/// Reads back an answer that was kept.
pub fn decoded<R: Message + Default>(answer: &[u8]) -> Result<R, Failure> {
    R::decode(answer)
        .map_err(|error| Failure::internal("case.unreadable", "A kept answer cannot be read.").with_detail(error))
}
