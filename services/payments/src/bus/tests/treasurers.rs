//! Refunds that no provider makes: two treasurers settle them, one alone does not, and to everybody else there are none.

use kernel::{Failure, RefundId};
use proto::{
    identity::v1::{Appointment, Officer},
    payments::v1::{
        ConfirmRefundRequest, ListRefundsRequest, PaymentOrder, RefundReply, SettleRefundRequest, WaitingRefund,
    },
};

use super::*;
use crate::{
    bus::treasurer::Listed,
    desk::Wish,
    domain::{ledger::Account, refund::State},
    store,
};

const ONE: u8 = 21;
const OTHER: u8 = 22;
const THIRD: u8 = 23;
const OF_HEALTH: u8 = 24;
const REGISTRAR: u8 = 25;

struct Treasury {
    world: World,
    office: Office,
}

impl Treasury {
    fn new(database: sql::Database) -> Self {
        let world = World::new(database);
        let held = |person: u8, agency: &str, role: &str| Officer {
            person: vec![person; 16],
            appointments: vec![Appointment {
                agency: agency.into(),
                role: role.into(),
                from_us: 1,
                ..Appointment::default()
            }],
            ..Officer::default()
        };
        let treasurers = [ONE, OTHER, THIRD, PAYER[0], REPRESENTATIVE[0]];
        let mut officers: Vec<Officer> =
            treasurers.iter().map(|person| held(*person, "justice", "treasurer")).collect();
        officers.extend([held(OF_HEALTH, "health", "treasurer"), held(REGISTRAR, "justice", "registrar")]);
        let office = Office { officers: Arc::new(Listed(officers)), ..office(&world) };
        Self { world, office }
    }

    /// A refund of a part, which the provider cannot make.
    async fn by_hand(&self, transaction: &str) -> RefundId {
        let intent = self.world.paid(1_000, transaction).await;
        let mut tx = self.world.database.begin().await.unwrap();
        let refund = self.world.desk.refund(&mut tx, intent.id, Wish::Exactly(400), "part").await.unwrap().unwrap();
        tx.commit().await.unwrap();
        assert_eq!(refund.state, State::ByHand);
        refund.id
    }

    fn call<Q: Message>(request: Q, person: u8, command: [u8; 16]) -> Call<Q> {
        let mut call = call(request, Some([person; 16]));
        let person = call.person.as_mut().unwrap();
        (person.officer, person.command_id) = (true, CommandId::from_bytes(command));
        call
    }

    async fn enter(&self, refund: RefundId, person: u8, number: &str) -> Result<RefundReply, Failure> {
        let request = SettleRefundRequest { refund: refund.to_vec(), order: Some(self.order(number)) };
        settle_refund::handle(&self.office, Self::call(request, person, self.command())).await
    }

    async fn confirm(&self, refund: RefundId, person: u8, number: &str) -> Result<RefundReply, Failure> {
        self.confirm_as(refund, person, number, self.command()).await
    }

    async fn confirm_as(
        &self,
        refund: RefundId,
        person: u8,
        number: &str,
        command: [u8; 16],
    ) -> Result<RefundReply, Failure> {
        let request = ConfirmRefundRequest { refund: refund.to_vec(), order: Some(self.order(number)) };
        confirm_refund::handle(&self.office, Self::call(request, person, command)).await
    }

    /// Another one each time.
    fn command(&self) -> [u8; 16] {
        kernel::bytes(&*self.world.desk.random)
    }

    fn order(&self, number: &str) -> PaymentOrder {
        let today = process::calendar::civil_date(self.world.clock.now());
        PaymentOrder { number: number.into(), date: today.to_string() }
    }

    async fn listed(&self, person: u8) -> Vec<WaitingRefund> {
        let call = Self::call(ListRefundsRequest {}, person, [1; 16]);
        list_refunds::handle(&self.office, call).await.unwrap().refunds
    }

    async fn open_findings(&self) -> Vec<String> {
        store::findings::open(&mut self.world.database.read().await.unwrap()).await.unwrap()
    }

    async fn acts(&self) -> Vec<String> {
        let mut tx = self.world.database.read().await.unwrap();
        let rows = tx.fetch_all("SELECT act FROM audit ORDER BY sequence", sql::args![]).await.unwrap();
        rows.iter().map(|row| row.text(0).unwrap()).collect()
    }

    /// What is owed to people, and what the treasury paid them.
    async fn owed_and_paid(&self) -> (i64, i64) {
        let owed = self.world.balance(&Account::RefundsPayable).await;
        (owed, self.world.balance(&Account::Treasury("justice".into())).await)
    }
}

/// What whoever asked is told.
fn told(failure: Failure) -> Failure {
    Failure { cause: None, detail: None, ..failure }
}

fn code(outcome: Result<RefundReply, Failure>) -> String {
    outcome.unwrap_err().code.into_owned()
}

#[tokio::test]
async fn two_treasurers_settle_what_no_provider_gives_back_and_one_alone_does_not() {
    for database in databases().await {
        let treasury = Treasury::new(database);
        let refund = treasury.by_hand("t1").await;
        assert_eq!(code(treasury.confirm(refund, OTHER, "118").await), "payment.order-missing");
        assert_eq!(treasury.enter(refund, ONE, "118").await.unwrap().state, "by-hand");
        assert_eq!(code(treasury.confirm(refund, ONE, "118").await), "payment.second-person");
        assert_eq!(code(treasury.confirm(refund, OTHER, "119").await), "payment.order-differs");
        assert_eq!(treasury.owed_and_paid().await, (400, 0), "nothing moved");
        assert_eq!(treasury.open_findings().await, ["payment.refund-by-hand"]);
        assert_eq!(treasury.world.events().await, ["intent-captured"]);
        let settled = treasury.confirm_as(refund, OTHER, "118", [77; 16]).await.unwrap();
        assert_eq!((settled.state.as_str(), settled.amount.clone().unwrap().minor), ("settled", 400));
        assert_eq!(treasury.confirm_as(refund, OTHER, "118", [77; 16]).await.unwrap(), settled, "a repetition");
        assert_eq!(code(treasury.confirm(refund, OTHER, "118").await), "payment.refund-not-by-hand");
        assert_eq!(code(treasury.enter(refund, ONE, "120").await), "payment.refund-not-by-hand");
        assert_eq!(treasury.owed_and_paid().await, (0, 400));
        assert_eq!(treasury.world.balance(&Account::ProviderClearing("payme".into())).await, -1_000);
        assert!(treasury.open_findings().await.is_empty());
        assert_eq!(treasury.world.events().await, ["intent-captured", "refund-settled"]);
        let acts = treasury.acts().await;
        let expected =
            ["payment.payout-entered", "payment.refused", "payment.payout-confirmed", "payment.refund-settled"];
        assert_eq!(acts[acts.len() - 4..], expected, "{acts:?}");
    }
}

#[tokio::test]
async fn to_everybody_else_there_is_no_such_refund() {
    for database in databases().await {
        let treasury = Treasury::new(database);
        let refund = treasury.by_hand("t1").await;
        let unknown = treasury.enter(RefundId::from_bytes([9; 16]), ONE, "118").await.unwrap_err();
        assert_eq!((unknown.code.as_ref(), unknown.detail.as_ref()), ("payment.unknown-refund", None));
        for stranger in [PAYER[0], REPRESENTATIVE[0], OF_HEALTH, REGISTRAR, 99] {
            assert_eq!(told(treasury.enter(refund, stranger, "118").await.unwrap_err()), unknown, "{stranger}");
            assert_eq!(told(treasury.confirm(refund, stranger, "118").await.unwrap_err()), unknown, "{stranger}");
        }
        let request = SettleRefundRequest { refund: refund.to_vec(), order: Some(treasury.order("118")) };
        let mut citizen = Treasury::call(request, ONE, [1; 16]);
        citizen.person.as_mut().unwrap().officer = false;
        let outcome = settle_refund::handle(&treasury.office, citizen).await;
        assert_eq!(told(outcome.unwrap_err()), unknown, "signed in as a citizen");
        let request = SettleRefundRequest { refund: refund.to_vec(), order: Some(treasury.order("118")) };
        let mut elsewhere = Treasury::call(request, OF_HEALTH, [1; 16]);
        elsewhere.agency = "health".into();
        let outcome = settle_refund::handle(&treasury.office, elsewhere).await;
        assert_eq!(told(outcome.unwrap_err()), unknown, "another agency's");
        let list =
            list_refunds::handle(&treasury.office, Treasury::call(ListRefundsRequest {}, REGISTRAR, [1; 16])).await;
        assert_eq!(told(list.unwrap_err()), unknown);
        let refused = treasury.acts().await.into_iter().filter(|act| act == "payment.refused").count();
        assert_eq!(refused, 14, "each leaves an audit row");
        assert_eq!(treasury.owed_and_paid().await, (400, 0));
    }
}

#[tokio::test]
async fn the_list_says_what_is_owed_and_who_has_to_do_what_and_names_nobody() {
    for database in databases().await {
        let treasury = Treasury::new(database);
        let (first, second) = (treasury.by_hand("t1").await, treasury.by_hand("t2").await);
        treasury.enter(first, ONE, "118").await.unwrap();
        let seen = treasury.listed(ONE).await;
        let ids: Vec<&[u8]> = seen.iter().map(|refund| refund.refund.as_slice()).collect();
        assert!(ids.contains(&first.to_vec().as_slice()) && ids.contains(&second.to_vec().as_slice()));
        let of = |list: &[WaitingRefund]| list.iter().find(|row| row.refund == first.to_vec()).cloned().unwrap();
        let row = of(&seen);
        assert_eq!((row.number.as_str(), row.amount.clone().unwrap().minor), ("JUS-2026-1", 400));
        assert_eq!((row.provider.as_str(), row.transaction.as_str(), row.own), ("payme", "t1", true));
        assert_eq!(row.order, Some(treasury.order("118")));
        assert!(!of(&treasury.listed(OTHER).await).own);
        assert!(!row.encode_to_vec().windows(16).any(|part| part == PAYER), "nobody is named");
        treasury.confirm(first, OTHER, "118").await.unwrap();
        assert_eq!(treasury.listed(ONE).await.len(), 1, "what is settled is listed no more");
        assert!(treasury.acts().await.contains(&"payment.refunds-listed".to_owned()));
    }
}

#[tokio::test]
async fn a_refund_that_was_refused_is_told_to_treasurers_until_the_money_goes_back() {
    for database in databases().await {
        let treasury = Treasury::new(database);
        let intent = treasury.world.paid(1_000, "t1").await;
        let asked = |number: u8| {
            let case = Some(crate::desk::case_ref(&intent));
            let action = proto::ActionRef { case, action_id: vec![number; 32], step: "pay".into(), cause: Vec::new() };
            call(RefundRequest { action: Some(action), intent: intent.id.to_vec(), ..RefundRequest::default() }, None)
        };
        let told = async |person: u8| {
            let call = Treasury::call(ListRefundsRequest {}, person, [1; 16]);
            list_refunds::handle(&treasury.office, call).await.map(|waiting| waiting.refused)
        };
        // Whoever took the money is configured no more.
        let desk = Desk { providers: Arc::default(), ..treasury.office.desk.clone() };
        let without = Office { desk, ..treasury.office.clone() };
        let refused = refund::handle(&without, asked(1)).await.unwrap_err();
        assert_eq!(refused.code, "payment.unknown-provider");
        let seen = told(ONE).await.unwrap();
        assert_eq!(
            (seen.len(), seen[0].number.as_str(), seen[0].code.as_str()),
            (1, "JUS-2026-1", refused.code.as_ref())
        );
        assert_eq!((seen[0].amount.clone().unwrap().minor, &seen[0].intent), (1_000, &intent.id.to_vec()));
        assert!(told(REGISTRAR).await.is_err(), "nobody else is told");
        refund::handle(&without, asked(2)).await.unwrap_err();
        assert_eq!(told(ONE).await.unwrap().len(), 1, "once");
        refund::handle(&treasury.office, asked(3)).await.unwrap();
        assert!(told(ONE).await.unwrap().is_empty(), "it goes back");
        // As for what went back on a way that tells nobody of the refusal.
        let mut tx = treasury.world.database.begin().await.unwrap();
        store::refused::keep(&mut tx, intent.id, "payment.unknown-provider", treasury.world.clock.now()).await.unwrap();
        tx.commit().await.unwrap();
        assert!(told(ONE).await.unwrap().is_empty(), "nothing is left to give back");
    }
}

#[tokio::test]
async fn a_wrong_entry_is_entered_again_and_one_order_pays_one_refund() {
    for database in databases().await {
        let treasury = Treasury::new(database);
        let (first, second) = (treasury.by_hand("t1").await, treasury.by_hand("t2").await);
        treasury.enter(first, ONE, "118").await.unwrap();
        treasury.enter(first, OTHER, "119").await.unwrap();
        treasury.enter(second, ONE, "119").await.unwrap();
        assert_eq!(code(treasury.confirm(first, OTHER, "119").await), "payment.second-person", "who entered it last");
        treasury.confirm(first, ONE, "119").await.unwrap();
        assert_eq!(code(treasury.confirm(second, OTHER, "119").await), "payment.order-used");
        assert_eq!(code(treasury.enter(second, ONE, "119").await), "payment.order-used");
        treasury.enter(second, ONE, "120").await.unwrap();
        treasury.confirm(second, OTHER, "120").await.unwrap();
        assert_eq!(treasury.owed_and_paid().await, (0, 800));
    }
}

#[tokio::test]
async fn of_two_who_confirm_at_once_one_settles() {
    for database in databases().await {
        let treasury = Treasury::new(database);
        let refund = treasury.by_hand("t1").await;
        treasury.enter(refund, ONE, "118").await.unwrap();
        let (one, other) = tokio::join!(
            treasury.confirm_as(refund, OTHER, "118", [1; 16]),
            treasury.confirm_as(refund, THIRD, "118", [2; 16])
        );
        let (won, lost) = if one.is_ok() { (one, other) } else { (other, one) };
        assert_eq!(won.unwrap().state, "settled");
        assert_eq!(code(lost), "payment.refund-not-by-hand");
        assert_eq!(treasury.owed_and_paid().await, (0, 400));
        assert_eq!(treasury.world.events().await, ["intent-captured", "refund-settled"]);
    }
}
