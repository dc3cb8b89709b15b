//! A draft that meets another revision keeps what fits, sets aside what does not, and says what changed.

use std::collections::{BTreeMap, BTreeSet};

use kernel::Language;

use crate::{
    CaseState, Command, Decision, Process, Refusal, decide,
    event::What,
    forms, paths, replay,
    sample::{Law, SERVICE, applicant, open, tuesday},
};

/// The permit without the shop's phone, with fewer stalls and with a guard.
fn stricter() -> Process {
    let changes = [
        ("            phone: {type: string, maxLength: 13}\n", ""),
        ("            - {at: shop.phone, label: {en: Phone}, input: phone, optional: true}\n", ""),
        ("maximum: 50}\n", "maximum: 2}\n            guard: {type: string, maxLength: 40}\n"),
        (
            "            - {at: goods.stalls, label: {en: Stalls}}\n",
            "            - {at: goods.stalls, label: {en: Stalls}}\n            - {at: goods.guard, label: {en: Guard}}\n",
        ),
    ];
    let source = changes.iter().fold(SERVICE.to_owned(), |source, (old, new)| {
        assert!(source.contains(old), "{old}");
        source.replacen(old, new, 1)
    });
    let definition: api::ServiceDefinition = serde_saphyr::from_str(&source).unwrap();
    Process::compile(&definition).unwrap_or_else(|problems| panic!("{problems:?}"))
}

struct Draft {
    law: Law,
    state: CaseState,
}

impl Draft {
    /// All pages are answered.
    fn filled_in(process: &Process) -> Self {
        let state = CaseState::absent(kernel::id::CaseId::from_bytes([1; 16]));
        let mut draft = Self { law: Law::new(), state };
        draft.give(process, &open(1)).unwrap();
        let shop = [("shop.soato", "1726"), ("shop.opened", "2020-01-01"), ("shop.phone", "+998901112233")];
        draft.save(process, "shop", &shop);
        draft.save(process, "goods", &[("goods.kind", "food"), ("goods.stalls", "3")]);
        assert!(draft.incomplete(process).is_empty());
        draft
    }

    fn give(&mut self, process: &Process, command: &Command) -> Result<Decision, Refusal> {
        let decision = decide(process, &self.state, command, &self.law.at(tuesday(), 0))?;
        assert!(replay(self.state.clone(), &decision.events) == decision.state, "replay gives the state");
        let stored = serde_json::to_string(&decision.state).unwrap();
        assert!(serde_json::from_str::<CaseState>(&stored).unwrap() == decision.state, "it is read as it was written");
        self.state = decision.state.clone();
        Ok(decision)
    }

    fn save(&mut self, process: &Process, page: &str, values: &[(&str, &str)]) {
        let values: BTreeMap<String, String> =
            values.iter().map(|(at, text)| ((*at).to_owned(), (*text).to_owned())).collect();
        let command = Command::SaveAnswers { page: page.to_owned(), values, disputed: BTreeSet::new(), shown: None };
        self.give(process, &command).unwrap();
    }

    fn moves(&mut self, before: &Process, process: &Process) {
        let fields = before.start_form("").unwrap().fields();
        let asked_before = Some(fields.map(|(_, field)| field.at.clone()).collect());
        let decision = self.give(process, &Command::MoveDraft { asked_before }).unwrap();
        assert!(matches!(decision.events[0].what, What::DraftMoved { .. }));
    }

    fn submit(&mut self, process: &Process) -> Result<Decision, Refusal> {
        let command = Command::Submit {
            number: "N-1".into(),
            shown_hash: kernel::Hash::of(b"x"),
            by: applicant(),
            language: Language::En,
            mandate: None,
            signed_in: None,
        };
        self.give(process, &command)
    }

    fn incomplete(&self, process: &Process) -> Vec<String> {
        let facts = self.law.at(tuesday(), 0);
        let form = forms::current(process, &self.state).unwrap();
        let assessment = forms::assess(process, &self.state, &facts, form);
        forms::sequence(&self.state, form, &assessment).incomplete
    }

    fn unsettled(&self, process: &Process) -> (Vec<String>, Vec<String>) {
        let unsettled = forms::unsettled(process, &self.state, &self.law.at(tuesday(), 0), "en");
        let paths = |places: Vec<forms::FieldPlace>| places.into_iter().map(|place| place.at).collect();
        (paths(unsettled.invalid), paths(unsettled.added))
    }
}

#[test]
fn a_draft_keeps_what_fits_and_says_what_is_gone_wrong_or_new() {
    let (old, new) = (crate::sample::process(), stricter());
    let mut draft = Draft::filled_in(&old);
    draft.moves(&old, &new);
    let state = &draft.state;
    assert_eq!((state.revision, state.answers["shop.soato"].as_str()), (new.revision(), "1726"));
    let moved = state.moved.as_ref().unwrap();
    assert_eq!(moved.dropped.keys().collect::<Vec<_>>(), ["shop.phone"]);
    assert_eq!(moved.dropped["shop.phone"].revision, old.revision());
    assert_eq!(moved.invalid["goods.stalls"], "field.maximum");
    assert!(!moved.told);
    assert!(paths::get(&state.data, "shop.phone").is_none(), "nothing of it is left in the data");
    assert_eq!(draft.unsettled(&new), (vec!["goods.stalls".to_owned()], vec!["goods.guard".to_owned()]));
    assert_eq!(draft.incomplete(&new), ["goods"], "pages that still fit stay answered");
    let again = draft.give(&new, &Command::MoveDraft { asked_before: None }).unwrap();
    assert!(again.events.is_empty(), "it moves once");
}

#[test]
fn what_was_corrected_is_not_told_any_more_and_the_new_revision_alone_counts() {
    let (old, new) = (crate::sample::process(), stricter());
    let mut draft = Draft::filled_in(&old);
    draft.moves(&old, &new);
    assert_eq!(draft.submit(&new).unwrap_err().code, "case.incomplete");
    draft.save(&new, "goods", &[("goods.kind", "food"), ("goods.stalls", "2"), ("goods.guard", "Karimov")]);
    assert!(draft.state.moved.as_ref().unwrap().told, "whoever went on has seen it");
    assert_eq!(draft.unsettled(&new), (Vec::new(), Vec::new()));
    draft.submit(&new).unwrap();
    assert!(draft.state.moved.is_none(), "what was set aside goes with the submission");
    let stored = serde_json::to_string(&draft.state).unwrap();
    assert!(!stored.contains("+998901112233"), "nothing of the dropped answer is left in the state");
}

#[test]
fn an_application_is_not_sent_under_a_revision_it_was_not_checked_under() {
    let (old, new) = (crate::sample::process(), stricter());
    let mut draft = Draft::filled_in(&old);
    assert_eq!(draft.submit(&new).unwrap_err().code, "case.draft-moved");
    assert_eq!(draft.state.revision, old.revision(), "a refusal changes nothing");
    draft.submit(&old).unwrap();
}

#[test]
fn a_revision_that_is_taken_back_brings_the_answers_back() {
    let (old, new) = (crate::sample::process(), stricter());
    let mut draft = Draft::filled_in(&old);
    let before = draft.state.answers.clone();
    draft.moves(&old, &new);
    draft.moves(&new, &old);
    assert!(draft.state.answers == before, "as they were");
    assert!(draft.state.moved.is_none(), "and there is nothing to tell");
    assert!(paths::get(&draft.state.data, "shop.phone").is_some());
}

#[test]
fn where_the_old_form_is_not_known_an_answered_page_shows_what_it_lacked() {
    let (old, new) = (crate::sample::process(), stricter());
    let mut draft = Draft::filled_in(&old);
    draft.give(&new, &Command::MoveDraft { asked_before: None }).unwrap();
    assert_eq!(draft.unsettled(&new).1, ["goods.guard"]);
    let mut fresh = Draft { law: Law::new(), state: CaseState::absent(kernel::id::CaseId::from_bytes([2; 16])) };
    fresh.give(&old, &open(2)).unwrap();
    fresh.moves(&old, &new);
    assert!(fresh.state.moved.is_none(), "a form that nobody filled in is simply the new one");
}
