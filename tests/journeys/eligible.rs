//! Anybody can check, before signing in, whether a service is for them; what they answered stands in no address.

use tests::{
    citizen::SERVICE,
    shared,
    visitor::{Page, Visitor},
};

async fn answered(visitor: &mut Visitor, page: &Page, here: &str, whose: &str) -> Page {
    let form = page.form("/eligibility").set("registeredHere", here).set("whose", whose);
    let told = visitor.send(&form).await;
    assert!(told.status.is_success() && !told.has_errors(), "{} on {}:\n{}", told.status, told.url, told.text());
    assert_eq!(told.url.query(), None, "answers stand in no address");
    told
}

#[test]
fn a_person_learns_before_signing_in_whether_a_service_is_for_them_and_what_to_do_instead() {
    shared::walk(async {
        let platform = shared::platform().await;
        let mut visitor = Visitor::new("en");
        let service = visitor.open(&format!("{}/{SERVICE}", platform.ready.portal)).await;
        let page = visitor.link(&service, "/eligibility").await;
        let again = visitor.send(&page.form("/eligibility").set("whose", "own")).await;
        assert_eq!(again.errors().len(), 1, "{}", again.text());
        assert_eq!(again.form("/eligibility").get("whose"), Some("own"), "what was answered stays");
        let told = answered(&mut visitor, &again, "false", "own").await;
        for words in ["You probably cannot get this service", "Family Code", "its embassy", "Apply anyway"] {
            assert!(told.shows(words), "{words}:\n{}", told.text());
        }
        let told = answered(&mut visitor, &page, "true", "own").await;
        assert!(told.shows("You can apply"), "{}", told.text());
        let told = answered(&mut visitor, &page, "true", "other").await;
        assert!(told.shows("Your answers do not rule you out"), "{}", told.text());
        let start = visitor.link(&told, "/start").await;
        assert!(!start.url.path().ends_with("/start"), "only the application asks who one is: {}", start.url);
    });
}
