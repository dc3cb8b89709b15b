//! What a person is told when their draft moved to another revision: what is new, what is wrong now, what fell away.

use std::{collections::BTreeMap, sync::Arc};

use kernel::{Hash, Language};
use process::{
    CaseState, Facts, Process,
    case::Dropped,
    forms::{self, FieldPlace},
};
use proto::eservice::v1::{FieldPlace as Place, Moved, Row};

/// Nothing where the draft never moved, or everything about it is settled.
pub fn told(
    process: &Process,
    state: &CaseState,
    facts: &Facts<'_>,
    earlier: &BTreeMap<Hash, Arc<Process>>,
    language: Language,
) -> Option<Moved> {
    let moved = state.moved.as_ref()?;
    let unsettled = forms::unsettled(process, state, facts, language.tag());
    let in_words = |(at, dropped): (&String, &Dropped)| {
        let asked = earlier.get(&dropped.revision);
        let row = asked.and_then(|asked| forms::asked_once(asked, state, facts, (at, &dropped.answer), language.tag()));
        row.map_or_else(
            || unnamed(at, dropped),
            |row| Row { at: row.at, label: row.label, value: row.value, kind: row.kind.to_owned(), ..Row::default() },
        )
    };
    let told = Moved {
        dropped: moved.dropped.iter().map(in_words).collect(),
        invalid: places(unsettled.invalid),
        added: places(unsettled.added),
        told: moved.told,
    };
    let settled = told.dropped.is_empty() && told.invalid.is_empty() && told.added.is_empty();
    (!settled).then_some(told)
}

/// A revision that cannot be read at this moment keeps its words; a list of files is nothing to read without them.
fn unnamed(at: &str, dropped: &Dropped) -> Row {
    let is_file = process::evidence::read(&dropped.answer).is_some_and(|files| !files.is_empty());
    let value = if is_file { String::new() } else { dropped.answer.clone() };
    Row { at: at.to_owned(), value, kind: "text".to_owned(), ..Row::default() }
}

fn places(places: Vec<FieldPlace>) -> Vec<Place> {
    let place = |place: FieldPlace| Place { page: place.page, at: place.at, label: place.label };
    places.into_iter().map(place).collect()
}
