//! A returned application that is sent again: what the officer asked to correct, and how each field stood before.

use std::collections::{BTreeMap, BTreeSet};

use kernel::Time;
use serde::{Deserialize, Serialize};

use super::{CaseState, Waiting};

/// The last time that an application was corrected and sent again.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Correction {
    pub returned: Time,
    pub sent: Time,
    /// Field path → the officer's note about it.
    pub marked: BTreeMap<String, String>,
    pub note: String,
    /// Of each field that is not as it was: how it stood when the application was returned.
    pub before: BTreeMap<String, Before>,
}

/// How a field stood.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Before {
    /// As it was typed; absent: nothing was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
    /// A registry's fact of which the person said that it is wrong.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub disputed: bool,
}

impl CaseState {
    fn stands(&self, at: &str) -> Before {
        Before { answer: self.answers.get(at).cloned(), disputed: self.disputed.contains(at) }
    }

    /// Before fields of a page (`form/page`) change: of an application that was sent, how each stood is kept, once. `disputed`: the
    /// facts that the person says are wrong from now on.
    pub(crate) fn keep_before<'a>(
        &mut self,
        page: &str,
        fields: impl Iterator<Item = &'a String>,
        disputed: &BTreeSet<String>,
    ) {
        if !self.corrects(page) {
            return;
        }
        let others = self.disputed.symmetric_difference(disputed).cloned();
        let stand = |at: String| (at.clone(), self.stands(&at));
        let stood: Vec<(String, Before)> = fields.cloned().chain(others).map(stand).collect();
        let kept = self.returned.as_mut().map_or(&mut self.unsent, |returned| &mut returned.before);
        for (at, before) in stood {
            kept.entry(at).or_insert(before);
        }
    }

    /// Whether the page is of the form for which the case waits: a party may be asked meanwhile, on a form of their own.
    fn corrects(&self, page: &str) -> bool {
        let form = page.split_once('/').map(|(form, _)| form);
        let waits =
            |waiting: &Waiting| matches!(waiting, Waiting::Applicant { form: open } if form == Some(open.as_str()));
        self.tokens.values().any(|token| waits(&token.waiting))
    }

    /// How each field stood before what was typed since and is not sent.
    pub(crate) fn typed_since(&self) -> &BTreeMap<String, Before> {
        self.returned.as_ref().map_or(&self.unsent, |returned| &returned.before)
    }

    /// Nobody sends it again: each field stands as it did when it was sent.
    pub(crate) fn put_back(&mut self) {
        let typed = self.typed_since().clone();
        self.returned = None;
        self.unsent.clear();
        for (at, before) in typed {
            match before.disputed {
                true => self.disputed.insert(at.clone()),
                false => self.disputed.remove(&at),
            };
            match before.answer {
                Some(answer) => self.answers.insert(at, answer),
                None => self.answers.remove(&at),
            };
        }
    }

    /// It is sent again.
    pub(crate) fn correct(&mut self, at: Time) {
        self.unsent.clear();
        let Some(returned) = self.returned.take() else { return };
        let mut before = returned.before;
        before.retain(|field, stood| self.stands(field) != *stood);
        let (returned, marked, note) = (returned.at, returned.marked, returned.note);
        self.correction = Some(Correction { returned, sent: at, marked, note, before });
    }
}
