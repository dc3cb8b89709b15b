//! Returned: only the marked answers can be changed, nothing is paid twice, and the corrected case is approved.

use tests::{
    citizen::{Citizen, DUTY},
    officer::{Clicking, Officer},
    shared,
    traces::Traces,
};

#[test]
fn a_returned_application_is_corrected_and_approved_without_a_second_payment() {
    shared::walk(async {
        let platform = shared::platform().await;
        let mut citizen = Citizen::sign_in(&platform, "botir", "en").await;
        let case = citizen.apply_and_pay(&[]).await;
        let mut officer = Officer::of(&platform, "registrar-tashkent").await;
        let task = officer.task(case).await;
        let mut clicking = Clicking::after_reading(&mut officer);
        let form = clicking.tick(task.form("/officer/tasks/"), "_mark:contact.phone", "yes");
        let decided = clicking.press(&form.set("_why:contact.phone", "Nobody answers this number.")).await;
        assert!(
            decided.shows("Your decision has been recorded."),
            "a mark says that it is returned: {}",
            decided.text()
        );
        let page = citizen.until_told(case, "Needs correction").await;
        let traces = Traces::of(&platform);
        traces.until_texts("docket", case, "SELECT phase FROM entries WHERE case_id = $1", &["returned"]).await;
        let number = traces.texts("eservice", case, "SELECT number FROM cases WHERE case_id = $1").await.remove(0);
        let looked = officer.come_back(case, &number, "The citizen asks at the counter what is wrong").await;
        assert!(looked.shows("no longer needed since") && !looked.has_input("_outcome"), "{}", looked.text());
        let question = citizen.visitor.link(&page, "/pages/").await;
        assert!(question.shows("Nobody answers this number."), "{}", question.text());
        let other = citizen.visitor.open(&citizen.address(case, "pages/reason")).await;
        assert!(!other.has_input("reason.kind"), "what was not marked cannot be changed:\n{}", other.text());
        let check = citizen.answer(question, &[("contact.phone", "+998901234567")]).await;
        let sent = citizen.visitor.send(&check.form("/check")).await;
        assert!(sent.url.path().ends_with("/confirmation"), "nothing is to be paid: {}\n{}", sent.url, sent.text());
        let task = officer.task(case).await;
        for told in ["+998901234567", "Corrected", "Nobody answers this number.", "Before"] {
            assert!(task.shows(told), "the officer sees what became of the mark ({told}):\n{}", task.text());
        }
        officer.decide(case, "approve", &[]).await;
        citizen.until(case, "", |page| page.html.contains("/documents/")).await;
        traces.nothing_is_left(case, "granted").await;
        traces.money_is(case, &[("justice", DUTY)]).await;
        let intents = traces
            .count("payments", case, "SELECT count(*) FROM intent WHERE case_id = $1 AND state <> 'waived'")
            .await;
        assert_eq!(intents, 1, "one fee, asked for once");
    });
}
