//! The end of the day: it waits for whoever posts, is chained to the day before, and lets nothing in afterwards.

use std::time::Duration;

use kernel::{AttemptId, Time};
use process::calendar::civil_date;

use super::*;
use crate::{
    domain::{closing::Closing, ledger},
    store::ledger::Cause,
};

/// From the clock's beginning (one in the afternoon in Tashkent) to ten minutes after midnight.
const UNTIL_CLOSED: Duration = Duration::from_secs(11 * 3_600 + 600);
const DAY: Duration = Duration::from_secs(86_400);

async fn days(world: &World) -> Vec<Closing> {
    let mut tx = world.database.read().await.unwrap();
    let mut days = Vec::new();
    for listed in store::closings::list(&mut tx, "", 50).await.unwrap().into_iter().rev() {
        days.extend(store::closings::find(&mut tx, listed.day).await.unwrap());
    }
    days
}

async fn refunded(world: &World, intent: &Intent, tiyin: i64) {
    let mut tx = world.database.begin().await.unwrap();
    world.desk.refund(&mut tx, intent.id, Wish::Exactly(tiyin), "refused").await.unwrap();
    tx.commit().await.unwrap();
}

fn cause(intent: &Intent, time: Time) -> Cause {
    Cause { intent: intent.id, attempt: AttemptId::from_bytes([4; 16]), refund: None, time }
}

#[tokio::test]
async fn each_day_is_closed_once_it_is_over_and_follows_from_the_day_before() {
    for database in databases().await {
        let world = World::new(database);
        let office = office(&world);
        world.clock.advance(DAY);
        closing::round(&office).await.unwrap();
        assert!(days(&world).await.is_empty(), "the books begin with the first posting");
        let first = civil_date(world.clock.now());
        let intent = world.paid(1_000, "t1").await;
        world.clock.advance(UNTIL_CLOSED - Duration::from_secs(1));
        closing::round(&office).await.unwrap();
        assert!(days(&world).await.is_empty());
        refunded(&world, &intent, 400).await;
        world.clock.advance(2 * DAY);
        for _ in 0..2 {
            closing::round(&office).await.unwrap();
        }
        let closed = days(&world).await;
        let names: Vec<String> = closed.iter().map(|closing| closing.day.to_string()).collect();
        let next = first.tomorrow().unwrap();
        assert_eq!(names, [first.to_string(), next.to_string()], "not the one that goes on");
        assert!(closed[0].follows(None) && closed[1].follows(Some(&closed[0])));
        assert!(closed.iter().all(|closing| closing.difference == 0));
        let counted = closed.iter().map(|closing| (closing.counts.payments, closing.counts.refunds));
        assert_eq!(counted.collect::<Vec<_>>(), [(1, 0), (0, 1)]);
        let balance = |account: &str| {
            let line = closed[1].lines.iter().find(|line| line.account == account);
            line.map(|line| (line.debits, line.credits, line.balance))
        };
        assert_eq!(balance("platform:refunds-payable"), Some((0, 400, 400)));
        assert_eq!(balance("provider-clearing:payme"), Some((0, 0, -1_000)), "carried on");
    }
}

#[tokio::test]
async fn a_closed_day_takes_nothing_more_whoever_posts() {
    for (engine, database) in testkit::databases(store::MIGRATIONS).await {
        let world = World::new(database);
        let office = office(&world);
        let intent = world.paid(1_000, "t1").await;
        let (before, moved) = (world.clock.now(), ledger::captured_late("payme", 5));
        world.clock.advance(UNTIL_CLOSED);
        closing::round(&office).await.unwrap();
        assert_eq!(days(&world).await.len(), 1);
        let mut tx = world.database.begin().await.unwrap();
        let refused = store::ledger::post(&mut tx, cause(&intent, before), &moved).await.unwrap_err();
        assert_eq!(refused.code, "payment.day-closed");
        store::ledger::post(&mut tx, cause(&intent, world.clock.now()), &moved).await.unwrap();
        tx.commit().await.unwrap();
        // Past this program: PostgreSQL refuses it, and on SQLite the next day tells.
        let slipped = "INSERT INTO posting (intent, debit, credit, amount, kind, time_us) \
                       VALUES ($1, 'platform:suspense', 'agency:justice', 7, 'attached', $2)";
        let mut tx = world.database.begin().await.unwrap();
        let inserted = tx.execute(slipped, sql::args![intent.id, before.micros()]).await;
        assert_eq!(inserted.is_err(), engine == "postgres", "{engine}");
        if inserted.is_err() {
            continue;
        }
        tx.commit().await.unwrap();
        world.clock.advance(DAY);
        closing::round(&office).await.unwrap();
        let told = days(&world).await.pop().unwrap();
        assert_eq!(told.difference, 14, "two accounts are out by as much");
        world.clock.advance(DAY);
        closing::round(&office).await.unwrap();
        let after = days(&world).await.pop().unwrap();
        assert_eq!((after.difference, after.follows(Some(&told))), (0, true), "it was said once");
    }
}

#[tokio::test]
async fn the_end_of_a_day_waits_for_what_is_being_posted_in_it() {
    for database in databases().await {
        let world = World::new(database);
        let office = office(&world);
        let intent = world.paid(1_000, "t1").await;
        let mut posting = world.database.begin().await.unwrap();
        world.desk.refund(&mut posting, intent.id, Wish::Everything, "refused").await.unwrap();
        world.clock.advance(UNTIL_CLOSED);
        let closing = tokio::spawn(async move { closing::round(&office).await });
        tokio::time::sleep(Duration::from_millis(200)).await;
        assert!(!closing.is_finished(), "it would close a day without what belongs to it");
        posting.commit().await.unwrap();
        closing.await.unwrap().unwrap();
        let closed = days(&world).await.pop().unwrap();
        assert_eq!((closed.counts.refunds, closed.difference), (1, 0));
        let owed = closed.lines.iter().find(|line| line.account == "platform:refunds-payable").unwrap();
        assert_eq!(owed.balance, 1_000);
    }
}
