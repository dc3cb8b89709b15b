//! One try to pay an intent with one provider, and the graph of what may happen to it.

use kernel::{AttemptId, Failure, IntentId, Time};

use super::intent::unreadable;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// The browser was sent to the provider; nothing is known yet.
    Created,
    /// The provider opened a transaction and may debit.
    Held,
    Paid,
    Declined,
    Cancelled,
    /// The provider may have debited without telling us: it is asked, and nobody pays a second time meanwhile.
    Unknown,
    /// Paid, then given back in full.
    Reversed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Happening {
    Hold,
    Capture,
    Decline,
    Cancel,
    Doubt,
    Reverse,
}

/// Everything that can happen to an attempt. What is not listed cannot happen.
const GRAPH: [(State, Happening, State); 12] = [
    (State::Created, Happening::Hold, State::Held),
    (State::Created, Happening::Cancel, State::Cancelled),
    (State::Held, Happening::Capture, State::Paid),
    (State::Held, Happening::Decline, State::Declined),
    (State::Held, Happening::Cancel, State::Cancelled),
    (State::Held, Happening::Doubt, State::Unknown),
    (State::Unknown, Happening::Capture, State::Paid),
    (State::Unknown, Happening::Decline, State::Declined),
    (State::Unknown, Happening::Cancel, State::Cancelled),
    // The provider says it was debited after we let it go: the money is real, so it is booked (to suspense).
    (State::Cancelled, Happening::Capture, State::Paid),
    (State::Declined, Happening::Capture, State::Paid),
    (State::Paid, Happening::Reverse, State::Reversed),
];

impl State {
    pub const ALL: [Self; 7] =
        [Self::Created, Self::Held, Self::Paid, Self::Declined, Self::Cancelled, Self::Unknown, Self::Reversed];

    pub fn after(self, happening: Happening) -> Option<Self> {
        let edge = GRAPH.iter().find(|(from, what, _)| *from == self && *what == happening);
        edge.map(|(_, _, to)| *to)
    }

    /// The provider may still turn this attempt into money.
    pub fn may_capture(self) -> bool {
        matches!(self, Self::Held | Self::Unknown)
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Held => "held",
            Self::Paid => "paid",
            Self::Declined => "declined",
            Self::Cancelled => "cancelled",
            Self::Unknown => "unknown",
            Self::Reversed => "reversed",
        }
    }

    pub fn parse(text: &str) -> Result<Self, Failure> {
        Self::ALL.into_iter().find(|state| state.as_str() == text).ok_or_else(|| unreadable("attempt state"))
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    pub id: AttemptId,
    pub intent: IntentId,
    pub provider: String,
    pub state: State,
    /// The provider's id of its transaction; none until it opened one.
    pub transaction: Option<String>,
    /// The provider's own time of it.
    pub provider_time: Time,
    pub held: Option<Time>,
    pub paid: Option<Time>,
    pub ended: Option<Time>,
    /// The provider's reason for the end, in its own numbers.
    pub reason: Option<i64>,
    /// Tiyin.
    pub amount: i64,
    pub created: Time,
}

impl Attempt {
    /// Applies what happened, or says that it cannot.
    pub fn happen(&mut self, happening: Happening, now: Time) -> Result<(), Impossible> {
        let to = self.state.after(happening).ok_or(Impossible)?;
        match to {
            State::Held => self.held = Some(now),
            State::Paid => self.paid = Some(now),
            State::Declined | State::Cancelled | State::Reversed => self.ended = Some(now),
            State::Created | State::Unknown => {}
        }
        self.state = to;
        Ok(())
    }
}

/// The graph has no such edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Impossible;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_a_reversal_follows_a_payment() {
        let after_paid = [Happening::Hold, Happening::Capture, Happening::Decline, Happening::Cancel, Happening::Doubt];
        for happening in after_paid {
            assert_eq!(State::Paid.after(happening), None);
        }
        assert_eq!(State::Paid.after(Happening::Reverse), Some(State::Reversed));
        for happening in after_paid {
            assert_eq!(State::Reversed.after(happening), None);
        }
    }

    #[test]
    fn every_state_survives_its_text() {
        for state in State::ALL {
            assert_eq!(State::parse(state.as_str()).unwrap(), state);
        }
        assert!(State::parse("paid ").is_err());
    }
}
