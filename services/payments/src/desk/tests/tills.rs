//! A counter: what was taken, given back, counted and brought to the bank, and the provider that comes late.

use super::*;
use crate::domain::{
    receipt::Receipt,
    till::{Count, Shift, Taken},
};

/// From one civil day to the next.
const DAY: Duration = Duration::from_secs(86_400);

fn person(of: u8) -> PersonId {
    PersonId::from_bytes([of; 16])
}

fn drawer() -> Account {
    Account::Cash { agency: "justice".into(), office: "yunusobod".into() }
}

impl World {
    async fn begins(&self, cashier: u8, change: i64) -> Result<Shift, Failure> {
        let shift = Shift {
            id: CommandId::new(&*self.clock, &*self.desk.random),
            agency: "justice".into(),
            office: "yunusobod".into(),
            cashier: person(cashier),
            opened: self.clock.now(),
            change,
            closed: None,
            counted: 0,
            expected: 0,
            reason: String::new(),
        };
        let mut tx = self.database.begin().await?;
        let shift = self.desk.open_shift(&mut tx, shift).await?;
        tx.commit().await?;
        Ok(shift)
    }

    async fn takes(&self, shift: &Shift, intent: &Intent) -> Result<Taken, Failure> {
        let mut tx = self.database.begin().await?;
        let taken = self.desk.take_cash(&mut tx, shift.id, intent.id).await?;
        tx.commit().await?;
        Ok(taken)
    }

    async fn gives_back(&self, taken: &Taken, by: u8) -> Result<Taken, Failure> {
        let mut tx = self.database.begin().await?;
        let reversed = self.desk.reverse_cash(&mut tx, taken.attempt, person(by)).await?;
        tx.commit().await?;
        Ok(reversed)
    }

    async fn counts(&self, shift: &Shift, counted: i64, said: &str) -> Result<Shift, Failure> {
        let mut tx = self.database.begin().await?;
        let closed = self.desk.close_shift(&mut tx, shift.id, (counted, said)).await?;
        tx.commit().await?;
        Ok(closed)
    }

    /// Somebody else counts; the lead of the office is person 40.
    async fn counts_for(&self, shift: &Shift, by: u8, counted: i64) -> Result<Shift, Failure> {
        let count = Count {
            id: CommandId::new(&*self.clock, &*self.desk.random),
            shift: shift.id,
            by: person(by),
            in_charge: by == 40,
            counted,
            why: "its cashier does not come".into(),
            time: self.clock.now(),
        };
        let mut tx = self.database.begin().await?;
        let shift = self.desk.count_shift(&mut tx, count).await?;
        tx.commit().await?;
        Ok(shift)
    }

    async fn brings(&self, amount: i64, slip: &str) -> Result<i64, Failure> {
        let slip = PaymentOrder { number: slip.into(), date: "2027-01-15".into() };
        let mut tx = self.database.begin().await?;
        let left = self.desk.deposit_cash(&mut tx, ("justice", "yunusobod"), (&slip, amount), person(30)).await?;
        tx.commit().await?;
        Ok(left)
    }

    /// What the office holds, by its row and by the ledger: the two never differ.
    async fn cash(&self) -> i64 {
        let mut tx = self.database.read().await.unwrap();
        let held = store::tills::held(&mut tx, "justice").await.unwrap();
        drop(tx);
        let held: i64 = held.iter().map(|(_, amount)| *amount).sum();
        assert_eq!(self.balance(&drawer()).await, -held);
        held
    }
}

fn code<T>(outcome: Result<T, Failure>) -> String {
    outcome.err().map(|failure| failure.code.into_owned()).unwrap_or_default()
}

#[tokio::test]
async fn cash_pays_an_open_payment_and_a_mistake_is_given_back_by_another_person() {
    for database in databases().await {
        let world = World::new(database);
        let shift = world.begins(21, 500).await.unwrap();
        assert_eq!(code(world.begins(21, 0).await), "payment.till-open");
        let (first, second) = (world.intent(1_000).await, world.intent(2_000).await);
        let taken = world.takes(&shift, &first).await.unwrap();
        let wrong = world.takes(&shift, &second).await.unwrap();
        assert_eq!(code(world.takes(&shift, &first).await), "payment.closed", "it is paid");
        assert_eq!((world.state(first.id).await, world.cash().await), (State::Captured, 3_000));
        assert_eq!(code(world.gives_back(&wrong, 21).await), "payment.second-person");
        assert!(world.gives_back(&wrong, 22).await.unwrap().reversed.is_some());
        assert_eq!(code(world.gives_back(&wrong, 22).await), "payment.till-closed", "once");
        assert_eq!((world.cash().await, world.balance(&Account::RefundsPayable).await), (1_000, 0));
        let mut tx = world.database.read().await.unwrap();
        let receipts = store::receipts::of_intent(&mut tx, second.id).await.unwrap();
        assert_eq!(receipts.iter().map(Receipt::kind).collect::<Vec<_>>(), ["payment", "refund"]);
        drop(tx);
        assert_eq!(code(world.counts(&shift, 1_400, "").await), "payment.till-reason", "something is missing");
        let closed = world.counts(&shift, 1_400, "a torn note").await.unwrap();
        assert_eq!((closed.expected, closed.counted, world.cash().await), (1_500, 1_400, 900));
        assert_eq!(world.balance(&Account::CashDifference("justice".into())).await, -100);
        assert_eq!(code(world.gives_back(&taken, 22).await), "payment.till-closed");
        assert_eq!(code(world.takes(&shift, &world.intent(5).await).await), "payment.till-none");
        assert_eq!(code(world.brings(901, "7").await), "payment.till-deposit");
        assert_eq!(world.brings(400, "7").await.unwrap(), 500);
        assert_eq!(code(world.brings(400, "7").await), "payment.till-slip");
        assert_eq!((world.cash().await, world.balance(&Account::Bank("justice".into())).await), (500, -400));
        let mut tx = world.database.begin().await.unwrap();
        let refund = world.desk.refund(&mut tx, first.id, Wish::Everything, "paid-twice").await.unwrap().unwrap();
        assert_eq!(refund.state, refund::State::ByHand, "the treasury pays once the shift is closed");
        tx.commit().await.unwrap();
        let mut tx = world.database.read().await.unwrap();
        assert!(store::tills::open_ones(&mut tx, "justice", 9).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn online_money_that_comes_after_cash_goes_to_suspense_and_back() {
    for database in databases().await {
        let world = World::new(database);
        let shift = world.begins(21, 0).await.unwrap();
        let intent = world.intent(1_000).await;
        world.hold(&intent, "t1").await;
        world.takes(&shift, &intent).await.unwrap();
        assert_eq!(world.events().await, ["intent-captured"]);
        world.capture("t1").await;
        assert_eq!(world.events().await, ["intent-captured"], "the case hears of one payment");
        assert_eq!(
            (world.balance(&Account::Suspense).await, world.balance(&Account::RefundsPayable).await),
            (0, 1_000)
        );
        assert_eq!(world.balance(&Account::Agency("justice".into())).await, 700, "it got its part once");
        let mut tx = world.database.read().await.unwrap();
        assert_eq!(store::findings::codes(&mut tx).await.unwrap(), ["payment.money-after-close"]);
        assert_eq!(store::receipts::of_intent(&mut tx, intent.id).await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn two_cashiers_who_take_for_one_payment_at_once_take_it_once() {
    for database in databases().await {
        let world = World::new(database);
        let shifts = [world.begins(21, 0).await.unwrap(), world.begins(22, 0).await.unwrap()];
        let intent = world.intent(1_000).await;
        let outcomes = tokio::join!(world.takes(&shifts[0], &intent), world.takes(&shifts[1], &intent));
        let mut codes = [code(outcomes.0), code(outcomes.1)];
        codes.sort();
        assert_eq!(codes, ["", "payment.closed"]);
        assert_eq!(world.cash().await, 1_000);
    }
}

#[tokio::test]
async fn what_lies_in_an_open_till_is_counted_before_it_goes_to_the_bank() {
    for database in databases().await {
        let world = World::new(database);
        let (early, late) = (world.begins(21, 0).await.unwrap(), world.begins(22, 500).await.unwrap());
        let (first, second) = (world.intent(1_000).await, world.intent(2_000).await);
        world.takes(&early, &first).await.unwrap();
        world.takes(&late, &second).await.unwrap();
        world.counts(&early, 1_000, "").await.unwrap();
        assert_eq!(code(world.brings(1_001, "7").await), "payment.till-deposit");
        assert_eq!(world.brings(1_000, "7").await.unwrap(), 2_000);
        world.counts(&late, 2_500, "").await.unwrap();
        assert_eq!(world.brings(2_000, "8").await.unwrap(), 0);
        assert_eq!((world.cash().await, world.balance(&Account::CashDifference("justice".into())).await), (0, 0));
    }
}

#[tokio::test]
async fn a_shift_left_open_is_closed_by_two_who_count_the_same_and_the_difference_is_booked_and_named() {
    for database in databases().await {
        let world = World::new(database);
        let shift = world.begins(21, 500).await.unwrap();
        world.takes(&shift, &world.intent(1_000).await).await.unwrap();
        assert_eq!(code(world.counts_for(&shift, 40, 1_400).await), "payment.shift-today", "its cashier is at it");
        world.clock.advance(DAY);
        assert_eq!(world.counts_for(&shift, 40, 1_400).await.unwrap().closed, None, "one alone closes nothing");
        assert_eq!(world.counts_for(&shift, 40, 1_400).await.unwrap().closed, None, "also twice");
        world.clock.advance(Duration::from_secs(1));
        assert_eq!(world.counts_for(&shift, 22, 1_450).await.unwrap().closed, None, "they differ");
        world.clock.advance(Duration::from_secs(1));
        world.takes(&shift, &world.intent(1_000).await).await.unwrap();
        world.clock.advance(Duration::from_secs(1));
        let late = world.counts_for(&shift, 22, 1_400).await.unwrap();
        assert_eq!(late.closed, None, "money came after the other had counted");
        assert_eq!(world.cash().await, 2_000, "nothing moved");
        world.clock.advance(Duration::from_secs(1));
        world.counts_for(&shift, 40, 2_400).await.unwrap();
        let closed = world.counts_for(&shift, 22, 2_400).await.unwrap();
        assert_eq!(
            (closed.expected, closed.counted, closed.reason.as_str()),
            (2_500, 2_400, "its cashier does not come")
        );
        assert!(closed.closed.is_some());
        assert_eq!(
            (world.cash().await, world.balance(&Account::CashDifference("justice".into())).await),
            (1_900, -100)
        );
        assert_eq!(code(world.counts_for(&shift, 40, 2_400).await), "payment.shift-over");
        assert_eq!(code(world.counts(&shift, 2_400, "").await), "payment.till-none", "also for its cashier");
        assert_eq!(world.brings(1_900, "7").await.unwrap(), 0);
        world.begins(21, 0).await.expect("the cashier begins anew");
    }
}

#[tokio::test]
async fn of_two_who_count_at_once_the_second_closes_and_the_difference_is_booked_once() {
    for database in databases().await {
        let world = World::new(database);
        let shift = world.begins(21, 0).await.unwrap();
        world.takes(&shift, &world.intent(1_000).await).await.unwrap();
        world.clock.advance(DAY);
        let (one, other) = tokio::join!(world.counts_for(&shift, 40, 990), world.counts_for(&shift, 22, 990));
        let closed = [one.unwrap(), other.unwrap()].iter().filter(|shift| shift.closed.is_some()).count();
        assert_eq!((closed, world.cash().await), (1, 990));
        assert_eq!(world.balance(&Account::CashDifference("justice".into())).await, -10);
    }
}
