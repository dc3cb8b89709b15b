//! An issued document is withdrawn, or replaced by a new one with the same content or without a slip: by one officer, or by two who
//! agree.

use std::collections::BTreeMap;

use kernel::{
    Hash,
    id::{DocumentId, PersonId},
};

use super::{Run, correct, tasks};
use crate::{
    Refusal,
    action::{OpenAction, Request},
    case::{IssuedDocument, Recall, RecallState, Slip},
    event::What,
    letter, paths,
};

const NOTE_CHARS_MAX: usize = 500;

/// What an officer wants, and with whom.
pub struct Order<'a> {
    pub document: DocumentId,
    pub reason: &'a str,
    pub note: &'a str,
    pub replace: bool,
    /// What was typed in place of slips.
    pub corrections: &'a BTreeMap<String, String>,
    pub officer: PersonId,
}

pub fn recall(run: &mut Run<'_>, order: &Order<'_>) -> Result<(), Refusal> {
    tasks::takes_no_part(run, order.officer)?;
    let (known, declared) = found(run, (order.document, order.replace), order.reason)?;
    if order.note.chars().count() > NOTE_CHARS_MAX {
        return Err(Refusal::invalid("document.recall-note", "The note has at most 500 letters."));
    }
    let corrections = correct::judged(run.process, &run.state, declared, order)?;
    match &known.recall {
        _ if !declared.four_eyes && corrections.is_empty() => {
            follow(run, &known, order, corrections, (order.officer, None), None);
            Ok(())
        }
        // Whoever has come to take part in the case since has proposed nothing.
        Some(proposed) if agrees(proposed, order, &corrections) && !run.state.takes_part(proposed.officer) => {
            agreed(run, &known, proposed, order)
        }
        _ => {
            run.emit(What::DocumentRecallProposed {
                document: order.document,
                reason: order.reason.to_owned(),
                note: order.note.to_owned(),
                replace: order.replace,
                corrections,
                officer: order.officer,
            });
            Ok(())
        }
    }
}

/// One of many that are issued again, each at most once: two persons agreed on it, for all of them.
pub fn reissue(
    run: &mut Run<'_>,
    document: DocumentId,
    reason: &str,
    (officer, second): (PersonId, PersonId),
    template: Hash,
) -> Result<(), Refusal> {
    tasks::takes_no_part(run, officer)?;
    tasks::takes_no_part(run, second)?;
    let (known, _) = found(run, (document, true), reason)?;
    let nothing = BTreeMap::new();
    let order = Order { document, reason, note: "", replace: true, corrections: &nothing, officer };
    follow(run, &known, &order, Vec::new(), (officer, Some(second)), Some(template));
    Ok(())
}

/// A document that still counts, and how the definition lets it be withdrawn for this reason. One that is being replaced is withdrawn,
/// too, and does not count while the new one cannot be made; it is not replaced twice.
fn found<'p>(
    run: &Run<'p>,
    (document, replace): (DocumentId, bool),
    reason: &str,
) -> Result<(IssuedDocument, &'p api::Recall), Refusal> {
    let known = run.state.documents.iter().find(|known| known.document == document).cloned();
    let known = known.ok_or_else(|| Refusal::invalid("document.unknown", "The application has no such document."))?;
    let declared = run.process.definition().document(&known.name).and_then(|document| document.recall.as_ref());
    let declared = declared.ok_or_else(|| {
        Refusal::conflict("document.no-recall", "The service does not say how this document is withdrawn.")
    })?;
    if !declared.reasons.iter().any(|known| known.code == reason) {
        return Err(Refusal::invalid("document.recall-reason", "Choose one of the reasons for a withdrawal."));
    }
    let gone = |recall: &Recall| matches!(recall.state, RecallState::Revoked | RecallState::Superseded);
    if known.recall.as_ref().is_some_and(gone) || (replace && known.replacing().is_some()) {
        return Err(Refusal::conflict("document.withdrawn", "The document was withdrawn before."));
    }
    Ok((known, declared))
}

/// Whoever wants something else makes a proposal of their own.
fn agrees(proposed: &Recall, order: &Order<'_>, corrections: &[Slip]) -> bool {
    proposed.reason == order.reason && proposed.replace == order.replace && proposed.corrections == corrections
}

fn agreed(run: &mut Run<'_>, known: &IssuedDocument, proposed: &Recall, order: &Order<'_>) -> Result<(), Refusal> {
    if proposed.officer == order.officer {
        let message = "You proposed this yourself. Another officer has to agree.";
        return Err(Refusal::conflict("document.recall-second", message));
    }
    follow(run, known, order, proposed.corrections.clone(), (proposed.officer, Some(order.officer)), None);
    Ok(())
}

fn follow(
    run: &mut Run<'_>,
    known: &IssuedDocument,
    order: &Order<'_>,
    corrections: Vec<Slip>,
    (officer, second): (PersonId, Option<PersonId>),
    template: Option<Hash>,
) {
    let mut input = letter::of_document(run.process, &run.state);
    for slip in &corrections {
        paths::put(&mut input, &slip.at, slip.new.clone());
    }
    run.emit(What::DocumentRecalled {
        document: known.document,
        reason: order.reason.to_owned(),
        note: order.note.to_owned(),
        replace: order.replace,
        corrections,
        officer,
        second,
    });
    let request = if order.replace {
        Request::IssueDocument {
            document: known.name.clone(),
            language: run.state.language.tag().to_owned(),
            input,
            replaces: Some(known.document),
            template,
        }
    } else {
        Request::RecallDocument { document: known.document, reason: order.reason.to_owned(), replaced_by: None }
    };
    run.request_apart(None, request);
    if !order.replace {
        tell(run, &known.name);
    }
}

/// The applicant is told, where the definition says how. No step waits for it.
fn tell(run: &mut Run<'_>, document: &str) {
    let declared = run.process.definition().document(document).and_then(|document| document.recall.as_ref());
    if let Some(notification) = declared.and_then(|recall| recall.notify.clone()) {
        let request = Request::Notify {
            notification,
            language: run.state.language.tag().to_owned(),
            input: letter::of_notification(&run.state),
            recipient: None,
        };
        run.request_apart(None, request);
    }
}

/// The new one is there: now the old one goes.
pub fn replaced(run: &mut Run<'_>, old: DocumentId, new: DocumentId) {
    let known = run.state.documents.iter().find(|known| known.document == old).cloned();
    run.emit(What::DocumentReplaced { document: old, by: new });
    let Some(known) = known else { return };
    let reason = known.replacing().map(|recall| recall.reason.clone()).unwrap_or_default();
    run.request_apart(None, Request::RecallDocument { document: old, reason, replaced_by: Some(new) });
    tell(run, &known.name);
}

/// Whether the new one still takes the place of this one: it may have been withdrawn meanwhile.
pub fn is_replaced(run: &Run<'_>, old: DocumentId) -> bool {
    run.state.documents.iter().any(|known| known.document == old && known.replacing().is_some())
}

/// The reason for which it was withdrawn.
pub fn reason(run: &Run<'_>, old: DocumentId) -> Option<String> {
    let known = run.state.documents.iter().find(|known| known.document == old)?;
    Some(known.recall.as_ref()?.reason.clone())
}

/// There will be no new one, or signing does not withdraw the old one: whoever verifies it is told that it counts, and so says the case.
pub fn kept(run: &mut Run<'_>, action: &OpenAction, code: &str) {
    let old = match &action.request {
        Request::IssueDocument { replaces, .. } => replaces.filter(|old| is_replaced(run, *old)),
        Request::RecallDocument { document, .. } => Some(*document),
        _ => None,
    };
    if let Some(document) = old {
        run.emit(What::DocumentKept { document, code: code.to_owned() });
    }
}
