//! A payment intent: one fee of one case, and the single graph of what may happen to it.

use kernel::{CaseId, Failure, Hash, IntentId, Money, PersonId, Time};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    Open,
    Captured,
    Expired,
    Cancelled,
    Waived,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Happening {
    Capture,
    Lapse,
    Withdraw,
    Waive,
}

/// Everything that can happen to an intent. What is not listed cannot happen.
const GRAPH: [(State, Happening, State); 4] = [
    (State::Open, Happening::Capture, State::Captured),
    (State::Open, Happening::Lapse, State::Expired),
    (State::Open, Happening::Withdraw, State::Cancelled),
    (State::Open, Happening::Waive, State::Waived),
];

impl State {
    pub fn after(self, happening: Happening) -> Option<Self> {
        let edge = GRAPH.iter().find(|(from, what, _)| *from == self && *what == happening);
        edge.map(|(_, _, to)| *to)
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Captured => "captured",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
            Self::Waived => "waived",
        }
    }

    pub fn parse(text: &str) -> Result<Self, Failure> {
        [Self::Open, Self::Captured, Self::Expired, Self::Cancelled, Self::Waived]
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or_else(|| unreadable("intent state"))
    }
}

pub fn unreadable(what: &'static str) -> Failure {
    Failure::internal("payment.unreadable-row", "Stored payment data could not be read.").with_detail(what)
}

/// Why somebody wants the intent closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closing {
    /// Its time is over.
    Lapse,
    /// The case no longer needs it.
    Withdrawal,
}

impl Closing {
    pub fn happening(self) -> Happening {
        match self {
            Self::Lapse => Happening::Lapse,
            Self::Withdrawal => Happening::Withdraw,
        }
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Lapse => "lapse",
            Self::Withdrawal => "withdrawal",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Lapse, Self::Withdrawal].into_iter().find(|closing| closing.as_str() == text)
    }

    /// What a case calls its reason: a timeout lapses, everything else withdraws.
    pub fn from_reason(reason: &str) -> Self {
        match reason {
            "timeout" | "expired" | "lapse" => Self::Lapse,
            _ => Self::Withdrawal,
        }
    }
}

/// What a beneficiary gets of the amount.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    pub agency: String,
    /// Tiyin.
    pub amount: i64,
}

/// The case an intent belongs to, as the request named it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    pub id: CaseId,
    pub agency: String,
    pub service: String,
    pub revision: Hash,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Intent {
    pub id: IntentId,
    pub case: Case,
    pub step: String,
    pub fee: String,
    /// Number of the case as people know it.
    pub number: String,
    pub payer: PersonId,
    /// Who acts for the payer in the case.
    pub representative: Option<PersonId>,
    pub amount: Money,
    pub split: Vec<Share>,
    /// JSON: formula, values, waiver, split. Evidence, and shown to people.
    pub arithmetic: Vec<u8>,
    pub state: State,
    /// Set while a close waits for a provider's word.
    pub closing: Option<Closing>,
    pub expires: Option<Time>,
    pub created: Time,
    pub captured: Option<Time>,
}

/// The answer to a request to close.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Closed now.
    Closed(State),
    /// A provider holds money for it: the verdict follows, and it may be *captured*.
    Waits,
    /// It was decided before.
    Stands(State),
}

impl Intent {
    /// `held`: a provider transaction may still capture.
    pub fn close(&self, why: Closing, held: bool) -> Verdict {
        match self.state.after(why.happening()) {
            None => Verdict::Stands(self.state),
            Some(_) if held => Verdict::Waits,
            Some(state) => Verdict::Closed(state),
        }
    }

    /// Whether a new hold or attempt may start.
    pub fn takes_money(&self, now: Time) -> bool {
        let in_time = self.expires.is_none_or(|expires| now < expires);
        self.state == State::Open && self.closing.is_none() && in_time
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;

    pub fn open_intent() -> Intent {
        Intent {
            id: IntentId::from_bytes([1; 16]),
            case: Case {
                id: CaseId::from_bytes([2; 16]),
                agency: "justice".into(),
                service: "marriage-certificate-copy".into(),
                revision: Hash::of(b"revision"),
            },
            step: "pay".into(),
            fee: "duty".into(),
            number: "JUS-2026-1".into(),
            payer: PersonId::from_bytes([3; 16]),
            representative: None,
            amount: Money::uzs(4_120_000),
            split: vec![Share { agency: "justice".into(), amount: 4_120_000 }],
            arithmetic: b"{}".to_vec(),
            state: State::Open,
            closing: None,
            expires: Some(Time::from_seconds(1_000)),
            created: Time::from_seconds(1),
            captured: None,
        }
    }

    #[test]
    fn an_intent_is_decided_once() {
        for state in [State::Captured, State::Expired, State::Cancelled, State::Waived] {
            for happening in [Happening::Capture, Happening::Lapse, Happening::Withdraw, Happening::Waive] {
                assert_eq!(state.after(happening), None);
            }
        }
    }

    #[test]
    fn a_close_waits_while_a_provider_holds_money() {
        let mut intent = open_intent();
        assert_eq!(intent.close(Closing::Lapse, true), Verdict::Waits);
        assert_eq!(intent.close(Closing::Lapse, false), Verdict::Closed(State::Expired));
        intent.state = State::Captured;
        assert_eq!(intent.close(Closing::Withdrawal, false), Verdict::Stands(State::Captured));
    }

    #[test]
    fn an_intent_takes_no_money_after_its_time_or_while_it_closes() {
        let mut intent = open_intent();
        assert!(intent.takes_money(Time::from_seconds(999)));
        assert!(!intent.takes_money(Time::from_seconds(1_000)));
        intent.closing = Some(Closing::Withdrawal);
        assert!(!intent.takes_money(Time::from_seconds(2)));
    }
}
