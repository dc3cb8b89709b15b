//! A definition that changes on disk becomes a new revision; a case that runs stays on its own.

use std::path::Path;

use tests::{
    citizen::{Citizen, case_of},
    officer::Officer,
    patience::Patience,
    platform::{Manner, Platform, repository},
    shared,
    traces::Traces,
};

const DEFINITION: &str = "justice/marriage-certificate-copy/service.yaml";

#[test]
fn a_changed_definition_is_a_new_revision_and_a_running_case_stays_on_its_own() {
    shared::walk(async {
        let folder = tempfile::tempdir().expect("a folder");
        let definitions = folder.path().join("definitions");
        copy(&repository().join("examples"), &definitions);
        let manner = Manner { watched: Some(definitions.clone()), ..Manner::default() };
        let platform = Platform::start_as(folder, manner).await;
        let traces = Traces::of(&platform);
        let mut citizen = Citizen::sign_in(&platform, "botir", "en").await;
        let running = citizen.apply_and_pay(&[]).await;
        let text = std::fs::read_to_string(definitions.join(DEFINITION)).expect("copied");
        let broken = text.replacen("kind: ServiceDefinition", "kind: [", 1);
        std::fs::write(definitions.join(DEFINITION), broken).expect("the folder can be written");
        let changed = text.replacen("en: \"Copy issued\"", "en: \"The new copy was issued\"", 1);
        assert_ne!(changed, text);
        std::fs::write(definitions.join(DEFINITION), changed).expect("the folder can be written");
        wait_for_second_revision(&traces).await;
        let (new, page) = citizen.apply(&[]).await;
        citizen.pay(&page, "pay", "none").await;
        assert_ne!(traces.revision(new).await, traces.revision(running).await);
        let mut officer = Officer::of(&platform, "registrar-tashkent").await;
        for (case, words) in [(running, "Copy issued"), (new, "The new copy was issued")] {
            officer.decide(case, "approve", &[]).await;
            citizen.until_told(case, words).await;
            traces.nothing_is_left(case, "granted").await;
        }
    });
}

/// What the next revision says otherwise: one question is asked no more, another one is, and fewer phone numbers fit.
const OTHERWISE: [(&str, &str); 4] = [
    ("details: {type: string, maxLength: 500}", "use: {type: string, minLength: 3, maxLength: 500}"),
    (
        "at: reason.details\n              when: data.reason.kind == 'other'\n              optional: true",
        "at: reason.use\n              when: data.reason.kind == 'other'",
    ),
    ("en: \"Describe the reason\"", "en: \"What the copy will be used for\""),
    ("998[0-9]{9}$", "99890[0-9]{7}$"),
];
const TYPED: &str = "For the family archive";

#[test]
fn a_draft_goes_on_under_the_new_revision_and_says_what_is_new_wrong_and_asked_no_more() {
    shared::walk(async {
        let folder = tempfile::tempdir().expect("a folder");
        let definitions = folder.path().join("definitions");
        copy(&repository().join("examples"), &definitions);
        let manner = Manner { watched: Some(definitions.clone()), ..Manner::default() };
        let platform = Platform::start_as(folder, manner).await;
        let traces = Traces::of(&platform);
        let mut citizen = Citizen::sign_in(&platform, "dilnoza", "en").await;
        let page = citizen.begin().await;
        let case = case_of(&page.url);
        citizen.answer(page, &[("reason.kind", "other"), ("contact.phone", "+998911234567")]).await;
        let reason = citizen.address(case, "pages/reason");
        let page = citizen.visitor.open(&reason).await;
        citizen.visitor.send(&page.form("/pages/").set("reason.details", TYPED)).await;

        let definition = definitions.join(DEFINITION);
        let mut text = std::fs::read_to_string(&definition).expect("copied");
        for (was, is) in OTHERWISE {
            assert_eq!(text.matches(was).count(), 1, "{was}");
            text = text.replacen(was, is, 1);
        }
        std::fs::write(&definition, text).expect("the folder can be written");
        wait_for_second_revision(&traces).await;
        let check = citizen.until(case, "check", |page| page.has_id("moved")).await;
        for words in ["New questions What the copy will be used for", "correct them Phone number", TYPED] {
            assert!(check.shows(words), "{words:?} is missing:\n{}", check.text());
        }
        let question = citizen.visitor.open(&reason).await;
        assert!(question.has_id("moved") && question.has_id("reason.use-new"), "{}", question.html);
        assert!(!question.has_input("reason.details"), "it is asked no more:\n{}", question.html);
        citizen.answer(question, &[("reason.kind", "other"), ("reason.use", "To hang it up")]).await;
        let contact = citizen.address(case, "pages/contact");
        let page = citizen.visitor.open(&contact).await;
        let check = citizen.answer(page, &[]).await;
        assert!(check.shows("To hang it up") && check.shows("+998907654321"), "{}", check.text());
        citizen.visitor.send(&check.form("/check")).await;

        let pay = citizen.until(case, "pay", |page| page.url.path().ends_with("/pay")).await;
        citizen.pay(&pay, "pay", "none").await;
        let mut officer = Officer::of(&platform, "registrar-tashkent").await;
        let task = officer.task(case).await;
        assert!(task.shows("To hang it up") && !task.shows(TYPED), "what fell away went with it:\n{}", task.text());
        officer.decide(case, "approve", &[]).await;
        citizen.until(case, "", |page| page.html.contains("/documents/")).await;
        traces.nothing_is_left(case, "granted").await;
    });
}

/// Other services have revisions, too.
const REVISIONS: &str = "SELECT count(*) FROM service_revisions \
                         WHERE effective_from IS NOT NULL AND service = 'marriage-certificate-copy'";

/// The register has admitted it, and the e-service follows: new drafts are made from it.
async fn wait_for_second_revision(traces: &Traces) {
    let patience = Patience::default();
    while patience.lasts() {
        if traces.total("eservice", REVISIONS).await >= 2 {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
    panic!("the change did not become a revision");
}

pub fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("the folder can be written");
    for entry in std::fs::read_dir(from).expect("the examples").flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).expect("the folder can be written");
        }
    }
}
