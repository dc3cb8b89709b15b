//! A long form at a glance: its parts, how far each is, and where to go on with it, in whatever order the person likes.

use std::collections::BTreeSet;

use api::{Form, Layout, Page};

use super::{assess, current, page_id, sequence};
use crate::{Facts, case::CaseState, process::Process};

/// A part of the form: the pages from one that begins a section to the next such page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    pub title: String,
    pub standing: Standing,
    /// The page to go on at; none while it cannot be started.
    pub page: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Whether it is asked at all hangs on answers that are not given yet.
    CannotStart,
    NotStarted,
    InProgress,
    Done,
}

impl Standing {
    /// The word on the bus.
    pub fn name(self) -> &'static str {
        match self {
            Self::CannotStart => "cannot-start",
            Self::NotStarted => "not-started",
            Self::InProgress => "in-progress",
            Self::Done => "done",
        }
    }
}

/// The parts that concern this person, in order; empty where the form is gone through page by page, as is every application that
/// was returned for correction.
pub fn outline(process: &Process, state: &CaseState, facts: &Facts<'_>, language: &str) -> Vec<Part> {
    let Some(form) = current(process, state).filter(|form| is_outlined(state, form)) else { return Vec::new() };
    let assessment = assess(process, state, facts, form);
    let sequence = sequence(state, form, &assessment);
    let mut parts = Vec::new();
    for pages in parts_of(form) {
        let keys: BTreeSet<String> = pages.iter().map(Page::key).collect();
        let shown: Vec<&String> = sequence.pages.iter().filter(|page| keys.contains(*page)).collect();
        let open = sequence.incomplete.iter().find(|page| keys.contains(*page));
        // A page that was left half answered counts as none that was gone through.
        let has_answer =
            || pages.iter().flat_map(|page| &page.fields).any(|field| state.answers.contains_key(&field.at));
        let begun = has_answer() || shown.iter().any(|page| state.answered_pages.contains(&page_id(&form.name, page)));
        let standing = match (shown.is_empty(), open, begun) {
            (true, ..) if assessment.undecided.iter().any(|page| keys.contains(page)) => Standing::CannotStart,
            // It does not concern this person.
            (true, ..) => continue,
            (false, None, _) => Standing::Done,
            (false, Some(_), true) => Standing::InProgress,
            (false, Some(_), false) => Standing::NotStarted,
        };
        let title = pages.first().and_then(|page| page.section.as_ref());
        parts.push(Part {
            title: title.map(|title| title.in_language(language).to_owned()).unwrap_or_default(),
            standing,
            page: open.or(shown.first().copied()).cloned(),
        });
    }
    parts
}

/// Whether the person comes back to the outline where going on would leave the part of this page.
pub fn ends_part(process: &Process, state: &CaseState, page: &str, next: Option<&str>) -> bool {
    let Some(form) = current(process, state).filter(|form| is_outlined(state, form)) else { return false };
    let part = |key: &str| parts_of(form).iter().position(|pages| pages.iter().any(|page| page.key() == key));
    next.is_none_or(|next| part(next) != part(page))
}

/// Whether this form is gone through by its parts now.
pub fn is_outlined(state: &CaseState, form: &Form) -> bool {
    form.layout == Some(Layout::TaskList) && state.returned.is_none()
}

fn parts_of(form: &Form) -> Vec<&[Page]> {
    form.pages.chunk_by(|_, page| page.section.is_none()).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::{
        Command, decide,
        sample::{self, Law},
    };

    /// The sample's form with a part for each of its pages.
    fn process() -> Process {
        let mut definition = sample::definition();
        let form = &mut definition.spec.forms[0];
        form.layout = Some(Layout::TaskList);
        for page in &mut form.pages {
            page.section = Some(page.title.clone());
        }
        Process::compile(&definition).unwrap()
    }

    fn standings(process: &Process, state: &CaseState, facts: &Facts<'_>) -> Vec<&'static str> {
        outline(process, state, facts, "en").iter().map(|part| part.standing.name()).collect()
    }

    fn save(process: &Process, state: &CaseState, facts: &Facts<'_>, page: &str, values: &[(&str, &str)]) -> CaseState {
        let values: BTreeMap<String, String> =
            values.iter().map(|(at, text)| ((*at).to_owned(), (*text).to_owned())).collect();
        let command = Command::SaveAnswers { page: page.to_owned(), values, disputed: BTreeSet::new(), shown: None };
        decide(process, state, &command, facts).unwrap().state
    }

    #[test]
    fn parts_are_answered_in_any_order_and_one_that_hangs_on_another_waits_for_it() {
        let (process, law) = (process(), Law::new());
        let facts = law.at(sample::tuesday(), 0);
        let absent = CaseState::absent(kernel::id::CaseId::from_bytes([1; 16]));
        let state = decide(&process, &absent, &sample::open(1), &facts).unwrap().state;
        assert_eq!(standings(&process, &state, &facts), ["not-started", "not-started", "cannot-start"]);
        let state = save(&process, &state, &facts, "goods", &[("goods.kind", "alcohol"), ("goods.stalls", "1")]);
        assert_eq!(standings(&process, &state, &facts), ["not-started", "done", "not-started"]);
        let state = save(&process, &state, &facts, "shop", &[("shop.soato", "1726")]);
        assert_eq!(standings(&process, &state, &facts), ["in-progress", "done", "not-started"]);
        let parts = outline(&process, &state, &facts, "en");
        assert_eq!((parts[0].title.as_str(), parts[0].page.as_deref()), ("Where is the shop?", Some("shop")));
        let state = save(&process, &state, &facts, "goods", &[("goods.kind", "food"), ("goods.stalls", "1")]);
        assert_eq!(standings(&process, &state, &facts), ["in-progress", "done"], "no licence is asked for food");
        assert!(ends_part(&process, &state, "shop", Some("goods")) && ends_part(&process, &state, "goods", None));
        assert!(!ends_part(&process, &state, "shop", Some("shop")));
        assert!(
            outline(&sample::process(), &state, &facts, "en").is_empty(),
            "a form without this layout has no parts"
        );
    }
}
