//! Destroys what is known of people whom nobody has needed for long.

use std::time::Duration;

use kernel::{Failure, PersonId, Time};
use sql::{Tx, args};

use super::{Record, Store, record};

/// So many in one transaction: sign-ins never wait for it.
const TOGETHER: i64 = 100;
/// A need is not written down more often than this.
const NEEDED_EVERY: Duration = Duration::from_secs(24 * 60 * 60);

impl Store {
    /// Somebody needs to know this person now.
    pub(crate) async fn needed(&self, tx: &mut Tx, person: PersonId) -> Result<(), Failure> {
        let now = self.now();
        let update = "UPDATE persons SET needed_us = $1 WHERE person = $2 AND needed_us < $3";
        tx.execute(update, args![now, person, now.minus(NEEDED_EVERY)]).await?;
        Ok(())
    }

    /// Forgets people whom nobody needed since then, a hundred at most; says how many. Whoever serves or served as an officer is known
    /// for as long as there are acts to answer for. A copy of the release before writes `updated_us` alone, and may still serve while
    /// this one sweeps.
    pub async fn forget(&self, before: Time) -> Result<usize, Failure> {
        let mut tx = self.database.begin().await?;
        let rows = tx
            .fetch_all(
                "SELECT person FROM persons
                 WHERE needed_us < $1 AND updated_us < $1 AND forgotten_us IS NULL
                 AND person NOT IN (SELECT person FROM officers)
                 ORDER BY needed_us LIMIT $2",
                args![before, TOGETHER],
            )
            .await?;
        let mut forgotten = 0;
        for row in &rows {
            let person = row.parsed(0, PersonId::from_slice)?;
            forgotten += usize::from(self.forget_one(&mut tx, person, before).await?);
        }
        if forgotten > 0 {
            tx.destroys();
        }
        tx.commit().await?;
        Ok(forgotten)
    }

    /// False: they came back at this very moment.
    async fn forget_one(&self, tx: &mut Tx, person: PersonId, before: Time) -> Result<bool, Failure> {
        let now = self.now();
        let changed = tx
            .execute(
                "UPDATE persons SET wrapped_key = $1, facts = $1, forgotten_us = $2
                 WHERE person = $3 AND needed_us < $4 AND updated_us < $4 AND forgotten_us IS NULL",
                args![Vec::<u8>::new(), now, person, before],
            )
            .await?;
        if changed == 0 {
            return Ok(false);
        }
        tx.execute("DELETE FROM passwords WHERE person = $1", args![person]).await?;
        let forgotten = Record {
            act: "identity.person-forgotten",
            actor: None,
            through: "identity",
            subject: person.to_vec(),
            agency: "",
            purpose: "",
            detail: serde_json::json!({ "neededBefore": before.to_string() }),
        };
        record(tx, now, forgotten).await?;
        Ok(true)
    }
}
