//! A fee that drops: the difference goes back once, by the same machinery as every refund, and later only the rest.

use super::*;
use crate::domain::refund::Refund;

impl World {
    /// The step is entered again: what is due now, and what goes back.
    async fn again(&self, earlier: &[&Intent], tiyin: i64) -> Made {
        let credit = earlier.iter().map(|intent| intent.id).collect();
        let (order, price) = self.order_of(earlier[0].case.clone(), tiyin, credit);
        let mut tx = self.database.begin().await.unwrap();
        let made = self.desk.create(&mut tx, order, price).await.unwrap();
        tx.commit().await.unwrap();
        made
    }

    async fn everything_of(&self, intent: &Intent) -> Option<Refund> {
        let mut tx = self.database.begin().await.unwrap();
        let refund = self.desk.refund(&mut tx, intent.id, Wish::Everything, "not-delivered").await.unwrap();
        tx.commit().await.unwrap();
        refund
    }

    async fn settle(&self, refund: &Refund, transaction: &str) {
        let mut tx = self.database.begin().await.unwrap();
        let (intent, mut attempt) = self.desk.locked(&mut tx, "payme", transaction).await.unwrap();
        let mut refund = refund.clone();
        self.desk.settle_refund(&mut tx, &intent, &mut attempt, &mut refund, 5).await.unwrap();
        tx.commit().await.unwrap();
    }
}

fn amounts(made: &Made) -> Vec<(IntentId, i64, refund::State)> {
    made.refunds.iter().map(|refund| (refund.intent, refund.amount, refund.state)).collect()
}

#[tokio::test]
async fn a_fee_that_drops_gives_back_the_difference_once_and_a_later_refund_only_the_rest() {
    for database in databases().await.iter() {
        let world = World::with(database.clone(), RefundCapability::Partial);
        let first = world.paid(1_000, "t1").await;
        let cheaper = world.again(&[&first], 600).await;
        assert_eq!(cheaper.intent.state, State::Waived, "nothing is due");
        assert_eq!(amounts(&cheaper), [(first.id, 400, refund::State::Requested)]);
        let arithmetic: serde_json::Value = serde_json::from_slice(&cheaper.intent.arithmetic).unwrap();
        assert_eq!(arithmetic["givenBack"]["minor"], 400, "{arithmetic}");
        assert_eq!(amounts(&world.again(&[&first], 600).await), [], "once");
        assert_eq!(world.balance(&Account::RefundsPayable).await, 400);
        assert_eq!(world.balance(&Account::Agency("justice".into())).await, 420);
        // Dearer again, before the difference has arrived: what is on its way back is no longer the case's.
        let dearer = world.again(&[&first], 700).await;
        assert_eq!((dearer.intent.amount.minor, dearer.refunds.len()), (100, 0));
        world.settle(&cheaper.refunds[0], "t1").await;
        let rest = world.everything_of(&first).await.unwrap();
        assert_eq!(rest.amount, 600);
        world.settle(&rest, "t1").await;
        assert_eq!(world.everything_of(&first).await, None);
        for empty in [Account::RefundsPayable, Account::ProviderClearing("payme".into())] {
            assert_eq!(world.balance(&empty).await, 0, "{empty}");
        }
        assert_eq!(world.events().await, ["intent-captured", "refund-settled", "refund-settled"]);
    }
}

#[tokio::test]
async fn what_was_paid_last_goes_back_first_so_that_a_whole_payment_can_be_reversed() {
    for database in databases().await.iter() {
        let world = World::new(database.clone());
        let first = world.paid(1_000, "t1").await;
        let more = world.again(&[&first], 1_500).await.intent;
        assert_eq!(more.amount.minor, 500);
        world.clock.advance(Duration::from_secs(1));
        world.hold(&more, "t2").await;
        world.capture("t2").await;
        let back = world.again(&[&first, &more], 1_000).await;
        assert_eq!(amounts(&back), [(more.id, 500, refund::State::Requested)]);
        let less = world.again(&[&more, &first], 700).await;
        assert_eq!(amounts(&less), [(first.id, 300, refund::State::ByHand)], "a part, which this provider cannot do");
        let nothing = world.again(&[&first, &more], 0).await;
        assert_eq!(amounts(&nothing), [(first.id, 700, refund::State::ByHand)]);
        assert_eq!(world.balance(&Account::RefundsPayable).await, 1_500);
        assert_eq!(world.balance(&Account::Agency("justice".into())).await, 0);
    }
}

#[tokio::test]
async fn a_fee_that_drops_while_everything_is_refunded_gives_nothing_back_twice() {
    for database in databases().await.iter() {
        let world = World::with(database.clone(), RefundCapability::Partial);
        let first = world.paid(1_000, "t1").await;
        let race = (0..6).map(|racer| {
            let (desk, database) = (world.desk.clone(), world.database.clone());
            let (id, (order, price)) = (first.id, world.order_of(first.case.clone(), 400, vec![first.id]));
            tokio::spawn(async move {
                let mut tx = database.begin().await?;
                match racer % 2 {
                    0 => drop(desk.create(&mut tx, order, price).await?),
                    _ => drop(desk.refund(&mut tx, id, Wish::Everything, "not-delivered").await?),
                }
                tx.commit().await.map_err(Failure::from)
            })
        });
        for racer in race.collect::<Vec<_>>() {
            racer.await.unwrap().unwrap();
        }
        assert_eq!(world.balance(&Account::RefundsPayable).await, 1_000);
        assert_eq!(world.balance(&Account::Agency("justice".into())).await, 0);
    }
}
