//! Two officers of an agency give money back: one asks, another confirms. The citizen sees it come, and the books tell the same.

use kernel::CaseId;
use tests::{citizen::Citizen, officer::Officer, shared, traces::Traces, visitor::Page};

use crate::receipts::{CANCELLED, of_case};

#[test]
fn two_finance_officers_give_money_back_and_the_citizen_sees_it_come() {
    shared::walk(async {
        let platform = shared::platform().await;
        let traces = Traces::of(&platform);
        let mut citizen = Citizen::sign_in(&platform, "botir", "en").await;
        let case = citizen.apply_and_pay(&[]).await;
        citizen.until_told(case, "Payment received").await;
        let mut registrar = Officer::of(&platform, "registrar-tashkent").await;
        let nothing = registrar.visitor.open(&format!("{}/finance", registrar.portal)).await;
        assert_eq!(nothing.status.as_u16(), 404, "to a registrar there is no such page:\n{}", nothing.text());
        let mut one = Officer::of(&platform, "treasurer").await;
        let mut other = Officer::of(&platform, "chief-accountant").await;
        one_asks_and_cannot_confirm(&traces, &mut one, case).await;
        let waiting = other.visitor.open(&format!("{}/finance", other.portal)).await;
        assert!(waiting.shows("paid twice: Letter 118 of the bank"), "{}", waiting.text());
        let form = waiting.form("/finance/decisions").set("_verdict", "confirmed");
        let done = other.visitor.send(&form).await;
        assert!(done.shows("Confirmed and done."), "{}:\n{}", done.url, done.text());
        let page = citizen.until_told(case, "Money returned").await;
        assert!(page.shows("given back (paid twice)"), "{}", page.text());
        assert_eq!(of_case(&platform, &traces, case).await[0]["state"], CANCELLED, "the provider's own reversal");
        traces.money_is(case, &[]).await;
        the_books_tell_the_same(&traces, &mut other, case).await;
        registrar.decide(case, "approve", &[]).await;
        citizen.until(case, "", |page| page.html.contains("/documents/")).await;
        traces.nothing_is_left(case, "granted").await;
        let open =
            "SELECT count(*) FROM instruction WHERE instruction NOT IN (SELECT instruction FROM instruction_verdict)";
        assert_eq!(traces.total("payments", open).await, 0, "nothing waits for a second person");
    });
}

/// The payment's page, found by the number of its application.
async fn found(traces: &Traces, officer: &mut Officer, case: CaseId) -> (Page, Page) {
    let number = traces.texts("eservice", case, "SELECT number FROM cases WHERE case_id = $1").await.remove(0);
    let search = officer.visitor.open(&format!("{}/finance/payments", officer.portal)).await;
    let list = officer.visitor.send(&search.form("/finance/payments").set("term", &number)).await;
    let payment = officer.visitor.link(&list, "/finance/payments/justice/").await;
    assert!(payment.shows(&number), "{}:\n{}", payment.url, payment.text());
    (list, payment)
}

async fn one_asks_and_cannot_confirm(traces: &Traces, one: &mut Officer, case: CaseId) {
    let (_, payment) = found(traces, one, case).await;
    let form = payment.form("/finance/payments/justice/").set("_reason", "paid-twice");
    let unclear = one.visitor.send(&form.clone().set("_note", "PINFL 41508860170411")).await;
    assert!(unclear.shows("Check the note"), "{}", unclear.text());
    let form = unclear.form("/finance/payments/justice/").set("_reason", "paid-twice");
    let asked = one.visitor.send(&form.set("_note", "Letter 118 of the bank")).await;
    assert!(asked.shows("Another officer has to confirm it now."), "{}:\n{}", asked.url, asked.text());
    let waiting = one.visitor.open(&format!("{}/finance", one.portal)).await;
    assert!(!waiting.html.contains("value=\"confirmed\""), "{}", waiting.html);
    let alone = one.visitor.send(&waiting.form("/finance/decisions").set("_verdict", "confirmed")).await;
    assert!(alone.shows("You asked for this yourself"), "{}:\n{}", alone.url, alone.text());
    let refunds = "SELECT count(*) FROM refund JOIN intent USING (intent) WHERE case_id = $1";
    assert_eq!(traces.count("payments", case, refunds).await, 0, "nothing moved");
}

/// The payment with its refund, the same as a table, and the settlement of the day.
async fn the_books_tell_the_same(traces: &Traces, officer: &mut Officer, case: CaseId) {
    let (list, payment) = found(traces, officer, case).await;
    for words in ["agency:justice", "platform:refunds-payable", "given back"] {
        assert!(payment.shows(words), "{words}: {}", payment.text());
    }
    let csv = list.links().into_iter().find(|link| link.path().ends_with(".csv")).expect("a table");
    let (status, bytes) = officer.visitor.download(&csv).await;
    let table = String::from_utf8(bytes).expect("text");
    let rows: Vec<&str> = table.split("\r\n").filter(|row| !row.is_empty()).collect();
    assert!(status.is_success() && rows.len() == 2, "{status}: {table}");
    assert!(
        rows[0].starts_with("payment,case,") && rows[1].contains(",captured,41200.00,UZS,41200.00,payme,"),
        "{table}"
    );
    let settlement = officer.visitor.open(&format!("{}/finance/settlement", officer.portal)).await;
    assert!(settlement.shows("For some days no percentage of the provider is configured"), "{}", settlement.text());
}
