//! How surely somebody is known and as what they signed in decides what they see, also of their own case.

use bus::{Assurance, Call};
use proto::eservice::v1::{DiscardDraftRequest, OpenDraftRequest, ReadPageRequest, SavePageRequest};

use super::world::{CITIZEN, OFFICER, World};
use crate::{
    bus::{answers, case, draft, page},
    store::MIGRATIONS,
};

fn with_a_password<Q>(mut call: Call<Q>) -> Call<Q> {
    call.person.as_mut().unwrap().assurance = Assurance::Low;
    call
}

fn as_an_officer<Q>(mut call: Call<Q>) -> Call<Q> {
    call.person.as_mut().unwrap().officer = true;
    call
}

#[tokio::test]
async fn a_password_alone_shows_nothing_of_a_case_opened_with_a_confirmed_identity() {
    let (_, database) = testkit::databases(MIGRATIONS).await.into_iter().next().unwrap();
    let world = World::new(database).await;
    let opened = world.open(CITIZEN).await;
    let (host, id) = (world.host.clone(), opened.case_id.clone());
    let refused = "service.assurance";
    let request = || ReadPageRequest { case_id: id.clone(), page: "date".into(), language: "en".into() };
    let read = page::read(host.clone(), with_a_password(world.call(CITIZEN, request()))).await;
    assert_eq!(read.unwrap_err().code, refused);
    let read = answers::read(host.clone(), with_a_password(world.read(CITIZEN, &id))).await;
    assert_eq!(read.unwrap_err().code, refused);
    let read = case::read(host.clone(), with_a_password(world.read(CITIZEN, &id))).await;
    assert_eq!(read.unwrap_err().code, refused);
    let typed = SavePageRequest { case_id: id.clone(), page: "date".into(), ..SavePageRequest::default() };
    let saved = page::save(host.clone(), with_a_password(world.call(CITIZEN, typed))).await;
    assert_eq!(saved.unwrap_err().code, refused);
    let command = DiscardDraftRequest { case_id: id.clone(), ..DiscardDraftRequest::default() };
    let discarded = draft::discard(host.clone(), with_a_password(world.call(CITIZEN, command))).await;
    assert_eq!(discarded.unwrap_err().code, refused);
    let stranger = case::read(host.clone(), with_a_password(world.read(2, &id))).await;
    assert_eq!(stranger.unwrap_err().code, "case.not-found", "somebody else learns nothing either way");
    assert!(case::read(host, world.read(CITIZEN, &id)).await.is_ok());
}

#[tokio::test]
async fn whoever_is_signed_in_as_an_officer_is_nobodys_applicant() {
    let (_, database) = testkit::databases(MIGRATIONS).await.into_iter().next().unwrap();
    let world = World::new(database).await;
    let opened = world.open(CITIZEN).await;
    let read = case::read(world.host.clone(), as_an_officer(world.read(CITIZEN, &opened.case_id))).await;
    assert_eq!(read.unwrap_err().code, "case.not-found");
    let request = OpenDraftRequest {
        agency: "justice".into(),
        service: "marriage-certificate-copy".into(),
        language: "en".into(),
        reuse: true,
        ..OpenDraftRequest::default()
    };
    let opened = draft::open(world.host.clone(), world.call(OFFICER, request)).await;
    assert_eq!(opened.unwrap_err().code, "service.officer");
}

#[tokio::test]
async fn an_act_is_recorded_for_the_agency_of_the_case_whatever_the_address_said() {
    let (_, database) = testkit::databases(MIGRATIONS).await.into_iter().next().unwrap();
    let world = World::new(database).await;
    let case = world.open(CITIZEN).await.case_id;
    world.fill_in(CITIZEN, &case).await;
    let request = world.submission(CITIZEN, &case).await;
    let mut call = world.call(CITIZEN, request);
    call.agency = "health".into();
    crate::bus::submit::submit(world.host.clone(), call).await.unwrap();
    let mut tx = world.host.database.read().await.unwrap();
    let select = "SELECT agency FROM audit WHERE act = 'case.submitted'";
    assert_eq!(tx.fetch_one(select, sql::args![]).await.unwrap().text(0).unwrap(), "justice");
}
