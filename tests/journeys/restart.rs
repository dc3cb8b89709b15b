//! Stopped in order and started again: everybody goes on where they were, still signed in.

use tests::{
    citizen::{Citizen, DUTY, answered, case_of},
    officer::Officer,
    platform::Platform,
    shared,
    traces::Traces,
};

#[test]
fn after_a_restart_every_case_goes_on_where_it_stood() {
    shared::walk(async {
        let mut platform = Platform::start().await;
        let mut citizen = Citizen::sign_in(&platform, "botir", "en").await;
        let waiting = citizen.apply_and_pay(&[]).await;
        let (unpaid, _) = citizen.apply(&[]).await;
        let mut officer = Officer::of(&platform, "registrar-tashkent").await;
        officer.task(waiting).await;
        let mut page = citizen.begin().await;
        let draft = case_of(&page.url);
        while !page.has_input("benefit.kind") {
            page = citizen.visitor.send(&answered(&page, &[("reason.kind", "damaged")])).await;
        }
        let ended = platform.stop().await;
        assert!(ended.success(), "{ended}: {}", platform.log());
        assert!(citizen.visitor.try_open(&platform.ready.portal).await.is_err(), "it has stopped");
        platform.start_again().await;
        // The form that was open when it stopped.
        let page = citizen.visitor.send(&answered(&page, &[])).await;
        assert_eq!(case_of(&page.url), draft, "{}:\n{}", page.url, page.text());
        let check = citizen.answer(page, &[]).await;
        assert!(check.shows("The certificate is damaged"), "{}", check.text());
        let pay = citizen.visitor.send(&check.form("/check")).await;
        citizen.pay(&pay, "pay", "none").await;
        let pay = citizen.until(unpaid, "pay", |page| page.url.path().ends_with("/pay")).await;
        citizen.pay(&pay, "pay", "none").await;
        let traces = Traces::of(&platform);
        for case in [waiting, unpaid, draft] {
            officer.decide(case, "approve", &[]).await;
            citizen.until(case, "", |page| page.html.contains("/documents/")).await;
            traces.nothing_is_left(case, "granted").await;
            traces.money_is(case, &[("justice", DUTY)]).await;
        }
        assert!(platform.stop().await.success());
    });
}
