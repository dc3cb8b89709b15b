//! Who applies, and by what somebody acts for them.

use kernel::{Time, id::PersonId};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Who applies, and what identity says about them for this case.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Applicant {
    pub person: PersonId,
    /// Who acts; another person than `person` when there is a mandate.
    pub actor: PersonId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mandate: Option<Mandate>,
    /// `low`, `substantial`, `high`.
    pub assurance: String,
    /// `name`, `pinfl`, `birthDate`, `sex`, `phone`, `email`: what expressions read as `applicant.…`.
    pub profile: Map<String, Value>,
}

impl Applicant {
    /// Who acts for the person at this moment by a record, if anybody does.
    pub fn represented_by(&self, now: Time) -> Option<PersonId> {
        let recorded = self.mandate.as_ref().filter(|mandate| !mandate.is_asserted());
        let in_force = recorded.is_some_and(|mandate| mandate.ended.is_none() && now < mandate.until);
        (in_force && self.actor != self.person).then_some(self.actor)
    }
}

/// By what somebody acts for the applicant: a record, as a registry gave it, or what identity says of a company's directors.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Mandate {
    /// `attorney`, `director`, `parent`
    pub kind: String,
    /// The record's number; empty where identity vouches.
    pub record: String,
    /// `registry/operation`, or `identity`.
    pub source: String,
    /// The representative, by name and PINFL: the registry is asked about them again.
    pub representative: String,
    pub attorney: String,
    /// The moment after its last day.
    pub until: Time,
    /// When the registry was last heard for an event of this case.
    pub checked: Time,
    /// When, and why, it gave no right to this case any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<MandateEnd>,
}

impl Mandate {
    /// Whether identity vouches for it with every command: then the case belongs to whoever directs the company now, and the
    /// one who began it has no part in it by having begun it.
    pub fn is_asserted(&self) -> bool {
        self.kind == api::MandateKind::Director.name()
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MandateEnd {
    pub at: Time,
    /// Code of the reason: `mandate.revoked`, `mandate.expired`, …
    pub reason: String,
}
