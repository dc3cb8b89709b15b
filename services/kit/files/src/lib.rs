//! Files in their owner's database, by their SHA-256, in encrypted chunks of at most 256 KiB: here those that a service makes itself
//! and has whole, in [`pieces`] those that people send, in [`uploads`] those that are on their way, and in
//! [`judged`] what a scanner says of them.

pub mod judged;
pub mod pieces;
pub mod uploads;

use std::time::Duration;

use kernel::{Failure, Hash, Random, Time, sealed::CaseKey};
use sql::{Error, Migration, Tx, args};

pub const CHUNK_BYTES: usize = 256 * 1024;
/// What nothing names is removed after this.
const UNNAMED: Duration = Duration::from_secs(24 * 3600);

/// The tables, as one of the owner's own migrations.
pub const fn migration(number: i64) -> Migration {
    Migration::new(number, "files", include_str!("files.sql"))
}

/// Stores a file under its hash, not yet named by anything. Storing it again changes nothing.
pub async fn put(
    tx: &mut Tx,
    scope: &[u8],
    key: &CaseKey,
    content: &[u8],
    random: &dyn Random,
    now: Time,
) -> Result<Hash, Failure> {
    let hash = Hash::of(content);
    let size = i64::try_from(content.len()).unwrap_or(i64::MAX);
    let inserted = tx
        .execute(
            "INSERT INTO files (scope, hash, size, named, stored) VALUES ($1, $2, $3, 0, $4)
             ON CONFLICT (scope, hash) DO NOTHING",
            args![scope, hash, size, now],
        )
        .await?;
    if inserted == 0 {
        return Ok(hash);
    }
    for (chunk, index) in content.chunks(CHUNK_BYTES).zip(0_i64..) {
        let body = key.seal(chunk, &place(scope, hash, index), random);
        tx.execute(
            "INSERT INTO file_chunks (scope, hash, place, body) VALUES ($1, $2, $3, $4)",
            args![scope, hash, index, body],
        )
        .await?;
    }
    Ok(hash)
}

/// Binds a chunk to its file and place.
fn place(scope: &[u8], hash: Hash, index: i64) -> Vec<u8> {
    [scope, hash.as_bytes(), &index.to_be_bytes()].concat()
}

/// Notes that a command names the file, which must be there already.
pub async fn name(tx: &mut Tx, scope: &[u8], hash: Hash) -> Result<(), Failure> {
    let named = tx.execute("UPDATE files SET named = 1 WHERE scope = $1 AND hash = $2", args![scope, hash]).await?;
    if named == 0 { Err(not_stored()) } else { Ok(()) }
}

fn not_stored() -> Failure {
    Failure::conflict("file.not-stored", "The file did not arrive whole. Send it again.")
}

/// The whole file, proved to be the one that was named.
pub async fn read(tx: &mut Tx, scope: &[u8], key: &CaseKey, hash: Hash) -> Result<Option<Vec<u8>>, Failure> {
    let row = tx.fetch_optional("SELECT size FROM files WHERE scope = $1 AND hash = $2", args![scope, hash]).await?;
    let Some(row) = row else { return Ok(None) };
    let size = usize::try_from(row.int(0)?).unwrap_or_default();
    let mut content = Vec::with_capacity(size);
    for index in 0..chunks(size) {
        content.extend(chunk(tx, scope, key, hash, index).await?.ok_or_else(damaged)?);
    }
    if Hash::of(&content) != hash {
        return Err(damaged());
    }
    Ok(Some(content))
}

/// One chunk of a file, for passing it on piece by piece.
pub async fn chunk(
    tx: &mut Tx,
    scope: &[u8],
    key: &CaseKey,
    hash: Hash,
    index: i64,
) -> Result<Option<Vec<u8>>, Failure> {
    let row = tx
        .fetch_optional(
            "SELECT body FROM file_chunks WHERE scope = $1 AND hash = $2 AND place = $3",
            args![scope, hash, index],
        )
        .await?;
    row.map(|row| key.open(&row.blob(0)?, &place(scope, hash, index))).transpose()
}

fn chunks(size: usize) -> i64 {
    i64::try_from(size.div_ceil(CHUNK_BYTES)).unwrap_or(i64::MAX)
}

fn damaged() -> Failure {
    Failure::internal("file.damaged", "A stored file is damaged. The platform's operators have been told.")
}

/// Removes what nothing has named for a day; says how many files.
pub async fn sweep(tx: &mut Tx, now: Time) -> Result<usize, Error> {
    let removed = tx
        .fetch_all("DELETE FROM files WHERE named = 0 AND stored < $1 RETURNING scope, hash", args![now.minus(UNNAMED)])
        .await?;
    for row in &removed {
        tx.execute("DELETE FROM file_chunks WHERE scope = $1 AND hash = $2", args![row.blob(0)?, row.blob(1)?]).await?;
    }
    Ok(removed.len())
}

/// Removes every file of a scope: its case was erased.
pub async fn remove(tx: &mut Tx, scope: &[u8]) -> Result<(), Error> {
    tx.execute("DELETE FROM file_chunks WHERE scope = $1", args![scope]).await?;
    tx.execute("DELETE FROM files WHERE scope = $1", args![scope]).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use kernel::SeededRandom;
    use sql::Migrations;

    use super::*;

    const MIGRATIONS: Migrations = &[migration(1)];
    const NOW: Time = Time::from_seconds(1_790_000_000);

    #[tokio::test]
    async fn a_file_of_several_chunks_comes_back_whole_and_only_with_its_key() {
        let random = SeededRandom::new(5);
        let (key, other) = (CaseKey::generate(&random), CaseKey::generate(&random));
        let content: Vec<u8> = (0..CHUNK_BYTES * 2 + 17).map(|at| u8::try_from(at % 251).unwrap()).collect();
        for (engine, database) in testkit::databases(MIGRATIONS).await {
            let mut tx = database.begin().await.unwrap();
            let hash = put(&mut tx, b"case-1", &key, &content, &random, NOW).await.unwrap();
            assert_eq!(put(&mut tx, b"case-1", &key, &content, &random, NOW).await.unwrap(), hash);
            assert!(read(&mut tx, b"case-1", &key, hash).await.unwrap().unwrap() == content, "{engine}");
            assert!(read(&mut tx, b"case-2", &key, hash).await.unwrap().is_none());
            assert_eq!(read(&mut tx, b"case-1", &other, hash).await.unwrap_err().code, "sealed.unreadable");
        }
    }

    #[tokio::test]
    async fn what_nothing_names_is_removed_after_a_day() {
        let random = SeededRandom::new(6);
        let key = CaseKey::generate(&random);
        for (engine, database) in testkit::databases(MIGRATIONS).await {
            let mut tx = database.begin().await.unwrap();
            let kept = put(&mut tx, b"case-1", &key, b"kept", &random, NOW).await.unwrap();
            let forgotten = put(&mut tx, b"case-1", &key, b"forgotten", &random, NOW).await.unwrap();
            name(&mut tx, b"case-1", kept).await.unwrap();
            assert_eq!(sweep(&mut tx, NOW.plus(UNNAMED)).await.unwrap(), 0, "{engine}");
            assert_eq!(sweep(&mut tx, NOW.plus(UNNAMED * 2)).await.unwrap(), 1);
            assert!(read(&mut tx, b"case-1", &key, kept).await.unwrap().is_some());
            assert!(read(&mut tx, b"case-1", &key, forgotten).await.unwrap().is_none());
            assert_eq!(name(&mut tx, b"case-1", forgotten).await.unwrap_err().code, "file.not-stored");
        }
    }
}
