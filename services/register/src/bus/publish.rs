//! Publishing: agencies say who they are; a definition that passes the check is signed and announced.

use std::sync::Arc;

use ::bus::Call;
use api::{Agency, ServiceDefinition};
use kernel::{Failure, Hash, Time, id::MessageId};
use process::check::{Problem, Severity};
use prost::Message;
use proto::{
    Empty, Event as _,
    register::v1::{
        self as wire, PublishAgencyRequest, PublishRevisionReply, PublishRevisionRequest, RevisionPublished,
    },
};
use sql::{Tx, audit, outbox};

use super::Register;
use crate::{
    domain::{admission, choice::Entry, words},
    store::{self, Admission},
};

pub async fn agency(register: Arc<Register>, call: Call<PublishAgencyRequest>) -> Result<Empty, Failure> {
    let request = &call.request;
    let (agency, canonical) = admission::read_agency(&request.resource, &request.agency)?;
    let now = register.clock.now();
    let mut tx = register.database.begin().await?;
    let known = store::agency(&mut tx, &agency.metadata.name).await?;
    if known.as_ref() != Some(&canonical) {
        store::put_agency(&mut tx, &agency.metadata.name, &canonical, now).await?;
        let act = act("agency.published", now, &call.caller, &agency.metadata.name, Hash::of(&canonical));
        audit::append(&mut tx, &act).await?;
        tx.commit().await?;
    }
    Ok(Empty {})
}

pub async fn revision(
    register: Arc<Register>,
    call: Call<PublishRevisionRequest>,
) -> Result<PublishRevisionReply, Failure> {
    let request = call.request;
    let mut tx = register.database.read().await?;
    let agency = register.agency(&mut tx, &request.agency).await?;
    drop(tx);
    let judged = judge(&register, request.definition, agency.clone(), request.draft).await?;
    let admissible = match judged {
        Ok(admissible) => admissible,
        Err(problems) => {
            let problems = problems.iter().map(problem).collect();
            return Ok(PublishRevisionReply { problems, ..PublishRevisionReply::default() });
        }
    };
    let revision = admissible.revision;
    let mut tx = register.database.begin().await?;
    let newest = store::newest(&mut tx, &request.agency, &admissible.definition.metadata.name).await?;
    if newest.is_some_and(|newest| newest.revision == revision && (!newest.draft || request.draft)) {
        return Ok(PublishRevisionReply {
            revision: revision.to_vec(),
            already_admitted: true,
            ..PublishRevisionReply::default()
        });
    }
    let now = register.clock.now();
    admit(&register, &mut tx, &admissible, &agency, request.draft, now).await?;
    let act = act("revision.admitted", now, &call.caller, &request.agency, revision);
    audit::append(&mut tx, &act).await?;
    tx.commit().await?;
    tracing::info!(%revision, agency = request.agency, service = admissible.definition.metadata.name, draft = request.draft, "admitted");
    Ok(PublishRevisionReply { revision: revision.to_vec(), ..PublishRevisionReply::default() })
}

type Judged = Result<admission::Admissible, Vec<Problem>>;

/// Templates take a while to compile: not on a thread that others wait for.
async fn judge(register: &Register, definition: Vec<u8>, agency: Agency, draft: bool) -> Result<Judged, Failure> {
    let templates = register.templates.clone();
    let work = move || admission::judge(&definition, &agency, draft, &*templates);
    let judged = tokio::task::spawn_blocking(work).await;
    judged.map_err(|error| {
        Failure::internal("register.check-failed", "The definition could not be checked.").with_detail(error)
    })
}

async fn admit(
    register: &Register,
    tx: &mut Tx,
    admissible: &admission::Admissible,
    agency: &Agency,
    draft: bool,
    now: Time,
) -> Result<(), Failure> {
    let definition: &ServiceDefinition = &admissible.definition;
    let service = &definition.metadata.name;
    let owner = &agency.metadata.name;
    let entry = Entry {
        revision: admissible.revision,
        agency: owner.clone(),
        service: service.clone(),
        admitted: now,
        effective_from: definition.spec.effective_from.as_ref().map(|from| from.date.clone()).unwrap_or_default(),
        draft,
    };
    let signature = register.bus.sign_admission(admissible.revision, owner, service, now);
    let admission = Admission { entry, definition: admissible.canonical.clone(), signature };
    store::put(tx, &admission).await?;
    store::index(tx, admissible.revision, &words::of_service(definition, agency)).await?;
    let event =
        RevisionPublished { revision: admissible.revision.to_vec(), agency: owner.clone(), service: service.clone() };
    let outgoing = outbox::Outgoing {
        message_id: MessageId::new(&*register.clock, &*register.random),
        name: RevisionPublished::NAME.to_owned(),
        agency: owner.clone(),
        case: None,
        time: now,
        body: event.encode_to_vec(),
    };
    Ok(outbox::enqueue(tx, &outgoing).await?)
}

fn act(what: &str, time: Time, caller: &str, agency: &str, subject: Hash) -> audit::Act {
    audit::Act {
        time,
        actor: None,
        service_actor: Some(caller.to_owned()),
        act: what.to_owned(),
        subject: subject.to_vec(),
        agency: agency.to_owned(),
        purpose: None,
        detail: "{}".to_owned(),
    }
}

fn problem(problem: &Problem) -> wire::Problem {
    wire::Problem {
        code: problem.code.to_owned(),
        path: problem.path.clone(),
        message: problem.message.clone(),
        help: problem.help.clone(),
        warning: problem.severity == Severity::Warning,
    }
}
