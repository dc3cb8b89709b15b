//! What an officer typed, as the audit keeps it: sealed with the case's key, so that the words go with the case and the act's place in
//! the chain stays proved.

use kernel::{CaseId, Failure, Random, sealed::CaseKey};

/// What an earlier release kept is plain and does not begin so.
const SEALED: &str = "sealed:";

pub fn seal(key: &CaseKey, case: CaseId, reason: &str, random: &dyn Random) -> String {
    let sealed = key.seal(reason.as_bytes(), &place(case), random);
    let digits: String = sealed.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{SEALED}{digits}")
}

/// The words of what is kept.
pub fn open(key: &CaseKey, case: CaseId, kept: &str) -> Result<String, Failure> {
    let Some(sealed) = kept.strip_prefix(SEALED).and_then(bytes) else { return Ok(kept.to_owned()) };
    let words = key.open(&sealed, &place(case))?;
    String::from_utf8(words).map_err(|_| Failure::internal("case.unreadable", "The case could not be read."))
}

fn bytes(digits: &str) -> Option<Vec<u8>> {
    let pairs = digits.as_bytes().chunks(2);
    pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}

fn place(case: CaseId) -> Vec<u8> {
    [case.as_bytes().as_slice(), b"reason"].concat()
}

#[cfg(test)]
mod tests {
    use kernel::SeededRandom;

    use super::*;

    #[test]
    fn a_reason_is_read_with_the_key_of_its_case_and_an_older_one_as_it_is() {
        let random = SeededRandom::new(1);
        let (key, other) = (CaseKey::generate(&random), CaseKey::generate(&random));
        let (case, another) = (CaseId::from_bytes([1; 16]), CaseId::from_bytes([2; 16]));
        let kept = seal(&key, case, "The complaint of Karimova", &random);
        assert!(!kept.contains("Karimova") && kept.starts_with(SEALED), "{kept}");
        assert_eq!(open(&key, case, &kept).unwrap(), "The complaint of Karimova");
        assert_eq!(open(&other, case, &kept).unwrap_err().code, "sealed.unreadable");
        assert_eq!(open(&key, another, &kept).unwrap_err().code, "sealed.unreadable");
        assert_eq!(open(&key, case, "A complaint").unwrap(), "A complaint");
        assert_eq!(open(&key, case, "sealed: by the court").unwrap(), "sealed: by the court");
    }
}
