//! Two officers at one decision, as they meet it: who may be the second, what each is shown, and what is on record.

use kernel::Failure;
use prost::Message;
use proto::{
    Event as _,
    eservice::v1::{
        AssignTaskRequest, CaseChanged, CaseReply, ConfirmTaskRequest, DecideTaskRequest, OpenTask, ReadTaskRequest,
        SendBackTaskRequest, TaskPage,
    },
};

use super::world::{CITIZEN, COLLEAGUE, HEAD, LEAD, NUKUS, OFFICER, SPOUSE, World, person};
use crate::{
    bus::{claim, second, task},
    store::MIGRATIONS,
};

type Outcome = Result<CaseReply, Failure>;
type At = (Vec<u8>, Vec<u8>);

/// A case that waits for a decision, and its task.
async fn waiting(world: &World) -> At {
    let case = Box::pin(world.submitted(CITIZEN)).await.case_id;
    // The registry is away: it is asked until its time is over.
    for _ in 0..4 {
        Box::pin(world.settle()).await;
        world.clock.advance(std::time::Duration::from_secs(20));
    }
    Box::pin(world.paid(&case)).await;
    Box::pin(world.settle()).await;
    let task = world.open_task(&case).await;
    (case, task)
}

async fn shown(world: &World, who: u8, (case_id, task_id): &At) -> TaskPage {
    let (case_id, task_id) = (case_id.clone(), task_id.clone());
    let request = ReadTaskRequest { case_id, task_id, language: "en".into(), purpose: String::new() };
    Box::pin(task::read(world.host.clone(), world.call(who, request))).await.unwrap()
}

async fn proposes(world: &World, who: u8, (case_id, task_id): &At) -> Outcome {
    let request = DecideTaskRequest {
        case_id: case_id.clone(),
        version: world.case(CITIZEN, case_id).await.version,
        task_id: task_id.clone(),
        outcome: "approve".into(),
        note: "The record is there".into(),
        ..DecideTaskRequest::default()
    };
    Box::pin(world.decide(who, request)).await
}

async fn agrees(world: &World, who: u8, version: i64, (case_id, task_id): &At) -> Outcome {
    let request = ConfirmTaskRequest { case_id: case_id.clone(), version, task_id: task_id.clone() };
    Box::pin(second::confirm(world.host.clone(), world.call(who, request))).await
}

async fn sends_back(world: &World, who: u8, version: i64, (case_id, task_id): &At) -> Outcome {
    let (case_id, task_id) = (case_id.clone(), task_id.clone());
    let request = SendBackTaskRequest { case_id, version, task_id, note: "Which volume?".into() };
    Box::pin(second::send_back(world.host.clone(), world.call(who, request))).await
}

/// The open task as the docket was told of it last.
async fn told(world: &World) -> OpenTask {
    let mut tx = world.host.database.read().await.unwrap();
    let select = "SELECT body FROM outbox WHERE name = $1 ORDER BY id DESC LIMIT 1";
    let row = tx.fetch_one(select, sql::args![CaseChanged::NAME]).await.unwrap();
    CaseChanged::decode(row.blob(0).unwrap().as_slice()).unwrap().tasks.remove(0)
}

async fn acts(world: &World) -> Vec<(String, String)> {
    let mut tx = world.host.database.read().await.unwrap();
    let select = "SELECT act, detail FROM audit WHERE act LIKE 'task.%' ORDER BY sequence";
    let rows = tx.fetch_all(select, sql::args![]).await.unwrap();
    rows.iter().map(|row| (row.text(0).unwrap(), row.text(1).unwrap())).collect()
}

fn code(outcome: Outcome) -> String {
    outcome.err().map(|failure| failure.code.into_owned()).unwrap_or_default()
}

#[tokio::test]
async fn a_colleague_who_sees_the_proposal_agrees_and_only_then_it_is_decided() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::of_two(database).await;
        let at = Box::pin(waiting(&world)).await;
        assert!(shown(&world, OFFICER, &at).await.of_two, "{engine}");
        let before = world.case(CITIZEN, &at.0).await;
        let version = proposes(&world, OFFICER, &at).await.unwrap().version;
        let after = world.case(CITIZEN, &at.0).await;
        assert_eq!((after.status, after.timeline), (before.status, before.timeline), "{engine}: the applicant waits");
        assert_eq!(told(&world).await.proposer, person(OFFICER).to_vec(), "{engine}: the queue marks it");
        let page = shown(&world, COLLEAGUE, &at).await;
        let proposal = page.proposal.unwrap();
        assert_eq!((proposal.outcome.as_str(), proposal.note.as_str()), ("approve", "The record is there"));
        assert_eq!((proposal.officer, proposal.name), (person(OFFICER).to_vec(), "Registrar".to_owned()), "{engine}");
        for (who, refused) in [
            (OFFICER, "task.own-proposal"),
            (NUKUS, "case.not-found"),
            (HEAD, "case.not-found"),
            (CITIZEN, "case.not-found"),
            (LEAD, "task.reason-needed"),
        ] {
            assert_eq!(code(agrees(&world, who, version, &at).await), refused, "{engine}: {who}");
        }
        assert_eq!(
            code(agrees(&world, COLLEAGUE, version - 1, &at).await),
            "case.stale",
            "{engine}: what was not seen"
        );
        let to = AssignTaskRequest { case_id: at.0.clone(), task_id: at.1.clone(), officer: person(OFFICER).to_vec() };
        let assigned = Box::pin(claim::assign(world.host.clone(), world.call(HEAD, to))).await;
        assert_eq!(code(assigned), "task.unfit-officer", "{engine}: nobody is given their own proposal to check");
        agrees(&world, COLLEAGUE, version, &at).await.unwrap();
        Box::pin(world.settle()).await;
        let acts = acts(&world).await;
        assert_eq!(acts.iter().map(|(act, _)| act.as_str()).collect::<Vec<_>>(), ["task.proposed", "task.confirmed"]);
        assert!(acts[1].1.contains(&person(OFFICER).to_string()), "{engine}: both are on record: {}", acts[1].1);
        assert!(acts.iter().all(|(_, detail)| !detail.contains("record is there")), "{engine}: no words of theirs");
        let case = world.case(CITIZEN, &at.0).await;
        assert!(case.timeline.iter().any(|row| row.code == "checked-twice"), "{engine}: {:?}", case.timeline);
        Box::pin(world.nothing_is_left_behind()).await;
    }
}

#[tokio::test]
async fn a_proposal_that_is_sent_back_is_the_first_officers_again_with_the_note() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::of_two(database).await;
        let at = Box::pin(waiting(&world)).await;
        let version = proposes(&world, OFFICER, &at).await.unwrap().version;
        for who in [NUKUS, CITIZEN] {
            assert_eq!(code(sends_back(&world, who, version, &at).await), "case.not-found", "{engine}: {who}");
        }
        assert_eq!(code(sends_back(&world, OFFICER, version, &at).await), "task.own-proposal", "{engine}");
        let version = sends_back(&world, SPOUSE, version, &at).await.unwrap().version;
        let open = told(&world).await;
        assert!(open.proposer.is_empty() && open.assignee == person(OFFICER).to_vec(), "{engine}");
        let proposal = shown(&world, OFFICER, &at).await.proposal.unwrap();
        assert!(proposal.sent_back_us > 0 && proposal.sent_back_note == "Which volume?", "{engine}");
        assert_eq!(code(agrees(&world, COLLEAGUE, version, &at).await), "task.claimed", "{engine}");
        let version = proposes(&world, OFFICER, &at).await.unwrap().version;
        agrees(&world, COLLEAGUE, version, &at).await.unwrap();
        Box::pin(world.settle()).await;
        let acts: Vec<String> = acts(&world).await.into_iter().map(|(act, _)| act).collect();
        assert_eq!(acts, ["task.proposed", "task.sent-back", "task.proposed", "task.confirmed"], "{engine}");
        Box::pin(world.nothing_is_left_behind()).await;
    }
}
