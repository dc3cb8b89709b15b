//! One question in two windows: nothing is written over unseen, nothing that was typed is lost.

use proto::eservice::v1::{Page, SavePageReply, SavePageRequest, Value};
use serde_json::json;

use super::world::{CITIZEN, World};
use crate::{bus::page, store::MIGRATIONS};

async fn send(world: &World, shown: &Page, values: &[(&str, &str)], disputed: &[&str]) -> SavePageReply {
    let value = |(at, text): &(&str, &str)| Value { at: (*at).into(), text: (*text).into() };
    let request = SavePageRequest {
        case_id: shown.case_id.clone(),
        page: shown.page.clone(),
        language: "en".into(),
        values: values.iter().map(value).collect(),
        disputed: disputed.iter().map(|at| (*at).to_owned()).collect(),
        shown_hash: shown.shown_hash.clone(),
    };
    page::save(world.host.clone(), world.call(CITIZEN, request)).await.unwrap()
}

#[tokio::test]
async fn a_page_that_was_changed_in_another_window_comes_back_with_what_is_kept_and_what_was_typed() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::new(database).await;
        let case = world.open(CITIZEN).await.case_id;
        let (one, other) = (world.page(CITIZEN, &case, "reason").await, world.page(CITIZEN, &case, "contact").await);
        assert_eq!(send(&world, &one, &[("reason.kind", "damaged")], &[]).await.page, None, "{engine}");
        assert_eq!(send(&world, &one, &[("reason.kind", "damaged")], &[]).await.page, None, "the same again");
        let again = send(&world, &one, &[("reason.kind", "abroad")], &[]).await.page.expect("the page again");
        let reason = &again.fields[0];
        assert_eq!(
            (reason.value.as_str(), reason.kept.as_str(), reason.error_code.as_str()),
            ("abroad", "The certificate is damaged", "field.changed-meanwhile")
        );
        assert!(reason.options.iter().all(|option| option.selected == (option.value == "abroad")));
        assert_eq!(world.page(CITIZEN, &case, "reason").await.fields[0].value, "damaged", "nothing is written over");
        assert_eq!(send(&world, &again, &[("reason.kind", "abroad")], &[]).await.page, None, "who saw both decides");
        assert_eq!(world.page(CITIZEN, &case, "reason").await.fields[0].value, "abroad");
        assert_eq!(send(&world, &other, &[("contact.phone", "+998901112233")], &[]).await.page, None, "another page");
        let nothing = Page { shown_hash: Vec::new(), ..world.page(CITIZEN, &case, "reason").await };
        let unseen = send(&world, &nothing, &[("reason.kind", "lost")], &[]).await.page.expect("the page again");
        assert_eq!(
            unseen.fields[0].error_code, "field.changed-meanwhile",
            "whoever was shown nothing overwrites nothing"
        );
    }
}

#[tokio::test]
async fn an_answer_that_is_too_long_comes_back_whole_and_one_that_brings_up_a_question_shows_it() {
    let (_, database) = testkit::databases(MIGRATIONS).await.into_iter().next().unwrap();
    let world = World::new(database).await;
    let case = world.open(CITIZEN).await.case_id;
    let reason = world.page(CITIZEN, &case, "reason").await;
    let more = send(&world, &reason, &[("reason.kind", "other")], &[]).await.page.expect("another question");
    let asked: Vec<_> = more.fields.iter().map(|field| (field.at.as_str(), field.error_code.as_str())).collect();
    assert_eq!(asked, [("reason.kind", ""), ("reason.details", "")]);
    let long = "щ".repeat(process::forms::TEXT_MAX + 1);
    let values = [("reason.kind", "lost"), ("reason.details", long.as_str())];
    let again = send(&world, &more, &values, &[]).await.page.expect("the page again");
    assert_eq!((again.fields[0].value.as_str(), again.fields[1].value.len()), ("lost", long.len()));
    assert_eq!(again.fields[1].error_code, "field.max-length");
    assert_eq!(again.fields[1].error_parameters["limit"], "500");
    assert_eq!(world.page(CITIZEN, &case, "reason").await.fields[0].value, "other", "nothing of it was kept");
}

#[tokio::test]
async fn a_fact_that_the_applicant_says_is_wrong_is_answered_beside_what_the_registry_says() {
    let (_, database) = testkit::databases(MIGRATIONS).await.into_iter().next().unwrap();
    let world = World::new(database).await;
    *world.platform.registry.lock().unwrap() = Some(json!({
        "date": "2012-06-16", "office": "tashkent-yunusabad", "actNumber": "412", "spouse1": "A", "spouse2": "B"
    }));
    let case = world.open(CITIZEN).await.case_id;
    let fact = world.page(CITIZEN, &case, "date").await;
    assert!(fact.fields[0].fact);
    assert_eq!(fact.fields[0].source, "Single electronic archive of civil status records", "by its registry's title");
    let asked = send(&world, &fact, &[], &["marriage.date"]).await.page.expect("it is asked for");
    let field = &asked.fields[0];
    assert!(!field.fact && field.disputed && field.error_code.is_empty(), "{field:?}");
    assert_eq!(field.registry_value, "2012-06-16");
    let next = send(&world, &asked, &[("marriage.date", "2011-06-16")], &["marriage.date"]).await;
    assert_eq!((next.page, next.next.as_str()), (None, "office"));
    let back = world.page(CITIZEN, &case, "date").await;
    assert_eq!((back.fields[0].value.as_str(), back.fields[0].registry_value.as_str()), ("2011-06-16", "2012-06-16"));
}
