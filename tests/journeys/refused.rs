//! Refused: the citizen reads why, gets the decision as a document, and gets the money back.

use tests::{
    citizen::Citizen,
    officer::{Clicking, Officer},
    shared,
    traces::Traces,
};

use crate::receipts::{CANCELLED, of_case};

#[test]
fn a_refused_citizen_reads_why_and_gets_the_money_back() {
    shared::walk(async {
        let platform = shared::platform().await;
        let mut citizen = Citizen::sign_in(&platform, "botir", "en").await;
        let case = citizen.apply_and_pay(&[]).await;
        let mut officer = Officer::of(&platform, "registrar-tashkent").await;
        let task = officer.task(case).await;
        let form = task.form("/officer/tasks/").set("_outcome", "refuse");
        let again = officer.visitor.send(&form).await;
        assert!(again.shows("Mark at least one reason"), "a refusal needs a reason:\n{}", again.text());
        let task = officer.task(case).await;
        let mut clicking = Clicking::after_reading(&mut officer);
        let form = clicking.tick(task.form("/officer/tasks/"), "_reasons:refuse", "no-record");
        let decided = clicking.press(&form.set("_note", "Ask the office of Samarkand.")).await;
        assert!(
            decided.shows("Your decision has been recorded."),
            "a reason says that it is refused: {}",
            decided.text()
        );
        // The letter is there before the case has ended.
        let page = citizen.until(case, "", |page| page.html.contains("/documents/") && page.shows("Refused")).await;
        for words in
            ["Refused", "No record of such a marriage was found", "Ask the office of Samarkand.", "How to appeal"]
        {
            assert!(page.shows(words), "{words:?} is missing:\n{}", page.text());
        }
        citizen.document(&page).await;
        let traces = Traces::of(&platform);
        traces.nothing_is_left(case, "rejected").await;
        traces.money_is(case, &[]).await;
        let receipts = of_case(&platform, &traces, case).await;
        assert_eq!(receipts.len(), 1, "{receipts:?}");
        assert_eq!(receipts[0]["state"], CANCELLED, "the provider gave the money back: {receipts:?}");
    });
}
