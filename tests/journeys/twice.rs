//! Everything sent twice, from a stale page or from two tabs happens once; whoever comes second sees what is.

use tests::{
    citizen::{Citizen, DUTY, answered, case_of},
    officer::Officer,
    shared,
    traces::Traces,
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
            assert!(
                page.status.is_success() && page.url.path().ends_with("/pay"),
                "{} {}:\n{}",
                page.status,
                page.url,
                page.text()
            );
        }
        let sent = traces
            .count("eservice", case, "SELECT count(*) FROM audit WHERE subject = $1 AND act = 'case.submitted'")
            .await;
        assert_eq!(sent, 1);
        assert_eq!(traces.count("payments", case, "SELECT count(*) FROM intent WHERE case_id = $1").await, 1);
        let page = citizen.visitor.open(&citizen.address(case, "pay")).await;
        citizen.pay(&page, "pay", "none").await;
        let mut officer = Officer::of(&platform, "registrar-tashkent").await;
        let task = officer.task(case).await;
        let approve = task.form("/officer/tasks/").set("_outcome", "approve");
        let refuse = task.form("/officer/tasks/").set("_outcome", "refuse").set("_reasons:refuse", "no-record");
        let mut colleague = officer.visitor.clone();
        let (first, second) = tokio::join!(officer.visitor.send(&approve), colleague.send(&approve));
        for page in [first, second] {
            assert!(
                page.status.is_success() || page.status == 409 || page.status == 404,
                "{}:\n{}",
                page.status,
                page.text()
            );
        }
        let late = officer.visitor.send(&refuse).await;
        assert!(!late.shows("Your decision has been recorded."), "it was decided otherwise:\n{}", late.text());
        citizen.until(case, "", |page| page.html.contains("/documents/")).await;
        traces.nothing_is_left(case, "granted").await;
        traces.money_is(case, &[("justice", DUTY)]).await;
        let decided = traces
            .count("eservice", case, "SELECT count(*) FROM audit WHERE subject = $1 AND act = 'task.decided'")
            .await;
        assert_eq!(decided, 1, "{:?}", traces.acts("eservice", case).await);
    });
}

#[test]
fn two_tabs_and_a_stale_page_lose_nothing_and_show_what_is() {
    shared::walk(async {
        let platform = shared::platform().await;
        let mut citizen = Citizen::sign_in(&platform, "botir", "en").await;
        let page = citizen.begin().await;
        let case = case_of(&page.url);
        let mut page = citizen.visitor.send(&answered(&page, &[])).await;
        while !page.has_input("reason.kind") {
            page = citizen.visitor.send(&answered(&page, &[])).await;
        }
        let stale = page.form("/pages/reason").set("reason.kind", "abroad");
        let fresh = citizen.visitor.send(&page.form("/pages/reason").set("reason.kind", "damaged")).await;
        assert!(fresh.url.path().ends_with("/pages/benefit"), "{}", fresh.url);
        // Both tabs are the same person: the answer given last is the answer.
        citizen.visitor.send(&stale).await;
        let again = citizen.visitor.open(&citizen.address(case, "pages/reason")).await;
        assert_eq!(again.form("/pages/reason").get("reason.kind"), Some("abroad"));
        let check = citizen.answer(fresh, &[]).await;
        // The answers change in one tab; the other sends what it showed before.
        let change = citizen.visitor.open(&citizen.address(case, "pages/reason?from=check")).await;
        citizen.visitor.send(&change.form("/pages/reason").set("reason.kind", "other")).await;
        let refused = citizen.visitor.send(&check.form("/check")).await;
        assert!(
            refused.shows("The application changed after this page was opened."),
            "{}:\n{}",
            refused.url,
            refused.text()
        );
        assert!(refused.shows("Another reason"), "{}", refused.text());
        let sent = citizen.visitor.send(&refused.form("/check")).await;
        assert!(sent.url.path().ends_with("/pay"), "{}:\n{}", sent.url, sent.text());
        // The back button: a question of an application that was sent leads to what it is now.
        let back = citizen.visitor.send(&change.form("/pages/reason").set("reason.kind", "lost")).await;
        assert!(
            back.status.is_success() && back.shows("In progress"),
            "{} {}:\n{}",
            back.status,
            back.url,
            back.text()
        );
    });
}
