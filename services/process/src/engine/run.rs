//! One decision in the making: a working copy of the state, and the events so far.

use std::collections::{BTreeSet, VecDeque};

use api::{Span, Step};
use kernel::Time;

use super::{late, parties, returned, tasks, withdraw::WITHDRAWN};
use crate::{
    Decision, Facts,
    action::{Effect, OpenAction, Request, action_id},
    apply::apply_to,
    case::{CaseState, Phase, Token, TokenId, Waiting},
    event::{CompensationBegun, Event, What},
    expr::{Fault, Value},
    process::{Process, Surroundings},
    steps::{self, Flow},
    timer::{Purpose, Timer, timer_id},
};

/// Steps one decision may pass before the case asks for attention: a circle without a wait is stopped here.
const STEPS_MAX: u32 = 500;

pub struct Run<'a> {
    pub process: &'a Process,
    pub facts: Facts<'a>,
    pub state: CaseState,
    events: Vec<Event>,
    /// Tokens that have to go on, and where to.
    queue: VecDeque<(TokenId, String)>,
    steps_left: u32,
}

impl<'a> Run<'a> {
    pub fn new(process: &'a Process, state: CaseState, facts: Facts<'a>) -> Self {
        Self { process, facts, state, events: Vec::new(), queue: VecDeque::new(), steps_left: STEPS_MAX }
    }

    pub fn finish(self) -> Decision {
        Decision { events: self.events, state: self.state }
    }

    pub fn now(&self) -> Time {
        self.facts.now
    }

    /// Records what happened and lets the state follow; the only way the state changes.
    pub fn emit(&mut self, what: What) {
        let event = Event::new(self.facts.now, what);
        apply_to(&mut self.state, &event);
        self.events.push(event);
    }

    pub fn token(&self, token: TokenId) -> Option<&Token> {
        self.state.tokens.get(&token)
    }

    /// The step on which a token stands, as this revision writes it.
    pub fn step_of(&self, token: TokenId) -> Option<&'a Step> {
        self.process.step(&self.token(token)?.step)
    }

    pub fn make_token(&mut self, parent: Option<TokenId>) -> TokenId {
        let token = self.state.next_token;
        self.emit(What::TokenMade { token, parent });
        token
    }

    pub fn wait(&mut self, token: TokenId, waiting: Waiting) {
        self.emit(What::Waits { token, waiting });
    }

    /// Sends a token to a step; it is entered when the current step is done with.
    pub fn go(&mut self, token: TokenId, to: &str) {
        self.queue.push_back((token, to.to_owned()));
    }

    /// Lets every token that can go on do so.
    pub fn drain(&mut self) {
        while let Some((token, to)) = self.queue.pop_front() {
            if self.state.phase != Phase::Running || self.token(token).is_none() {
                continue;
            }
            self.enter(token, &to);
        }
    }

    fn enter(&mut self, token: TokenId, to: &str) {
        if self.arrives_at_join(token, to) {
            return;
        }
        if let Some(action) = late::answered_before(self, token, to) {
            return self.wait(token, Waiting::Action { action });
        }
        if to == WITHDRAWN {
            return steps::end::close(self, token, WITHDRAWN, ("withdrawn", &[]));
        }
        let Some(step) = self.process.step(to) else {
            self.emit_entry(token, to);
            return self.attention(token, "process.unknown-step");
        };
        self.emit_entry(token, to);
        if self.steps_left == 0 {
            return self.attention(token, "process.endless");
        }
        self.steps_left -= 1;
        match steps::enter(self, token, step) {
            Flow::Leave { way, to } => self.leave(token, way, to.as_deref()),
            Flow::Waits | Flow::Ended => {}
        }
    }

    fn emit_entry(&mut self, token: TokenId, step: &str) {
        let activation = self.token(token).map_or(0, |token| token.activation) + 1;
        self.emit(What::StepEntered { token, step: step.to_owned(), activation });
    }

    /// Leaves the step a token stands on: what it still waited for is no longer wanted.
    pub fn leave(&mut self, token: TokenId, way: &str, to: Option<&str>) {
        let Some(standing) = self.token(token).cloned() else { return };
        let is_done = way == "next" || late::may_be_done(self, &standing);
        self.let_go(token);
        let step = self.process.step(&standing.step).filter(|_| is_done);
        let compensated_by = step.and_then(|step| step.compensate.clone());
        self.emit(What::StepLeft { token, step: standing.step, way: way.to_owned(), compensated_by });
        match (standing.plan.first(), to) {
            (Some(planned), _) => {
                let planned = planned.clone();
                self.go(token, &planned);
            }
            (None, Some(to)) => self.go(token, to),
            (None, None) => self.attention(token, "process.no-way"),
        }
    }

    /// A step that failed for good: `onError`, else a person looks at it. A failing compensation always asks for a person.
    pub fn fail(&mut self, token: TokenId, code: &str) {
        let compensating = self.token(token).is_some_and(|token| !token.plan.is_empty());
        match self.step_of(token).and_then(|step| step.on_error.as_deref()) {
            Some(to) if !compensating => self.leave(token, "onError", Some(to)),
            _ => {
                self.drop_work(token);
                self.attention(token, code);
            }
        }
    }

    pub fn attention(&mut self, token: TokenId, code: &str) {
        self.wait(token, Waiting::Attention { code: code.to_owned() });
    }

    /// The token goes on, or ends: nobody waits any more for what its step waited for.
    fn let_go(&mut self, token: TokenId) {
        returned::forget(self, token);
        late::find_out(self, token);
        let process = self.process;
        self.close_work(token, |action| late::stays_open(process, action));
    }

    /// Closes the actions and timers of the step on which the token stays. A request about money is never taken back, and what an earlier
    /// step asked for is still to be undone when it is answered.
    pub fn drop_work(&mut self, token: TokenId) {
        let (process, here) = (self.process, self.token(token).cloned());
        let is_earlier = |action: &OpenAction| here.as_ref().is_none_or(|here| !here.asked_for(action));
        self.close_work(token, |action| {
            late::is_money(&action.request) || is_earlier(action) && late::stays_open(process, action)
        });
    }

    fn close_work(&mut self, token: TokenId, stays_open: impl Fn(&OpenAction) -> bool) {
        let timers = self.state.timers.values().filter(|timer| timer.token == token).map(|timer| timer.id);
        for timer in timers.collect::<Vec<_>>() {
            self.emit(What::TimerCancelled { timer });
        }
        let open = self.state.actions.values().filter(|action| action.token == token && !stays_open(action));
        for action in open.map(|action| action.id).collect::<Vec<_>>() {
            self.emit(What::ActionClosed { action, outcome: "dropped".to_owned() });
        }
    }

    pub fn request(
        &mut self,
        token: TokenId,
        effect: Effect,
        expires: Option<Time>,
        request: Request,
    ) -> crate::ActionId {
        let standing = self.token(token);
        let (step, activation, index) =
            standing.map_or((String::new(), 0, 0), |token| (token.step.clone(), token.activation, token.actions));
        let id = action_id(self.state.case_id, token, activation, index, self.facts.era);
        let action =
            OpenAction { id, token, step, activation, index, attempt: 1, effect, not_before: None, expires, request };
        self.emit(What::ActionRequested { action });
        id
    }

    /// Asks for something that no step waits for. Steps stand on tokens from 1 on; here the number of events so far makes the
    /// id another one each time.
    pub fn request_apart(&mut self, expires: Option<Time>, request: Request) {
        let index = u32::try_from(self.state.events).unwrap_or(u32::MAX);
        let id = action_id(self.state.case_id, 0, 0, index, self.facts.era);
        let action = OpenAction {
            id,
            token: 0,
            step: String::new(),
            activation: 0,
            index,
            attempt: 1,
            effect: Effect::Keyed,
            not_before: None,
            expires,
            request,
        };
        self.emit(What::ActionRequested { action });
    }

    pub fn set_timer(&mut self, token: TokenId, purpose: Purpose, due: Time) {
        let standing = self.token(token);
        let (step, activation) = standing.map_or((String::new(), 0), |token| (token.step.clone(), token.activation));
        let index = u32::try_from(self.state.events).unwrap_or(u32::MAX);
        let id = timer_id(self.state.case_id, token, activation, purpose, index);
        self.emit(What::TimerSet { timer: Timer { id, token, step, activation, purpose, due } });
    }

    /// The step's `timeout`, when it has one.
    pub fn set_timeout(&mut self, token: TokenId, step: &Step) -> Option<Time> {
        let due = self.deadline(step.timeout?);
        self.set_timer(token, Purpose::Timeout, due);
        Some(due)
    }

    pub fn deadline(&self, span: Span) -> Time {
        self.facts.calendar.deadline(self.facts.now, span)
    }

    /// Evaluates an expression of the definition over the case as it stands.
    pub fn evaluate<T>(&self, source: &str, read: impl FnOnce(&Value<'_>) -> Result<T, Fault>) -> Result<T, Fault> {
        let expression = self.process.expression(source);
        let expression =
            expression.ok_or_else(|| Fault::new("expr.unknown", "the expression is not part of this revision"))?;
        let surroundings = Surroundings::of(&self.state);
        let scope = surroundings.scope(&self.state, &self.state.data, &self.facts);
        let value = expression.eval(&scope)?;
        read(&value)
    }

    /// When a token goes to the `next` of the `parallel` step it works for, its branch is done.
    fn arrives_at_join(&mut self, token: TokenId, to: &str) -> bool {
        let Some(parent) = self.token(token).and_then(|token| token.parent) else { return false };
        let Some(fork) = self.step_of(parent) else { return false };
        if fork.next.as_deref() != Some(to) {
            return false;
        }
        self.emit(What::TokenEnded { token });
        steps::parallel::branch_arrived(self, parent, fork);
        true
    }

    /// Takes a token off the case with all it waits for; money in flight is asked back through its intent. What it and its branches had
    /// still to undo is for the heir, who stays.
    #[must_use]
    pub fn drop_token(&mut self, token: TokenId, heir: TokenId) -> Vec<String> {
        let children = self.state.tokens.values().filter(|child| child.parent == Some(token) && child.id != heir);
        let mut left = Vec::new();
        for child in children.map(|child| child.id).collect::<Vec<_>>() {
            left.extend(self.drop_token(child, heir));
        }
        let Some(standing) = self.token(token).cloned() else { return left };
        left.extend(self.still_to_undo(&standing));
        let is_done = late::may_be_done(self, &standing);
        match &standing.waiting {
            Waiting::Task { task } => tasks::withdraw(self, *task),
            Waiting::Party { party, form } => parties::lapse(self, party, form),
            Waiting::Payment { intent: Some(intent), closing: false } => {
                let request = Request::CloseIntent { intent: *intent, reason: "step-dropped".to_owned() };
                self.request(token, Effect::Keyed, None, request);
            }
            _ => {}
        }
        self.let_go(token);
        if is_done {
            let compensated_by = self.process.step(&standing.step).and_then(|step| step.compensate.clone());
            self.emit(What::StepLeft { token, step: standing.step, way: "dropped".to_owned(), compensated_by });
        }
        self.emit(What::TokenEnded { token });
        left
    }

    /// Of its plan all but the last name, which is where it would have gone on; and before that what is not undone to its end.
    fn still_to_undo(&self, standing: &Token) -> Vec<String> {
        let Some((_, left)) = standing.plan.split_last() else { return Vec::new() };
        let mut undoing = self.process.definition().steps().iter().filter_map(|step| step.compensate.as_ref());
        // Where it waits for what another step did, its own is done.
        let is_under_way = match &standing.waiting {
            Waiting::Action { action } => {
                self.state.actions.get(action).is_none_or(|action| standing.asked_for(action))
            }
            _ => true,
        };
        let under_way = undoing.find(|by| is_under_way && **by == standing.step).cloned();
        under_way.into_iter().chain(left.iter().cloned()).collect()
    }

    /// Before the token goes to this step, it undoes what others had still to undo.
    pub fn inherit(&mut self, token: TokenId, left: Vec<String>, to: Option<&str>) {
        let Some(own) = self.token(token).map(|token| token.plan.clone()).filter(|_| !left.is_empty()) else { return };
        let on = if own.is_empty() { to.map(str::to_owned).into_iter().collect() } else { own };
        let plan = left.into_iter().chain(on).collect();
        self.emit(What::CompensationBegun(CompensationBegun { token, plan, undone: Some(BTreeSet::new()) }));
    }
}
