//! Revisions that wait for approval, and the last word of each person on them.

use kernel::{Hash, PersonId, Time};
use sql::{Error, Row, Tx, args};

use crate::domain::publication::Said;

/// A revision that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    pub agency: String,
    pub service: String,
    pub revision: Hash,
    /// Canonical JSON (RFC 8785).
    pub definition: Vec<u8>,
    pub proposed: Time,
}

fn read(row: &Row) -> Result<Proposal, Error> {
    Ok(Proposal {
        agency: row.text(0)?,
        service: row.text(1)?,
        revision: row.parsed(2, Hash::from_slice)?,
        definition: row.blob(3)?,
        proposed: row.time(4)?,
    })
}

/// Keeps it in the place of what waited before.
pub async fn propose(tx: &mut Tx, proposal: &Proposal) -> Result<(), Error> {
    let Proposal { agency, service, revision, definition, proposed } = proposal;
    tx.execute(
        "INSERT INTO proposals (agency, service, revision, definition, proposed) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (agency, service) DO UPDATE SET revision = $3, definition = $4, proposed = $5",
        args![agency, service, *revision, definition, *proposed],
    )
    .await?;
    Ok(())
}

/// What waits of a service.
pub async fn proposal(tx: &mut Tx, agency: &str, service: &str) -> Result<Option<Proposal>, Error> {
    let select = "SELECT agency, service, revision, definition, proposed FROM proposals
                  WHERE agency = $1 AND service = $2";
    tx.fetch_optional(select, args![agency, service]).await?.as_ref().map(read).transpose()
}

/// What waits in an agency, the newest first.
pub async fn proposals(tx: &mut Tx, agency: &str, limit: usize) -> Result<Vec<Proposal>, Error> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let select = "SELECT agency, service, revision, definition, proposed FROM proposals WHERE agency = $1
                  ORDER BY proposed DESC, service LIMIT $2";
    tx.fetch_all(select, args![agency, limit]).await?.iter().map(read).collect()
}

/// Nothing of the service waits from now on. False: nothing did.
pub async fn drop_proposal(tx: &mut Tx, agency: &str, service: &str) -> Result<bool, Error> {
    let delete = "DELETE FROM proposals WHERE agency = $1 AND service = $2";
    Ok(tx.execute(delete, args![agency, service]).await? > 0)
}

/// What was said of a revision, in the order in which it was.
pub async fn said(tx: &mut Tx, revision: Hash) -> Result<Vec<Said>, Error> {
    let select = "SELECT person, role, approves, booklets, note, said FROM proposals_said WHERE revision = $1
                  ORDER BY said, person";
    let row = |row: &Row| {
        // What is no hash was written by nobody of this release.
        let booklets = row.text(3)?.split_whitespace().filter_map(|hash| hash.parse().ok()).collect();
        Ok(Said {
            person: row.parsed(0, PersonId::from_slice)?,
            role: row.text(1)?,
            approves: row.bool(2)?,
            booklets,
            note: row.text(4)?,
            time: row.time(5)?,
        })
    };
    tx.fetch_all(select, args![revision]).await?.iter().map(row).collect()
}

/// A person's last word on a revision.
pub async fn say(tx: &mut Tx, revision: Hash, said: &Said) -> Result<(), Error> {
    let Said { person, role, approves, booklets, note, time } = said;
    let booklets = booklets.iter().map(Hash::to_string).collect::<Vec<_>>().join(" ");
    tx.execute(
        "INSERT INTO proposals_said (revision, person, role, approves, booklets, note, said)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (revision, person) DO UPDATE SET role = $3, approves = $4, booklets = $5, note = $6, said = $7",
        args![revision, *person, role, *approves, booklets, note, *time],
    )
    .await?;
    Ok(())
}

/// The person has said nothing of it from now on. False: they had not.
pub async fn unsay(tx: &mut Tx, revision: Hash, person: PersonId) -> Result<bool, Error> {
    let delete = "DELETE FROM proposals_said WHERE revision = $1 AND person = $2";
    Ok(tx.execute(delete, args![revision, person]).await? > 0)
}
