//! What a case waits for that comes from somebody, and from when on it is stuck: nobody may ever do it unless a person looks.

use std::{collections::BTreeMap, time::Duration};

use kernel::Time;
use process::{
    CaseState,
    case::{AFTER_THE_END, Phase, Task, Token, TokenId, Waiting},
    timer::Purpose,
};

use super::paper;

const DAY: Duration = Duration::from_secs(86_400);
/// What is typed is at no step of the process yet; places of the process begin with 1.
const TYPING: TokenId = 0;
/// A step that ends by itself when its time is over has not done so a day later.
const GRACE: Duration = DAY;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A step failed for good.
    Step,
    /// Another service or a registry does not answer.
    Answer,
    Payment,
    Refund,
    /// Payments refused a refund of a case that has ended.
    RefundRefused,
    /// A message from outside.
    Message,
    /// An officer's decision whose time is over.
    Task,
    /// The answer to a question.
    Question,
    /// Another party's form.
    Party,
    /// A form that went back to the applicant.
    Applicant,
    /// What came on paper, or was begun ex officio, and nobody but an officer can go on with.
    Paper,
}

impl Kind {
    pub fn name(self) -> &'static str {
        match self {
            Self::Step => "step",
            Self::Answer => "answer",
            Self::Payment => "payment",
            Self::Refund => "refund",
            Self::RefundRefused => "refund-refused",
            Self::Message => "message",
            Self::Task => "task",
            Self::Question => "question",
            Self::Party => "party",
            Self::Applicant => "applicant",
            Self::Paper => "paper",
        }
    }
}

/// From when on a person should look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    At(Time),
    /// After so long a wait.
    After(Duration),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watch {
    pub token: TokenId,
    pub activation: u32,
    pub kind: Kind,
    pub due: Due,
}

impl Watch {
    pub fn due(&self, since: Time) -> Time {
        match self.due {
            Due::At(at) => at,
            Due::After(patience) => since.plus(patience),
        }
    }
}

/// What one transition changed of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// Places that wait for nobody any more.
    pub gone: Vec<TokenId>,
    /// Each with whether it waited for the same before, up to another moment.
    pub come: Vec<(Watch, bool)>,
}

pub fn between(before: &CaseState, after: &CaseState) -> Changes {
    let (before, after) = (watches(before), watches(after));
    let gone = before.keys().copied().filter(|token| !after.contains_key(token)).collect();
    let come = after.into_iter().filter(|(token, watch)| before.get(token) != Some(watch));
    let come = come.map(|(token, watch)| {
        // Paper waits since somebody typed of it last.
        let same = watch.kind != Kind::Paper
            && before.get(&token).is_some_and(|old| (old.activation, old.kind) == (watch.activation, watch.kind));
        (watch, same)
    });
    Changes { gone, come: come.collect() }
}

pub fn watches(state: &CaseState) -> BTreeMap<TokenId, Watch> {
    let watched = state.tokens.values().filter_map(|token| {
        let (kind, due) = awaited(state, token)?;
        Some((token.id, Watch { token: token.id, activation: token.activation, kind, due }))
    });
    let due = Due::After(Duration::ZERO);
    let owed = Watch { token: AFTER_THE_END, activation: 0, kind: Kind::RefundRefused, due };
    let owed = owes(state).then_some((AFTER_THE_END, owed));
    watched.chain(owed).chain(typed(state)).collect()
}

/// The case has ended, and payments refused to give back what it owes.
pub fn owes(state: &CaseState) -> bool {
    state.refused_refunds().next().is_some()
}

/// A draft that an officer types.
fn typed(state: &CaseState) -> Option<(TokenId, Watch)> {
    let is_typed = state.phase == Phase::Draft && paper::is_left_to_officers(state);
    is_typed.then(|| (TYPING, Watch { token: TYPING, activation: 0, kind: Kind::Paper, due: forgotten(state) }))
}

fn forgotten(state: &CaseState) -> Due {
    Due::At(state.changed.plus(paper::FORGOTTEN_AFTER))
}

/// Waiting for a moment is nobody's: a timer that does not fire is an alarm of its own.
fn awaited(state: &CaseState, token: &Token) -> Option<(Kind, Due)> {
    let within = |days: u32| {
        let timers = state.timers.values().filter(|timer| timer.token == token.id && timer.purpose == Purpose::Timeout);
        timers.map(|timer| timer.due).min().map_or(Due::After(DAY * days), |due| Due::At(due.plus(GRACE)))
    };
    match &token.waiting {
        Waiting::Attention { .. } => Some((Kind::Step, Due::After(Duration::ZERO))),
        Waiting::Action { .. } => Some((Kind::Answer, Due::After(DAY))),
        // Nobody can pay yet: payments does not answer, or does not know who gets how much.
        Waiting::Payment { intent: None, .. } => Some((Kind::Answer, Due::After(DAY))),
        // It was asked to close: the verdict comes at once or something is wrong.
        Waiting::Payment { closing: true, .. } => Some((Kind::Payment, Due::After(GRACE))),
        Waiting::Payment { .. } => Some((Kind::Payment, within(30))),
        Waiting::Refunds { .. } => Some((Kind::Refund, Due::After(DAY * 7))),
        Waiting::Message { .. } => Some((Kind::Message, within(30))),
        Waiting::Party { .. } => Some((Kind::Party, within(30))),
        Waiting::Applicant { .. } if paper::is_left_to_officers(state) => Some((Kind::Paper, forgotten(state))),
        Waiting::Applicant { .. } => Some((Kind::Applicant, within(90))),
        Waiting::Task { task } => state.tasks.get(task).map(|task| decision(state, task)),
        Waiting::Nothing | Waiting::Time | Waiting::Branches { .. } => None,
    }
}

fn decision(state: &CaseState, task: &Task) -> (Kind, Due) {
    // The promise of the whole case is broken: whoever leads looks at once. Another agency's opinion has its own time.
    let late = task.escalated || (state.breached.is_some() && !state.is_foreign(task));
    match (state.open_question(task.id), task.due) {
        (None, _) if late => (Kind::Task, Due::After(Duration::ZERO)),
        (Some(question), _) => (Kind::Question, Due::At(question.until.plus(GRACE))),
        (None, Some(due)) => (Kind::Task, Due::At(due)),
        (None, None) => (Kind::Task, Due::After(DAY * 30)),
    }
}

/// The office whose lead looks after a place of the case; none: whoever leads any office of the agency. An opinion's office is another
/// agency's. An office often has one lead: to what they asked for, any lead of the agency may agree.
pub fn office<'s>(state: &'s CaseState, token: &Token) -> Option<&'s str> {
    if state.retry_asked(token.id).is_some() {
        return None;
    }
    let task = match &token.waiting {
        Waiting::Task { task } => state.tasks.get(task).filter(|task| !state.is_foreign(task)),
        _ => None,
    };
    let task = task.and_then(|task| task.office.as_deref());
    task.or_else(|| state.own_tasks().find_map(|task| task.office.as_deref()))
}

/// The step of a place, and the code with which it failed; empty where none did.
pub fn failed(state: &CaseState, place: TokenId) -> (&str, &str) {
    match state.tokens.get(&place).map(|token| (token.step.as_str(), &token.waiting)) {
        Some((step, Waiting::Attention { code })) => (step, code.as_str()),
        Some((step, _)) => (step, ""),
        None => state
            .refused_refunds()
            .next()
            .map_or((state.start.as_str(), ""), |(payment, code)| (payment.step.as_str(), code)),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use kernel::{CaseId, TaskId};
    use process::{
        ActionId,
        case::{Question, RetryAsked, Returned, TakenIn},
    };

    use super::*;

    const NOW: Time = Time::from_seconds(1_795_410_000);

    fn case(waiting: Waiting) -> CaseState {
        let mut state = CaseState::absent(CaseId::from_bytes([1; 16]));
        let token =
            Token { id: 1, step: "review".into(), activation: 3, waiting, parent: None, plan: Vec::new(), actions: 0 };
        state.tokens.insert(1, token);
        state
    }

    fn task(due: Option<Time>) -> CaseState {
        let id = TaskId::from_bytes([2; 16]);
        let mut state = case(Waiting::Task { task: id });
        let task = Task {
            id,
            step: "review".into(),
            activation: 3,
            token: 1,
            agency: "justice".into(),
            role: "registrar".into(),
            office: Some("nukus".into()),
            opened: NOW,
            due,
            allowed: None,
            escalated: false,
            closed: None,
            claim: None,
            proposal: None,
        };
        state.agency = "justice".into();
        state.tasks.insert(id, task);
        state
    }

    fn watched(state: &CaseState) -> Option<(Kind, Time)> {
        watches(state).get(&1).map(|watch| (watch.kind, watch.due(NOW)))
    }

    #[test]
    fn a_step_that_failed_is_stuck_at_once_and_a_decision_when_its_time_is_over() {
        let failed = case(Waiting::Attention { code: "seal.refused".into() });
        assert_eq!(watched(&failed), Some((Kind::Step, NOW)));
        assert_eq!(super::failed(&failed, 1), ("review", "seal.refused"));
        assert_eq!(watched(&task(Some(NOW.plus(DAY)))), Some((Kind::Task, NOW.plus(DAY))));
        assert_eq!(watched(&task(None)), Some((Kind::Task, NOW.plus(DAY * 30))), "no time is set: nobody took it");
        let mut broken = task(Some(NOW.plus(DAY)));
        broken.breached = Some(NOW);
        assert_eq!(watched(&broken), Some((Kind::Task, NOW)), "the case was promised sooner");
        broken.agency = "trade".into();
        assert_eq!(watched(&broken), Some((Kind::Task, NOW.plus(DAY))), "another agency's opinion was not");
        assert_eq!(office(&broken, &broken.tokens[&1]), None, "nor is its office one of ours");
        assert_eq!(watched(&case(Waiting::Time)), None, "a moment comes by itself");
        let mut state = task(None);
        let failed =
            Token { id: 2, waiting: Waiting::Attention { code: "seal.refused".into() }, ..state.tokens[&1].clone() };
        assert_eq!([&state.tokens[&1], &failed].map(|token| office(&state, token)), [Some("nukus"); 2]);
        let by = kernel::PersonId::from_bytes([9; 16]);
        state.retries.insert(2, RetryAsked { by, reason: String::new(), at: NOW });
        assert_eq!(office(&state, &failed), None, "any lead of the agency may agree");
        assert_eq!(office(&state, &state.tokens[&1]), Some("nukus"));
    }

    #[test]
    fn a_payment_that_was_asked_to_close_is_stuck_after_a_day_and_one_without_an_end_after_thirty() {
        let intent = Some(kernel::IntentId::from_bytes([5; 16]));
        let paying = |closing: bool| case(Waiting::Payment { intent, closing });
        assert_eq!(watched(&paying(true)), Some((Kind::Payment, NOW.plus(DAY))));
        assert_eq!(watched(&paying(false)), Some((Kind::Payment, NOW.plus(DAY * 30))));
        let unpayable = case(Waiting::Payment { intent: None, closing: false });
        assert_eq!(watched(&unpayable), Some((Kind::Answer, NOW.plus(DAY))), "nobody can pay yet");
    }

    #[test]
    fn a_question_that_nobody_ended_is_stuck_a_day_after_its_time_and_the_wait_goes_on_as_it_was() {
        let before = task(Some(NOW.plus(DAY)));
        let mut after = before.clone();
        let question = Question {
            number: 1,
            task: TaskId::from_bytes([2; 16]),
            step: "review".into(),
            text: String::new(),
            officer: kernel::PersonId::from_bytes([9; 16]),
            asked: NOW,
            until: NOW.plus(DAY * 5),
            due: None,
            answer: None,
            closed: None,
            files: Vec::new(),
            taken_back: false,
        };
        after.questions.push(question);
        assert_eq!(watched(&after), Some((Kind::Question, NOW.plus(DAY * 6))));
        let changes = between(&before, &after);
        assert!(changes.gone.is_empty() && changes.come.len() == 1 && !changes.come[0].1, "another wait");
        let later = task(Some(NOW.plus(DAY * 2)));
        assert!(between(&before, &later).come[0].1, "the same wait up to another moment");
        assert_eq!(between(&before, &before), Changes::default());
        let ended = CaseState::absent(CaseId::from_bytes([1; 16]));
        assert_eq!(between(&before, &ended), Changes { gone: vec![1], come: Vec::new() });
        let action = case(Waiting::Action { action: ActionId::from_bytes([7; 32]) });
        assert_eq!(watched(&action), Some((Kind::Answer, NOW.plus(DAY))));
    }

    #[test]
    fn paper_is_stuck_a_week_after_somebody_typed_of_it_last_and_what_its_applicant_corrects_is_not() {
        let mut typed = CaseState::absent(CaseId::from_bytes([1; 16]));
        typed.phase = Phase::Draft;
        typed.changed = NOW;
        assert!(watches(&typed).is_empty(), "an applicant's own draft is nobody else's");
        typed.taken_in = Some(TakenIn {
            officer: kernel::PersonId::from_bytes([9; 16]),
            before: BTreeSet::new(),
            contact: String::new(),
            identity: None,
            notify: None,
            role: "registrar".into(),
            original: "K-1".into(),
            mark: None,
            received: None,
            reason: String::new(),
            unidentified: false,
        });
        let due = |state: &CaseState, token: u32| watches(state).get(&token).map(|watch| (watch.kind, watch.due(NOW)));
        assert_eq!(due(&typed, TYPING), Some((Kind::Paper, NOW.plus(DAY * 7))));
        let mut went_on = typed.clone();
        went_on.changed = NOW.plus(DAY);
        let changes = between(&typed, &went_on);
        assert!(matches!(changes.come.as_slice(), [(watch, false)] if watch.due(NOW) == NOW.plus(DAY * 8)));
        let returned = |unidentified: bool| {
            let mut state = case(Waiting::Applicant { form: "application".into() });
            state.phase = Phase::Running;
            state.changed = NOW;
            state.returned = Some(Returned {
                marked: BTreeMap::new(),
                reasons: Vec::new(),
                note: String::new(),
                at: NOW,
                corrected_pages: BTreeSet::new(),
                before: BTreeMap::new(),
            });
            state.taken_in = typed.taken_in.clone().map(|taken| TakenIn { unidentified, ..taken });
            due(&state, 1)
        };
        assert_eq!(returned(true), Some((Kind::Paper, NOW.plus(DAY * 7))), "nobody else corrects it");
        assert_eq!(returned(false), Some((Kind::Applicant, NOW.plus(DAY * 90))));
    }
}
