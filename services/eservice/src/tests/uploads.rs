//! Files that come in parts: cut off anywhere, gone on with from there, in one window or two, by nobody else.

use std::time::Duration;

use files::pieces::{PIECE_BYTES, hash_of};
use kernel::{Failure, Hash};
use proto::eservice::v1::{
    AttachFileRequest, BeginUploadRequest, CaseReply, PutPiecesRequest, ReadUploadRequest, Upload,
};
use sql::{AssertSqlSafe, Database, args};

use super::{
    files::{AT, PAGE, acts, code, exempt, field, read, scan},
    world::{CITIZEN, World},
};
use crate::{
    bus::{files as attached, uploads},
    leftovers,
    store::MIGRATIONS,
};

const TABLES: [&str; 3] = ["case_uploads", "case_upload_pieces", "case_pieces"];
const DAY: Duration = Duration::from_secs(86_400);

pub async fn begin(world: &World, case: &[u8], name: &str, bytes: usize) -> Result<Upload, Failure> {
    let request = BeginUploadRequest {
        case_id: case.to_vec(),
        page: PAGE.into(),
        at: AT.into(),
        name: name.into(),
        size: i64::try_from(bytes).unwrap(),
    };
    Box::pin(uploads::begin(world.host.clone(), world.call(CITIZEN, request))).await
}

pub async fn stands(world: &World, who: u8, case: &[u8], id: &[u8]) -> Result<Upload, Failure> {
    let request = ReadUploadRequest { case_id: case.to_vec(), id: id.to_vec() };
    Box::pin(uploads::read(world.host.clone(), world.call(who, request))).await
}

/// Sends the pieces from this place on, as many as go with a message.
pub async fn put(
    world: &World,
    who: u8,
    case: &[u8],
    id: &[u8],
    (place, pieces): (i64, &[&[u8]]),
) -> Result<(), Failure> {
    let request = PutPiecesRequest {
        case_id: case.to_vec(),
        page: PAGE.into(),
        at: AT.into(),
        pieces: pieces.iter().map(|piece| piece.to_vec()).collect(),
        begins: place == 0,
        upload: id.to_vec(),
        place,
        enclosed: None,
    };
    Box::pin(attached::put(world.host.clone(), world.call(who, request))).await.map(|_| ())
}

pub async fn attach(world: &World, case: &[u8], id: &[u8]) -> Result<CaseReply, Failure> {
    let request = AttachFileRequest {
        case_id: case.to_vec(),
        page: PAGE.into(),
        at: AT.into(),
        upload: id.to_vec(),
        ..AttachFileRequest::default()
    };
    Box::pin(attached::attach(world.host.clone(), world.call(CITIZEN, request))).await
}

async fn rows(database: &Database) -> Vec<i64> {
    let mut tx = database.read().await.unwrap();
    let mut rows = Vec::new();
    for table in TABLES {
        let count = AssertSqlSafe(format!("SELECT COUNT(*) FROM {table}"));
        rows.push(tx.fetch_one(count, args![]).await.unwrap().int(0).unwrap());
    }
    rows
}

fn hash_of_all(pieces: &[&[u8]]) -> Vec<u8> {
    hash_of(&pieces.iter().map(|piece| Hash::of(piece)).collect::<Vec<_>>()).to_vec()
}

#[tokio::test]
async fn a_file_that_was_cut_off_anywhere_goes_on_from_there_and_comes_back_whole() {
    let content = scan(PIECE_BYTES * 3 + 77);
    let pieces: Vec<&[u8]> = content.chunks(PIECE_BYTES).collect();
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::new(database).await;
        for cut in 1..pieces.len() {
            let case = exempt(&world).await;
            let begun = begin(&world, &case, "C:\\scans\\Reja.PDF", content.len()).await.unwrap();
            assert_eq!((begun.offset, begun.name.as_str()), (0, "Reja.PDF"), "{engine}");
            assert!(field(&world, &case).await.uploads.is_empty(), "{engine}: nothing has come");
            put(&world, CITIZEN, &case, &begun.id, (0, &pieces[..cut])).await.unwrap();
            assert_eq!(code(attach(&world, &case, &begun.id).await), "file.not-whole", "{engine}: {cut}");
            let cut_off = field(&world, &case).await.uploads;
            assert_eq!(cut_off.len(), 1, "{engine}: whoever opens the page anew is told");
            let now = stands(&world, CITIZEN, &case, &cut_off[0].id).await.unwrap();
            assert_eq!(usize::try_from(now.offset).unwrap(), cut * PIECE_BYTES, "{engine}");
            assert_eq!(now.hash, hash_of_all(&pieces[..cut]), "{engine}: of what has come");
            let place = i64::try_from(cut).unwrap();
            put(&world, CITIZEN, &case, &now.id, (place, &pieces[cut..])).await.unwrap();
            let whole = stands(&world, CITIZEN, &case, &now.id).await.unwrap();
            assert_eq!((whole.offset, whole.hash), (whole.size, hash_of_all(&pieces)), "{engine}: {cut}");
            attach(&world, &case, &now.id).await.unwrap();
            assert_eq!(code(stands(&world, CITIZEN, &case, &now.id).await), "file.no-upload", "{engine}: it ended");
            let field = field(&world, &case).await;
            let file = field.files.last().unwrap();
            assert_eq!((file.name.as_str(), file.kind.as_str()), ("Reja.pdf", "application/pdf"), "{engine}");
            assert!(read(&world, CITIZEN, &case, &file.id, &[]).await.unwrap() == content, "{engine}: {cut}");
        }
        assert_eq!(rows(&world.host.database).await[..2], [0, 0], "{engine}");
        world.nothing_is_left_behind().await;
    }
}

#[tokio::test]
async fn two_windows_that_send_one_file_make_one_of_it_and_no_other_part_gets_in_between() {
    let content = scan(PIECE_BYTES * 2 + 9);
    let pieces: Vec<&[u8]> = content.chunks(PIECE_BYTES).collect();
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::new(database).await;
        let case = exempt(&world).await;
        let id = begin(&world, &case, "scan.pdf", content.len()).await.unwrap().id;
        put(&world, CITIZEN, &case, &id, (0, &pieces[..1])).await.unwrap();
        put(&world, CITIZEN, &case, &id, (0, &pieces[..1])).await.unwrap();
        let other = scan(PIECE_BYTES + 1);
        let foreign = put(&world, CITIZEN, &case, &id, (0, &[&other[1..]])).await;
        assert_eq!(code(foreign), "file.type", "{engine}: it begins otherwise");
        let foreign = put(&world, CITIZEN, &case, &id, (2, &pieces[2..])).await;
        assert_eq!(code(foreign), "file.offset", "{engine}: too early");
        put(&world, CITIZEN, &case, &id, (1, &pieces[1..])).await.unwrap();
        let late = put(&world, CITIZEN, &case, &id, (1, &[&other[1..]])).await;
        assert_eq!(code(late), "file.offset", "{engine}: other bytes for a part that has come");
        attach(&world, &case, &id).await.unwrap();
        assert_eq!(code(attach(&world, &case, &id).await), "file.no-upload", "{engine}: once");
        assert_eq!((field(&world, &case).await.files.len(), acts(&world, "file.attached").await), (1, 1), "{engine}");
        world.nothing_is_left_behind().await;
    }
}

#[tokio::test]
async fn what_a_question_does_not_take_is_refused_before_it_is_sent_and_more_than_was_said_never_comes() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::new(database).await;
        let case = exempt(&world).await;
        for bytes in [0, 10_485_761] {
            assert_eq!(code(begin(&world, &case, "scan.pdf", bytes).await), "file.size", "{engine}: {bytes}");
        }
        let id = begin(&world, &case, "letter.pdf", 20).await.unwrap().id;
        let no_pdf = put(&world, CITIZEN, &case, &id, (0, &[b"MZ, and no PDF at all"])).await;
        assert_eq!(code(no_pdf), "file.type", "{engine}");
        let longer = scan(21);
        assert_eq!(code(put(&world, CITIZEN, &case, &id, (0, &[&longer])).await), "file.pieces", "{engine}");
        let shorter = scan(19);
        assert_eq!(code(put(&world, CITIZEN, &case, &id, (0, &[&shorter])).await), "file.pieces", "{engine}");
        assert_eq!(rows(&world.host.database).await, [1, 0, 0], "{engine}: nothing of it stays");
        world.nothing_is_left_behind().await;
    }
}

#[tokio::test]
async fn nobody_goes_on_with_another_persons_upload_or_from_another_application() {
    let content = scan(PIECE_BYTES + 5);
    let pieces: Vec<&[u8]> = content.chunks(PIECE_BYTES).collect();
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::new(database).await;
        let case = exempt(&world).await;
        let id = begin(&world, &case, "scan.pdf", content.len()).await.unwrap().id;
        put(&world, CITIZEN, &case, &id, (0, &pieces[..1])).await.unwrap();
        let theirs = Box::pin(world.open(2)).await.case_id;
        assert_eq!(code(stands(&world, 2, &case, &id).await), "case.not-found", "{engine}");
        assert_eq!(code(put(&world, 2, &case, &id, (1, &pieces[1..])).await), "case.not-found", "{engine}");
        assert_eq!(code(stands(&world, 2, &theirs, &id).await), "file.no-upload", "{engine}: from their own");
        let request = ReadUploadRequest { case_id: theirs, id: id.clone() };
        Box::pin(uploads::end(world.host.clone(), world.call(2, request))).await.unwrap();
        let stands = stands(&world, CITIZEN, &case, &id).await.unwrap();
        assert_eq!(usize::try_from(stands.offset).unwrap(), PIECE_BYTES, "{engine}: it is where it was");
        world.nothing_is_left_behind().await;
    }
}

#[tokio::test]
async fn what_nobody_goes_on_with_lapses_a_day_later_and_what_is_given_up_at_once() {
    let content = scan(PIECE_BYTES * 2);
    let pieces: Vec<&[u8]> = content.chunks(PIECE_BYTES).collect();
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::new(database).await;
        let case = exempt(&world).await;
        let id = begin(&world, &case, "scan.pdf", content.len()).await.unwrap().id;
        put(&world, CITIZEN, &case, &id, (0, &pieces[..1])).await.unwrap();
        world.clock.advance(DAY - Duration::from_secs(60));
        put(&world, CITIZEN, &case, &id, (1, &pieces[1..])).await.unwrap();
        world.clock.advance(Duration::from_secs(120));
        leftovers::remove(&world.host).await.unwrap();
        assert_eq!(rows(&world.host.database).await, [1, 2, 2], "{engine}: its first part is as young as its last");
        attach(&world, &case, &id).await.unwrap();

        let resting = begin(&world, &case, "other.pdf", content.len()).await.unwrap().id;
        let other = [&b"%PDF-2.0"[..], &content[8..]].concat();
        put(&world, CITIZEN, &case, &resting, (0, &[&other[..PIECE_BYTES]])).await.unwrap();
        world.clock.advance(DAY);
        leftovers::remove(&world.host).await.unwrap();
        assert_eq!(rows(&world.host.database).await, [0, 0, 2], "{engine}: the file that was attached stays");

        let given_up = begin(&world, &case, "third.pdf", content.len()).await.unwrap().id;
        let request = ReadUploadRequest { case_id: case.clone(), id: given_up.clone() };
        Box::pin(uploads::end(world.host.clone(), world.call(CITIZEN, request))).await.unwrap();
        assert_eq!(code(stands(&world, CITIZEN, &case, &given_up).await), "file.no-upload", "{engine}");
        world.nothing_is_left_behind().await;
    }
}

#[tokio::test]
async fn a_host_sees_no_upload_to_another_hosts_services() {
    let Some((_, settings)) = testkit::stores().into_iter().find(|(engine, _)| *engine == "postgres") else { return };
    let world = World::new(Database::open(&settings, MIGRATIONS).await.unwrap()).await;
    let case = exempt(&world).await;
    let content = scan(PIECE_BYTES * 2);
    let id = begin(&world, &case, "scan.pdf", content.len()).await.unwrap().id;
    put(&world, CITIZEN, &case, &id, (0, &[&content[..PIECE_BYTES]])).await.unwrap();
    for (service, seen) in [("justice/marriage-certificate-copy", 1), ("justice/other", 0)] {
        let host = Database::open(&testkit::limited(&settings, &[service]), MIGRATIONS).await.unwrap();
        assert_eq!(rows(&host).await, [seen; 3], "{service}");
        for table in TABLES {
            let mut tx = host.begin().await.unwrap();
            let taken = tx.execute(AssertSqlSafe(format!("DELETE FROM {table}")), args![]).await.unwrap();
            assert_eq!(i64::try_from(taken).unwrap(), seen, "{service}: {table}");
        }
    }
    assert_eq!(rows(&world.host.database).await, [1; 3], "nothing was taken away");
}
