//! A password as PostgreSQL keeps it (SCRAM-SHA-256, RFC 5802 and 7677): the statement that sets it can be logged safely.

use base64::{Engine, prelude::BASE64_STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

/// PostgreSQL's own default.
const ROUNDS: u32 = 4096;

pub(crate) fn verifier(password: &str, salt: &[u8]) -> String {
    let salted = stretched(password.as_bytes(), salt);
    let stored_key = Sha256::digest(keyed(&salted, b"Client Key"));
    let server_key = keyed(&salted, b"Server Key");
    let [salt, stored_key, server_key] = [salt, &stored_key, &server_key].map(|bytes| BASE64_STANDARD.encode(bytes));
    format!("SCRAM-SHA-256${ROUNDS}:{salt}${stored_key}:{server_key}")
}

/// PBKDF2 (RFC 8018) with HMAC-SHA-256, one block.
fn stretched(password: &[u8], salt: &[u8]) -> [u8; 32] {
    let mut last = keyed(password, &[salt, &1_u32.to_be_bytes()].concat());
    let mut sum = last;
    for _ in 1..ROUNDS {
        last = keyed(password, &last);
        sum.iter_mut().zip(last).for_each(|(sum, byte)| *sum ^= byte);
    }
    sum
}

fn keyed(key: &[u8], message: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.update(message);
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_becomes_what_postgresql_itself_would_store() {
        // `ALTER ROLE … PASSWORD 'correct horse'` on PostgreSQL 15 made this.
        let stored = "SCRAM-SHA-256$4096:7nPo8jBPPEnGQs4OhcxTtg==\
                      $aub0ANnJjx2goQWq3M0rO4Edn5XiQYTDdaWTsLy32YM=:I5Iw0g4UMXBhefDNE7MdwbLAgxBQvYXkbiJhijfWDkU=";
        let salt = BASE64_STANDARD.decode(stored.split([':', '$']).nth(2).unwrap()).unwrap();
        assert_eq!(verifier("correct horse", &salt), stored);
    }
}
