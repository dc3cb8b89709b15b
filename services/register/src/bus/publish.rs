//! Publishing: agencies say who they are; a definition that passes the check is signed and announced.

use std::sync::Arc;

use ::bus::Call;
use api::{Agency, Publication, ServiceDefinition};
use kernel::{Failure, Hash, Time, id::MessageId};
use process::check::{Problem, Severity};
use prost::Message;
use proto::{
    Event as _,
    register::v1::{
        self as wire, PublishAgencyReply, PublishAgencyRequest, PublishRevisionReply, PublishRevisionRequest,
        RevisionPublished,
    },
};
use sql::{Tx, audit, outbox};

use super::{Register, freeing, placement, publication};
use crate::{
    domain::{admission, choice::Entry, placement as shares, words},
    store::{self, Admission},
};

pub async fn agency(register: Arc<Register>, call: Call<PublishAgencyRequest>) -> Result<PublishAgencyReply, Failure> {
    let request = &call.request;
    let (agency, canonical) = admission::read_agency(&request.resource, &request.agency)?;
    let now = register.clock.now();
    let mut tx = register.database.begin().await?;
    let known = store::agency(&mut tx, &agency.metadata.name).await?;
    let missing = freeing::asked(&mut tx, (known.as_deref(), &agency), &call.caller, now).await?;
    if known.as_ref() != Some(&canonical) {
        store::put_agency(&mut tx, &agency.metadata.name, &canonical, now).await?;
        let act = act("agency.published", now, &call.caller, &agency.metadata.name, Hash::of(&canonical));
        audit::append(&mut tx, &act).await?;
        tx.commit().await?;
    }
    Ok(PublishAgencyReply { missing: missing.into_iter().map(str::to_owned).collect() })
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
    let service = admissible.definition.metadata.name.as_str();
    let now = register.clock.now();
    let mut tx = register.database.begin().await?;
    let newest = store::newest(&mut tx, &request.agency, service).await?;
    let known = newest.filter(|known| known.revision == revision && (!known.draft || request.draft));
    // What runs already needs nobody's word any more.
    if known.is_none() && !request.draft && agency.spec.publication == Publication::Approved {
        let problems = publication::hold(&mut tx, &admissible, &call.caller, now).await?;
        if !problems.is_empty() {
            tx.commit().await?;
            return Ok(PublishRevisionReply { problems, ..PublishRevisionReply::default() });
        }
    }
    let waited = store::drop_proposal(&mut tx, &request.agency, service).await?;
    // Whoever publishes a service wants applications for it.
    let ends = store::placement(&mut tx, &request.agency, service).await?.closed == placement::ENDING;
    let reopened = ends && placement::turn(&register, &mut tx, (&request.agency, service), "", &call.caller).await?;
    if let Some(known) = known {
        if reopened || waited {
            tx.commit().await?;
        }
        return Ok(PublishRevisionReply { already_admitted: true, ..admitted(&known) });
    }
    let entry = admit(&register, &mut tx, &admissible, &agency, (request.draft, request.share), now).await?;
    let mut act = act("revision.admitted", now, &call.caller, &request.agency, revision);
    act.detail = serde_json::json!({"change": entry.change, "share": entry.share}).to_string();
    audit::append(&mut tx, &act).await?;
    tx.commit().await?;
    tracing::info!(%revision, agency = request.agency, service, draft = request.draft, change = entry.change, share = entry.share, "admitted");
    Ok(admitted(&entry))
}

fn admitted(entry: &Entry) -> PublishRevisionReply {
    PublishRevisionReply {
        revision: entry.revision.to_vec(),
        problems: Vec::new(),
        already_admitted: false,
        change: entry.change.clone(),
        share: i32::try_from(entry.share).unwrap_or_default(),
    }
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

/// Keeps the revision under its hash, offered to as many people as it may be.
async fn admit(
    register: &Register,
    tx: &mut Tx,
    admissible: &admission::Admissible,
    agency: &Agency,
    (draft, asked): (bool, i32),
    now: Time,
) -> Result<Entry, Failure> {
    let definition: &ServiceDefinition = &admissible.definition;
    let service = &definition.metadata.name;
    let owner = &agency.metadata.name;
    let from = definition.spec.effective_from.as_ref().map(|from| from.date.clone()).unwrap_or_default();
    let entries = store::entries(tx, Some((owner, service))).await?;
    let today = register.today();
    let change = change(register, tx, &entries, definition, admissible.revision).await?;
    let entry = Entry {
        revision: admissible.revision,
        agency: owner.clone(),
        service: service.clone(),
        admitted: now,
        share: shares::first_share(&change, asked, &from, &today),
        effective_from: from,
        draft,
        placed: now,
        change,
        reason: String::new(),
    };
    for ended in shares::superseded(&entries, entry.revision, &entry.effective_from, &today) {
        store::place(tx, ended.revision, 0, shares::SUPERSEDED, now).await?;
    }
    let signature = register.bus.sign_admission(admissible.revision, owner, service, now);
    let admission = Admission { entry: entry.clone(), definition: admissible.canonical.clone(), signature };
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
    outbox::enqueue(tx, &outgoing).await?;
    placement::announce(register, tx, (owner, service), now).await?;
    Ok(entry)
}

/// Against what it would replace; bytes that count already stay what they were.
pub async fn change(
    register: &Register,
    tx: &mut Tx,
    entries: &[Entry],
    definition: &ServiceDefinition,
    revision: Hash,
) -> Result<String, Failure> {
    let from = definition.spec.effective_from.as_ref().map_or("", |from| from.date.as_str());
    let Some(base) = shares::replaced(entries, from, &register.today(), register.shows_drafts()) else {
        return Ok(shares::FIRST.to_owned());
    };
    if base.revision == revision {
        return Ok(if base.change.is_empty() { shares::NONE.to_owned() } else { base.change.clone() });
    }
    let before = super::read_definition(tx, base.revision).await?;
    let change = process::change::classify(&before, definition);
    Ok(change.kind().map_or(shares::NONE, process::change::Kind::name).to_owned())
}

pub fn act(what: &str, time: Time, caller: &str, agency: &str, subject: Hash) -> audit::Act {
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

pub fn problem(problem: &Problem) -> wire::Problem {
    wire::Problem {
        code: problem.code.to_owned(),
        path: problem.path.clone(),
        message: problem.message.clone(),
        help: problem.help.clone(),
        warning: problem.severity == Severity::Warning,
    }
}
