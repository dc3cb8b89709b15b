//! Another party is asked in their own name: they agree, decline or let the time pass, and nobody answers for them.

use std::collections::BTreeMap;

use kernel::{Hash, Language, id::PersonId};
use serde_json::json;

use crate::{
    ActionResult, CaseState, Command, Decision, Process, Refusal, Request, as_agreed,
    case::{Number, PartyAnswer, Phase, Waiting},
    check, decide,
    event::What,
    forms, paths, replay,
    sample::{self, Law, applicant, officer, offices, tuesday},
    scenario,
};

const RESIDENCE: &str = include_str!("../../sample/residence.yaml");
const OWNER_PINFL: &str = "41503920170217";

fn residence() -> Process {
    let definition = serde_saphyr::from_str(RESIDENCE).unwrap();
    Process::compile(&definition).unwrap_or_else(|problems| panic!("{problems:?}"))
}

fn owner() -> PersonId {
    PersonId::from_bytes([4; 16])
}

fn holds(yaml: &str) {
    let report = scenario::run(&residence(), &offices(), &scenario::parse(yaml).unwrap());
    let failures: Vec<String> = report.failures.iter().map(ToString::to_string).collect();
    assert!(report.passed(), "{}\n{}\n{}", report.title, failures.join("\n"), report.trace.join("\n"));
}

#[test]
fn an_owner_who_agrees_lets_the_case_go_on_with_what_they_answered() {
    holds(
        r#"
title: the owner agrees
when:
  - {answer: {address: "Navoiy 1", owner.pinfl: "41503920170217"}}
  - {submit: {}, expect: {status: asking, notifications: [asked]}}
  - {agree: {consent.agreed: "true", consent.months: "12"}}
then:
  status: granted
  data: {consent.months: 12, consent.agreed: true}
  timeline: [submitted, party-asked, party-consented, ended]
"#,
    );
}

#[test]
fn an_owner_who_declines_or_never_answers_leaves_nothing_that_they_typed() {
    holds(
        r#"
title: the owner declines
when:
  - {answer: {address: "Navoiy 1", owner.pinfl: "41503920170217"}}
  - {submit: {}}
  - {decline: {}}
then: {status: rejected, data: {consent: null}, timeline: [submitted, party-asked, party-declined, ended]}
"#,
    );
    holds(
        r#"
title: the owner does not answer
when:
  - {answer: {address: "Navoiy 1", owner.pinfl: "41503920170217"}}
  - {submit: {}}
  - {wait: 11 days}
then: {status: lapsed, timeline: [submitted, party-asked, party-lapsed, ended]}
"#,
    );
}

#[test]
fn half_an_answer_is_no_consent() {
    holds(
        r#"
title: one question is left
when:
  - {answer: {address: "Navoiy 1", owner.pinfl: "41503920170217"}}
  - {submit: {}}
  - {agree: {consent.agreed: "true"}}
then: {status: asking, refused: case.incomplete, data: {consent: null}}
"#,
    );
}

/// A case that waits for its owner.
struct Asked {
    process: Process,
    law: Law,
    state: CaseState,
    events: Vec<crate::Event>,
}

impl Asked {
    fn new(number: &str) -> Self {
        Self::of(residence(), number)
    }

    fn of(process: Process, number: &str) -> Self {
        let law = Law::new();
        let state = CaseState::absent(kernel::CaseId::from_bytes([1; 16]));
        let mut asked = Self { process, law, state, events: Vec::new() };
        asked.give(&sample::open(1)).unwrap();
        asked.applies(number);
        asked
    }

    fn applies(&mut self, number: &str) {
        let values = [("address", "Navoiy 1"), ("owner.pinfl", number)];
        let values = values.map(|(at, text)| (at.to_owned(), text.to_owned())).into();
        let save = Command::SaveAnswers { page: "where".into(), values, disputed: [].into(), shown: None };
        self.give(&save).unwrap();
        let submit = Command::Submit {
            number: "1".into(),
            shown_hash: Hash::of(b"x"),
            by: applicant(),
            language: Language::Uz,
            mandate: None,
            signed_in: None,
        };
        self.give(&submit).unwrap();
    }

    fn give(&mut self, command: &Command) -> Result<Decision, Refusal> {
        let decision = decide(&self.process, &self.state, command, &self.law.at(tuesday(), 0))?;
        self.state = decision.state.clone();
        self.events.extend(decision.events.iter().cloned());
        assert!(replay(CaseState::absent(self.state.case_id), &self.events) == self.state, "replay gives the state");
        Ok(decision)
    }

    fn resolved(mut self) -> Self {
        let action = self.state.actions.values().next().expect("identity is asked").clone();
        assert!(matches!(&action.request, Request::ResolveParty { number, .. } if number.pinfl() == Some(OWNER_PINFL)));
        let result = ActionResult::Person { person: owner() };
        self.give(&Command::CompleteAction { action_id: action.id, result }).unwrap();
        self
    }

    fn save(&mut self, by: PersonId) -> Result<Decision, Refusal> {
        let seen = self.state.as_asked("owner").expect("the owner is waited for");
        let form = forms::current(&self.process, &seen).unwrap();
        let page = form.page("agree").unwrap();
        let shown = forms::shown_hash(form, page, &seen.prefill, &seen.answers, &seen.disputed);
        let values: BTreeMap<String, String> =
            [("consent.agreed", "true"), ("consent.months", "6"), ("address", "another")]
                .map(|(at, text)| (at.to_owned(), text.to_owned()))
                .into();
        self.give(&Command::SavePartyAnswers { by, page: "agree".into(), values, shown })
    }
}

#[test]
fn nobody_but_the_one_who_is_asked_answers_or_declines() {
    let mut asked = Asked::new(OWNER_PINFL).resolved();
    for other in [applicant(), officer(), PersonId::from_bytes([9; 16])] {
        let consent = Command::Consent { by: other, actor: other, shown_hash: Hash::of(b"x"), language: Language::Uz };
        assert_eq!(asked.give(&consent).unwrap_err().code, "party.not-asked");
        assert_eq!(asked.give(&Command::Decline { by: other, actor: other }).unwrap_err().code, "party.not-asked");
        assert_eq!(asked.save(other).unwrap_err().code, "party.not-asked");
    }
    let values = [("consent.agreed".to_owned(), "true".to_owned())].into();
    let save = Command::SaveAnswers { page: "agree".into(), values, disputed: [].into(), shown: None };
    assert_eq!(asked.give(&save).unwrap_err().code, "form.not-open", "the applicant's own way does not lead there");
}

#[test]
fn an_answer_becomes_data_with_the_consent_and_touches_nothing_else() {
    let mut asked = Asked::new(OWNER_PINFL).resolved();
    asked.save(owner()).unwrap();
    assert_eq!(paths::get(&asked.state.data, "consent"), None, "typed, not agreed to");
    asked
        .give(&Command::Consent { by: owner(), actor: owner(), shown_hash: Hash::of(b"x"), language: Language::Ru })
        .unwrap();
    assert_eq!(asked.state.data["consent"], json!({"agreed": true, "months": 6}));
    assert_eq!(asked.state.data["address"], "Navoiy 1", "the owner's page does not ask for it");
    assert_eq!(asked.state.parties["owner"].answer, PartyAnswer::Consented);
    assert_eq!((asked.state.phase, asked.state.language), (Phase::Ended, Language::Uz));
    let again = asked.give(&Command::Decline { by: owner(), actor: owner() }).unwrap_err();
    assert_eq!(again.code, "party.not-waiting");
}

#[test]
fn an_invitation_that_cannot_be_sent_holds_nobody_up() {
    for result in
        [ActionResult::Done, ActionResult::Refused { code: "x".into() }, ActionResult::Unknown { code: "x".into() }]
    {
        let mut asked = Asked::new(OWNER_PINFL).resolved();
        let invitation = asked.state.actions.values().next().expect("the owner is told").clone();
        assert!(matches!(invitation.request, Request::Notify { recipient: Some(person), .. } if person == owner()));
        asked.give(&Command::CompleteAction { action_id: invitation.id, result }).unwrap();
        let waits = asked.state.tokens.values().all(|token| matches!(token.waiting, Waiting::Party { .. }));
        assert!(waits && !asked.state.tokens.is_empty());
    }
}

#[test]
fn a_case_that_is_taken_back_waits_for_nobody_and_forgets_what_was_typed() {
    let mut asked = Asked::new(OWNER_PINFL).resolved();
    asked.save(owner()).unwrap();
    asked.give(&Command::Withdraw { by: applicant() }).unwrap();
    assert_eq!(asked.state.parties["owner"].answer, PartyAnswer::Lapsed);
    assert!(!asked.state.answers.contains_key("consent.months"));
    assert!(asked.state.actions.is_empty() && asked.state.timers.is_empty());
}

#[test]
fn whoever_is_asked_in_anothers_place_finds_nothing_of_what_that_one_answered() {
    let reviewed = "next: review}
      - name: review
        task:
          role: clerk
          outcomes: [{name: back, label: {uz: Ortga}, next: apply}, {name: approve, label: {uz: Ha}, next: granted}]";
    let text = RESIDENCE.replace("onDeclined: refused, next: granted}", &format!("onDeclined: refused, {reviewed}"));
    let definition = serde_saphyr::from_str(&text).unwrap();
    let process = Process::compile(&definition).unwrap_or_else(|problems| panic!("{problems:?}"));
    let mut asked = Asked::of(process, OWNER_PINFL).resolved();
    asked.save(owner()).unwrap();
    let shown = |asked: &Asked, seen: &CaseState| {
        let review = forms::review_asked(&asked.process, seen, &asked.law.at(tuesday(), 0), "uz").expect("a form");
        review.hash(&[])
    };
    let agreed = |asked: &Asked| as_agreed(CaseState::absent(asked.state.case_id), &asked.events, owner());
    assert!(agreed(&asked).is_none(), "they have not agreed yet");
    let shown_hash = shown(&asked, &asked.state.as_asked("owner").expect("the owner is waited for"));
    asked.give(&Command::Consent { by: owner(), actor: owner(), shown_hash, language: Language::Uz }).unwrap();
    let task = asked.state.open_tasks().next().expect("an officer decides").id;
    let back = Command::DecideTask {
        task,
        outcome: "back".into(),
        reasons: Vec::new(),
        note: "Another owner".into(),
        marked: BTreeMap::new(),
        officer: officer(),
    };
    asked.give(&back).unwrap();
    let values =
        [("address".to_owned(), "Bogʻishamol 7".to_owned()), ("owner.pinfl".to_owned(), OWNER_PINFL.to_owned())];
    let save = Command::SaveAnswers { page: "where".into(), values: values.into(), disputed: [].into(), shown: None };
    asked.give(&save).unwrap();
    let seen = agreed(&asked).expect("they agreed");
    assert_eq!(shown(&asked, &seen), shown_hash, "what they agreed to is what they were shown, whatever became of it");
    asked.applies("30207880170130");
    let action = asked.state.actions.values().next().expect("identity is asked").clone();
    let result = ActionResult::Person { person: PersonId::from_bytes([5; 16]) };
    asked.give(&Command::CompleteAction { action_id: action.id, result }).unwrap();
    assert!(!asked.state.answers.contains_key("consent.months"));
    assert_eq!(paths::get(&asked.state.data, "consent"), None, "nobody has agreed now");
    assert_eq!(asked.give(&Command::Decline { by: owner(), actor: owner() }).unwrap_err().code, "party.not-asked");
}

fn stuck(asked: &Asked) -> Option<String> {
    asked.state.tokens.values().find_map(|token| match &token.waiting {
        Waiting::Attention { code } => Some(code.clone()),
        _ => None,
    })
}

#[test]
fn a_number_that_is_none_asks_for_a_person_and_not_for_anybody() {
    assert_eq!(stuck(&Asked::new("41503920170218")).as_deref(), Some("party.unidentified"));
    let company = Asked::of(of_company(), OWNER_PINFL);
    assert_eq!(stuck(&company).as_deref(), Some("party.unidentified"), "a person's number names no company");
}

/// The sample, in which the dwelling is a company's.
const COMPANY: &str = "kind: company, identifiedBy: [tin], from: owner.pinfl";

fn of_company() -> Process {
    let text = RESIDENCE.replace("identifiedBy: [pinfl], from: owner.pinfl", COMPANY);
    let definition = serde_saphyr::from_str(&text).unwrap();
    Process::compile(&definition).unwrap_or_else(|problems| panic!("{problems:?}"))
}

#[test]
fn a_company_is_found_by_its_tin_and_whoever_answered_for_it_takes_part() {
    let mut asked = Asked::of(of_company(), "301 234 567");
    let action = asked.state.actions.values().next().expect("identity is asked").clone();
    assert!(matches!(&action.request, Request::ResolveParty { number: Number::Tin(tin), .. } if tin == "301234567"));
    let (company, director) = (owner(), PersonId::from_bytes([6; 16]));
    let result = ActionResult::Person { person: company };
    asked.give(&Command::CompleteAction { action_id: action.id, result }).unwrap();
    asked.save(company).unwrap();
    let consent = |by| Command::Consent { by, actor: director, shown_hash: Hash::of(b"x"), language: Language::Uz };
    assert_eq!(asked.give(&consent(director)).unwrap_err().code, "party.not-asked", "they themselves are nobody here");
    assert!(!asked.state.takes_part(director));
    asked.give(&consent(company)).unwrap();
    assert_eq!(asked.state.parties["owner"].answer, PartyAnswer::Consented);
    assert!(asked.state.takes_part(company) && asked.state.takes_part(director));
    let said = asked.events.iter().find_map(|event| match &event.what {
        What::PartyConsented { by, actor, .. } => Some((*by, *actor)),
        _ => None,
    });
    assert_eq!(said, Some((company, Some(director))), "both are kept");
}

#[test]
fn whom_a_case_asks_is_read_back_as_an_older_release_wrote_it() {
    for (asked, number) in [(Asked::new(OWNER_PINFL), "pinfl"), (Asked::of(of_company(), "301234567"), "tin")] {
        let request = &asked.state.actions.values().next().expect("identity is asked").request;
        let mut stored = serde_json::to_value(request).unwrap();
        assert_eq!((&stored["kind"], &stored["party"]), (&json!("resolve-party"), &json!("owner")));
        assert!(stored[number].is_string(), "{stored}");
        assert!(serde_json::from_value::<Request>(stored.clone()).unwrap() == *request);
        stored.as_object_mut().unwrap().remove(number);
        assert!(serde_json::from_value::<Request>(stored).is_err(), "nobody is asked without a number");
    }
    let asked = Asked::new(OWNER_PINFL).resolved();
    let stored = serde_json::to_value(&asked.state.parties["owner"]).unwrap();
    assert_eq!(stored["pinfl"], OWNER_PINFL);
    let event = asked.events.iter().find(|event| matches!(event.what, What::PartyAsked { .. })).unwrap();
    let written = serde_json::to_vec(event).unwrap();
    assert!(crate::event::read(&written).unwrap() == *event);
}

/// What is wrong with the sample once `from` in it is `to`.
fn judged(from: &str, to: &str) -> Vec<&'static str> {
    assert!(RESIDENCE.contains(from), "{from}");
    let report = check::check(&RESIDENCE.replace(from, to), "service.yaml", &check::Options::default());
    let errors = report.problems.into_iter().filter(|problem| problem.severity == check::Severity::Error);
    errors.map(|problem| problem.code).collect()
}

#[test]
fn a_company_that_is_asked_is_known_by_its_tin_and_is_not_the_one_that_applies() {
    let known = "identifiedBy: [pinfl], from: owner.pinfl";
    assert!(judged(known, COMPANY).is_empty(), "{:?}", judged(known, COMPANY));
    for (to, code) in [
        ("kind: company, identifiedBy: [pinfl], from: owner.pinfl", "definition.not-built"),
        ("kind: company, from: owner.pinfl", "party.unidentified"),
        ("kind: company, identifiedBy: [tin], from: applicant", "definition.not-built"),
    ] {
        assert!(judged(known, to).contains(&code), "{to}: {:?}", judged(known, to));
    }
}

#[test]
fn whom_a_step_asks_can_be_found_is_told_and_may_decline() {
    assert!(judged("owner", "owner").is_empty(), "{:?}", judged("owner", "owner"));
    for (from, to, code) in [
        ("who: owner", "who: landlord", "party.unknown"),
        ("invite: asked, ", "", "party.no-invitation"),
        ("onDeclined: refused, ", "onDeclined: granted, ", "process.unreachable-step"),
        ("from: owner.pinfl", "from: owner.tin", "party.unknown-source"),
        ("from: owner.pinfl", "from: facts.dwelling.owner", "party.unknown-source"),
        ("{at: owner.pinfl, ", "{at: owner.pinfl, optional: true, ", "party.not-identified-before"),
        ("identifiedBy: [pinfl], from: owner.pinfl", "from: owner.pinfl", "party.unidentified"),
        ("identifiedBy: [pinfl], from: owner.pinfl", "identifiedBy: [tin], from: owner.pinfl", "definition.not-built"),
        ("tells: [address]", "tells: [consent.months]", "party.unknown-told"),
        ("{at: consent.months, ", "{at: address, ", "party.shared-field"),
        ("form: application", "form: application, invite: asked", "party.useless"),
    ] {
        assert!(judged(from, to).contains(&code), "{to}: {:?}", judged(from, to));
    }
}
