//! Ids: 16 bytes, ordered by time (UUID v7, RFC 9562), one type for each thing so that they cannot be mixed up.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Clock, Failure, Random, bytes};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            pub fn new(clock: &dyn Clock, random: &dyn Random) -> Self {
                let millis = u64::try_from(clock.now().micros() / 1000).unwrap_or_default();
                let uuid = uuid::Builder::from_unix_timestamp_millis(millis, &bytes::<10>(random));
                Self(uuid.into_uuid())
            }

            /// For ids that follow from something else: the first 16 bytes of a hash.
            pub fn derived(from: crate::Hash) -> Self {
                let mut bytes = [0; 16];
                bytes.copy_from_slice(&from.as_bytes()[..16]);
                Self(Uuid::from_bytes(bytes))
            }

            pub fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(Uuid::from_bytes(bytes))
            }

            pub fn from_slice(bytes: &[u8]) -> Result<Self, Failure> {
                let malformed = |_| Failure::invalid("id.malformed", "An id has 16 bytes.");
                Ok(Self(Uuid::from_slice(bytes).map_err(malformed)?))
            }

            pub fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }

            pub fn to_vec(self) -> Vec<u8> {
                self.0.as_bytes().to_vec()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(out, "{}", self.0.simple())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(out, concat!(stringify!($name), "({})"), self.0.simple())
            }
        }

        impl FromStr for $name {
            type Err = Failure;

            fn from_str(text: &str) -> Result<Self, Failure> {
                let malformed = || Failure::invalid("id.malformed", "An id is written with 32 hexadecimal digits.");
                if text.len() != 32 {
                    return Err(malformed());
                }
                Ok(Self(Uuid::try_parse(text).map_err(|_| malformed())?))
            }
        }

        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }
    )*};
}

ids! {
    /// One run of a service's process for one applicant.
    CaseId,
    /// A person, opaque: never a PINFL.
    PersonId,
    /// Work for a person inside a case.
    TaskId,
    /// One command, executed at most once.
    CommandId,
    IntentId,
    AttemptId,
    RefundId,
    DocumentId,
    MessageId,
    SessionId,
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{ManualClock, SeededRandom, Time};

    #[test]
    fn ids_are_ordered_by_time_and_survive_their_text() {
        let clock = ManualClock::at(Time::from_micros(1_767_225_600_000_000));
        let random = SeededRandom::new(7);
        let first = CaseId::new(&clock, &random);
        clock.advance(Duration::from_millis(2));
        let second = CaseId::new(&clock, &random);
        assert!(first < second);
        assert_eq!(first.to_string().parse::<CaseId>().unwrap(), first);
        assert!("01234".parse::<CaseId>().is_err());
    }
}
