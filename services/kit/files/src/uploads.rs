//! Files on their way: which pieces of each have come, in their order, so that whoever was cut off goes on behind the last of them.
//!
//! What has come stays for a day after the last piece, and never longer than its case. Pieces are counted: of two who send the same
//! upload at once, one is told that another part comes next.

use kernel::{CaseId, Failure, Hash, Random, Time};
use sql::{Error, Migration, Tx, args};

use crate::pieces::Folder;

/// How many may be on their way to one case.
pub const AT_ONCE_MAX: i64 = 20;

/// The tables, as one of the owner's own migrations, after that of [`crate::pieces`].
pub const fn migration(number: i64) -> Migration {
    Migration {
        postgres_only: include_str!("uploads.postgres.sql"),
        ..Migration::new(number, "case_uploads", include_str!("uploads.sql"))
    }
}

/// A file on its way.
pub struct Upload {
    pub id: Hash,
    /// How many pieces have come.
    pub pieces: i64,
    /// What its owner knows about it.
    pub about: Vec<u8>,
}

impl Folder<'_> {
    /// Begins an upload under an id of its own. Beginning it again changes nothing.
    pub async fn begin_upload(
        &self,
        tx: &mut Tx,
        id: Hash,
        about: &[u8],
        random: &dyn Random,
        now: Time,
    ) -> Result<(), Failure> {
        if self.others(tx, id).await? >= AT_ONCE_MAX {
            // Those of which nothing has come are begun anew as easily.
            let empty = "DELETE FROM case_uploads WHERE case_id = $1 AND upload <> $2 AND pieces = 0";
            tx.execute(empty, args![self.case, id]).await?;
        }
        if self.others(tx, id).await? >= AT_ONCE_MAX {
            let message = "Twenty files are on their way to this application already. Finish one, or take one away.";
            return Err(Failure::conflict("file.too-many-at-once", message));
        }
        let about = self.key.seal(about, &self.upload_bound(id, b"about"), random);
        tx.execute(
            "INSERT INTO case_uploads (case_id, upload, pieces, moved, hosted_service, about) VALUES ($1, $2, 0, $3, $4, $5)
             ON CONFLICT (case_id, upload) DO NOTHING",
            args![self.case, id, now, self.hosted_service, about],
        )
        .await?;
        Ok(())
    }

    async fn others(&self, tx: &mut Tx, id: Hash) -> Result<i64, Error> {
        let others = "SELECT COUNT(*) FROM case_uploads WHERE case_id = $1 AND upload <> $2";
        tx.fetch_one(others, args![self.case, id]).await?.int(0)
    }

    pub async fn upload(&self, tx: &mut Tx, id: Hash) -> Result<Option<Upload>, Failure> {
        let select = "SELECT pieces, about FROM case_uploads WHERE case_id = $1 AND upload = $2";
        let Some(row) = tx.fetch_optional(select, args![self.case, id]).await? else { return Ok(None) };
        let about = self.key.open(&row.blob(1)?, &self.upload_bound(id, b"about"))?;
        Ok(Some(Upload { id, pieces: row.int(0)?, about }))
    }

    /// All that are on their way to the case, the oldest first.
    pub async fn uploads(&self, tx: &mut Tx) -> Result<Vec<Upload>, Failure> {
        let select = "SELECT upload, pieces, about FROM case_uploads WHERE case_id = $1 ORDER BY moved, upload";
        let mut uploads = Vec::new();
        for row in tx.fetch_all(select, args![self.case]).await? {
            let id = row.parsed(0, Hash::from_slice)?;
            let about = self.key.open(&row.blob(2)?, &self.upload_bound(id, b"about"))?;
            uploads.push(Upload { id, pieces: row.int(1)?, about });
        }
        Ok(uploads)
    }

    /// Stores the pieces that come next. The same ones at the same place again change nothing; any others are refused.
    pub async fn put_at(
        &self,
        tx: &mut Tx,
        (id, place): (Hash, i64),
        pieces: &[Vec<u8>],
        random: &dyn Random,
        now: Time,
    ) -> Result<(), Failure> {
        let count = i64::try_from(pieces.len()).unwrap_or(i64::MAX);
        let advance =
            "UPDATE case_uploads SET pieces = $1, moved = $2 WHERE case_id = $3 AND upload = $4 AND pieces = $5";
        let advanced = tx.execute(advance, args![place.saturating_add(count), now, self.case, id, place]).await?;
        if advanced == 0 {
            return if self.has_come(tx, (id, place), pieces).await? { Ok(()) } else { Err(another_part()) };
        }
        for (piece, place) in pieces.iter().zip(place..) {
            let hash = self.put(tx, piece, random, now).await?;
            let sealed = self.key.seal(hash.as_bytes(), &self.upload_bound(id, &place.to_be_bytes()), random);
            tx.execute(
                "INSERT INTO case_upload_pieces (case_id, upload, place, piece, hash, hosted_service)
                 VALUES ($1, $2, $3, $4, $5, $6)",
                args![self.case, id, place, self.piece_address(hash), sealed, self.hosted_service],
            )
            .await?;
        }
        Ok(())
    }

    async fn has_come(&self, tx: &mut Tx, (id, place): (Hash, i64), pieces: &[Vec<u8>]) -> Result<bool, Failure> {
        for (piece, place) in pieces.iter().zip(place..) {
            let select = "SELECT piece FROM case_upload_pieces WHERE case_id = $1 AND upload = $2 AND place = $3";
            let Some(row) = tx.fetch_optional(select, args![self.case, id, place]).await? else { return Ok(false) };
            if row.parsed(0, Hash::from_slice)? != self.piece_address(Hash::of(piece)) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Of what an upload is made so far, in its order.
    pub async fn pieces_of(&self, tx: &mut Tx, id: Hash) -> Result<Vec<Hash>, Failure> {
        let select = "SELECT place, hash FROM case_upload_pieces WHERE case_id = $1 AND upload = $2 ORDER BY place";
        let mut pieces = Vec::new();
        for row in tx.fetch_all(select, args![self.case, id]).await? {
            let bound = self.upload_bound(id, &row.int(0)?.to_be_bytes());
            pieces.push(Hash::from_slice(&self.key.open(&row.blob(1)?, &bound)?)?);
        }
        Ok(pieces)
    }

    /// It has arrived, or nobody goes on with it: pieces of which no file was made go a day after they came.
    pub async fn end_upload(&self, tx: &mut Tx, id: Hash) -> Result<(), Error> {
        end(tx, &self.case.to_vec(), &id.to_vec()).await
    }

    /// Binds what is sealed to its case, upload and place.
    fn upload_bound(&self, id: Hash, place: &[u8]) -> Vec<u8> {
        [self.case.as_bytes().as_slice(), b"upload", id.as_bytes(), place].concat()
    }
}

async fn end(tx: &mut Tx, case: &[u8], upload: &[u8]) -> Result<(), Error> {
    tx.execute("DELETE FROM case_upload_pieces WHERE case_id = $1 AND upload = $2", args![case, upload]).await?;
    tx.execute("DELETE FROM case_uploads WHERE case_id = $1 AND upload = $2", args![case, upload]).await?;
    Ok(())
}

fn another_part() -> Failure {
    let message = "Another part of this file comes next. Ask how much of it has come, and go on from there.";
    Failure::conflict("file.offset", message)
}

/// When the one that has rested for the longest time moved last, if that is at `before` or earlier.
pub(crate) async fn next_to_lapse(tx: &mut Tx, before: Time) -> Result<Option<Time>, Error> {
    let select = "SELECT moved FROM case_uploads WHERE moved <= $1 ORDER BY moved LIMIT 1";
    tx.fetch_optional(select, args![before]).await?.map(|row| row.time(0)).transpose()
}

/// Ends all that have not moved since.
pub(crate) async fn lapse(tx: &mut Tx, before: Time) -> Result<(), Error> {
    let resting = "SELECT case_id, upload FROM case_uploads WHERE moved <= $1";
    for row in tx.fetch_all(resting, args![before]).await? {
        let (case, upload) = (row.blob(0)?, row.blob(1)?);
        // Whoever went on with it meanwhile keeps it.
        let rests = "UPDATE case_uploads SET moved = moved WHERE case_id = $1 AND upload = $2 AND moved <= $3";
        if tx.execute(rests, args![&case, &upload, before]).await? == 1 {
            end(tx, &case, &upload).await?;
        }
    }
    Ok(())
}

/// Removes those of a case: it was erased.
pub(crate) async fn remove(tx: &mut Tx, case: CaseId) -> Result<(), Error> {
    tx.execute("DELETE FROM case_upload_pieces WHERE case_id = $1", args![case]).await?;
    tx.execute("DELETE FROM case_uploads WHERE case_id = $1", args![case]).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use kernel::{SeededRandom, sealed::CaseKey};
    use sql::Migrations;

    use super::*;
    use crate::pieces::{self, PIECE_BYTES, hash_of};

    const MIGRATIONS: Migrations = &[pieces::migration(1), migration(2)];
    const NOW: Time = Time::from_seconds(1_790_000_000);
    const HOUR: Duration = Duration::from_secs(3600);
    const DAY: Duration = Duration::from_secs(24 * 3600);

    fn one() -> CaseId {
        CaseId::from_bytes([1; 16])
    }

    fn folder(case: CaseId, key: &CaseKey) -> Folder<'_> {
        Folder { case, key, hosted_service: "justice/copy" }
    }

    fn id(number: u8) -> Hash {
        Hash::from_bytes([number; 32])
    }

    fn sent() -> Vec<Vec<u8>> {
        let content: Vec<u8> = (0..PIECE_BYTES * 3 + 5).map(|at| u8::try_from(at % 251).unwrap()).collect();
        content.chunks(PIECE_BYTES).map(<[u8]>::to_vec).collect()
    }

    async fn rows(tx: &mut Tx) -> [i64; 3] {
        let mut rows = [0; 3];
        for (count, select) in rows.iter_mut().zip([
            "SELECT COUNT(*) FROM case_uploads",
            "SELECT COUNT(*) FROM case_upload_pieces",
            "SELECT COUNT(*) FROM case_pieces",
        ]) {
            *count = tx.fetch_one(select, args![]).await.unwrap().int(0).unwrap();
        }
        rows
    }

    #[tokio::test]
    async fn whoever_was_cut_off_anywhere_goes_on_behind_the_last_piece_and_the_file_is_whole() {
        let key = CaseKey::generate(&SeededRandom::new(1));
        let random = SeededRandom::new(2);
        let sent = sent();
        for (engine, database) in testkit::databases(MIGRATIONS).await {
            for cut in 0..sent.len() {
                let mut tx = database.begin().await.unwrap();
                let own = folder(CaseId::from_bytes([10 + u8::try_from(cut).unwrap(); 16]), &key);
                own.begin_upload(&mut tx, id(1), b"scan.pdf", &random, NOW).await.unwrap();
                own.begin_upload(&mut tx, id(1), b"scan.pdf", &random, NOW).await.unwrap();
                if cut > 0 {
                    own.put_at(&mut tx, (id(1), 0), &sent[..cut], &random, NOW).await.unwrap();
                }
                let upload = own.upload(&mut tx, id(1)).await.unwrap().unwrap();
                assert_eq!((upload.pieces, &upload.about[..]), (i64::try_from(cut).unwrap(), &b"scan.pdf"[..]));
                own.put_at(&mut tx, (id(1), upload.pieces), &sent[cut..], &random, NOW).await.unwrap();
                let pieces = own.pieces_of(&mut tx, id(1)).await.unwrap();
                let all: Vec<Hash> = sent.iter().map(|piece| Hash::of(piece)).collect();
                assert_eq!(pieces, all, "{engine}: cut behind {cut}");
                assert_eq!(own.make(&mut tx, &pieces, NOW).await.unwrap().hash, hash_of(&all), "{engine}: {cut}");
                tx.commit().await.unwrap();
            }
        }
    }

    #[tokio::test]
    async fn of_two_who_send_one_upload_neither_writes_over_the_other_and_the_same_again_is_taken() {
        let key = CaseKey::generate(&SeededRandom::new(3));
        let random = SeededRandom::new(4);
        let sent = sent();
        for (engine, database) in testkit::databases(MIGRATIONS).await {
            let mut tx = database.begin().await.unwrap();
            let own = folder(one(), &key);
            own.begin_upload(&mut tx, id(1), b"", &random, NOW).await.unwrap();
            own.put_at(&mut tx, (id(1), 0), &sent[..2], &random, NOW).await.unwrap();
            own.put_at(&mut tx, (id(1), 0), &sent[..2], &random, NOW).await.unwrap();
            own.put_at(&mut tx, (id(1), 1), &sent[1..2], &random, NOW).await.unwrap();
            for (place, pieces) in [(0, &sent[1..2]), (1, &sent[1..3]), (3, &sent[2..3])] {
                let refused = own.put_at(&mut tx, (id(1), place), pieces, &random, NOW).await.unwrap_err();
                assert_eq!(refused.code, "file.offset", "{engine}: {place}");
            }
            let unknown = own.put_at(&mut tx, (id(2), 0), &sent[..1], &random, NOW).await.unwrap_err();
            assert_eq!(unknown.code, "file.offset", "{engine}");
            assert_eq!(rows(&mut tx).await, [1, 2, 2], "{engine}");
            let plain = "SELECT COUNT(*) FROM case_upload_pieces WHERE piece = $1 OR hash = $1";
            let found = tx.fetch_one(plain, args![Hash::of(&sent[0])]).await.unwrap().int(0).unwrap();
            assert_eq!(found, 0, "{engine}: whoever has the content does not find it");
            let other = folder(CaseId::from_bytes([2; 16]), &key);
            assert!(other.upload(&mut tx, id(1)).await.unwrap().is_none(), "{engine}: another case");
        }
    }

    #[tokio::test]
    async fn only_so_many_are_on_their_way_at_once() {
        let key = CaseKey::generate(&SeededRandom::new(5));
        let random = SeededRandom::new(6);
        for (engine, database) in testkit::databases(MIGRATIONS).await {
            let mut tx = database.begin().await.unwrap();
            let own = folder(one(), &key);
            let most = u8::try_from(AT_ONCE_MAX).unwrap();
            for number in 0..most {
                own.begin_upload(&mut tx, id(number), b"", &random, NOW).await.unwrap();
            }
            own.begin_upload(&mut tx, id(most), b"", &random, NOW).await.unwrap();
            assert_eq!(own.uploads(&mut tx).await.unwrap().len(), 1, "{engine}: of the others nothing had come");
            for number in 0..most {
                own.begin_upload(&mut tx, id(number), b"", &random, NOW).await.unwrap();
                own.put_at(&mut tx, (id(number), 0), &[vec![number]], &random, NOW).await.unwrap();
            }
            own.begin_upload(&mut tx, id(0), b"", &random, NOW).await.unwrap();
            let refused = own.begin_upload(&mut tx, id(99), b"", &random, NOW).await.unwrap_err();
            assert_eq!(refused.code, "file.too-many-at-once", "{engine}");
            own.end_upload(&mut tx, id(0)).await.unwrap();
            own.begin_upload(&mut tx, id(99), b"", &random, NOW).await.unwrap();
            assert_eq!(own.uploads(&mut tx).await.unwrap().len(), 20, "{engine}");
        }
    }

    #[tokio::test]
    async fn an_upload_keeps_its_pieces_until_it_rests_for_a_day_and_with_an_erased_case_it_goes() {
        let key = CaseKey::generate(&SeededRandom::new(7));
        let random = SeededRandom::new(8);
        let sent = sent();
        for (engine, database) in testkit::databases(MIGRATIONS).await {
            let mut tx = database.begin().await.unwrap();
            let own = folder(one(), &key);
            own.begin_upload(&mut tx, id(1), b"", &random, NOW).await.unwrap();
            own.put_at(&mut tx, (id(1), 0), &sent[..1], &random, NOW).await.unwrap();
            let later = NOW.plus(DAY).minus(HOUR);
            own.put_at(&mut tx, (id(1), 1), &sent[1..2], &random, later).await.unwrap();
            let end = later.plus(DAY);
            assert_eq!(pieces::next_sweep(&mut tx, end.minus(HOUR)).await.unwrap(), None, "{engine}");
            assert_eq!(pieces::sweep(&mut tx, NOW.plus(DAY)).await.unwrap(), (0, 0), "{engine}: the first is older");
            assert_eq!(rows(&mut tx).await, [1, 2, 2], "{engine}");
            assert_eq!(pieces::next_sweep(&mut tx, end).await.unwrap(), Some(end), "{engine}");
            assert_eq!(pieces::sweep(&mut tx, end).await.unwrap(), (0, 2), "{engine}");
            assert_eq!(rows(&mut tx).await, [0, 0, 0], "{engine}: nothing is left behind");
            own.begin_upload(&mut tx, id(1), b"", &random, NOW).await.unwrap();
            own.put_at(&mut tx, (id(1), 0), &sent, &random, NOW).await.unwrap();
            pieces::remove(&mut tx, one()).await.unwrap();
            assert_eq!(rows(&mut tx).await, [0, 0, 0], "{engine}");
        }
    }
}
