//! Documents of a service are issued again, many at once, because their template or their seal was wrong: listed first, ordered by one
//! who answers for the agency's documents, approved by another, and then watched.

use std::sync::Arc;

use bus::{Call, Person};
use kernel::{CaseId, DocumentId, Failure, Hash, Language, bytes};
use prost::Message;
use proto::eservice::v1::{
    ListReissuesRequest, RefusedReissue, Reissuable, Reissue, ReissueChoice, ReissueOrder, ReissueRef, Reissues,
};
use sql::{Action, Tx, answers, audit::Act};

use super::{command_id, draft::decoded, noted, task::officer_of};
use crate::{
    domain::{access, progress, reissue, text},
    execute::{act, note},
    host::{Host, Reach},
    store::{
        cases,
        reissues::{self, Batch, ISSUED, Item, REFUSED, WAITING},
    },
};

const NOTE_CHARS_MAX: usize = 500;
/// More than these are ordered year by year.
const DOCUMENTS_MAX: usize = 20_000;
/// Cases that are looked at in one transaction.
const TOGETHER: i64 = 200;
/// Orders that one answer tells.
const NEWEST: i64 = 20;
/// Numbers that one answer names.
const TOLD_MAX: usize = 200;

pub async fn list(host: Arc<Host>, call: Call<ReissueOrder>) -> Result<Reissuable, Failure> {
    let (person, asked) = (call.person()?, &call.request);
    admitted(&host, person, &call.agency).await?;
    let template = template(&host, person, asked).await?;
    let found = meant(&host, asked).await?;
    let mut listed = about("documents.reissue-listed", &host, person, &call.agency, Vec::new());
    listed.detail = serde_json::json!({
        "service": asked.service, "document": asked.document, "documents": found.len(),
    })
    .to_string();
    host.record(listed).await?;
    Ok(Reissuable {
        documents: i64::try_from(found.len()).unwrap_or(i64::MAX),
        numbers: found.into_iter().take(TOLD_MAX).map(|item| item.number).collect(),
        template: template.to_vec(),
    })
}

pub async fn propose(host: Arc<Host>, call: Call<ReissueOrder>) -> Result<Reissue, Failure> {
    let (person, asked) = (call.person()?, &call.request);
    admitted(&host, person, &call.agency).await?;
    let command = command_id(person);
    let action = Action::of_person(person.id, &command);
    let mut tx = host.database.read().await?;
    if let Some(answer) = answers::recall(&mut tx, action, &call.body_hash).await? {
        return decoded(&answer);
    }
    drop(tx);
    let note_text = asked.note.trim();
    if note_text.is_empty() || note_text.chars().count() > NOTE_CHARS_MAX {
        let message = "Say for the record why they are issued again: at most 500 letters, without personal data.";
        return Err(Failure::invalid("reissue.note", message));
    }
    let template = template(&host, person, asked).await?;
    let items = meant(&host, asked).await?;
    if items.is_empty() {
        return Err(Failure::conflict(
            "reissue.nothing",
            "No document that counts is meant. Widen the time or the revision.",
        ));
    }
    let batch = Batch {
        id: Hash::from_bytes(bytes::<32>(&*host.random)),
        service: service_of(&asked.agency, &asked.service),
        document: asked.document.clone(),
        template,
        reason: asked.reason.clone(),
        note: note_text.to_owned(),
        proposer: person.id,
        proposed: host.now(),
        approver: None,
        finished: false,
    };
    let mut tx = host.database.begin().await?;
    reissues::propose(&mut tx, &batch, &items).await?;
    let mut proposed = about("documents.reissue-proposed", &host, person, &call.agency, batch.id.to_vec());
    proposed.purpose = Some(batch.note.clone());
    proposed.detail = serde_json::json!({
        "service": asked.service, "document": batch.document, "reason": batch.reason, "template": batch.template,
        "documents": items.len(),
    })
    .to_string();
    note(&mut tx, proposed).await?;
    answered(&host, tx, person, call.body_hash, &batch).await
}

pub async fn approve(host: Arc<Host>, call: Call<ReissueRef>) -> Result<Reissue, Failure> {
    let (person, asked) = (call.person()?, &call.request);
    admitted(&host, person, &call.agency).await?;
    let command = command_id(person);
    let mut tx = host.database.begin().await?;
    let action = Action::of_person(person.id, &command);
    if let Some(answer) = answers::recall(&mut tx, action, &call.body_hash).await? {
        return decoded(&answer);
    }
    let batch = kept(&mut tx, asked).await?;
    if batch.proposer == person.id {
        let message = "You ordered this yourself. Another head or lawyer of the agency has to approve it.";
        return Err(Failure::conflict("reissue.second", message));
    }
    if !reissues::approve(&mut tx, batch.id, person.id, host.now()).await? {
        return Err(Failure::conflict("reissue.approved", "It was approved before, and is under way or done."));
    }
    let batch = Batch { approver: Some(person.id), ..batch };
    let mut approved = about("documents.reissue-approved", &host, person, &call.agency, batch.id.to_vec());
    approved.detail = serde_json::json!({"service": asked.service, "document": batch.document}).to_string();
    note(&mut tx, approved).await?;
    answered(&host, tx, person, call.body_hash, &batch).await
}

/// How far it has come, and what is meant by it as long as nothing was done.
pub async fn read(host: Arc<Host>, call: Call<ReissueRef>) -> Result<Reissue, Failure> {
    let (person, asked) = (call.person()?, &call.request);
    admitted(&host, person, &call.agency).await?;
    let mut tx = host.database.read().await?;
    let batch = kept(&mut tx, asked).await?;
    told(&mut tx, &batch, person).await
}

/// The newest orders, and what can be ordered: nothing as long as no revision is in force.
pub async fn overview(host: Arc<Host>, call: Call<ListReissuesRequest>) -> Result<Reissues, Failure> {
    let (person, asked) = (call.person()?, &call.request);
    admitted(&host, person, &call.agency).await?;
    let mut choices = Vec::new();
    if let Some(revision) = host.in_force(&asked.agency, &asked.service, person.id).await? {
        let service = host.service(&asked.agency, revision, Reach::Platform).await?;
        choices = offered(service.definition(), text::language(&asked.language));
    }
    let mut tx = host.database.read().await?;
    let batches = reissues::newest(&mut tx, &service_of(&asked.agency, &asked.service), NEWEST).await?;
    let mut orders = Vec::with_capacity(batches.len());
    for batch in &batches {
        orders.push(told(&mut tx, batch, person).await?);
    }
    Ok(Reissues { orders, choices })
}

fn offered(definition: &api::ServiceDefinition, language: Language) -> Vec<ReissueChoice> {
    let choice = |document: &api::Document| {
        let reasons = document.recall.as_ref()?.reasons.iter();
        Some(ReissueChoice {
            document: document.name.clone(),
            title: text::optional(document.title.as_ref(), language),
            reasons: reasons.map(|reason| progress::reason(reason, language)).collect(),
        })
    };
    definition.spec.documents.iter().filter_map(choice).collect()
}

/// One who answers for the agency's documents.
async fn admitted(host: &Host, person: &Person, agency: &str) -> Result<(), Failure> {
    let officer = officer_of(host, person).await;
    let allowed = officer.and_then(|officer| {
        let may = reissue::answers_for(&officer, agency, host.now());
        let refused = || access::not_found().with_detail("neither head nor lawyer of this agency");
        may.then_some(()).ok_or_else(refused)
    });
    noted(host, person, CaseId::from_bytes([0; 16]), agency, allowed).await
}

/// The revision in force, by whose template they are made anew. It must declare the document.
async fn template(host: &Host, person: &Person, asked: &ReissueOrder) -> Result<Hash, Failure> {
    let revision = host.in_force(&asked.agency, &asked.service, person.id).await?;
    let none =
        || Failure::conflict("reissue.no-revision", "No revision of the service is in force. Publish one first.");
    let revision = revision.ok_or_else(none)?;
    let service = host.service(&asked.agency, revision, Reach::Platform).await?;
    let declared = service.definition().document(&asked.document);
    let unknown = || Failure::invalid("reissue.document", "The revision in force declares no document of this name.");
    let declared = declared.ok_or_else(unknown)?;
    let mut reasons = declared.recall.iter().flat_map(|recall| &recall.reasons);
    if !reasons.any(|reason| reason.code == asked.reason) {
        let message = "Name one of the reasons for which the service lets this document be withdrawn.";
        return Err(Failure::invalid("reissue.reason", message));
    }
    Ok(revision)
}

/// Every document that is meant, case by case.
async fn meant(host: &Host, asked: &ReissueOrder) -> Result<Vec<Item>, Failure> {
    let under = match asked.revision.as_slice() {
        [] => None,
        revision => Some(Hash::from_slice(revision)?),
    };
    let (mut found, mut reached) = (Vec::new(), CaseId::from_bytes([0; 16]));
    loop {
        let mut tx = host.database.read().await?;
        let of = (asked.agency.as_str(), asked.service.as_str());
        let ended = cases::ended(&mut tx, &host.keys, of, reached, TOGETHER).await?;
        drop(tx);
        let Some(last) = ended.last() else { return Ok(found) };
        reached = last.id;
        for case in ended.iter().filter(|case| under.is_none_or(|revision| case.revision == revision)) {
            found.extend(reissue::meant(&case.state, asked).map(|document| Item {
                document: document.document,
                case: case.id,
                number: document.number.clone(),
                state: WAITING.to_owned(),
                code: String::new(),
            }));
        }
        if found.len() > DOCUMENTS_MAX {
            let message = "More than 20000 documents are meant. Order them part by part, by the time of their issue.";
            return Err(Failure::invalid("reissue.too-many", message));
        }
    }
}

async fn kept(tx: &mut Tx, asked: &ReissueRef) -> Result<Batch, Failure> {
    let batch = reissues::read(tx, &service_of(&asked.agency, &asked.service), Hash::from_slice(&asked.batch)?).await?;
    batch.ok_or_else(|| Failure::not_found("reissue.unknown", "The service has no such order."))
}

fn service_of(agency: &str, service: &str) -> String {
    format!("{agency}/{service}")
}

/// An act about a batch, not about a case.
fn about(name: &str, host: &Host, person: &Person, agency: &str, batch: Vec<u8>) -> Act {
    let nobodys = CaseId::from_bytes([0; 16]);
    Act { subject: batch, ..act(name, host.now(), Some(person.actor), nobodys, agency) }
}

async fn told(tx: &mut Tx, batch: &Batch, reader: &Person) -> Result<Reissue, Failure> {
    let counts = reissues::counts(tx, batch.id).await?;
    let of = |state: &str| counts.iter().find(|(known, _)| known == state).map_or(0, |(_, count)| *count);
    let (first, most) = (DocumentId::from_bytes([0; 16]), i64::try_from(TOLD_MAX).unwrap_or(i64::MAX));
    let waiting = reissues::items(tx, batch.id, WAITING, first, most).await?;
    let refused = reissues::items(tx, batch.id, REFUSED, first, most).await?;
    Ok(Reissue {
        batch: batch.id.to_vec(),
        document: batch.document.clone(),
        reason: batch.reason.clone(),
        note: batch.note.clone(),
        template: batch.template.to_vec(),
        documents: counts.iter().map(|(_, count)| *count).sum(),
        issued: of(ISSUED),
        refused_count: of(REFUSED),
        refused: refused.into_iter().map(|item| RefusedReissue { number: item.number, code: item.code }).collect(),
        numbers: waiting.into_iter().map(|item| item.number).collect(),
        approved: batch.approver.is_some(),
        finished: batch.finished,
        own: batch.proposer == reader.id,
        proposed_us: batch.proposed.micros(),
    })
}

async fn answered(
    host: &Host,
    mut tx: Tx,
    person: &Person,
    body_hash: Hash,
    batch: &Batch,
) -> Result<Reissue, Failure> {
    let reply = told(&mut tx, batch, person).await?;
    let command = command_id(person);
    let action = Action::of_person(person.id, &command);
    answers::keep(&mut tx, action, &body_hash, &reply.encode_to_vec(), host.now()).await?;
    tx.commit().await?;
    Ok(reply)
}
