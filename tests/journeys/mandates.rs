//! A director applies for a company, which keeps what it applied for when somebody else directs it; a parent applies for a child.

use std::path::Path;

use kernel::CaseId;
use serde_json::json;
use tests::{
    citizen::{Citizen, SERVICE, case_of},
    officer::Officer,
    platform::{Manner, Platform, repository},
    shared,
    traces::Traces,
    visitor::{Page, Visitor},
};

use crate::watch::copy;

pub const COMPANY: &str = "«Anor Savdo» MChJ";
const ACTING: &str = "You act for «Anor Savdo» MChJ";
const FOR_COMPANY: &str = "Application of «Anor Savdo» MChJ. Sobirova Malika Anvarovna acts for it as its director";

/// The example, taken from companies and for children, too: a company has no marriage that an archive could hold.
fn taking(definitions: &Path) {
    copy(&repository().join("examples"), definitions);
    let changes = [
        ("justice/marriage-certificate-copy/service.yaml", "audience: [citizen]", "audience: [citizen, business]"),
        (
            "justice/marriage-certificate-copy/service.yaml",
            "mandates: [",
            "mandates: [{kind: director}, {kind: parent, registry: civil-status, operation: my-children}, ",
        ),
        (
            "justice/marriage-certificate-copy/service.yaml",
            "input: {pinfl: applicant.pinfl,",
            "input: {pinfl: \"has(applicant.pinfl) ? applicant.pinfl : applicant.tin\",",
        ),
        (
            "justice/marriage-certificate-copy/service.yaml",
            "onUnavailable: pay\n      - {name: pay,",
            "onUnavailable: pay\n        onError: pay\n      - {name: pay,",
        ),
        ("civil-status/grant.yaml", "[my-marriages, find]", "[my-marriages, find, my-children]"),
        ("justice/grant-request.yaml", "[my-marriages, find]", "[my-marriages, find, my-children]"),
    ];
    for (file, from, to) in changes {
        let file = definitions.join(file);
        let text = std::fs::read_to_string(&file).expect("copied");
        assert_eq!(text.matches(from).count(), 1, "{from} in {}", file.display());
        std::fs::write(&file, text.replacen(from, to, 1)).expect("the folder can be written");
    }
}

async fn platform() -> Platform {
    let folder = tempfile::tempdir().expect("a folder");
    let definitions = folder.path().join("definitions");
    taking(&definitions);
    Platform::start_as(folder, Manner { watched: Some(definitions), ..Manner::default() }).await
}

/// Signs in on the way to the service; whoever may act for others is asked first for whom they do.
async fn arrive(platform: &Platform, person: &str) -> (Citizen, Page) {
    let mut citizen = Citizen { visitor: Visitor::new("en"), portal: platform.ready.portal.clone(), service: SERVICE };
    let page = citizen.visitor.open(&format!("{}/{SERVICE}/start", citizen.portal)).await;
    let page = citizen.visitor.link(&page, "/oneid").await;
    let page = citizen.visitor.send(&page.form("sign-in").set("person", person)).await;
    (citizen, page)
}

/// Chooses a company by its name on the page that asks.
pub async fn act_for(citizen: &mut Citizen, page: &Page, company: &str) -> Page {
    let named = page.html.split(&format!("<h2 class=\"govuk-heading-m\">{company}</h2>")).nth(1);
    let named = named.unwrap_or_else(|| panic!("{company} is not named:\n{}", page.text()));
    let id = named.split("name=\"_principal\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
    let id = id.unwrap_or_else(|| panic!("{company} cannot be chosen:\n{}", page.text()));
    citizen.visitor.send(&page.form("/acting").set("_principal", id)).await
}

async fn lists(citizen: &mut Citizen, case: CaseId) -> bool {
    let list = citizen.visitor.open(&format!("{}/applications", citizen.portal)).await;
    list.html.contains(&case.to_string())
}

fn has_document(page: &Page) -> bool {
    page.links().iter().any(|link| link.path().contains("/documents/"))
}

#[test]
fn what_a_company_applied_for_belongs_to_whoever_directs_it_now() {
    shared::walk(async {
        let platform = platform().await;
        let (mut malika, page) = arrive(&platform, "malika").await;
        assert!(page.url.path() == "/acting" && page.shows(COMPANY), "{}:\n{}", page.url, page.text());
        let start = act_for(&mut malika, &page, COMPANY).await;
        assert!(
            start.url.path().ends_with("/start") && start.html.contains(ACTING),
            "{}:\n{}",
            start.url,
            start.text()
        );
        let (case, pay) = malika.apply(&[]).await;
        assert!(pay.html.contains(ACTING) && pay.shows(FOR_COMPANY), "{}", pay.text());
        // Signing in once more on the way to something does not make her act for herself.
        let again = format!("{}/sign-in?as=citizen&then=/applications", malika.portal);
        let page = malika.visitor.open(&again).await;
        assert!(page.url.path() == "/applications" && page.html.contains(ACTING), "{}:\n{}", page.url, page.text());
        let pay = malika.visitor.open(&malika.address(case, "pay")).await;
        malika.pay(&pay, "pay", "none").await;
        let mut officer = Officer::of(&platform, "registrar-tashkent").await;
        let task = officer.task(case).await;
        assert!(task.shows(FOR_COMPANY), "{}", task.text());
        let traces = Traces::of(&platform);
        let number = traces.texts("eservice", case, "SELECT number FROM cases WHERE case_id = $1").await.remove(0);
        let found = officer.search("tin", "301 234 567", "").await;
        assert!(found.shows(&number), "by the company's number: {}", found.text());
        let nobody = officer.search("tin", "309876543", "").await;
        assert!(!nobody.shows(&number), "{}", nobody.text());
        officer.decide(case, "approve", &[]).await;
        let page = malika.until(case, "", has_document).await;
        malika.document(&page).await;
        let receipt = page.links().into_iter().find(|link| link.path().contains("/receipts/")).expect("it was paid");
        let (status, bytes) = malika.visitor.download(&receipt).await;
        assert!(status.is_success() && bytes.starts_with(b"%PDF-"), "{receipt}: {status}");
        assert!(lists(&mut malika, case).await);
        // As herself she has nothing to do with it, in one press of a button that every page has.
        malika.visitor.send(&page.form("/acting")).await;
        assert!(!lists(&mut malika, case).await);
        let page = malika.visitor.open(&malika.address(case, "")).await;
        assert_eq!(page.status, 404, "{}", page.text());
        let (mut jahongir, page) = arrive(&platform, "jahongir").await;
        act_for(&mut jahongir, &page, COMPANY).await;
        assert!(lists(&mut jahongir, case).await, "the company's other director");
        let page = jahongir.until(case, "", has_document).await;
        jahongir.document(&page).await;
        // The company has another director: OneID does not name it at her next sign-in.
        platform.tell("oneid/companies", json!({"person": "malika", "companies": []})).await;
        let (mut malika, page) = arrive(&platform, "malika").await;
        assert!(page.url.path().ends_with("/start") && !page.shows("You act for"), "{}:\n{}", page.url, page.text());
        assert!(!lists(&mut malika, case).await);
        let page = malika.visitor.open(&malika.address(case, "")).await;
        assert_eq!(page.status, 404, "{}", page.text());
        let rows = traces.texts("eservice", case, "SELECT act || ' ' || detail FROM audit WHERE subject = $1").await;
        let both = |row: &String| row.contains("\"applicant\"") && row.contains("\"representative\"");
        assert!(rows.len() >= 4 && rows.iter().all(both), "{rows:#?}");
        let submitted = rows.iter().find(|row| row.starts_with("case.submitted")).expect("it was");
        assert!(submitted.contains("\"onBehalfOf\""), "{submitted}");
        let read = "SELECT detail FROM audit WHERE act = 'document.read' AND subject IN
                    (SELECT document_id FROM documents WHERE case_id = $1)";
        let rows = traces.texts("signing", case, read).await;
        assert!(rows.len() >= 2 && rows.iter().all(both), "{rows:#?}");
        let read = "SELECT detail FROM audit WHERE act = 'payment.receipt-read' AND subject IN
                    (SELECT intent FROM intent WHERE case_id = $1)";
        let rows = traces.texts("payments", case, read).await;
        assert!(!rows.is_empty() && rows.iter().all(both), "{rows:#?}");
        let nobody = "SELECT count(*) FROM audit WHERE subject = $1 AND actor IS NULL AND service_actor IS NULL";
        assert_eq!(traces.count("eservice", case, nobody).await, 0, "every row says who acted");
        traces.nothing_is_left(case, "granted").await;
    });
}

#[test]
fn a_parent_applies_for_a_child_who_is_not_18_yet() {
    shared::walk(async {
        let platform = platform().await;
        let mut parent = Citizen::sign_in(&platform, "botir", "en").await;
        let address = format!("{}/{SERVICE}/start", parent.portal);
        let start = parent.visitor.open(&address).await;
        assert!(start.shows("For my child Aliyeva Zarina Botirovna"), "{}", start.text());
        assert!(!start.shows("Kamola"), "she is of age:\n{}", start.text());
        let page = parent.visitor.send(&start.form("/start").set("_choice", "child:2004-1726-0118")).await;
        assert!(page.has_errors() && page.shows("The child is 18 and applies alone"), "{}", page.text());
        let page = parent.visitor.send(&page.form("/start").set("_choice", "child:2015-1726-0412")).await;
        assert!(page.url.path().contains("/pages/"), "begun, yet on {}:\n{}", page.url, page.text());
        let words = "Application for Aliyeva Zarina Botirovna. Aliyev Botir Shavkatovich acts for them as their parent";
        assert!(page.shows(words), "{}", page.text());
        let case = case_of(&page.url);
        let mut other = Citizen::sign_in(&platform, "dilnoza", "en").await;
        let start = other.visitor.open(&address).await;
        assert!(!start.shows("For my child"), "{}", start.text());
        let page = other.visitor.send(&start.form("/start").set("_choice", "child:2015-1726-0412")).await;
        assert!(page.has_errors() && page.shows("does not name this child as yours"), "{}", page.text());
        let page = other.visitor.open(&other.address(case, "")).await;
        assert_eq!(page.status, 404, "{}", page.text());
        platform.tell("registry", json!({"fault": "down"})).await;
        let start = parent.visitor.open(&address).await;
        assert!(start.shows("does not answer now, so you cannot apply for your child"), "{}", start.text());
        platform.tell("registry", json!({"fault": "none"})).await;
        let acts = Traces::of(&platform).acts("eservice", case).await;
        assert!(!acts.is_empty() && acts.iter().all(|act| act == "case.refused"), "only the stranger's look: {acts:?}");
    });
}
