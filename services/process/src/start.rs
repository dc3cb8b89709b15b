//! How a case begins otherwise than with the service's own form: from one that has ended, with what it takes over, or with an officer
//! who takes in what came on paper. How an agency's event begins one: `announced`.

use std::collections::{BTreeMap, BTreeSet};

use api::{Identified, Start, StartKind};
use kernel::{Time, id::PersonId};
use serde_json::{Map, Value};

use crate::{
    Refusal,
    calendar::{Calendar, civil_date, end_of_day},
    case::{Beginning, Carried, CaseState, Origin, Phase, TakenIn},
    paths,
    process::Process,
};

/// What begins with this is an answer of a registry, not a path in the data.
pub const FACTS: &str = "facts.";

/// How whoever signed a paper is identified.
pub const PINFL: &str = "pinfl";
pub const DOCUMENT: &str = "document";
/// By nothing yet: two officers say who it is before it is sent.
pub const NOT_YET: &str = "not-yet";
/// Nobody signed one: an officer begins for the office itself.
pub const EX_OFFICIO: &str = "ex-officio";

/// A way on from an ended case.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Onward<'p> {
    pub start: &'p Start,
    /// The last moment for it; none: there is no limit.
    pub until: Option<Time>,
}

/// The ways on from this case that are open now, in the order of the definition.
pub fn onward<'p>(process: &'p Process, ended: &CaseState, calendar: &Calendar, now: Time) -> Vec<Onward<'p>> {
    let (Phase::Ended, Some(outcome), Some(at)) = (ended.phase, &ended.outcome, ended.ended) else { return Vec::new() };
    let starts = process.definition().spec.starts.iter().filter(|start| start.kind == StartKind::Case);
    let leads = starts.filter(|start| start.from.as_ref().is_some_and(|from| from.outcomes.contains(outcome)));
    let ways = leads.map(|start| Onward { start, until: last_moment(start, at, calendar) });
    ways.filter(|way| way.until.is_none_or(|until| now <= until)).collect()
}

/// Limits are civil days: what may be done within thirty days may be done until the end of the thirtieth.
fn last_moment(start: &Start, ended: Time, calendar: &Calendar) -> Option<Time> {
    let within = start.from.as_ref()?.within?;
    Some(end_of_day(civil_date(calendar.deadline(ended, within))))
}

/// A draft counts when it is sent: one that was begun in time may be too late by then.
pub fn in_time(process: &Process, state: &CaseState, calendar: &Calendar, now: Time) -> Result<(), Refusal> {
    if process.first_step(state).is_none() {
        return Err(Refusal::conflict("start.gone", "The service no longer takes applications of this kind."));
    }
    let Some(origin) = &state.origin else { return Ok(()) };
    let start = process.named_start(&state.start);
    let until = start.and_then(|start| last_moment(start, origin.ended, calendar));
    if until.is_some_and(|until| now > until) {
        return Err(late());
    }
    Ok(())
}

/// Also what is said where the way was never open.
pub fn late() -> Refusal {
    Refusal::conflict("start.late", "This cannot be begun from that application, or the time for it is over.")
}

/// Whether a case may begin so in this revision: what an officer took in by a start of the kind `officer`, anything else not.
pub fn is_of_its_kind(process: &Process, begun: &Beginning) -> bool {
    let by_officer = process.named_start(&begun.start).map(|start| start.kind == StartKind::Officer);
    by_officer == Some(begun.taken_in.is_some()) && process.start_form(&begun.start).is_some()
}

/// The service's way to take in what came on paper.
pub fn on_paper(definition: &api::ServiceDefinition) -> Option<&Start> {
    definition.spec.starts.iter().find(|start| start.kind == StartKind::Officer)
}

/// How whoever signed may be identified, in the words of the contracts, and `ex-officio` where nobody need have applied.
pub fn ways_of(start: &Start) -> Vec<String> {
    let by = |by: Identified| start.identified_by.contains(&by);
    let ways = [
        (PINFL, start.identified_by.is_empty() || by(Identified::Pinfl)),
        (DOCUMENT, by(Identified::ForeignDocument)),
        (NOT_YET, by(Identified::NotYetKnown)),
        (EX_OFFICIO, start.ex_officio),
    ];
    ways.into_iter().filter(|(_, taken)| *taken).map(|(way, _)| way.to_owned()).collect()
}

/// How such a case begins; nothing is carried over.
pub fn taken_in(start: &Start, taken_in: TakenIn) -> Beginning {
    let taken_in = Some(TakenIn { notify: start.notify.clone(), ..taken_in });
    Beginning { start: start.name.clone(), origin: None, taken_in, announced: None, carried: nothing() }
}

pub(crate) fn nothing() -> Carried {
    Carried {
        answers: BTreeMap::new(),
        data: Value::Object(Map::new()),
        prefill: BTreeMap::new(),
        disputed: BTreeSet::new(),
        facts: Map::new(),
        sources: BTreeMap::new(),
    }
}

/// What a case takes along that begins this way; none: the other case has not ended with an outcome.
pub fn beginning(start: &Start, ended: &CaseState) -> Option<Beginning> {
    let origin = Origin {
        case_id: ended.case_id,
        number: ended.number.clone().unwrap_or_default(),
        outcome: ended.outcome.clone()?,
        ended: ended.ended?,
        decision: ended.decision().cloned(),
        decided_by: if same_officers(start) { BTreeSet::new() } else { decided_by(ended) },
        took_part: took_part(ended),
    };
    let carried = carried(&start.carry, ended);
    Some(Beginning { start: start.name.clone(), origin: Some(origin), taken_in: None, announced: None, carried })
}

/// Whether it renews or corrects what was granted: nobody complains, and whoever granted it may decide again.
fn same_officers(start: &Start) -> bool {
    start.from.as_ref().is_some_and(|from| from.same_officers)
}

/// Whoever decided the case or one that it began from, also as the second of two: nobody judges a complaint about themselves.
fn decided_by(ended: &CaseState) -> BTreeSet<PersonId> {
    let before = ended.origin.iter().flat_map(|origin| origin.decided_by.iter().copied());
    let both = ended.decisions.iter().flat_map(|decision| [decision.officer, decision.second]);
    both.flatten().chain(before).collect()
}

/// Whoever had a part in the case, or in one that it began from, besides its applicant: what is carried over need not name them. Whoever
/// typed what came on paper had none.
fn took_part(ended: &CaseState) -> BTreeSet<PersonId> {
    let before = ended.origin.iter().flat_map(|origin| origin.took_part.iter().copied());
    let asked = ended.parties.values().map(|party| party.person).chain(ended.subjects().map(|(subject, _)| subject));
    let acted = ended.applicant.iter().map(|applicant| applicant.actor);
    let applicant = ended.applicant.as_ref().map(|applicant| applicant.person);
    let sent = ended.submitted_by.filter(|by| !ended.is_typed_by(*by));
    let all = asked.chain(acted).chain(sent).chain(ended.acted.iter().copied()).chain(before);
    all.filter(|person| Some(*person) != applicant).collect()
}

fn carried(names: &[String], ended: &CaseState) -> Carried {
    let beneath = |at: &str| names.iter().any(|name| is_beneath(at, name));
    let answers = ended.answers.iter().filter(|(at, _)| beneath(at));
    let mut carried = Carried {
        answers: answers.map(|(at, text)| (at.clone(), meant(ended, text))).collect(),
        data: Value::Object(Map::new()),
        prefill: ended.prefill.iter().filter(|(at, _)| beneath(at)).map(owned).collect(),
        disputed: ended.disputed.iter().filter(|at| beneath(at)).cloned().collect(),
        facts: Map::new(),
        sources: BTreeMap::new(),
    };
    for name in names {
        if let Some(fact) = name.strip_prefix(FACTS) {
            if let Some(value) = ended.facts.get(fact) {
                carried.facts.insert(fact.to_owned(), value.clone());
            }
            if let Some(source) = ended.sources.get(fact) {
                carried.sources.insert(fact.to_owned(), source.clone());
            }
        } else if let Some(value) = paths::get(&ended.data, name) {
            paths::put(&mut carried.data, name, value.clone());
        }
    }
    carried
}

/// The word for an entry of a registry's list means nothing in another case: what it stands for does.
fn meant(ended: &CaseState, text: &str) -> String {
    let mut offered = ended.lists.values().flatten();
    offered.find(|offered| offered.choice == text).map_or_else(|| text.to_owned(), |offered| offered.value.clone())
}

fn owned<K: Clone, V: Clone>((key, value): (&K, &V)) -> (K, V) {
    (key.clone(), value.clone())
}

/// A draft begins with what the other case left to it.
pub(crate) fn take_over(state: &mut CaseState, beginning: &Beginning) {
    let Beginning { start, origin, taken_in, announced, carried } = beginning;
    let Carried { answers, data, prefill, disputed, facts, sources } = carried;
    state.start.clone_from(start);
    state.origin.clone_from(origin);
    state.taken_in.clone_from(taken_in);
    state.announced.clone_from(announced);
    state.answers.clone_from(answers);
    state.data.clone_from(data);
    state.prefill.clone_from(prefill);
    state.disputed.clone_from(disputed);
    state.facts = Value::Object(facts.clone());
    state.sources.clone_from(sources);
}

/// Whether a path in the data is this one or lies beneath it.
pub fn is_beneath(at: &str, path: &str) -> bool {
    at.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use kernel::id::{CaseId, TaskId};
    use serde_json::json;

    use super::*;
    use crate::{
        Command,
        case::{HeldFact, KnownParty, Number, Offered, OfficerDecision, PartyAnswer, Source, Subject, Task},
        decide, event, replay,
        sample::{self, Law},
    };

    fn appeal() -> Start {
        serde_json::from_value(json!({
            "name": "appeal", "kind": "case", "step": "apply",
            "from": {"outcomes": ["rejected"], "within": "30 days"},
            "carry": ["shop", "facts.disability"],
        }))
        .unwrap()
    }

    /// Refused by the officer on Tuesday.
    fn refused() -> CaseState {
        let mut state = CaseState::absent(CaseId::from_bytes([1; 16]));
        (state.phase, state.outcome, state.ended) = (Phase::Ended, Some("rejected".into()), Some(sample::tuesday()));
        state.number = Some("TRA-2026-1".into());
        state.answers = [("shop.opened", "2020-01-01"), ("shopping", "no"), ("goods.kind", "other")]
            .map(|(at, text)| (at.to_owned(), text.to_owned()))
            .into();
        state.data = json!({"shop": {"opened": "2020-01-01", "soato": "1726266"}, "goods": {"kind": "other"}});
        let held = HeldFact { value: json!("1726266"), source: "cadastre/my-shop".into(), read: sample::tuesday() };
        state.prefill.insert("shop.soato".into(), held);
        state.facts = json!({"disability": {"group": 1}, "other": 2});
        let source = Source { source: "social/disability".into(), read: sample::tuesday() };
        state.sources.insert("disability".into(), source);
        state.decisions.push(OfficerDecision {
            task: TaskId::from_bytes([4; 16]),
            step: "review".into(),
            outcome: "refuse".into(),
            reasons: vec!["too-close".into()],
            note: String::new(),
            marked: BTreeMap::new(),
            officer: Some(sample::officer()),
            second: None,
            overtaken: None,
            at: sample::tuesday(),
        });
        state
    }

    fn opened(start: Start) -> (CaseState, Vec<crate::Event>) {
        let (_, state, events) = opened_from(start, &refused());
        (state, events)
    }

    fn opened_from(start: Start, ended: &CaseState) -> (Process, CaseState, Vec<crate::Event>) {
        let mut definition = sample::definition();
        let begun = beginning(&start, ended).unwrap();
        definition.spec.starts = vec![start];
        let process = Process::compile(&definition).unwrap_or_else(|problems| panic!("{problems:?}"));
        let Command::OpenDraft { applicant, language, .. } = sample::open(2) else { unreachable!() };
        let case_id = CaseId::from_bytes([2; 16]);
        let open = Command::OpenDraft {
            case_id,
            applicant,
            language,
            channel: "case".into(),
            beginning: Some(Box::new(begun)),
        };
        let law = Law::new();
        let decision = decide(&process, &CaseState::absent(case_id), &open, &law.at(sample::tuesday(), 0)).unwrap();
        (process, decision.state, decision.events)
    }

    #[test]
    fn only_what_is_named_is_taken_over_and_who_decided_is_known() {
        let (state, _) = opened(appeal());
        assert_eq!(state.answers.keys().collect::<Vec<_>>(), ["shop.opened"], "not `shopping`");
        assert_eq!(state.data, json!({"shop": {"opened": "2020-01-01", "soato": "1726266"}}));
        assert_eq!(state.prefill.keys().collect::<Vec<_>>(), ["shop.soato"]);
        assert_eq!(state.facts, json!({"disability": {"group": 1}}));
        assert_eq!(state.sources.keys().collect::<Vec<_>>(), ["disability"]);
        let origin = state.origin.as_ref().unwrap();
        assert_eq!((origin.number.as_str(), origin.outcome.as_str()), ("TRA-2026-1", "rejected"));
        assert!(origin.decided_by.contains(&sample::officer()));
        assert_eq!((state.start.as_str(), state.channel.as_str()), ("appeal", "case"));
        let nothing = opened(Start { carry: Vec::new(), ..appeal() }).0;
        assert!(nothing.answers.is_empty() && nothing.data == json!({}) && nothing.facts == json!({}));
    }

    #[test]
    fn what_was_taken_over_and_nobody_asks_for_stays_when_the_draft_moves_to_another_revision() {
        let mut ended = refused();
        ended.answers.insert("risk".into(), "low".into());
        ended.data["risk"] = json!("low");
        let start = Start { carry: vec!["shop".into(), "risk".into()], ..appeal() };
        let (process, state, _) = opened_from(start, &ended);
        let mut definition = process.definition().clone();
        definition.spec.title.en = Some("Permit to sell".into());
        let newer = Process::compile(&definition).unwrap_or_else(|problems| panic!("{problems:?}"));
        let law = Law::new();
        let moves = Command::MoveDraft { asked_before: None };
        let moved = decide(&newer, &state, &moves, &law.at(sample::tuesday(), 0)).unwrap().state;
        assert_eq!((moved.revision, moved.answers["risk"].as_str()), (newer.revision(), "low"));
        assert_eq!(moved.data["risk"], json!("low"));
        assert!(moved.prefill == state.prefill && moved.moved.is_none(), "nothing is set aside");
    }

    #[test]
    fn what_was_chosen_from_a_registrys_list_is_taken_over_by_its_value() {
        let mut ended = refused();
        ended.answers.insert("shop.licence".into(), "4f1c".into());
        let offered = Offered { choice: "4f1c".into(), value: "L-7".into(), label: "Food L-7".into() };
        ended.lists.insert("my-licences".into(), vec![offered]);
        let carried = beginning(&appeal(), &ended).unwrap().carried;
        assert_eq!(carried.answers["shop.licence"], "L-7");
    }

    #[test]
    fn both_of_two_officers_are_kept_off_and_another_agencys_opinion_is_not_the_decision() {
        let mut ended = refused();
        ended.agency = "trade".into();
        let (second, expert) = (PersonId::from_bytes([8; 16]), PersonId::from_bytes([9; 16]));
        ended.decisions[0].second = Some(second);
        let asked = TaskId::from_bytes([5; 16]);
        let opinion = OfficerDecision {
            task: asked,
            officer: Some(expert),
            note: "A hazard".into(),
            ..ended.decisions[0].clone()
        };
        ended.decisions.push(opinion);
        let task = Task {
            id: asked,
            step: "opinion".into(),
            activation: 1,
            token: 1,
            agency: "health".into(),
            role: "expert".into(),
            office: None,
            opened: sample::tuesday(),
            due: None,
            allowed: None,
            escalated: false,
            closed: Some(sample::tuesday()),
            claim: None,
            proposal: None,
        };
        ended.tasks.insert(asked, task);
        let origin = beginning(&appeal(), &ended).unwrap().origin.unwrap();
        assert!(origin.decision.unwrap().note.is_empty(), "what the other agency said stays with the officers");
        assert_eq!(origin.decided_by, [sample::officer(), second, expert].into());
    }

    #[test]
    fn a_renewal_may_be_decided_by_whoever_granted_the_first_and_by_nobody_who_had_a_part_in_it() {
        let owner = PersonId::from_bytes([7; 16]);
        let mut granted = refused();
        granted.outcome = Some("granted".into());
        granted.acted.insert(owner);
        let renewal = |same: bool| -> Start {
            let from = json!({"outcomes": ["granted"], "sameOfficers": same});
            serde_json::from_value(json!({"name": "renew", "kind": "case", "step": "apply", "from": from})).unwrap()
        };
        let (_, renewed, _) = opened_from(renewal(true), &granted);
        assert!(!renewed.takes_part(sample::officer()) && renewed.takes_part(owner));
        assert!(renewed.origin.as_ref().unwrap().decision.is_some(), "what was decided is told all the same");
        let (_, silent, _) = opened_from(renewal(false), &granted);
        assert!(silent.takes_part(sample::officer()), "unless the definition says so, nobody does");
        // Who refuses the renewal does not judge the complaint about it.
        let mut refused_again = renewed;
        refused_again.outcome = Some("rejected".into());
        refused_again.ended = Some(sample::tuesday());
        refused_again.decisions.clone_from(&refused().decisions);
        let (_, appealed, _) = opened_from(appeal(), &refused_again);
        assert!(appealed.takes_part(sample::officer()));
    }

    #[test]
    fn whoever_was_asked_in_the_first_case_or_whom_it_was_about_works_on_neither() {
        let mut ended = refused();
        let owner = PersonId::from_bytes([7; 16]);
        let party = KnownParty {
            person: owner,
            number: Number::Pinfl("41503920170217".into()),
            step: "agree".into(),
            form: "consent".into(),
            asked: sample::tuesday(),
            answer: PartyAnswer::Declined,
            changed: sample::tuesday(),
        };
        ended.parties.insert("owner".into(), party);
        let child = PersonId::from_bytes([8; 16]);
        let number = Number::Pinfl("30207880170130".into());
        ended.subjects.insert("child".into(), Subject { number: number.clone(), person: Some(child) });
        ended.subjects.insert("another".into(), Subject { number, person: None });
        let origin = beginning(&appeal(), &ended).unwrap().origin.unwrap();
        assert!(origin.kept_off().eq([&sample::officer(), &owner, &child]));
    }

    #[test]
    fn whoever_sent_the_first_case_for_somebody_else_or_answered_in_it_works_on_neither() {
        let mut ended = refused();
        let (sender, another) = (PersonId::from_bytes([7; 16]), PersonId::from_bytes([8; 16]));
        ended.submitted_by = Some(sender);
        ended.acted.insert(another);
        let origin = beginning(&appeal(), &ended).unwrap().origin.unwrap();
        assert!(origin.kept_off().eq([&sample::officer(), &sender, &another]));
    }

    #[test]
    fn whoever_typed_the_first_case_had_no_part_in_it() {
        let mut ended = refused();
        let (typist, before) = (PersonId::from_bytes([7; 16]), PersonId::from_bytes([8; 16]));
        ended.submitted_by = Some(typist);
        ended.taken_in = Some(TakenIn {
            officer: typist,
            before: [before].into(),
            role: "clerk".into(),
            original: "IN-7/2026".into(),
            mark: None,
            received: None,
            reason: String::new(),
            unidentified: false,
            contact: String::new(),
            identity: None,
            notify: None,
        });
        let origin = beginning(&appeal(), &ended).unwrap().origin.unwrap();
        assert!(origin.kept_off().eq([&sample::officer()]));
    }

    #[test]
    fn its_history_is_read_back_as_it_was_written_and_an_older_one_has_no_beginning() {
        let (state, events) = opened(appeal());
        let stored: Vec<Vec<u8>> = events.iter().map(|event| serde_json::to_vec(event).unwrap()).collect();
        let read: Vec<crate::Event> = stored.iter().map(|event| event::read(event).unwrap()).collect();
        assert!(replay(CaseState::absent(state.case_id), &read) == state);
        let law = Law::new();
        let absent = CaseState::absent(CaseId::from_bytes([3; 16]));
        let plain = decide(&sample::process(), &absent, &sample::open(3), &law.at(sample::tuesday(), 0)).unwrap();
        assert!(!serde_json::to_string(&plain.events[0]).unwrap().contains("beginning"));
        assert!(plain.state.start.is_empty() && plain.state.origin.is_none());
    }

    #[test]
    fn the_way_is_open_until_the_end_of_its_last_day() {
        let mut definition = sample::definition();
        definition.spec.starts = vec![appeal()];
        let process = Process::compile(&definition).unwrap_or_else(|problems| panic!("{problems:?}"));
        let (calendar, ended) = (Calendar::standard(), refused());
        let open = |at: &str| onward(&process, &ended, &calendar, at.parse().unwrap()).len();
        assert_eq!((open("2026-12-24T18:59:59Z"), open("2026-12-24T19:00:00Z")), (1, 0));
        let other = CaseState { outcome: Some("granted".into()), ..ended.clone() };
        let running = CaseState { phase: Phase::Running, ..ended.clone() };
        for state in [other, running] {
            assert!(onward(&process, &state, &calendar, sample::tuesday().plus(Duration::from_secs(1))).is_empty());
        }
    }
}
