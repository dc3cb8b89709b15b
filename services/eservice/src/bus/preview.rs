//! Shows an officer what the applicant would be sent, before they decide: the engine's own course of things, and nothing is kept of it.

use std::sync::Arc;

use bus::Call;
use kernel::{CaseId, Failure, TaskId};
use process::{
    Command,
    case::Task,
    preview::{Letter, Preview},
};
use proto::{
    eservice::v1::{DecisionPreview, PreviewDecisionRequest, PreviewedDocument, PreviewedMessage},
    notifications::v1::PreviewMessageRequest,
    signing::v1::PreviewDocumentRequest,
};

use super::{
    claim::is_open,
    noted,
    task::{allowed, as_shown, opened_for},
};
use crate::{
    domain::{access, changed, text},
    execute::act,
    host::{Host, Reach, Service},
    store::cases::Case,
};

pub async fn decision(host: Arc<Host>, call: Call<PreviewDecisionRequest>) -> Result<DecisionPreview, Failure> {
    let person = call.person()?;
    let asked = &call.request;
    let (case_id, task_id) = (CaseId::from_slice(&asked.case_id)?, TaskId::from_slice(&asked.task_id)?);
    let found = allowed(&host, person, case_id, task_id).await;
    let found = found.and_then(|found| in_the_own_case(&found.0, &found.1).map(|()| found));
    let (case, task, officer) = noted(&host, person, case_id, &call.agency, found).await?;
    is_open(&task)?;
    let reason = opened_for(&host, person, &officer, case_id, task_id).await?;
    as_shown(&case, asked.version)?;
    let service = host.service(&case.agency, case.revision, Reach::Platform).await?;
    let decision = Command::DecideTask {
        task: task_id,
        outcome: asked.outcome.clone(),
        reasons: asked.reasons.clone(),
        note: asked.note.clone(),
        marked: asked.marked.iter().map(|field| (field.at.clone(), field.note.clone())).collect(),
        officer: person.id,
    };
    let preview = process::preview::preview(&service.process, &case.state, task_id, &decision, &host.facts(&service))?;
    let letter = match asked.document.as_str() {
        "" => None,
        name => Some(preview.documents.iter().find(|letter| letter.name == name).ok_or_else(no_such_letter)?),
    };
    let mut looked = act("decision.previewed", host.now(), Some(person.actor), case_id, &case.agency);
    looked.purpose = reason;
    looked.detail = serde_json::json!({
        "task": task_id, "outcome": asked.outcome, "reasons": asked.reasons, "document": asked.document,
    })
    .to_string();
    host.record(looked).await?;
    match letter {
        Some(letter) => {
            Ok(DecisionPreview { pdf: rendered(&host, &case, letter).await?, ..DecisionPreview::default() })
        }
        None => told(&host, &case, &service, &preview, &asked.language).await,
    }
}

fn no_such_letter() -> Failure {
    Failure::invalid("task.no-such-letter", "This decision sends no document of this name to the applicant.")
}

/// What the applicant would be sent names them: another agency that is asked for its opinion decides nothing about them.
fn in_the_own_case(case: &Case, task: &Task) -> Result<(), Failure> {
    match case.state.is_foreign(task) {
        true => Err(access::not_found().with_detail("an opinion sends the applicant nothing")),
        false => Ok(()),
    }
}

async fn told(
    host: &Host,
    case: &Case,
    service: &Service,
    preview: &Preview,
    language: &str,
) -> Result<DecisionPreview, Failure> {
    let mut messages = Vec::new();
    for letter in preview.notifications.iter().filter(|_| case.state.is_identified()) {
        let request = PreviewMessageRequest {
            case: Some(changed::case_ref(&case.state)),
            notification: letter.name.clone(),
            recipient: case.applicant.to_vec(),
            language: letter.language.clone(),
            inputs: letter.input.to_string().into_bytes(),
        };
        let message = host.platform.preview_message(&case.agency, &request).await?;
        messages.push(PreviewedMessage { title: message.title, body: message.body });
    }
    let title = |letter: &Letter| {
        let declared = service.definition().document(&letter.name).and_then(|document| document.title.as_ref());
        text::optional(declared, text::language(language))
    };
    let documents = preview.documents.iter();
    let documents = documents.map(|letter| PreviewedDocument { name: letter.name.clone(), title: title(letter) });
    Ok(DecisionPreview { messages, documents: documents.collect(), pdf: Vec::new() })
}

async fn rendered(host: &Host, case: &Case, letter: &Letter) -> Result<Vec<u8>, Failure> {
    let request = PreviewDocumentRequest {
        case: Some(changed::case_ref(&case.state)),
        document: letter.name.clone(),
        language: letter.language.clone(),
        inputs: letter.input.to_string().into_bytes(),
    };
    Ok(host.platform.preview_document(&case.agency, &request).await?.pdf)
}
