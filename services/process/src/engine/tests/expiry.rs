//! The end of a draft that nobody touches: announced once, put off by whoever goes on, and silent once it is sent.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use kernel::Time;

use crate::{
    ActionResult, CaseState, Command, Decision, Process, Request,
    case::Phase,
    decide, replay,
    sample::{Law, open, process, tuesday},
};

const DAY: Duration = Duration::from_secs(86_400);

struct Draft {
    process: Process,
    law: Law,
    now: Time,
    state: CaseState,
}

impl Draft {
    fn new() -> Self {
        let state = CaseState::absent(kernel::id::CaseId::from_bytes([1; 16]));
        let mut draft = Self { process: process(), law: Law::new(), now: tuesday(), state };
        draft.give(&open(1));
        draft
    }

    fn give(&mut self, command: &Command) -> Decision {
        let decision = decide(&self.process, &self.state, command, &self.law.at(self.now, 0)).unwrap();
        assert!(replay(self.state.clone(), &decision.events) == decision.state, "replay gives the state");
        self.state = decision.state.clone();
        decision
    }

    /// Lets days pass: every timer fires at its moment. Gives how often a notice was asked for.
    fn wait(&mut self, days: u32) -> usize {
        let until = self.now.plus(DAY * days);
        let mut notices = 0;
        while let Some(timer) =
            self.state.timers.values().filter(|timer| timer.due <= until).min_by_key(|timer| timer.due)
        {
            let (timer, due) = (timer.id, timer.due);
            self.now = self.now.max(due);
            for action in self.give(&Command::FireTimer { timer }).actions() {
                let Request::Notify { notification, input, .. } = &action.request else { panic!("{action:?}") };
                assert_eq!(notification, "@draft-expires");
                assert_eq!(input["draft"]["until"].as_str().map(str::len), Some(10));
                notices += 1;
                self.give(&Command::CompleteAction { action_id: action.id, result: ActionResult::Done });
            }
        }
        self.now = until;
        notices
    }

    fn touch(&mut self) {
        let values: BTreeMap<String, String> = [("shop.soato".to_owned(), "1726".to_owned())].into();
        let page = "shop".to_owned();
        self.give(&Command::SaveAnswers { page, values, disputed: BTreeSet::new(), shown: None });
    }
}

#[test]
fn whoever_began_a_draft_is_told_three_days_before_it_goes() {
    let mut draft = Draft::new();
    assert_eq!(draft.wait(26), 0);
    assert_eq!(draft.wait(2), 1, "the sample keeps drafts for 30 days");
    assert_eq!(draft.state.phase, Phase::Draft);
    assert_eq!(draft.wait(3), 0);
    assert_eq!(draft.state.phase, Phase::Discarded);
    assert!(draft.state.actions.is_empty() && draft.state.timers.is_empty());
}

#[test]
fn whoever_goes_on_puts_the_end_off_and_is_told_anew_before_the_new_one() {
    let mut draft = Draft::new();
    assert_eq!(draft.wait(20), 0);
    draft.touch();
    assert_eq!(draft.wait(26), 0, "its time began again");
    assert_eq!(draft.wait(2), 1);
    draft.touch();
    assert_eq!(draft.wait(26), 0);
    assert_eq!(draft.wait(2), 1, "another time, another notice");
    assert_eq!(draft.wait(3), 0);
    assert_eq!(draft.state.phase, Phase::Discarded);
}

#[test]
fn a_platform_that_slept_over_the_end_sends_no_notice_of_it() {
    let mut draft = Draft::new();
    draft.now = draft.now.plus(DAY * 40);
    assert_eq!(draft.wait(0), 0);
    assert_eq!(draft.state.phase, Phase::Discarded);
}

#[test]
fn a_notice_that_has_not_left_goes_with_the_draft() {
    let mut draft = Draft::new();
    draft.now = draft.now.plus(DAY * 28);
    let mut timers: Vec<_> = draft.state.timers.values().map(|timer| (timer.due, timer.id)).collect();
    timers.sort_unstable();
    draft.give(&Command::FireTimer { timer: timers[0].1 });
    assert_eq!(draft.state.actions.len(), 1);
    let decision = draft.give(&Command::DiscardDraft);
    assert_eq!(decision.closed_actions().len(), 1);
    assert!(draft.state.actions.is_empty());
}

#[test]
fn what_is_sent_after_its_time_and_before_anybody_looked_is_sent() {
    let mut host = super::Host::new();
    host.give(&open(1)).unwrap();
    for page in ["shop", "goods"] {
        let saved = host.save(page, 2);
        host.give(&saved).unwrap();
    }
    let mut timers = host.state.timers.values();
    let end = timers.find(|timer| timer.purpose == crate::timer::Purpose::DraftExpiry).unwrap().clone();
    host.now = end.due.plus(DAY);
    let submit = host.command(5, 0);
    host.give(&submit).unwrap();
    assert_eq!(host.state.phase, Phase::Running);
    assert_eq!(host.give(&Command::FireTimer { timer: end.id }).unwrap().events, []);
}
