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
             ON CONFLICT (kind, agency, name) DO UPDATE SET body = $4, hash = $5, published = $6
             WHERE resources.hash <> $5",
            args![kind.name(), agency, name, body, hash, now],
        )
        .await?;
    Ok(changed == 1)
}

pub async fn agency(tx: &mut Tx, name: &str) -> Result<Option<Agency>, Failure> {
    get(tx, Kind::Agency, name, name).await
}

pub async fn registry(tx: &mut Tx, owner: &str, name: &str) -> Result<Option<Registry>, Failure> {
    get(tx, Kind::Registry, owner, name).await
}

pub async fn grant_request(tx: &mut Tx, asker: &str, name: &str) -> Result<Option<GrantRequest>, Failure> {
    get(tx, Kind::GrantRequest, asker, name).await
}

/// A registry's own bytes.
pub async fn published(tx: &mut Tx, owner: &str, name: &str) -> Result<Option<Vec<u8>>, Error> {
    body(tx, Kind::Registry, owner, name).await
}

async fn body(tx: &mut Tx, kind: Kind, agency: &str, name: &str) -> Result<Option<Vec<u8>>, Error> {
    let sql = "SELECT body FROM resources WHERE kind = $1 AND agency = $2 AND name = $3";
    let row = tx.fetch_optional(sql, args![kind.name(), agency, name]).await?;
    row.map(|row| row.blob(0)).transpose()
}

async fn get<T: DeserializeOwned>(tx: &mut Tx, kind: Kind, agency: &str, name: &str) -> Result<Option<T>, Failure> {
    let Some(body) = body(tx, kind, agency, name).await? else { return Ok(None) };
    let read = serde_json::from_slice(&body);
    read.map(Some).map_err(|error| {
        Failure::internal("exchange.resource", "A resource of an older release cannot be read.").with_detail(error)
    })
}
