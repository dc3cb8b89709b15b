//! Calls that did not prove to come from the provider: counted by the hour, so that strangers cannot fill the database.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use kernel::{Failure, Hash, Time};
use sql::{Database, Tx, args};

const HOUR_US: i64 = 3_600_000_000;

/// What adds up to one row.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Kind {
    provider: &'static str,
    /// The stable code of the refusal.
    outcome: String,
    hour: i64,
}

#[derive(Clone, Copy)]
struct Calls {
    number: i64,
    first: Time,
    last: Time,
    body_hash: Hash,
}

/// At most one write is under way; what comes meanwhile adds up for the next one.
pub struct Strangers {
    database: Database,
    waiting: Mutex<BTreeMap<Kind, Calls>>,
    writing: tokio::sync::Mutex<()>,
}

impl Strangers {
    pub fn new(database: Database) -> Self {
        Self { database, waiting: Mutex::default(), writing: tokio::sync::Mutex::new(()) }
    }

    pub async fn count(&self, provider: &'static str, outcome: &str, body: &[u8], now: Time) {
        let kind = Kind { provider, outcome: outcome.to_owned(), hour: now.micros() / HOUR_US };
        self.add(kind, Calls { number: 1, first: now, last: now, body_hash: Hash::of(body) });
        while !self.waiting().is_empty() {
            let Ok(_writing) = self.writing.try_lock() else { return };
            let calls = std::mem::take(&mut *self.waiting());
            if let Err(failure) = self.write(&calls).await {
                tracing::error!(code = %failure.code, ?failure, "strangers' calls could not be counted; they wait");
                calls.into_iter().for_each(|(kind, calls)| self.add(kind, calls));
                return;
            }
        }
    }

    fn waiting(&self) -> std::sync::MutexGuard<'_, BTreeMap<Kind, Calls>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, kind: Kind, more: Calls) {
        let mut waiting = self.waiting();
        let calls = waiting.entry(kind).or_insert(Calls { number: 0, ..more });
        let first = calls.first.min(more.first);
        *calls = Calls { number: calls.number + more.number, first, ..more };
    }

    async fn write(&self, calls: &BTreeMap<Kind, Calls>) -> Result<(), Failure> {
        let mut tx = self.database.begin().await?;
        for (kind, calls) in calls {
            tx.execute(
                "INSERT INTO stranger (provider, outcome, hour, calls, first_us, last_us, last_body_hash)
                 VALUES ($1, $2, $3, $4, $5, $6, $7)
                 ON CONFLICT (provider, outcome, hour) DO UPDATE SET calls = stranger.calls + excluded.calls,
                     last_us = excluded.last_us, last_body_hash = excluded.last_body_hash",
                args![
                    kind.provider,
                    &kind.outcome,
                    kind.hour,
                    calls.number,
                    calls.first.micros(),
                    calls.last.micros(),
                    calls.body_hash
                ],
            )
            .await?;
        }
        Ok(tx.commit().await?)
    }
}

/// Refusals and how often they were given, by provider's hour, oldest first.
pub async fn counts(tx: &mut Tx, provider: &str) -> Result<Vec<(String, i64)>, Failure> {
    let sql = "SELECT outcome, calls FROM stranger WHERE provider = $1 ORDER BY hour, outcome";
    let rows = tx.fetch_all(sql, args![provider]).await?;
    rows.iter().map(|row| Ok((row.text(0)?, row.int(1)?))).collect()
}
