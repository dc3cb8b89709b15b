//! An issued document is withdrawn, or replaced by a new one with the same content: by one officer, or by two who agree.

use kernel::id::{DocumentId, PersonId};

use super::{Run, tasks};
use crate::{
    Refusal,
    action::{OpenAction, Request},
    case::{IssuedDocument, Recall, RecallState},
    event::What,
    letter,
};

const NOTE_CHARS_MAX: usize = 500;

/// What an officer wants, and with whom.
pub struct Order<'a> {
    pub document: DocumentId,
    pub reason: &'a str,
    pub note: &'a str,
    pub replace: bool,
    pub officer: PersonId,
}

pub fn recall(run: &mut Run<'_>, order: &Order<'_>) -> Result<(), Refusal> {
    let known = run.state.documents.iter().find(|known| known.document == order.document).cloned();
    let known = known.ok_or_else(|| Refusal::invalid("document.unknown", "The application has no such document."))?;
    tasks::takes_no_part(run, order.officer)?;
    let declared = run.process.definition().document(&known.name).and_then(|document| document.recall.as_ref());
    let declared = declared.ok_or_else(|| {
        Refusal::conflict("document.no-recall", "The service does not say how this document is withdrawn.")
    })?;
    if !declared.reasons.iter().any(|reason| reason.code == order.reason) {
        return Err(Refusal::invalid("document.recall-reason", "Choose one of the reasons for a withdrawal."));
    }
    if order.note.chars().count() > NOTE_CHARS_MAX {
        return Err(Refusal::invalid("document.recall-note", "The note has at most 500 letters."));
    }
    match &known.recall {
        Some(recall) if recall.state != RecallState::Proposed => {
            Err(Refusal::conflict("document.withdrawn", "The document was withdrawn before."))
        }
        _ if !declared.four_eyes => {
            follow(run, &known, order, order.officer, None);
            Ok(())
        }
        Some(proposed) if agrees(proposed, order) => agreed(run, &known, proposed, order),
        _ => {
            run.emit(What::DocumentRecallProposed {
                document: order.document,
                reason: order.reason.to_owned(),
                note: order.note.to_owned(),
                replace: order.replace,
                officer: order.officer,
            });
            Ok(())
        }
    }
}

/// Whoever wants something else makes a proposal of their own.
fn agrees(proposed: &Recall, order: &Order<'_>) -> bool {
    proposed.reason == order.reason && proposed.replace == order.replace
}

fn agreed(run: &mut Run<'_>, known: &IssuedDocument, proposed: &Recall, order: &Order<'_>) -> Result<(), Refusal> {
    if proposed.officer == order.officer {
        let message = "You proposed this yourself. Another officer has to agree.";
        return Err(Refusal::conflict("document.recall-second", message));
    }
    tasks::takes_no_part(run, proposed.officer)?;
    follow(run, known, order, proposed.officer, Some(order.officer));
    Ok(())
}

fn follow(run: &mut Run<'_>, known: &IssuedDocument, order: &Order<'_>, officer: PersonId, second: Option<PersonId>) {
    run.emit(What::DocumentRecalled {
        document: known.document,
        reason: order.reason.to_owned(),
        note: order.note.to_owned(),
        replace: order.replace,
        officer,
        second,
    });
    let request = if order.replace {
        Request::IssueDocument {
            document: known.name.clone(),
            language: run.state.language.tag().to_owned(),
            input: letter::of_document(run.process, &run.state),
            replaces: Some(known.document),
        }
    } else {
        Request::RecallDocument { document: known.document, reason: order.reason.to_owned(), replaced_by: None }
    };
    run.request_apart(None, request);
}

/// The new one is there: now the old one goes.
pub fn replaced(run: &mut Run<'_>, old: DocumentId, new: DocumentId) {
    let recall = run.state.documents.iter().find(|known| known.document == old).and_then(|known| known.recall.clone());
    run.emit(What::DocumentReplaced { document: old, by: new });
    let reason = recall.map(|recall| recall.reason).unwrap_or_default();
    run.request_apart(None, Request::RecallDocument { document: old, reason, replaced_by: Some(new) });
}

/// There will be no new one, or signing does not withdraw the old one: whoever verifies it is told that it counts, and so says the case.
pub fn kept(run: &mut Run<'_>, action: &OpenAction, code: &str) {
    let old = match &action.request {
        Request::IssueDocument { replaces, .. } => *replaces,
        Request::RecallDocument { document, .. } => Some(*document),
        _ => None,
    };
    if let Some(document) = old {
        run.emit(What::DocumentKept { document, code: code.to_owned() });
    }
}
