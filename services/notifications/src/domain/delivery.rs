//! How a message travels: each channel's state, when it is tried again, and when the next channel takes over.

use std::time::Duration;

use api::Channel;
use kernel::{Failure, Time};

/// Tries on one channel before the next one takes over.
pub const TRIES_MAX: i64 = 8;
/// How long a gateway may owe us the fate of a message before we stop asking.
pub const FATE_MAX: Duration = Duration::from_secs(24 * 3_600);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Comes only if every channel before it fails.
    Reserve,
    Queued,
    /// Handed over right now; found again after a crash, nobody knows whether it left.
    Sending,
    /// The gateway took it.
    Sent,
    Delivered,
    Failed,
    /// It may have been sent and must not be sent twice.
    Unknown,
    /// A channel before it worked.
    Unneeded,
}

impl State {
    pub const ALL: [Self; 8] = [
        Self::Reserve,
        Self::Queued,
        Self::Sending,
        Self::Sent,
        Self::Delivered,
        Self::Failed,
        Self::Unknown,
        Self::Unneeded,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Reserve => "reserve",
            Self::Queued => "queued",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
            Self::Unneeded => "unneeded",
        }
    }

    pub fn parse(text: &str) -> Result<Self, Failure> {
        Self::ALL
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or_else(|| Failure::internal("notification.unreadable-row", "Stored message data could not be read."))
    }
}

/// Why a channel stands as it does, where its state alone does not say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Note {
    None,
    /// It waits for the morning.
    Quiet,
    /// It waits, or was passed over, because the number had its share of messages.
    Limit,
    /// The person does not want it there.
    Unwanted,
    /// Its server still tries to deliver it.
    Delayed,
    /// It came back.
    Returned,
    /// Not tried: what was sent to the person's address came back.
    Unreachable,
}

impl Note {
    pub const ALL: [Self; 7] =
        [Self::None, Self::Quiet, Self::Limit, Self::Unwanted, Self::Delayed, Self::Returned, Self::Unreachable];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Quiet => "quiet",
            Self::Limit => "limit",
            Self::Unwanted => "unwanted",
            Self::Delayed => "delayed",
            Self::Returned => "returned",
            Self::Unreachable => "unreachable",
        }
    }

    /// What a later release notes is nothing that this one can say.
    pub fn parse(text: &str) -> Self {
        Self::ALL.into_iter().find(|note| note.as_str() == text).unwrap_or(Self::None)
    }
}

pub fn channel_name(channel: Channel) -> &'static str {
    match channel {
        Channel::Inbox => "inbox",
        Channel::Sms => "sms",
        Channel::Email => "email",
    }
}

/// What became of handing a message over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Taken; with the gateway's id where it tells the fate later.
    Accepted(Option<String>),
    /// It will never be taken: no address, refused for good.
    Refused,
    /// It was certainly not taken; the same may work later.
    Postponed,
    /// Nobody knows whether it was taken.
    Lost,
    /// It was not even offered: the number had its share of messages. That is over then.
    Limited(Time),
    /// It was not even offered, and the next channel does not wait.
    Passed(Note),
}

/// What a gateway says about a message it took.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    Pending,
    Delivered,
    Undelivered,
}

/// What to do with a delivery now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// Try again at that time.
    Again(Time),
    /// Wait until then; it is no try.
    Wait(Time),
    /// The gateway took it; ask for its fate then, if it tells.
    Sent(Option<Time>),
    /// This channel is over: the next takes over.
    Fallback,
    /// May have been sent and must not be sent twice: a person can see that it is not known.
    Unknown,
}

/// `once`: the definition prefers a missed message to a doubled one.
pub fn after(outcome: &Outcome, tries: i64, once: bool, now: Time) -> Next {
    match outcome {
        Outcome::Accepted(id) => Next::Sent(id.as_ref().map(|_| now.plus(Duration::from_secs(5)))),
        Outcome::Refused | Outcome::Passed(_) => Next::Fallback,
        Outcome::Limited(free) => Next::Wait(*free),
        Outcome::Lost if once => Next::Unknown,
        Outcome::Lost | Outcome::Postponed if tries >= TRIES_MAX => Next::Fallback,
        Outcome::Lost | Outcome::Postponed => Next::Again(now.plus(pause(tries))),
    }
}

/// Five seconds, doubling to half an hour.
pub fn pause(tries: i64) -> Duration {
    let exponent = u32::try_from(tries.clamp(0, 9)).unwrap_or(9);
    Duration::from_secs((5 * 2_u64.pow(exponent)).min(1_800))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lost_answer_is_repeated_or_left_as_the_definition_says() {
        let now = Time::from_seconds(100);
        assert_eq!(after(&Outcome::Lost, 0, true, now), Next::Unknown);
        assert_eq!(after(&Outcome::Lost, 0, false, now), Next::Again(Time::from_seconds(105)));
        assert_eq!(after(&Outcome::Postponed, 1, true, now), Next::Again(Time::from_seconds(110)));
        assert_eq!(after(&Outcome::Postponed, TRIES_MAX, false, now), Next::Fallback);
        assert_eq!(after(&Outcome::Refused, 0, false, now), Next::Fallback);
    }

    #[test]
    fn waiting_for_a_number_never_ends_a_channel() {
        let (now, free) = (Time::from_seconds(100), Time::from_seconds(3_700));
        assert_eq!(after(&Outcome::Limited(free), TRIES_MAX, true, now), Next::Wait(free));
    }

    #[test]
    fn a_note_keeps_its_name() {
        for note in Note::ALL {
            assert_eq!(Note::parse(note.as_str()), note);
        }
        assert_eq!(Note::parse("new"), Note::None);
    }
}
