//! A service that decides by itself where the register is clean, and asks an officer where it is not.

use tests::{
    citizen::{Citizen, case_of},
    officer::Officer,
    platform::Platform,
    shared,
    traces::Traces,
};

async fn applied(platform: &Platform, person: &str) -> (Citizen, kernel::CaseId) {
    let mut citizen = Citizen::sign_in(platform, person, "kaa").await;
    citizen.service = "services/interior/no-criminal-record";
    let page = citizen.begin().await;
    let case = case_of(&page.url);
    let check = citizen.answer(page, &[("use.kind", "work")]).await;
    let sent = citizen.visitor.send(&check.form("/check")).await;
    assert!(sent.status.is_success(), "{} on {}:\n{}", sent.status, sent.url, sent.text());
    (citizen, case)
}

#[test]
fn who_has_no_record_gets_the_certificate_without_anybody_deciding() {
    shared::walk(async {
        let platform = shared::platform().await;
        let (mut citizen, case) = applied(&platform, "dilnoza").await;
        let page = citizen.until(case, "", |page| page.html.contains("/documents/")).await;
        assert!(page.shows("Maǵlıwmatnama berildi"), "{}", page.text());
        citizen.document(&page).await;
        let traces = Traces::of(&platform);
        traces.nothing_is_left(case, "granted").await;
        traces.money_is(case, &[]).await;
        let tasks = traces.count("eservice", case, "SELECT count(*) FROM case_tasks WHERE case_id = $1").await;
        assert_eq!(tasks, 0, "nobody was asked");
    });
}

#[test]
fn a_match_goes_to_an_inspector_who_refuses_with_the_article() {
    shared::walk(async {
        let platform = shared::platform().await;
        let (mut citizen, case) = applied(&platform, "rustam").await;
        let mut inspector = Officer::of(&platform, "inspector").await;
        let task = inspector.task(case).await;
        assert!(task.shows("169-modda, 2-qism"), "the officer reads what the court has:\n{}", task.text());
        inspector.decide(case, "refuse", &[("_reasons:refuse", "convicted")]).await;
        let page = citizen.until(case, "", |page| page.html.contains("/documents/")).await;
        assert!(page.shows("Jinoyat kodeksi, 77-modda"), "{}", page.text());
        Traces::of(&platform).nothing_is_left(case, "rejected").await;
    });
}
