//! The verification code printed on a document: 80 random bits in Crockford's base 32, easy to read aloud and to type.

use kernel::{Hash, Random, bytes, keyed_hash};
use subtle::ConstantTimeEq;

/// No I, L, O, U: nobody confuses a letter with a digit.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const BYTES: usize = 10;
const LETTERS: usize = 16;
const GROUP: usize = 4;

/// A new code, in groups: `7H2K-0QXN-4D9B-ZT51`.
pub fn generate(random: &dyn Random) -> String {
    let secret: [u8; BYTES] = bytes(random);
    let bits = secret.iter().fold(0_u128, |bits, byte| bits << 8 | u128::from(*byte));
    let mut code = String::with_capacity(LETTERS + LETTERS / GROUP);
    for index in 0..LETTERS {
        if index > 0 && index % GROUP == 0 {
            code.push('-');
        }
        let digit = bits >> (5 * (LETTERS - 1 - index)) & 31;
        code.push(char::from(ALPHABET[usize::try_from(digit).expect("five bits fit")]));
    }
    code
}

/// What a person typed, as the code was printed: case, spaces and dashes do not matter, `O` is 0, `I` and `L` are 1.
/// Anything else stays a wrong code of the same shape, so that it costs the same time.
fn normal(typed: &str) -> Vec<u8> {
    let letters = typed.chars().filter(|letter| !letter.is_whitespace() && *letter != '-').take(LETTERS + 1);
    let canonical = letters.map(|letter| match letter.to_ascii_uppercase() {
        'O' => b'0',
        'I' | 'L' => b'1',
        letter if letter.is_ascii_alphanumeric() => letter as u8,
        _ => b'?',
    });
    canonical.collect()
}

/// What is stored of a code. Bound to the number: a code says nothing about another document.
pub fn hash(key: &[u8; 32], number: &str, code: &str) -> Hash {
    keyed_hash(key, &[b"verification-code", number.as_bytes(), &normal(code)])
}

/// Compares in constant time; without a stored hash (unknown number) the same work is done.
pub fn fits(key: &[u8; 32], number: &str, typed: &str, stored: Option<&Hash>) -> bool {
    let nothing = Hash::from_bytes([0; 32]);
    let computed = hash(key, number, typed);
    let equal = bool::from(computed.as_bytes().ct_eq(stored.unwrap_or(&nothing).as_bytes()));
    equal && stored.is_some()
}

#[cfg(test)]
mod tests {
    use kernel::SeededRandom;

    use super::*;

    #[test]
    fn a_code_fits_however_a_person_types_it_and_only_its_own_document() {
        let key = [7; 32];
        let random = SeededRandom::new(3);
        let code = generate(&random);
        assert_eq!((code.len(), code.matches('-').count()), (19, 3));
        assert_ne!(code, generate(&random));
        let stored = hash(&key, "justice-2026-1", "10AB-CDEF-GHJK-MNPQ");
        let fits_as = |number: &str, typed: &str| fits(&key, number, typed, Some(&stored));
        assert!(fits_as("justice-2026-1", "loab cdefghjk-mnpq"));
        assert!(!fits_as("justice-2026-2", "10AB-CDEF-GHJK-MNPQ"));
        assert!(!fits_as("justice-2026-1", "10AB-CDEF-GHJK-MNPR"));
        assert!(!fits_as("justice-2026-1", "10AB-CDEF-GHJK-MNPQ-Q"));
        assert!(!fits(&key, "justice-2026-1", "10AB-CDEF-GHJK-MNPQ", None));
    }
}
