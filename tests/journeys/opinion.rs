//! An opinion for which the process has no step: an officer asks another agency under its Grant, its officer sees the one page that is
//! named and answers, and the first officer decides with that; the applicant reads who looked.

use std::{path::Path, time::Duration};

use kernel::CaseId;
use tests::{
    citizen::Citizen,
    officer::Officer,
    patience::Patience,
    platform::{Manner, Platform, repository},
    shared,
    traces::Traces,
    visitor::{Form, Page},
};

use crate::watch::copy;

const REQUEST: &str = "May the archive of this office be opened after the fire?";
const OPINION: &str = "Only its east wing.";
/// The office, which stands on the page that is named.
const NAMED: &str = "Yunusabad";
/// Who applies, and what stands on pages that are not named.
const SECRETS: [&str; 3] = ["Karimova", "41503920170217", "+998907654321"];
const LENDS: &str = "fire-safety/expert";
/// An agency whose Grants are for another service.
const LENDS_NOBODY: &str = "sanitary/expert";

/// The fire safety service lends its experts to the registrars, too; its steward approves that.
fn lent(definitions: &Path) {
    let folder = definitions.join("fire-safety");
    let mut more = std::fs::read_to_string(folder.join("grant.yaml")).expect("copied");
    for (from, to) in [
        ("construction-experts", "registry-experts"),
        ("to: construction", "to: justice"),
        ("[building-permit]", "[marriage-certificate-copy]"),
    ] {
        assert!(more.contains(from), "{more}");
        more = more.replace(from, to);
    }
    std::fs::write(folder.join("grant-registry.yaml"), more).expect("the folder can be written");
}

fn asked(page: &Page, lender: &str) -> Form {
    let form = page.form("/officer/opinions/").set("_lender", lender);
    form.set("_page", "office").set("_request", REQUEST)
}

/// Of an agency that lends nobody to this service nothing is asked.
async fn asks(officer: &mut Officer, task: &Page) {
    let page = officer.visitor.link(task, "/officer/opinions/").await;
    assert!(page.shows("fire-safety") && !page.shows("sanitary"), "who lends officers now:\n{}", page.text());
    let refused = officer.visitor.send(&asked(&page, LENDS_NOBODY)).await;
    assert!(refused.shows("Nothing was asked"), "{}:\n{}", refused.url, refused.text());
    let task = officer.visitor.send(&asked(&refused, LENDS)).await;
    assert!(task.shows("An opinion can be given until"), "{}:\n{}", task.url, task.text());
}

/// The page that is named and nothing else; whoever is of a third agency sees nothing.
async fn answers(platform: &Platform, case: CaseId) {
    let mut expert = Officer::of(platform, "fire-expert").await;
    let task = expert.task(case).await;
    assert!(task.shows(REQUEST) && task.shows(NAMED), "{}", task.text());
    for secret in SECRETS {
        assert!(!task.shows(secret), "they need no {secret}:\n{}", task.text());
    }
    let messages = format!("{}{}/messages", expert.portal, task.url.path());
    let closed = expert.visitor.open(&messages).await;
    assert_eq!(closed.status, 404, "what was written to the applicant is closed:\n{}", closed.text());
    let mut other = Officer::of(platform, "sanitary-expert").await;
    assert!(other.find(case).await.is_none(), "nobody asked them");
    let foreign = other.visitor.open(task.url.as_str()).await;
    assert_eq!(foreign.status, 404, "{}", foreign.text());
    expert.decide(case, "objection", &[("_note", OPINION)]).await;
}

async fn reads_who_looked(citizen: &mut Citizen) {
    let patience = Patience::default();
    loop {
        let uses = citizen.visitor.open(&format!("{}/data-use", citizen.portal)).await;
        if uses.shows("State Fire Safety Service") {
            assert!(!uses.shows("marriage-certificate-copy"), "the service by its title:\n{}", uses.text());
            assert!(!uses.shows("Saidov"), "never who:\n{}", uses.text());
            return;
        }
        assert!(patience.lasts(), "nobody tells her that another agency looked:\n{}", uses.text());
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
}

#[test]
fn another_agency_says_what_it_thinks_of_the_page_that_it_is_shown_and_the_applicant_reads_that_it_looked() {
    shared::walk(async {
        let folder = tempfile::tempdir().expect("a folder");
        let definitions = folder.path().join("definitions");
        copy(&repository().join("examples"), &definitions);
        lent(&definitions);
        let platform = Platform::start_as(folder, Manner { watched: Some(definitions), ..Manner::default() }).await;
        let traces = Traces::of(&platform);
        let mut citizen = Citizen::sign_in(&platform, "dilnoza", "en").await;
        let case = citizen.apply_and_pay(&[]).await;
        let mut officer = Officer::of(&platform, "registrar-tashkent").await;
        let task = officer.task(case).await;
        let taken = officer.visitor.send(&task.form("/officer/claims/")).await;
        assert!(taken.shows(SECRETS[0]) && taken.shows(NAMED), "what others are not shown:\n{}", taken.text());
        asks(&mut officer, &taken).await;
        answers(&platform, case).await;

        let task = officer.task(case).await;
        assert!(task.shows("Objection") && task.shows(OPINION), "what they think stands there:\n{}", task.text());
        officer.decide(case, "approve", &[]).await;
        let page = citizen.until(case, "", |page| page.html.contains("/documents/")).await;
        assert!(page.shows("Another agency gave its opinion"), "{}", page.text());
        assert!(
            !page.shows(REQUEST) && !page.shows(OPINION),
            "what was asked and said is the officers':\n{}",
            page.text()
        );
        reads_who_looked(&mut citizen).await;

        let acts = traces.acts("eservice", case).await;
        let requested = acts.iter().filter(|act| *act == "task.opinion-requested").count();
        assert_eq!(requested, 1, "what was refused is not on record as asked: {acts:?}");
        traces.nothing_is_left(case, "granted").await;
    });
}
