//! Where a file can be attached now: a field that is a file, on a page that is to be shown, and not closed to changes.

use api::{Evidence, Field, Form};

use super::{assess, current, page_id, sequence};
use crate::{Facts, case::CaseState, process::Process};

/// A field that takes files now.
pub struct FileField<'p> {
    pub form: &'p Form,
    pub field: &'p Field,
    pub evidence: &'p Evidence,
    /// `form/page`
    pub page: String,
}

/// Nothing where the page does not ask for files at this path now.
pub fn file_field<'p>(
    process: &'p Process,
    state: &CaseState,
    facts: &Facts<'_>,
    page: &str,
    at: &str,
) -> Option<FileField<'p>> {
    let form = current(process, state)?;
    let assessment = assess(process, state, facts, form);
    sequence(state, form, &assessment).position(page)?;
    let visible = assessment.pages.iter().find(|visible| visible.key == page)?;
    let field = visible.fields.iter().copied().find(|field| field.at == at)?;
    let evidence = field.evidence.as_ref()?;
    let page = page_id(&form.name, page);
    let marked = state.returned.as_ref().map(|returned| &returned.marked).filter(|marked| !marked.is_empty());
    let wrong = assessment.problems_on(&page).any(|problem| problem.at == at);
    // Of a returned application only what was marked, or is missing because of it, can be changed.
    let open = wrong || marked.is_none_or(|marked| marked.contains_key(at));
    open.then_some(FileField { form, field, evidence, page })
}
