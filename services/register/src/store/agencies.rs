//! Agencies as they were last published.

use kernel::Time;
use sql::{Error, Tx, args};

/// Keeps an agency's resource.
pub async fn put_agency(tx: &mut Tx, agency: &str, resource: &[u8], now: Time) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO agencies (agency, resource, changed) VALUES ($1, $2, $3)
         ON CONFLICT (agency) DO UPDATE SET resource = $2, changed = $3",
        args![agency, resource, now],
    )
    .await?;
    Ok(())
}

/// The agency's resource as canonical JSON.
pub async fn agency(tx: &mut Tx, agency: &str) -> Result<Option<Vec<u8>>, Error> {
    let row = tx.fetch_optional("SELECT resource FROM agencies WHERE agency = $1", args![agency]).await?;
    row.map(|row| row.blob(0)).transpose()
}

/// Every agency's name, in order.
pub async fn agency_names(tx: &mut Tx) -> Result<Vec<String>, Error> {
    let rows = tx.fetch_all("SELECT agency FROM agencies", args![]).await?;
    let mut names = rows.iter().map(|row| row.text(0)).collect::<Result<Vec<_>, _>>()?;
    names.sort();
    Ok(names)
}

/// Every agency's resource.
pub async fn agencies(tx: &mut Tx) -> Result<Vec<Vec<u8>>, Error> {
    let mut rows = Vec::new();
    for row in tx.fetch_all("SELECT agency, resource FROM agencies", args![]).await? {
        rows.push((row.text(0)?, row.blob(1)?));
    }
    rows.sort();
    Ok(rows.into_iter().map(|(_, resource)| resource).collect())
}
