//! A case is asked for at the address of its own agency and service, and nowhere else.

use bus::Call;
use proto::eservice::v1::{OpenDraftRequest, ReadCaseRequest};

use super::world::{CITIZEN, World};
use crate::{bus::address, store::MIGRATIONS};

const OWN: &str = "marriage-certificate-copy";

fn at<Q>(call: Call<Q>, agency: &str, service: &str) -> Call<Q> {
    Call { agency: agency.into(), service: Some(service.into()), ..call }
}

#[tokio::test]
async fn a_case_is_found_at_its_own_address_only_and_looking_elsewhere_is_recorded() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::new(database).await;
        let case = world.open(CITIZEN).await.case_id;
        let read = |agency, service| at(world.read(CITIZEN, &case), agency, service);
        assert!(address::fits(&world.host, &read("justice", OWN)).await.is_ok(), "{engine}");
        for (agency, service) in [("justice", "passport"), ("health", OWN)] {
            let refused = address::fits(&world.host, &read(agency, service)).await.unwrap_err();
            assert_eq!(refused.code, "case.not-found", "{engine} {agency}/{service}");
        }
        let mut tx = world.host.database.read().await.unwrap();
        let refused = "SELECT count(*) FROM audit WHERE act = 'case.refused'";
        assert_eq!(tx.fetch_one(refused, sql::args![]).await.unwrap().int(0).unwrap(), 2, "{engine}");
    }
}

#[tokio::test]
async fn an_unknown_case_is_the_operations_to_refuse_and_a_draft_is_opened_where_it_says() {
    let (_, database) = testkit::databases(MIGRATIONS).await.into_iter().next().unwrap();
    let world = World::new(database).await;
    let unknown = world.call(CITIZEN, ReadCaseRequest { case_id: vec![7; 16], language: "en".into() });
    assert!(address::fits(&world.host, &at(unknown, "justice", OWN)).await.is_ok());
    let asked = OpenDraftRequest { agency: "justice".into(), service: OWN.into(), ..OpenDraftRequest::default() };
    assert!(address::fits(&world.host, &at(world.call(CITIZEN, asked.clone()), "justice", OWN)).await.is_ok());
    let elsewhere = address::fits(&world.host, &at(world.call(CITIZEN, asked), "justice", "passport")).await;
    assert_eq!(elsewhere.unwrap_err().code, "service.not-found");
}
