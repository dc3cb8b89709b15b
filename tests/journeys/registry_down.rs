//! The registry is down: people type what it would have said, and the officer sees that nobody confirmed it.

use serde_json::json;
use tests::{
    citizen::{Citizen, DUTY},
    officer::Officer,
    platform::Platform,
    shared,
    traces::Traces,
};

#[test]
fn without_the_registry_answers_are_typed_and_the_officer_sees_no_registry_facts() {
    shared::walk(async {
        let platform = Platform::start().await;
        platform.tell("registry", json!({"fault": "down"})).await;
        let mut citizen = Citizen::sign_in(&platform, "dilnoza", "en").await;
        let page = citizen.begin().await;
        let case = tests::citizen::case_of(&page.url);
        assert!(page.has_input("_date:day:marriage.date"), "it is asked for:\n{}", page.text());
        let answers = [
            ("_date:day:marriage.date", "12"),
            ("_date:month:marriage.date", "9"),
            ("_date:year:marriage.date", "2015"),
        ];
        let check = citizen.answer(page, &answers).await;
        assert!(check.shows("12 September 2015"), "{}", check.text());
        assert!(!check.shows("Source:"), "nothing came from a registry:\n{}", check.text());
        citizen.visitor.send(&check.form("/check")).await;
        let pay = citizen.until(case, "pay", |page| page.url.path().ends_with("/pay")).await;
        citizen.pay(&pay, "pay", "none").await;
        let mut officer = Officer::of(&platform, "registrar-tashkent").await;
        let task = officer.task(case).await;
        assert!(task.shows("12 September 2015"), "{}", task.text());
        for words in ["Taken from the registry", "Differs"] {
            assert!(!task.shows(words), "no fact is known, yet {words:?}:\n{}", task.text());
        }
        let uses = citizen.visitor.open(&format!("{}/data-use", citizen.portal)).await;
        assert!(uses.shows("The registry did not answer"), "{}", uses.text());
        platform.tell("registry", json!({"fault": "none"})).await;
        officer.decide(case, "approve", &[]).await;
        citizen.until(case, "", |page| page.html.contains("/documents/")).await;
        let traces = Traces::of(&platform);
        traces.nothing_is_left(case, "granted").await;
        traces.money_is(case, &[("justice", DUTY)]).await;
    });
}
