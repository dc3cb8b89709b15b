//! Files that applicants attach: sent in pieces, kept under the case's key, shown to whoever sees the answers, gone when nothing
//! names them.

use std::time::Duration;

use bus::Call;
use files::pieces::{PIECE_BYTES, hash_of};
use kernel::{Failure, Hash};
use proto::eservice::v1::{
    AttachFileRequest, CaseReply, DiscardDraftRequest, Field, FilePiece, PutPiecesRequest, ReadFileRequest,
    ReadTaskRequest, RemoveFileRequest, SavePageRequest, TaskPage, Value,
};
use sql::{AssertSqlSafe, Database, args};

use super::world::{CITIZEN, LEAD, NUKUS, OFFICER, World};
use crate::{
    bus::{answers, draft, files as attached, page, submit, task},
    leftovers,
    retention::erase_due,
    store::MIGRATIONS,
};

pub const AT: &str = "benefit.evidence";
pub const PAGE: &str = "benefit";
const TABLES: [&str; 3] = ["case_files", "case_file_pieces", "case_pieces"];
const DAY: Duration = Duration::from_secs(86_400);

/// A scan of some pages, as its bytes say.
pub fn scan(bytes: usize) -> Vec<u8> {
    let mut scan = b"%PDF-1.7\n".to_vec();
    scan.extend((scan.len()..bytes).map(|at| u8::try_from(at % 251).unwrap()));
    scan
}

async fn answer(world: &World, case: &[u8], page: &str, values: &[(&str, &str)]) {
    let value = |(at, text): &(&str, &str)| Value { at: (*at).into(), text: (*text).into() };
    let request = SavePageRequest {
        case_id: case.to_vec(),
        page: page.into(),
        language: "en".into(),
        values: values.iter().map(value).collect(),
        disputed: Vec::new(),
        shown_hash: Box::pin(world.page(CITIZEN, case, page)).await.shown_hash,
    };
    Box::pin(page::save(world.host.clone(), world.call(CITIZEN, request))).await.unwrap();
}

/// A draft of somebody who is exempt: it asks for evidence.
pub async fn exempt(world: &World) -> Vec<u8> {
    let case = Box::pin(world.open(CITIZEN)).await.case_id;
    answer(world, &case, PAGE, &[("benefit.kind", "disability"), ("benefit.certificate", "TM 0012345")]).await;
    case
}

async fn put(world: &World, who: u8, case: &[u8], pieces: &[&[u8]], begins: bool) -> Result<(), Failure> {
    let request = PutPiecesRequest {
        case_id: case.to_vec(),
        page: PAGE.into(),
        at: AT.into(),
        pieces: pieces.iter().map(|piece| piece.to_vec()).collect(),
        begins,
        ..PutPiecesRequest::default()
    };
    Box::pin(attached::put(world.host.clone(), world.call(who, request))).await.map(|_| ())
}

fn attachment(case: &[u8], name: &str, content: &[u8]) -> AttachFileRequest {
    AttachFileRequest {
        case_id: case.to_vec(),
        page: PAGE.into(),
        at: AT.into(),
        name: name.into(),
        pieces: content.chunks(PIECE_BYTES).map(|piece| Hash::of(piece).to_vec()).collect(),
        ..AttachFileRequest::default()
    }
}

async fn attach(world: &World, call: Call<AttachFileRequest>) -> Result<CaseReply, Failure> {
    Box::pin(attached::attach(world.host.clone(), call)).await
}

/// Sends a whole file.
pub async fn send(world: &World, case: &[u8], name: &str, content: &[u8]) -> Result<CaseReply, Failure> {
    for (index, piece) in content.chunks(PIECE_BYTES).enumerate() {
        put(world, CITIZEN, case, &[piece], index == 0).await?;
    }
    attach(world, world.call(CITIZEN, attachment(case, name, content))).await
}

pub async fn field(world: &World, case: &[u8]) -> Field {
    let page = Box::pin(world.page(CITIZEN, case, PAGE)).await;
    page.fields.into_iter().find(|field| field.at == AT).unwrap()
}

pub async fn read(world: &World, who: u8, case: &[u8], file: &[u8], task: &[u8]) -> Result<Vec<u8>, Failure> {
    let (mut content, mut permit) = (Vec::new(), Vec::new());
    for place in 0.. {
        let (case_id, id, task_id) = (case.to_vec(), file.to_vec(), task.to_vec());
        let piece = piece(world, who, ReadFileRequest { case_id, id, place, task_id, permit }).await?;
        content.extend(piece.bytes);
        permit = piece.permit;
        if i64::try_from(content.len()).unwrap() >= piece.size {
            break;
        }
    }
    Ok(content)
}

async fn piece(world: &World, who: u8, request: ReadFileRequest) -> Result<FilePiece, Failure> {
    Box::pin(attached::read(world.host.clone(), world.call(who, request))).await
}

pub async fn remove(world: &World, case: &[u8], file: &[u8]) {
    let (case_id, id) = (case.to_vec(), file.to_vec());
    let request = RemoveFileRequest { case_id, page: PAGE.into(), at: AT.into(), id, enclosed: None };
    Box::pin(attached::remove(world.host.clone(), world.call(CITIZEN, request))).await.unwrap();
}

async fn opened(world: &World, who: u8, case: &[u8], task: &[u8], purpose: &str) -> TaskPage {
    let request = ReadTaskRequest {
        case_id: case.to_vec(),
        task_id: task.to_vec(),
        language: "en".into(),
        purpose: purpose.into(),
    };
    Box::pin(task::read(world.host.clone(), world.call(who, request))).await.unwrap()
}

/// What is asked beside the evidence.
pub async fn answer_the_rest(world: &World, case: &[u8]) {
    let answers: [(&str, &[(&str, &str)]); 5] = [
        ("date", &[("marriage.date", "2012-06-16")]),
        ("office", &[("marriage.office", "tashkent-yunusabad")]),
        ("name", &[("formerName.changed", "false")]),
        ("reason", &[("reason.kind", "lost")]),
        ("contact", &[("contact.phone", "+998901112233")]),
    ];
    for (page, values) in answers {
        answer(world, case, page, values).await;
    }
}

/// Answers what is left, submits and pays; gives the task in which it is checked. The registry must have an answer.
pub async fn handed_in(world: &World, case: &[u8]) -> Vec<u8> {
    answer_the_rest(world, case).await;
    let request = Box::pin(world.submission(CITIZEN, case)).await;
    Box::pin(submit::submit(world.host.clone(), world.call(CITIZEN, request))).await.unwrap();
    Box::pin(world.settle()).await;
    world.paid(case).await;
    Box::pin(world.settle()).await;
    world.open_task(case).await
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

pub async fn acts(world: &World, name: &str) -> i64 {
    let mut tx = world.host.database.read().await.unwrap();
    let count = "SELECT COUNT(*) FROM audit WHERE act = $1";
    tx.fetch_one(count, args![name]).await.unwrap().int(0).unwrap()
}

pub fn code<T>(outcome: Result<T, Failure>) -> String {
    outcome.err().map(|failure| failure.code.into_owned()).unwrap_or_default()
}

#[tokio::test]
async fn a_file_comes_back_to_its_applicant_and_to_the_officer_of_its_task_and_to_nobody_else() {
    let content = scan(PIECE_BYTES + 100);
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::new(database).await;
        *world.platform.registry.lock().unwrap() = Some(serde_json::json!({"date": "2012-06-16"}));
        let case = exempt(&world).await;
        send(&world, &case, "C:\\scans\\Guvohnoma.PDF", &content).await.unwrap();
        let field = field(&world, &case).await;
        let file = field.files[0].clone();
        assert_eq!((field.kind.as_str(), field.size_max, field.files_max), ("files", 10_485_760, 3), "{engine}");
        assert_eq!((file.name.as_str(), file.kind.as_str()), ("Guvohnoma.pdf", "application/pdf"), "{engine}");
        assert!(read(&world, CITIZEN, &case, &file.id, &[]).await.unwrap() == content, "{engine}");
        assert_eq!(code(read(&world, 2, &case, &file.id, &[]).await), "case.not-found", "{engine}: not theirs");
        assert_eq!(code(read(&world, CITIZEN, &case, &[7; 32], &[]).await), "case.not-found", "{engine}: no such file");

        let task = handed_in(&world, &case).await;
        assert!(read(&world, OFFICER, &case, &file.id, &task).await.unwrap() == content, "{engine}");
        assert_eq!(acts(&world, "case.opened").await, 1, "{engine}: reading all of it is one opening");
        assert_eq!(code(read(&world, NUKUS, &case, &file.id, &task).await), "case.not-found", "{engine}");
        assert_eq!(code(read(&world, OFFICER, &case, &file.id, &[]).await), "case.not-found", "{engine}: no task");
        let shown = opened(&world, OFFICER, &case, &task, "").await;
        let row = shown.sections.iter().flat_map(|section| &section.rows).find(|row| row.at == AT).unwrap();
        assert_eq!((row.value.as_str(), row.files.as_slice()), ("Guvohnoma.pdf", &[file][..]), "{engine}");
        assert_eq!(code(send(&world, &case, "late.pdf", &content).await), "file.no-field", "{engine}: it was sent");
        Box::pin(world.nothing_is_left_behind()).await;
    }
}

#[tokio::test]
async fn reading_a_file_for_hours_is_one_opening_and_whoever_begins_without_a_reason_is_asked_for_it() {
    let content = scan(PIECE_BYTES * 2 + 100);
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::new(database).await;
        *world.platform.registry.lock().unwrap() = Some(serde_json::json!({"date": "2012-06-16"}));
        let case = exempt(&world).await;
        send(&world, &case, "scan.pdf", &content).await.unwrap();
        let id = field(&world, &case).await.files[0].id.clone();
        let task = handed_in(&world, &case).await;
        opened(&world, LEAD, &case, &task, "A complaint, letter 12").await;
        let asked = |place, permit| ReadFileRequest {
            case_id: case.clone(),
            id: id.clone(),
            place,
            task_id: task.clone(),
            permit,
        };
        let first = piece(&world, LEAD, asked(0, Vec::new())).await.unwrap();
        let acts_before = acts(&world, "case.opened").await;
        world.clock.advance(Duration::from_secs(2 * 3600));
        let second = piece(&world, LEAD, asked(1, first.permit.clone())).await.unwrap();
        assert_eq!(second.bytes, content[PIECE_BYTES..PIECE_BYTES * 2], "{engine}");
        assert_eq!(code(piece(&world, NUKUS, asked(1, first.permit.clone())).await), "case.not-found", "{engine}");
        assert_eq!(code(piece(&world, LEAD, asked(2, Vec::new())).await), "task.reason-needed", "{engine}: anew");
        world.clock.advance(Duration::from_secs(4 * 3600));
        let late = piece(&world, LEAD, asked(2, second.permit)).await;
        assert_eq!(code(late), "task.reason-needed", "{engine}: a permit ends");
        assert_eq!(acts(&world, "case.opened").await, acts_before, "{engine}");
        Box::pin(world.nothing_is_left_behind()).await;
    }
}

#[tokio::test]
async fn no_page_names_a_file_by_what_it_holds() {
    let content = scan(100);
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::new(database).await;
        *world.platform.registry.lock().unwrap() = Some(serde_json::json!({"date": "2012-06-16"}));
        let case = exempt(&world).await;
        send(&world, &case, "scan.pdf", &content).await.unwrap();
        let id = field(&world, &case).await.files[0].id.clone();
        let held = hash_of(&[Hash::of(&content)]).to_vec();
        assert_ne!(id, held, "{engine}");
        assert_eq!(code(read(&world, CITIZEN, &case, &held, &[]).await), "case.not-found", "{engine}");
        let task = handed_in(&world, &case).await;
        let answers = Box::pin(answers::read(world.host.clone(), world.read(CITIZEN, &case))).await.unwrap();
        let told = Box::pin(world.case(CITIZEN, &case)).await;
        let shown = opened(&world, OFFICER, &case, &task, "").await;
        let rows = answers.sections.into_iter().chain(shown.sections).flat_map(|section| section.rows);
        let files: Vec<_> = rows.flat_map(|row| row.files).chain(told.files).map(|file| file.id).collect();
        assert_eq!(files, [id.clone(), id.clone(), id], "{engine}: everywhere by the same address");
        Box::pin(world.nothing_is_left_behind()).await;
    }
}

#[tokio::test]
async fn a_file_that_was_cut_is_no_answer_until_the_rest_has_come_and_the_same_again_is_one_file() {
    let content = scan(PIECE_BYTES * 2 + 1);
    let pieces: Vec<&[u8]> = content.chunks(PIECE_BYTES).collect();
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::new(database).await;
        let case = exempt(&world).await;
        put(&world, CITIZEN, &case, &pieces[..1], true).await.unwrap();
        let cut = attach(&world, world.call(CITIZEN, attachment(&case, "scan.pdf", &content))).await;
        assert_eq!(code(cut), "file.not-stored", "{engine}");
        assert!(field(&world, &case).await.files.is_empty(), "{engine}");
        put(&world, CITIZEN, &case, &pieces[1..], false).await.unwrap();
        attach(&world, world.call(CITIZEN, attachment(&case, "scan.pdf", &content))).await.unwrap();
        let again = send(&world, &case, "the same.pdf", &content).await.unwrap();
        assert_eq!(field(&world, &case).await.files.len(), 1, "{engine}");
        assert_eq!((rows(&world.host.database).await, again.phase.as_str()), (vec![1, 3, 3], "draft"), "{engine}");
        assert_eq!(acts(&world, "file.attached").await, 1, "{engine}");
        world.nothing_is_left_behind().await;
    }
}

#[tokio::test]
async fn what_a_question_does_not_take_is_refused_and_nothing_of_it_stays() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::new(database).await;
        let case = exempt(&world).await;
        assert_eq!(code(put(&world, CITIZEN, &case, &[b"MZ\x90\0"], true).await), "file.type", "{engine}");
        assert_eq!(code(put(&world, CITIZEN, &case, &[b""], false).await), "file.pieces", "{engine}");
        assert_eq!(code(put(&world, CITIZEN, &case, &[b"a".as_slice(); 4], false).await), "file.pieces", "{engine}");
        assert_eq!(code(put(&world, 2, &case, &[&scan(20)], true).await), "case.not-found", "{engine}: not theirs");
        put(&world, CITIZEN, &case, &[b"no PDF at all"], false).await.unwrap();
        let disguised = attach(&world, world.call(CITIZEN, attachment(&case, "a.pdf", b"no PDF at all"))).await;
        assert_eq!(code(disguised), "file.type", "{engine}: whatever it is called");
        for number in 0..3 {
            send(&world, &case, "page.pdf", &scan(100 + number)).await.unwrap();
        }
        assert_eq!(code(send(&world, &case, "page.pdf", &scan(200)).await), "file.too-many", "{engine}");
        answer(&world, &case, PAGE, &[("benefit.kind", "none")]).await;
        assert_eq!(code(put(&world, CITIZEN, &case, &[&scan(20)], true).await), "file.no-field", "{engine}");
        world.clock.advance(DAY);
        leftovers::remove(&world.host).await.unwrap();
        assert_eq!(
            rows(&world.host.database).await,
            [3, 3, 3],
            "{engine}: what was refused is gone, what was named stays"
        );
        world.nothing_is_left_behind().await;
    }
}

#[tokio::test]
async fn what_is_taken_away_goes_after_a_day_and_with_an_erased_case_everything() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::new(database).await;
        let case = exempt(&world).await;
        for (name, bytes) in [("one.pdf", 100), ("two.pdf", 200)] {
            send(&world, &case, name, &scan(bytes)).await.unwrap();
        }
        let first = field(&world, &case).await.files[0].clone();
        remove(&world, &case, &first.id).await;
        remove(&world, &case, &first.id).await;
        assert_eq!(acts(&world, "file.removed").await, 1, "{engine}: once");
        assert_eq!(code(read(&world, CITIZEN, &case, &first.id, &[]).await), "case.not-found", "{engine}");
        assert_eq!(leftovers::remove(&world.host).await.unwrap(), (0, 0), "{engine}: not yet");
        world.clock.advance(DAY);
        assert_eq!(leftovers::remove(&world.host).await.unwrap(), (1, 1), "{engine}");
        assert_eq!(rows(&world.host.database).await, [1, 1, 1], "{engine}");
        let request = DiscardDraftRequest { case_id: case.clone(), ..DiscardDraftRequest::default() };
        Box::pin(draft::discard(world.host.clone(), world.call(CITIZEN, request))).await.unwrap();
        let mut tx = world.host.database.begin().await.unwrap();
        sql::outbox::assign(&mut tx, 10_000).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(Box::pin(erase_due(&world.host)).await.unwrap(), 1, "{engine}");
        assert_eq!(rows(&world.host.database).await, [0, 0, 0], "{engine}: nothing is left");
        world.nothing_is_left_behind().await;
    }
}

#[tokio::test]
async fn a_file_that_a_case_names_and_that_is_not_there_is_an_alarm() {
    let alarms = || boot::metrics::FILES_MISSING.values().first().map_or(0.0, |(_, count)| *count);
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::new(database).await;
        let case = exempt(&world).await;
        send(&world, &case, "scan.pdf", &scan(100)).await.unwrap();
        let file = field(&world, &case).await.files[0].clone();
        let mut tx = world.host.database.begin().await.unwrap();
        tx.execute("DELETE FROM case_pieces", args![]).await.unwrap();
        tx.commit().await.unwrap();
        let before = alarms();
        assert_eq!(code(read(&world, CITIZEN, &case, &file.id, &[]).await), "file.missing", "{engine}");
        assert!(alarms() > before, "{engine}");
    }
}

#[tokio::test]
async fn a_host_sees_no_file_of_another_hosts_services() {
    let Some((_, settings)) = testkit::stores().into_iter().find(|(engine, _)| *engine == "postgres") else { return };
    let world = World::new(Database::open(&settings, MIGRATIONS).await.unwrap()).await;
    let case = exempt(&world).await;
    send(&world, &case, "scan.pdf", &scan(100)).await.unwrap();
    for (service, seen) in [("justice/marriage-certificate-copy", 1), ("justice/other", 0)] {
        let host = Database::open(&testkit::limited(&settings, &[service]), MIGRATIONS).await.unwrap();
        assert_eq!(rows(&host).await, [seen; 3], "{service}");
        for table in TABLES {
            let mut tx = host.begin().await.unwrap();
            let taken = tx.execute(AssertSqlSafe(format!("DELETE FROM {table}")), args![]).await.unwrap();
            assert_eq!(i64::try_from(taken).unwrap(), seen, "{service}: {table}");
        }
        let mut tx = host.begin().await.unwrap();
        let foreign = "INSERT INTO case_files (case_id, file, size, named, stored, hosted_service)
                       VALUES ($1, $2, 1, 0, 0, 'justice/third')";
        assert!(tx.execute(foreign, args![case.clone(), [1_u8; 32]]).await.is_err(), "{service}: not its own");
    }
    assert_eq!(rows(&world.host.database).await, [1; 3], "nothing was taken away");
}
