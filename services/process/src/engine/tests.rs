//! Whatever comes, in whatever order: no panic, no lost token, no effect twice, no money beyond what was paid.

use std::collections::{BTreeMap, BTreeSet};

use kernel::{
    Hash, Language, Money, Time,
    id::{DocumentId, IntentId, PersonId, RefundId, TaskId},
};
use proptest::prelude::*;
use serde_json::json;

use super::decide;
use crate::{
    ActionResult, CaseState, Command, Decision, OpenAction, Process, Request,
    action::{BookedRefund, IntentState},
    apply,
    case::{PaymentState, Phase, Waiting},
    command::Verdict,
    event::{Event, What},
    replay,
    sample::{Law, applicant, officer, open, process, tuesday},
};

mod announced;
mod claims;
mod compensation;
mod corrections;
mod enclosures;
mod expiry;
mod files;
mod late;
mod money;
mod moved;
mod notes;
mod opinions;
mod paper;
mod parties;
mod promise;
mod questions;
mod recall;
mod results;
mod retry;
mod second;
mod subjects;
mod tables;
mod withdraw;

/// A host without mercy: it keeps every action and command it ever saw, and sends them again.
struct Host {
    process: Process,
    law: Law,
    now: Time,
    state: CaseState,
    history: Vec<Event>,
    sent: Vec<Command>,
    requested: BTreeMap<Hash, OpenAction>,
    captured: BTreeMap<IntentId, i64>,
    /// By which action payments gave an intent's money back.
    given_back: BTreeMap<IntentId, Hash>,
}

impl Host {
    fn new() -> Self {
        let state = CaseState::absent(kernel::id::CaseId::from_bytes([1; 16]));
        Self {
            process: process(),
            law: Law::new(),
            now: tuesday(),
            state,
            history: Vec::new(),
            sent: Vec::new(),
            requested: BTreeMap::new(),
            captured: BTreeMap::new(),
            given_back: BTreeMap::new(),
        }
    }

    /// Judges a command, checks everything that must always hold, and keeps the result.
    fn give(&mut self, command: &Command) -> Option<Decision> {
        self.sent.push(command.clone());
        let facts = self.law.at(self.now, self.sent.len() as u64);
        let judged = decide(&self.process, &self.state, command, &facts);
        assert_eq!(judged, decide(&self.process, &self.state, command, &facts), "the same question, the same answer");
        let decision = judged.ok()?;
        assert!(replay(self.state.clone(), &decision.events) == decision.state, "replay gives the state");
        self.history.extend(decision.events.iter().cloned());
        self.state = decision.state.clone();
        for action in decision.actions() {
            let known = self.requested.insert(action.id, action.clone());
            assert!(known.is_none_or(|known| known.request == action.request), "one id, one request");
        }
        self.check();
        Some(decision)
    }

    fn check(&self) {
        let state = &self.state;
        if state.phase == Phase::Running {
            assert!(!state.tokens.is_empty(), "a running case stands somewhere");
        }
        if state.phase == Phase::Ended {
            assert!(state.tokens.is_empty() && state.open_tasks().next().is_none(), "an ended case stands nowhere");
        }
        for token in state.tokens.values() {
            let named = match &token.waiting {
                Waiting::Nothing => false,
                Waiting::Applicant { form } => self.process.definition().form(form).is_some(),
                Waiting::Party { party, .. } => state.parties.contains_key(party),
                Waiting::Action { action } => state.actions.contains_key(action),
                Waiting::Payment { intent: None, .. } => state.actions.values().any(|action| action.token == token.id),
                Waiting::Payment { intent: Some(intent), .. } => {
                    state.payments.values().flatten().any(|p| p.intent == *intent)
                }
                Waiting::Task { task } => state.tasks.get(task).is_some_and(|task| task.closed.is_none()),
                Waiting::Refunds { actions } => actions.iter().all(|action| state.actions.contains_key(action)),
                Waiting::Message { name } => !name.is_empty(),
                Waiting::Time => state.timers.values().any(|timer| timer.token == token.id),
                Waiting::Branches { open } => {
                    !open.is_empty() && open.iter().all(|branch| state.tokens.contains_key(branch))
                }
                Waiting::Attention { code } => !code.is_empty(),
            };
            assert!(named, "token {token:?} waits for something that is there");
        }
        for payment in state.payments.values().flatten() {
            assert!(payment.refunded.minor <= payment.captured.minor, "never more back than was paid");
            let paid = self.captured.get(&payment.intent).copied().unwrap_or(0);
            assert!(payment.captured.minor <= paid, "never more received than payments says");
        }
        let refunds = state.actions.values().filter_map(|action| match &action.request {
            Request::Refund { intent, .. } => Some((action.token, action.activation, *intent)),
            _ => None,
        });
        let asked: Vec<_> = refunds.collect();
        assert_eq!(asked.len(), asked.iter().collect::<BTreeSet<_>>().len(), "a step asks for a refund once");
    }

    fn intents(&self) -> Vec<IntentId> {
        self.state.payments.values().flatten().map(|payment| payment.intent).collect()
    }

    /// A command made of chance: sensible, stale, doubled or wrong.
    fn command(&mut self, kind: u8, pick: usize) -> Command {
        match kind % 16 {
            0 | 1 => self.complete(pick),
            2 => self.save("shop", pick),
            3 => self.save("goods", pick),
            4 => self.save("licence", pick),
            5 => Command::Submit {
                number: "N-1".into(),
                shown_hash: Hash::of(b"x"),
                by: applicant(),
                language: Language::Ru,
                mandate: None,
                signed_in: None,
            },
            6 => self.verdict(pick),
            7 | 8 => self.decide_task(pick),
            9 if self.state.phase == Phase::Draft && !pick.is_multiple_of(40) => self.save("goods", pick),
            9 => match self.state.timers.values().nth(pick % self.state.timers.len().max(1)) {
                Some(timer) => {
                    self.now = self.now.max(timer.due);
                    Command::FireTimer { timer: timer.id }
                }
                None => Command::FireTimer { timer: Hash::of(b"none") },
            },
            10 => Command::ReceiveMessage { name: "fire-report".into(), body: json!({"n": pick}) },
            11 => {
                let intent = self.intents().get(pick % 3).copied().unwrap_or(IntentId::from_bytes([9; 16]));
                let refund = RefundId::from_bytes([u8::try_from(pick % 4).unwrap(); 16]);
                Command::RefundSettled { intent, refund, amount: Money::uzs(i64::try_from(pick).unwrap() * 1_000_000) }
            }
            12 => self.sent.get(pick % self.sent.len().max(1)).cloned().unwrap_or(Command::DiscardDraft),
            13 if pick.is_multiple_of(30) => Command::Withdraw { by: applicant() },
            14 => {
                let by = if pick.is_multiple_of(2) { officer() } else { PersonId::from_bytes([6; 16]) };
                Command::RetryStep { token: u32::try_from(pick / 2 % 4).unwrap(), by, reason: "again".into() }
            }
            15 if pick.is_multiple_of(60) => Command::DiscardDraft,
            _ => self.complete(pick),
        }
    }

    fn save(&self, page: &str, pick: usize) -> Command {
        let kinds = ["food", "alcohol", "other", "nonsense"];
        let values = [
            ("shop.soato", if pick.is_multiple_of(7) { "x" } else { "1726" }.to_owned()),
            ("shop.opened", "2020-01-01".to_owned()),
            ("goods.kind", kinds[pick % kinds.len()].to_owned()),
            ("goods.stalls", (pick % 4 + 1).to_string()),
            ("goods.licence", "AB-123".to_owned()),
        ];
        let values = values.into_iter().map(|(at, text)| (at.to_owned(), text)).collect();
        Command::SaveAnswers { page: page.to_owned(), values, disputed: BTreeSet::new(), shown: None }
    }

    fn verdict(&mut self, pick: usize) -> Command {
        let intent = self.intents().last().copied().unwrap_or(IntentId::from_bytes([9; 16]));
        let payment = self.state.payments.values().flatten().find(|payment| payment.intent == intent);
        let verdict = match pick % 4 {
            0 => Verdict::Expired,
            1 => Verdict::Cancelled,
            _ => {
                let amount = payment.map_or(Money::ZERO, |payment| payment.amount);
                self.captured.insert(intent, amount.minor);
                Verdict::Captured { amount, at: self.now }
            }
        };
        Command::PaymentVerdict { intent, verdict }
    }

    fn decide_task(&self, pick: usize) -> Command {
        let task = self.state.tasks.keys().nth(pick % self.state.tasks.len().max(1));
        let outcome = ["approve", "refuse", "return", "nonsense"][pick % 4];
        let marked = match outcome {
            "return" => BTreeMap::from([("goods.stalls".to_owned(), "again".to_owned())]),
            _ => BTreeMap::new(),
        };
        Command::DecideTask {
            task: task.copied().unwrap_or(TaskId::from_bytes([9; 16])),
            outcome: outcome.to_owned(),
            reasons: if outcome == "refuse" { vec!["too-close".to_owned()] } else { Vec::new() },
            note: String::new(),
            marked,
            officer: if pick.is_multiple_of(11) { applicant() } else { officer() },
        }
    }

    /// An answer to any action ever requested: right, late, doubled, or of the wrong kind.
    fn complete(&mut self, pick: usize) -> Command {
        let actions: Vec<OpenAction> = match pick % 3 {
            0 => self.requested.values().cloned().collect(),
            _ => self.state.actions.values().cloned().collect(),
        };
        let Some(action) = actions.get(pick % actions.len().max(1)) else {
            return Command::CompleteAction { action_id: Hash::of(b"none"), result: ActionResult::Done };
        };
        let result = match pick % 13 {
            0 => ActionResult::Unavailable { code: "down".into() },
            1 => ActionResult::NotFound,
            2 => ActionResult::Refused { code: "no".into() },
            3 => ActionResult::Unknown { code: "who-knows".into() },
            _ => self.right_answer(action, pick),
        };
        Command::CompleteAction { action_id: action.id, result }
    }

    fn right_answer(&mut self, action: &OpenAction, pick: usize) -> ActionResult {
        match &action.request {
            Request::CallRegistry { .. } => {
                ActionResult::Answered { body: json!({"group": pick % 4}), source: "social/disability".into() }
            }
            Request::ResolveParty { .. } => ActionResult::Person { person: PersonId::from_bytes([4; 16]) },
            Request::CreateIntent { .. } => {
                let state = if pick.is_multiple_of(6) { IntentState::Waived } else { IntentState::Open };
                let intent = IntentId::derived(action.id);
                ActionResult::Intent {
                    intent,
                    state,
                    amount: Money::uzs(1_000),
                    arithmetic: json!({}),
                    refunds: Vec::new(),
                }
            }
            Request::CloseIntent { intent, .. } => {
                let captured = pick.is_multiple_of(2);
                let amount = Money::uzs(if captured { 1_000 } else { 0 });
                if captured {
                    self.captured.insert(*intent, amount.minor);
                }
                let state = if captured { IntentState::Captured } else { IntentState::Cancelled };
                ActionResult::Intent { intent: *intent, state, amount, arithmetic: json!({}), refunds: Vec::new() }
            }
            // Once: whoever asks again learns that nothing is left.
            Request::Refund { intent, .. } => {
                let first = *self.given_back.entry(*intent).or_insert(action.id) == action.id;
                let amount = if first { Money::uzs(1_000) } else { Money::ZERO };
                let (refund, settled) = (RefundId::derived(action.id), !first || pick.is_multiple_of(2));
                ActionResult::Refund { refund, settled, amount }
            }
            Request::IssueDocument { .. } => {
                let document = DocumentId::derived(action.id);
                ActionResult::Document { document, number: "D-1".into(), code: "C".into() }
            }
            Request::RecallDocument { .. } | Request::Notify { .. } | Request::Emit { .. } => ActionResult::Done,
        }
    }
}

/// A submitted case without a fee question left: its payment is open.
fn paying() -> Host {
    paying_of(Host::new())
}

/// A submitted case whose payment step has just asked payments for an intent.
fn before_paying(mut host: Host) -> (Host, OpenAction) {
    host.give(&open(1)).unwrap();
    for page in ["shop", "goods"] {
        let command = host.save(page, 2);
        host.give(&command).unwrap();
    }
    let submit = host.command(5, 0);
    host.give(&submit).unwrap();
    let call = host.state.actions.values().next().unwrap().id;
    host.give(&Command::CompleteAction { action_id: call, result: ActionResult::NotFound }).unwrap();
    let create = host.state.actions.values().next().unwrap().clone();
    (host, create)
}

fn paying_of(host: Host) -> Host {
    let (mut host, create) = before_paying(host);
    let result = host.right_answer(&create, 1);
    host.give(&Command::CompleteAction { action_id: create.id, result }).unwrap();
    assert_eq!(host.state.status(), "paying");
    host
}

#[test]
fn a_decision_sent_twice_is_refused_the_second_time_and_nobody_decides_their_own_case() {
    let mut host = paying();
    let intent = host.intents()[0];
    host.captured.insert(intent, 1_000);
    let verdict = Verdict::Captured { amount: Money::uzs(1_000), at: host.now };
    host.give(&Command::PaymentVerdict { intent, verdict }).unwrap();
    let task = *host.state.tasks.keys().next().unwrap();
    let by = |officer: PersonId| Command::DecideTask {
        task,
        outcome: "approve".into(),
        reasons: Vec::new(),
        note: String::new(),
        marked: BTreeMap::new(),
        officer,
    };
    let refused = |host: &Host, command: &Command| {
        decide(&host.process, &host.state, command, &host.law.at(host.now, 0)).unwrap_err().code
    };
    assert_eq!(refused(&host, &by(applicant())), "task.own-case");
    host.give(&by(officer())).unwrap();
    assert_eq!(refused(&host, &by(officer())), "task.closed");
    assert_eq!(refused(&host, &host.save("goods", 0)), "form.not-open");
}

#[test]
fn a_submitted_case_is_never_run_by_another_revision() {
    let host = paying();
    let mut definition = crate::sample::definition();
    definition.spec.title.en = Some("Another title".into());
    let other = Process::compile(&definition).unwrap();
    assert_ne!(other.revision(), host.process.revision());
    let command = Command::Withdraw { by: applicant() };
    let refusal = decide(&other, &host.state, &command, &host.law.at(host.now, 0)).unwrap_err();
    assert_eq!(refusal.code, "case.other-revision");
}

#[test]
fn a_draft_moves_on_to_the_new_revision_with_its_answers() {
    let mut host = Host::new();
    host.give(&open(1)).unwrap();
    let command = host.save("shop", 1);
    host.give(&command).unwrap();
    let mut definition = crate::sample::definition();
    definition.spec.title.en = Some("Another title".into());
    host.process = Process::compile(&definition).unwrap();
    let command = host.save("goods", 1);
    host.give(&command).unwrap();
    assert_eq!(host.state.revision, host.process.revision());
    assert_eq!(host.state.answers["shop.soato"], "1726");
}

#[test]
fn no_debug_output_shows_what_a_person_typed() {
    let host = paying();
    let shown = format!("{:?} {:?} {:?} {:?}", host.state, host.history, host.sent, host.requested);
    for secret in ["1726", "31203850000015", "Karimova"] {
        assert!(!shown.contains(secret), "{secret}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn any_commands_in_any_order_keep_every_promise(
        submitted in any::<bool>(),
        script in prop::collection::vec((any::<u8>(), 0_usize..10_000), 0..120),
    ) {
        let mut host = if submitted { paying() } else { Host::new() };
        host.give(&open(1));
        for (kind, pick) in script {
            let command = host.command(kind, pick);
            host.give(&command);
        }
        let stored = serde_json::to_string(&host.history).unwrap();
        let read: Vec<Event> = serde_json::from_str(&stored).unwrap();
        prop_assert!(read == host.history);
        let start = CaseState::absent(kernel::id::CaseId::from_bytes([1; 16]));
        let replayed = read.iter().fold(start, apply);
        prop_assert!(replayed == host.state);
        let stored = serde_json::to_string(&host.state).unwrap();
        prop_assert!(serde_json::from_str::<CaseState>(&stored).unwrap() == host.state);
    }

    #[test]
    fn a_result_sent_again_has_no_second_effect(script in prop::collection::vec((any::<u8>(), 0_usize..10_000), 0..60)) {
        let mut host = paying();
        for (kind, pick) in script {
            let command = host.command(kind, pick);
            host.give(&command);
            let unavailable = matches!(
                &command,
                Command::CompleteAction { result: ActionResult::Unavailable { .. }, .. }
            );
            if matches!(command, Command::CompleteAction { .. }) && !unavailable
                && let Some(again) = host.give(&command)
            {
                prop_assert_eq!(again.events, Vec::new());
            }
        }
    }
}
