//! The second factor (RFC 6238): six digits, thirty seconds, one step either side, each step at most once.

use kernel::{Failure, Time};
use totp_rs::{Algorithm, Builder, Secret, Totp};

pub const SECRET_BYTES: usize = 20;

/// The step a code belongs to, if it is right and newer than every step used before.
pub fn accept(secret: &[u8; SECRET_BYTES], code: &str, last_step: i64, now: Time) -> Option<i64> {
    let digits: String = code.chars().filter(|character| !character.is_whitespace()).collect();
    if digits.len() != 6 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let seconds = u64::try_from(now.seconds()).ok()?;
    let step = i64::try_from(totp(secret).check(&digits, seconds)?).ok()?;
    (step > last_step).then_some(step)
}

/// What an authenticator application shows at a moment, for tools that act as one.
pub fn authenticator_code(secret: &str, at: Time) -> Result<String, Failure> {
    Ok(code_at(&from_base32(secret)?, at))
}

pub fn code_at(secret: &[u8; SECRET_BYTES], at: Time) -> String {
    let seconds = u64::try_from(at.seconds()).unwrap_or_default();
    totp(secret).generate(seconds).to_string()
}

fn totp(secret: &[u8; SECRET_BYTES]) -> Totp {
    Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_secret(Secret::new_stack(*secret))
        .with_digits(6)
        .with_skew(1)
        .with_step_duration(30)
        .build()
        .expect("20 bytes, 6 digits and 30 seconds are what RFC 6238 asks for")
}

const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// Base32 (RFC 4648) as authenticator applications take it: 20 bytes are exactly 32 letters.
pub fn to_base32(secret: &[u8; SECRET_BYTES]) -> String {
    let mut text = String::with_capacity(32);
    for chunk in secret.chunks(5) {
        let bits = chunk.iter().fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
        for index in (0..8).rev() {
            let letter = ALPHABET[usize::from((bits >> (index * 5) & 31) as u8)];
            text.push(char::from(letter));
        }
    }
    text
}

pub fn from_base32(text: &str) -> Result<[u8; SECRET_BYTES], Failure> {
    let malformed = || {
        Failure::invalid(
            "identity.totp-secret",
            "A TOTP secret is written with 32 letters A–Z and digits 2–7 (base32).",
        )
    };
    let letters: Vec<u8> = text.bytes().filter(|byte| *byte != b' ').collect();
    if letters.len() != 32 {
        return Err(malformed());
    }
    let mut secret = [0; SECRET_BYTES];
    for (chunk, bytes) in letters.chunks(8).zip(secret.chunks_mut(5)) {
        let mut bits = 0_u64;
        for letter in chunk {
            let value = ALPHABET.iter().position(|known| known == letter).ok_or_else(malformed)?;
            bits = bits << 5 | value as u64;
        }
        bytes.copy_from_slice(&bits.to_be_bytes()[3..]);
    }
    Ok(secret)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RFC_SECRET: &[u8; 20] = b"12345678901234567890";

    #[test]
    fn the_test_vectors_of_rfc_6238_hold() {
        assert_eq!(code_at(RFC_SECRET, Time::from_seconds(59)), "287082");
        assert_eq!(code_at(RFC_SECRET, Time::from_seconds(1_111_111_109)), "081804");
    }

    #[test]
    fn a_replayed_step_is_refused() {
        let now = Time::from_seconds(1_111_111_109);
        let step = accept(RFC_SECRET, "081 804", 0, now).unwrap();
        assert_eq!(accept(RFC_SECRET, "081804", step, now), None);
        let earlier = code_at(RFC_SECRET, Time::from_seconds(1_111_111_109 - 30));
        assert_eq!(accept(RFC_SECRET, &earlier, step, now), None);
        assert!(accept(RFC_SECRET, &earlier, 0, now).is_some());
        assert_eq!(accept(RFC_SECRET, "0818040", 0, now), None);
    }

    #[test]
    fn base32_goes_there_and_back() {
        let text = to_base32(RFC_SECRET);
        assert_eq!(text, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        assert_eq!(&from_base32(&text).unwrap(), RFC_SECRET);
        assert!(from_base32("GEZD").is_err());
        assert!(from_base32(&text.replace('G', "1")).is_err());
    }
}
