//! Counts failed sign-ins before they are tried, so that many at once are counted as many.

use kernel::{Failure, Hash, Time};
use sql::{Tx, args};

use super::Store;
use crate::domain::attempts::{History, Record, Verdict, judge};

/// The three keys one attempt is counted under.
#[derive(Debug, Clone, Copy)]
pub struct Attempt {
    pair: Hash,
    network: Hash,
    account: Hash,
}

impl Attempt {
    pub fn new(store: &Store, account: Hash, network: &str) -> Self {
        let network_hash = store.seals.lookup("network", network);
        Self { pair: Hash::of_parts(&[account.as_bytes(), network_hash.as_bytes()]), network: network_hash, account }
    }

    /// For a second factor: whoever gets this far knows the password, so the account itself waits.
    pub fn of_account(store: &Store, account: Hash, network: &str) -> Self {
        Self { pair: Hash::of_parts(&[account.as_bytes()]), ..Self::new(store, account, network) }
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
        };
        let verdict = judge(&history, now);
        if let Verdict::Go { .. } = verdict {
            // In the order of the keys: two attempts at once never wait for each other in a circle.
            let mut rows =
                [(attempt.pair, history.pair), (attempt.network, history.network), (attempt.account, history.account)];
            rows.sort_by_key(|(key, _)| *key);
            for (key, record) in rows {
                count(&mut tx, key, record.current(now) + 1, now).await?;
            }
            tx.commit().await?;
        }
        Ok(verdict)
    }

    pub async fn succeeded(&self, attempt: &Attempt) -> Result<(), Failure> {
        let mut tx = self.database.begin().await?;
        let mut keys = [attempt.pair, attempt.account, attempt.network];
        keys.sort();
        for key in keys {
            let sql = if key == attempt.network {
                // Others in the same network keep what they did; only this attempt is taken back.
                "UPDATE attempts SET failures = failures - 1 WHERE key_hash = $1 AND failures > 0"
            } else {
                "DELETE FROM attempts WHERE key_hash = $1"
            };
            tx.execute(sql, args![key.to_vec()]).await?;
        }
        Ok(tx.commit().await?)
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
