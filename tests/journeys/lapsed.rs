//! What only time brings, in a rehearsal: a debit nobody told us of, the lapse after three days, money held across it and
//! money that comes after it.

use serde_json::json;
use tests::{
    citizen::{Citizen, DUTY, case_of},
    officer::Officer,
    patience::Patience,
    platform::{Manner, Platform},
    shared,
    traces::Traces,
    visitor::Page,
};

use crate::{
    provider::granted_and_paid_once,
    receipts::{CANCELLED, PAID, of_case},
};

const THREE_DAYS: u64 = 3 * 86_400 + 60;
/// After which a draft, kept to the end of its thirtieth day, has three days left at most.
const NOTICED: u64 = 28 * 86_400;
/// For so long it waits for somebody who knows what it belongs to.
const IN_SUSPENSE: u64 = 86_400 + 60;

#[test]
fn an_unpaid_application_lapses_after_three_days_and_money_held_in_time_still_counts() {
    shared::walk(async {
        let manner = Manner { rehearsal: true, ..Manner::default() };
        let platform = Platform::start_as(tempfile::tempdir().expect("a folder"), manner).await;
        let mut citizen = Citizen::sign_in(&platform, "dilnoza", "en").await;
        a_debit_nobody_told_us_of_is_found_by_asking(&platform, &mut citizen).await;
        let (unpaid, _) = citizen.apply(&[]).await;
        let (late, page) = citizen.apply(&[]).await;
        platform.advance(THREE_DAYS - 600).await;
        platform.tell("payme", json!({"advance_s": THREE_DAYS - 600})).await;
        // Sessions do not live for three days.
        citizen.sign_in_again("dilnoza").await;
        let page = citizen.visitor.open(page.url.as_str()).await;
        // The provider holds the money; the debit completes only after the lapse.
        citizen.pay(&page, "pay", "late").await;
        platform.advance(900).await;
        citizen.sign_in_again("dilnoza").await;
        let page = citizen.until_told(unpaid, "Not paid in time").await;
        assert!(!page.html.contains("/pay\""), "nothing is to be paid any more:\n{}", page.text());
        let inbox = citizen.visitor.open(&format!("{}/inbox", citizen.portal)).await;
        assert!(inbox.shows("Your application was closed"), "{}", inbox.text());
        let traces = Traces::of(&platform);
        traces.nothing_is_left(unpaid, "lapsed").await;
        traces.money_is(unpaid, &[]).await;
        assert_eq!(postings(&traces, unpaid).await, Vec::<String>::new(), "nothing was captured");
        // A lapse waits for the provider's word while money is held: what was begun in time is honoured.
        platform.tell("payme", json!({"advance_s": 900, "complete": true})).await;
        citizen.until_told(late, "Payment received").await;
        traces.money_is(late, &[("justice", DUTY)]).await;
        assert_eq!(of_case(&platform, &traces, late).await[0]["state"], PAID);
        money_after_the_lapse_goes_back(&platform, &mut citizen).await;
    });
}

#[test]
fn late_money_is_named_in_the_treasurers_queue_and_pays_another_payment_when_two_of_them_say_so() {
    shared::walk(async {
        let manner = Manner { rehearsal: true, ..Manner::default() };
        let platform = Platform::start_as(tempfile::tempdir().expect("a folder"), manner).await;
        let traces = Traces::of(&platform);
        let mut citizen = Citizen::sign_in(&platform, "dilnoza", "en").await;
        let (late, page) = citizen.apply(&[]).await;
        citizen.pay(&page, "pay", "late-without-completion").await;
        platform.advance(THREE_DAYS).await;
        citizen.sign_in_again("dilnoza").await;
        citizen.until_told(late, "Not paid in time").await;
        platform.tell("payme", json!({"complete": true})).await;
        platform.advance(90).await;
        traces.until_texts("payments", late, POSTINGS, &["captured-late"]).await;
        let (open, _) = citizen.apply(&[]).await;

        let mut treasurer = Officer::of(&platform, "treasurer").await;
        let queue = treasurer.visitor.open(&format!("{}/officer", treasurer.portal)).await;
        assert!(queue.shows("1 sum is in suspense."), "{}", queue.text());
        let finance = treasurer.visitor.link(&queue, "/finance?agency=justice").await;
        let target = finance.html.split("value=\"attach:").nth(1).and_then(|part| part.split('"').next());
        let what = format!("attach:{}", target.expect("the open payment is offered"));
        let form = finance.form("/finance/instructions").set("_what", &what).set("_reason", "new-application");
        let asked = treasurer.visitor.send(&form.set("_note", "Letter 12 of the payer")).await;
        assert!(asked.shows("A second officer has to confirm it."), "{}", asked.text());
        let mut second = Officer::of(&platform, "chief-accountant").await;
        let page = second.visitor.open(&format!("{}/finance?agency=justice", second.portal)).await;
        let decided = second.visitor.send(&page.form("/finance/decisions").set("_verdict", "confirmed")).await;
        assert!(decided.shows("Confirmed and done.") && !decided.has_input("_suspense"), "{}", decided.text());
        let queue = treasurer.visitor.open(&format!("{}/officer", treasurer.portal)).await;
        assert!(!queue.shows("in suspense"), "{}", queue.text());

        citizen.until_told(open, "Payment received").await;
        assert_eq!(postings(&traces, open).await, ["attached"]);
        Officer::of(&platform, "registrar-tashkent").await.decide(open, "approve", &[]).await;
        citizen.until(open, "", |page| page.html.contains("/documents/")).await;
        traces.nothing_is_left(open, "granted").await;
        traces.nothing_is_left(late, "lapsed").await;
        let kept = traces.balances(open).await;
        assert_eq!(kept.get("agency:justice"), Some(&DUTY), "the agency has what it was owed, once: {kept:?}");
    });
}

#[test]
fn whoever_leaves_a_draft_is_told_before_it_goes_and_then_it_is_gone() {
    shared::walk(async {
        let manner = Manner { rehearsal: true, ..Manner::default() };
        let platform = Platform::start_as(tempfile::tempdir().expect("a folder"), manner).await;
        let mut citizen = Citizen::sign_in(&platform, "dilnoza", "en").await;
        let left = case_of(&citizen.begin().await.url).to_string();
        let with = |page: &Page| page.status.is_success() && page.html.contains(&left);
        until(&mut citizen, "applications", with).await;
        platform.advance(NOTICED).await;
        // Sessions do not live for a month.
        citizen.sign_in_again("dilnoza").await;
        let title = "Your unfinished application will be deleted";
        until(&mut citizen, "inbox", |page| page.shows(title)).await;
        let list = citizen.visitor.open(&format!("{}/applications", citizen.portal)).await;
        assert!(with(&list), "it is still there to go on with:\n{}", list.text());
        platform.advance(THREE_DAYS).await;
        citizen.sign_in_again("dilnoza").await;
        until(&mut citizen, "applications", |page| page.status.is_success() && !page.html.contains(&left)).await;
        let traces = Traces::of(&platform);
        let open = "SELECT (SELECT count(*) FROM cases WHERE phase = 'draft') + (SELECT count(*) FROM case_timers)";
        assert_eq!(traces.total("eservice", open).await, 0, "nothing of it is left open");
        let notices = "SELECT count(*) FROM message WHERE notification = '@draft-expires'";
        assert_eq!(traces.total("notifications", notices).await, 1, "told once");
    });
}

/// Opens a page of the portal again and again until it is as expected.
async fn until(citizen: &mut Citizen, path: &str, expected: impl Fn(&Page) -> bool) -> Page {
    let address = format!("{}/{path}", citizen.portal);
    let patience = Patience::default();
    let mut page = citizen.visitor.open(&address).await;
    while !expected(&page) && patience.lasts() {
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        page = citizen.visitor.open(&address).await;
    }
    assert!(expected(&page), "{address} stays as it is:\n{}", page.text());
    page
}

/// The provider's time to complete is over, and with it the application. What it tells us then is refused, and what it
/// debited without telling us waits in suspense, where finance officers see it, and goes back to the payer.
async fn money_after_the_lapse_goes_back(platform: &Platform, citizen: &mut Citizen) {
    let traces = Traces::of(platform);
    let mut cases = Vec::new();
    for failure in ["late", "late-without-completion"] {
        let (case, page) = citizen.apply(&[]).await;
        citizen.pay(&page, "pay", failure).await;
        cases.push(case);
    }
    let (told, untold) = (cases[0], cases[1]);
    platform.advance(THREE_DAYS).await;
    citizen.sign_in_again("dilnoza").await;
    for case in cases {
        citizen.until_told(case, "Not paid in time").await;
        assert_eq!(postings(&traces, case).await, Vec::<String>::new(), "nothing was captured");
    }
    platform.tell("payme", json!({"complete": true})).await;
    let receipts = of_case(platform, &traces, told).await;
    assert_eq!(receipts[0]["state"], CANCELLED, "refused, so the provider keeps nothing: {receipts:?}");
    assert_eq!(of_case(platform, &traces, untold).await[0]["state"], PAID, "debited, and nobody told us");
    platform.advance(90).await;
    traces.until_texts("payments", untold, POSTINGS, &["captured-late"]).await;
    finance_sees_it_and_the_days_before_are_closed(platform, &traces, untold).await;
    platform.advance(IN_SUSPENSE).await;
    traces.until_texts("payments", untold, POSTINGS, &["captured-late", "refund-owed", "refund-paid"]).await;
    let findings = "SELECT code FROM finding JOIN intent USING (intent) WHERE case_id = $1 ORDER BY code";
    let found = traces.texts("payments", untold, findings).await;
    assert_eq!(found, ["payment.completed-by-enquiry", "payment.money-after-close"], "the reconciler says so");
    assert_eq!(of_case(platform, &traces, untold).await[0]["state"], CANCELLED, "the money went back");
    for case in [told, untold] {
        traces.nothing_is_left(case, "lapsed").await;
        traces.money_is(case, &[]).await;
    }
    assert_eq!(postings(&traces, told).await, Vec::<String>::new(), "what was refused moved nothing");
    let suspense = "SELECT coalesce(sum(CASE WHEN credit = 'platform:suspense' THEN amount ELSE -amount END), 0) FROM posting \
                    WHERE credit = 'platform:suspense' OR debit = 'platform:suspense'";
    assert_eq!(traces.total("payments", suspense).await, 0, "nothing is left in suspense");
}

async fn finance_sees_it_and_the_days_before_are_closed(platform: &Platform, traces: &Traces, case: kernel::CaseId) {
    let number = traces.texts("eservice", case, "SELECT number FROM cases WHERE case_id = $1").await.remove(0);
    let mut treasurer = Officer::of(platform, "treasurer").await;
    let page = treasurer.visitor.open(&format!("{}/finance", treasurer.portal)).await;
    assert!(page.shows(&number) && page.shows("Came after the time to pay was over."), "{}", page.text());
    let days = treasurer.visitor.open(&format!("{}/finance/days", treasurer.portal)).await;
    let day = treasurer.visitor.link(&days, "/finance/days/2").await;
    assert!(day.shows("The books balance") && day.shows("The day follows from the day before"), "{}", day.text());
    let unbalanced = "SELECT count(*) FROM closed_day WHERE difference <> 0";
    assert_eq!(traces.total("payments", unbalanced).await, 0);
    assert!(traces.total("payments", "SELECT count(*) FROM closed_day").await >= 3, "{}", days.text());
}

async fn a_debit_nobody_told_us_of_is_found_by_asking(platform: &Platform, citizen: &mut Citizen) {
    let (case, page) = citizen.apply(&[]).await;
    let page = citizen.pay(&page, "pay", "debit-without-completion").await;
    assert!(page.shows("Do not pay a second time."), "{}:\n{}", page.url, page.text());
    platform.advance(90).await;
    citizen.until_told(case, "Payment received").await;
    granted_and_paid_once(platform, citizen, case).await;
}

const POSTINGS: &str =
    "SELECT kind FROM posting JOIN intent ON intent.intent = posting.intent WHERE case_id = $1 ORDER BY posting";

async fn postings(traces: &Traces, case: kernel::CaseId) -> Vec<String> {
    traces.texts("payments", case, POSTINGS).await
}
