//! What a step announces reaches the agency's own system once, holds nothing up, and is not lost in silence.

use std::{sync::atomic::Ordering, time::Duration};

use proto::eservice::v1::DecideTaskRequest;

use super::world::{CITIZEN, OFFICER, World};
use crate::store::MIGRATIONS;

const DAY: Duration = Duration::from_secs(86_400);

/// A granted case, whose event nobody takes.
async fn granted(world: &World) {
    world.platform.deaf.store(true, Ordering::SeqCst);
    let case = Box::pin(world.submitted(CITIZEN)).await.case_id;
    // The registry is away: it is asked until its time is over.
    for _ in 0..4 {
        Box::pin(world.settle()).await;
        world.clock.advance(Duration::from_secs(20));
    }
    Box::pin(world.paid(&case)).await;
    Box::pin(world.settle()).await;
    let request = DecideTaskRequest {
        case_id: case.clone(),
        version: world.case(CITIZEN, &case).await.version,
        task_id: world.open_task(&case).await,
        outcome: "approve".into(),
        ..DecideTaskRequest::default()
    };
    Box::pin(world.decide(OFFICER, request)).await.unwrap();
    Box::pin(world.settle()).await;
    assert_eq!(world.case(CITIZEN, &case).await.phase, "ended", "the case does not wait for whoever hears of it");
    assert_eq!(world.platform.actions("event"), 0);
}

async fn given_up(world: &World) -> i64 {
    let mut tx = world.host.database.read().await.unwrap();
    let count = "SELECT COUNT(*) FROM audit WHERE act = 'event.not-taken'";
    tx.fetch_one(count, sql::args![]).await.unwrap().int(0).unwrap()
}

#[tokio::test]
async fn an_event_is_kept_for_an_agencys_system_that_is_away_and_taken_once() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::emitting(database).await;
        Box::pin(granted(&world)).await;
        world.clock.advance(DAY);
        world.platform.deaf.store(false, Ordering::SeqCst);
        Box::pin(world.settle()).await;
        assert_eq!(world.platform.actions("event"), 1, "{engine}");
        world.clock.advance(DAY * 8);
        Box::pin(world.settle()).await;
        let asked: u32 = {
            let asked = world.platform.asked.lock().unwrap();
            asked.iter().filter(|((name, _), _)| *name == "event").map(|(_, times)| times).sum()
        };
        assert_eq!((asked, given_up(&world).await), (1, 0), "{engine}: once, and nothing was given up");
        Box::pin(world.nothing_is_left_behind()).await;
    }
}

#[tokio::test]
async fn an_event_that_nobody_takes_for_a_week_is_given_up_and_on_record() {
    let lost = || boot::metrics::EVENTS_LOST.values().first().map_or(0.0, |(_, count)| *count);
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::emitting(database).await;
        Box::pin(granted(&world)).await;
        world.clock.advance(DAY * 6);
        Box::pin(world.settle()).await;
        assert_eq!(given_up(&world).await, 0, "{engine}: not yet");
        let before = lost();
        world.clock.advance(DAY);
        Box::pin(world.settle()).await;
        assert_eq!((world.platform.actions("event"), given_up(&world).await), (0, 1), "{engine}");
        assert!(lost() > before, "{engine}: whoever runs the platform hears of it");
        Box::pin(world.nothing_is_left_behind()).await;
    }
}
