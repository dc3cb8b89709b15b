//! How a case remembers that a document of it was withdrawn or replaced.

use kernel::{
    Time,
    id::{DocumentId, PersonId},
};

use super::note;
use crate::{
    case::{CaseState, IssuedDocument, Recall, RecallState, Slip},
    event::What,
};

/// Says whether the event was its own.
pub fn apply(state: &mut CaseState, at: Time, what: &What) -> bool {
    match what {
        What::DocumentRecallProposed { document, reason, note, replace, corrections, officer } => {
            let (to, anew) = ((*document, RecallState::Proposed), (*replace, corrections.as_slice()));
            begin(state, at, to, (reason, note), anew, (*officer, None));
        }
        What::DocumentRecalled { document, reason, note: said, replace, corrections, officer, second } => {
            let to = if *replace { RecallState::Replacing } else { RecallState::Revoked };
            let anew = (*replace, corrections.as_slice());
            begin(state, at, (*document, to), (reason, said), anew, (*officer, *second));
            if !replace {
                told(state, at, *document, "document-recalled");
            }
        }
        What::DocumentReplaced { document, by } => replaced(state, at, *document, *by),
        What::DocumentKept { document, code: _ } => {
            let Some(known) = find(state, *document) else { return true };
            // A proposal to withdraw it waits for a second officer all the same.
            if let Some(recall) = known.recall.as_mut().filter(|recall| recall.over.is_some()) {
                recall.over = None;
                return true;
            }
            let recall = known.recall.take();
            // Whoever was not told that it is withdrawn needs not be told that it is not.
            if recall.is_some_and(|recall| recall.state != RecallState::Replacing) {
                told(state, at, *document, "document-kept");
            }
        }
        _ => return false,
    }
    true
}

fn find(state: &mut CaseState, document: DocumentId) -> Option<&mut IssuedDocument> {
    state.documents.iter_mut().find(|known| known.document == document)
}

/// From here on every document that the case asks for says what was corrected.
fn replaced(state: &mut CaseState, at: Time, document: DocumentId, by: DocumentId) {
    let known = find(state, document);
    let recall = known.and_then(|known| {
        if let Some(over) = known.recall.as_mut().and_then(|recall| recall.over.take()) {
            known.recall = Some(*over);
        }
        known.recall.as_mut()
    });
    let corrections = recall.map(|recall| {
        recall.state = RecallState::Superseded;
        recall.replaced_by = Some(by);
        recall.corrections.clone()
    });
    let corrections = corrections.unwrap_or_default();
    let code = if corrections.is_empty() { "document-replaced" } else { "document-corrected" };
    state.corrected.extend(corrections.into_iter().map(|slip| (slip.at, slip.new)));
    told(state, at, document, code);
}

fn begin(
    state: &mut CaseState,
    at: Time,
    (document, to): (DocumentId, RecallState),
    (reason, note): (&str, &str),
    (replace, corrections): (bool, &[Slip]),
    (officer, second): (PersonId, Option<PersonId>),
) {
    if let Some(known) = find(state, document) {
        let (reason, note, corrections) = (reason.to_owned(), note.to_owned(), corrections.to_vec());
        let over = known.replacing().filter(|_| to == RecallState::Proposed).cloned().map(Box::new);
        let replaced_by = None;
        known.recall =
            Some(Recall { state: to, reason, note, replace, corrections, replaced_by, officer, second, at, over });
    }
}

fn told(state: &mut CaseState, at: Time, document: DocumentId, code: &str) {
    let name = find(state, document).map(|known| known.name.clone()).unwrap_or_default();
    note(state, at, code, &name, "officer");
}
