//! Revisions reach people by share, a service that is closed takes nobody new, and the operator hears how cases fare.

use proto::eservice::v1::{DecideTaskRequest, MarkedField, OpenDraftRequest};

use super::{
    platform::placed,
    world::{CITIZEN, MORNING, OFFICER, World},
};
use crate::{
    bus::{draft, submit},
    store::{self, MIGRATIONS},
};

async fn titles(world: &World, people: std::ops::Range<u8>) -> Vec<String> {
    let mut titles = Vec::new();
    for who in people {
        let case = world.open(who).await.case_id;
        titles.push(world.page(who, &case, "date").await.service_title);
    }
    titles
}

#[tokio::test]
async fn a_new_look_reaches_some_people_first_then_all_and_can_be_taken_back() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::new(database).await;
        let (first, second) = (world.platform.admitted.clone(), world.platform.retitled("Another title"));
        let shares = |share: i32| vec![placed(&second, share), placed(&first, 100)];
        let new = |titles: &[String]| titles.iter().filter(|title| *title == "Another title").count();
        world.placed(shares(0), "").await;
        assert_eq!(new(&Box::pin(titles(&world, 1..41)).await), 0, "{engine}");
        world.placed(shares(50), "").await;
        let half = Box::pin(titles(&world, 1..41)).await;
        assert!((8..33).contains(&new(&half)), "{engine}: {}", new(&half));
        assert_eq!(Box::pin(titles(&world, 1..41)).await, half, "{engine}: the same people see the same");
        world.placed(shares(100), "").await;
        assert_eq!(new(&Box::pin(titles(&world, 1..41)).await), 40, "{engine}");
        world.placed(shares(0), "").await;
        assert_eq!(new(&Box::pin(titles(&world, 1..41)).await), 0, "{engine}: drafts go back, too");
    }
}

#[tokio::test]
async fn the_same_bytes_admitted_again_are_what_people_get_from_then_on() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::new(database).await;
        let (first, second) = (world.platform.admitted.clone(), world.platform.retitled("Another title"));
        world.placed(vec![placed(&second, 100), placed(&first, 100)], "").await;
        assert_eq!(titles(&world, 1..2).await, ["Another title"], "{engine}");
        let mut again = placed(&first, 100);
        again.admitted_us = second.admitted.micros() + 1;
        world.placed(vec![again, placed(&second, 100)], "").await;
        assert_ne!(titles(&world, 1..2).await, ["Another title"], "{engine}");
    }
}

#[tokio::test]
async fn a_service_that_is_closed_takes_nobody_new_and_lets_what_was_sent_run_on() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::new(database).await;
        let placed = || vec![placed(&world.platform.admitted, 100)];
        *world.platform.registry.lock().unwrap() = Some(serde_json::json!({"date": "2012-06-16"}));
        let draft = world.open(2).await.case_id;
        world.fill_in(2, &draft).await;
        let sent = Box::pin(world.submitted(CITIZEN)).await.case_id;
        for (closed, code) in [("ending", "service.ending"), ("unhealthy", "service.stopped")] {
            world.placed(placed(), closed).await;
            let request = OpenDraftRequest {
                agency: "justice".into(),
                service: "marriage-certificate-copy".into(),
                language: "en".into(),
                reuse: true,
                ..OpenDraftRequest::default()
            };
            let opened = draft::open(world.host.clone(), world.call(3, request)).await;
            assert_eq!(opened.unwrap_err().code, code, "{engine}");
            let submission = world.submission(2, &draft).await;
            let submitted = submit::submit(world.host.clone(), world.call(2, submission)).await;
            assert_eq!(submitted.unwrap_err().code, code, "{engine}");
        }
        // A sent application comes back for a correction and is sent again.
        world.settle().await;
        world.paid(&sent).await;
        world.settle().await;
        let request = DecideTaskRequest {
            case_id: sent.clone(),
            version: world.case(CITIZEN, &sent).await.version,
            task_id: world.open_task(&sent).await,
            outcome: "return".into(),
            marked: vec![MarkedField { at: "contact.phone".into(), note: "Wrong".into() }],
            language: "en".into(),
            ..DecideTaskRequest::default()
        };
        world.decide(OFFICER, request).await.unwrap();
        world.save(CITIZEN, &sent, "contact", &[("contact.phone", "+998901112244")]).await;
        let submission = world.submission(CITIZEN, &sent).await;
        submit::submit(world.host.clone(), world.call(CITIZEN, submission)).await.unwrap();
        world.placed(placed(), "").await;
        let submission = world.submission(2, &draft).await;
        submit::submit(world.host.clone(), world.call(2, submission)).await.unwrap();
        world.settle().await;
    }
}

#[tokio::test]
async fn the_operator_hears_how_many_cases_run_on_which_revision_and_where_people_stop() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::new(database).await;
        let draft = world.open(2).await.case_id;
        world.save(2, &draft, "date", &[("marriage.date", "2012-06-16")]).await;
        let sent = Box::pin(world.submitted(CITIZEN)).await.case_id;
        // The registry is down, and what is asked of it is given up in the end.
        for _ in 0..4 {
            world.settle().await;
            world.clock.advance(std::time::Duration::from_secs(20));
        }
        let load = world.load(MORNING.minus(std::time::Duration::from_secs(1)), true).await;
        assert_eq!(load.revisions.len(), 1, "{engine}");
        let of = &load.revisions[0];
        assert_eq!(of.revision, world.platform.admitted.revision.to_vec(), "{engine}");
        assert_eq!((of.open, of.drafts, of.kept), (1, 1, 0), "{engine}");
        let figures = of.figures.as_ref().unwrap();
        assert_eq!((figures.drafts_opened, figures.submitted, figures.cases), (2, 1, 2), "{engine}");
        let page = |name: &str| {
            let found = figures.pages.iter().find(|page| page.page == format!("application/{name}")).unwrap();
            (found.reached, found.answered)
        };
        assert_eq!([page("date"), page("office"), page("contact")], [(2, 2), (2, 1), (1, 1)], "{engine}");
        assert_eq!(figures.failed_calls, 1, "{engine}");

        let without = world.load(kernel::Time::from_micros(0), false).await;
        assert!(without.revisions.iter().all(|load| load.figures.is_none() && load.kept == 0), "{engine}");
        let mut tx = world.host.database.begin().await.unwrap();
        let id = kernel::CaseId::from_slice(&sent).unwrap();
        let case = store::cases::read(&mut tx, &world.host.keys, id).await.unwrap().unwrap();
        let under = std::collections::BTreeMap::new();
        let mark = kernel::Hash::of(b"mark");
        assert!(store::retention::destroy(&mut tx, &case, MORNING, &under, mark).await.unwrap());
        let rows = tx.fetch_one("SELECT COUNT(*) FROM case_marks WHERE case_id = $1", sql::args![id]).await.unwrap();
        assert_eq!(rows.int(0).unwrap(), 0, "{engine}: marks go with the case");
    }
}
