//! Withdrawn: the citizen reads what becomes of the money, takes the application back, and is paid back.

use tests::{citizen::Citizen, officer::Officer, shared, traces::Traces};

#[test]
fn a_paid_application_is_taken_back_and_paid_back() {
    shared::walk(async {
        let platform = shared::platform().await;
        let mut citizen = Citizen::sign_in(&platform, "dilnoza", "en").await;
        let case = citizen.apply_and_pay(&[]).await;
        let mut officer = Officer::of(&platform, "registrar-tashkent").await;
        let late = officer.task(case).await.form("/officer/tasks/").set("_outcome", "approve");
        let page = citizen.until_told(case, "An officer is looking at your application.").await;
        let ask = citizen.visitor.link(&page, "/withdraw").await;
        assert!(ask.shows("that you paid is returned to you"), "{}", ask.text());
        let done = citizen.visitor.send(&ask.form("/withdraw")).await;
        assert!(done.shows("You withdrew this application."), "{}:\n{}", done.status, done.text());
        let again = citizen.visitor.send(&ask.form("/withdraw")).await;
        assert!(again.shows("You withdrew this application."), "once or twice is the same:\n{}", again.text());
        let decided = officer.visitor.send(&late).await;
        assert_ne!(decided.url.path(), "/officer", "there is nothing to decide any more:\n{}", decided.text());
        let traces = Traces::of(&platform);
        traces.nothing_is_left(case, "withdrawn").await;
        traces.money_is(case, &[]).await;
    });
}
