//! Versions of grants and the approvals given to each.

use std::collections::HashMap;

use kernel::{Failure, Hash, Time, id::PersonId};
use sql::{Tx, args};

use crate::{
    domain::grant::{Version, approvals_needed},
    store::resources,
};

/// False when this version is known already.
pub async fn add(
    tx: &mut Tx,
    (agency, name): (&str, &str),
    hash: Hash,
    spec: &api::GrantSpec,
    now: Time,
) -> Result<bool, Failure> {
    let body = serde_json::to_vec(spec)
        .map_err(|error| Failure::internal("exchange.grant", "The grant cannot be kept.").with_detail(error))?;
    let needed = needed_now(tx, agency).await?;
    let added = tx
        .execute(
            "INSERT INTO grants (agency, name, hash, spec, to_agency, published, needed)
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (hash) DO NOTHING",
            args![agency, name, hash, body, &spec.to, now, needed],
        )
        .await?;
    Ok(added == 1)
}

/// Persons that the giver demands at this moment.
async fn needed_now(tx: &mut Tx, agency: &str) -> Result<i64, Failure> {
    Ok(resources::agency(tx, agency).await?.map_or(1, |giver| i64::from(approvals_needed(&giver))))
}

/// False when this person approved this version before. What the giver demands now is demanded of this version for good.
pub async fn approve(tx: &mut Tx, hash: Hash, person: PersonId, command: Hash, now: Time) -> Result<bool, Failure> {
    if let Some(row) = tx.fetch_optional("SELECT agency FROM grants WHERE hash = $1", args![hash]).await? {
        let needed = needed_now(tx, &row.text(0)?).await?;
        tx.execute("UPDATE grants SET needed = $2 WHERE hash = $1 AND needed < $2", args![hash, needed]).await?;
    }
    let approved = tx
        .execute(
            "INSERT INTO approvals (hash, person, time, command_id) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
            args![hash, person, now, command],
        )
        .await?;
    Ok(approved == 1)
}

/// One decision ends a version for good. False when it has ended already.
pub async fn revoke(tx: &mut Tx, hash: Hash, person: PersonId, command: Hash, now: Time) -> Result<bool, Failure> {
    let revoked = tx
        .execute(
            "INSERT INTO revocations (hash, person, time, command_id) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
            args![hash, person, now, command],
        )
        .await?;
    Ok(revoked == 1)
}

/// Every version of every grant, oldest first within a name.
pub async fn all(tx: &mut Tx) -> Result<Vec<Version>, Failure> {
    let rows = tx
        .fetch_all(
            "SELECT grants.id, agency, name, grants.hash, spec,
                    (SELECT COUNT(*) FROM approvals WHERE approvals.hash = grants.hash), needed,
                    (SELECT COUNT(*) FROM revocations WHERE revocations.hash = grants.hash)
             FROM grants ORDER BY grants.id",
            args![],
        )
        .await?;
    read_all(tx, &rows).await
}

/// Every version of the grants that one agency gives.
pub async fn of_giver(tx: &mut Tx, agency: &str) -> Result<Vec<Version>, Failure> {
    let rows = tx
        .fetch_all(
            "SELECT grants.id, agency, name, grants.hash, spec,
                    (SELECT COUNT(*) FROM approvals WHERE approvals.hash = grants.hash), needed,
                    (SELECT COUNT(*) FROM revocations WHERE revocations.hash = grants.hash)
             FROM grants WHERE agency = $1 ORDER BY grants.id",
            args![agency],
        )
        .await?;
    read_all(tx, &rows).await
}

/// Giver, name and asker of each grant of which a version was published, approved or revoked since then, or whose giver or
/// registry became another.
pub async fn changed_since(tx: &mut Tx, since: Time) -> Result<Vec<(String, String, String)>, Failure> {
    let rows = tx
        .fetch_all(
            "SELECT DISTINCT agency, name, to_agency FROM grants
             WHERE published >= $1
                OR EXISTS (SELECT 1 FROM approvals WHERE approvals.hash = grants.hash AND approvals.time >= $1)
                OR EXISTS (SELECT 1 FROM revocations WHERE revocations.hash = grants.hash AND revocations.time >= $1)
                OR EXISTS (SELECT 1 FROM resources WHERE kind IN ('Agency', 'Registry')
                           AND resources.agency = grants.agency
                           AND (resources.published >= $1 OR resources.withdrawn >= $1))",
            args![since],
        )
        .await?;
    let read = |row: &sql::Row| Ok((row.text(0)?, row.text(1)?, row.text(2)?));
    Ok(rows.iter().map(read).collect::<Result<_, sql::Error>>()?)
}

async fn read_all(tx: &mut Tx, rows: &[sql::Row]) -> Result<Vec<Version>, Failure> {
    let mut versions = Vec::with_capacity(rows.len());
    for row in rows {
        versions.push(read(tx, row).await?);
    }
    mark_newest(&mut versions);
    Ok(versions)
}

async fn read(tx: &mut Tx, row: &sql::Row) -> Result<Version, Failure> {
    let agency = row.text(1)?;
    let giver = resources::agency(tx, &agency).await?;
    let spec = serde_json::from_slice(&row.blob(4)?).map_err(|error| {
        Failure::internal("exchange.grant", "A grant of an older release cannot be read.").with_detail(error)
    })?;
    let demanded = u32::try_from(row.int(6)?).unwrap_or(u32::MAX);
    Ok(Version {
        name: row.text(2)?,
        hash: row.parsed(3, Hash::from_slice)?,
        spec,
        order: row.int(0)?,
        approvals: u32::try_from(row.int(5)?).unwrap_or_default(),
        // Without its giver's word on how many must approve, nothing is approved.
        approvals_needed: giver.as_ref().map_or(u32::MAX, approvals_needed).max(demanded),
        revoked: row.int(7)? > 0,
        newest: false,
        agency,
    })
}

fn mark_newest(versions: &mut [Version]) {
    let mut newest: HashMap<(String, String), usize> = HashMap::new();
    for (index, version) in versions.iter().enumerate() {
        newest.insert((version.agency.clone(), version.name.clone()), index);
    }
    for index in newest.into_values() {
        versions[index].newest = true;
    }
}
