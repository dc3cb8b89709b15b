//! The order of pages a person goes through; of a returned application only the pages that need a correction.

use api::Form;

use super::{Assessment, page_id};
use crate::case::CaseState;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sequence {
    /// Keys of the pages to go through, in order.
    pub pages: Vec<String>,
    /// Those that are not answered yet, or wrong.
    pub incomplete: Vec<String>,
}

impl Sequence {
    pub fn back(&self, page: &str) -> Option<&str> {
        let at = self.position(page)?;
        at.checked_sub(1).and_then(|before| self.pages.get(before)).map(String::as_str)
    }

    /// The page after this one; none: check answers. A page that is not in the sequence goes on at the first incomplete one.
    pub fn next(&self, page: &str) -> Option<&str> {
        match self.position(page) {
            Some(at) => self.pages.get(at + 1).map(String::as_str),
            None => self.incomplete.first().map(String::as_str),
        }
    }

    pub fn position(&self, page: &str) -> Option<usize> {
        self.pages.iter().position(|key| key == page)
    }
}

pub fn sequence(state: &CaseState, form: &Form, assessment: &Assessment<'_>) -> Sequence {
    let mut sequence = Sequence { pages: Vec::new(), incomplete: Vec::new() };
    for page in &assessment.pages {
        let id = page_id(&form.name, &page.key);
        let wrong = assessment.problems_on(&id).next().is_some();
        let (shown, open) = match &state.returned {
            Some(returned) if !returned.marked.is_empty() => {
                let marked = page.fields.iter().any(|field| returned.marked.contains_key(&field.at));
                (marked || wrong, wrong || (marked && !returned.corrected_pages.contains(&id)))
            }
            _ => (true, wrong || !state.answered_pages.contains(&id)),
        };
        if shown {
            sequence.pages.push(page.key.clone());
        }
        if open {
            sequence.incomplete.push(page.key.clone());
        }
    }
    sequence
}
