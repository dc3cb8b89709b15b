//! Everything sent twice, from a stale page or from two tabs happens once; whoever comes second sees what is.

use tests::{
    citizen::{Citizen, DUTY, answered, case_of},
    officer::Officer,
    shared,
    traces::Traces,
    visitor::Page,
};

#[test]
fn an_application_and_a_decision_sent_twice_count_once() {
    shared::walk(async {
        let platform = shared::platform().await;
        let traces = Traces::of(&platform);
        let mut citizen = Citizen::sign_in(&platform, "botir", "en").await;
        let page = citizen.begin().await;
        let case = case_of(&page.url);
        let check = citizen.answer(page, &[]).await;
        let form = check.form("/check");
        let (mut one, mut other) = (citizen.clone(), citizen.clone());
        let (first, second) = tokio::join!(one.visitor.send(&form), other.visitor.send(&form));
        let third = citizen.visitor.send(&form).await;
        for page in [first, second, third] {
            assert_eq!(page.status, 200, "{}", page.text());
            assert_eq!(page.url.as_str(), citizen.address(case, "pay"), "{}", page.text());
        }
        let sent = traces
            .count("eservice", case, "SELECT count(*) FROM audit WHERE subject = $1 AND act = 'case.submitted'")
            .await;
        assert_eq!(sent, 1);
        assert_eq!(traces.count("payments", case, "SELECT count(*) FROM intent WHERE case_id = $1").await, 1);
        pay_twice(&traces, &mut citizen, case).await;
        let mut officer = Officer::of(&platform, "registrar-tashkent").await;
        let task = officer.task(case).await;
        let approve = task.form("/officer/tasks/").set("_outcome", "approve");
        let refuse = task.form("/officer/tasks/").set("_outcome", "refuse").set("_reasons:refuse", "no-record");
        let mut colleague = officer.visitor.clone();
        let (first, second) = tokio::join!(officer.visitor.send(&approve), colleague.send(&approve));
        for page in [first, second] {
            assert_eq!((page.status.as_u16(), page.url.path()), (200, "/officer"), "{}", page.text());
            assert!(page.shows("Your decision has been recorded."), "{}", page.text());
        }
        let late = officer.visitor.send(&refuse).await;
        assert_eq!(late.status, 409, "{}", late.text());
        assert!(late.shows("This has been decided meanwhile"), "{}", late.text());
        citizen.until(case, "", |page| page.html.contains("/documents/")).await;
        traces.nothing_is_left(case, "granted").await;
        traces.money_is(case, &[("justice", DUTY)]).await;
        let decided = traces
            .count("eservice", case, "SELECT count(*) FROM audit WHERE subject = $1 AND act = 'task.decided'")
            .await;
        assert_eq!(decided, 1, "{:?}", traces.acts("eservice", case).await);
    });
}

/// Pressed twice, and again in a tab that was left open: one attempt, one receipt, and who has paid sees that they have.
async fn pay_twice(traces: &Traces, citizen: &mut Citizen, case: kernel::CaseId) {
    let page = citizen.visitor.open(&citizen.address(case, "pay")).await;
    let form = page.form("/pay").set("_provider", "payme");
    let (mut one, mut other) = (citizen.clone(), citizen.clone());
    let (first, second) = tokio::join!(one.visitor.send(&form), other.visitor.send(&form));
    for checkout in [&first, &second] {
        assert_eq!(checkout.status, 200, "{}", checkout.text());
        assert!(checkout.url.path().starts_with("/payme/checkout/"), "{}:\n{}", checkout.url, checkout.text());
    }
    assert_eq!(first.url, second.url, "both lead to the same order");
    let attempts = "SELECT count(*) FROM attempt JOIN intent USING (intent) WHERE case_id = $1";
    assert_eq!(traces.count("payments", case, attempts).await, 1);
    let back = citizen.visitor.send(&first.form("/payme/pay").set("action", "pay").set("failure", "none")).await;
    assert_eq!(back.url.as_str(), citizen.address(case, "confirmation"), "{}", back.text());
    let late = citizen.visitor.send(&form).await;
    assert_eq!(late.url.as_str(), citizen.address(case, "confirmation"), "{}", late.text());
    assert_eq!(traces.count("payments", case, attempts).await, 1, "nobody pays twice");
}

#[test]
fn two_tabs_and_a_stale_page_lose_nothing_and_show_what_is() {
    shared::walk(async {
        let platform = shared::platform().await;
        let mut citizen = Citizen::sign_in(&platform, "botir", "en").await;
        let page = citizen.begin().await;
        let case = case_of(&page.url);
        let page = to_reason(&mut citizen, page).await;
        let (reason, benefit) = (citizen.address(case, "pages/reason"), citizen.address(case, "pages/benefit"));
        // Another question, open in a tab of its own since before.
        let older = citizen.visitor.open(&citizen.address(case, "pages/contact")).await;
        let damaged = page.form("/pages/reason").set("reason.kind", "damaged");
        let abroad = page.form("/pages/reason").set("reason.kind", "abroad");
        for sent in 1..=2 {
            let next = citizen.visitor.send(&damaged).await;
            assert_eq!(next.url.as_str(), benefit, "sent {sent} times: the same answer again is no conflict");
        }
        let conflict = citizen.visitor.send(&abroad).await;
        assert_eq!((conflict.status.as_u16(), conflict.url.as_str()), (200, reason.as_str()), "{}", conflict.text());
        let told = "Reason – this answer was changed after you opened the page. Kept now: The certificate is damaged. \
                    Press “Continue” to put yours in its place";
        assert_eq!(conflict.errors(), [("reason.kind".to_owned(), told.to_owned())]);
        assert!(conflict.has_id("reason.kind"), "the error leads to the field");
        assert_eq!(conflict.form("/pages/reason").get("reason.kind"), Some("abroad"), "what was chosen stays");
        assert_eq!(kept(&mut citizen, case).await.as_deref(), Some("damaged"), "nothing is written over unseen");
        let next = citizen.visitor.send(&conflict.form("/pages/reason")).await;
        assert_eq!(next.url.as_str(), benefit, "{}", next.text());
        assert_eq!(kept(&mut citizen, case).await.as_deref(), Some("abroad"), "whoever saw both decides");
        let next = citizen.visitor.send(&answered(&older, &[])).await;
        assert!(!next.has_errors(), "another page is no conflict:\n{}", next.text());
        let check = citizen.answer(next, &[]).await;
        a_stale_check_page_sends_nothing(&mut citizen, case, check).await;
        // The back button: a question of an application that was sent leads to what it is now.
        let back = citizen.visitor.send(&conflict.form("/pages/reason").set("reason.kind", "lost")).await;
        assert_eq!((back.status.as_u16(), back.url.as_str()), (200, citizen.address(case, "").as_str()));
        assert!(back.shows("In progress"), "{}", back.text());
    });
}

/// The answers change in one tab; the other sends what it showed before.
async fn a_stale_check_page_sends_nothing(citizen: &mut Citizen, case: kernel::CaseId, check: Page) {
    let change = citizen.visitor.open(&citizen.address(case, "pages/reason?from=check")).await;
    let back = citizen.visitor.send(&change.form("/pages/reason").set("reason.kind", "damaged")).await;
    assert_eq!(back.url.as_str(), citizen.address(case, "check"), "{}", back.text());
    let refused = citizen.visitor.send(&check.form("/check")).await;
    assert!(refused.shows("The application changed after this page was opened."), "{}", refused.text());
    assert!(refused.shows("The certificate is damaged"), "{}", refused.text());
    let sent = citizen.visitor.send(&refused.form("/check")).await;
    assert_eq!(sent.url.as_str(), citizen.address(case, "pay"), "{}", sent.text());
}

async fn to_reason(citizen: &mut Citizen, mut page: Page) -> Page {
    while !page.has_input("reason.kind") {
        page = citizen.visitor.send(&answered(&page, &[])).await;
    }
    page
}

/// What the question shows as answered now.
async fn kept(citizen: &mut Citizen, case: kernel::CaseId) -> Option<String> {
    let page = citizen.visitor.open(&citizen.address(case, "pages/reason")).await;
    page.form("/pages/reason").get("reason.kind").map(str::to_owned)
}
