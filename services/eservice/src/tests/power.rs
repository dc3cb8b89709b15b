//! An application whose submission was acknowledged is there after the power went, with all that belongs to it.

use kernel::CaseId;
use sql::{Database, Settings};
use testkit::Disk;

use super::world::World;
use crate::store::{MIGRATIONS, cases};

const SEEDS: u64 = 6;
const APPLICANTS: u8 = 3;

#[tokio::test]
async fn an_acknowledged_submission_survives_the_loss_of_power() {
    for seed in 1..=SEEDS {
        let disk = Disk::new(seed);
        let database = Database::open(&Settings::file(disk.folder().join("cases.sqlite")), MIGRATIONS).await.unwrap();
        let world = World::new(database).await;
        for who in 1..=APPLICANTS {
            let sent = world.submitted(who).await;
            let left = Settings::file(disk.after_power_loss().join("cases.sqlite"));
            let again = Database::open(&left, MIGRATIONS).await.unwrap_or_else(|error| panic!("seed {seed}: {error}"));
            let id = CaseId::from_slice(&sent.case_id).unwrap();
            let mut tx = again.read().await.unwrap();
            let case = cases::read(&mut tx, &world.host.keys, id).await.unwrap();
            let case = case.unwrap_or_else(|| panic!("seed {seed}: the application of {who} is lost"));
            assert_eq!(case.state.number.as_deref(), Some(sent.number.as_str()), "seed {seed}: it was sent");
            let events = cases::events(&mut tx, &case).await.unwrap();
            assert!(process::replay(process::CaseState::absent(id), &events) == case.state, "seed {seed}");
            sql::audit::verify(&mut tx).await.unwrap_or_else(|error| panic!("seed {seed}: {error}"));
            let waiting = "SELECT COUNT(*) FROM case_actions WHERE case_id = $1 AND state = 'waiting'";
            assert!(tx.fetch_one(waiting, sql::args![id]).await.unwrap().int(0).unwrap() > 0, "seed {seed}");
            let told = "SELECT COUNT(*) FROM outbox WHERE case_id = $1";
            assert_eq!(tx.fetch_one(told, sql::args![id]).await.unwrap().int(0).unwrap(), case.version, "seed {seed}");
        }
    }
}
