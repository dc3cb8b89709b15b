//! Whom a case is about and nobody asks is found once it was sent, and answers nothing.

use kernel::{Hash, Language, id::PersonId};
use serde_json::json;

use crate::{
    ActionResult, CaseState, Command, OpenAction, Process, Request,
    case::Number,
    check, decide, replay,
    sample::{self, Law, applicant, tuesday},
};

const RESIDENCE: &str = include_str!("../../sample/residence.yaml");
const OWNER_PINFL: &str = "41503920170217";
const CHILD_PINFL: &str = "30207880170130";

/// The sample, with what happened in it.
struct Case {
    process: Process,
    law: Law,
    state: CaseState,
    events: Vec<crate::Event>,
}

impl Case {
    /// Filled in, not sent.
    fn of_child(number: &str) -> Self {
        Self::filled_in(RESIDENCE, number)
    }

    /// An officer has sent it back to be corrected; identity has said who the child is.
    fn returned() -> Self {
        let review = "form: application, next: review}
      - {name: review, task: {role: police, deadline: 2 working days, outcomes: [{name: approve, label: {en: Yes}, next: agree}, {name: return, label: {en: Return}, next: apply}]}}";
        let reviewed = RESIDENCE.replace("form: application, next: agree}", review);
        let mut case = Self::filled_in(&reviewed, CHILD_PINFL).sent();
        let asked = case.asked().remove(0);
        case.answer(&asked, ActionResult::Person { person: child() });
        let task = case.state.open_tasks().next().unwrap().id;
        case.give(&Command::DecideTask {
            task,
            outcome: "return".into(),
            reasons: Vec::new(),
            note: "Whose number is this?".into(),
            marked: [].into(),
            officer: sample::officer(),
        });
        case
    }

    fn filled_in(definition: &str, number: &str) -> Self {
        let definition = serde_saphyr::from_str(definition).unwrap();
        let process = Process::compile(&definition).unwrap_or_else(|problems| panic!("{problems:?}"));
        let state = CaseState::absent(kernel::CaseId::from_bytes([1; 16]));
        let mut case = Self { process, law: Law::new(), state, events: Vec::new() };
        case.give(&sample::open(1));
        case.save(number);
        case
    }

    fn save(&mut self, number: &str) {
        let values = [("address", "Navoiy 1"), ("owner.pinfl", OWNER_PINFL), ("child", number)];
        let values = values.map(|(at, text)| (at.to_owned(), text.to_owned())).into();
        self.give(&Command::SaveAnswers { page: "where".into(), values, disputed: [].into(), shown: None });
    }

    fn sent(mut self) -> Self {
        self.give(&Command::Submit {
            number: "1".into(),
            shown_hash: Hash::of(b"x"),
            by: applicant(),
            language: Language::Uz,
            mandate: None,
            signed_in: None,
        });
        self
    }

    fn give(&mut self, command: &Command) {
        let decision = decide(&self.process, &self.state, command, &self.law.at(tuesday(), 0)).unwrap();
        self.state = decision.state;
        self.events.extend(decision.events);
    }

    fn answer(&mut self, action: &OpenAction, result: ActionResult) {
        self.give(&Command::CompleteAction { action_id: action.id, result });
    }

    /// What identity is asked of the child.
    fn asked(&self) -> Vec<OpenAction> {
        let of_child =
            |action: &&OpenAction| matches!(&action.request, Request::ResolveParty { party, .. } if party == "child");
        self.state.actions.values().filter(of_child).cloned().collect()
    }
}

fn child() -> PersonId {
    PersonId::from_bytes([5; 16])
}

#[test]
fn whom_a_case_is_about_is_found_once_it_was_sent_and_takes_part_without_being_asked() {
    let case = Case::of_child(CHILD_PINFL);
    assert!(case.asked().is_empty(), "a draft may never be sent");
    let mut case = case.sent();
    let asked = case.asked();
    assert_eq!(asked.len(), 1);
    let number = Number::Pinfl(CHILD_PINFL.into());
    assert!(matches!(&asked[0].request, Request::ResolveParty { number: known, .. } if *known == number));
    assert_eq!(case.state.actions.len(), 2, "the case goes its way meanwhile: the owner is looked for");
    assert!(!case.state.takes_part(child()));
    case.answer(&asked[0], ActionResult::Person { person: child() });
    assert!(case.state.subjects().eq([(child(), &number)]));
    assert!(case.state.takes_part(child()) && case.state.part_of(child()).is_none());
    assert!(!case.state.parties.contains_key("child"), "no page shows them among those who are asked");
    assert!(case.asked().is_empty(), "once");
    let absent = CaseState::absent(case.state.case_id);
    assert!(replay(absent, &case.events) == case.state, "replay gives the state");
    let stored = serde_json::to_vec(&case.state).unwrap();
    assert!(serde_json::from_slice::<CaseState>(&stored).unwrap() == case.state, "and so does what is stored");
}

#[test]
fn another_number_is_another_person_and_a_late_answer_about_the_first_counts_for_nothing() {
    let mut case = Case::of_child(OWNER_PINFL).sent();
    let first = case.asked().remove(0);
    case.state.data["child"] = json!(CHILD_PINFL);
    let owner = case.state.actions.values().find(|action| action.step == "agree").cloned().unwrap();
    case.answer(&owner, ActionResult::Person { person: PersonId::from_bytes([4; 16]) });
    assert_eq!(case.asked().len(), 2, "whoever has the other number is asked for, too");
    case.answer(&first, ActionResult::Person { person: PersonId::from_bytes([9; 16]) });
    assert!(case.state.subjects().next().is_none());
    let second = case.asked().remove(0);
    case.answer(&second, ActionResult::Person { person: child() });
    assert!(case.state.subjects().map(|(person, _)| person).eq([child()]));
}

#[test]
fn what_is_typed_in_a_correction_looks_for_nobody_until_it_is_sent_again() {
    for sent_again in [true, false] {
        let mut case = Case::returned();
        assert!(case.state.returned.is_some());
        case.save(OWNER_PINFL);
        assert_eq!(case.state.data["child"], OWNER_PINFL, "it is kept");
        assert!(
            case.asked().is_empty() && case.state.takes_part(child()),
            "whom it was sent about still reads who looks"
        );
        if sent_again {
            case = case.sent();
            assert_eq!(case.asked().len(), 1);
            assert!(!case.state.takes_part(child()), "it is about another one now");
        } else {
            case.give(&Command::Withdraw { by: applicant() });
            assert_eq!(case.state.outcome.as_deref(), Some("withdrawn"));
            assert!(case.asked().is_empty() && case.state.takes_part(child()));
        }
    }
}

#[test]
fn identity_that_is_away_is_asked_again_however_long_it_takes() {
    let mut case = Case::of_child(CHILD_PINFL).sent();
    for _ in 0..200 {
        let asked = case.asked().pop().expect("it is asked again");
        case.answer(&asked, ActionResult::Unavailable { code: "down".into() });
    }
    let asked = case.asked().pop().expect("it is asked again");
    case.answer(&asked, ActionResult::Person { person: child() });
    assert!(case.state.takes_part(child()));
}

#[test]
fn a_number_that_is_none_and_no_number_look_for_nobody() {
    for number in ["", "30207880170131"] {
        let case = Case::of_child(number).sent();
        assert!(case.asked().is_empty() && case.state.subjects.is_empty(), "{number}");
    }
}

#[test]
fn whoever_is_neither_asked_nor_found_is_pointed_out() {
    let judged = |text: &str| {
        let report = check::check(text, "service.yaml", &check::Options::default());
        report.problems.into_iter().filter(|problem| problem.code == "party.useless").count()
    };
    assert_eq!(judged(RESIDENCE), 0);
    assert_eq!(judged(&RESIDENCE.replace("identifiedBy: [pinfl], from: child", "from: child")), 1);
    assert_eq!(judged(&RESIDENCE.replace("identifiedBy: [pinfl], from: child", "identifiedBy: [pinfl]")), 1);
    let declared = RESIDENCE.replace("  parties:\n", "  parties:\n    - {name: applicant, identifiedBy: [pinfl]}\n");
    assert!(declared != RESIDENCE && judged(&declared) == 0, "whoever applies is known");
}
