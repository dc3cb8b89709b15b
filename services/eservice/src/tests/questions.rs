//! The thread of a case as its people meet it: only whoever has the task asks, only whoever applied answers, all is on record.

use kernel::Failure;
use prost::Message;
use proto::{
    Event as _,
    eservice::v1::{
        AnswerQuestionRequest, AskApplicantRequest, CaseChanged, CaseReply, Choices, ClaimTaskRequest,
        DecideTaskRequest, ReadChoicesRequest, ReadTaskRequest, TakeBackQuestionRequest, TaskPage,
    },
};

use super::{
    officers::{approval, count},
    world::{CITIZEN, COLLEAGUE, HEAD, LEAD, NUKUS, OFFICER, World},
};
use crate::{
    bus::{claim, question, task, together},
    store::MIGRATIONS,
};

pub type Outcome = Result<CaseReply, Failure>;

const QUESTION: &str = "Which register was it in?";
const ANSWER: &str = "In that of Yunusobod.";

/// A case that waits for a decision, and its task, which the officer has.
pub async fn taken(world: &World) -> (Vec<u8>, Vec<u8>) {
    let case = Box::pin(world.submitted(CITIZEN)).await.case_id;
    // The registry is away: it is asked until its time is over.
    for _ in 0..4 {
        Box::pin(world.settle()).await;
        world.clock.advance(std::time::Duration::from_secs(20));
    }
    Box::pin(world.paid(&case)).await;
    Box::pin(world.settle()).await;
    let task = world.open_task(&case).await;
    let request = ClaimTaskRequest { case_id: case.clone(), task_id: task.clone() };
    claim::claim(world.host.clone(), world.call(OFFICER, request)).await.unwrap();
    (case, task)
}

pub async fn asks(world: &World, who: u8, (case_id, task_id): &(Vec<u8>, Vec<u8>)) -> Outcome {
    let request = AskApplicantRequest { case_id: case_id.clone(), task_id: task_id.clone(), text: QUESTION.into() };
    question::ask(world.host.clone(), world.call(who, request)).await
}

async fn takes_back(world: &World, who: u8, (case_id, task_id): &(Vec<u8>, Vec<u8>)) -> Outcome {
    let request = TakeBackQuestionRequest { case_id: case_id.clone(), task_id: task_id.clone(), number: 1 };
    question::take_back(world.host.clone(), world.call(who, request)).await
}

pub async fn answers(world: &World, who: u8, (case_id, _): &(Vec<u8>, Vec<u8>)) -> Outcome {
    let request = AnswerQuestionRequest { case_id: case_id.clone(), number: 1, text: ANSWER.into() };
    question::answer(world.host.clone(), world.call(who, request)).await
}

pub async fn decides(world: &World, (case_id, task_id): &(Vec<u8>, Vec<u8>)) -> Outcome {
    let version = world.case(CITIZEN, case_id).await.version;
    let request = DecideTaskRequest {
        case_id: case_id.clone(),
        version,
        task_id: task_id.clone(),
        outcome: "approve".into(),
        ..DecideTaskRequest::default()
    };
    world.decide(OFFICER, request).await
}

pub async fn shown(world: &World, (case_id, task_id): &(Vec<u8>, Vec<u8>)) -> TaskPage {
    let (case_id, task_id) = (case_id.clone(), task_id.clone());
    let request = ReadTaskRequest { case_id, task_id, language: "en".into(), purpose: String::new() };
    task::read(world.host.clone(), world.call(OFFICER, request)).await.unwrap()
}

async fn choices(world: &World, (case_id, task_id): &(Vec<u8>, Vec<u8>)) -> Choices {
    let (case_id, task_id) = (case_id.clone(), task_id.clone());
    let request = ReadChoicesRequest { case_id, task_id, language: "en".into() };
    together::choices(world.host.clone(), world.call(OFFICER, request)).await.unwrap()
}

async fn decides_alike(world: &World, (case_id, task_id): &(Vec<u8>, Vec<u8>)) -> Outcome {
    let version = world.case(CITIZEN, case_id).await.version;
    let request = DecideTaskRequest { together: true, ..approval(case_id, task_id, version) };
    world.decide(OFFICER, request).await
}

/// The case as the docket was told of it last.
pub async fn told(world: &World) -> CaseChanged {
    let mut tx = world.host.database.read().await.unwrap();
    let select = "SELECT body FROM outbox WHERE name = $1 ORDER BY id DESC LIMIT 1";
    let row = tx.fetch_one(select, sql::args![CaseChanged::NAME]).await.unwrap();
    CaseChanged::decode(row.blob(0).unwrap().as_slice()).unwrap()
}

fn code(outcome: Outcome) -> String {
    outcome.err().map(|failure| failure.code.into_owned()).unwrap_or_default()
}

#[tokio::test]
async fn only_whoever_has_the_task_asks_and_only_whoever_applied_answers() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::new(database).await;
        let at = Box::pin(taken(&world)).await;
        for who in [NUKUS, HEAD, CITIZEN] {
            assert_eq!(code(Box::pin(asks(&world, who, &at)).await), "case.not-found", "{engine}: {who}");
        }
        assert_eq!(code(Box::pin(asks(&world, LEAD, &at)).await), "task.reason-needed", "{engine}");
        assert_eq!(code(Box::pin(asks(&world, COLLEAGUE, &at)).await), "task.claimed", "{engine}");
        let before = shown(&world, &at).await;
        assert_eq!((before.questions.len(), before.questions_left), (0, 3), "{engine}");
        Box::pin(asks(&world, OFFICER, &at)).await.unwrap();
        let after = shown(&world, &at).await;
        assert_eq!((after.questions.len(), after.questions_left), (1, 0), "{engine}: one at a time");
        let indexed = told(&world).await;
        assert_eq!(indexed.status, "asked", "{engine}");
        assert!(indexed.tasks[0].due_us > before.due_us, "{engine}: the deadline has moved");
        assert_eq!(code(Box::pin(decides(&world, &at)).await), "question.open", "{engine}");

        for who in [OFFICER, COLLEAGUE, CITIZEN + 1] {
            assert_eq!(code(Box::pin(answers(&world, who, &at)).await), "case.not-found", "{engine}: {who}");
        }
        let seen = world.case(CITIZEN, &at.0).await.questions.remove(0);
        assert_eq!((seen.number, seen.text.as_str(), seen.state.as_str()), (1, QUESTION, "open"), "{engine}");
        Box::pin(answers(&world, CITIZEN, &at)).await.unwrap();
        assert_eq!(code(Box::pin(answers(&world, CITIZEN, &at)).await), "question.closed", "{engine}");
        assert_eq!(shown(&world, &at).await.questions[0].answer, ANSWER, "{engine}");
        Box::pin(decides(&world, &at)).await.unwrap();
        Box::pin(world.settle()).await;
        Box::pin(world.nothing_is_left_behind()).await;
    }
}

#[tokio::test]
async fn neither_question_nor_answer_stands_in_the_record_or_in_what_others_are_told() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::new(database).await;
        let at = Box::pin(taken(&world)).await;
        Box::pin(asks(&world, OFFICER, &at)).await.unwrap();
        Box::pin(answers(&world, CITIZEN, &at)).await.unwrap();
        let mut tx = world.host.database.read().await.unwrap();
        let acts = "SELECT act, detail FROM audit WHERE act IN ('task.asked', 'case.answered') ORDER BY sequence";
        let rows = tx.fetch_all(acts, sql::args![]).await.unwrap();
        let names: Vec<String> = rows.iter().map(|row| row.text(0).unwrap()).collect();
        assert_eq!(names, ["task.asked", "case.answered"], "{engine}");
        let bodies = tx.fetch_all("SELECT body FROM outbox", sql::args![]).await.unwrap();
        let mut written: Vec<Vec<u8>> = bodies.iter().map(|row| row.blob(0).unwrap()).collect();
        written.extend(rows.iter().map(|row| row.text(1).unwrap().into_bytes()));
        for text in [QUESTION, ANSWER] {
            let found = written.iter().any(|bytes| bytes.windows(text.len()).any(|part| part == text.as_bytes()));
            assert!(!found, "{engine}: {text}");
        }
        drop(tx);
        Box::pin(decides(&world, &at)).await.unwrap();
        Box::pin(world.settle()).await;
        Box::pin(world.nothing_is_left_behind()).await;
    }
}

#[tokio::test]
async fn what_came_after_it_was_read_keeps_a_case_out_of_what_is_decided_alike() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::new(database).await;
        let at = Box::pin(taken(&world)).await;
        Box::pin(shown(&world, &at)).await;
        Box::pin(asks(&world, OFFICER, &at)).await.unwrap();
        Box::pin(world.settle()).await;
        let own = Box::pin(choices(&world, &at)).await;
        assert!(own.opened && !own.outdated, "{engine}: what the officer did themselves is no news: {own:?}");
        Box::pin(answers(&world, CITIZEN, &at)).await.unwrap();
        assert!(Box::pin(choices(&world, &at)).await.outdated, "{engine}: the answer is");
        assert_eq!(code(Box::pin(decides_alike(&world, &at)).await), "task.outdated", "{engine}");
        assert_eq!(count(&world, "case.opened").await, 1, "{engine}");
        Box::pin(shown(&world, &at)).await;
        Box::pin(shown(&world, &at)).await;
        assert_eq!(count(&world, "case.opened").await, 2, "{engine}: read anew is opened anew, once");
        assert!(!Box::pin(choices(&world, &at)).await.outdated, "{engine}");
        Box::pin(decides_alike(&world, &at)).await.unwrap();
        Box::pin(world.settle()).await;
        Box::pin(world.nothing_is_left_behind()).await;
    }
}

#[tokio::test]
async fn only_whoever_has_the_task_takes_a_question_back_and_then_nobody_answers_it() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::new(database).await;
        let at = Box::pin(taken(&world)).await;
        let before = Box::pin(shown(&world, &at)).await;
        Box::pin(asks(&world, OFFICER, &at)).await.unwrap();
        for who in [NUKUS, HEAD, CITIZEN] {
            assert_eq!(code(Box::pin(takes_back(&world, who, &at)).await), "case.not-found", "{engine}: {who}");
        }
        assert_eq!(code(Box::pin(takes_back(&world, COLLEAGUE, &at)).await), "task.claimed", "{engine}");
        let asked = Box::pin(shown(&world, &at)).await;
        assert_eq!(asked.awaited_question, 1, "{engine}");
        Box::pin(takes_back(&world, OFFICER, &at)).await.unwrap();
        assert_eq!(code(Box::pin(takes_back(&world, OFFICER, &at)).await), "question.closed", "{engine}");
        assert_eq!(code(Box::pin(answers(&world, CITIZEN, &at)).await), "question.closed", "{engine}");
        let after = Box::pin(shown(&world, &at)).await;
        let told = (after.awaited_question, after.questions_left, after.due_us);
        assert_eq!(told, (0, before.questions_left, before.due_us), "{engine}: as if nothing had been asked");
        assert_eq!(world.case(CITIZEN, &at.0).await.questions[0].state, "taken-back", "{engine}");
        assert_eq!(count(&world, "task.question-taken-back").await, 1, "{engine}");
        Box::pin(decides(&world, &at)).await.unwrap();
        Box::pin(world.settle()).await;
        Box::pin(world.nothing_is_left_behind()).await;
    }
}
