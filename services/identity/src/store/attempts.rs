//! Counts failed sign-ins before they are tried, so that many at once are counted as many.

use std::time::Duration;

use kernel::{Failure, Hash, Time};
use sql::{Tx, args};

use super::Store;
use crate::domain::attempts::{DAY, History, Record, Verdict, judge};

/// A network from which an account was signed in is its own for so long.
pub const FAMILIAR: Duration = Duration::from_secs(60 * 24 * 60 * 60);

/// The keys one attempt is counted under.
#[derive(Debug, Clone, Copy)]
pub struct Attempt {
    pair: Hash,
    network: Hash,
    account: Hash,
    /// A second factor is also counted by the day.
    day: Option<Hash>,
    familiar: Option<Hash>,
}

impl Attempt {
    pub fn new(store: &Store, account: Hash, network: &str) -> Self {
        let network_hash = store.seals.lookup("network", network);
        let pair = Hash::of_parts(&[account.as_bytes(), network_hash.as_bytes()]);
        Self { pair, network: network_hash, account, day: None, familiar: None }
    }

    /// For a second factor: whoever gets this far knows the password, so the account itself waits. A network from which
    /// it was signed in before is counted apart: a thief of the password elsewhere does not use up its owner's tries.
    pub async fn of_second_factor(store: &Store, account: Hash, network: &str) -> Result<Self, Failure> {
        let there = Self::new(store, account, network);
        let familiar = Hash::of_parts(&[b"familiar", there.pair.as_bytes()]);
        let pair = if store.is_familiar(familiar).await? { there.pair } else { Hash::of_parts(&[account.as_bytes()]) };
        let day = Hash::of_parts(&[b"day", pair.as_bytes()]);
        Ok(Self { pair, day: Some(day), familiar: Some(familiar), ..there })
    }
}

impl Store {
    /// Judges an attempt and counts it as failed until `succeeded` says otherwise.
    pub async fn attempt(&self, attempt: &Attempt) -> Result<Verdict, Failure> {
        let now = self.now();
        let mut tx = self.database.begin().await?;
        let history = History {
            pair: read(&mut tx, attempt.pair).await?,
            network: read(&mut tx, attempt.network).await?,
            account: read(&mut tx, attempt.account).await?,
            day: match attempt.day {
                Some(day) => read(&mut tx, day).await?,
                None => Record::default(),
            },
        };
        let verdict = judge(&history, now);
        if let Verdict::Go { .. } = verdict {
            // In the order of the keys: two attempts at once never wait for each other in a circle.
            let mut rows = vec![
                (attempt.pair, history.pair.current(now)),
                (attempt.network, history.network.current(now)),
                (attempt.account, history.account.current(now)),
            ];
            rows.extend(attempt.day.map(|day| (day, history.day.within(DAY, now))));
            rows.sort_by_key(|(key, _)| *key);
            for (key, failures) in rows {
                count(&mut tx, key, failures + 1, now).await?;
            }
            tx.commit().await?;
        }
        Ok(verdict)
    }

    pub async fn succeeded(&self, attempt: &Attempt) -> Result<(), Failure> {
        let mut tx = self.database.begin().await?;
        let mut keys = vec![attempt.pair, attempt.account, attempt.network];
        keys.extend(attempt.day);
        keys.sort();
        for key in keys {
            let sql = if key == attempt.network || Some(key) == attempt.day {
                // Others in the same network, and whoever guessed today, keep what they did; only this attempt is taken back.
                "UPDATE attempts SET failures = failures - 1 WHERE key_hash = $1 AND failures > 0"
            } else {
                "DELETE FROM attempts WHERE key_hash = $1"
            };
            tx.execute(sql, args![key.to_vec()]).await?;
        }
        if let Some(familiar) = attempt.familiar {
            tx.execute(
                "INSERT INTO familiar (key_hash, last_us) VALUES ($1, $2)
                 ON CONFLICT (key_hash) DO UPDATE SET last_us = excluded.last_us",
                args![familiar.to_vec(), self.now().micros()],
            )
            .await?;
        }
        Ok(tx.commit().await?)
    }

    async fn is_familiar(&self, key: Hash) -> Result<bool, Failure> {
        let since = self.now().minus(FAMILIAR).micros();
        let mut tx = self.database.read().await?;
        let sql = "SELECT 1 FROM familiar WHERE key_hash = $1 AND last_us > $2";
        Ok(tx.fetch_optional(sql, args![key.to_vec(), since]).await?.is_some())
    }
}

async fn read(tx: &mut Tx, key: Hash) -> Result<Record, Failure> {
    let row =
        tx.fetch_optional("SELECT failures, last_us FROM attempts WHERE key_hash = $1", args![key.to_vec()]).await?;
    let Some(row) = row else { return Ok(Record::default()) };
    Ok(Record { failures: row.int(0)?, last: Time::from_micros(row.int(1)?) })
}

/// Adds one unless the count starts anew; concurrent attempts add up.
async fn count(tx: &mut Tx, key: Hash, failures: i64, now: Time) -> Result<(), Failure> {
    let sql = if failures == 1 {
        "INSERT INTO attempts (key_hash, failures, last_us) VALUES ($1, 1, $2)
         ON CONFLICT (key_hash) DO UPDATE SET failures = 1, last_us = excluded.last_us"
    } else {
        "UPDATE attempts SET failures = failures + 1, last_us = $2 WHERE key_hash = $1"
    };
    tx.execute(sql, args![key.to_vec(), now.micros()]).await?;
    Ok(())
}
