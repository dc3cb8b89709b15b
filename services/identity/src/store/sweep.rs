//! Removes what has expired; a family's used tokens stay until the family itself is over, so that a replay is noticed.

use std::time::Duration;

use kernel::Failure;
use sql::args;

use super::{Store, attempts::FAMILIAR, mandates::DIRECTED};

/// How long ended sessions and forgotten attempts are kept.
const KEPT: Duration = Duration::from_secs(24 * 60 * 60);

const EXPIRED: [&str; 8] = [
    "DELETE FROM substitutes WHERE to_us < $1",
    "DELETE FROM flows WHERE expires_us < $1",
    "DELETE FROM invitations WHERE expires_us < $1",
    "DELETE FROM codes WHERE grant_id IN (SELECT grant_id FROM grants WHERE expires_us < $1)",
    "DELETE FROM tokens WHERE grant_id IN (SELECT grant_id FROM grants WHERE expires_us < $1)",
    "DELETE FROM grants WHERE expires_us < $1",
    "DELETE FROM mandates WHERE session IN (SELECT session FROM sessions WHERE expires_us < $1)",
    "DELETE FROM sessions WHERE expires_us < $1",
];

impl Store {
    pub async fn sweep(&self) -> Result<(), Failure> {
        let before = self.now().minus(KEPT).micros();
        for sql in EXPIRED.into_iter().chain(["DELETE FROM attempts WHERE last_us < $1"]) {
            // One short transaction each: sign-ins never wait for the broom.
            let mut tx = self.database.begin().await?;
            tx.execute(sql, args![before]).await?;
            tx.commit().await?;
        }
        let mut tx = self.database.begin().await?;
        let unfamiliar = self.now().minus(FAMILIAR).micros();
        tx.execute("DELETE FROM familiar WHERE last_us < $1", args![unfamiliar]).await?;
        tx.execute("DELETE FROM directors WHERE named_us < $1", args![self.now().minus(DIRECTED).micros()]).await?;
        tx.commit().await?;
        Ok(())
    }
}
