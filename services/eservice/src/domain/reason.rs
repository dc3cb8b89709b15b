//! What an officer typed, as the audit keeps it: sealed with the case's key, so that the words go with the case and the act's place in
//! the chain stays proved.

use kernel::{CaseId, Failure, Random, sealed::CaseKey};

pub fn seal(key: &CaseKey, case: CaseId, reason: &str, random: &dyn Random) -> String {
    key.seal_words(reason, &place(case), random)
}

/// The words of what is kept; what an earlier release kept is plain.
pub fn open(key: &CaseKey, case: CaseId, kept: &str) -> Result<String, Failure> {
    key.open_words(kept, &place(case))
}

fn place(case: CaseId) -> Vec<u8> {
    [case.as_bytes().as_slice(), b"reason"].concat()
}

#[cfg(test)]
mod tests {
    use kernel::{SeededRandom, sealed::SEALED_WORDS};

    use super::*;

    #[test]
    fn a_reason_is_read_with_the_key_of_its_case_and_an_older_one_as_it_is() {
        let random = SeededRandom::new(1);
        let key = CaseKey::generate(&random);
        let (case, another) = (CaseId::from_bytes([1; 16]), CaseId::from_bytes([2; 16]));
        let kept = seal(&key, case, "The complaint of Karimova", &random);
        assert!(kept.starts_with(SEALED_WORDS), "{kept}");
        assert_eq!(open(&key, case, &kept).unwrap(), "The complaint of Karimova");
        assert_eq!(open(&key, another, &kept).unwrap_err().code, "sealed.unreadable");
        assert_eq!(open(&key, case, "A complaint").unwrap(), "A complaint");
    }
}
