//! A host that stops gives back what it cannot finish.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use sql::Database;

use super::world::{CITIZEN, World};
use crate::{bus::submit, perform, store::MIGRATIONS};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_host_that_stops_cannot_finish_goes_on_elsewhere_at_once() {
    for (engine, settings) in testkit::stores() {
        let world = World::new(Database::open(&settings, MIGRATIONS).await.unwrap()).await;
        *world.platform.registry.lock().unwrap() = Some(serde_json::json!({"date": "2012-06-16"}));
        let case = world.open(CITIZEN).await.case_id;
        world.fill_in(CITIZEN, &case).await;
        world.platform.never_answers.store(true, Ordering::SeqCst);
        // The form asked registries, too.
        let before = world.platform.actions("call");
        let kit = boot::Kit::new(world.clock.clone(), Arc::new(boot::OsRandom), boot::Stage::Trial);
        perform::run(&kit, &world.host, 4);
        let request = world.submission(CITIZEN, &case).await;
        submit::submit(world.host.clone(), world.call(CITIZEN, request)).await.unwrap();
        while world.platform.actions("call") == before {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        // As long as a process has.
        assert!(kit.stop(Duration::from_secs(5)).await, "{engine}: it stops");
        world.platform.never_answers.store(false, Ordering::SeqCst);
        // Whoever takes what is due now waits for no lease.
        world.settle().await;
        assert_eq!(world.platform.actions("intent"), 1, "{engine}: the case went on");
        world.nothing_is_left_behind().await;
    }
}
