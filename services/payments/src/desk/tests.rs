//! The desk on both engines: refunds that race, money that comes late, closes that wait.

use std::{sync::Mutex, time::Duration};

use async_trait::async_trait;
use kernel::{CaseId, CommandId, Hash, IntentId, ManualClock, Money, PersonId, RefundId, SeededRandom};

mod given_back;
mod receipts;
mod tills;
mod two_persons;

use super::*;
use crate::{
    domain::{
        attempt,
        closing::{Balances, Closing, Counts, Movements},
        instruction::{Instruction, Kind, Why},
        intent::{self, Case, Intent, State},
        ledger::Account,
        payout::{Entry, PaymentOrder},
        provider::{Capabilities, Checkout, RefundAnswer, RefundCapability, Standing},
        refund, till,
    },
    store,
};

/// A provider that says what a test tells it to say.
pub struct Scripted {
    pub standing: Mutex<Standing>,
    pub refund: Mutex<RefundAnswer>,
    pub capability: RefundCapability,
}

#[async_trait]
impl Provider for Scripted {
    fn name(&self) -> &str {
        "payme"
    }
    fn title(&self) -> &str {
        "Payme"
    }
    fn trial(&self) -> bool {
        true
    }
    fn capabilities(&self) -> Capabilities {
        Capabilities { refund: self.capability, status: true, statement: true }
    }
    fn checkout_url(&self, checkout: &Checkout<'_>) -> Result<String, Failure> {
        Ok(checkout.intent.to_string())
    }
    fn hold_ends(&self, provider_time: Time, held: Time) -> Time {
        provider_time.min(held).plus(Duration::from_secs(43_200))
    }
    fn timeout_reason(&self) -> i64 {
        4
    }
    fn refund_reason(&self) -> i64 {
        5
    }
    async fn status(&self, _transaction: &str) -> Result<Standing, Failure> {
        Ok(*self.standing.lock().unwrap())
    }
    async fn refund(&self, _transaction: &str, _amount: Money) -> Result<RefundAnswer, Failure> {
        Ok(self.refund.lock().unwrap().clone())
    }
}

pub struct World {
    pub desk: Desk,
    pub database: sql::Database,
    pub clock: Arc<ManualClock>,
    pub provider: Arc<Scripted>,
}

impl World {
    pub fn new(database: sql::Database) -> Self {
        Self::with(database, RefundCapability::FullOnly)
    }

    pub fn with(database: sql::Database, capability: RefundCapability) -> Self {
        let clock = Arc::new(ManualClock::at(Time::from_seconds(1_800_000_000)));
        let provider = Arc::new(Scripted {
            standing: Mutex::new(Standing::Pending),
            refund: Mutex::new(RefundAnswer::Accepted),
            capability,
        });
        let random = Arc::new(SeededRandom::new(7));
        let desk = Desk::new(clock.clone(), random, vec![provider.clone() as Arc<dyn Provider>]);
        Self { desk, database, clock, provider }
    }

    pub async fn intent(&self, tiyin: i64) -> Intent {
        let case = Case {
            id: CaseId::new(&*self.clock, &*self.desk.random),
            agency: "justice".into(),
            service: "marriage-certificate-copy".into(),
            revision: Hash::of(b"revision"),
        };
        self.intent_of(case, tiyin, Vec::new()).await
    }

    pub async fn intent_of(&self, case: Case, tiyin: i64, credit: Vec<IntentId>) -> Intent {
        let (order, price) = self.order_of(case, tiyin, credit);
        let mut tx = self.database.begin().await.unwrap();
        let made = self.desk.create(&mut tx, order, price).await.unwrap();
        tx.commit().await.unwrap();
        made.intent
    }

    pub fn order_of(&self, case: Case, tiyin: i64, credit: Vec<IntentId>) -> (Order, Price) {
        let order = Order {
            case,
            step: "pay".into(),
            fee: "duty".into(),
            number: "JUS-2026-1".into(),
            payer: PersonId::from_bytes([3; 16]),
            representative: None,
            expires: Some(self.clock.now().plus(Duration::from_secs(3 * 86_400))),
            credit,
        };
        let price = Price {
            amount: Money::uzs(tiyin),
            shares: vec![("justice".into(), 70), ("land".into(), 30)],
            arithmetic: serde_json::json!({}),
        };
        (order, price)
    }

    /// What the first of two persons asks for.
    pub fn instruction(&self, kind: Kind, intent: &Intent, tiyin: i64) -> Instruction {
        Instruction {
            id: CommandId::new(&*self.clock, &*self.desk.random),
            kind,
            agency: intent.case.agency.clone(),
            intent: intent.id,
            suspense: None,
            target: None,
            amount: tiyin,
            why: Why { reason: "paid-twice".into(), note: "As the letter says".into() },
            by: PersonId::from_bytes([5; 16]),
            time: self.clock.now(),
        }
    }

    /// An intent that is paid.
    pub async fn paid(&self, tiyin: i64, transaction: &str) -> Intent {
        let intent = self.intent(tiyin).await;
        self.hold(&intent, transaction).await;
        self.capture(transaction).await;
        intent
    }

    pub async fn hold(&self, intent: &Intent, transaction: &str) {
        let hold = Hold {
            provider: "payme",
            transaction,
            time: self.clock.now(),
            intent: intent.id,
            amount: intent.amount.minor,
        };
        let mut tx = self.database.begin().await.unwrap();
        self.desk.hold(&mut tx, &hold).await.unwrap();
        tx.commit().await.unwrap();
    }

    pub async fn capture(&self, transaction: &str) {
        let mut tx = self.database.begin().await.unwrap();
        let (mut intent, mut attempt) = self.desk.locked(&mut tx, "payme", transaction).await.unwrap();
        self.desk.capture(&mut tx, &mut intent, &mut attempt).await.unwrap();
        tx.commit().await.unwrap();
    }

    pub async fn state(&self, intent: IntentId) -> State {
        let mut tx = self.database.read().await.unwrap();
        store::intents::find(&mut tx, intent).await.unwrap().unwrap().state
    }

    pub async fn attempt(&self, transaction: &str) -> attempt::Attempt {
        let mut tx = self.database.read().await.unwrap();
        store::attempts::by_transaction(&mut tx, "payme", transaction).await.unwrap().unwrap()
    }

    /// Names of the events in the outbox, oldest first.
    pub async fn events(&self) -> Vec<String> {
        let mut tx = self.database.read().await.unwrap();
        let rows = tx.fetch_all("SELECT name FROM outbox ORDER BY case_sequence", sql::args![]).await.unwrap();
        rows.iter().map(|row| row.text(0).unwrap()).collect()
    }

    pub async fn balance(&self, account: &Account) -> i64 {
        let mut tx = self.database.read().await.unwrap();
        let balances = store::ledger::balances(&mut tx, None).await.unwrap();
        assert_eq!(balances.iter().map(|(_, amount)| amount).sum::<i64>(), 0, "the books balance");
        balances.iter().find(|(known, _)| known == account).map_or(0, |(_, amount)| *amount)
    }
}

/// Fresh books on every engine.
pub async fn databases() -> Vec<sql::Database> {
    let named = testkit::databases(store::MIGRATIONS).await;
    named.into_iter().map(|(_, database)| database).collect()
}

#[tokio::test]
async fn two_refunds_at_once_never_give_back_more_than_was_paid() {
    for database in databases().await.iter() {
        let world = World::with(database.clone(), RefundCapability::Partial);
        let intent = world.intent(1_000).await;
        world.hold(&intent, "t1").await;
        world.capture("t1").await;
        let race = (0..8).map(|_| {
            let (desk, database) = (world.desk.clone(), world.database.clone());
            tokio::spawn(async move {
                let mut tx = database.begin().await?;
                desk.refund(&mut tx, intent.id, Wish::Exactly(300), "race").await?;
                tx.commit().await.map_err(Failure::from)
            })
        });
        let mut won = 0;
        for racer in race.collect::<Vec<_>>() {
            match racer.await.unwrap() {
                Ok(()) => won += 1,
                Err(failure) => assert_eq!(failure.code, "payment.refund-exceeds"),
            }
        }
        assert_eq!(won, 3);
        assert_eq!(world.balance(&Account::RefundsPayable).await, 900);
        assert_eq!(world.balance(&Account::Agency("justice".into())).await, 70);
        assert_eq!(world.balance(&Account::Agency("land".into())).await, 30);
    }
}

#[tokio::test]
async fn a_waived_fee_needs_no_payment_and_no_refund() {
    for database in databases().await.iter() {
        let world = World::new(database.clone());
        let intent = world.intent(0).await;
        assert_eq!(intent.state, State::Waived);
        let mut tx = world.database.begin().await.unwrap();
        let refund = world.desk.refund(&mut tx, intent.id, Wish::Everything, "refused").await.unwrap();
        assert_eq!(refund, None);
        assert!(world.desk.begin(&mut tx, intent.id, "payme").await.is_err());
    }
}

#[tokio::test]
async fn a_step_entered_again_asks_only_for_the_difference() {
    for database in databases().await.iter() {
        let world = World::new(database.clone());
        let first = world.intent(1_000).await;
        world.hold(&first, "t1").await;
        world.capture("t1").await;
        let again = world.intent_of(first.case.clone(), 1_500, vec![first.id]).await;
        assert_eq!((again.amount.minor, again.state), (500, State::Open));
        let same = world.intent_of(first.case.clone(), 1_000, vec![first.id]).await;
        assert_eq!(same.state, State::Waived);
        assert_eq!(world.balance(&Account::RefundsPayable).await, 0);
        let stranger = world.intent(1).await;
        let mut tx = world.database.begin().await.unwrap();
        let order = Order {
            case: stranger.case.clone(),
            step: "pay".into(),
            fee: "duty".into(),
            number: String::new(),
            payer: stranger.payer,
            representative: None,
            expires: None,
            credit: vec![first.id],
        };
        let price =
            Price { amount: Money::uzs(5), shares: vec![("justice".into(), 1)], arithmetic: serde_json::json!({}) };
        assert_eq!(world.desk.create(&mut tx, order, price).await.unwrap_err().code, "payment.foreign-credit");
    }
}

#[tokio::test]
async fn a_close_waits_for_the_provider_and_may_end_in_a_capture() {
    for database in databases().await.iter() {
        let world = World::new(database.clone());
        let intent = world.intent(1_000).await;
        world.hold(&intent, "t1").await;
        let mut tx = world.database.begin().await.unwrap();
        let waiting = world.desk.close(&mut tx, intent.id, intent::Closing::Lapse).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!((waiting.state, waiting.closing), (State::Open, Some(intent::Closing::Lapse)));
        world.capture("t1").await;
        assert_eq!(world.state(intent.id).await, State::Captured);
        assert_eq!(world.events().await, ["intent-captured"]);
        let mut tx = world.database.begin().await.unwrap();
        let verdict = world.desk.close(&mut tx, intent.id, intent::Closing::Lapse).await.unwrap();
        assert_eq!(verdict.state, State::Captured);
    }
}

#[tokio::test]
async fn money_after_the_close_goes_to_suspense_and_back_to_the_payer() {
    for database in databases().await.iter() {
        let world = World::new(database.clone());
        let intent = world.intent(1_000).await;
        world.hold(&intent, "t1").await;
        let mut tx = world.database.begin().await.unwrap();
        let (mut locked, mut attempt) = world.desk.locked(&mut tx, "payme", "t1").await.unwrap();
        world.desk.release(&mut tx, &mut locked, &mut attempt, attempt::Happening::Cancel, 4).await.unwrap();
        world.desk.close(&mut tx, intent.id, intent::Closing::Lapse).await.unwrap();
        tx.commit().await.unwrap();
        world.capture("t1").await;
        assert_eq!(world.state(intent.id).await, State::Expired);
        assert_eq!(world.balance(&Account::Suspense).await, 0);
        assert_eq!(world.balance(&Account::RefundsPayable).await, 1_000);
        let mut tx = world.database.begin().await.unwrap();
        assert_eq!(store::findings::codes(&mut tx).await.unwrap(), ["payment.money-after-close"]);
        let due = store::refunds::due(&mut tx, world.clock.now(), 10).await.unwrap();
        let (locked, mut attempt) = world.desk.locked(&mut tx, "payme", "t1").await.unwrap();
        let mut refund = due.into_iter().next().unwrap();
        for _ in 0..2 {
            world.desk.settle_refund(&mut tx, &locked, &mut attempt, &mut refund, 5).await.unwrap();
        }
        tx.commit().await.unwrap();
        assert_eq!(refund.state, refund::State::Settled);
        assert_eq!(world.balance(&Account::ProviderClearing("payme".into())).await, 0);
        // The case was told once that its intent expired, and nothing of money that was never its own.
        assert_eq!(world.events().await, ["intent-closed"]);
    }
}

#[tokio::test]
async fn what_a_provider_cannot_refund_is_owed_and_reported() {
    for database in databases().await.iter() {
        let world = World::new(database.clone());
        let intent = world.intent(1_000).await;
        world.hold(&intent, "t1").await;
        world.capture("t1").await;
        let mut tx = world.database.begin().await.unwrap();
        let refund = world.desk.refund(&mut tx, intent.id, Wish::Exactly(400), "part").await.unwrap().unwrap();
        assert_eq!(refund.state, refund::State::ByHand);
        assert_eq!(store::findings::codes(&mut tx).await.unwrap(), ["payment.refund-by-hand"]);
        tx.commit().await.unwrap();
        assert_eq!(world.balance(&Account::RefundsPayable).await, 400);
    }
}

#[tokio::test]
async fn what_was_posted_and_what_a_provider_heard_is_written_once() {
    for (_, settings) in testkit::stores() {
        let world = World::new(sql::Database::open(&settings, store::MIGRATIONS).await.unwrap());
        let intent = world.intent(1_000).await;
        world.hold(&intent, "t1").await;
        world.capture("t1").await;
        let mut tx = world.database.begin().await.unwrap();
        let call = store::answers::Call { provider: "payme", transaction: "t1", method: "PerformTransaction" };
        store::answers::keep(&mut tx, call, b"answer", world.clock.now()).await.unwrap();
        let callback = store::callbacks::Callback {
            provider: "payme",
            received: world.clock.now(),
            method: call.method,
            transaction: call.transaction,
            outcome: "answered",
            body: b"question",
            answer: b"answer",
        };
        store::callbacks::record(&mut tx, &callback).await.unwrap();
        let order = PaymentOrder { number: "118".into(), date: "2027-01-15".into() };
        let (refund, entry) = (RefundId::from_bytes([4; 16]), Entry { order, by: PersonId::from_bytes([5; 16]) });
        let entered = store::payouts::Act::Entered;
        store::payouts::insert(&mut tx, (refund, "justice"), entered, &entry, world.clock.now()).await.unwrap();
        let given = world.instruction(Kind::Refund, &intent, 400);
        world.desk.instruct(&mut tx, given.clone()).await.unwrap();
        world.desk.confirm_instruction(&mut tx, given.id, PersonId::from_bytes([6; 16])).await.unwrap();
        let day = process::calendar::civil_date(world.clock.now());
        let moved = Movements::from([("agency:justice".to_owned(), (0, 0))]);
        let closing = Closing::of((day, &moved, Counts::default()), None, &Balances::new(), world.clock.now());
        store::closings::insert(&mut tx, &closing).await.unwrap();
        let slip = PaymentOrder { number: "7".into(), date: "2027-01-15".into() };
        let by = (PersonId::from_bytes([5; 16]), world.clock.now());
        store::tills::deposit(&mut tx, ("justice", "yunusobod"), (&slip, 5), by).await.unwrap();
        let count = till::Count {
            id: given.id,
            shift: given.id,
            by: PersonId::from_bytes([5; 16]),
            in_charge: true,
            counted: 5,
            why: "ill".into(),
            time: world.clock.now(),
        };
        store::tills::count(&mut tx, &count).await.unwrap();
        tx.commit().await.unwrap();
        let tables = [
            ("posting", "amount"),
            ("callback", "outcome"),
            ("provider_answer", "answer"),
            ("payout", "order_number"),
            ("instruction", "amount"),
            ("instruction_verdict", "verdict"),
            ("closed_day", "hash"),
            ("closed_account", "balance"),
            ("receipt", "amount"),
            ("cash_deposit", "amount"),
            ("shift_count", "counted"),
        ];
        testkit::are_written_once(&settings, store::MIGRATIONS, &tables).await;
    }
}

#[tokio::test]
async fn a_ledger_of_an_older_release_is_read_by_this_one() {
    let rows: [(&str, &[&[u8]]); 3] = [
        (
            "INSERT INTO posting (intent, debit, credit, amount, kind, time_us)
             VALUES ($1, 'provider-clearing:payme', 'agency:justice', 500, 'captured', 1)",
            &[&[1; 16]],
        ),
        (
            "INSERT INTO finding (code, intent, about, amount, repaired, note, time_us)
             VALUES ('payment.refund-by-hand', $1, $1, 500, 0, '', 1)",
            &[&[1; 16]],
        ),
        (
            "INSERT INTO intent (intent, case_id, agency, service, revision, step, fee, number, payer, currency, amount,
                 split, arithmetic, state, closing, expires_us, created_us, captured_us)
             VALUES ($1, $1, 'justice', 'copy', $2, 'pay', 'duty', 'JUS-1', $1, 'UZS', 500, $3, $3, 'captured', '', 0, 1, 1)",
            &[&[1; 16], &[2; 32], b"[]"],
        ),
    ];
    for (engine, _, database) in testkit::expanded(store::MIGRATIONS, 1, &rows).await {
        let world = World::new(database);
        assert_eq!(world.balance(&Account::Agency("justice".into())).await, 500, "{engine}");
        let mut tx = world.database.begin().await.unwrap();
        assert_eq!(store::findings::open(&mut tx).await.unwrap(), ["payment.refund-by-hand"], "{engine}");
        let intent = store::intents::find(&mut tx, IntentId::from_bytes([1; 16])).await.unwrap().unwrap();
        assert_eq!((intent.state, intent.representative), (State::Captured, None), "{engine}");
    }
}
