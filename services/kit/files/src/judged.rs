//! What a scanner said of the files of cases, each under its address: what waits to be judged, and of a harmful file only that it was.

use std::{collections::BTreeMap, time::Duration};

use kernel::{CaseId, Hash, Time};
use sql::{Error, Migration, Row, Tx, args};

/// The columns, as one of the owner's own migrations, after that of [`crate::pieces`].
pub const fn migration(number: i64) -> Migration {
    Migration::new(number, "judged_files", include_str!("judged.sql"))
}

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Judged {
    Clean,
    Harmful,
}

impl Judged {
    fn name(self) -> &'static str {
        match self {
            Self::Clean => "clean",
            Self::Harmful => "harmful",
        }
    }

    fn of(row: &Row, column: usize) -> Result<Option<Self>, Error> {
        Ok(match row.opt_text(column)?.as_deref() {
            None => None,
            Some("clean") => Some(Self::Clean),
            // Whatever a later release says beside these is no reason to give the file to anybody.
            Some(_) => Some(Self::Harmful),
        })
    }
}

/// A file that is to be judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waiting {
    pub case: CaseId,
    pub address: Hash,
    pub size: u64,
}

/// When the next file is to be judged, if that is at `until` or before.
pub async fn next(tx: &mut Tx, until: Time) -> Result<Option<Time>, Error> {
    let select = "SELECT judge_due FROM case_files WHERE named = 1 AND judged IS NULL AND judge_due <= $1
                  ORDER BY judge_due LIMIT 1";
    tx.fetch_optional(select, args![until]).await?.map(|row| row.time(0)).transpose()
}

/// Takes the file whose turn it is for so long; nobody else has it meanwhile.
pub async fn take(tx: &mut Tx, now: Time, hold: Duration) -> Result<Option<Waiting>, Error> {
    let select = "SELECT case_id, file, size, judge_due FROM case_files
                  WHERE named = 1 AND judged IS NULL AND judge_due <= $1 ORDER BY judge_due LIMIT 1";
    let Some(row) = tx.fetch_optional(select, args![now]).await? else { return Ok(None) };
    let waiting = Waiting {
        case: row.parsed(0, CaseId::from_slice)?,
        address: row.parsed(1, Hash::from_slice)?,
        size: u64::try_from(row.int(2)?).unwrap_or_default(),
    };
    let take =
        "UPDATE case_files SET judge_due = $1 WHERE case_id = $2 AND file = $3 AND judge_due = $4 AND judged IS NULL";
    let taken = tx.execute(take, args![now.plus(hold), waiting.case, waiting.address, row.time(3)?]).await?;
    Ok((taken == 1).then_some(waiting))
}

/// The file is judged another time: nothing could be found out.
pub async fn later(tx: &mut Tx, file: &Waiting, due: Time) -> Result<(), Error> {
    let later = "UPDATE case_files SET judge_due = $1 WHERE case_id = $2 AND file = $3 AND judged IS NULL";
    tx.execute(later, args![due, file.case, file.address]).await?;
    Ok(())
}

/// Keeps what was found, and of a harmful file nothing else. False: it was judged before, or is gone.
pub async fn judge(tx: &mut Tx, file: &Waiting, found: Judged) -> Result<bool, Error> {
    let judge = "UPDATE case_files SET judged = $1 WHERE case_id = $2 AND file = $3 AND judged IS NULL";
    let fresh = tx.execute(judge, args![found.name(), file.case, file.address]).await? == 1;
    if fresh && found == Judged::Harmful {
        // A piece of which another file is made, too, stays with that one, which is judged by itself.
        tx.execute(
            "DELETE FROM case_pieces WHERE case_id = $1
               AND piece IN (SELECT piece FROM case_file_pieces WHERE case_id = $1 AND file = $2)
               AND NOT EXISTS (SELECT 1 FROM case_file_pieces AS other WHERE other.case_id = case_pieces.case_id
                                 AND other.piece = case_pieces.piece AND other.file <> $2)",
            args![file.case, file.address],
        )
        .await?;
        let pieces = "DELETE FROM case_file_pieces WHERE case_id = $1 AND file = $2";
        tx.execute(pieces, args![file.case, file.address]).await?;
    }
    Ok(fresh)
}

/// What was found in one file; none: nothing yet, or there is no such file.
pub async fn of_file(tx: &mut Tx, case: CaseId, address: Hash) -> Result<Option<Judged>, Error> {
    let select = "SELECT judged FROM case_files WHERE case_id = $1 AND file = $2";
    let row = tx.fetch_optional(select, args![case, address]).await?;
    row.map_or(Ok(None), |row| Judged::of(&row, 0))
}

/// What was found in the files that the case names; those of which nothing is known yet are among them.
pub async fn of_case(tx: &mut Tx, case: CaseId) -> Result<BTreeMap<Hash, Option<Judged>>, Error> {
    let select = "SELECT file, judged FROM case_files WHERE case_id = $1 AND named = 1";
    let rows = tx.fetch_all(select, args![case]).await?;
    rows.iter().map(|row| Ok((row.parsed(0, Hash::from_slice)?, Judged::of(row, 1)?))).collect()
}

#[cfg(test)]
mod tests {
    use kernel::{SeededRandom, sealed::CaseKey};
    use sql::Migrations;

    use super::*;
    use crate::pieces::{self, Folder, PIECE_BYTES};

    const MIGRATIONS: Migrations = &[pieces::migration(1), migration(2)];
    const NOW: Time = Time::from_seconds(1_790_000_000);
    const MINUTE: Duration = Duration::from_secs(60);

    /// Makes a file that the case names, and gives its address.
    async fn named(tx: &mut Tx, folder: &Folder<'_>, content: &[u8]) -> (Hash, Hash) {
        let random = SeededRandom::new(1);
        let mut made_of = Vec::new();
        for piece in content.chunks(PIECE_BYTES) {
            made_of.push(folder.put(tx, piece, &random, NOW).await.unwrap());
        }
        let made = folder.make(tx, &made_of, NOW).await.unwrap();
        folder.name(tx, made.hash).await.unwrap();
        (made.hash, folder.file_address(made.hash))
    }

    #[tokio::test]
    async fn a_file_is_judged_by_one_at_a_time_and_once() {
        let key = CaseKey::generate(&SeededRandom::new(2));
        let case = CaseId::from_bytes([1; 16]);
        let folder = Folder { case, key: &key, hosted_service: "justice/copy" };
        for (engine, database) in testkit::databases(MIGRATIONS).await {
            let mut tx = database.begin().await.unwrap();
            assert_eq!(next(&mut tx, NOW).await.unwrap(), None, "{engine}");
            let (_, address) = named(&mut tx, &folder, b"a scan").await;
            assert_eq!(of_case(&mut tx, case).await.unwrap(), BTreeMap::from([(address, None)]), "{engine}");
            assert!(next(&mut tx, NOW).await.unwrap().is_some(), "{engine}: at once");
            let waiting = take(&mut tx, NOW, MINUTE).await.unwrap().unwrap();
            assert_eq!(waiting, Waiting { case, address, size: 6 }, "{engine}");
            assert_eq!(take(&mut tx, NOW, MINUTE).await.unwrap(), None, "{engine}: somebody has it");
            assert_eq!(next(&mut tx, NOW.plus(MINUTE)).await.unwrap(), Some(NOW.plus(MINUTE)), "{engine}: they died");
            later(&mut tx, &waiting, NOW).await.unwrap();
            let waiting = take(&mut tx, NOW, MINUTE).await.unwrap().unwrap();
            assert!(judge(&mut tx, &waiting, Judged::Clean).await.unwrap(), "{engine}");
            assert!(!judge(&mut tx, &waiting, Judged::Harmful).await.unwrap(), "{engine}: once");
            assert_eq!(of_file(&mut tx, case, address).await.unwrap(), Some(Judged::Clean), "{engine}");
            assert_eq!(next(&mut tx, NOW.plus(MINUTE * 60)).await.unwrap(), None, "{engine}: nothing is left to do");
        }
    }

    #[tokio::test]
    async fn of_a_harmful_file_nothing_stays_but_that_it_was_and_another_keeps_what_they_share() {
        let key = CaseKey::generate(&SeededRandom::new(3));
        let case = CaseId::from_bytes([1; 16]);
        let folder = Folder { case, key: &key, hosted_service: "justice/copy" };
        let (shared, own) = (vec![7; PIECE_BYTES], vec![8; 10]);
        for (engine, database) in testkit::databases(MIGRATIONS).await {
            let mut tx = database.begin().await.unwrap();
            let (harmful, address) = named(&mut tx, &folder, &[shared.clone(), own.clone()].concat()).await;
            let (other, _) = named(&mut tx, &folder, &shared).await;
            // On its way for a third file: no reason to send it again.
            let on_its_way = folder.put(&mut tx, b"loose", &SeededRandom::new(4), NOW).await.unwrap();
            let file = Waiting { case, address, size: 0 };
            assert!(judge(&mut tx, &file, Judged::Harmful).await.unwrap(), "{engine}");
            for place in 0..2 {
                assert_eq!(folder.piece(&mut tx, harmful, place).await.unwrap(), None, "{engine}: {place}");
            }
            assert_eq!(folder.loose(&mut tx, Hash::of(&own)).await.unwrap(), None, "{engine}: destroyed");
            assert_eq!(folder.piece(&mut tx, other, 0).await.unwrap().as_deref(), Some(&shared[..]), "{engine}");
            assert!(folder.loose(&mut tx, on_its_way).await.unwrap().is_some(), "{engine}");
            let (again, _) = named(&mut tx, &folder, &[shared.clone(), own.clone()].concat()).await;
            assert_eq!(again, harmful);
            assert_eq!(of_file(&mut tx, case, address).await.unwrap(), Some(Judged::Harmful), "{engine}: sent again");
        }
    }
}
