//! A rating: once, by the applicant, after the end; its words for the agency alone and gone with the case, its score for nobody.

use std::time::Duration;

use kernel::{CaseId, Failure};
use proto::eservice::v1::{
    CaseReply, DecideTaskRequest, DiscardDraftRequest, Experience, ListRatingsRequest, RateCaseRequest, Ratings,
    ReadExperienceRequest,
};

use super::world::{CITIZEN, HEAD, OFFICER, World};
use crate::{
    bus::{draft, rating},
    store::{self, MIGRATIONS, cases},
};

const WORDS: &str = "The registrar was kind";

async fn granted(world: &World) -> Vec<u8> {
    *world.platform.registry.lock().unwrap() = Some(serde_json::json!({"date": "2012-06-16"}));
    let case = Box::pin(world.submitted(CITIZEN)).await.case_id;
    world.settle().await;
    world.paid(&case).await;
    world.settle().await;
    let decision = DecideTaskRequest {
        case_id: case.clone(),
        version: world.case(CITIZEN, &case).await.version,
        task_id: world.open_task(&case).await,
        outcome: "approve".into(),
        language: "en".into(),
        ..DecideTaskRequest::default()
    };
    world.decide(OFFICER, decision).await.unwrap();
    world.settle().await;
    case
}

async fn rate(world: &World, who: u8, case: &[u8], score: i32) -> Result<CaseReply, Failure> {
    let request = RateCaseRequest { case_id: case.to_vec(), score, text: WORDS.into() };
    Box::pin(rating::rate(world.host.clone(), world.call(who, request))).await
}

async fn list(world: &World, who: u8) -> Result<Ratings, Failure> {
    let request = ListRatingsRequest {
        agency: "justice".into(),
        service: "marriage-certificate-copy".into(),
        ..ListRatingsRequest::default()
    };
    rating::list(world.host.clone(), world.call(who, request)).await
}

async fn experience(world: &World) -> Experience {
    let request = ReadExperienceRequest { agency: "justice".into(), service: "marriage-certificate-copy".into() };
    rating::experience(world.host.clone(), world.call(CITIZEN, request)).await.unwrap()
}

async fn count(world: &World, sql: &'static str) -> i64 {
    let mut tx = world.host.database.read().await.unwrap();
    tx.fetch_one(sql, sql::args![]).await.unwrap().int(0).unwrap()
}

#[tokio::test]
async fn an_ended_case_is_rated_once_and_its_words_are_read_by_who_leads() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::new(database).await;
        let draft = world.open(2).await.case_id;
        assert_eq!(rate(&world, 2, &draft, 5).await.unwrap_err().code, "rating.closed", "{engine}");
        let discard = DiscardDraftRequest { case_id: draft, ..DiscardDraftRequest::default() };
        draft::discard(world.host.clone(), world.call(2, discard)).await.unwrap();
        let case = Box::pin(granted(&world)).await;
        assert!(world.case(CITIZEN, &case).await.rate_until_us > 0, "{engine}");
        assert_eq!(rate(&world, 2, &case, 5).await.unwrap_err().code, "case.not-found", "{engine}: another's");
        assert_eq!(rate(&world, CITIZEN, &case, 6).await.unwrap_err().code, "rating.invalid", "{engine}");
        rate(&world, CITIZEN, &case, 4).await.unwrap();
        assert_eq!(rate(&world, CITIZEN, &case, 1).await.unwrap_err().code, "rating.given", "{engine}");
        let own = world.case(CITIZEN, &case).await;
        assert_eq!((own.rated, own.rating_words.as_str()), (4, WORDS), "{engine}: whoever wrote it reads it");

        let read = list(&world, HEAD).await.unwrap();
        assert_eq!(read.given, [0, 0, 0, 1, 0], "{engine}");
        assert_eq!((read.ratings.len(), read.ratings[0].text.as_str()), (1, WORDS), "{engine}");
        assert_eq!(list(&world, OFFICER).await.unwrap_err().code, "case.not-found", "{engine}: leads nothing");
        assert_eq!(count(&world, "SELECT COUNT(*) FROM audit WHERE act = 'ratings.read'").await, 1, "{engine}");
        let told = count(&world, "SELECT COUNT(*) FROM audit WHERE act = 'case.rated' AND detail = '{}'").await;
        assert_eq!(told, 1, "{engine}: that it was rated, not how");
        world.nothing_is_left_behind().await;
    }
}

#[tokio::test]
async fn a_rating_comes_within_sixty_days_and_goes_with_its_case() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::new(database).await;
        let case = Box::pin(granted(&world)).await;
        rate(&world, CITIZEN, &case, 4).await.unwrap();
        let kept = "SELECT words FROM case_ratings";
        let mut tx = world.host.database.begin().await.unwrap();
        let words = tx.fetch_one(kept, sql::args![]).await.unwrap().text(0).unwrap();
        assert!(!words.contains("kind"), "{engine}: sealed");
        let id = CaseId::from_slice(&case).unwrap();
        let whole = cases::read(&mut tx, &world.host.keys, id).await.unwrap().unwrap();
        let (under, mark) = (std::collections::BTreeMap::new(), kernel::Hash::of(b"mark"));
        assert!(store::retention::destroy(&mut tx, &whole, world.host.now(), &under, mark).await.unwrap());
        tx.commit().await.unwrap();
        assert_eq!(count(&world, "SELECT COUNT(*) FROM case_ratings").await, 0, "{engine}");
        assert_eq!(count(&world, "SELECT COUNT(*) FROM case_endings").await, 0, "{engine}");
        assert_eq!(count(&world, "SELECT given FROM service_scores WHERE score = 4").await, 1, "{engine}: of nobody");

        let late = Box::pin(granted(&world)).await;
        world.clock.advance(Duration::from_secs(60 * 86_400));
        assert_eq!(rate(&world, CITIZEN, &late, 5).await.unwrap_err().code, "rating.closed", "{engine}");
    }
}

#[tokio::test]
async fn how_long_cases_take_is_told_of_enough_of_the_newest_and_of_this_service_alone() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::new(database).await;
        Box::pin(granted(&world)).await;
        assert_eq!(count(&world, "SELECT working_days FROM case_endings").await, 0, "{engine}: the same day");
        assert_eq!(experience(&world).await, Experience::default(), "{engine}: one is not enough");
        let now = world.host.now();
        let day = Duration::from_secs(86_400);
        let mut tx = world.host.database.begin().await.unwrap();
        let insert = "INSERT INTO case_endings (case_id, hosted_service, ended, working_days) VALUES ($1, $2, $3, $4)";
        for number in 0..19_u8 {
            let days = if number < 12 { 2_i64 } else { 5 };
            let service = "justice/marriage-certificate-copy";
            let ended = now.minus(day * u32::from(number));
            tx.execute(insert, sql::args![vec![number; 16], service, ended, days]).await.unwrap();
        }
        for (number, service, ended) in
            [(100_u8, "justice/other", now), (101, "justice/marriage-certificate-copy", now.minus(day * 91))]
        {
            tx.execute(insert, sql::args![vec![number; 16], service, ended, 99_i64]).await.unwrap();
        }
        tx.commit().await.unwrap();
        let told = experience(&world).await;
        assert_eq!((told.decided, told.half_days, told.nine_of_ten_days), (20, 2, 5), "{engine}");
    }
}
