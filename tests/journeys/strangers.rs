//! Whoever has no part in a case sees nothing of it, not even that it exists; that they looked is recorded.

use kernel::CaseId;
use tests::{citizen::Citizen, officer::Officer, shared, traces::Traces};

#[test]
fn anothers_case_looks_like_none_and_the_attempt_is_recorded() {
    shared::walk(async {
        let platform = shared::platform().await;
        let traces = Traces::of(&platform);
        let mut citizen = Citizen::sign_in(&platform, "botir", "en").await;
        let (case, pay) = citizen.apply(&[]).await;
        let mut other = Citizen::sign_in(&platform, "aygul", "en").await;
        let guessed: CaseId = "0193a000000070008000000000000001".parse().expect("an id");
        for rest in ["", "check", "pay", "pages/reason", "confirmation", "next", "returned", "discard"] {
            for id in [case, guessed] {
                let page = other.visitor.open(&other.address(id, rest)).await;
                assert_eq!(page.status, 404, "{rest}: {}", page.text());
                assert!(page.shows("Page not found"), "{rest}: {}", page.text());
            }
        }
        let own = other.begin().await;
        let token = own.form("/pages/").get("_token").unwrap_or_default().to_owned();
        let paid = other.visitor.send(&pay.form("/pay").set("_token", &token).set("_provider", "payme")).await;
        assert_eq!(paid.status, 404, "{}", paid.text());
        for wrong in [
            "applications/justice/marriage-certificate-copy/zz",
            "applications/health/passport/0193a000000070008000000000000001",
            "applications/JUSTICE/../y/x",
        ] {
            let page = other.visitor.open(&format!("{}/{wrong}", other.portal)).await;
            assert_eq!(page.status, 404, "{wrong}");
        }
        let refused = traces.acts("eservice", case).await.iter().filter(|act| *act == "case.refused").count();
        assert!(refused >= 8, "{refused} of at least eight looks were recorded");
        let guesses = traces.acts("eservice", guessed).await.iter().filter(|act| *act == "case.refused").count();
        assert!(guesses >= 8, "{guesses}");
    });
}

#[test]
fn an_officer_of_another_office_or_agency_finds_no_task_and_no_document_is_anothers() {
    shared::walk(async {
        let platform = shared::platform().await;
        let traces = Traces::of(&platform);
        let mut citizen = Citizen::sign_in(&platform, "botir", "en").await;
        let case = citizen.apply_and_pay(&[]).await;
        let mut officer = Officer::of(&platform, "registrar-tashkent").await;
        let task = officer.task(case).await;
        for login in ["registrar-nukus", "data-steward"] {
            let mut stranger = Officer::of(&platform, login).await;
            assert_eq!(stranger.find(case).await, None, "{login}");
            let page = stranger.visitor.open(task.url.as_str()).await;
            assert_eq!(page.status, 404, "{login}: {}", page.text());
            let queue = stranger.visitor.open(&format!("{}/officer", stranger.portal)).await;
            let token = queue.form("/sign-out").get("_token").unwrap_or_default().to_owned();
            let form = task.form("/officer/tasks/").set("_token", &token).set("_outcome", "approve");
            let decided = stranger.visitor.send(&form).await;
            assert_eq!(decided.status, 404, "{login}: {}", decided.text());
        }
        // A citizen's session is no officer's.
        let page = citizen.visitor.open(task.url.as_str()).await;
        assert!(page.url.path().contains("/sign-in"), "{}", page.url);
        officer.decide(case, "approve", &[]).await;
        let page = citizen.until(case, "", |page| page.html.contains("/documents/")).await;
        let document = page.links().into_iter().find(|link| link.path().contains("/documents/")).expect("just seen");
        let mut other = Citizen::sign_in(&platform, "aygul", "en").await;
        let (status, body) = other.visitor.download(&document).await;
        assert_eq!(status, 404);
        assert!(!body.starts_with(b"%PDF"));
        let refused = traces.acts("eservice", case).await.iter().filter(|act| *act == "case.refused").count();
        assert!(refused >= 4, "{:?}", traces.acts("eservice", case).await);
        traces.nothing_is_left(case, "granted").await;
    });
}
