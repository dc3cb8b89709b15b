//! What became of an officer's marks: for whoever looks at an application again that was returned once.

use kernel::Language;
use process::{CaseState, Facts, Process, forms};
use proto::eservice::v1::{CorrectedField, Correction};

/// Only of pages that the task shows. The note beside the marks may speak of any page: it is told where all of them are shown.
pub fn told(
    process: &Process,
    state: &CaseState,
    language: Language,
    facts: &Facts<'_>,
    (shows_all, is_seen): (bool, &dyn Fn(&str) -> bool),
) -> Option<Correction> {
    let kept = state.correction.as_ref()?;
    let fields = forms::corrected(process, state, facts, language.tag()).into_iter();
    Some(Correction {
        returned_us: kept.returned.micros(),
        sent_us: kept.sent.micros(),
        note: if shows_all { kept.note.clone() } else { String::new() },
        fields: fields.filter(|field| is_seen(&field.page)).map(written).collect(),
    })
}

fn written(field: forms::Corrected) -> CorrectedField {
    let forms::Corrected { page: _, at, label, kind, before, after, changed, marked, note } = field;
    CorrectedField { at, label, kind: kind.to_owned(), before, after, changed, marked, note }
}
