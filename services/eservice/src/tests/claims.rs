//! Claims as officers meet them: one has the task, others see who, a lead of the office says otherwise, all is on record.

use kernel::Failure;
use prost::Message;
use proto::{
    Event as _,
    eservice::v1::{
        AssignTaskRequest, CaseChanged, CaseReply, ClaimTaskRequest, DecideTaskRequest, OpenTask, ReadTaskRequest,
        ReleaseTaskRequest,
    },
};

use super::world::{CITIZEN, COLLEAGUE, HEAD, LEAD, NUKUS, OFFICER, World, person};
use crate::{
    bus::{claim, task},
    claims::give_back,
    store::MIGRATIONS,
};

type Outcome = Result<CaseReply, Failure>;

/// A case that waits for a decision, and its task.
async fn waiting(world: &World) -> (Vec<u8>, Vec<u8>) {
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

async fn claims(world: &World, who: u8, (case_id, task_id): &(Vec<u8>, Vec<u8>)) -> Outcome {
    let request = ClaimTaskRequest { case_id: case_id.clone(), task_id: task_id.clone() };
    claim::claim(world.host.clone(), world.call(who, request)).await
}

/// `of`: whose claim; none: one's own.
async fn releases(world: &World, who: u8, of: Option<u8>, (case_id, task_id): &(Vec<u8>, Vec<u8>)) -> Outcome {
    let officer = of.map(|of| person(of).to_vec()).unwrap_or_default();
    let request = ReleaseTaskRequest { case_id: case_id.clone(), task_id: task_id.clone(), officer };
    claim::release(world.host.clone(), world.call(who, request)).await
}

async fn assigns(world: &World, who: u8, to: u8, (case_id, task_id): &(Vec<u8>, Vec<u8>)) -> Outcome {
    let officer = person(to).to_vec();
    let request = AssignTaskRequest { case_id: case_id.clone(), task_id: task_id.clone(), officer };
    claim::assign(world.host.clone(), world.call(who, request)).await
}

async fn decides(world: &World, who: u8, (case_id, task_id): &(Vec<u8>, Vec<u8>)) -> Outcome {
    let version = world.case(CITIZEN, case_id).await.version;
    let request = DecideTaskRequest {
        case_id: case_id.clone(),
        version,
        task_id: task_id.clone(),
        outcome: "approve".into(),
        ..DecideTaskRequest::default()
    };
    world.decide(who, request).await
}

/// By name, as a colleague's page shows it.
async fn shown(world: &World, who: u8, (case_id, task_id): &(Vec<u8>, Vec<u8>)) -> Option<(Vec<u8>, String)> {
    let (case_id, task_id) = (case_id.clone(), task_id.clone());
    let request = ReadTaskRequest { case_id, task_id, language: "en".into(), purpose: String::new() };
    let page = task::read(world.host.clone(), world.call(who, request)).await.unwrap();
    page.claim.map(|claim| (claim.officer, claim.name))
}

/// The open task as the docket was told of it last.
async fn told(world: &World) -> OpenTask {
    let mut tx = world.host.database.read().await.unwrap();
    let select = "SELECT body FROM outbox WHERE name = $1 ORDER BY id DESC LIMIT 1";
    let row = tx.fetch_one(select, sql::args![CaseChanged::NAME]).await.unwrap();
    CaseChanged::decode(row.blob(0).unwrap().as_slice()).unwrap().tasks.remove(0)
}

async fn acts(world: &World) -> Vec<String> {
    let mut tx = world.host.database.read().await.unwrap();
    let select = "SELECT act FROM audit WHERE act LIKE 'task.%' ORDER BY sequence";
    let rows = tx.fetch_all(select, sql::args![]).await.unwrap();
    rows.iter().map(|row| row.text(0).unwrap()).collect()
}

fn code(outcome: Outcome) -> String {
    outcome.err().map(|failure| failure.code.into_owned()).unwrap_or_default()
}

#[tokio::test]
async fn whoever_claims_a_task_has_it_others_see_who_and_only_they_decide() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::new(database).await;
        let at = Box::pin(waiting(&world)).await;
        assert_eq!(code(Box::pin(claims(&world, NUKUS, &at)).await), "case.not-found", "{engine}: another office");
        assert_eq!(code(Box::pin(claims(&world, LEAD, &at)).await), "task.reason-needed", "{engine}");
        let first = Box::pin(claims(&world, OFFICER, &at)).await.unwrap();
        assert_eq!(
            Box::pin(claims(&world, OFFICER, &at)).await.unwrap().version,
            first.version,
            "{engine}: they have it"
        );
        assert_eq!(code(Box::pin(claims(&world, COLLEAGUE, &at)).await), "task.claimed", "{engine}");
        assert_eq!(code(Box::pin(decides(&world, COLLEAGUE, &at)).await), "task.claimed", "{engine}");
        let seen = Box::pin(shown(&world, COLLEAGUE, &at)).await;
        assert_eq!(seen, Some((person(OFFICER).to_vec(), "Registrar".to_owned())), "{engine}");
        let open = told(&world).await;
        assert_eq!(open.assignee, person(OFFICER).to_vec(), "{engine}");
        assert_eq!(open.claimed_until_us, world.host.now().plus(world.host.claims_last).micros(), "{engine}");
        Box::pin(decides(&world, OFFICER, &at)).await.unwrap();
        Box::pin(world.settle()).await;
        assert_eq!(acts(&world).await, ["task.claimed", "task.decided"], "{engine}: each once");
        Box::pin(world.nothing_is_left_behind()).await;
    }
}

#[tokio::test]
async fn a_claim_is_given_back_or_lapses_and_the_task_is_everybodys_again() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::new(database).await;
        let at = Box::pin(waiting(&world)).await;
        Box::pin(claims(&world, OFFICER, &at)).await.unwrap();
        assert_eq!(
            code(Box::pin(releases(&world, COLLEAGUE, None, &at)).await),
            "task.claimed",
            "{engine}: not theirs"
        );
        Box::pin(releases(&world, OFFICER, None, &at)).await.unwrap();
        assert!(told(&world).await.assignee.is_empty(), "{engine}");
        Box::pin(claims(&world, OFFICER, &at)).await.unwrap();
        world.clock.advance(world.host.claims_last);
        Box::pin(world.settle()).await;
        assert!(told(&world).await.assignee.is_empty(), "{engine}: its time was over");
        assert_eq!(Box::pin(shown(&world, COLLEAGUE, &at)).await, None, "{engine}");
        Box::pin(decides(&world, COLLEAGUE, &at)).await.unwrap();
        Box::pin(world.settle()).await;
        Box::pin(world.nothing_is_left_behind()).await;
    }
}

#[tokio::test]
async fn a_lead_of_the_office_says_who_has_a_task_and_takes_it_back_from_whoever_is_away() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::new(database).await;
        let at = Box::pin(waiting(&world)).await;
        Box::pin(claims(&world, OFFICER, &at)).await.unwrap();
        for who in [OFFICER, LEAD, CITIZEN] {
            assert_eq!(code(Box::pin(assigns(&world, who, COLLEAGUE, &at)).await), "case.not-found", "{engine}: {who}");
        }
        for to in [NUKUS, HEAD, CITIZEN, LEAD] {
            assert_eq!(code(Box::pin(assigns(&world, HEAD, to, &at)).await), "task.unfit-officer", "{engine}: {to}");
        }
        Box::pin(assigns(&world, HEAD, COLLEAGUE, &at)).await.unwrap();
        assert_eq!(told(&world).await.assignee, person(COLLEAGUE).to_vec(), "{engine}");
        assert_eq!(code(Box::pin(decides(&world, OFFICER, &at)).await), "task.claimed", "{engine}");
        let timeline = world.case(CITIZEN, &at.0).await.timeline;
        assert!(timeline.iter().any(|row| row.code == "assigned"), "{engine}: the applicant sees it");
        let foreign = Box::pin(releases(&world, OFFICER, Some(COLLEAGUE), &at)).await;
        assert_eq!(code(foreign), "case.not-found", "{engine}: no lead");
        let other = Box::pin(releases(&world, HEAD, Some(OFFICER), &at)).await;
        assert_eq!(code(other), "task.claimed", "{engine}: somebody else has it by now");
        Box::pin(releases(&world, HEAD, Some(COLLEAGUE), &at)).await.unwrap();
        assert_eq!(
            code(Box::pin(decides(&world, HEAD, &at)).await),
            "case.not-found",
            "{engine}: a lead decides nothing"
        );
        Box::pin(decides(&world, OFFICER, &at)).await.unwrap();
        Box::pin(world.settle()).await;
        let expected = ["task.claimed", "task.assigned", "task.taken-back", "task.decided"];
        assert_eq!(acts(&world).await, expected, "{engine}");
        Box::pin(world.nothing_is_left_behind()).await;
    }
}

#[tokio::test]
async fn a_task_goes_back_to_the_queue_when_the_role_of_whoever_has_it_ends() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::new(database).await;
        let at = Box::pin(waiting(&world)).await;
        Box::pin(claims(&world, OFFICER, &at)).await.unwrap();
        assert_eq!(Box::pin(give_back(&world.host)).await.unwrap(), 0, "{engine}: they have the role");
        world.platform.ends(person(OFFICER), "registrar", world.host.now());
        world.clock.advance(std::time::Duration::from_secs(60));
        assert_eq!(Box::pin(give_back(&world.host)).await.unwrap(), 1, "{engine}: an archivist decides nothing");
        assert_eq!(Box::pin(give_back(&world.host)).await.unwrap(), 0, "{engine}: once");
        assert!(told(&world).await.assignee.is_empty(), "{engine}");
        Box::pin(claims(&world, COLLEAGUE, &at)).await.unwrap();
        assert_eq!(Box::pin(give_back(&world.host)).await.unwrap(), 0, "{engine}: whoever has the role keeps it");
        Box::pin(decides(&world, COLLEAGUE, &at)).await.unwrap();
        Box::pin(world.settle()).await;
        let expected = ["task.claimed", "task.role-ended", "task.claimed", "task.decided"];
        assert_eq!(acts(&world).await, expected, "{engine}");
        Box::pin(world.nothing_is_left_behind()).await;
    }
}
