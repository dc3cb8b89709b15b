//! A citizen pays in cash at an office; its cashier does not close the shift, and two others count the till and do.

use std::collections::BTreeMap;

use kernel::CaseId;
use tests::{
    citizen::{Citizen, DUTY},
    officer::{Officer, sign_in},
    platform::{Manner, Platform},
    shared,
    traces::Traces,
    visitor::{Form, Page},
};

const OFFICE: &str = "tashkent-yunusabad";
/// From one civil day to the next.
const DAY: u64 = 86_400;

#[test]
fn cash_pays_an_application_and_a_shift_left_open_is_closed_by_two_who_count_the_same() {
    shared::walk(async {
        let manner = Manner { rehearsal: true, ..Manner::default() };
        let platform = Platform::start_as(tempfile::tempdir().expect("a folder"), manner).await;
        let traces = Traces::of(&platform);
        let mut citizen = Citizen::sign_in(&platform, "botir", "en").await;
        let (case, _) = citizen.apply(&[]).await;
        taken_in_cash(&platform, &traces, case).await;
        citizen.until_told(case, "Payment received").await;
        nobody_counts_it_out_of_the_cashiers_hands(&platform).await;
        platform.advance(DAY).await;
        // Sessions do not live for a day.
        citizen.sign_in_again("botir").await;
        two_others_close_the_shift(&platform).await;
        let books = [("agency:justice", DUTY), ("cash:justice/tashkent-yunusabad", -DUTY)];
        assert_eq!(traces.balances(case).await, BTreeMap::from(books.map(|(name, sum)| (name.to_owned(), sum))));
        let missing = "SELECT count(*) FROM posting WHERE debit = 'cash-difference:justice' AND amount = 5000";
        assert_eq!(traces.total("payments", missing).await, 1, "what was missing is booked once");
        assert_eq!(traces.total("payments", "SELECT count(*) FROM shift WHERE closed_us = 0").await, 0);
        Officer::of(&platform, "registrar-tashkent").await.decide(case, "approve", &[]).await;
        citizen.until(case, "", |page| page.html.contains("/documents/")).await;
        traces.nothing_is_left(case, "granted").await;
    });
}

async fn desk(officer: &mut Officer) -> Page {
    officer.visitor.open(&format!("{}/cash", officer.portal)).await
}

/// With a till that holds 500 soum of change; the cashier tries to close it, and does not say why a sum differs.
async fn taken_in_cash(platform: &Platform, traces: &Traces, case: CaseId) {
    let mut cashier = Officer::of(platform, "cashier-tashkent").await;
    let opens = desk(&mut cashier).await.form("/cash/shift").set("_office", OFFICE).set("_sum", "500");
    let open = cashier.visitor.send(&opens).await;
    assert!(open.shows("The shift has begun."), "{}:\n{}", open.status, open.text());
    let number = traces.texts("eservice", case, "SELECT number FROM cases WHERE case_id = $1").await.remove(0);
    let found = cashier.visitor.send(&open.form("/cash").set("term", &number)).await;
    let receipt = cashier.visitor.send(&found.form("/cash/takings")).await;
    assert!(receipt.shows("Cash receipt") && receipt.shows(&number), "{}:\n{}", receipt.url, receipt.text());
    let closes = desk(&mut cashier).await.form("/cash/shift").set("_sum", "41000");
    let refused = cashier.visitor.send(&closes).await;
    assert_eq!(
        (refused.status.as_u16(), wrong(&refused)),
        (422, vec!["close-reason".to_owned()]),
        "{}",
        refused.text()
    );
    assert_eq!(refused.form("/cash/shift").get("_sum"), Some("41000"), "what was typed is kept");
}

async fn nobody_counts_it_out_of_the_cashiers_hands(platform: &Platform) {
    let account = platform.ready.accounts.iter().find(|account| account.login == "treasurer").expect("a demo officer");
    // A session of its own: it ends with the day.
    let visitor = sign_in(platform, (&account.login, &account.password, &account.totp_secret)).await;
    let page = desk(&mut Officer { visitor, portal: platform.ready.portal.clone() }).await;
    assert!(page.shows("Its cashier closes it today.") && !page.html.contains("/cash/counts"), "{}", page.text());
}

async fn two_others_close_the_shift(platform: &Platform) {
    let mut lead = Officer::of(platform, "head-tashkent").await;
    let form = desk(&mut lead).await.form("/cash/counts");
    let silent = lead.visitor.send(&form.set("_sum", "41650")).await;
    let at = wrong(&silent);
    assert!(silent.status == 422 && at.len() == 1 && at[0].ends_with("-reason"), "{at:?}: {}", silent.text());
    assert_eq!(silent.form("/cash/counts").get("_sum"), Some("41650"), "what was typed is kept");
    let once = lead.visitor.send(&counted(&silent, "41650")).await;
    assert!(once.shows("Another person has to count, too."), "{}:\n{}", once.url, once.text());
    let again = lead.visitor.send(&counted(&once, "41650")).await;
    assert!(again.shows("Another person has to count, too."), "one alone closes nothing:\n{}", again.text());
    let mut treasurer = Officer::of(platform, "treasurer").await;
    let page = desk(&mut treasurer).await;
    assert_eq!(page.form("/cash/counts").get("_sum"), Some(""), "nobody is shown what the other counted");
    let differs = treasurer.visitor.send(&counted(&page, "41600")).await;
    assert!(differs.shows("The shift stays open"), "{}:\n{}", differs.url, differs.text());
    let closed = treasurer.visitor.send(&counted(&differs, "41650")).await;
    assert!(closed.shows("The shift is closed."), "{}:\n{}", closed.url, closed.text());
}

fn counted(page: &Page, sum: &str) -> Form {
    page.form("/cash/counts").set("_sum", sum).set("_reason", "The cashier does not come")
}

/// Ids of the inputs that have to be corrected.
fn wrong(page: &Page) -> Vec<String> {
    page.errors().into_iter().map(|(at, _)| at).collect()
}
