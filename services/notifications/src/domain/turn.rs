//! Whether a channel's turn has come: what the person may switch off and has, and what can wait for the morning.

use api::MessageClass;
use kernel::Time;

use super::{preferences::Preferences, quiet::Quiet};

/// What a definition says about one of its messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Weight {
    pub class: MessageClass,
    pub urgent: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    Now,
    /// It is quiet until then.
    Later(Time),
    /// The person does not want it there.
    Unwanted,
}

pub fn turn(weight: Weight, channel: &str, preferences: Preferences, quiet: Quiet, now: Time) -> Turn {
    if weight.class == MessageClass::Informative && !preferences.wants(channel) {
        return Turn::Unwanted;
    }
    match quiet.ends(now) {
        Some(end) if !weight.urgent => Turn::Later(end),
        _ => Turn::Now,
    }
}

pub fn class_name(class: MessageClass) -> &'static str {
    match class {
        MessageClass::Mandatory => "mandatory",
        MessageClass::Informative => "informative",
    }
}

/// A word that is not known is nothing that anybody may switch off.
pub fn class_of(name: &str) -> MessageClass {
    match name {
        "informative" => MessageClass::Informative,
        _ => MessageClass::Mandatory,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Time = Time::from_seconds(7 * 3_600);
    const MIDNIGHT: Time = Time::from_seconds(19 * 3_600);
    const MORNING: Time = Time::from_seconds(27 * 3_600);

    fn judged(class: MessageClass, urgent: bool, now: Time) -> [Turn; 2] {
        let wanted = Preferences { sms: false, ..Preferences::default() };
        ["sms", "email"].map(|channel| turn(Weight { class, urgent }, channel, wanted, Quiet::default(), now))
    }

    #[test]
    fn only_what_is_informative_can_be_switched_off() {
        assert_eq!(judged(MessageClass::Informative, false, NOON), [Turn::Unwanted, Turn::Now]);
        assert_eq!(judged(MessageClass::Mandatory, false, NOON), [Turn::Now, Turn::Now]);
    }

    #[test]
    fn only_what_is_urgent_wakes_people() {
        assert_eq!(judged(MessageClass::Mandatory, false, MIDNIGHT), [Turn::Later(MORNING); 2]);
        assert_eq!(judged(MessageClass::Mandatory, true, MIDNIGHT), [Turn::Now, Turn::Now]);
        assert_eq!(judged(MessageClass::Informative, false, MIDNIGHT), [Turn::Unwanted, Turn::Later(MORNING)]);
    }

    #[test]
    fn a_class_keeps_its_name() {
        for class in [MessageClass::Mandatory, MessageClass::Informative] {
            assert_eq!(class_of(class_name(class)), class);
        }
        assert_eq!(class_of("new"), MessageClass::Mandatory);
    }
}
