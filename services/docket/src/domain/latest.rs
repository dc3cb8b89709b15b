//! Where a page of a person's applications ends: the latest change first.

use kernel::CaseId;

/// An application's place among the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Latest {
    pub changed: i64,
    pub case: CaseId,
}

impl Latest {
    /// Before every application.
    pub fn start() -> Self {
        Self { changed: i64::MAX, case: CaseId::from_bytes([u8::MAX; 16]) }
    }

    pub fn parse(text: &str) -> Option<Self> {
        let (changed, case) = text.split_once('.')?;
        Some(Self { changed: changed.parse().ok()?, case: case.parse().ok()? })
    }
}

impl std::fmt::Display for Latest {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}.{}", self.changed, self.case)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_survives_its_text() {
        let place = Latest { changed: 7, case: CaseId::from_bytes([3; 16]) };
        assert_eq!(Latest::parse(&place.to_string()), Some(place));
        assert_eq!(Latest::parse("7"), None);
    }
}
