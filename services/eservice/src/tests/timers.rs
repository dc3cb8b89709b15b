//! A timer fires once its moment has come by the clock of the host that decides, and is kept until then.

use std::time::Duration;

use kernel::Time;

use super::world::{CITIZEN, World};
use crate::{
    store::{MIGRATIONS, timers},
    timers::fire,
};

const DAY: Duration = Duration::from_secs(86_400);

#[tokio::test]
async fn a_timer_that_was_found_due_before_the_clock_stepped_back_fires_when_its_moment_comes_again() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::new(database).await;
        let draft = world.open(CITIZEN).await.case_id;
        let mut tx = world.host.database.read().await.unwrap();
        let found = timers::due(&mut tx, Time::from_micros(i64::MAX), 10).await.unwrap();
        drop(tx);
        assert!(!found.is_empty(), "{engine}");
        for due in &found {
            fire(&world.host, due).await.unwrap();
        }
        assert_eq!(world.case(CITIZEN, &draft).await.phase, "draft", "{engine}: its time is not over");
        world.clock.advance(DAY * 400);
        Box::pin(world.settle()).await;
        let mut tx = world.host.database.read().await.unwrap();
        let left = timers::due(&mut tx, Time::from_micros(i64::MAX), 10).await.unwrap();
        drop(tx);
        assert!(left.is_empty(), "{engine}: it fired, and the draft is thrown away");
        world.nothing_is_left_behind().await;
    }
}
