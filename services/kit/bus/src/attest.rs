//! A file that a service vouches for: whoever holds the platform's public keys checks it without any connection.

use kernel::{Failure, Hash, Time};

use crate::{
    Bus,
    keys::{Key, Signer, TrustedKeys},
    signature,
};

/// Who vouches, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attested {
    pub time: Time,
    /// A detached JWS (RFC 7797) over `xizmat-attested-v1`, the time in microseconds and the SHA-256 of the file, a line each.
    pub signature: String,
}

impl Bus {
    /// Vouches for a file under the key with which the role signs its messages.
    pub fn attest(&self, file: &[u8]) -> Attested {
        attest(self.key(), file, self.now())
    }
}

pub fn attest(key: &Key, file: &[u8], time: Time) -> Attested {
    Attested { time, signature: signature::sign_text(key, &payload(file, time)) }
}

/// Says who vouched for the file, or refuses.
pub fn check(keys: &TrustedKeys, file: &[u8], attested: &Attested) -> Result<Signer, Failure> {
    signature::verify_text(keys, &attested.signature, attested.time, &payload(file, attested.time))
}

fn payload(file: &[u8], time: Time) -> String {
    format!("xizmat-attested-v1\n{}\n{}", time.micros(), Hash::of(file))
}

#[cfg(test)]
mod tests {
    use kernel::SeededRandom;

    use super::*;

    #[test]
    fn a_file_is_believed_only_as_it_was_and_from_a_key_that_counted_then() {
        let (key, other) = (Key::generate(&SeededRandom::new(1)), Key::generate(&SeededRandom::new(2)));
        let (then, end) = (Time::from_seconds(1_790_000_000), Time::from_seconds(1_790_000_100));
        let file = tempfile::NamedTempFile::new().unwrap();
        let trusted = vec![key.trusted("docket", Time::from_seconds(0), Some(end))];
        std::fs::write(file.path(), serde_json::to_vec(&trusted).unwrap()).unwrap();
        let keys = TrustedKeys::read(file.path()).unwrap();
        let attested = attest(&key, b"acts", then);
        assert_eq!(check(&keys, b"acts", &attested).unwrap().role, "docket");
        assert!(check(&keys, b"act", &attested).is_err(), "the end is cut off");
        let later = Attested { time: then.plus(std::time::Duration::from_secs(1)), ..attested };
        assert!(check(&keys, b"acts", &later).is_err(), "another time");
        assert!(check(&keys, b"acts", &attest(&other, b"acts", then)).is_err(), "a stranger's key");
        assert!(check(&keys, b"acts", &attest(&key, b"acts", end)).is_err(), "the key had ended");
    }
}
