//! Issued documents and how each of them stands.

use kernel::{
    Hash, Time,
    id::{CaseId, DocumentId, PersonId},
};
use sql::{AssertSqlSafe, Error, Row, Tx, Value, args};

/// The kind of a receipt; no document that a definition declares can be named so.
pub const RECEIPT: &str = "platform:receipt";

/// Of an erased case, key and sealed code are empty and the holder is nobody.
pub struct Stored {
    pub id: DocumentId,
    pub number: String,
    pub agency: String,
    pub owner: String,
    pub service: String,
    pub revision: Hash,
    pub case: CaseId,
    pub kind: String,
    /// JSON of `api::Text`.
    pub titles: String,
    pub agency_titles: String,
    pub language: String,
    pub holder: PersonId,
    /// Who acts for the holder in the case.
    pub representative: Option<PersonId>,
    pub code_hash: Hash,
    pub code_sealed: Vec<u8>,
    pub wrapped_key: Vec<u8>,
    pub hash: Hash,
    pub size: i64,
    /// Of the same content as HTML.
    pub twin: Option<Hash>,
    pub seal: Vec<u8>,
    pub sealed: Time,
    pub valid_until: Option<Time>,
    pub status: String,
    pub status_since: Time,
    pub reason: String,
}

macro_rules! select {
    ($condition:literal) => {
        concat!(
            "SELECT document_id, number, agency, owner, service, revision, case_id, kind, titles, agency_titles, language,
                    holder, code_hash, code_sealed, wrapped_key, hash, size, seal, sealed, valid_until, status,
                    status_since, reason, representative, twin
             FROM documents WHERE ",
            $condition
        )
    };
}

pub async fn add(tx: &mut Tx, document: &Stored) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO documents (document_id, number, agency, owner, service, revision, case_id, kind, titles,
             agency_titles, language, holder, code_hash, code_sealed, wrapped_key, hash, size, seal, sealed,
             valid_until, status, status_since, reason, representative, twin)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23,
                 $24, $25)",
        args![
            document.id,
            &document.number,
            &document.agency,
            &document.owner,
            &document.service,
            document.revision,
            document.case,
            &document.kind,
            &document.titles,
            &document.agency_titles,
            &document.language,
            document.holder,
            document.code_hash,
            &document.code_sealed,
            &document.wrapped_key,
            document.hash,
            document.size,
            &document.seal,
            document.sealed,
            document.valid_until,
            &document.status,
            document.status_since,
            &document.reason,
            document.representative,
            document.twin
        ],
    )
    .await?;
    Ok(())
}

pub async fn by_id(tx: &mut Tx, id: DocumentId) -> Result<Option<Stored>, Error> {
    tx.fetch_optional(select!("document_id = $1"), args![id]).await?.map(|row| stored(&row)).transpose()
}

pub async fn by_number(tx: &mut Tx, number: &str) -> Result<Option<Stored>, Error> {
    tx.fetch_optional(select!("number = $1"), args![number]).await?.map(|row| stored(&row)).transpose()
}

/// Number of the document that took this one's place.
pub async fn successor(tx: &mut Tx, id: DocumentId) -> Result<Option<String>, Error> {
    let select = "SELECT newer.number FROM documents AS older JOIN documents AS newer
                      ON newer.document_id = older.superseded_by WHERE older.document_id = $1";
    tx.fetch_optional(select, args![id]).await?.map(|row| row.text(0)).transpose()
}

/// What is stored of the code printed on a document, and nothing else of it.
pub async fn code_hash(tx: &mut Tx, number: &str) -> Result<Option<Hash>, Error> {
    let row = tx.fetch_optional("SELECT code_hash FROM documents WHERE number = $1", args![number]).await?;
    row.map(|row| row.parsed(0, Hash::from_slice)).transpose()
}

pub async fn by_hash(tx: &mut Tx, hash: Hash) -> Result<Option<Stored>, Error> {
    tx.fetch_optional(select!("hash = $1"), args![hash]).await?.map(|row| stored(&row)).transpose()
}

/// Withdraws a valid document; false: it was withdrawn before.
pub async fn withdraw(
    tx: &mut Tx,
    id: DocumentId,
    status: &str,
    reason: &str,
    superseded_by: Option<DocumentId>,
    now: Time,
) -> Result<bool, Error> {
    let changed = tx
        .execute(
            "UPDATE documents SET status = $2, status_since = $3, reason = $4, superseded_by = $5
             WHERE document_id = $1 AND status = 'valid'",
            args![id, status, now, reason, superseded_by],
        )
        .await?;
    Ok(changed == 1)
}

/// Destroys what a document says and whose it is. Number, kind, hash, seal, status and the keyed hash of the code stay: a
/// copy in anybody's hands is verified as before. Says which documents they were.
pub async fn erase(tx: &mut Tx, case: CaseId) -> Result<Vec<DocumentId>, Error> {
    let rows = tx
        .fetch_all(
            "UPDATE documents SET wrapped_key = $2, code_sealed = $2, holder = $3, representative = NULL
             WHERE case_id = $1 AND LENGTH(wrapped_key) > 0 RETURNING document_id",
            args![case, Vec::<u8>::new(), PersonId::from_bytes([0; 16])],
        )
        .await?;
    rows.iter().map(|row| row.parsed(0, DocumentId::from_slice)).collect()
}

/// Documents that one agency sealed in a stretch of time.
pub struct Sealed<'a> {
    pub agency: &'a str,
    pub from: Time,
    /// The moment after.
    pub to: Time,
}

/// Hash, status and time of everything that no longer counts, or of what was sealed so.
pub async fn withdrawn(tx: &mut Tx, sealed: Option<&Sealed<'_>>) -> Result<Vec<(Hash, String, Time)>, Error> {
    let (condition, arguments) = no_longer_valid(sealed);
    let select =
        format!("SELECT hash, status, status_since FROM documents WHERE {condition} ORDER BY status_since, number");
    let rows = tx.fetch_all(AssertSqlSafe(select), arguments).await?;
    rows.iter().map(|row| Ok((row.parsed(0, Hash::from_slice)?, row.text(1)?, row.time(2)?))).collect()
}

/// How many these are, and when the last of them was withdrawn: while both stay, so does the list.
pub async fn withdrawn_until(tx: &mut Tx, sealed: Option<&Sealed<'_>>) -> Result<(i64, Option<Time>), Error> {
    let (condition, arguments) = no_longer_valid(sealed);
    let select = format!("SELECT COUNT(*), MAX(status_since) FROM documents WHERE {condition}");
    let row = tx.fetch_one(AssertSqlSafe(select), arguments).await?;
    Ok((row.int(0)?, row.opt_time(1)?))
}

fn no_longer_valid(sealed: Option<&Sealed<'_>>) -> (&'static str, Vec<Value>) {
    match sealed {
        None => ("status <> 'valid'", args![]),
        Some(Sealed { agency, from, to }) => {
            ("status <> 'valid' AND agency = $1 AND sealed >= $2 AND sealed < $3", args![*agency, *from, *to])
        }
    }
}

fn stored(row: &Row) -> Result<Stored, Error> {
    let representative = row.opt_blob(23)?.map(|id| PersonId::from_slice(&id)).transpose();
    let twin = row.opt_blob(24)?.map(|hash| Hash::from_slice(&hash)).transpose();
    Ok(Stored {
        id: row.parsed(0, DocumentId::from_slice)?,
        number: row.text(1)?,
        agency: row.text(2)?,
        owner: row.text(3)?,
        service: row.text(4)?,
        revision: row.parsed(5, Hash::from_slice)?,
        case: row.parsed(6, CaseId::from_slice)?,
        kind: row.text(7)?,
        titles: row.text(8)?,
        agency_titles: row.text(9)?,
        language: row.text(10)?,
        holder: row.parsed(11, PersonId::from_slice)?,
        representative: representative.map_err(|failure| Error::Other(failure.to_string()))?,
        code_hash: row.parsed(12, Hash::from_slice)?,
        code_sealed: row.blob(13)?,
        wrapped_key: row.blob(14)?,
        hash: row.parsed(15, Hash::from_slice)?,
        size: row.int(16)?,
        twin: twin.map_err(|failure| Error::Other(failure.to_string()))?,
        seal: row.blob(17)?,
        sealed: row.time(18)?,
        valid_until: row.opt_time(19)?,
        status: row.text(20)?,
        status_since: row.time(21)?,
        reason: row.text(22)?,
    })
}
