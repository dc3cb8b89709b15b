//! Under which keys agencies' own systems are, or were, admitted to the bus.

use kernel::Time;
use sql::{Error, Tx, args};

/// A key that is refused from its end on.
pub struct Ended {
    pub agency: String,
    /// Public NATS user key.
    pub nats_user: String,
    pub at: Time,
}

/// Admits a system of an agency under this key, and ends the one it had. False when nothing changed.
pub async fn admit(tx: &mut Tx, (agency, agent): (&str, &str), nats_user: &str, now: Time) -> Result<bool, Error> {
    let ended = tx
        .execute(
            "UPDATE agents SET ended = $4 WHERE agency = $1 AND agent = $2 AND nats_user <> $3 AND ended IS NULL",
            args![agency, agent, nats_user, now],
        )
        .await?;
    let admitted = tx
        .execute(
            "INSERT INTO agents (agency, agent, nats_user, since) VALUES ($1, $2, $3, $4)
             ON CONFLICT (agency, agent, nats_user) DO UPDATE SET ended = NULL WHERE agents.ended IS NOT NULL",
            args![agency, agent, nats_user, now],
        )
        .await?;
    Ok(ended + admitted > 0)
}

/// Admits none of the agency's systems any more.
pub async fn end(tx: &mut Tx, agency: &str, now: Time) -> Result<(), Error> {
    tx.execute("UPDATE agents SET ended = $2 WHERE agency = $1 AND ended IS NULL", args![agency, now]).await?;
    Ok(())
}

/// Keys under which no system of the agency is admitted any more.
pub async fn ended(tx: &mut Tx) -> Result<Vec<Ended>, Error> {
    let rows = tx
        .fetch_all(
            "SELECT agency, nats_user, MAX(ended) FROM agents
             GROUP BY agency, nats_user HAVING COUNT(*) = COUNT(ended)",
            args![],
        )
        .await?;
    let read = |row: &sql::Row| Ok(Ended { agency: row.text(0)?, nats_user: row.text(1)?, at: row.time(2)? });
    let mut ended = rows.iter().map(read).collect::<Result<Vec<_>, Error>>()?;
    // In an order that depends on no collation: claims are compared.
    ended.sort_by(|one, other| (&one.agency, &one.nats_user).cmp(&(&other.agency, &other.nats_user)));
    Ok(ended)
}
