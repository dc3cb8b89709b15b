//! Officers at a case: who may open and decide it, for which reason, and what the applicant learns of it.

use bus::Call;
use kernel::{CaseId, DocumentId, Failure, MessageId, TaskId};
use process::case::Task;
use prost::Message;
use proto::{
    Event as _,
    eservice::v1::{
        AdmitReaderRequest, CaseChanged, CaseOpened, CaseReply, Choices, DecideTaskRequest, DecisionPreview,
        OpeningReason, PreviewDecisionRequest, ReadChoicesRequest, ReadReasonsRequest, ReadTaskRequest, TaskPage,
    },
};
use serde_json::json;

use super::{
    platform::SPOUSE_PINFL,
    world::{CITIZEN, COLLEAGUE, LEAD, NUKUS, OFFICER, SPOUSE, World, person},
};
use crate::{
    bus::{
        case,
        opening::{self, Look},
        preview, reader, task, together,
    },
    domain::opening::LASTS,
    host::Reach,
    store::{MIGRATIONS, cases},
};

/// A case that waits for a decision, whose registry answer names an officer of its office.
pub async fn waiting(world: &World) -> Vec<u8> {
    *world.platform.registry.lock().unwrap() = Some(json!({
        "date": "2012-06-16", "office": "tashkent-yunusabad", "spouse1": "Karimov", "spouse2Pinfl": SPOUSE_PINFL
    }));
    let case = world.open(CITIZEN).await.case_id;
    let page = world.page(CITIZEN, &case, "date").await;
    assert!(page.fields[0].fact);
    world.fill_in(CITIZEN, &case).await;
    let request = world.submission(CITIZEN, &case).await;
    Box::pin(crate::bus::submit::submit(world.host.clone(), world.call(CITIZEN, request))).await.unwrap();
    Box::pin(world.settle()).await;
    world.paid(&case).await;
    Box::pin(world.settle()).await;
    case
}

pub async fn look(world: &World, who: u8, case: &[u8], task: &[u8], reason: &str) -> Result<TaskPage, Failure> {
    let request = ReadTaskRequest {
        case_id: case.to_vec(),
        task_id: task.to_vec(),
        language: "en".into(),
        purpose: reason.into(),
    };
    // Boxed, as the bus has it: a test's thread has a small stack.
    Box::pin(task::read(world.host.clone(), world.call(who, request))).await
}

pub fn approval(case: &[u8], task: &[u8], version: i64) -> DecideTaskRequest {
    DecideTaskRequest {
        case_id: case.to_vec(),
        version,
        task_id: task.to_vec(),
        outcome: "approve".into(),
        ..DecideTaskRequest::default()
    }
}

pub async fn decide(world: &World, who: u8, request: DecideTaskRequest) -> Result<CaseReply, Failure> {
    Box::pin(world.decide(who, request)).await
}

async fn shows(world: &World, who: u8, request: PreviewDecisionRequest) -> Result<DecisionPreview, Failure> {
    Box::pin(preview::decision(world.host.clone(), world.call(who, request))).await
}

async fn choices(world: &World, who: u8, case: &[u8], task: &[u8]) -> Result<Choices, Failure> {
    let request = ReadChoicesRequest { case_id: case.to_vec(), task_id: task.to_vec(), language: "en".into() };
    Box::pin(together::choices(world.host.clone(), world.call(who, request))).await
}

pub async fn read_document(world: &World, who: u8, case: &[u8], document: &[u8]) -> Result<(), Failure> {
    let request =
        AdmitReaderRequest { case_id: case.to_vec(), document_id: document.to_vec(), officer: person(who).to_vec() };
    let call = Call { person: None, caller: "signing".into(), ..world.call(who, request) };
    Box::pin(reader::admit(world.host.clone(), call)).await.map(|_| ())
}

/// Opens the case as it is now, at another task of it.
async fn looks_beside(world: &World, who: u8, case: &[u8]) {
    let mut tx = world.host.database.read().await.unwrap();
    let case = cases::read(&mut tx, &world.host.keys, CaseId::from_slice(case).unwrap()).await.unwrap().unwrap();
    drop(tx);
    let service = world.host.service(&case.agency, case.revision, Reach::Platform).await.unwrap();
    let officer = world.host.officer(person(who)).await.unwrap();
    let own = case.state.own_tasks().next().unwrap();
    let task = Task { id: TaskId::from_bytes([9; 16]), ..own.clone() };
    let look = Look {
        who: person(who),
        officer: &officer,
        case: &case,
        task: &task,
        document: None,
        file: None,
        version: Some(case.version),
        reason: "",
    };
    Box::pin(opening::record(&world.host, &service, &look)).await.unwrap();
}

/// As notifications asks before it shows what was written to the applicant.
async fn read_messages(world: &World, who: u8, case: &[u8], through: &str) -> Result<(), Failure> {
    let request = AdmitReaderRequest { case_id: case.to_vec(), document_id: vec![], officer: person(who).to_vec() };
    let call = Call { person: None, caller: through.into(), ..world.call(who, request) };
    Box::pin(reader::admit(world.host.clone(), call)).await.map(|_| ())
}

async fn reasons(world: &World, who: u8, case: &[u8]) -> Result<Vec<OpeningReason>, Failure> {
    let request = ReadReasonsRequest { case_id: case.to_vec(), before: 0 };
    let told = case::reasons(world.host.clone(), world.call(who, request)).await?;
    assert_eq!(told.next, 0, "there are no more");
    Ok(told.reasons)
}

/// What the applicant is told of openings, in their order.
async fn told(world: &World) -> Vec<CaseOpened> {
    messages(world, CaseOpened::NAME).await.iter().map(|body| CaseOpened::decode(body.as_slice()).unwrap()).collect()
}

async fn messages(world: &World, name: &str) -> Vec<Vec<u8>> {
    let mut tx = world.host.database.read().await.unwrap();
    let rows = tx.fetch_all("SELECT body FROM outbox WHERE name = $1 ORDER BY id", sql::args![name]).await.unwrap();
    rows.iter().map(|row| row.blob(0).unwrap()).collect()
}

pub async fn count(world: &World, act: &str) -> i64 {
    let mut tx = world.host.database.read().await.unwrap();
    let row = tx.fetch_one("SELECT COUNT(*) FROM audit WHERE act = $1", sql::args![act]).await.unwrap();
    row.int(0).unwrap()
}

pub fn code<T>(outcome: Result<T, Failure>) -> String {
    outcome.err().map(|failure| failure.code.into_owned()).unwrap_or_default()
}

#[tokio::test]
async fn an_officer_whom_the_case_names_neither_opens_nor_decides_it_and_the_docket_knows() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::new(database).await;
        let case = Box::pin(waiting(&world)).await;
        let task = world.open_task(&case).await;
        let version = world.case(CITIZEN, &case).await.version;
        assert_eq!(code(look(&world, SPOUSE, &case, &task, "I am curious").await), "case.not-found", "{engine}");
        assert_eq!(code(decide(&world, SPOUSE, approval(&case, &task, version)).await), "case.not-found", "{engine}");
        assert_eq!((count(&world, "case.refused").await, count(&world, "case.opened").await), (2, 0), "{engine}");
        let last = CaseChanged::decode(messages(&world, CaseChanged::NAME).await.last().unwrap().as_slice()).unwrap();
        let party = kernel::pinfl::Pinfl::parse(SPOUSE_PINFL).unwrap().party(&[7; 32]).to_vec();
        assert!(last.parties.contains(&party), "{engine}: the queue leaves it out");
        look(&world, OFFICER, &case, &task, "").await.unwrap();
        decide(&world, OFFICER, approval(&case, &task, version)).await.unwrap();
        Box::pin(world.settle()).await;
        Box::pin(world.nothing_is_left_behind()).await;
    }
}

#[tokio::test]
async fn what_the_law_asks_for_and_what_was_decided_is_told_to_officers() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::new(database).await;
        let case = Box::pin(waiting(&world)).await;
        let task = world.open_task(&case).await;
        let version = world.case(CITIZEN, &case).await.version;
        let kinds = |page: &TaskPage| page.rules.iter().map(|rule| rule.kind.clone()).collect::<Vec<_>>();
        let page = look(&world, OFFICER, &case, &task, "").await.unwrap();
        assert_eq!(kinds(&page), ["fee"], "{engine}");
        let fee = &page.rules[0];
        assert!(fee.amount.is_some() && !fee.acts[0].title.is_empty() && !fee.title.is_empty(), "{engine}: {fee:?}");
        decide(&world, OFFICER, approval(&case, &task, version)).await.unwrap();
        Box::pin(world.settle()).await;
        let page = look(&world, OFFICER, &case, &task, "A letter of the archive").await.unwrap();
        assert_eq!(kinds(&page), ["fee", "decision"], "{engine}");
        assert!(!page.rules[1].result.is_empty() && page.rules[1].time_us > 0, "{engine}: {:?}", page.rules[1]);
        Box::pin(world.nothing_is_left_behind()).await;
    }
}

#[tokio::test]
async fn what_is_decided_together_with_others_was_opened_by_that_officer_before() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::new(database).await;
        let case = Box::pin(waiting(&world)).await;
        let task = world.open_task(&case).await;
        let version = world.case(CITIZEN, &case).await.version;
        let alike = || DecideTaskRequest { together: true, ..approval(&case, &task, version) };
        look(&world, COLLEAGUE, &case, &task, "").await.unwrap();
        assert_eq!(code(decide(&world, OFFICER, alike()).await), "task.not-opened", "{engine}: a colleague opened it");
        looks_beside(&world, OFFICER, &case).await;
        assert_eq!(code(decide(&world, OFFICER, alike()).await), "task.not-opened", "{engine}: not this task");
        for who in [NUKUS, SPOUSE, CITIZEN] {
            assert_eq!(code(decide(&world, who, alike()).await), "case.not-found", "{engine}: {who}");
            assert_eq!(code(choices(&world, who, &case, &task).await), "case.not-found", "{engine}: {who}");
        }
        let before = choices(&world, OFFICER, &case, &task).await.unwrap();
        assert!(!before.opened && before.version == version && !before.of_two, "{engine}: {before:?}");
        assert!(before.outcomes.iter().any(|outcome| outcome.name == "approve"), "{engine}");
        assert_eq!(count(&world, "case.opened").await, 2, "{engine}: to ask what can be decided opens nothing");
        look(&world, OFFICER, &case, &task, "").await.unwrap();
        world.clock.advance(LASTS + std::time::Duration::from_secs(1));
        assert!(choices(&world, OFFICER, &case, &task).await.unwrap().opened, "{engine}: read is read");
        decide(&world, OFFICER, alike()).await.unwrap();
        Box::pin(world.settle()).await;
        Box::pin(world.nothing_is_left_behind()).await;
    }
}

#[tokio::test]
async fn an_officer_sees_what_the_applicant_would_be_sent_and_nothing_is_decided() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::new(database).await;
        let case = Box::pin(waiting(&world)).await;
        let task = world.open_task(&case).await;
        let version = world.case(CITIZEN, &case).await.version;
        look(&world, OFFICER, &case, &task, "").await.unwrap();
        let asked = |version: i64, document: &str| PreviewDecisionRequest {
            case_id: case.clone(),
            version,
            task_id: task.clone(),
            outcome: "approve".into(),
            language: "en".into(),
            document: document.into(),
            ..PreviewDecisionRequest::default()
        };
        for who in [NUKUS, SPOUSE, CITIZEN] {
            assert_eq!(code(shows(&world, who, asked(version, "")).await), "case.not-found", "{engine}: {who}");
        }
        assert_eq!(code(shows(&world, LEAD, asked(version, "")).await), "task.reason-needed", "{engine}");
        assert_eq!(code(shows(&world, OFFICER, asked(version - 1, "")).await), "case.stale", "{engine}");
        let shown = shows(&world, OFFICER, asked(version, "")).await.unwrap();
        assert!(shown.documents.iter().any(|document| document.name == "certificate"), "{engine}: {shown:?}");
        assert!(!shown.messages.is_empty() && shown.messages.iter().all(|message| message.body == "en"), "{engine}");
        let file = shows(&world, OFFICER, asked(version, "certificate")).await.unwrap();
        assert_eq!(file.pdf, b"certificate in en", "{engine}");
        assert_eq!(code(shows(&world, OFFICER, asked(version, "refusal")).await), "task.no-such-letter", "{engine}");
        assert_eq!(world.case(CITIZEN, &case).await.version, version, "{engine}: nothing happened");
        assert!(count(&world, "decision.previewed").await >= 2, "{engine}");
        assert_eq!(world.platform.actions("document"), 0, "{engine}: nothing was issued");
        decide(&world, OFFICER, approval(&case, &task, version)).await.unwrap();
        Box::pin(world.settle()).await;
        Box::pin(world.nothing_is_left_behind()).await;
    }
}

#[tokio::test]
async fn an_answer_stands_beside_what_the_registry_says_about_it_with_source_and_time() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::new(database).await;
        let case = Box::pin(waiting(&world)).await;
        let task = world.open_task(&case).await;
        let page = look(&world, OFFICER, &case, &task, "").await.unwrap();
        let rows: Vec<_> = page.sections.iter().flat_map(|section| &section.rows).collect();
        let office = rows.iter().find(|row| row.at == "marriage.office").unwrap();
        assert!(!office.differs && !office.registry_value.is_empty(), "{engine}: the registry says the same");
        assert!(office.read_us > 0 && !office.source.is_empty(), "{engine}: {}", office.source);
        let phone = rows.iter().find(|row| row.at == "contact.phone").unwrap();
        assert!(phone.registry_value.is_empty() && phone.read_us == 0, "{engine}: it says nothing about this");
        let version = world.case(CITIZEN, &case).await.version;
        decide(&world, OFFICER, approval(&case, &task, version)).await.unwrap();
        Box::pin(world.settle()).await;
        Box::pin(world.nothing_is_left_behind()).await;
    }
}

#[tokio::test]
async fn outside_of_ones_own_queue_a_reason_is_typed_and_the_applicant_reads_it() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::new(database).await;
        let case = Box::pin(waiting(&world)).await;
        let task = world.open_task(&case).await;
        let version = world.case(CITIZEN, &case).await.version;
        for refused in [
            code(look(&world, LEAD, &case, &task, "").await),
            code(decide(&world, LEAD, approval(&case, &task, version)).await),
        ] {
            assert_eq!(refused, "task.reason-needed", "{engine}");
        }
        assert_eq!(code(look(&world, NUKUS, &case, &task, "why not").await), "case.not-found", "{engine}");
        assert_eq!(count(&world, "case.opened").await, 0, "{engine}");
        look(&world, LEAD, &case, &task, " A complaint, letter 12 ").await.unwrap();
        look(&world, LEAD, &case, &task, "").await.unwrap();
        let opened = told(&world).await;
        assert_eq!(opened.len(), 1, "{engine}: the second look belongs to the first");
        assert!(opened[0].reasoned && opened[0].office.is_empty() && opened[0].role == "registrar", "{opened:?}");
        assert_eq!(opened[0].purpose.as_ref().unwrap().by_language["en"], "Check the record of the marriage");
        let told = messages(&world, CaseOpened::NAME).await.concat();
        assert!(!String::from_utf8_lossy(&told).contains("letter 12"), "{engine}: what was typed stays with the case");
        let typed = reasons(&world, CITIZEN, &case).await.unwrap();
        assert_eq!(typed.len(), 1, "{engine}");
        assert_eq!((typed[0].text.as_str(), &typed[0].opening), ("A complaint, letter 12", &opened[0].opening));
        assert_eq!(code(reasons(&world, 2, &case).await), "case.not-found");
        world.clock.advance(LASTS + std::time::Duration::from_secs(1));
        assert_eq!(
            code(look(&world, LEAD, &case, &task, "").await),
            "task.reason-needed",
            "{engine}: it lasts an hour"
        );
        look(&world, LEAD, &case, &task, "The same complaint").await.unwrap();
        decide(&world, LEAD, approval(&case, &task, version)).await.unwrap();
        Box::pin(world.settle()).await;
        Box::pin(world.nothing_is_left_behind()).await;
    }
}

#[tokio::test]
async fn one_of_two_officers_decides_and_what_is_closed_is_shown_for_a_reason_only() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::new(database).await;
        let case = Box::pin(waiting(&world)).await;
        let task = world.open_task(&case).await;
        let shown = look(&world, OFFICER, &case, &task, "").await.unwrap();
        look(&world, LEAD, &case, &task, "A complaint").await.unwrap();
        let approve = approval(&case, &task, shown.version);
        let same = world.call(OFFICER, approve.clone());
        let again = Call { person: same.person.clone(), ..world.call(OFFICER, approve.clone()) };
        let first = Box::pin(task::decide(world.host.clone(), same)).await.unwrap();
        assert_eq!(
            Box::pin(task::decide(world.host.clone(), again)).await.unwrap(),
            first,
            "{engine}: the same command"
        );
        assert_eq!(code(decide(&world, LEAD, approve).await), "task.closed", "{engine}");
        assert_eq!(count(&world, "task.decided").await, 1, "{engine}");
        Box::pin(world.settle()).await;
        assert_eq!(code(look(&world, OFFICER, &case, &task, "").await), "task.closed", "{engine}: not in the queue");
        let page = look(&world, OFFICER, &case, &task, "The applicant asks by phone").await.unwrap();
        assert!(page.outcomes.is_empty() && page.closed_us > 0, "{engine}: nothing to decide");
        Box::pin(world.nothing_is_left_behind()).await;
    }
}

#[tokio::test]
async fn what_was_written_to_the_applicant_is_shown_to_the_officers_of_the_cases_tasks_as_the_task_is() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::new(database).await;
        let case = Box::pin(waiting(&world)).await;
        for who in [NUKUS, SPOUSE, CITIZEN] {
            assert_eq!(code(read_messages(&world, who, &case, "notifications").await), "case.not-found", "{engine}");
        }
        assert_eq!(count(&world, "case.refused").await, 3, "{engine}");
        assert!(read_messages(&world, OFFICER, &case, "signing").await.is_err(), "{engine}: signing names a document");
        for _ in 0..2 {
            read_messages(&world, OFFICER, &case, "notifications").await.unwrap();
        }
        let task = world.open_task(&case).await;
        let shown = look(&world, OFFICER, &case, &task, "").await.unwrap();
        read_messages(&world, OFFICER, &case, "notifications").await.unwrap();
        look(&world, OFFICER, &case, &task, "").await.unwrap();
        assert_eq!(count(&world, "case.opened").await, 2, "{engine}: messages alone are no reading of the case");
        decide(&world, OFFICER, approval(&case, &task, shown.version)).await.unwrap();
        Box::pin(world.settle()).await;
        assert_eq!(code(read_messages(&world, OFFICER, &case, "notifications").await), "task.closed", "{engine}");
        look(&world, OFFICER, &case, &task, "The applicant says that nothing came").await.unwrap();
        read_messages(&world, OFFICER, &case, "notifications").await.unwrap();
        Box::pin(world.nothing_is_left_behind()).await;
    }
}

#[tokio::test]
async fn a_document_is_read_by_the_officers_of_its_cases_tasks_and_the_applicant_is_told() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::new(database).await;
        let case = Box::pin(waiting(&world)).await;
        let task = world.open_task(&case).await;
        let shown = look(&world, OFFICER, &case, &task, "").await.unwrap();
        decide(&world, OFFICER, approval(&case, &task, shown.version)).await.unwrap();
        Box::pin(world.settle()).await;
        let document = world.case(CITIZEN, &case).await.documents[0].document_id.clone();
        for who in [NUKUS, SPOUSE, CITIZEN] {
            assert_eq!(code(read_document(&world, who, &case, &document).await), "case.not-found", "{engine}: {who}");
        }
        let other = DocumentId::from_bytes([9; 16]).to_vec();
        assert_eq!(code(read_document(&world, OFFICER, &case, &other).await), "case.not-found", "{engine}");
        assert_eq!(count(&world, "case.refused").await, 4, "{engine}");
        assert_eq!(code(read_document(&world, OFFICER, &case, &document).await), "task.closed", "{engine}");
        look(&world, OFFICER, &case, &task, "A copy for the court").await.unwrap();
        for _ in 0..2 {
            read_document(&world, OFFICER, &case, &document).await.unwrap();
        }
        let opened: Vec<(String, bool)> =
            told(&world).await.into_iter().map(|opened| (opened.document, opened.reasoned)).collect();
        let expected = [("", false), ("", true), ("certificate", true)].map(|(name, typed)| (name.to_owned(), typed));
        assert_eq!(opened, expected, "{engine}");
        let typed = reasons(&world, CITIZEN, &case).await.unwrap();
        assert!(typed.iter().all(|reason| reason.text == "A copy for the court"), "{engine}: {typed:?}");
        assert!(MessageId::from_slice(&typed[0].opening).is_ok() && TaskId::from_slice(&task).is_ok());
        Box::pin(world.nothing_is_left_behind()).await;
    }
}
