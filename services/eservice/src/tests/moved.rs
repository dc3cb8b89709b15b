//! A draft that was begun under one revision is finished under another: nothing typed is lost, nothing unseen is sent.

use bus::Admitted;
use proto::eservice::v1::{Answers, FieldPlace};

use super::{
    platform::placed,
    world::{CITIZEN, World},
};
use crate::{
    bus::{answers, submit},
    store::MIGRATIONS,
};

/// The example without its question about a former name, and with one about the time at which to call.
fn with_another_question(world: &World) -> std::sync::Arc<Admitted> {
    world.platform.revised(|definition| {
        let spec = &mut definition["spec"];
        let schema = &mut spec["data"]["schema"];
        schema["properties"].as_object_mut().unwrap().remove("formerName");
        schema["required"].as_array_mut().unwrap().retain(|name| name != "formerName");
        schema["properties"]["contact"]["properties"]["hour"] = serde_json::json!({"type": "string", "maxLength": 40});
        for start in spec["starts"].as_array_mut().unwrap() {
            let carried = start.get_mut("carry").and_then(serde_json::Value::as_array_mut);
            carried.into_iter().for_each(|carried| carried.retain(|path| path != "formerName"));
        }
        let pages = spec["forms"][0]["pages"].as_array_mut().unwrap();
        pages.retain(|page| page["name"] != "name" && page["name"] != "former-name");
        let contact = pages.iter_mut().find(|page| page["name"] == "contact").unwrap();
        let hour = serde_json::json!({"at": "contact.hour", "label": {"uz": "Soat", "en": "Hour"}});
        contact["fields"].as_array_mut().unwrap().push(hour);
    })
}

async fn checked(world: &World, case: &[u8]) -> Answers {
    answers::read(world.host.clone(), world.read(CITIZEN, case)).await.unwrap()
}

fn labels(places: &[FieldPlace]) -> Vec<&str> {
    places.iter().map(|place| place.label.as_str()).collect()
}

#[tokio::test]
async fn a_draft_moves_with_its_answers_and_tells_once_what_changed() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::new(database).await;
        *world.platform.registry.lock().unwrap() = Some(serde_json::json!({"date": "2012-06-16"}));
        let case = world.open(CITIZEN).await.case_id;
        Box::pin(world.fill_in(CITIZEN, &case)).await;
        let second = with_another_question(&world);
        world.placed(vec![placed(&second, 100), placed(&world.platform.admitted, 100)], "").await;

        let page = Box::pin(world.page(CITIZEN, &case, "contact")).await;
        let moved = page.moved.expect("it is told");
        assert!(!moved.told, "{engine}");
        assert_eq!((labels(&moved.added), labels(&moved.invalid)), (vec!["Hour"], vec![]), "{engine}");
        let dropped = moved.dropped.iter().find(|row| row.at == "formerName.changed").unwrap();
        assert!(!dropped.label.is_empty(), "{engine}: in the words of the revision that asked");
        assert_eq!(dropped.value, "false", "{engine}");
        assert!(page.fields.iter().any(|field| field.at == "contact.hour" && field.added), "{engine}");
        assert_eq!(Box::pin(checked(&world, &case)).await.incomplete, ["contact"], "{engine}");

        let typed = [("contact.phone", "+998901112233"), ("contact.hour", "after nine")];
        Box::pin(world.save(CITIZEN, &case, "contact", &typed)).await;
        let after = Box::pin(world.page(CITIZEN, &case, "contact")).await;
        assert!(after.moved.is_some_and(|moved| moved.told && moved.added.is_empty()), "{engine}");
        let submission = Box::pin(world.submission(CITIZEN, &case)).await;
        Box::pin(submit::submit(world.host.clone(), world.call(CITIZEN, submission))).await.unwrap();
        world.settle().await;
        let sent = Box::pin(checked(&world, &case)).await;
        assert!(sent.moved.is_none(), "{engine}: what fell away went with the submission");
        let rows = sent.sections.iter().flat_map(|section| &section.rows);
        assert!(rows.clone().all(|row| row.at != "formerName.changed"), "{engine}");
        assert!(rows.clone().any(|row| row.at == "marriage.date" && row.value == "2012-06-16"), "{engine}");
        world.nothing_is_left_behind().await;
    }
}

#[tokio::test]
async fn what_was_checked_under_the_old_law_is_not_sent_under_the_new_one() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::new(database).await;
        *world.platform.registry.lock().unwrap() = Some(serde_json::json!({"date": "2012-06-16"}));
        let case = world.open(CITIZEN).await.case_id;
        Box::pin(world.fill_in(CITIZEN, &case)).await;
        let submission = Box::pin(world.submission(CITIZEN, &case)).await;
        let second = world.platform.retitled("Another title");
        world.placed(vec![placed(&second, 100), placed(&world.platform.admitted, 100)], "").await;
        let call = world.call(CITIZEN, submission);
        let refused = Box::pin(submit::submit(world.host.clone(), call)).await;
        assert_eq!(refused.unwrap_err().code, "case.draft-moved", "{engine}");
        let mut tx = world.host.database.read().await.unwrap();
        let select = "SELECT revision, phase FROM cases WHERE case_id = $1";
        let row = tx.fetch_one(select, sql::args![case.as_slice()]).await.unwrap();
        drop(tx);
        assert_eq!(row.blob(0).unwrap(), second.revision.to_vec(), "{engine}: it moved all the same");
        assert_eq!(row.text(1).unwrap(), "draft", "{engine}");
        let submission = Box::pin(world.submission(CITIZEN, &case)).await;
        Box::pin(submit::submit(world.host.clone(), world.call(CITIZEN, submission))).await.unwrap();
        world.settle().await;
        world.nothing_is_left_behind().await;
    }
}
