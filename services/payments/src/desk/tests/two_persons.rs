//! Money that came too late and money that officers give back: it moves on the word of two persons, and once.

use kernel::AttemptId;

use super::*;
use crate::domain::refund::Refund;

const DAY: Duration = Duration::from_secs(86_400);
/// Whoever asks, and somebody else.
const ONE: u8 = 5;
const OTHER: u8 = 6;
const THIRD: u8 = 7;

fn person(number: u8) -> PersonId {
    PersonId::from_bytes([number; 16])
}

impl World {
    fn keeping(database: sql::Database, capability: RefundCapability) -> Self {
        let world = Self::with(database, capability);
        let desk = world.desk.clone().keeping_suspense(DAY);
        Self { desk, ..world }
    }

    /// Money that came after its intent had lapsed.
    async fn late(&self, tiyin: i64, transaction: &str) -> (Intent, AttemptId) {
        let intent = self.intent(tiyin).await;
        self.hold(&intent, transaction).await;
        let mut tx = self.database.begin().await.unwrap();
        let (mut locked, mut attempt) = self.desk.locked(&mut tx, "payme", transaction).await.unwrap();
        self.desk.release(&mut tx, &mut locked, &mut attempt, attempt::Happening::Cancel, 4).await.unwrap();
        self.desk.close(&mut tx, intent.id, intent::Closing::Lapse).await.unwrap();
        tx.commit().await.unwrap();
        self.capture(transaction).await;
        (intent, self.attempt(transaction).await.id)
    }

    async fn instruct(&self, given: Instruction) -> Result<CommandId, Failure> {
        let mut tx = self.database.begin().await?;
        let given = self.desk.instruct(&mut tx, given).await?;
        tx.commit().await?;
        Ok(given.id)
    }

    async fn confirm(&self, id: CommandId, by: u8) -> Result<(), Failure> {
        let mut tx = self.database.begin().await?;
        self.desk.confirm_instruction(&mut tx, id, person(by)).await?;
        Ok(tx.commit().await?)
    }

    async fn withdraw(&self, id: CommandId, by: u8) -> Result<(), Failure> {
        let mut tx = self.database.begin().await?;
        self.desk.withdraw_instruction(&mut tx, id, person(by)).await?;
        Ok(tx.commit().await?)
    }

    async fn return_late(&self, attempt: AttemptId) -> Option<Refund> {
        let mut tx = self.database.begin().await.unwrap();
        let refund = self.desk.return_late(&mut tx, attempt).await.unwrap();
        tx.commit().await.unwrap();
        refund
    }

    async fn refunds_of(&self, intent: &Intent) -> Vec<Refund> {
        store::refunds::of_intent(&mut self.database.read().await.unwrap(), intent.id).await.unwrap()
    }

    async fn acts(&self) -> Vec<String> {
        let mut tx = self.database.read().await.unwrap();
        let rows = tx.fetch_all("SELECT act FROM audit ORDER BY sequence", sql::args![]).await.unwrap();
        rows.iter().map(|row| row.text(0).unwrap()).collect()
    }
}

fn code(outcome: Result<impl Sized, Failure>) -> String {
    outcome.err().map(|failure| failure.code.into_owned()).unwrap_or_default()
}

#[tokio::test]
async fn late_money_waits_in_suspense_and_goes_back_by_itself_when_nobody_says_where_it_belongs() {
    for database in databases().await {
        let world = World::keeping(database, RefundCapability::FullOnly);
        let (intent, attempt) = world.late(1_000, "t1").await;
        assert_eq!(world.balance(&Account::Suspense).await, 1_000);
        let asked = Instruction { suspense: Some(attempt), ..world.instruction(Kind::Return, &intent, 0) };
        let asked = world.instruct(asked).await.unwrap();
        let due = async || {
            let mut tx = world.database.read().await.unwrap();
            store::suspense::due(&mut tx, world.clock.now(), 10).await.unwrap()
        };
        assert!(due().await.is_empty());
        world.clock.advance(DAY);
        assert_eq!(due().await, [attempt]);
        let refund = world.return_late(attempt).await.unwrap();
        assert_eq!((refund.amount, refund.from_suspense, refund.reason.as_str()), (1_000, true, "late"));
        assert_eq!(world.return_late(attempt).await, None, "once");
        assert_eq!(code(world.confirm(asked, OTHER).await), "payment.instruction-decided", "it lapsed");
        assert_eq!(world.balance(&Account::Suspense).await, 0);
        assert_eq!(world.balance(&Account::RefundsPayable).await, 1_000);
        assert!(due().await.is_empty());
    }
}

#[tokio::test]
async fn two_persons_return_late_money_and_one_alone_does_not() {
    for database in databases().await {
        let world = World::keeping(database, RefundCapability::FullOnly);
        let (intent, attempt) = world.late(1_000, "t1").await;
        let wanted = || Instruction { suspense: Some(attempt), ..world.instruction(Kind::Return, &intent, 0) };
        let asked = world.instruct(wanted()).await.unwrap();
        assert_eq!(code(world.instruct(wanted()).await), "payment.instruction-waits");
        assert_eq!(code(world.confirm(asked, ONE).await), "payment.second-person");
        assert_eq!(world.balance(&Account::Suspense).await, 1_000, "nothing moved");
        world.confirm(asked, OTHER).await.unwrap();
        assert_eq!(code(world.confirm(asked, OTHER).await), "payment.instruction-decided");
        assert_eq!(code(world.instruct(wanted()).await), "payment.suspense-closed");
        assert_eq!(world.return_late(attempt).await, None);
        assert_eq!(world.refunds_of(&intent).await.len(), 1);
        assert_eq!(world.balance(&Account::Suspense).await, 0);
        assert_eq!(world.balance(&Account::RefundsPayable).await, 1_000);
        let acts = world.acts().await;
        for act in ["payment.suspended", "payment.instructed", "payment.instruction-confirmed"] {
            assert_eq!(acts.iter().filter(|known| *known == act).count(), 1, "{act}: {acts:?}");
        }
    }
}

#[tokio::test]
async fn late_money_pays_another_open_payment_and_what_is_above_it_goes_back() {
    for database in databases().await {
        let world = World::keeping(database, RefundCapability::Partial);
        let (late, attempt) = world.late(1_000, "t1").await;
        let target = world.intent(600).await;
        let dearer = world.intent(1_001).await;
        let attach = |target: &Intent| Instruction {
            suspense: Some(attempt),
            target: Some(target.id),
            ..world.instruction(Kind::Attach, &late, 0)
        };
        assert_eq!(code(world.instruct(attach(&dearer)).await), "payment.attach-too-little");
        assert_eq!(code(world.instruct(attach(&late)).await), "payment.attach-closed");
        let asked = world.instruct(attach(&target)).await.unwrap();
        world.confirm(asked, OTHER).await.unwrap();
        assert_eq!(world.state(target.id).await, State::Captured);
        for (account, amount) in [
            (Account::Agency("justice".into()), 420),
            (Account::Agency("land".into()), 180),
            (Account::Suspense, 0),
            (Account::RefundsPayable, 400),
        ] {
            assert_eq!(world.balance(&account).await, amount, "{account}");
        }
        let extra = world.refunds_of(&late).await.remove(0);
        assert_eq!((extra.amount, extra.from_suspense), (400, true));
        let mut tx = world.database.begin().await.unwrap();
        let refund = world.desk.refund(&mut tx, target.id, Wish::Everything, "refused").await.unwrap().unwrap();
        assert_eq!((refund.intent, refund.attempt, refund.amount), (target.id, attempt, 600));
        let (came_for, mut attempt) = world.desk.locked(&mut tx, "payme", "t1").await.unwrap();
        for mut refund in [refund, extra] {
            world.desk.settle_refund(&mut tx, &came_for, &mut attempt, &mut refund, 5).await.unwrap();
        }
        tx.commit().await.unwrap();
        assert_eq!(world.balance(&Account::ProviderClearing("payme".into())).await, 0);
        let mut tx = world.database.read().await.unwrap();
        let told = tx.fetch_all("SELECT name, case_id FROM outbox ORDER BY name", sql::args![]).await.unwrap();
        let told: Vec<(String, Vec<u8>)> =
            told.iter().map(|row| (row.text(0).unwrap(), row.blob(1).unwrap())).collect();
        let of = |name: &str, intent: &Intent| (name.to_owned(), intent.case.id.to_vec());
        let expected = [of("intent-captured", &target), of("intent-closed", &late), of("refund-settled", &target)];
        assert_eq!(told, expected, "each case hears of its own money only");
    }
}

#[tokio::test]
async fn late_money_that_paid_another_payment_is_reversed_whole_when_that_one_is_refunded() {
    for database in databases().await {
        let world = World::keeping(database, RefundCapability::FullOnly);
        let (late, attempt) = world.late(1_000, "t1").await;
        let target = world.intent(1_000).await;
        let attach = Instruction {
            suspense: Some(attempt),
            target: Some(target.id),
            ..world.instruction(Kind::Attach, &late, 0)
        };
        let asked = world.instruct(attach).await.unwrap();
        world.confirm(asked, OTHER).await.unwrap();
        assert!(world.refunds_of(&late).await.is_empty());
        let mut tx = world.database.begin().await.unwrap();
        let refund = world.desk.refund(&mut tx, target.id, Wish::Everything, "refused").await.unwrap().unwrap();
        assert_eq!(refund.state, refund::State::Requested, "the provider can do it");
        let (came_for, mut attempt) = world.desk.locked(&mut tx, "payme", "t1").await.unwrap();
        let mut reversing = store::refunds::reversing(&mut tx, attempt.id, 1_000).await.unwrap().unwrap();
        world.desk.settle_refund(&mut tx, &came_for, &mut attempt, &mut reversing, 5).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(world.attempt("t1").await.state, attempt::State::Reversed);
        for empty in [Account::RefundsPayable, Account::ProviderClearing("payme".into()), Account::Suspense] {
            assert_eq!(world.balance(&empty).await, 0, "{empty}");
        }
    }
}

#[tokio::test]
async fn two_persons_refund_and_never_more_than_was_paid_and_not_yet_refunded() {
    for database in databases().await {
        let world = World::keeping(database, RefundCapability::Partial);
        let intent = world.paid(1_000, "t1").await;
        assert_eq!(
            code(world.instruct(world.instruction(Kind::Refund, &intent, 1_001)).await),
            "payment.refund-exceeds"
        );
        let part = world.instruct(world.instruction(Kind::Refund, &intent, 300)).await.unwrap();
        assert_eq!(code(world.confirm(part, ONE).await), "payment.second-person");
        assert_eq!(world.balance(&Account::RefundsPayable).await, 0, "nothing moved");
        world.confirm(part, OTHER).await.unwrap();
        let rest = world.instruct(world.instruction(Kind::Refund, &intent, 0)).await.unwrap();
        let mut tx = world.database.begin().await.unwrap();
        world.desk.refund(&mut tx, intent.id, Wish::Exactly(1), "refused").await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(code(world.confirm(rest, OTHER).await), "payment.refund-exceeds", "some of it went back meanwhile");
        world.withdraw(rest, ONE).await.unwrap();
        assert_eq!(code(world.withdraw(rest, OTHER).await), "payment.instruction-decided");
        assert_eq!(world.balance(&Account::RefundsPayable).await, 301);
        assert_eq!(world.refunds_of(&intent).await.len(), 2);
        let waiting = store::instructions::waiting(&mut world.database.read().await.unwrap(), None, 10).await.unwrap();
        assert!(waiting.is_empty(), "{waiting:?}");
    }
}

#[tokio::test]
async fn of_two_who_confirm_at_once_one_moves_the_money() {
    for database in databases().await {
        let world = World::keeping(database, RefundCapability::Partial);
        let intent = world.paid(1_000, "t1").await;
        let asked = world.instruct(world.instruction(Kind::Refund, &intent, 300)).await.unwrap();
        let (one, other) = tokio::join!(world.confirm(asked, OTHER), world.confirm(asked, THIRD));
        assert!(one.is_ok() != other.is_ok(), "{one:?} {other:?}");
        let lost = if one.is_ok() { other } else { one };
        assert_eq!(code(lost), "payment.instruction-decided");
        assert_eq!(world.balance(&Account::RefundsPayable).await, 300);
    }
}

#[tokio::test]
async fn an_officers_note_goes_with_its_case_and_what_was_done_stays() {
    for database in databases().await {
        let world = World::keeping(database, RefundCapability::Partial);
        let intent = world.paid(1_000, "t1").await;
        let asked = world.instruct(world.instruction(Kind::Refund, &intent, 300)).await.unwrap();
        let mut tx = world.database.begin().await.unwrap();
        store::instructions::erase(&mut tx, intent.case.id).await.unwrap();
        tx.commit().await.unwrap();
        let kept = store::instructions::find(&mut world.database.read().await.unwrap(), asked).await.unwrap().unwrap();
        assert_eq!((kept.why.note.as_str(), kept.why.reason.as_str(), kept.amount), ("", "paid-twice", 300));
    }
}

#[tokio::test]
async fn what_an_officer_wrote_about_money_for_another_case_goes_with_either_of_the_two() {
    for database in databases().await {
        let world = World::keeping(database, RefundCapability::FullOnly);
        let (late, attempt) = world.late(1_000, "t1").await;
        let target = world.intent(1_000).await;
        let attach = Instruction {
            suspense: Some(attempt),
            target: Some(target.id),
            ..world.instruction(Kind::Attach, &late, 0)
        };
        let asked = world.instruct(attach).await.unwrap();
        let note = async || {
            let mut tx = world.database.read().await.unwrap();
            store::instructions::find(&mut tx, asked).await.unwrap().unwrap().why.note
        };
        assert!(!note().await.is_empty());
        let mut tx = world.database.begin().await.unwrap();
        store::instructions::erase(&mut tx, target.case.id).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(note().await, "");
    }
}

#[tokio::test]
async fn a_refund_that_the_provider_refuses_is_found_in_the_case_that_the_money_paid() {
    for database in databases().await {
        let world = World::keeping(database, RefundCapability::FullOnly);
        let (late, attempt) = world.late(1_000, "t1").await;
        let target = world.intent(1_000).await;
        let attach = Instruction {
            suspense: Some(attempt),
            target: Some(target.id),
            ..world.instruction(Kind::Attach, &late, 0)
        };
        let asked = world.instruct(attach).await.unwrap();
        world.confirm(asked, OTHER).await.unwrap();
        let mut tx = world.database.begin().await.unwrap();
        let refund = world.desk.refund(&mut tx, target.id, Wish::Everything, "refused").await.unwrap();
        let (came_for, _) = world.desk.locked(&mut tx, "payme", "t1").await.unwrap();
        world.desk.give_up_refund(&mut tx, &came_for, &mut refund.unwrap()).await.unwrap();
        tx.commit().await.unwrap();
        let mut tx = world.database.read().await.unwrap();
        let newest = "SELECT detail FROM audit WHERE act = 'payment.finding' ORDER BY sequence DESC LIMIT 1";
        let detail = tx.fetch_one(newest, sql::args![]).await.unwrap().text(0).unwrap();
        assert!(detail.contains(&target.case.id.to_string()), "{detail}");
    }
}

#[tokio::test]
async fn open_payments_to_other_agencies_do_not_hide_those_that_money_in_suspense_may_pay() {
    for database in databases().await {
        let world = World::keeping(database, RefundCapability::FullOnly);
        let (late, _) = world.late(1_000, "t1").await;
        for number in 0..10 {
            let id = CaseId::from_bytes([100 + number; 16]);
            world.intent_of(Case { id, agency: "health".into(), ..late.case.clone() }, 1_000, Vec::new()).await;
        }
        let target = world.intent(1_000).await;
        let mut tx = world.database.read().await.unwrap();
        let open = store::suspense::open_of(&mut tx, late.payer, "justice").await.unwrap();
        assert_eq!(open.iter().map(|intent| intent.id).collect::<Vec<_>>(), [target.id]);
    }
}
