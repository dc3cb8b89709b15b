//! The register's list of revisions, as a host reads it: to its end, and what runs here.

use std::sync::Arc;

use kernel::{Hash, ManualClock};
use proto::register::v1::RevisionEntry;
use sql::Database;

use super::{
    platform::Scripted,
    world::{MORNING, OFFICER, World, person},
};
use crate::{
    store::{MIGRATIONS, placements, revisions},
    upkeep,
};

fn entry(agency: &str, number: u8, admitted_us: i64) -> RevisionEntry {
    RevisionEntry {
        revision: Hash::of(&[number]).to_vec(),
        agency: agency.into(),
        service: "copy".into(),
        admitted_us,
        ..RevisionEntry::default()
    }
}

/// A host of these services beside a register that tells two entries at a time.
fn world(database: Database, services: &[&str], others: Vec<RevisionEntry>) -> World {
    let platform = Arc::new(Scripted::new(person(OFFICER)));
    {
        let mut listing = platform.listing.lock().unwrap();
        (listing.page, listing.others) = (2, others);
    }
    World::serving(services, database, (Arc::new(ManualClock::at(MORNING)), platform), 1)
}

/// How many revisions the host learns of, in how many questions.
async fn learned(world: &World) -> (usize, usize) {
    upkeep::learn(&world.host).await.unwrap();
    let mut tx = world.host.database.read().await.unwrap();
    let learned = revisions::missing(&mut tx).await.unwrap().len();
    let stale = placements::stale(&mut tx).await.unwrap();
    assert!(stale.contains(&("justice".into(), "copy".into())), "its placement is to be read: {stale:?}");
    (learned, world.platform.listing.lock().unwrap().asked.len())
}

#[tokio::test]
async fn a_host_reads_the_list_to_its_end_also_where_all_was_admitted_at_once() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let mut others: Vec<_> = (1..=7).map(|number| entry("justice", number, MORNING.micros())).collect();
        others.push(entry("health", 8, MORNING.micros()));
        let world = world(database, &["copy"], others);
        // With the revision of another service, which a register may tell, too.
        assert_eq!(learned(&world).await, (7, 5), "{engine}");
        for (agency, request) in &world.platform.listing.lock().unwrap().asked {
            assert_eq!((agency.as_deref(), request.services.as_slice()), (Some("justice"), &["copy".to_owned()][..]));
        }
    }
}

#[tokio::test]
async fn a_register_of_the_release_before_this_one_is_asked_until_a_page_is_empty() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let others = (1..=7).map(|number| entry("justice", number, MORNING.micros() + i64::from(number))).collect();
        let world = world(database, &["copy"], others);
        world.platform.listing.lock().unwrap().older = true;
        assert_eq!(learned(&world).await, (7, 5), "{engine}: four pages with the other service's, and one without");
    }
}

#[tokio::test]
async fn the_host_of_all_agencies_asks_for_all() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = world(database, &[], vec![entry("justice", 1, 1), entry("health", 2, 2)]);
        assert_eq!(learned(&world).await, (3, 2), "{engine}");
        let listing = world.platform.listing.lock().unwrap();
        assert!(listing.asked.iter().all(|(agency, request)| agency.is_none() && request.services.is_empty()));
    }
}
