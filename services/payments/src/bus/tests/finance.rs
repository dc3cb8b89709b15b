//! Finance officers: each sees the money of their own agency, moves it with another, and is nobody to everybody else's.

use std::time::Duration;

use kernel::{AttemptId, Failure, IntentId};
use proto::{
    identity::v1::{Appointment, Officer},
    payments::v1::{
        DecideInstructionRequest, FoundPayments, InstructRequest, Instruction, ListCasePaymentsRequest,
        ListInstructionsRequest, ListSuspenseRequest, ReadClosingRequest, ReadPaymentRequest, ReadReceiptRequest,
        ReadSettlementRequest, SearchPaymentsRequest,
    },
};

use super::*;
use crate::{
    bus::treasurer::Listed,
    domain::{
        closing,
        fees::Rates,
        intent::{Intent, State},
        ledger::Account,
        suspense::Suspense,
    },
    store,
};

const ONE: u8 = 31;
const OTHER: u8 = 32;
const OF_HEALTH: u8 = 33;
const OF_PLATFORM: u8 = 34;
const REGISTRAR: u8 = 35;

struct Finance {
    world: World,
    office: Office,
}

impl Finance {
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
        let officers = vec![
            held(ONE, "justice", "finance"),
            held(OTHER, "justice", "treasurer"),
            held(PAYER[0], "justice", "finance"),
            held(OF_HEALTH, "health", "finance"),
            held(OF_PLATFORM, "platform", "treasurer"),
            held(REGISTRAR, "justice", "registrar"),
        ];
        let rates = Rates::checked([("payme", "2026-01-01", "1")]).unwrap();
        let office = Office { officers: Arc::new(Listed(officers)), rates: Arc::new(rates), ..office(&world) };
        Self { world, office }
    }

    /// Another command each time.
    fn call<Q: Message>(&self, request: Q, person: u8) -> Call<Q> {
        let mut call = call(request, Some([person; 16]));
        let person = call.person.as_mut().unwrap();
        (person.officer, person.command_id) = (true, CommandId::from_bytes(kernel::bytes(&*self.world.desk.random)));
        call
    }

    fn of<Q: Message>(&self, agency: &str, request: Q, person: u8) -> Call<Q> {
        Call { agency: agency.into(), ..self.call(request, person) }
    }

    fn refund(intent: &Intent) -> InstructRequest {
        InstructRequest {
            kind: "refund".into(),
            intent: intent.id.to_vec(),
            reason: "paid-twice".into(),
            ..InstructRequest::default()
        }
    }

    async fn decide(&self, asked: &Instruction, verdict: &str, person: u8) -> Result<Instruction, Failure> {
        let request = DecideInstructionRequest { instruction: asked.instruction.clone(), verdict: verdict.to_owned() };
        decide_instruction::handle(&self.office, self.call(request, person)).await
    }

    async fn search(&self, agency: &str, person: u8, request: SearchPaymentsRequest) -> FoundPayments {
        search_payments::handle(&self.office, self.of(agency, request, person)).await.unwrap()
    }

    fn today(&self) -> String {
        process::calendar::civil_date(self.world.clock.now()).to_string()
    }

    async fn acts(&self, act: &str) -> usize {
        let mut tx = self.world.database.read().await.unwrap();
        tx.fetch_all("SELECT 1 FROM audit WHERE act = $1", sql::args![act]).await.unwrap().len()
    }
}

fn code<T>(outcome: Result<T, Failure>) -> String {
    outcome.err().map(|failure| failure.code.into_owned()).unwrap_or_default()
}

#[tokio::test]
async fn money_is_shown_to_nobody_but_those_who_look_after_it() {
    for database in databases().await {
        let finance = Finance::new(database);
        let intent = finance.world.paid(1_000, "t1").await;
        let (office, today) = (&finance.office, finance.today());
        for stranger in [REGISTRAR, OF_HEALTH, 99] {
            let by_day = SearchPaymentsRequest { from: today.clone(), ..SearchPaymentsRequest::default() };
            let days =
                ReadSettlementRequest { from: today.clone(), to: today.clone(), ..ReadSettlementRequest::default() };
            let closing = ReadClosingRequest { day: today.clone() };
            let payment = ReadPaymentRequest { intent: intent.id.to_vec() };
            let refused = [
                code(list_suspense::handle(office, finance.call(ListSuspenseRequest::default(), stranger)).await),
                code(search_payments::handle(office, finance.call(by_day, stranger)).await),
                code(read_payment::handle(office, finance.call(payment, stranger)).await),
                code(list_instructions::handle(office, finance.call(ListInstructionsRequest {}, stranger)).await),
                code(instruct::handle(office, finance.call(Finance::refund(&intent), stranger)).await),
                code(read_closing::handle(office, finance.call(closing, stranger)).await),
                code(read_settlement::handle(office, finance.call(days, stranger)).await),
            ];
            assert!(refused.iter().all(|code| code == "payment.not-finance"), "{stranger}: {refused:?}");
        }
        let mut citizen = finance.call(ListSuspenseRequest::default(), ONE);
        citizen.person.as_mut().unwrap().officer = false;
        assert_eq!(code(list_suspense::handle(office, citizen).await), "payment.not-finance");
        assert_eq!(finance.acts("payment.refused").await, 22, "each leaves an audit row");
        let own = ReadPaymentRequest { intent: intent.id.to_vec() };
        let elsewhere = read_payment::handle(office, finance.of("health", own, OF_HEALTH)).await;
        assert_eq!(code(elsewhere), "payment.unknown-intent", "another agency's");
    }
}

#[tokio::test]
async fn how_many_sums_wait_and_until_when_is_told_without_a_look_at_any_of_them() {
    for database in databases().await {
        let finance = Finance::new(database);
        let office = &finance.office;
        let intent = finance.world.paid(1_000, "t1").await;
        let since = office.desk.now();
        let mut tx = finance.world.database.begin().await.unwrap();
        for (number, agency) in [(3, "justice"), (2, "justice"), (1, "health")] {
            let item = Suspense {
                attempt: AttemptId::from_bytes([number; 16]),
                intent: intent.id,
                agency: agency.into(),
                amount: 1_000,
                reason: State::Expired,
                since,
                due: Some(since.plus(Duration::from_secs(u64::from(number)))),
            };
            store::suspense::insert(&mut tx, &item).await.unwrap();
        }
        tx.commit().await.unwrap();
        let request = ListSuspenseRequest { counted: true, ..ListSuspenseRequest::default() };
        let told = list_suspense::handle(office, finance.call(request.clone(), ONE)).await.unwrap();
        let first = since.plus(Duration::from_secs(2)).micros();
        assert_eq!((told.waiting, told.first_returns_us, told.items.len()), (2, first, 0));
        let all = list_suspense::handle(office, finance.of("platform", request.clone(), OF_PLATFORM)).await.unwrap();
        assert_eq!(all.waiting, 3);
        let stranger = list_suspense::handle(office, finance.call(request, REGISTRAR)).await;
        assert_eq!(code(stranger), "payment.not-finance");
        assert_eq!(finance.acts("payment.suspense-listed").await, 0, "nothing of anybody's was shown");
    }
}

#[tokio::test]
async fn one_asks_another_confirms_and_each_command_counts_once() {
    for database in databases().await {
        let finance = Finance::new(database);
        let office = &finance.office;
        let intent = finance.world.paid(1_000, "t1").await;
        let own = instruct::handle(office, finance.call(Finance::refund(&intent), PAYER[0])).await;
        assert_eq!(code(own), "payment.unknown-intent", "nobody moves their own money");
        let call = finance.call(Finance::refund(&intent), ONE);
        let again = Call { person: call.person.clone(), ..finance.call(Finance::refund(&intent), ONE) };
        let asked = instruct::handle(office, call).await.unwrap();
        assert_eq!(instruct::handle(office, again).await.unwrap(), asked, "a repetition");
        assert_eq!((asked.amount.clone().unwrap().minor, asked.state.as_str(), asked.own), (1_000, "waiting", true));
        let listed = list_instructions::handle(office, finance.call(ListInstructionsRequest {}, OTHER)).await.unwrap();
        assert_eq!((listed.instructions.len(), listed.instructions[0].own), (1, false));
        assert_eq!(code(finance.decide(&asked, "confirmed", ONE).await), "payment.second-person");
        assert_eq!(code(finance.decide(&asked, "confirmed", PAYER[0]).await), "payment.unknown-intent");
        assert_eq!(code(finance.decide(&asked, "done", OTHER).await), "payment.verdict");
        assert_eq!(finance.world.balance(&Account::RefundsPayable).await, 0, "nothing moved");
        let done = finance.decide(&asked, "confirmed", OTHER).await.unwrap();
        assert_eq!((done.state.as_str(), done.own), ("confirmed", false));
        assert_eq!(finance.world.balance(&Account::RefundsPayable).await, 1_000);
        let request = ReadPaymentRequest { intent: intent.id.to_vec() };
        let record = read_payment::handle(office, finance.call(request, ONE)).await.unwrap();
        assert_eq!((record.left.unwrap().minor, record.waiting, record.refunds.len()), (0, None, 1));
        assert!(!record.postings.is_empty() && finance.acts("payment.read").await == 1);
        let other = InstructRequest { reason: "because".into(), ..Finance::refund(&intent) };
        assert_eq!(code(instruct::handle(office, finance.call(other, ONE)).await), "payment.reason");
    }
}

#[tokio::test]
async fn a_payment_is_found_by_every_number_by_amount_and_by_day_page_by_page() {
    for database in databases().await {
        let finance = Finance::new(database);
        let mut paid = Vec::new();
        for (number, transaction) in [(1, "t1"), (2, "t2"), (3, "t3")] {
            finance.world.clock.advance(std::time::Duration::from_secs(1));
            paid.push(finance.world.paid(number * 1_000, transaction).await);
        }
        let today = finance.today();
        let ids = |found: &FoundPayments| -> Vec<Vec<u8>> {
            found.payments.iter().map(|payment| payment.intent.clone()).collect()
        };
        let wanted = |term: &str| SearchPaymentsRequest { term: term.into(), ..SearchPaymentsRequest::default() };
        let by_term = async |term: &str| ids(&finance.search("justice", ONE, wanted(term)).await);
        assert_eq!(by_term("t2").await, [paid[1].id.to_vec()], "the provider's number");
        assert_eq!(by_term(&paid[2].id.to_string()).await, [paid[2].id.to_vec()], "the payment's own");
        let newest_first: Vec<Vec<u8>> = paid.iter().rev().map(|intent| intent.id.to_vec()).collect();
        assert_eq!(by_term("JUS-2026-1").await, newest_first, "the case's");
        assert!(by_term("t9").await.is_empty());
        let by_amount = SearchPaymentsRequest { from: today.clone(), amount: 2_000, ..wanted("") };
        assert_eq!(ids(&finance.search("justice", ONE, by_amount).await), [paid[1].id.to_vec()]);
        let page = SearchPaymentsRequest { from: today.clone(), limit: 2, ..wanted("") };
        let first = finance.search("justice", ONE, page.clone()).await;
        let rest = finance.search("justice", ONE, SearchPaymentsRequest { after: first.next.clone(), ..page }).await;
        assert_eq!([ids(&first), ids(&rest)].concat(), newest_first);
        assert!(!first.next.is_empty() && rest.next.is_empty());
        let other_day = SearchPaymentsRequest { from: "2026-01-01".into(), to: "2026-01-31".into(), ..wanted("t1") };
        assert!(ids(&finance.search("justice", ONE, other_day).await).is_empty());
        assert!(ids(&finance.search("health", OF_HEALTH, wanted("t2")).await).is_empty());
        assert_eq!(ids(&finance.search("platform", OF_PLATFORM, wanted("t2")).await), [paid[1].id.to_vec()]);
        let nothing = search_payments::handle(&finance.office, finance.call(wanted(" "), ONE)).await;
        assert_eq!(code(nothing), "payment.search");
        assert!(finance.acts("payment.searched").await >= 8, "each search is an audit row");
    }
}

#[tokio::test]
async fn an_agency_is_settled_by_what_was_taken_the_fee_and_what_went_back() {
    for database in databases().await {
        let finance = Finance::new(database);
        let intent = finance.world.paid(10_000, "t1").await;
        let mut tx = finance.world.database.begin().await.unwrap();
        finance.world.desk.refund(&mut tx, intent.id, crate::desk::Wish::Exactly(1_000), "part").await.unwrap();
        tx.commit().await.unwrap();
        let today = finance.today();
        let days =
            || ReadSettlementRequest { from: today.clone(), to: today.clone(), ..ReadSettlementRequest::default() };
        let of = async |agency: &str, person: u8| {
            let settled = read_settlement::handle(&finance.office, finance.of(agency, days(), person)).await.unwrap();
            let figures = |line: &proto::payments::v1::SettlementLine| {
                let minor = |amount: &Option<proto::Money>| amount.as_ref().unwrap().minor;
                (line.beneficiary.clone(), [&line.gross, &line.fee, &line.net, &line.refunds].map(minor))
            };
            settled.lines.iter().map(figures).collect::<Vec<_>>()
        };
        let expected = [("justice".to_owned(), [7_000, 70, 6_930, 700]), ("land".to_owned(), [3_000, 30, 2_970, 300])];
        assert_eq!(of("justice", ONE).await, expected);
        assert_eq!(of("platform", OF_PLATFORM).await, expected);
        assert!(of("health", OF_HEALTH).await.is_empty());
        let year = ReadSettlementRequest {
            from: "2026-01-01".into(),
            to: "2026-02-01".into(),
            ..ReadSettlementRequest::default()
        };
        let refused = read_settlement::handle(&finance.office, finance.call(year, ONE)).await;
        assert_eq!(code(refused), "payment.too-many-days");
        let turned = ReadSettlementRequest {
            from: "2026-02-01".into(),
            to: "2026-01-01".into(),
            ..ReadSettlementRequest::default()
        };
        assert_eq!(code(read_settlement::handle(&finance.office, finance.call(turned, ONE)).await), "payment.days");
    }
}

#[tokio::test]
async fn a_closed_day_shows_an_agency_its_own_accounts_and_the_platform_all_of_them() {
    for database in databases().await {
        let finance = Finance::new(database);
        let day = process::calendar::civil_date(finance.world.clock.now());
        let moved = closing::Movements::from([
            ("agency:justice".to_owned(), (0, 1_000)),
            ("provider-clearing:payme".to_owned(), (1_000, 0)),
        ]);
        let now = finance.world.clock.now();
        let carried = closing::Balances::new();
        let closed = closing::Closing::of((day, &moved, closing::Counts::default()), None, &carried, now);
        let mut tx = finance.world.database.begin().await.unwrap();
        store::closings::insert(&mut tx, &closed).await.unwrap();
        tx.commit().await.unwrap();
        let read = async |agency: &str, person: u8| {
            let request = ReadClosingRequest { day: day.to_string() };
            read_closing::handle(&finance.office, finance.of(agency, request, person)).await.unwrap()
        };
        let (own, all) = (read("justice", ONE).await, read("platform", OF_PLATFORM).await);
        let accounts = |closing: &proto::payments::v1::Closing| -> Vec<String> {
            closing.lines.iter().map(|line| line.account.clone()).collect()
        };
        assert_eq!(accounts(&own), ["agency:justice"]);
        assert_eq!(accounts(&all), ["agency:justice", "provider-clearing:payme"]);
        assert!(own.follows && all.follows && all.difference == 0);
        let before = ReadClosingRequest { day: day.yesterday().unwrap().to_string() };
        let missing = read_closing::handle(&finance.office, finance.call(before, ONE)).await;
        assert_eq!(code(missing), "payment.no-closing");
    }
}

#[tokio::test]
async fn the_payer_sees_what_goes_back_and_a_stranger_sees_no_payment() {
    for database in databases().await {
        let finance = Finance::new(database);
        let intent = finance.world.paid(1_000, "t1").await;
        let mut tx = finance.world.database.begin().await.unwrap();
        finance.world.desk.refund(&mut tx, intent.id, crate::desk::Wish::Everything, "paid-twice").await.unwrap();
        tx.commit().await.unwrap();
        let listed = async |person: [u8; 16]| {
            let request = ListCasePaymentsRequest { case_id: intent.case.id.to_vec() };
            list_case_payments::handle(&finance.office, call(request, Some(person))).await.unwrap().payments
        };
        for person in [PAYER, REPRESENTATIVE] {
            let payment = listed(person).await.remove(0);
            assert_eq!(IntentId::from_slice(&payment.intent).unwrap(), intent.id);
            let refund = &payment.refunds[0];
            assert_eq!(
                (refund.state.as_str(), refund.reason.as_str(), refund.settled_us),
                ("requested", "paid-twice", 0)
            );
        }
        assert!(listed([77; 16]).await.is_empty());
    }
}

#[tokio::test]
async fn a_receipt_is_for_its_payer_and_for_whoever_looks_after_the_agencys_money() {
    for database in databases().await {
        let finance = Finance::new(database);
        let intent = finance.world.paid(1_000, "t1").await;
        let request = ListCasePaymentsRequest { case_id: intent.case.id.to_vec() };
        let listed = list_case_payments::handle(&finance.office, call(request, Some(PAYER))).await.unwrap();
        let number = listed.payments[0].receipt.clone();
        let wanted = |number: &str| ReadReceiptRequest { number: number.into(), language: "ru".into(), offset: 0 };
        let read = async |call| read_receipt::handle(&finance.office, call).await;
        for person in [PAYER, REPRESENTATIVE] {
            let shown = read(call(wanted(&number), Some(person))).await.unwrap();
            assert_eq!(String::from_utf8(shown.bytes).unwrap(), format!("{number} payment ru"));
            assert_eq!(shown.file_name, "justice.pdf", "the agency of the case seals it");
        }
        for (agency, officer) in [("justice", ONE), ("justice", OTHER), ("platform", OF_PLATFORM)] {
            read(finance.of(agency, wanted(&number), officer)).await.unwrap();
        }
        assert_eq!(finance.acts("payment.receipt-read").await, 5);
        // A director: who acts is another than for whom.
        let director = PersonId::from_bytes([78; 16]);
        let through = |number: &str| {
            let mut call = call(wanted(number), Some(PAYER));
            call.person.as_mut().unwrap().actor = director;
            call
        };
        read(through(&number)).await.unwrap();
        assert_eq!(code(read(through("justice-2026-R99")).await), "payment.unknown-receipt");
        let rows = "SELECT detail FROM audit WHERE actor = $1 ORDER BY sequence";
        let mut tx = finance.world.database.read().await.unwrap();
        let rows = tx.fetch_all(rows, sql::args![director]).await.unwrap();
        drop(tx);
        let company = PersonId::from_bytes(PAYER).to_string();
        let [told, refused] = [0, 1].map(|row| rows[row].text(0).unwrap());
        assert!(told.contains(&company) && told.contains(&director.to_string()), "both are in the row: {told}");
        assert!(refused.contains(&company), "so they are where nothing is shown: {refused}");
        let stranger = read(call(wanted(&number), Some([77; 16]))).await;
        let nowhere = read(call(wanted("justice-2026-R99"), Some(PAYER))).await;
        let foreign = read(finance.of("health", wanted(&number), OF_HEALTH)).await;
        for refused in [stranger, nowhere, foreign] {
            assert_eq!(code(refused), "payment.unknown-receipt");
        }
        assert_eq!(code(read(finance.call(wanted(&number), REGISTRAR)).await), "payment.not-finance");
        let mut tx = finance.world.database.begin().await.unwrap();
        store::intents::erase(&mut tx, intent.case.id).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(code(read(finance.call(wanted(&number), ONE)).await), "payment.unknown-receipt", "it is erased");
    }
}

/// The number of one of two finance officers, as cases hold it.
const NAMED: [u8; 32] = [41; 32];

/// `ONE` is a finance officer of that number, `OTHER` one of another.
fn two_of_whom_one_is_named() -> Arc<Listed> {
    let officer = |(person, party): (u8, [u8; 32])| {
        let appointment =
            Appointment { agency: "justice".into(), role: "finance".into(), from_us: 1, ..Appointment::default() };
        let (person, party, appointments) = (vec![person; 16], party.to_vec(), vec![appointment]);
        Officer { person, party, appointments, ..Officer::default() }
    };
    Arc::new(Listed([(ONE, NAMED), (OTHER, [42; 32])].map(officer).to_vec()))
}

#[tokio::test]
async fn before_a_word_of_the_case_has_come_its_host_says_whom_it_names() {
    for database in databases().await {
        let mut finance = Finance::new(database);
        let intent = finance.world.paid(1_000, "t1").await;
        finance.office.officers = two_of_whom_one_is_named();
        finance.office.standings = Arc::new(Acting::Names(NAMED));
        let ask = async |person: u8| {
            code(instruct::handle(&finance.office, finance.call(Finance::refund(&intent), person)).await)
        };
        assert_eq!(ask(ONE).await, "payment.unknown-intent", "the case names them");
        assert_eq!(ask(OTHER).await, "");
    }
}

#[tokio::test]
async fn nobody_moves_money_of_a_case_that_names_them_also_while_its_host_is_away() {
    for database in databases().await {
        let mut finance = Finance::new(database);
        let intent = finance.world.paid(1_000, "t1").await;
        finance.office.officers = two_of_whom_one_is_named();
        finance.office.standings = Arc::new(Acting::Away);
        let ask = async |person: u8| {
            code(instruct::handle(&finance.office, finance.call(Finance::refund(&intent), person)).await)
        };
        assert_eq!(ask(OTHER).await, "bus.unavailable", "no word of the case has come");
        let changed = |parties: Vec<Vec<u8>>| proto::eservice::v1::CaseChanged {
            applicant: PAYER.to_vec(),
            parties,
            ..Default::default()
        };
        let mut tx = finance.world.database.begin().await.unwrap();
        cases::named(&mut tx, intent.case.id, &changed(vec![NAMED.to_vec()])).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(ask(ONE).await, "payment.unknown-intent", "the case names them");
        assert_eq!(ask(OTHER).await, "", "its host is not needed");
        let erased =
            proto::eservice::v1::CaseErased { case: Some(crate::desk::case_ref(&intent)), ..Default::default() };
        let mut tx = finance.world.database.begin().await.unwrap();
        cases::named(&mut tx, intent.case.id, &changed(vec![])).await.unwrap();
        assert_eq!(
            store::parties::of_case(&mut tx, intent.case.id).await.unwrap().len(),
            1,
            "whoever was named before is not"
        );
        cases::erase(&mut tx, &erased).await.unwrap();
        assert!(store::parties::of_case(&mut tx, intent.case.id).await.unwrap().is_empty());
        tx.commit().await.unwrap();
    }
}

#[tokio::test]
async fn nobody_moves_the_money_of_a_company_that_they_direct() {
    for database in databases().await {
        let mut finance = Finance::new(database);
        let intent = finance.world.paid(1_000, "t1").await;
        let officer = |person: u8, directs: Vec<Vec<u8>>| {
            let appointment =
                Appointment { agency: "justice".into(), role: "finance".into(), from_us: 1, ..Appointment::default() };
            Officer { person: vec![person; 16], appointments: vec![appointment], directs, ..Officer::default() }
        };
        let company = vec![88; 16];
        let held = vec![
            officer(ONE, vec![vec![87; 16], PAYER.to_vec()]),
            officer(OF_HEALTH, vec![company.clone()]),
            officer(OTHER, vec![vec![87; 16]]),
        ];
        finance.office.officers = Arc::new(Listed(held));
        let changed = proto::eservice::v1::CaseChanged {
            applicant: PAYER.to_vec(),
            asked: vec![proto::eservice::v1::AskedParty { person: company, ..Default::default() }],
            ..Default::default()
        };
        let mut tx = finance.world.database.begin().await.unwrap();
        cases::named(&mut tx, intent.case.id, &changed).await.unwrap();
        tx.commit().await.unwrap();
        let ask = async |person: u8| {
            code(instruct::handle(&finance.office, finance.call(Finance::refund(&intent), person)).await)
        };
        assert_eq!(ask(ONE).await, "payment.unknown-intent", "their company pays");
        assert_eq!(ask(OF_HEALTH).await, "payment.unknown-intent", "the case asks their company");
        assert_eq!(ask(OTHER).await, "", "another company");
    }
}

#[tokio::test]
async fn what_nobody_confirms_in_thirty_days_lapses_and_is_told() {
    for database in databases().await {
        let finance = Finance::new(database);
        let intent = finance.world.paid(1_000, "t1").await;
        let asked = instruct::handle(&finance.office, finance.call(Finance::refund(&intent), ONE)).await.unwrap();
        let list = async || {
            list_instructions::handle(&finance.office, finance.call(ListInstructionsRequest {}, OTHER)).await.unwrap()
        };
        let day = std::time::Duration::from_secs(86_400);
        finance.world.clock.advance(29 * day);
        crate::watch::round(&finance.office).await.unwrap();
        let waiting = list().await;
        assert_eq!((waiting.instructions.len(), waiting.lapsed.len()), (1, 0));
        assert_eq!(waiting.instructions[0].lapses_us, asked.asked_us + 30 * 86_400_000_000);
        finance.world.clock.advance(day);
        crate::watch::round(&finance.office).await.unwrap();
        let lapsed = list().await;
        assert_eq!((lapsed.instructions.len(), lapsed.lapsed.len()), (0, 1));
        assert_eq!((lapsed.lapsed[0].state.as_str(), lapsed.lapsed[0].number.as_str()), ("lapsed", "JUS-2026-1"));
        assert_eq!(finance.acts("payment.instruction-lapsed").await, 1);
        assert_eq!(code(finance.decide(&asked, "confirmed", OTHER).await), "payment.instruction-decided");
        instruct::handle(&finance.office, finance.call(Finance::refund(&intent), ONE)).await.unwrap();
        let mut tx = finance.world.database.read().await.unwrap();
        assert!(store::instructions::overdue(&mut tx, finance.world.clock.now(), 9).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn a_settlement_of_many_lines_is_read_page_by_page() {
    for database in databases().await {
        let finance = Finance::new(database);
        finance.world.paid(10_000, "t1").await;
        let today = finance.today();
        let read = async |after: &str| {
            let (from, to) = (today.clone(), today.clone());
            let request = ReadSettlementRequest { from, to, after: after.into(), limit: 1 };
            read_settlement::handle(&finance.office, finance.call(request, ONE)).await.unwrap()
        };
        let first = read("").await;
        let second = read(&first.next).await;
        let whose = |page: &proto::payments::v1::Settlement| page.lines[0].beneficiary.clone();
        assert_eq!((whose(&first), whose(&second)), ("justice".to_owned(), "land".to_owned()));
        assert_eq!((first.lines.len(), second.lines.len(), second.next.as_str()), (1, 1, ""));
    }
}

#[tokio::test]
async fn what_was_only_paid_on_a_day_follows_what_was_made_on_it() {
    for database in databases().await {
        let finance = Finance::new(database);
        let world = &finance.world;
        let before = [world.intent(1_000).await, world.intent(1_000).await];
        world.clock.advance(std::time::Duration::from_secs(86_400));
        for (intent, transaction) in before.iter().zip(["t1", "t2"]) {
            world.hold(intent, transaction).await;
            world.capture(transaction).await;
        }
        let mut expected: Vec<_> = before.iter().map(|intent| (intent.created, intent.id)).collect();
        for _ in 0..2 {
            world.clock.advance(std::time::Duration::from_secs(1));
            let intent = world.intent(1_000).await;
            expected.push((intent.created, intent.id));
        }
        expected.sort_unstable();
        expected.reverse();
        let (mut found, mut after) = (Vec::new(), String::new());
        for page in 0.. {
            assert!(page < 6, "it ends");
            let request = SearchPaymentsRequest {
                from: finance.today(),
                limit: 1,
                after: after.clone(),
                ..SearchPaymentsRequest::default()
            };
            let next = finance.search("justice", ONE, request).await;
            found.extend(next.payments.iter().map(|payment| payment.intent.clone()));
            after.clone_from(&next.next);
            if after.is_empty() {
                break;
            }
        }
        assert_eq!(found, expected.iter().map(|(_, intent)| intent.to_vec()).collect::<Vec<_>>());
    }
}
