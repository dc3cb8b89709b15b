//! The counter: cashiers of an office and treasurers of the agency, each for what is theirs, and nobody for their own case.

use kernel::Failure;
use proto::{
    identity::v1::{Appointment, Officer},
    payments::v1::{
        CloseShiftRequest, CountShiftRequest, DepositCashRequest, OpenShiftRequest, PaymentOrder, ReadTillRequest,
        ReverseCashRequest, Shift, TakeCashRequest,
    },
};

use super::*;
use crate::{bus::treasurer::Listed, domain::ledger::Account};

const CASHIER: u8 = 51;
const COLLEAGUE: u8 = 52;
const ELSEWHERE: u8 = 53;
const TREASURER: u8 = 54;
const REGISTRAR: u8 = 55;
const LEAD: u8 = 56;
const LEAD_ELSEWHERE: u8 = 57;
const NEWCOMER: u8 = 58;
const AWAY: &str = "does not come";

struct Counter {
    world: World,
    office: Office,
}

impl Counter {
    fn new(database: sql::Database) -> Self {
        let world = World::new(database);
        let held = |person: u8, office: &str, role: &str| Officer {
            person: vec![person; 16],
            appointments: vec![Appointment {
                agency: "justice".into(),
                office: office.into(),
                role: role.into(),
                from_us: 1,
                ..Appointment::default()
            }],
            ..Officer::default()
        };
        let officers = vec![
            held(CASHIER, "yunusobod", "cashier"),
            held(COLLEAGUE, "yunusobod", "cashier"),
            held(NEWCOMER, "yunusobod", "cashier"),
            held(ELSEWHERE, "chilonzor", "cashier"),
            held(PAYER[0], "yunusobod", "cashier"),
            held(TREASURER, "", "treasurer"),
            held(REGISTRAR, "yunusobod", "registrar"),
            held(LEAD, "yunusobod", "lead"),
            held(LEAD_ELSEWHERE, "chilonzor", "lead"),
        ];
        let office =
            Office { officers: Arc::new(Listed(officers)), standings: Arc::new(Acting::Nobody), ..office(&world) };
        Self { world, office }
    }

    fn call<Q: Message>(&self, request: Q, person: u8) -> Call<Q> {
        let mut call = call(request, Some([person; 16]));
        let person = call.person.as_mut().unwrap();
        (person.officer, person.command_id) = (true, CommandId::from_bytes(kernel::bytes(&*self.world.desk.random)));
        call
    }

    async fn counts(&self, shift: &Shift, person: u8, why: &str) -> Result<Shift, Failure> {
        let (shift, reason) = (shift.shift.clone(), why.to_owned());
        let request = CountShiftRequest { shift, counted: Some(sum(900)), reason };
        count_shift::handle(&self.office, self.call(request, person)).await
    }

    async fn opens(&self, person: u8, office: &str) -> Result<Shift, Failure> {
        let request = OpenShiftRequest { office: office.into(), change: Some(sum(0)) };
        open_shift::handle(&self.office, self.call(request, person)).await
    }

    async fn acts(&self, act: &str) -> usize {
        let mut tx = self.world.database.read().await.unwrap();
        tx.fetch_all("SELECT 1 FROM audit WHERE act = $1", sql::args![act]).await.unwrap().len()
    }
}

fn sum(minor: i64) -> proto::Money {
    proto::Money { minor, currency: "UZS".into() }
}

fn code<T>(outcome: Result<T, Failure>) -> String {
    outcome.err().map(|failure| failure.code.into_owned()).unwrap_or_default()
}

#[tokio::test]
async fn a_shift_goes_from_its_change_to_the_bank() {
    for database in databases().await {
        let counter = Counter::new(database);
        let office = &counter.office;
        let intent = counter.world.intent(1_000).await;
        let shift = counter.opens(CASHIER, "yunusobod").await.unwrap();
        assert!(shift.own && shift.taken.is_empty());
        let find = || ReadTillRequest { term: "JUS-2026-1".into() };
        let till = read_till::handle(office, counter.call(find(), CASHIER)).await.unwrap();
        assert_eq!((till.due.len(), till.shifts.len(), till.cash.len()), (1, 1, 0));
        let take = counter.call(TakeCashRequest { intent: intent.id.to_vec() }, CASHIER);
        let again = Call {
            person: take.person.clone(),
            ..counter.call(TakeCashRequest { intent: intent.id.to_vec() }, CASHIER)
        };
        let taken = take_cash::handle(office, take).await.unwrap();
        assert_eq!(take_cash::handle(office, again).await.unwrap(), taken, "a repetition");
        assert!(taken.receipt.starts_with("justice-") && taken.receipt.ends_with("-R1"), "{}", taken.receipt);
        let till = read_till::handle(office, counter.call(find(), CASHIER)).await.unwrap();
        assert!(till.due.is_empty(), "it is paid");
        let close = CloseShiftRequest { counted: Some(sum(1_000)), reason: String::new() };
        let closed = close_shift::handle(office, counter.call(close, CASHIER)).await.unwrap();
        assert_eq!((closed.expected, closed.counted), (Some(sum(1_000)), Some(sum(1_000))));
        let deposit = |date: &str| DepositCashRequest {
            office: "yunusobod".into(),
            amount: Some(sum(1_000)),
            slip: Some(PaymentOrder { number: "7".into(), date: date.into() }),
        };
        let today = process::calendar::civil_date(counter.world.clock.now()).to_string();
        let refused = deposit_cash::handle(office, counter.call(deposit(&today), CASHIER)).await;
        assert_eq!(code(refused), "payment.unknown-refund", "a cashier brings nothing to the bank");
        let old = deposit_cash::handle(office, counter.call(deposit("2026-01-01"), TREASURER)).await;
        assert_eq!(code(old), "payment.order-date");
        let left = deposit_cash::handle(office, counter.call(deposit(&today), TREASURER)).await.unwrap();
        assert_eq!(left.amount, Some(sum(0)));
        assert_eq!(counter.world.balance(&Account::Bank("justice".into())).await, -1_000);
        for act in ["payment.shift-opened", "payment.cash-taken", "payment.shift-closed", "payment.cash-deposited"] {
            assert_eq!(counter.acts(act).await, 1, "{act}");
        }
    }
}

#[tokio::test]
async fn nobody_acts_at_another_counter_or_in_their_own_case() {
    for database in databases().await {
        let counter = Counter::new(database);
        let office = &counter.office;
        let intent = counter.world.intent(1_000).await;
        let take = || TakeCashRequest { intent: intent.id.to_vec() };
        for stranger in [REGISTRAR, 99] {
            assert_eq!(code(counter.opens(stranger, "yunusobod").await), "payment.not-cashier");
            let read = read_till::handle(office, counter.call(ReadTillRequest::default(), stranger)).await;
            assert_eq!(code(read), "payment.not-cashier");
            assert_eq!(code(take_cash::handle(office, counter.call(take(), stranger)).await), "payment.not-cashier");
        }
        assert_eq!(code(counter.opens(CASHIER, "chilonzor").await), "payment.not-cashier", "another office");
        assert_eq!(code(take_cash::handle(office, counter.call(take(), CASHIER)).await), "payment.till-none");
        counter.opens(PAYER[0], "yunusobod").await.unwrap();
        let own = take_cash::handle(office, counter.call(take(), PAYER[0])).await;
        assert_eq!(code(own), "payment.unknown-intent", "nobody takes their own money");
        let find = ReadTillRequest { term: "JUS-2026-1".into() };
        assert!(read_till::handle(office, counter.call(find, PAYER[0])).await.unwrap().due.is_empty());
        counter.opens(CASHIER, "yunusobod").await.unwrap();
        let taken = take_cash::handle(office, counter.call(take(), CASHIER)).await.unwrap();
        let reverse = async |person: u8| {
            let request = ReverseCashRequest { attempt: taken.attempt.clone() };
            code(reverse_cash::handle(office, counter.call(request, person)).await)
        };
        assert_eq!(reverse(ELSEWHERE).await, "payment.unknown-cash");
        assert_eq!(reverse(CASHIER).await, "payment.second-person");
        assert_eq!(reverse(PAYER[0]).await, "payment.unknown-intent", "it is their own case");
        assert_eq!(reverse(COLLEAGUE).await, "");
        assert_eq!(reverse(COLLEAGUE).await, "payment.till-closed", "once");
        assert_eq!(counter.world.balance(&Account::RefundsPayable).await, 0);
    }
}

#[tokio::test]
async fn a_shift_left_open_is_counted_by_a_lead_or_a_treasurer_and_another_and_by_nobody_else() {
    for database in databases().await {
        let counter = Counter::new(database);
        let office = &counter.office;
        let shift = counter.opens(CASHIER, "yunusobod").await.unwrap();
        let take = TakeCashRequest { intent: counter.world.intent(1_000).await.id.to_vec() };
        let taken = take_cash::handle(office, counter.call(take, CASHIER)).await.unwrap();
        for stranger in [CASHIER, ELSEWHERE, LEAD_ELSEWHERE] {
            assert_eq!(code(counter.counts(&shift, stranger, AWAY).await), "payment.unknown-shift", "{stranger}");
        }
        assert_eq!(code(counter.counts(&shift, REGISTRAR, AWAY).await), "payment.not-cashier");
        assert_eq!(code(counter.counts(&shift, LEAD, " ").await), "payment.till-why");
        let seen = async |person: u8| {
            let till = read_till::handle(office, counter.call(ReadTillRequest::default(), person)).await.unwrap();
            let told = |shift: &Shift| (shift.countable, shift.counts, shift.counted_own, shift.reversible);
            till.shifts.iter().map(told).collect::<Vec<_>>()
        };
        assert_eq!(seen(LEAD).await, [(false, 0, false, false)], "its cashier has the day to close it");
        for early in [LEAD, COLLEAGUE, TREASURER] {
            assert_eq!(code(counter.counts(&shift, early, AWAY).await), "payment.shift-today", "{early}");
        }
        counter.world.clock.advance(std::time::Duration::from_secs(86_400));
        assert_eq!(seen(LEAD).await, [(true, 0, false, false)]);
        assert_eq!(counter.counts(&shift, COLLEAGUE, AWAY).await.unwrap().closed_us, 0);
        assert_eq!(seen(COLLEAGUE).await, [(true, 1, true, true)]);
        assert_eq!((seen(CASHIER).await, seen(LEAD_ELSEWHERE).await), (vec![(false, 1, false, false)], vec![]));
        let same = counter.counts(&shift, NEWCOMER, AWAY).await.unwrap();
        assert_eq!((same.closed_us, same.counts), (0, 2), "two cashiers alone close no till");
        let reverse = ReverseCashRequest { attempt: taken.attempt };
        let by_lead = reverse_cash::handle(office, counter.call(reverse, LEAD)).await;
        assert_eq!(code(by_lead), "payment.unknown-cash", "who answers for an office takes no cash out of it");
        let closed = counter.counts(&shift, LEAD, AWAY).await.unwrap();
        assert!(closed.closed_us > 0 && !closed.countable);
        assert_eq!((closed.expected, closed.counted), (Some(sum(1_000)), Some(sum(900))));
        assert_eq!(code(counter.counts(&shift, TREASURER, AWAY).await), "payment.shift-over");
        assert_eq!(counter.world.balance(&Account::CashDifference("justice".into())).await, -100);
        assert_eq!((counter.acts("payment.shift-counted").await, counter.acts("payment.shift-closed").await), (3, 1));
        assert_eq!(seen(TREASURER).await, []);
    }
}
