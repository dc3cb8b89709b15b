//! How a case remembers that a document of it was withdrawn or replaced.

use kernel::{
    Time,
    id::{DocumentId, PersonId},
};

use super::note;
use crate::{
    case::{CaseState, IssuedDocument, Recall, RecallState},
    event::What,
};

/// Says whether the event was its own.
pub fn apply(state: &mut CaseState, at: Time, what: &What) -> bool {
    match what {
        What::DocumentRecallProposed { document, reason, note, replace, officer } => {
            begin(state, at, (*document, RecallState::Proposed), (reason, note), *replace, (*officer, None));
        }
        What::DocumentRecalled { document, reason, note: said, replace, officer, second } => {
            let to = if *replace { RecallState::Replacing } else { RecallState::Revoked };
            begin(state, at, (*document, to), (reason, said), *replace, (*officer, *second));
            if !replace {
                told(state, at, *document, "document-recalled");
            }
        }
        What::DocumentReplaced { document, by: _ } => {
            if let Some(recall) = find(state, *document).and_then(|known| known.recall.as_mut()) {
                recall.state = RecallState::Superseded;
            }
            told(state, at, *document, "document-replaced");
        }
        What::DocumentKept { document, code: _ } => {
            let recall = find(state, *document).and_then(|known| known.recall.take());
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

fn begin(
    state: &mut CaseState,
    at: Time,
    (document, to): (DocumentId, RecallState),
    (reason, note): (&str, &str),
    replace: bool,
    (officer, second): (PersonId, Option<PersonId>),
) {
    if let Some(known) = find(state, document) {
        let (reason, note) = (reason.to_owned(), note.to_owned());
        known.recall = Some(Recall { state: to, reason, note, replace, officer, second, at });
    }
}

fn told(state: &mut CaseState, at: Time, document: DocumentId, code: &str) {
    let name = find(state, document).map(|known| known.name.clone()).unwrap_or_default();
    note(state, at, code, &name, "officer");
}
