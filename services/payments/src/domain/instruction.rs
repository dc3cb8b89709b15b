//! What one finance officer has money do, and that another person has to confirm it.

use std::time::Duration;

use kernel::{AttemptId, CommandId, Failure, IntentId, PersonId, RefundId, Time};

use super::intent::unreadable;

/// Why money is moved; `other` says it in the note.
pub const REASONS: [&str; 7] =
    ["paid-twice", "paid-by-mistake", "not-provided", "waived-later", "court-decision", "new-application", "other"];
/// For how long it waits for a second person.
pub const WAITS: Duration = Duration::from_secs(30 * 86_400);
const NOTE_CHARS_MAX: usize = 300;
/// A PINFL, a card or a telephone is longer; a number of a document may be this long.
const DIGITS_MAX: usize = 8;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Captured money goes back to the payer.
    Refund,
    /// Money in suspense goes back to the payer.
    Return,
    /// Money in suspense pays an open intent.
    Attach,
}

impl Kind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Refund => "refund",
            Self::Return => "return",
            Self::Attach => "attach",
        }
    }

    pub fn find(text: &str) -> Option<Self> {
        [Self::Refund, Self::Return, Self::Attach].into_iter().find(|kind| kind.as_str() == text)
    }

    pub fn parse(text: &str) -> Result<Self, Failure> {
        Self::find(text).ok_or_else(|| unreadable("instruction kind"))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Confirmed,
    Withdrawn,
    /// Nobody confirmed in time, or the money went back by itself before.
    Lapsed,
}

impl Verdict {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Withdrawn => "withdrawn",
            Self::Lapsed => "lapsed",
        }
    }
}

/// Why, as an officer said it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Why {
    pub reason: String,
    pub note: String,
}

impl Why {
    /// Nobody's number belongs into a note, which colleagues and auditors read.
    pub fn checked(reason: &str, note: &str) -> Result<Self, Failure> {
        if !REASONS.contains(&reason) {
            return Err(Failure::invalid("payment.reason", "Choose one of the reasons that are offered."));
        }
        let note = note.trim();
        let digits = |part: &str| part.chars().filter(char::is_ascii_digit).count();
        let numbers =
            note.split(|letter: char| !letter.is_ascii_digit() && !" -+()".contains(letter)).map(digits).max();
        let written = note.chars().count() <= NOTE_CHARS_MAX && !note.chars().any(char::is_control);
        if !written || numbers.unwrap_or_default() > DIGITS_MAX || (reason == "other" && note.is_empty()) {
            let message = "The note has at most 300 characters on one line and names no person's number; with the reason \
                           \"other\" it says why.";
            return Err(Failure::invalid("payment.note", message));
        }
        Ok(Self { reason: reason.to_owned(), note: note.to_owned() })
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instruction {
    /// Follows from the command that gave it.
    pub id: CommandId,
    pub kind: Kind,
    pub agency: String,
    /// The payment for which the money came.
    pub intent: IntentId,
    /// The attempt whose money waits.
    pub suspense: Option<AttemptId>,
    /// The payment that the money pays.
    pub target: Option<IntentId>,
    /// Tiyin.
    pub amount: i64,
    pub why: Why,
    pub by: PersonId,
    pub time: Time,
}

/// What became of an instruction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    pub verdict: Verdict,
    /// None: it lapsed.
    pub by: Option<PersonId>,
    pub refund: Option<RefundId>,
    pub time: Time,
}

impl Instruction {
    pub fn lapses(&self) -> Time {
        self.time.plus(WAITS)
    }

    /// Two persons: whoever gave it does not confirm it.
    pub fn confirmable_by(&self, who: PersonId) -> Result<(), Failure> {
        if self.by == who {
            let message = "You asked for this yourself. Another finance officer has to confirm it.";
            return Err(Failure::forbidden("payment.second-person", message));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_one_of_those_offered_and_other_says_why() {
        let code = |reason: &str, note: &str| match Why::checked(reason, note) {
            Ok(why) => why.note,
            Err(failure) => failure.code.into_owned(),
        };
        assert_eq!(code("paid-twice", ""), "");
        assert_eq!(code("other", " Letter 118-20/2026 of the court "), "Letter 118-20/2026 of the court");
        assert_eq!(code("other", " "), "payment.note");
        assert_eq!(code("because", "x"), "payment.reason");
        for wrong in
            ["PINFL 41508860170411", "card 8600 1234 5678 9012", "+998 90 123 45 67", "two\nlines", &"x".repeat(301)]
        {
            assert_eq!(code("paid-twice", wrong), "payment.note", "{wrong}");
        }
    }

    #[test]
    fn whoever_asked_does_not_confirm() {
        let (one, other) = (PersonId::from_bytes([1; 16]), PersonId::from_bytes([2; 16]));
        let instruction = Instruction {
            id: CommandId::from_bytes([3; 16]),
            kind: Kind::Refund,
            agency: "justice".into(),
            intent: IntentId::from_bytes([4; 16]),
            suspense: None,
            target: None,
            amount: 1,
            why: Why { reason: "paid-twice".into(), note: String::new() },
            by: one,
            time: Time::from_micros(1),
        };
        assert_eq!(instruction.confirmable_by(one).unwrap_err().code, "payment.second-person");
        assert!(instruction.confirmable_by(other).is_ok());
    }
}
