//! Whoever runs the platform takes a new look back, brings it to people again, and stops a service without losing a case.

use tests::{
    citizen::{Citizen, SERVICE},
    officer::Officer,
    patience::Patience,
    platform::{Manner, Platform, repository},
    shared,
    terminal::as_administrator,
    traces::Traces,
    visitor::Visitor,
};

use crate::watch::copy;

const DEFINITION: &str = "justice/marriage-certificate-copy/service.yaml";
const OF: [&str; 4] = ["--agency", "justice", "--service", "marriage-certificate-copy"];
const OLD: &str = "Copy of a marriage certificate";
const NEW: &str = "Duplicate of a marriage certificate";

async fn revisions(platform: &Platform, command: &[&str]) -> String {
    as_administrator(platform, &[&["revisions"], command, &OF].concat(), "").await
}

/// Asks until the service's page says so.
async fn until_shown(platform: &Platform, words: &str) {
    let mut visitor = Visitor::new("en");
    let patience = Patience::default();
    let mut text = String::new();
    while patience.lasts() {
        let page = visitor.open(&format!("{}/{SERVICE}", platform.ready.portal)).await;
        if page.shows(words) {
            return;
        }
        text = page.text();
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
    panic!("never shown: {words}\n{text}");
}

/// A new application begins under this title, once everybody has heard what counts.
async fn until_begun_as(citizen: &mut Citizen, title: &str) {
    let patience = Patience::default();
    let mut text = String::new();
    while patience.lasts() {
        let start = citizen.visitor.open(&format!("{}/{SERVICE}/start", citizen.portal)).await;
        if start.url.path().ends_with("/start") {
            let page = citizen.visitor.send(&start.form("/start").set("_choice", "new")).await;
            if page.url.path().contains("/pages/") && page.shows(title) {
                return;
            }
            text = page.text();
        }
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
    panic!("no application begins as `{title}`\n{text}");
}

#[test]
fn a_new_look_is_taken_back_and_brought_again_and_a_service_that_ends_decides_what_was_sent() {
    shared::walk(async {
        let folder = tempfile::tempdir().expect("a folder");
        let definitions = folder.path().join("definitions");
        copy(&repository().join("examples"), &definitions);
        let manner = Manner { watched: Some(definitions.clone()), ..Manner::default() };
        let platform = Platform::start_as(folder, manner).await;
        let traces = Traces::of(&platform);
        let mut citizen = Citizen::sign_in(&platform, "botir", "en").await;
        let sent = citizen.apply_and_pay(&[]).await;

        let text = std::fs::read_to_string(definitions.join(DEFINITION)).expect("copied");
        let changed = text.replace(OLD, NEW);
        assert_ne!(changed, text);
        std::fs::write(definitions.join(DEFINITION), &changed).expect("the folder can be written");
        until_shown(&platform, NEW).await;
        let listed = revisions(&platform, &["list"]).await;
        let rows: Vec<&str> = listed.lines().skip(1).take(2).collect();
        assert!(rows[0].contains("presentation") && rows[1].contains("first"), "{listed}");
        let (new, first) = (&rows[0][..12], &rows[1][..12]);

        let refused = revisions(&platform, &["offer", first, "--share", "0"]).await;
        assert!(refused.contains("revision.law"), "{refused}");
        let returned = revisions(&platform, &["offer", new, "--share", "0", "--reason", "people stop early"]).await;
        assert!(returned.contains("people stop early"), "{returned}");
        until_shown(&platform, OLD).await;
        until_begun_as(&mut citizen, OLD).await;

        // The author goes back, too, and comes again with the same bytes.
        std::fs::write(definitions.join(DEFINITION), &text).expect("the folder can be written");
        until_first(&platform, first).await;
        std::fs::write(definitions.join(DEFINITION), &changed).expect("the folder can be written");
        until_shown(&platform, NEW).await;
        until_begun_as(&mut citizen, NEW).await;

        let ending = revisions(&platform, &["intake", "ending"]).await;
        assert!(ending.contains("New applications: closed (ending)"), "{ending}");
        until_shown(&platform, "This service has ended").await;
        let home = citizen.visitor.open(&platform.ready.portal).await;
        assert!(!home.links().iter().any(|link| link.path().ends_with(SERVICE)), "{}", home.text());
        let mut officer = Officer::of(&platform, "registrar-tashkent").await;
        officer.decide(sent, "approve", &[]).await;
        citizen.until(sent, "", |page| page.html.contains("/documents/")).await;
        traces.nothing_is_left(sent, "granted").await;
        let open = revisions(&platform, &["intake", "open"]).await;
        assert!(open.contains("New applications: open"), "{open}");
        until_begun_as(&mut citizen, NEW).await;
    });
}

/// The first revision counts again, as what was admitted last.
async fn until_first(platform: &Platform, first: &str) {
    let patience = Patience::default();
    let mut listed = String::new();
    while patience.lasts() {
        listed = revisions(platform, &["list"]).await;
        if listed.lines().nth(1).is_some_and(|row| row.starts_with(first)) {
            return;
        }
    }
    panic!("{listed}");
}
