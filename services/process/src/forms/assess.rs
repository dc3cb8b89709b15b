//! Assesses all answers of a form at once: what is visible, the typed data, and everything that is wrong.

use std::collections::{BTreeMap, BTreeSet};

use api::{Field, Form, Page, Repeat};
use serde_json::Value;

use super::{
    coerce::{self, Wrong},
    entries, page_id, validate,
};
use crate::{
    Facts, Problem,
    case::CaseState,
    expr::Scope,
    paths,
    process::{Process, Surroundings},
};

pub struct Assessment<'p> {
    /// Valid answers of visible fields, facts that are not disputed, and what the process itself wrote.
    pub data: Value,
    pub problems: Vec<Problem>,
    pub pages: Vec<VisiblePage<'p>>,
    /// Keys of pages of which nobody can tell yet whether they are to be shown.
    pub undecided: Vec<String>,
}

pub struct VisiblePage<'p> {
    pub key: String,
    pub page: &'p Page,
    pub fields: Vec<&'p Field>,
}

impl Assessment<'_> {
    pub fn problems_on<'a>(&'a self, page: &'a str) -> impl Iterator<Item = &'a Problem> + 'a {
        self.problems.iter().filter(move |problem| problem.page == page)
    }

    pub fn shows(&self, at: &str) -> bool {
        self.pages.iter().any(|page| page.fields.iter().any(|field| field.at == at))
    }
}

/// The answers as the case holds them.
pub fn assess<'p>(process: &'p Process, state: &CaseState, facts: &Facts<'_>, form: &'p Form) -> Assessment<'p> {
    assess_with(process, state, facts, form, &state.answers, &state.disputed)
}

/// The answers as they would be: the case's with one page's changes.
pub fn assess_with<'p>(
    process: &'p Process,
    state: &CaseState,
    facts: &Facts<'_>,
    form: &'p Form,
    answers: &BTreeMap<String, String>,
    disputed: &BTreeSet<String>,
) -> Assessment<'p> {
    let mut data = state.data.clone();
    for (_, field) in form.fields() {
        paths::remove(&mut data, &field.at);
    }
    let surroundings = Surroundings::of(state);
    let mut reader = Reader {
        process,
        state,
        facts,
        answers,
        disputed,
        surroundings,
        data,
        problems: Vec::new(),
        undecided: Vec::new(),
    };
    let pages: Vec<VisiblePage<'p>> = form.pages.iter().filter_map(|page| reader.page(form, page)).collect();
    let Reader { mut data, mut problems, undecided, .. } = reader;
    validate::against_schema(process, form, &pages, &mut data, &mut problems);
    let surroundings = Surroundings::of(state);
    validate::against_checks(&surroundings.scope(state, &data, facts), process, form, &pages, &mut problems);
    Assessment { data, problems, pages, undecided }
}

struct Reader<'a, 'f> {
    process: &'a Process,
    state: &'a CaseState,
    facts: &'a Facts<'f>,
    answers: &'a BTreeMap<String, String>,
    disputed: &'a BTreeSet<String>,
    surroundings: Surroundings,
    data: Value,
    problems: Vec<Problem>,
    undecided: Vec<String>,
}

impl Reader<'_, '_> {
    /// A condition that cannot be judged, because an answer it reads is not there, hides what it guards.
    fn holds(&self, when: Option<&String>) -> bool {
        self.judged(when).unwrap_or(false)
    }

    fn judged(&self, when: Option<&String>) -> Option<bool> {
        let Some(source) = when else { return Some(true) };
        let scope: Scope<'_> = self.surroundings.scope(self.state, &self.data, self.facts);
        self.process.expression(source)?.holds(&scope).ok()
    }

    fn page<'p>(&mut self, form: &Form, page: &'p Page) -> Option<VisiblePage<'p>> {
        let key = page.key();
        match self.judged(page.when.as_ref()) {
            Some(true) => {}
            Some(false) => return None,
            None => {
                self.undecided.push(key);
                return None;
            }
        }
        let id = page_id(&form.name, &key);
        let mut fields = Vec::new();
        for field in &page.fields {
            if self.holds(field.when.as_ref()) {
                self.field(&id, field);
                fields.push(field);
            }
        }
        (!fields.is_empty()).then_some(VisiblePage { key, page, fields })
    }

    fn field(&mut self, page: &str, field: &Field) {
        let fact = self.state.prefill.get(&field.at).filter(|_| !self.disputed.contains(&field.at));
        if let Some(fact) = fact {
            return paths::put(&mut self.data, &field.at, fact.value.clone());
        }
        if let Some(repeat) = &field.repeat {
            return self.entries(page, field, repeat);
        }
        let text = self.answers.get(&field.at).map(String::as_str).unwrap_or_default();
        match coerce::coerce(self.process, self.state, self.facts, field, text) {
            Ok(Some(value)) => paths::put(&mut self.data, &field.at, value),
            Ok(None) if field.optional => {}
            Ok(None) => self.problems.push(validate::problem(page, &field.at, "field.required", [])),
            Err(wrong) => self.tell(page, &field.at, wrong),
        }
    }

    fn tell(&mut self, page: &str, at: &str, wrong: Wrong) {
        let parameters = wrong.parameters.into_iter().map(|(name, value)| (name.to_owned(), value));
        self.problems.push(validate::problem(page, at, wrong.code, parameters));
    }

    fn entries(&mut self, page: &str, field: &Field, repeat: &Repeat) {
        let entries = entries::of(self.answers, &field.at);
        let mut list = Vec::new();
        for (index, entry) in entries.iter().enumerate() {
            let (value, wrong) = entries::judge(self.process, self.state, self.facts, (field, repeat), entry);
            for (name, wrong) in wrong {
                self.tell(page, &format!("{}.{index}.{name}", field.at), wrong);
            }
            list.push(value);
        }
        let limit = |limit: u32| [("limit".to_owned(), limit.to_string())];
        let (least, most) = (repeat.min as usize, repeat.max as usize);
        if list.is_empty() {
            if least > 0 && !field.optional {
                self.problems.push(validate::problem(page, &field.at, "field.required", []));
            }
            return;
        }
        if list.len() < least {
            self.problems.push(validate::problem(page, &field.at, "field.min-items", limit(repeat.min)));
        } else if list.len() > most {
            self.problems.push(validate::problem(page, &field.at, "field.max-items", limit(repeat.max)));
        }
        paths::put(&mut self.data, &field.at, Value::Array(list));
    }
}
