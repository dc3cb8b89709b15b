//! Receipts: one for each movement that happened, numbered without gaps, however many happen at once or are undone.

use super::*;

impl World {
    async fn numbers(&self, intent: &Intent) -> Vec<(String, &'static str, i64)> {
        let mut tx = self.database.read().await.unwrap();
        let found = store::receipts::of_intent(&mut tx, intent.id).await.unwrap();
        found.iter().map(|receipt| (receipt.number.to_string(), receipt.kind(), receipt.amount)).collect()
    }
}

#[tokio::test]
async fn every_payment_and_every_refund_that_went_back_has_a_receipt() {
    for database in databases().await {
        let world = World::with(database, RefundCapability::Partial);
        let year = process::calendar::civil_date(world.clock.now()).year();
        let number = |count: i64| format!("justice-{year}-R{count}");
        let first = world.paid(1_000, "t1").await;
        assert_eq!(world.numbers(&first).await, [(number(1), "payment", 1_000)]);
        let mut tx = world.database.begin().await.unwrap();
        let mut refund = world.desk.refund(&mut tx, first.id, Wish::Exactly(400), "part").await.unwrap().unwrap();
        tx.commit().await.unwrap();
        assert_eq!(world.numbers(&first).await.len(), 1, "nothing has gone back yet");
        let second = world.paid(2_000, "t2").await;
        let mut tx = world.database.begin().await.unwrap();
        let (intent, mut attempt) = world.desk.locked(&mut tx, "payme", "t1").await.unwrap();
        for _ in 0..2 {
            world.desk.settle_refund(&mut tx, &intent, &mut attempt, &mut refund, 5).await.unwrap();
        }
        tx.commit().await.unwrap();
        assert_eq!(world.numbers(&first).await, [(number(1), "payment", 1_000), (number(3), "refund", 400)]);
        assert_eq!(world.numbers(&second).await, [(number(2), "payment", 2_000)]);
        assert!(world.numbers(&world.intent(0).await).await.is_empty(), "nothing was paid");
    }
}

#[tokio::test]
async fn a_capture_that_is_undone_and_captures_at_once_leave_no_gap() {
    for database in databases().await {
        let world = World::new(database);
        let intents = [world.intent(1_000).await, world.intent(2_000).await, world.intent(3_000).await];
        for (index, intent) in intents.iter().enumerate() {
            world.hold(intent, &format!("t{index}")).await;
        }
        let mut tx = world.database.begin().await.unwrap();
        let (mut intent, mut attempt) = world.desk.locked(&mut tx, "payme", "t0").await.unwrap();
        world.desk.capture(&mut tx, &mut intent, &mut attempt).await.unwrap();
        drop(tx);
        assert!(world.numbers(&intents[0]).await.is_empty());
        tokio::join!(world.capture("t0"), world.capture("t1"), world.capture("t2"));
        let mut counts = Vec::new();
        let mut tx = world.database.read().await.unwrap();
        for intent in &intents {
            let found = store::receipts::of_intent(&mut tx, intent.id).await.unwrap();
            counts.extend(found.iter().map(|receipt| receipt.number.count));
        }
        counts.sort_unstable();
        assert_eq!(counts, [1, 2, 3]);
    }
}
