//! A host with nothing to do holds no connection to PostgreSQL, and misses nothing by it.

use std::{sync::Arc, time::Duration};

use sql::{Database, Settings, args};

use super::world::{CITIZEN, World};
use crate::{claims, gauges, laid_by, leftovers, lookout, perform, retention, store::MIGRATIONS, timers, upkeep};

const DAY: Duration = Duration::from_secs(86_400);
/// Far longer than these tests take: what is seen sooner is seen for another reason.
const LOOK_EVERY: Duration = Duration::from_secs(3600);

/// A host whose loops run, as a process of its own would run them, and the database as its owner sees it.
struct Running {
    world: World,
    kit: boot::Kit,
    owner: Database,
    role: String,
}

impl Running {
    async fn begin() -> Option<Self> {
        let found = testkit::stores().into_iter().find(|(engine, _)| *engine == "postgres");
        let settings = Settings { idle_s: 1, ..found?.1 };
        let database = Database::open(&settings, MIGRATIONS).await.unwrap();
        let owner = Database::open(&testkit::owned(&settings), MIGRATIONS).await.unwrap();
        let mut tx = database.read().await.unwrap();
        let role = tx.fetch_one("SELECT current_user::text", args![]).await.unwrap().text(0).unwrap();
        drop(tx);
        let world = World::new(database).await;
        *world.platform.registry.lock().unwrap() = Some(serde_json::json!({"date": "2012-06-16"}));
        let kit = boot::Kit::new(world.clock.clone(), Arc::new(boot::OsRandom), boot::Stage::Trial);
        lookout::run(&kit, &world.host, LOOK_EVERY, None);
        laid_by::run(&kit, &world.host);
        upkeep::run(&kit, &world.host);
        perform::run(&kit, &world.host, 4);
        timers::run(&kit, &world.host);
        gauges::run(&kit, &world.host);
        retention::run(&kit, &world.host);
        leftovers::run(&kit, &world.host);
        claims::run(&kit, &world.host);
        Some(Self { world, kit, owner, role })
    }

    async fn connections(&self) -> i64 {
        let mut tx = self.owner.read().await.unwrap();
        let count = "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND usename::text = $1";
        tx.fetch_one(count, args![&self.role]).await.unwrap().int(0).unwrap()
    }

    async fn comes_to_rest(&self) {
        eventually("no connection is held", async || self.connections().await == 0).await;
    }

    async fn has_asked(&self, operation: &str, times: usize) {
        eventually(operation, async || self.world.platform.actions(operation) == times).await;
    }

    async fn stop(self) {
        assert!(self.kit.stop(Duration::from_secs(10)).await, "it stops");
        self.world.nothing_is_left_behind().await;
    }
}

/// A minute is no measure of anything: it only ends a test that hangs.
async fn eventually<F: AsyncFn() -> bool>(what: &str, condition: F) {
    for _ in 0..600 {
        if condition().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("it never came true: {what}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_idle_host_holds_no_connection_and_its_timers_fire_and_its_cases_go_on() {
    let Some(running) = Running::begin().await else { return };
    running.comes_to_rest().await;
    running.world.submitted(CITIZEN).await;
    running.has_asked("intent", 1).await;
    running.comes_to_rest().await;

    // The applicant does not pay for three days.
    running.world.clock.advance(DAY * 3);
    running.has_asked("close", 1).await;
    running.comes_to_rest().await;

    running.world.submitted(CITIZEN + 1).await;
    running.has_asked("intent", 2).await;
    running.comes_to_rest().await;
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_another_copy_left_without_a_word_is_found_by_a_later_look() {
    let Some(running) = Running::begin().await else { return };
    running.comes_to_rest().await;
    // The owner's handle stands for a copy that commits and is gone.
    let owner = World::replica(running.owner.clone(), running.world.clock.clone(), running.world.platform.clone(), 2);
    owner.submitted(CITIZEN).await;
    running.world.clock.advance(LOOK_EVERY);
    running.has_asked("intent", 1).await;
    running.comes_to_rest().await;
    running.stop().await;
}
