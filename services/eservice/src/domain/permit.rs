//! A permit to read on in a file whose opening was recorded: it spares a record for each piece, never the right to read.

use std::time::Duration;

use kernel::{CaseId, Hash, PersonId, Random, TaskId, Time, sealed::CaseKey};

/// A hundred megabytes over a slow line take hours.
const LASTS: Duration = Duration::from_secs(6 * 3600);

/// Who reads which file through which task.
#[derive(Debug, Clone, Copy)]
pub struct Reading {
    pub case: CaseId,
    pub task: TaskId,
    pub officer: PersonId,
    /// Of the file, by its address.
    pub file: Hash,
}

impl Reading {
    pub fn permit(&self, key: &CaseKey, now: Time, random: &dyn Random) -> Vec<u8> {
        key.seal(&now.plus(LASTS).micros().to_be_bytes(), &self.bound(), random)
    }

    /// Whether a permit was given for this reading and still counts. Nothing else opens under the case's key in this place.
    pub fn is_permitted(&self, key: &CaseKey, permit: &[u8], now: Time) -> bool {
        let until = key.open(permit, &self.bound()).ok().and_then(|until| <[u8; 8]>::try_from(until).ok());
        until.is_some_and(|until| now < Time::from_micros(i64::from_be_bytes(until)))
    }

    fn bound(&self) -> Vec<u8> {
        let (case, task, officer) = (self.case.as_bytes(), self.task.as_bytes(), self.officer.as_bytes());
        [case.as_slice(), b"permit", task, officer, self.file.as_bytes()].concat()
    }
}

#[cfg(test)]
mod tests {
    use kernel::SeededRandom;

    use super::*;

    #[test]
    fn a_permit_counts_for_its_reader_file_and_time_alone() {
        let random = SeededRandom::new(4);
        let (key, other) = (CaseKey::generate(&random), CaseKey::generate(&random));
        let now = Time::from_seconds(1_790_000_000);
        let reading = Reading {
            case: CaseId::from_bytes([1; 16]),
            task: TaskId::from_bytes([2; 16]),
            officer: PersonId::from_bytes([3; 16]),
            file: Hash::of(b"a scan"),
        };
        let permit = reading.permit(&key, now, &random);
        let just_before = now.plus(LASTS).minus(Duration::from_secs(1));
        assert!(reading.is_permitted(&key, &permit, now) && reading.is_permitted(&key, &permit, just_before));
        assert!(!reading.is_permitted(&key, &permit, now.plus(LASTS)), "it ends");
        assert!(!reading.is_permitted(&other, &permit, now), "of another case's key");
        assert!(!reading.is_permitted(&key, b"", now) && !reading.is_permitted(&key, &permit[1..], now));
        for foreign in [
            Reading { task: TaskId::from_bytes([9; 16]), ..reading },
            Reading { officer: PersonId::from_bytes([9; 16]), ..reading },
            Reading { file: Hash::of(b"another"), ..reading },
        ] {
            assert!(!foreign.is_permitted(&key, &permit, now), "{foreign:?}");
        }
    }
}
