//! What a page held when it was shown: a save names it, so that nobody writes over an answer they did not see.

use std::collections::{BTreeMap, BTreeSet};

use api::{Form, Page};
use kernel::Hash;

use super::page_id;
use crate::case::HeldFact;

/// SHA-256 over the answers, facts and doubts of one page. What is not answered leaves no trace in it: a revision that adds
/// a question does not make older forms stale.
pub fn shown_hash(
    form: &Form,
    page: &Page,
    facts: &BTreeMap<String, HeldFact>,
    answers: &BTreeMap<String, String>,
    disputed: &BTreeSet<String>,
) -> Hash {
    let held: Vec<_> = page
        .fields
        .iter()
        .map(|field| (&field.at, answers.get(&field.at), facts.get(&field.at).map(|fact| &fact.value)))
        .filter(|(_, answer, fact)| answer.is_some() || fact.is_some())
        .map(|(at, answer, fact)| (at, answer, fact, disputed.contains(at)))
        .collect();
    let written = serde_json::to_vec(&held).expect("texts and JSON values can be written");
    Hash::of_parts(&[page_id(&form.name, &page.key()).as_bytes(), &written])
}
