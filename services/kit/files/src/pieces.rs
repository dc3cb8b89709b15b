//! Files that people attach to a case: they arrive in pieces that are found by what they hold, so that a file that was cut goes on
//! from those that are there.
//!
//! A piece is durable once its transaction is committed. A file is a list of pieces, and its hash is SHA-256 over theirs: each piece
//! proves itself when it is stored and when it is read, and nobody has to read a whole file to judge it. What no file is made of and
//! no upload brought, and a file that its case does not name, are removed after a day; with the case's key everything goes.

use kernel::{CaseId, Failure, Hash, Random, Time, sealed::CaseKey};
use sql::{Error, Migration, Tx, args};

use crate::{UNNAMED, damaged, not_stored, uploads};

/// Every piece but the last of a file has exactly this many bytes.
pub const PIECE_BYTES: usize = crate::CHUNK_BYTES;
/// What one case may hold, named or not.
pub const CASE_BYTES_MAX: u64 = 256 * 1024 * 1024;

/// The tables, as one of the owner's own migrations. The owner has `role_services`.
pub const fn migration(number: i64) -> Migration {
    Migration {
        postgres_only: include_str!("pieces.postgres.sql"),
        ..Migration::new(number, "case_files", include_str!("pieces.sql"))
    }
}

/// The files of one case.
pub struct Folder<'a> {
    pub case: CaseId,
    pub key: &'a CaseKey,
    /// The service whose hosts alone see them, as `agency/service`.
    pub hosted_service: &'a str,
}

/// A file as it lies there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Made {
    pub hash: Hash,
    pub size: u64,
}

/// The hash of a file that is made of these pieces.
pub fn hash_of(pieces: &[Hash]) -> Hash {
    let parts: Vec<&[u8]> = pieces.iter().map(|piece| piece.as_bytes().as_slice()).collect();
    Hash::of_parts(&parts)
}

impl Folder<'_> {
    /// Stores a piece for at least a day. One that is there already stays, and its day begins anew.
    pub async fn put(&self, tx: &mut Tx, piece: &[u8], random: &dyn Random, now: Time) -> Result<Hash, Failure> {
        if piece.is_empty() || piece.len() > PIECE_BYTES {
            return Err(wrong_pieces());
        }
        let hash = Hash::of(piece);
        let address = self.piece_address(hash);
        let body = self.key.seal(piece, &self.bound(address), random);
        let size = i64::try_from(piece.len()).unwrap_or(i64::MAX);
        tx.execute(
            "INSERT INTO case_pieces (case_id, piece, size, used, stored, hosted_service, body)
             VALUES ($1, $2, $3, 0, $4, $5, $6) ON CONFLICT (case_id, piece) DO UPDATE SET stored = $4",
            args![self.case, address, size, now, self.hosted_service, body],
        )
        .await?;
        Ok(hash)
    }

    /// How many bytes the case holds, each piece counted once.
    pub async fn bytes(&self, tx: &mut Tx) -> Result<u64, Error> {
        let sum = "SELECT CAST(COALESCE(SUM(size), 0) AS BIGINT) FROM case_pieces WHERE case_id = $1";
        let bytes = tx.fetch_one(sum, args![self.case]).await?.int(0)?;
        Ok(u64::try_from(bytes).unwrap_or_default())
    }

    /// A piece that was stored, whether a file is made of it or not.
    pub async fn loose(&self, tx: &mut Tx, piece: Hash) -> Result<Option<Vec<u8>>, Failure> {
        let address = self.piece_address(piece);
        let select = "SELECT body FROM case_pieces WHERE case_id = $1 AND piece = $2";
        let row = tx.fetch_optional(select, args![self.case, address]).await?;
        row.map(|row| self.opened(&row.blob(0)?, address)).transpose()
    }

    /// Makes a file of pieces that are there, not yet named by anything. Making it again changes nothing.
    pub async fn make(&self, tx: &mut Tx, pieces: &[Hash], now: Time) -> Result<Made, Failure> {
        let size = self.size_of(tx, pieces).await?;
        let hash = hash_of(pieces);
        let file = self.file_address(hash);
        let made = Made { hash, size: u64::try_from(size).unwrap_or_default() };
        let inserted = tx
            .execute(
                "INSERT INTO case_files (case_id, file, size, named, stored, hosted_service) VALUES ($1, $2, $3, 0, $4, $5)
                 ON CONFLICT (case_id, file) DO NOTHING",
                args![self.case, file, size, now, self.hosted_service],
            )
            .await?;
        if inserted == 0 {
            let again = "UPDATE case_files SET stored = $1 WHERE case_id = $2 AND file = $3";
            tx.execute(again, args![now, self.case, file]).await?;
            return Ok(made);
        }
        for (piece, place) in pieces.iter().zip(0_i64..) {
            let piece = self.piece_address(*piece);
            tx.execute(
                "INSERT INTO case_file_pieces (case_id, file, place, piece, proof, hosted_service) VALUES ($1, $2, $3, $4, $5, $6)",
                args![self.case, file, place, piece, self.proof(file, place, piece), self.hosted_service],
            )
            .await?;
            let used = "UPDATE case_pieces SET used = 1 WHERE case_id = $1 AND piece = $2";
            if tx.execute(used, args![self.case, piece]).await? == 0 {
                return Err(not_stored());
            }
        }
        Ok(made)
    }

    /// All of them are there, and all but the last are full.
    async fn size_of(&self, tx: &mut Tx, pieces: &[Hash]) -> Result<i64, Failure> {
        let full = i64::try_from(PIECE_BYTES).unwrap_or(i64::MAX);
        let mut total = 0_i64;
        for (index, piece) in pieces.iter().enumerate() {
            let select = "SELECT size FROM case_pieces WHERE case_id = $1 AND piece = $2";
            let row = tx.fetch_optional(select, args![self.case, self.piece_address(*piece)]).await?;
            let size = row.ok_or_else(not_stored)?.int(0)?;
            if size != full && index + 1 < pieces.len() {
                return Err(wrong_pieces());
            }
            total = total.saturating_add(size);
        }
        if total == 0 { Err(wrong_pieces()) } else { Ok(total) }
    }

    /// The case names the file, which must be there already.
    pub async fn name(&self, tx: &mut Tx, file: Hash) -> Result<(), Failure> {
        let name = "UPDATE case_files SET named = 1 WHERE case_id = $1 AND file = $2";
        let named = tx.execute(name, args![self.case, self.file_address(file)]).await?;
        if named == 0 { Err(not_stored()) } else { Ok(()) }
    }

    /// The case no longer names the file, which is removed a day later.
    pub async fn unname(&self, tx: &mut Tx, file: Hash, now: Time) -> Result<(), Failure> {
        let unname = "UPDATE case_files SET named = 0, stored = $1 WHERE case_id = $2 AND file = $3";
        tx.execute(unname, args![now, self.case, self.file_address(file)]).await?;
        Ok(())
    }

    /// One piece of a file, proved to be the one of which it was made; nothing where the file, or its piece, is not there.
    pub async fn piece(&self, tx: &mut Tx, file: Hash, place: i64) -> Result<Option<Vec<u8>>, Failure> {
        self.piece_at(tx, self.file_address(file), place).await
    }

    /// The same, of a file that is known by its address alone.
    pub async fn piece_at(&self, tx: &mut Tx, file: Hash, place: i64) -> Result<Option<Vec<u8>>, Failure> {
        let row = tx
            .fetch_optional(
                "SELECT case_pieces.piece, proof, body FROM case_file_pieces
                 JOIN case_pieces ON case_pieces.case_id = case_file_pieces.case_id AND case_pieces.piece = case_file_pieces.piece
                 WHERE case_file_pieces.case_id = $1 AND file = $2 AND place = $3",
                args![self.case, file, place],
            )
            .await?;
        let Some(row) = row else { return Ok(None) };
        let address = row.parsed(0, Hash::from_slice)?;
        if row.parsed(1, Hash::from_slice)? != self.proof(file, place, address) {
            return Err(damaged());
        }
        self.opened(&row.blob(2)?, address).map(Some)
    }

    fn opened(&self, body: &[u8], address: Hash) -> Result<Vec<u8>, Failure> {
        let piece = self.key.open(body, &self.bound(address))?;
        if self.piece_address(Hash::of(&piece)) == address { Ok(piece) } else { Err(damaged()) }
    }

    /// How the record names a file: nobody can tell by it what the file held, once the case's key is destroyed.
    pub fn file_address(&self, file: Hash) -> Hash {
        self.key.address("file", file)
    }

    pub(crate) fn piece_address(&self, piece: Hash) -> Hash {
        self.key.address("piece", piece)
    }

    fn proof(&self, file: Hash, place: i64, piece: Hash) -> Hash {
        let all = Hash::of_parts(&[self.case.as_bytes(), file.as_bytes(), &place.to_be_bytes(), piece.as_bytes()]);
        self.key.address("place", all)
    }

    /// Binds a piece to its case and place.
    fn bound(&self, address: Hash) -> Vec<u8> {
        [self.case.as_bytes().as_slice(), b"piece", address.as_bytes()].concat()
    }
}

fn wrong_pieces() -> Failure {
    Failure::invalid("file.pieces", "A file has pieces of 262144 bytes, and the last of them at least one byte.")
}

/// When the next of what nothing names is to be removed, if that is at `until` or before.
pub async fn next_sweep(tx: &mut Tx, until: Time) -> Result<Option<Time>, Error> {
    let before = until.minus(UNNAMED);
    let file = "SELECT stored FROM case_files WHERE named = 0 AND stored <= $1 ORDER BY stored LIMIT 1";
    let piece = "SELECT stored FROM case_pieces WHERE used = 0 AND stored <= $1
                   AND NOT EXISTS (SELECT 1 FROM case_upload_pieces AS coming
                                   WHERE coming.case_id = case_pieces.case_id AND coming.piece = case_pieces.piece)
                 ORDER BY stored LIMIT 1";
    let mut first = uploads::next_to_lapse(tx, before).await?;
    for select in [file, piece] {
        let row = tx.fetch_optional(select, args![before]).await?;
        let stored = row.map(|row| row.time(0)).transpose()?;
        first = first.into_iter().chain(stored).min();
    }
    Ok(first.map(|stored| stored.plus(UNNAMED)))
}

/// Removes what nothing has named for a day; says how many files and pieces.
pub async fn sweep(tx: &mut Tx, now: Time) -> Result<(usize, u64), Error> {
    let before = now.minus(UNNAMED);
    uploads::lapse(tx, before).await?;
    let files = tx
        .fetch_all("DELETE FROM case_files WHERE named = 0 AND stored <= $1 RETURNING case_id, file", args![before])
        .await?;
    for row in &files {
        let (case, file) = (row.blob(0)?, row.blob(1)?);
        let pieces = "DELETE FROM case_file_pieces WHERE case_id = $1 AND file = $2";
        tx.execute(pieces, args![&case, &file]).await?;
        tx.execute(
            "UPDATE case_pieces SET used = 0 WHERE case_id = $1 AND used = 1
               AND NOT EXISTS (SELECT 1 FROM case_file_pieces AS other
                               WHERE other.case_id = case_pieces.case_id AND other.piece = case_pieces.piece)",
            args![&case],
        )
        .await?;
    }
    // A file that was made of a piece while another one with it was removed needs it all the same.
    tx.execute(
        "UPDATE case_pieces SET used = 1 WHERE used = 0 AND stored <= $1
           AND EXISTS (SELECT 1 FROM case_file_pieces AS other
                       WHERE other.case_id = case_pieces.case_id AND other.piece = case_pieces.piece)",
        args![before],
    )
    .await?;
    let pieces = tx
        .execute(
            "DELETE FROM case_pieces WHERE used = 0 AND stored <= $1
               AND NOT EXISTS (SELECT 1 FROM case_upload_pieces AS coming
                               WHERE coming.case_id = case_pieces.case_id AND coming.piece = case_pieces.piece)",
            args![before],
        )
        .await?;
    Ok((files.len(), pieces))
}

/// Removes everything of a case: it was erased.
pub async fn remove(tx: &mut Tx, case: CaseId) -> Result<(), Error> {
    tx.execute("DELETE FROM case_file_pieces WHERE case_id = $1", args![case]).await?;
    tx.execute("DELETE FROM case_files WHERE case_id = $1", args![case]).await?;
    tx.execute("DELETE FROM case_pieces WHERE case_id = $1", args![case]).await?;
    uploads::remove(tx, case).await
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use kernel::SeededRandom;
    use sql::Migrations;

    use super::*;

    const MIGRATIONS: Migrations = &[migration(1), uploads::migration(2)];
    const NOW: Time = Time::from_seconds(1_790_000_000);

    fn one() -> CaseId {
        CaseId::from_bytes([1; 16])
    }

    fn another() -> CaseId {
        CaseId::from_bytes([2; 16])
    }

    fn folder(case: CaseId, key: &CaseKey) -> Folder<'_> {
        Folder { case, key, hosted_service: "justice/copy" }
    }

    fn content(bytes: usize) -> Vec<u8> {
        (0..bytes).map(|at| u8::try_from(at % 251).unwrap()).collect()
    }

    async fn stored(tx: &mut Tx, folder: &Folder<'_>, content: &[u8], now: Time) -> Vec<Hash> {
        let random = SeededRandom::new(7);
        let mut pieces = Vec::new();
        for piece in content.chunks(PIECE_BYTES) {
            pieces.push(folder.put(tx, piece, &random, now).await.unwrap());
        }
        pieces
    }

    async fn whole(tx: &mut Tx, folder: &Folder<'_>, file: Hash) -> Result<Vec<u8>, Failure> {
        let mut content = Vec::new();
        for place in 0.. {
            match folder.piece(tx, file, place).await? {
                Some(piece) => content.extend(piece),
                None => break,
            }
        }
        Ok(content)
    }

    async fn rows(tx: &mut Tx) -> [i64; 3] {
        let mut rows = [0; 3];
        for (count, select) in rows.iter_mut().zip([
            "SELECT COUNT(*) FROM case_files",
            "SELECT COUNT(*) FROM case_file_pieces",
            "SELECT COUNT(*) FROM case_pieces",
        ]) {
            *count = tx.fetch_one(select, args![]).await.unwrap().int(0).unwrap();
        }
        rows
    }

    #[tokio::test]
    async fn a_file_comes_back_as_it_was_and_only_with_its_own_key() {
        let random = SeededRandom::new(5);
        let (key, stranger) = (CaseKey::generate(&random), CaseKey::generate(&random));
        let sent = content(PIECE_BYTES * 2 + 17);
        for (engine, database) in testkit::databases(MIGRATIONS).await {
            let mut tx = database.begin().await.unwrap();
            let own = folder(one(), &key);
            let pieces = stored(&mut tx, &own, &sent, NOW).await;
            let made = own.make(&mut tx, &pieces, NOW).await.unwrap();
            assert_eq!((made.hash, made.size), (hash_of(&pieces), sent.len() as u64), "{engine}");
            assert!(whole(&mut tx, &own, made.hash).await.unwrap() == sent, "{engine}");
            assert!(
                whole(&mut tx, &folder(another(), &key), made.hash).await.unwrap().is_empty(),
                "{engine}: another case"
            );
            assert!(
                whole(&mut tx, &folder(one(), &stranger), made.hash).await.unwrap().is_empty(),
                "{engine}: another key"
            );
            let plain = "SELECT COUNT(*) FROM case_pieces WHERE piece = $1";
            let found = tx.fetch_one(plain, args![pieces[0]]).await.unwrap().int(0).unwrap();
            assert_eq!(found, 0, "{engine}: whoever has the content does not find it");
            let moved = "UPDATE case_file_pieces SET piece = (SELECT piece FROM case_file_pieces WHERE place = 1) WHERE place = 0";
            tx.execute(moved, args![]).await.unwrap();
            let refused = own.piece(&mut tx, made.hash, 0).await.unwrap_err();
            assert_eq!(refused.code, "file.damaged", "{engine}: a piece in another's place");
            let swapped =
                "UPDATE case_pieces SET body = (SELECT other.body FROM case_pieces AS other WHERE other.size = 17)";
            tx.execute(swapped, args![]).await.unwrap();
            let refused = own.piece(&mut tx, made.hash, 1).await.unwrap_err();
            assert_eq!(refused.code, "sealed.unreadable", "{engine}: another piece's bytes");
        }
    }

    #[tokio::test]
    async fn what_a_case_has_already_is_stored_once_and_a_cut_file_goes_on_from_it() {
        let key = CaseKey::generate(&SeededRandom::new(6));
        let sent = content(PIECE_BYTES * 2 + 1);
        for (engine, database) in testkit::databases(MIGRATIONS).await {
            let own = folder(one(), &key);
            let mut tx = database.begin().await.unwrap();
            stored(&mut tx, &own, &sent[..PIECE_BYTES], NOW).await;
            tx.commit().await.unwrap();
            let mut tx = database.begin().await.unwrap();
            let cut = own.make(&mut tx, &[Hash::of(&sent[..PIECE_BYTES]), Hash::of(b"never sent")], NOW).await;
            assert_eq!(cut.unwrap_err().code, "file.not-stored", "{engine}");
            drop(tx);
            let mut tx = database.begin().await.unwrap();
            let pieces = stored(&mut tx, &own, &sent, NOW).await;
            let first = own.make(&mut tx, &pieces, NOW).await.unwrap();
            assert_eq!(own.make(&mut tx, &pieces, NOW).await.unwrap(), first, "{engine}");
            // The two full pieces of this content are not alike, but a second file shares the first of them.
            let second = own.make(&mut tx, &pieces[..1], NOW).await.unwrap();
            assert_ne!(first.hash, second.hash);
            assert_eq!(rows(&mut tx).await, [2, 4, 3], "{engine}");
            assert_eq!(own.bytes(&mut tx).await.unwrap(), sent.len() as u64, "{engine}");
        }
    }

    #[tokio::test]
    async fn pieces_of_other_sizes_make_no_file() {
        let key = CaseKey::generate(&SeededRandom::new(8));
        for (engine, database) in testkit::databases(MIGRATIONS).await {
            let mut tx = database.begin().await.unwrap();
            let own = folder(one(), &key);
            let random = SeededRandom::new(9);
            for wrong in [content(PIECE_BYTES + 1), Vec::new()] {
                assert_eq!(own.put(&mut tx, &wrong, &random, NOW).await.unwrap_err().code, "file.pieces", "{engine}");
            }
            let short = own.put(&mut tx, b"short", &random, NOW).await.unwrap();
            assert_eq!(own.make(&mut tx, &[short, short], NOW).await.unwrap_err().code, "file.pieces", "{engine}");
            assert_eq!(own.make(&mut tx, &[], NOW).await.unwrap_err().code, "file.pieces", "{engine}");
        }
    }

    #[tokio::test]
    async fn what_nothing_names_goes_after_a_day_and_leaves_alone_what_another_file_needs() {
        let key = CaseKey::generate(&SeededRandom::new(10));
        let sent = content(PIECE_BYTES + 5);
        let hour = Duration::from_secs(3600);
        for (engine, database) in testkit::databases(MIGRATIONS).await {
            let mut tx = database.begin().await.unwrap();
            let own = folder(one(), &key);
            let pieces = stored(&mut tx, &own, &sent, NOW).await;
            let forgotten = own.make(&mut tx, &pieces, NOW).await.unwrap();
            let kept = own.make(&mut tx, &pieces[..1], NOW).await.unwrap();
            own.name(&mut tx, kept.hash).await.unwrap();
            own.put(&mut tx, b"of a file that never came whole", &SeededRandom::new(1), NOW.plus(hour)).await.unwrap();
            let end = NOW.plus(UNNAMED);
            assert_eq!(next_sweep(&mut tx, end.minus(hour)).await.unwrap(), None, "{engine}");
            assert_eq!(next_sweep(&mut tx, end).await.unwrap(), Some(end), "{engine}");
            assert_eq!(sweep(&mut tx, end.minus(hour)).await.unwrap(), (0, 0), "{engine}");
            assert_eq!(sweep(&mut tx, end).await.unwrap(), (1, 1), "{engine}: the piece that only it had");
            assert!(whole(&mut tx, &own, forgotten.hash).await.unwrap().is_empty(), "{engine}");
            assert_eq!(whole(&mut tx, &own, kept.hash).await.unwrap(), sent[..PIECE_BYTES], "{engine}");
            assert_eq!(own.name(&mut tx, forgotten.hash).await.unwrap_err().code, "file.not-stored", "{engine}");
            assert_eq!(sweep(&mut tx, end.plus(hour)).await.unwrap(), (0, 1), "{engine}");
            own.unname(&mut tx, kept.hash, end).await.unwrap();
            assert_eq!(sweep(&mut tx, end.plus(hour)).await.unwrap(), (0, 0), "{engine}: a day begins");
            sweep(&mut tx, end.plus(UNNAMED)).await.unwrap();
            assert_eq!(rows(&mut tx).await, [0, 0, 0], "{engine}: nothing is left behind");
        }
    }

    #[tokio::test]
    async fn a_piece_of_which_a_file_is_made_stays_though_a_sweep_beside_it_marked_it_as_nobodys() {
        let key = CaseKey::generate(&SeededRandom::new(12));
        for (engine, database) in testkit::databases(MIGRATIONS).await {
            let mut tx = database.begin().await.unwrap();
            let own = folder(one(), &key);
            let pieces = stored(&mut tx, &own, b"a scan", NOW).await;
            let made = own.make(&mut tx, &pieces, NOW).await.unwrap();
            own.name(&mut tx, made.hash).await.unwrap();
            tx.execute("UPDATE case_pieces SET used = 0", args![]).await.unwrap();
            assert_eq!(sweep(&mut tx, NOW.plus(UNNAMED)).await.unwrap(), (0, 0), "{engine}");
            assert_eq!(whole(&mut tx, &own, made.hash).await.unwrap(), b"a scan", "{engine}");
            assert_eq!(next_sweep(&mut tx, NOW.plus(UNNAMED)).await.unwrap(), None, "{engine}: it is somebody's again");
        }
    }

    #[tokio::test]
    async fn a_case_that_is_erased_takes_all_of_its_files_along_and_nobody_elses() {
        let random = SeededRandom::new(11);
        let (key, other) = (CaseKey::generate(&random), CaseKey::generate(&random));
        for (engine, database) in testkit::databases(MIGRATIONS).await {
            let mut tx = database.begin().await.unwrap();
            for (case, key) in [(one(), &key), (another(), &other)] {
                let folder = folder(case, key);
                let pieces = stored(&mut tx, &folder, b"the same scan", NOW).await;
                let made = folder.make(&mut tx, &pieces, NOW).await.unwrap();
                folder.name(&mut tx, made.hash).await.unwrap();
            }
            assert_eq!(rows(&mut tx).await, [2, 2, 2], "{engine}: cases share nothing");
            remove(&mut tx, one()).await.unwrap();
            assert_eq!(rows(&mut tx).await, [1, 1, 1], "{engine}");
            let left =
                whole(&mut tx, &folder(another(), &other), hash_of(&[Hash::of(b"the same scan")])).await.unwrap();
            assert_eq!(left, b"the same scan", "{engine}");
        }
    }
}
