//! An application that is under way is taken back by its applicant, who is told before what becomes of the money.

use kernel::Failure;
use proto::eservice::v1::{CaseCommand, CaseReply};

use super::{
    platform::amount,
    world::{CITIZEN, OFFICER, World},
};
use crate::{bus::withdraw, store::MIGRATIONS};

async fn take_back(world: &World, who: u8, case: &[u8]) -> Result<CaseReply, Failure> {
    let request = CaseCommand { case_id: case.to_vec(), version: 1 };
    Box::pin(withdraw::withdraw(world.host.clone(), world.call(who, request))).await
}

#[tokio::test]
async fn a_paid_application_is_withdrawn_by_its_applicant_alone_and_paid_back() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::new(database).await;
        let draft = world.open(2).await.case_id;
        assert!(world.case(2, &draft).await.withdrawal.is_none());
        assert_eq!(take_back(&world, 2, &draft).await.unwrap_err().code, "case.not-running", "{engine}");
        let case = Box::pin(world.submitted(CITIZEN)).await.case_id;
        for _ in 0..4 {
            Box::pin(world.settle()).await;
            world.clock.advance(std::time::Duration::from_secs(20));
        }
        world.paid(&case).await;
        Box::pin(world.settle()).await;
        let told = world.case(CITIZEN, &case).await.withdrawal.unwrap();
        assert_eq!(told.returned, Some(amount()));
        assert_eq!(told.kept.unwrap().minor, 0);
        for who in [2, OFFICER] {
            assert_eq!(take_back(&world, who, &case).await.unwrap_err().code, "case.not-found");
        }
        assert_eq!(take_back(&world, CITIZEN, &case).await.unwrap().phase, "ended");
        Box::pin(world.settle()).await;
        let told = world.case(CITIZEN, &case).await;
        assert_eq!((told.outcome.as_str(), told.withdrawal), ("withdrawn", None));
        assert!(told.onward.is_empty(), "nothing was refused");
        assert!(world.platform.actions("refund") >= 1);
        assert_eq!(take_back(&world, CITIZEN, &case).await.unwrap_err().code, "case.not-running");
        let mut tx = world.host.database.read().await.unwrap();
        let row = tx.fetch_one("SELECT COUNT(*) FROM audit WHERE act = 'case.withdrawn'", sql::args![]).await.unwrap();
        assert_eq!(row.int(0).unwrap(), 1);
        drop(tx);
        world.nothing_is_left_behind().await;
    }
}
