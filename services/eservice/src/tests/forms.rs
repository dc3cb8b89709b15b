//! Forms in parts, and what sending an application asks of the sign-in.

use std::time::Duration;

use bus::Call;
use kernel::Time;
use proto::eservice::v1::SubmitRequest;
use serde_json::{Value, json};

use super::{
    platform::placed,
    world::{CITIZEN, World},
};
use crate::{
    bus::{answers, submit},
    store::MIGRATIONS,
};

/// Everybody gets the example with this change.
async fn revised(database: sql::Database, change: impl FnOnce(&mut Value)) -> World {
    let world = World::new(database).await;
    let (first, second) =
        (world.platform.admitted.clone(), world.platform.revised(|definition| change(&mut definition["spec"])));
    world.placed(vec![placed(&second, 100), placed(&first, 100)], "").await;
    world
}

#[tokio::test]
async fn an_application_is_sent_only_soon_after_a_sign_in_and_nothing_is_lost_by_signing_in_again() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let change = |spec: &mut Value| spec["access"]["submission"] = json!({"within": "10 min"});
        let world = Box::pin(revised(database, change)).await;
        let case = world.open(CITIZEN).await.case_id;
        Box::pin(world.fill_in(CITIZEN, &case)).await;
        world.clock.advance(Duration::from_secs(11 * 60));
        let request = world.submission(CITIZEN, &case).await;
        let signed_in = |at: Time| -> Call<SubmitRequest> {
            let mut call = world.call(CITIZEN, request.clone());
            call.person.as_mut().unwrap().authenticated = at;
            call
        };
        let now = world.host.now();
        let early = submit::submit(world.host.clone(), signed_in(now.minus(Duration::from_secs(601)))).await;
        assert_eq!(early.unwrap_err().code, "case.sign-in-again", "{engine}");
        let shown = answers::read(world.host.clone(), world.read(CITIZEN, &case)).await.unwrap();
        let asked = shown.sign_in.unwrap();
        assert_eq!((asked.within_s, asked.assurance.as_str()), (600, "substantial"), "no less than filling in took");
        let sent = submit::submit(world.host.clone(), signed_in(now)).await.unwrap();
        assert!(!sent.number.is_empty(), "{engine}: what was filled in is sent");
    }
}

#[tokio::test]
async fn a_form_in_parts_says_how_far_each_is_and_where_back_and_on_lead() {
    let (_, database) = testkit::databases(MIGRATIONS).await.into_iter().next().unwrap();
    let change = |spec: &mut Value| {
        spec["forms"][0]["layout"] = "taskList".into();
        spec["forms"][0]["pages"][0]["section"] = json!({"en": "The marriage"});
        let pages = spec["forms"][0]["pages"].as_array_mut().unwrap();
        let reason = pages.iter_mut().find(|page| page["name"] == "reason").unwrap();
        reason["section"] = json!({"en": "The copy"});
    };
    let world = Box::pin(revised(database, change)).await;
    let opened = world.open(CITIZEN).await;
    assert!(opened.outlined, "the outline comes first");
    let case = opened.case_id;
    let parts = async |case: &[u8]| -> Vec<(String, String, String)> {
        let shown = answers::read(world.host.clone(), world.read(CITIZEN, case)).await.unwrap();
        shown.parts.into_iter().map(|part| (part.title, part.standing, part.page)).collect()
    };
    let part = |title: &str, standing: &str, page: &str| (title.to_owned(), standing.to_owned(), page.to_owned());
    assert_eq!(
        parts(&case).await,
        [part("The marriage", "not-started", "date"), part("The copy", "not-started", "reason")]
    );
    assert!(world.page(CITIZEN, &case, "date").await.begins_part);
    assert!(!world.page(CITIZEN, &case, "office").await.begins_part);
    assert!(world.page(CITIZEN, &case, "reason").await.begins_part, "back from here leads to the outline");
    Box::pin(world.save(CITIZEN, &case, "reason", &[("reason.kind", "lost")])).await;
    assert_eq!(parts(&case).await[1], part("The copy", "in-progress", "benefit"), "the second may be begun first");
    Box::pin(world.fill_in(CITIZEN, &case)).await;
    assert!(parts(&case).await.iter().all(|(_, standing, _)| standing == "done"));
    Box::pin(world.submission(CITIZEN, &case)).await;
}
