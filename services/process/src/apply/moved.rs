//! How a draft looks after its move to another revision: nothing that was typed is lost before it is sent.

use std::collections::BTreeMap;

use kernel::Time;

use crate::{
    case::{CaseState, Dropped, Moved},
    event::DraftMoved,
};

/// Answers that the new form does not ask for lie aside with those of earlier moves; one that it asks for again comes back.
pub fn apply(state: &mut CaseState, at: Time, moved: &DraftMoved) {
    let DraftMoved { from, revision, semantics, kept, released, invalid, added, reopened, data } = moved;
    let aside = state.moved.take().map(|moved| moved.dropped).unwrap_or_default();
    let own = std::mem::take(&mut state.answers).into_iter();
    let own = own.map(|(path, answer)| (path, Dropped { answer, revision: *from }));
    let all: BTreeMap<String, Dropped> = aside.into_iter().chain(own).collect();
    let (stay, dropped): (BTreeMap<_, _>, BTreeMap<_, _>) = all.into_iter().partition(|(path, _)| kept.contains(path));
    state.answers = stay.into_iter().map(|(path, kept)| (path, kept.answer)).collect();
    state.prefill.retain(|path, _| !released.contains(path));
    state.disputed.retain(|path| !released.contains(path));
    state.answered_pages.retain(|page| !reopened.contains(page));
    state.revision = *revision;
    state.semantics = *semantics;
    state.data.clone_from(data);
    let quiet = dropped.is_empty() && invalid.is_empty() && added.is_empty();
    let moved = Moved { at, dropped, invalid: invalid.clone(), added: added.clone(), told: false };
    state.moved = (!quiet).then_some(moved);
}
