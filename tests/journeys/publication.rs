//! Nothing is published without the agency's lawyer and its head: a changed service waits, both read its booklet and approve it, and
//! then it runs. It stays so until both agree that it ends, whatever the agency's file says.

use std::{path::Path, process::Command};

use kernel::Hash;
use tests::{
    citizen::Citizen,
    officer::Officer,
    patience::Patience,
    platform::{Manner, Platform, binary, repository},
    shared,
    terminal::as_officer,
    traces::Traces,
    visitor::Page,
};

use crate::watch::copy;

const SERVICE: &str = "justice/marriage-certificate-copy";
const LANGUAGES: [&str; 5] = ["uz", "uz-Cyrl", "kaa", "ru", "en"];
const NEW_WORDS: &str = "The new copy was issued";
const ADMITTED: &str = "SELECT count(*) FROM admissions WHERE service = 'marriage-certificate-copy'";

/// Puts a line directly under `spec:`.
fn with(text: &str, line: &str) -> String {
    let changed = text.replacen("\nspec:\n", &format!("\nspec:\n  {line}\n"), 1);
    assert_ne!(changed, text);
    changed
}

/// What somebody who has read all texts of a language writes down.
fn reviewed(service: &Path, language: &str) -> String {
    let arguments = ["texts", "--reviewed", language];
    let output =
        Command::new(binary("xizmat")).args(arguments).arg(service).output().expect("the platform's own binary");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// The changed definition, with every language reviewed. It is made aside, where nobody watches.
fn changed(aside: &Path) -> String {
    copy(&repository().join("examples"), aside);
    let service = aside.join(SERVICE);
    let file = service.join("service.yaml");
    let text = std::fs::read_to_string(&file).expect("copied");
    let text = text.replacen("en: \"Copy issued\"", &format!("en: \"{NEW_WORDS}\""), 1);
    std::fs::write(&file, &text).expect("the folder can be written");
    let lines = LANGUAGES.map(|language| reviewed(&service, language));
    with(&text, &format!("texts: {{reviewed: {{{}}}}}", lines.join(", ")))
}

async fn until(officer: &mut Officer, path: &str, expected: impl Fn(&Page) -> bool) -> Page {
    let address = format!("{}{path}", officer.portal);
    let patience = Patience::default();
    while patience.lasts() {
        let page = officer.visitor.open(&address).await;
        if expected(&page) {
            return page;
        }
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    }
    panic!("{address} stays as it is:\n{}", officer.visitor.open(&address).await.text())
}

/// Reads what waits as this officer: the page of it, and the English booklet.
async fn reads(officer: &mut Officer) -> Page {
    let list = until(officer, "/publication", |page| page.html.contains(&format!("/publication/{SERVICE}/"))).await;
    let page = officer.visitor.link(&list, &format!("/publication/{SERVICE}/")).await;
    assert!(page.shows("What changes") && page.shows("Steps"), "{}", page.text());
    let booklet = page.links().into_iter().find(|link| link.path().ends_with("/en")).expect("an English booklet");
    let (status, file) = officer.visitor.download(&booklet).await;
    assert!(status.is_success(), "{status}");
    let told = String::from_utf8_lossy(&file);
    assert!(told.contains(NEW_WORDS), "it tells what would run");
    assert!(told.contains("<blockquote class=\"letter\"><div lang=\"en\">"), "letters are read, not their templates");
    assert!(page.shows(&Hash::of(&file).to_string()), "the hash names exactly this file:\n{}", page.text());
    page
}

async fn approves(officer: &mut Officer) {
    let page = reads(officer).await;
    let done = officer.visitor.send(&page.form("/publication/")).await;
    assert!(done.shows("Your approval is recorded"), "{}", done.text());
}

async fn until_admitted(traces: &Traces, revisions: i64) {
    let patience = Patience::default();
    while traces.total("register", ADMITTED).await < revisions && patience.lasts() {
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
    assert_eq!(traces.total("register", ADMITTED).await, revisions, "it is published by itself");
}

#[test]
fn a_changed_service_waits_for_lawyer_and_head_and_runs_once_both_have_approved_it() {
    shared::walk(async {
        let folder = tempfile::tempdir().expect("a folder");
        let definitions = folder.path().join("definitions");
        copy(&repository().join("examples"), &definitions);
        let definition = changed(&folder.path().join("aside"));
        let manner = Manner { watched: Some(definitions.clone()), ..Manner::default() };
        let platform = Platform::start_as(folder, manner).await;
        let traces = Traces::of(&platform);
        let mut citizen = Citizen::sign_in(&platform, "botir", "en").await;
        let running = citizen.apply_and_pay(&[]).await;

        let agency = definitions.join("justice/agency.yaml");
        let text = std::fs::read_to_string(&agency).expect("copied");
        std::fs::write(&agency, with(&text, "publication: approved")).expect("the folder can be written");
        let service = definitions.join(SERVICE).join("service.yaml");
        std::fs::write(&service, &definition).expect("the folder can be written");

        let mut lawyer = Officer::of(&platform, "lawyer").await;
        approves(&mut lawyer).await;
        let page = until(&mut lawyer, "/publication", |page| page.shows("Still to approve: Head of the agency")).await;
        let again = lawyer.visitor.link(&page, &format!("/publication/{SERVICE}/")).await;
        assert_eq!(again.form("/publication/").get("_act"), Some("withdraw"), "nobody approves twice");
        let mut stranger = Officer::of(&platform, "registrar-tashkent").await;
        let refused = stranger.visitor.open(again.url.as_str()).await;
        assert_eq!(refused.status, 404, "neither lawyer nor head:\n{}", refused.text());
        assert_eq!(traces.total("register", ADMITTED).await, 1, "what runs goes on, alone");

        let mut head = Officer::of(&platform, "head").await;
        approves(&mut head).await;
        until_admitted(&traces, 2).await;
        let none = until(&mut head, "/publication", |page| page.shows("Nothing waits for approval")).await;
        assert!(!none.html.contains(SERVICE), "{}", none.text());

        std::fs::write(&agency, text).expect("the folder can be written");
        let longer = definition.replacen("drafts: 30 days", "drafts: 31 days", 1);
        assert_ne!(longer, definition);
        std::fs::write(&service, longer).expect("the folder can be written");
        until(&mut lawyer, "/publication", |page| page.html.contains(&format!("/publication/{SERVICE}/"))).await;
        let asked = until(&mut lawyer, "/publication", |page| page.shows("You agree as: Lawyer of the agency")).await;
        let agreement = asked.forms("/publication").into_iter().find(|form| form.get("_agency") == Some("justice"));
        let agreed = lawyer.visitor.send(&agreement.expect("a form")).await;
        assert!(agreed.shows("Your agreement is recorded") && agreed.shows("You have agreed"), "{}", agreed.text());
        assert_eq!(traces.total("register", ADMITTED).await, 2, "one is not two");
        let told = as_officer(&platform, "registrar-tashkent", &["free-publication"]).await;
        assert!(told.contains("publication.unknown"), "{told}");
        let told = as_officer(&platform, "head", &["free-publication"]).await;
        assert!(told.contains("Agreed by both"), "{told}");
        until_admitted(&traces, 3).await;

        stranger.decide(running, "approve", &[]).await;
        citizen.until_told(running, "Copy issued").await;
        traces.nothing_is_left(running, "granted").await;
        let approvals = "SELECT count(*) FROM audit WHERE act = 'revision.approved'";
        assert_eq!(traces.total("register", approvals).await, 2, "each with its record");
        for left in ["SELECT count(*) FROM proposals", "SELECT count(*) FROM freeings"] {
            assert_eq!(traces.total("register", left).await, 0, "nothing is left behind");
        }
    });
}
