//! Resources as their agencies published them.

use api::{Agency, GrantRequest, Kind, Registry};
use kernel::{Failure, Hash, Time};
use serde::de::DeserializeOwned;
use sql::{Error, Tx, args};

/// False when exactly this is there already.
pub async fn put(
    tx: &mut Tx,
    (kind, agency, name): (Kind, &str, &str),
    body: &[u8],
    hash: Hash,
    now: Time,
) -> Result<bool, Error> {
    let changed = tx
        .execute(
            "INSERT INTO resources (kind, agency, name, body, hash, published) VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (kind, agency, name) DO UPDATE SET body = $4, hash = $5, published = $6, withdrawn = NULL
             WHERE resources.hash <> $5 OR resources.withdrawn IS NOT NULL",
            args![kind.name(), agency, name, body, hash, now],
        )
        .await?;
    Ok(changed == 1)
}

/// False when it is withdrawn already, or was never there. What it said is still known.
pub async fn withdraw(tx: &mut Tx, (kind, agency, name): (Kind, &str, &str), now: Time) -> Result<bool, Error> {
    let sql = "UPDATE resources SET withdrawn = $4 WHERE kind = $1 AND agency = $2 AND name = $3 AND withdrawn IS NULL";
    Ok(tx.execute(sql, args![kind.name(), agency, name, now]).await? > 0)
}

pub async fn agency(tx: &mut Tx, name: &str) -> Result<Option<Agency>, Failure> {
    get(tx, Kind::Agency, name, name).await
}

/// One that may be asked.
pub async fn registry(tx: &mut Tx, owner: &str, name: &str) -> Result<Option<Registry>, Failure> {
    get(tx, Kind::Registry, owner, name).await
}

/// Also one that was withdrawn: who reads about earlier calls reads its names.
pub async fn known_registry(tx: &mut Tx, owner: &str, name: &str) -> Result<Option<Registry>, Failure> {
    published(tx, owner, name).await?.map(|body| read(&body)).transpose()
}

pub async fn grant_request(tx: &mut Tx, asker: &str, name: &str) -> Result<Option<GrantRequest>, Failure> {
    get(tx, Kind::GrantRequest, asker, name).await
}

/// A registry's own bytes; those of a withdrawn one, too.
pub async fn published(tx: &mut Tx, owner: &str, name: &str) -> Result<Option<Vec<u8>>, Error> {
    let sql = "SELECT body FROM resources WHERE kind = $1 AND agency = $2 AND name = $3";
    let row = tx.fetch_optional(sql, args![Kind::Registry.name(), owner, name]).await?;
    row.map(|row| row.blob(0)).transpose()
}

async fn get<T: DeserializeOwned>(tx: &mut Tx, kind: Kind, agency: &str, name: &str) -> Result<Option<T>, Failure> {
    let sql = "SELECT body FROM resources WHERE kind = $1 AND agency = $2 AND name = $3 AND withdrawn IS NULL";
    let row = tx.fetch_optional(sql, args![kind.name(), agency, name]).await?;
    row.map(|row| read(&row.blob(0)?)).transpose()
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Failure> {
    serde_json::from_slice(body).map_err(|error| {
        Failure::internal("exchange.resource", "A resource of an older release cannot be read.").with_detail(error)
    })
}
