//! The simulated world of a scenario: a clock that only `wait` moves, registries that answer as told, a small ledger.

use std::collections::{BTreeMap, BTreeSet};

use kernel::{
    Hash, Money, Time,
    id::{CaseId, DocumentId, IntentId, PersonId, RefundId},
};
use serde_json::{Map, Value, json};

use super::{Channel, Given, RegistryAnswer};
use crate::{
    ActionResult, Command, Facts, OpenAction, Process, Refusal, Request,
    action::{BookedRefund, IntentState},
    announced,
    calendar::Calendar,
    case::{Announced, Applicant, Beginning, CaseState, TakenIn},
    command::{PrefillResult, Verdict},
    decide,
    event::{Chosen, What},
    fees::{self, Inputs},
    forms,
    reference::Reference,
    start,
};

/// Actions and timers one `when` may set off; a service that goes in circles is stopped here.
const WORK_MAX: u32 = 5_000;

pub struct World<'a> {
    pub process: &'a Process,
    reference: &'a Reference,
    calendar: &'a Calendar,
    offices: &'a [api::Office],
    given: &'a Given,
    pub now: Time,
    pub state: CaseState,
    pending: Vec<OpenAction>,
    registries: Vec<RegistryAnswer>,
    asked: BTreeMap<String, u32>,
    pub intents: BTreeMap<IntentId, Intent>,
    pub notifications: Vec<String>,
    pub calls: Vec<String>,
    pub emitted: Vec<String>,
    pub refusal: Option<Refusal>,
    pub trace: Vec<String>,
    pub disputed: Vec<String>,
    /// Steps that cases before this one entered, and rules of tables that held: `step/rule`.
    pub covered: BTreeSet<String>,
}

/// One intent in the scenario's ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Intent {
    pub state: IntentState,
    pub amount: Money,
    pub captured: Money,
    pub refunded: Money,
}

impl<'a> World<'a> {
    pub fn new(
        process: &'a Process,
        reference: &'a Reference,
        calendar: &'a Calendar,
        offices: &'a [api::Office],
        given: &'a Given,
    ) -> Self {
        Self {
            process,
            reference,
            calendar,
            offices,
            given,
            now: given.at,
            state: CaseState::absent(CaseId::from_bytes([1; 16])),
            pending: Vec::new(),
            registries: given.registries.clone(),
            asked: BTreeMap::new(),
            intents: BTreeMap::new(),
            notifications: Vec::new(),
            calls: Vec::new(),
            emitted: Vec::new(),
            refusal: None,
            trace: Vec::new(),
            disputed: Vec::new(),
            covered: BTreeSet::new(),
        }
    }

    pub fn facts(&self) -> Facts<'a> {
        Facts {
            now: self.now,
            jitter: self.state.events,
            reference: self.reference,
            calendar: self.calendar,
            offices: self.offices,
            era: 0,
        }
    }

    pub fn applicant() -> PersonId {
        PersonId::from_bytes([2; 16])
    }

    /// Whoever decides, and has decided nothing of the case that this one began from.
    pub fn officer(&self) -> PersonId {
        self.without_part([3, 7, 9])
    }

    /// Who checks what the officer proposes.
    pub fn second(&self) -> PersonId {
        self.without_part([4, 8, 10])
    }

    /// The first of them who has no part in the case; where all have one, the engine says so.
    fn without_part(&self, of: [u8; 3]) -> PersonId {
        let known = of.map(|number| PersonId::from_bytes([number; 16]));
        known.into_iter().find(|one| !self.state.takes_part(*one)).unwrap_or(known[0])
    }

    /// Who types what came on paper, and decides none of it.
    pub fn clerk() -> PersonId {
        PersonId::from_bytes([6; 16])
    }

    /// Whoever has the number of a party.
    pub fn party() -> PersonId {
        PersonId::from_bytes([5; 16])
    }

    fn subject() -> PersonId {
        PersonId::from_bytes([11; 16])
    }

    /// Opens the draft when there is none, with what the registries know filled in.
    pub fn open(&mut self) {
        if self.state.events > 0 {
            return;
        }
        let case_id = self.state.case_id;
        let (channel, reason) = match self.given.channel {
            Channel::Web => return self.open_draft(case_id, "web", None),
            Channel::Paper => ("paper", String::new()),
            Channel::ExOfficio => (start::EX_OFFICIO, "as the scenario says".to_owned()),
        };
        let Some(by) = start::on_paper(self.process.definition()) else {
            self.trace.push("open: refused".to_owned());
            self.refusal = Some(start::late());
            return;
        };
        let taken = TakenIn {
            officer: Self::clerk(),
            role: by.role.clone().unwrap_or_default(),
            original: if reason.is_empty() { "TEST-1".to_owned() } else { String::new() },
            unidentified: self.given.channel == Channel::ExOfficio,
            mark: None,
            received: None,
            before: BTreeSet::new(),
            contact: String::new(),
            identity: None,
            notify: None,
            reason,
        };
        self.open_draft(case_id, channel, Some(Box::new(start::taken_in(by, taken))));
    }

    /// Begins another case from the one that has ended, which is looked at no more. A refusal is kept.
    pub fn begin(&mut self, name: &str) {
        let ways = start::onward(self.process, &self.state, self.calendar, self.now);
        let way = ways.into_iter().find(|way| way.start.name == name);
        let Some(beginning) = way.and_then(|way| start::beginning(way.start, &self.state)) else {
            self.trace.push("begin: refused".to_owned());
            self.refusal = Some(start::late());
            return;
        };
        self.covered.extend(self.state.activations.keys().cloned());
        let case_id = CaseId::derived(Hash::of(self.state.case_id.as_bytes()));
        self.state = CaseState::absent(case_id);
        self.disputed.clear();
        self.open_draft(case_id, "case", Some(Box::new(beginning)));
    }

    /// An agency's event begins the case. What a host would put on record instead of it is a refusal here.
    pub fn announce(&mut self, start: &str, data: &Value) {
        let begun = announced::ways(self.process.definition()).find(|way| way.start.name == start);
        let said = begun.ok_or_else(start::late).and_then(|way| {
            let said = announced::said(way.event, data.to_string().as_bytes())?;
            Ok((way, said))
        });
        let (way, said) = match said {
            Ok(said) => said,
            Err(refusal) => {
                self.trace.push(format!("announce: refused, {}", refusal.code));
                self.refusal = Some(refusal);
                return;
            }
        };
        let applicant = Applicant {
            person: Self::applicant(),
            actor: Self::applicant(),
            mandate: None,
            assurance: "none".to_owned(),
            profile: self.given.applicant.clone(),
        };
        let (agency, event) = (way.agency.to_owned(), way.event.name.clone());
        self.command(&Command::BeginFromEvent {
            case_id: self.state.case_id,
            applicant,
            language: self.given.language,
            number: "TEST-2026-1".to_owned(),
            start: way.start.name.clone(),
            announced: Announced { agency, event, id: "TEST-1".to_owned(), at: self.now },
            said,
        });
    }

    fn open_draft(&mut self, case_id: CaseId, channel: &str, beginning: Option<Box<Beginning>>) {
        let profile = match self.given.channel {
            Channel::Web | Channel::Paper => self.given.applicant.clone(),
            Channel::ExOfficio => Map::new(),
        };
        let applicant = Applicant {
            person: Self::applicant(),
            actor: Self::applicant(),
            mandate: None,
            assurance: "high".to_owned(),
            profile,
        };
        let (language, channel) = (self.given.language, channel.to_owned());
        self.command(&Command::OpenDraft { case_id, applicant, language, channel, beginning });
        for wanted in forms::wanted(self.process, &self.state) {
            let result = match self.ask(&wanted.registry, &wanted.operation) {
                ActionResult::Answered { body, .. } => PrefillResult::Found { body },
                ActionResult::NotFound => PrefillResult::NotFound,
                _ => PrefillResult::Unavailable,
            };
            let (registry, operation) = (wanted.registry, wanted.operation);
            self.command(&Command::RecordPrefill { registry, operation, result });
        }
    }

    /// Gives a command to the engine and lets the world answer what follows from it. Says whether it was accepted.
    pub fn command(&mut self, command: &Command) -> bool {
        let decision = match decide(self.process, &self.state, command, &self.facts()) {
            Ok(decision) => decision,
            Err(refusal) => {
                self.trace.push(format!("{}: refused, {}", command.name(), refusal.code));
                self.refusal = Some(refusal);
                return false;
            }
        };
        self.refusal = None;
        self.trace.push(command.name().to_owned());
        let closed = decision.closed_actions();
        self.pending.retain(|action| !closed.contains(&action.id));
        for action in decision.actions() {
            self.pending.retain(|known| known.id != action.id);
            self.pending.push(action);
        }
        for event in &decision.events {
            if let What::Chosen(Chosen { step, fired, .. }) = &event.what {
                self.covered.extend(fired.iter().map(|rule| format!("{step}/{rule}")));
            }
        }
        self.state = decision.state;
        true
    }

    /// Performs every action that is due, and those that follow.
    pub fn settle(&mut self) -> Result<(), String> {
        for _ in 0..WORK_MAX {
            let now = self.now;
            let due = self.pending.iter().position(|action| action.not_before.is_none_or(|at| at <= now));
            let Some(index) = due else { return Ok(()) };
            let action = self.pending.remove(index);
            self.perform(&action);
        }
        Err("the service goes in circles without waiting for anything".to_owned())
    }

    /// Moves the clock; timers fire and delayed actions run at their own moments on the way.
    pub fn pass(&mut self, until: Time) -> Result<(), String> {
        for _ in 0..WORK_MAX {
            self.settle()?;
            let timer = self.state.timers.values().map(|timer| (timer.due, timer.id)).min();
            let action = self.pending.iter().filter_map(|action| action.not_before).min();
            let next = timer.map(|(due, _)| due).into_iter().chain(action).min();
            let Some(moment) = next.filter(|at| *at <= until) else {
                self.now = until;
                return self.settle();
            };
            self.now = self.now.max(moment);
            if let Some((due, id)) = timer
                && due <= self.now
            {
                self.command(&Command::FireTimer { timer: id });
            }
        }
        Err("the service goes in circles without waiting for anything".to_owned())
    }

    fn perform(&mut self, action: &OpenAction) {
        self.trace.push(format!("{} of {}", action.request.name(), action.step));
        let result = match &action.request {
            Request::CallRegistry { registry, operation, .. } => self.ask(registry, operation),
            // Whom the case is only about is somebody else than whoever is asked.
            Request::ResolveParty { .. } if action.step.is_empty() => ActionResult::Person { person: Self::subject() },
            Request::ResolveParty { .. } => ActionResult::Person { person: Self::party() },
            Request::CreateIntent { fee, inputs, .. } => self.create_intent(action, fee, inputs),
            Request::CloseIntent { intent, .. } => self.close_intent(*intent),
            Request::Refund { intent, .. } => self.refund(action, *intent),
            Request::IssueDocument { .. } => ActionResult::Document {
                document: DocumentId::derived(action.id),
                number: format!("D-{}", self.state.documents.len() + 1),
                code: "TEST".to_owned(),
            },
            Request::RecallDocument { .. } => ActionResult::Done,
            Request::Notify { notification, recipient, .. } => {
                // To an applicant whom identity does not know nobody can write.
                if recipient.is_some() || self.state.is_identified() {
                    self.notifications.push(notification.clone());
                }
                ActionResult::Done
            }
            Request::Emit { event, .. } => return self.emitted.push(event.clone()),
        };
        let booked = match &result {
            ActionResult::Intent { refunds, .. } => refunds.clone(),
            _ => Vec::new(),
        };
        self.command(&Command::CompleteAction { action_id: action.id, result });
        for BookedRefund { intent, refund, amount } in booked {
            self.command(&Command::RefundSettled { intent, refund, amount });
        }
    }

    pub fn set_registry(&mut self, answer: RegistryAnswer) {
        self.registries.retain(|known| known.registry != answer.registry || known.operation != answer.operation);
        self.asked.remove(&format!("{}/{}", answer.registry, answer.operation));
        self.registries.push(answer);
    }

    fn ask(&mut self, registry: &str, operation: &str) -> ActionResult {
        let source = format!("{registry}/{operation}");
        let asked = self.asked.entry(source.clone()).or_default();
        *asked += 1;
        let known = self.registries.iter().find(|known| known.registry == registry && known.operation == operation);
        let Some(known) = known else { return ActionResult::NotFound };
        if known.down || *asked <= known.unavailable {
            return ActionResult::Unavailable { code: "registry.down".to_owned() };
        }
        self.calls.push(source.clone());
        match &known.answer {
            Some(body) => ActionResult::Answered { body: body.clone(), source },
            None => ActionResult::NotFound,
        }
    }

    fn create_intent(&mut self, action: &OpenAction, fee: &str, inputs: &Inputs) -> ActionResult {
        let charge = match fees::charge(self.process, fee, inputs, self.reference, self.calendar) {
            Ok(charge) => charge,
            Err(fault) => return ActionResult::Refused { code: fault.code.to_owned() },
        };
        let kept = inputs.credit.iter().filter_map(|intent| self.intents.get(intent));
        let kept: i64 = kept.map(|intent| intent.captured.minor - intent.refunded.minor).sum();
        let amount = Money::uzs((charge.amount.minor - kept).max(0));
        let refunds = self.give_back(action, &inputs.credit, (kept - charge.amount.minor).max(0));
        let state = if amount.is_zero() { IntentState::Waived } else { IntentState::Open };
        let intent = IntentId::derived(action.id);
        let opened = Intent { state, amount, captured: Money::ZERO, refunded: Money::ZERO };
        self.intents.insert(intent, opened);
        ActionResult::Intent { intent, state, amount, arithmetic: json!(charge), refunds }
    }

    /// As payments does it: what was paid last goes back first.
    fn give_back(&mut self, action: &OpenAction, credit: &[IntentId], mut left: i64) -> Vec<BookedRefund> {
        let mut booked = Vec::new();
        for id in credit.iter().rev() {
            let Some(intent) = self.intents.get_mut(id) else { continue };
            let part = left.min(intent.captured.minor - intent.refunded.minor);
            if part > 0 {
                left -= part;
                intent.refunded = Money::uzs(intent.refunded.minor + part);
                let refund = RefundId::derived(Hash::of_parts(&[action.id.as_bytes(), id.as_bytes()]));
                booked.push(BookedRefund { intent: *id, refund, amount: Money::uzs(part) });
            }
        }
        booked
    }

    fn close_intent(&mut self, id: IntentId) -> ActionResult {
        let Some(intent) = self.intents.get_mut(&id) else {
            return ActionResult::Refused { code: "payment.unknown".to_owned() };
        };
        if intent.state == IntentState::Open {
            intent.state = IntentState::Cancelled;
        }
        ActionResult::Intent {
            intent: id,
            state: intent.state,
            amount: intent.captured,
            arithmetic: json!({}),
            refunds: Vec::new(),
        }
    }

    fn refund(&mut self, action: &OpenAction, id: IntentId) -> ActionResult {
        let Some(intent) = self.intents.get_mut(&id) else {
            return ActionResult::Refused { code: "payment.unknown".to_owned() };
        };
        let amount = Money::uzs(intent.captured.minor - intent.refunded.minor);
        intent.refunded = intent.captured;
        ActionResult::Refund { refund: RefundId::derived(Hash::of(action.id.as_bytes())), settled: true, amount }
    }

    /// The applicant pays the open intent of the case.
    pub fn pay(&mut self) -> Result<(), String> {
        let due = self.state.due_payment().map(|payment| payment.intent);
        let id = due.ok_or("nothing is due now")?;
        let intent = self.intents.get_mut(&id).ok_or("payments does not know the intent")?;
        intent.state = IntentState::Captured;
        intent.captured = intent.amount;
        let verdict = Verdict::Captured { amount: intent.amount, at: self.now };
        self.command(&Command::PaymentVerdict { intent: id, verdict });
        self.settle()
    }

    pub fn is_idle(&self) -> bool {
        self.pending.is_empty()
    }
}
