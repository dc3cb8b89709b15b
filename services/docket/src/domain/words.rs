//! What an officer typed for a search, as the audit keeps it: sealed with a key of the search's own, so that the words go with those whom
//! it found and the act's place in the chain stays proved.

use std::time::Duration;

use kernel::{
    Failure, MessageId, Random,
    sealed::{AgencyKey, CaseKey},
};

/// How long what was typed is kept for a search that found nobody.
pub const NOBODY_LASTS: Duration = Duration::from_secs(365 * 86_400);

#[derive(Debug)]
pub struct Sealed {
    /// The key, wrapped by one outside the database.
    pub key: Vec<u8>,
    pub words: String,
}

pub fn seal(outer: &AgencyKey, search: MessageId, typed: &str, random: &dyn Random) -> Sealed {
    let key = CaseKey::generate(random);
    Sealed { key: key.wrap(outer, random), words: key.seal_words(typed, &place(search), random) }
}

pub fn open(outer: &AgencyKey, search: MessageId, kept: &Sealed) -> Result<String, Failure> {
    CaseKey::unwrap(outer, &kept.key)?.open_words(&kept.words, &place(search))
}

fn place(search: MessageId) -> Vec<u8> {
    [search.as_bytes().as_slice(), b"reason"].concat()
}

#[cfg(test)]
mod tests {
    use kernel::SeededRandom;

    use super::*;

    #[test]
    fn what_was_typed_is_read_with_the_key_of_its_search_only() {
        let random = SeededRandom::new(1);
        let (outer, foreign) = (AgencyKey::from_bytes([9; 32]), AgencyKey::from_bytes([8; 32]));
        let (search, other) = (MessageId::from_bytes([1; 16]), MessageId::from_bytes([2; 16]));
        let kept = seal(&outer, search, "A letter of Karimova", &random);
        assert!(!kept.words.contains("Karimova"), "{kept:?}");
        assert_eq!(open(&outer, search, &kept).unwrap(), "A letter of Karimova");
        assert_eq!(open(&foreign, search, &kept).unwrap_err().code, "sealed.unreadable");
        assert_eq!(open(&outer, other, &kept).unwrap_err().code, "sealed.unreadable");
        let key = seal(&outer, other, "Another", &random).key;
        let moved = Sealed { key, ..kept };
        assert_eq!(open(&outer, search, &moved).unwrap_err().code, "sealed.unreadable");
    }
}
