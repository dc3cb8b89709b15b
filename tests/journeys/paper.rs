//! On paper: an officer types what somebody signed, who finds it in the portal from then on, pays, and gets the document.

use kernel::CaseId;
use tests::{
    citizen::{Citizen, DUTY, answered},
    officer::Officer,
    platform::{Manner, Platform, repository},
    shared,
    traces::Traces,
    visitor::{Form, Page},
};
use url::Url;

use crate::watch::copy;

/// Dilnoza Karimova's, as it stands on her passport.
const PINFL: &str = "41503920170217";
const ORIGINAL: &str = "K-7/2026";

#[test]
fn what_an_officer_types_and_sends_is_the_applicants_who_pays_and_gets_the_document() {
    shared::walk(async {
        let platform = shared::platform().await;
        the_way_there_is_shown_to_whoever_takes_papers_in(&platform).await;
        let mut citizen = Citizen::sign_in(&platform, "dilnoza", "en").await;
        let mut officer = Officer::of(&platform, "registrar-tashkent").await;
        let services = officer.visitor.open(&format!("{}/officer/paper", officer.portal)).await;
        let form = officer.visitor.link(&services, "/officer/paper/justice/").await;
        let again = officer.visitor.send(&told(&form, "Sobirova")).await;
        assert!(again.shows("are not of one person"), "{}:\n{}", again.url, again.text());
        thrown_away(&mut officer, &form).await;
        let form = officer.visitor.link(&services, "/officer/paper/justice/").await;
        let mut page = officer.visitor.send(&told(&form, "Karimova")).await;
        let case = typed(&page.url);
        for _ in 0..15 {
            if page.url.path().ends_with("/check") {
                break;
            }
            page = officer.visitor.send(&answered(&page, &[])).await;
        }
        assert!(page.shows("You fill this in for Karimova Dilnoza"), "{}:\n{}", page.url, page.text());
        assert!(page.shows(ORIGINAL), "what the officer declares:\n{}", page.text());
        let before = citizen.visitor.open(&citizen.address(case, "")).await;
        assert_eq!(before.status, 404, "while it is typed it is nobody else's:\n{}", before.text());
        let sent = officer.visitor.send(&page.form("/check")).await;
        assert!(sent.shows("Application received"), "{}:\n{}", sent.url, sent.text());
        let gone = officer.visitor.open(page.url.as_str()).await;
        assert_eq!(gone.status, 404, "what was sent is typed no more:\n{}", gone.text());

        let pay = citizen.until(case, "pay", |page| page.url.path().ends_with("/pay")).await;
        citizen.pay(&pay, "pay", "none").await;
        let told = citizen.until_told(case, "An officer took this application in on paper").await;
        assert!(told.shows(ORIGINAL) && told.shows("Application on paper"), "{}", told.text());
        let task = officer.task(case).await;
        assert!(task.shows(ORIGINAL) && task.shows("You typed this application yourself"), "{}", task.text());
        assert!(!task.has_input("_outcome"), "whoever typed it does not decide it:\n{}", task.text());
        Officer::of(&platform, "lead").await.decide(case, "approve", &[]).await;
        let page = citizen.until(case, "", |page| page.html.contains("/documents/")).await;
        citizen.document(&page).await;

        let uses = citizen.visitor.open(&format!("{}/data-use", citizen.portal)).await;
        assert!(uses.shows("Application on paper"), "she reads who looked at her data:\n{}", uses.text());
        assert!(uses.shows("taken in by mistake"), "also of what was thrown away:\n{}", uses.text());
        let traces = Traces::of(&platform);
        let acts = traces.acts("eservice", case).await;
        assert_eq!(acts.iter().filter(|act| *act == "paper.taken-in").count(), 1, "{acts:?}");
        traces.nothing_is_left(case, "granted").await;
        traces.money_is(case, &[("justice", DUTY)]).await;
    });
}

/// What makes the example take in papers of people whom identity does not know, and begin by itself; the archive is asked about nobody.
const FOR_STRANGERS: [(&str, &str); 2] = [
    (
        "      kind: officer\n      step: apply\n      role: registrar\n",
        "      kind: officer\n      step: apply\n      role: registrar\n      identifiedBy: [pinfl, foreignDocument]\n      exOfficio: true\n",
    ),
    ("{pinfl: applicant.pinfl,", "{pinfl: \"has(applicant.pinfl) ? applicant.pinfl : '00000000000000'\","),
];
/// Nobody has to pay.
const EXEMPT: [(&str, &str); 2] = [("benefit.kind", "disability"), ("benefit.certificate", "II-12345")];
const DOCUMENT: &str = "KAZ N12345678";
const ORDER: &str = "The court of Nukus ordered it on 3 November";

#[test]
fn a_foreigners_paper_and_what_an_office_begins_by_itself_are_decided_without_a_word_to_anybody() {
    shared::walk(async {
        let folder = tempfile::tempdir().expect("a folder");
        let definitions = folder.path().join("definitions");
        copy(&repository().join("examples"), &definitions);
        let definition = definitions.join("justice/marriage-certificate-copy/service.yaml");
        let mut text = std::fs::read_to_string(&definition).expect("copied");
        for (was, is) in FOR_STRANGERS {
            assert_eq!(text.matches(was).count(), 1, "{was}");
            text = text.replacen(was, is, 1);
        }
        std::fs::write(&definition, text).expect("the folder can be written");
        let manner = Manner { watched: Some(definitions), ..Manner::default() };
        let platform = Platform::start_as(folder, manner).await;
        for way in ["document", "ex-officio"] {
            of_a_stranger(&platform, way).await;
        }
    });
}

/// One officer types, another decides; `way`: how the applicant is known, if there is one.
async fn of_a_stranger(platform: &Platform, way: &str) {
    let mut officer = Officer::of(platform, "registrar-tashkent").await;
    let services = officer.visitor.open(&format!("{}/officer/paper", officer.portal)).await;
    let page = officer.visitor.link(&services, "/officer/paper/justice/").await;
    let form = page.form("/officer/paper/").set("_identified", way).set("_language", "en");
    let unsaid = officer.visitor.send(&form).await;
    let at: Vec<String> = unsaid.errors().into_iter().map(|(at, _)| at).collect();
    assert_eq!(at, [if way == "document" { "document" } else { "reason" }], "{}", unsaid.text());
    let form = if way == "document" {
        let form = form.set("_document", DOCUMENT).set("_family", "Nurlanov").set("_given", "Askar");
        form.set("_original", ORIGINAL)
    } else {
        form.set("_reason", ORDER)
    };
    let mut page = officer.visitor.send(&form).await;
    let case = typed(&page.url);
    for _ in 0..15 {
        if page.url.path().ends_with("/check") {
            break;
        }
        page = officer.visitor.send(&answered(&page, &EXEMPT)).await;
    }
    let whose = if way == "document" { "You fill this in for Nurlanov Askar" } else { ORDER };
    assert!(page.shows(whose), "{whose:?} is missing on {}:\n{}", page.url, page.text());
    let sent = officer.visitor.send(&page.form("/check")).await;
    assert!(sent.shows("Application received"), "{}:\n{}", sent.url, sent.text());

    let mut lead = Officer::of(platform, "lead").await;
    let task = lead.task(case).await;
    assert!(task.shows(if way == "document" { ORIGINAL } else { ORDER }), "{}", task.text());
    lead.decide(case, "approve", &[]).await;
    let traces = Traces::of(platform);
    traces.nothing_is_left(case, "granted").await;
    traces.money_is(case, &[]).await;
    let messages = "SELECT count(*) FROM message WHERE case_id = $1";
    assert_eq!(traces.count("notifications", case, messages).await, 0, "{way}: nobody is written to");
    let documents = "SELECT count(*) FROM documents WHERE case_id = $1";
    assert_eq!(traces.count("signing", case, documents).await, 1, "{way}: the office prints it");
}

async fn the_way_there_is_shown_to_whoever_takes_papers_in(platform: &Platform) {
    for (login, takes_in) in [("registrar-tashkent", true), ("head-tashkent", false)] {
        let mut officer = Officer::of(platform, login).await;
        let queue = officer.visitor.open(&format!("{}/officer", officer.portal)).await;
        let shown = queue.links().iter().any(|link| link.path() == "/officer/paper");
        assert_eq!(shown, takes_in, "{login}:\n{}", queue.text());
    }
}

/// What was begun by mistake is thrown away with a reason, and without one is not.
async fn thrown_away(officer: &mut Officer, form: &Page) {
    let begun = officer.visitor.send(&told(form, "Karimova").set("_original", "K-8/2026")).await;
    let base = format!("{}/officer/applications/justice/marriage-certificate-copy", officer.portal);
    let ask = officer.visitor.open(&format!("{base}/{}/discard", typed(&begun.url))).await;
    let unsaid = officer.visitor.send(&ask.form("/discard")).await;
    assert!(unsaid.shows("Choose why it is thrown away"), "{}:\n{}", unsaid.url, unsaid.text());
    let list = officer.visitor.send(&unsaid.form("/discard").set("_reason", "mistake")).await;
    assert!(list.shows("Take in a new one") && !list.shows("K-8/2026"), "{}:\n{}", list.url, list.text());
}

/// What the officer says of the paper.
fn told(page: &Page, family_name: &str) -> Form {
    let form = page.form("/officer/paper/").set("_pinfl", PINFL).set("_born", "1992-03-15");
    form.set("_family", family_name).set("_given", "Dilnoza").set("_original", ORIGINAL).set("_language", "en")
}

/// The case that an officer's address names.
fn typed(url: &Url) -> CaseId {
    let id = url.path_segments().and_then(|mut parts| parts.nth(4)).and_then(|id| id.parse().ok());
    id.unwrap_or_else(|| panic!("{url} names no case"))
}
