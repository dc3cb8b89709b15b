//! An action as its asker names it: somebody else's equal id is another action.

use kernel::{Hash, PersonId};

/// An id and who asks under it. Ids are hashes that others can know or compute: whoever takes another's first gets no answer of
/// theirs, and does not keep them from getting it.
#[derive(Debug, Clone, Copy)]
pub struct Action<'a> {
    id: &'a [u8],
    /// A hash with the id in it: rows outlive what they are about, and two of one person's are not seen to be one person's.
    asked_by: Hash,
}

impl<'a> Action<'a> {
    /// Asked by an e-service, for a case of its own.
    pub fn of_service(agency: &str, service: &str, id: &'a [u8]) -> Self {
        Self { id, asked_by: Hash::of_parts(&[b"service", agency.as_bytes(), service.as_bytes(), id]) }
    }

    /// Asked by a person, under the id of their command.
    pub fn of_person(person: PersonId, id: &'a [u8]) -> Self {
        Self { id, asked_by: Hash::of_parts(&[b"person", person.as_bytes(), id]) }
    }

    pub(crate) fn asked_by(&self) -> Hash {
        self.asked_by
    }

    /// Where its row may lie: under its id, where the release before this one looks for it; where somebody else has that place,
    /// under an id that is longer than any action's.
    pub(crate) fn places(&self) -> [Vec<u8>; 2] {
        [self.id.to_vec(), [self.asked_by.as_bytes().as_slice(), self.id].concat()]
    }

    /// Whether a row in such a place counts as this action's. An older release did not say whose its rows are.
    pub(crate) fn owns(&self, asked_by: Option<Vec<u8>>) -> bool {
        asked_by.is_none_or(|other| other == self.asked_by.to_vec())
    }
}
