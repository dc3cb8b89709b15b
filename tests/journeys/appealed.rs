//! Appealed: a refused citizen presses once and says why; another officer decides, and whoever refused never sees it again.

use tests::{
    citizen::{Citizen, case_of},
    officer::Officer,
    shared,
    traces::Traces,
};

#[test]
fn a_refusal_is_appealed_with_one_press_and_decided_by_another_officer() {
    shared::walk(async {
        const WHY: &str = "The office of Samarkand has written that it keeps the record.";
        const NOTE: &str = "Ask the office of Samarkand.";
        let platform = shared::platform().await;
        let mut citizen = Citizen::sign_in(&platform, "botir", "en").await;
        let refused = citizen.apply_and_pay(&[]).await;
        let mut first = Officer::of(&platform, "registrar-tashkent").await;
        first.decide(refused, "refuse", &[("_reasons:refuse", "no-record"), ("_note", NOTE)]).await;
        let page = citizen.until_told(refused, "Appeal this decision").await;
        assert!(page.shows("You can do this until the end of"), "{}", page.text());

        let question = citizen.visitor.send(&page.form("/onward/appeal")).await;
        assert!(question.url.path().ends_with("/pages/grounds"), "{}:\n{}", question.url, question.text());
        let appeal = case_of(&question.url);
        let check = citizen.answer(question, &[("appeal.grounds", WHY)]).await;
        assert!(
            check.shows(WHY) && check.shows("16 June 2012"),
            "what was answered before is there:\n{}",
            check.text()
        );
        let sent = citizen.visitor.send(&check.form("/check")).await;
        assert!(sent.url.path().ends_with("/confirmation"), "nothing is to be paid: {}\n{}", sent.url, sent.text());

        let mut second = Officer::of(&platform, "registrar-nukus").await;
        let task = second.task(appeal).await;
        for words in [WHY, NOTE, "Appeal this decision", "No record of such a marriage was found"] {
            assert!(task.shows(words), "{words:?} is missing:\n{}", task.text());
        }
        assert_eq!(first.find(appeal).await, None, "whoever refused it does not find it");
        let closed = first.visitor.open(task.url.as_str()).await;
        assert_eq!(closed.status, 404, "{}", closed.text());
        second.decide(appeal, "uphold", &[("_reasons:uphold", "unfounded")]).await;

        let page = citizen.until_told(appeal, "The decision stands").await;
        let back = citizen.visitor.link(&page, &refused.to_string()).await;
        assert!(back.links().iter().any(|link| link.path().ends_with(&appeal.to_string())), "{}", back.text());
        assert!(!back.html.contains("/onward/"), "once:\n{}", back.text());
        let mut stranger = Citizen::sign_in(&platform, "dilnoza", "en").await;
        let theirs = stranger.visitor.open(&stranger.address(appeal, "")).await;
        assert_eq!(theirs.status, 404, "{}", theirs.text());
        let traces = Traces::of(&platform);
        traces.nothing_is_left(refused, "rejected").await;
        traces.nothing_is_left(appeal, "upheld").await;
        traces.money_is(refused, &[]).await;
        traces.money_is(appeal, &[]).await;
    });
}
