//! Which hosts of agencies' e-services are, or were, admitted to the bus.

use kernel::Time;
use sql::{Error, Tx, args};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host {
    pub agency: String,
    pub host: String,
    /// None: every service of the agency.
    pub services: Vec<String>,
    /// Public NATS user key.
    pub nats_user: String,
    /// Ed25519 public key, base64url.
    pub signing_key: String,
    pub since: Time,
    pub ended: Option<Time>,
}

/// Admits a host under its keys, and ends what it had under others. False when nothing changed.
pub async fn admit(tx: &mut Tx, host: &Host) -> Result<bool, Error> {
    let services = serde_json::to_string(&host.services).expect("a list of texts is JSON");
    let keys = args![&host.agency, &host.host, &host.nats_user, &host.signing_key];
    let ended = tx
        .execute(
            "UPDATE hosts SET ended = $5
             WHERE agency = $1 AND host = $2 AND ended IS NULL AND (nats_user <> $3 OR signing_key <> $4)",
            [keys, args![host.since]].concat(),
        )
        .await?;
    let admitted = tx
        .execute(
            "INSERT INTO hosts (agency, host, services, nats_user, signing_key, since) VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (agency, host, nats_user, signing_key) DO UPDATE SET services = $3, ended = NULL
             WHERE hosts.services <> $3 OR hosts.ended IS NOT NULL",
            args![&host.agency, &host.host, services, &host.nats_user, &host.signing_key, host.since],
        )
        .await?;
    Ok(ended + admitted > 0)
}

/// False when there was nothing to end.
pub async fn withdraw(tx: &mut Tx, agency: &str, host: &str, now: Time) -> Result<bool, Error> {
    let sql = "UPDATE hosts SET ended = $3 WHERE agency = $1 AND host = $2 AND ended IS NULL";
    Ok(tx.execute(sql, args![agency, host, now]).await? > 0)
}

/// All hosts of an agency that ended.
pub async fn withdraw_all(tx: &mut Tx, agency: &str, now: Time) -> Result<(), Error> {
    tx.execute("UPDATE hosts SET ended = $2 WHERE agency = $1 AND ended IS NULL", args![agency, now]).await?;
    Ok(())
}

pub async fn all(tx: &mut Tx) -> Result<Vec<Host>, Error> {
    let sql =
        "SELECT agency, host, services, nats_user, signing_key, since, ended FROM hosts ORDER BY since, signing_key";
    tx.fetch_all(sql, args![]).await?.iter().map(read).collect()
}

/// Hosts after a moment and a key, in their order. Nobody has two of one key: a host makes its own, at random.
pub async fn after(tx: &mut Tx, (since, signing_key): (Time, &str), limit: i64) -> Result<Vec<Host>, Error> {
    let sql = "SELECT agency, host, services, nats_user, signing_key, since, ended FROM hosts
               WHERE since > $1 OR (since = $1 AND signing_key > $2) ORDER BY since, signing_key LIMIT $3";
    tx.fetch_all(sql, args![since, signing_key, limit]).await?.iter().map(read).collect()
}

fn read(row: &sql::Row) -> Result<Host, Error> {
    let services = serde_json::from_str(&row.text(2)?).map_err(|error| Error::Other(error.to_string()))?;
    Ok(Host {
        agency: row.text(0)?,
        host: row.text(1)?,
        services,
        nats_user: row.text(3)?,
        signing_key: row.text(4)?,
        since: row.time(5)?,
        ended: row.opt_int(6)?.map(Time::from_micros),
    })
}
