//! The filters that officers keep.

use kernel::PersonId;
use prost::Message;
use proto::docket::v1::QueueFilter;
use sql::{Error, Tx, args};

/// An officer's own, in the order of their names.
pub async fn of(tx: &mut Tx, person: PersonId) -> Result<Vec<QueueFilter>, Error> {
    let rows = tx.fetch_all("SELECT asked FROM saved_filters WHERE person = $1", args![person]).await?;
    let read = |row: &sql::Row| {
        let asked = row.blob(0)?;
        QueueFilter::decode(asked.as_slice()).map_err(|error| Error::Other(format!("a saved filter: {error}")))
    };
    let mut filters: Vec<QueueFilter> = rows.iter().map(read).collect::<Result<_, Error>>()?;
    filters.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(filters)
}

/// Takes the place of the one that has this name. False: there is no room for another.
pub async fn save(tx: &mut Tx, person: PersonId, filter: &QueueFilter, most: usize) -> Result<bool, Error> {
    let kept = of(tx, person).await?;
    if kept.len() >= most && kept.iter().all(|known| known.name != filter.name) {
        return Ok(false);
    }
    tx.execute(
        "INSERT INTO saved_filters (person, name, asked) VALUES ($1, $2, $3)
         ON CONFLICT (person, name) DO UPDATE SET asked = $3",
        args![person, &filter.name, filter.encode_to_vec()],
    )
    .await?;
    Ok(true)
}

pub async fn remove(tx: &mut Tx, person: PersonId, name: &str) -> Result<(), Error> {
    tx.execute("DELETE FROM saved_filters WHERE person = $1 AND name = $2", args![person, name]).await?;
    Ok(())
}
