//! Where identity keeps persons, sessions and tokens: sealed or hashed, never readable from the database alone.

pub mod attempts;
pub mod flows;
pub mod forgotten;
pub mod grants;
pub mod invitations;
pub mod mandates;
pub mod officers;
pub mod persons;
pub mod sessions;
pub mod staff;
pub mod substitutes;
pub mod sweep;
#[cfg(test)]
pub(crate) mod tests;

use std::sync::Arc;

use kernel::{Clock, Hash, PersonId, Random, Time, keyed_hash, sealed::AgencyKey};
use sql::{Database, Tx, audit};

pub const MIGRATIONS: sql::Migrations = &[
    sql::Migration::new(1, "identity", include_str!("migrations/0001_identity.sql")),
    sql::Migration::new(2, "familiar", include_str!("migrations/0002_familiar.sql")),
    sql::Migration::new(3, "staff", include_str!("migrations/0003_staff.sql")),
    sql::Migration::new(7, "mandates", include_str!("migrations/0007_mandates.sql")),
    sql::Migration::new(8, "directors", include_str!("migrations/0008_directors.sql")),
    sql::Migration::new(9, "forgotten", include_str!("migrations/0009_forgotten.sql")),
];

/// Keys that follow from the one key outside the database, each for one purpose.
pub struct Seals {
    wrapping: AgencyKey,
    lookup: [u8; 32],
    pub pepper: [u8; 32],
    pub forms: [u8; 32],
}

impl Seals {
    pub fn of(key: &[u8; 32]) -> Self {
        let derived = |purpose: &str| *keyed_hash(key, &[purpose.as_bytes()]).as_bytes();
        Self {
            wrapping: AgencyKey::from_bytes(derived("persons")),
            lookup: derived("look-up"),
            pepper: derived("passwords"),
            forms: derived("forms"),
        }
    }

    /// Finds a value without storing it; `kind` keeps different things apart.
    pub fn lookup(&self, kind: &str, value: &str) -> Hash {
        keyed_hash(&self.lookup, &[kind.as_bytes(), value.as_bytes()])
    }

    /// The account a citizen's password belongs to.
    pub fn citizen_account(&self, pinfl: &str) -> Hash {
        self.lookup("citizen", pinfl)
    }

    /// The account an officer's password belongs to; logins are the same in any case.
    pub fn officer_account(&self, login: &str) -> Hash {
        self.lookup("officer", &login.trim().to_lowercase())
    }
}

#[derive(Clone)]
pub struct Store {
    pub(crate) database: Database,
    pub(crate) seals: Arc<Seals>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn Random>,
}

impl Store {
    pub fn new(database: Database, seals: Arc<Seals>, clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Self {
        Self { database, seals, clock, random }
    }

    pub fn now(&self) -> Time {
        self.clock.now()
    }
}

/// One row of the chained audit, in the transaction of the act it records.
pub(crate) struct Record<'a> {
    pub act: &'static str,
    pub actor: Option<PersonId>,
    /// The client or service on whose side it happened.
    pub through: &'a str,
    pub subject: Vec<u8>,
    pub agency: &'a str,
    pub purpose: &'a str,
    /// Without personal data.
    pub detail: serde_json::Value,
}

pub(crate) async fn record(tx: &mut Tx, now: Time, record: Record<'_>) -> Result<(), sql::Error> {
    let act = audit::Act {
        time: now,
        actor: record.actor,
        service_actor: Some(record.through.to_owned()),
        act: record.act.to_owned(),
        subject: record.subject,
        agency: record.agency.to_owned(),
        purpose: Some(record.purpose.to_owned()).filter(|purpose| !purpose.is_empty()),
        detail: record.detail.to_string(),
    };
    audit::append(tx, &act).await
}
