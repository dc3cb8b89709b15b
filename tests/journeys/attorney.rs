//! Somebody acts for somebody else by a power of attorney that the notaries' registry holds.

use kernel::CaseId;
use serde_json::json;
use tests::{
    citizen::{Citizen, DUTY, SERVICE, case_of},
    officer::Officer,
    platform::{Manner, Platform},
    shared,
    traces::Traces,
    visitor::Page,
};

/// Botir acts for Dilnoza.
const RECORD: &str = "2026-0412-7731";
/// Botir acts for somebody who never signed in.
const OF_A_STRANGER: &str = "2026-0601-4400";
const FOR_WHOM: &str = "Application for Karimova Dilnoza Rustamovna. Aliyev Botir Shavkatovich acts for them";

async fn start(citizen: &mut Citizen, record: &str) -> Page {
    let page = citizen.visitor.open(&format!("{}/{SERVICE}/start", citizen.portal)).await;
    citizen.visitor.send(&page.form("/start").set("_choice", "attorney").set("_record", record)).await
}

async fn begin(citizen: &mut Citizen, record: &str) -> (CaseId, Page) {
    let page = start(citizen, record).await;
    assert!(page.url.path().contains("/pages/"), "begun, yet on {} ({}):\n{}", page.url, page.status, page.text());
    (case_of(&page.url), page)
}

/// From the start to a case that waits for its officer; every page on the way says for whom it is.
async fn applied(citizen: &mut Citizen) -> CaseId {
    let (case, page) = begin(citizen, RECORD).await;
    assert!(page.shows(FOR_WHOM), "{}", page.text());
    assert!(!page.has_input("_date:day:marriage.date"), "the archive knows the principal's marriage:\n{}", page.text());
    let check = citizen.answer(page, &[]).await;
    assert!(check.shows(FOR_WHOM) && check.shows("12 September 2015"), "{}", check.text());
    citizen.visitor.send(&check.form("/check")).await;
    let pay = citizen.until(case, "pay", |page| page.url.path().ends_with("/pay")).await;
    assert!(pay.shows(FOR_WHOM), "{}", pay.text());
    let confirmed = citizen.pay(&pay, "pay", "none").await;
    assert!(confirmed.url.path().ends_with("/confirmation") && confirmed.shows(FOR_WHOM), "{}", confirmed.text());
    case
}

/// The principal takes one application back, and the record stays in force for others.
async fn taken_back(principal: &mut Citizen, citizen: &mut Citizen) {
    let (draft, _) = begin(citizen, RECORD).await;
    let page = principal.visitor.open(&principal.address(draft, "")).await;
    // What the principal has just seen, their list of who acts for them shows, too.
    let acted = format!("{}/applications?represented=yes", principal.portal);
    let listed = principal.visitor.open(&acted).await;
    assert!(listed.shows("Who acts for you") && listed.html.contains(&draft.to_string()), "{}", listed.text());
    let page = principal.visitor.send(&page.form("/representation")).await;
    assert!(page.shows("which gives no right to it any more"), "{}", page.text());
    let page = citizen.visitor.open(&citizen.address(draft, "pages/date")).await;
    assert_eq!(page.status, 404, "{}", page.text());
}

fn has_document(page: &Page) -> bool {
    page.links().iter().any(|link| link.path().contains("/documents/"))
}

#[test]
fn a_representative_gets_the_certificate_for_the_principal_who_sees_all_of_it() {
    shared::walk(async {
        let platform = shared::platform().await;
        let mut principal = Citizen::sign_in(&platform, "dilnoza", "en").await;
        let mut citizen = Citizen::sign_in(&platform, "botir", "en").await;
        let case = applied(&mut citizen).await;
        let mut officer = Officer::of(&platform, "registrar-tashkent").await;
        let task = officer.task(case).await;
        assert!(task.shows("Karimova Dilnoza Rustamovna") && task.shows(FOR_WHOM), "{}", task.text());
        officer.decide(case, "approve", &[]).await;
        for who in [&mut citizen, &mut principal] {
            let page = who.until(case, "", has_document).await;
            assert!(page.shows(FOR_WHOM), "{}", page.text());
            who.document(&page).await;
            let list = who.visitor.open(&format!("{}/applications", who.portal)).await;
            assert!(list.html.contains(&case.to_string()) && list.shows(FOR_WHOM), "{}", list.text());
        }
        let uses = principal.visitor.open(&format!("{}/data-use", principal.portal)).await;
        assert!(uses.shows("This was asked about your representative"), "{}", uses.text());
        assert!(uses.shows("Single register of powers of attorney"), "{}", uses.text());
        let inbox = principal.visitor.open(&format!("{}/inbox", principal.portal)).await;
        assert!(inbox.shows("Your copy is ready"), "{}", inbox.text());
        let traces = Traces::of(&platform);
        let rows = traces.texts("eservice", case, "SELECT act || ' ' || detail FROM audit WHERE subject = $1").await;
        assert!(rows.len() >= 3 && rows.iter().all(|row| row.contains("\"representative\"")), "{rows:#?}");
        traces.nothing_is_left(case, "granted").await;
        traces.money_is(case, &[("justice", DUTY)]).await;
    });
}

#[test]
fn a_record_that_gives_no_right_is_refused_by_name() {
    shared::walk(async {
        let platform = shared::platform().await;
        let mut citizen = Citizen::sign_in(&platform, "botir", "en").await;
        let unknown = "There is no power of attorney with this number that names you";
        for (record, words) in [
            ("", "Type the number of the power of attorney"),
            ("2026-0000-0000", unknown),
            // Aygul's: it looks as if there were none.
            ("2026-0412-7732", unknown),
            ("2019-0303-1100", "The power of attorney has expired"),
            ("2025-0909-2200", "The power of attorney was revoked"),
            ("2026-0515-3300", "The power of attorney does not cover this service"),
        ] {
            let page = start(&mut citizen, record).await;
            assert!(page.url.path().ends_with("/start") && page.has_errors(), "{record}: {}", page.url);
            assert!(page.shows(words), "{record}:\n{}", page.text());
            assert!(!page.shows("Reyimova") && !page.shows("Karimova"), "nobody is named:\n{}", page.text());
        }
        let page = citizen.visitor.open(&format!("{}/{SERVICE}/start", citizen.portal)).await;
        let page = citizen.visitor.send(&page.form("/start").set("_choice", "begin").set("_record", RECORD)).await;
        assert!(
            page.shows("To apply for yourself, delete it"),
            "a number that was typed is not ignored:\n{}",
            page.text()
        );
        let own = citizen.begin().await;
        assert!(!own.shows("acts for them"), "for oneself it works as ever:\n{}", own.text());
        let (case, page) = begin(&mut citizen, OF_A_STRANGER).await;
        assert!(page.shows("Application for Karimov Jasur Baxtiyorovich"), "who never signed in:\n{}", page.text());
        let mut other = Citizen::sign_in(&platform, "aygul", "en").await;
        let page = other.visitor.open(&other.address(case, "")).await;
        assert_eq!(page.status, 404, "{}", page.text());
    });
}

#[test]
fn a_revoked_power_of_attorney_takes_everything_from_the_representative_and_nothing_from_the_principal() {
    shared::walk(async {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let platform = Platform::start_as(folder, Manner { rehearsal: true, ..Manner::default() }).await;
        let mut principal = Citizen::sign_in(&platform, "dilnoza", "en").await;
        let mut citizen = Citizen::sign_in(&platform, "botir", "en").await;
        platform.tell("notary", json!({"fault": "down"})).await;
        let page = start(&mut citizen, RECORD).await;
        assert!(page.shows("The register of powers of attorney does not answer now"), "{}", page.text());
        platform.tell("notary", json!({"fault": "none"})).await;
        taken_back(&mut principal, &mut citizen).await;
        let case = applied(&mut citizen).await;
        Officer::of(&platform, "registrar-tashkent").await.decide(case, "approve", &[]).await;
        let page = citizen.until(case, "", has_document).await;
        citizen.document(&page).await;
        let (draft, _) = begin(&mut citizen, RECORD).await;
        platform.tell("notary/records", json!({"number": RECORD, "state": "revoked"})).await;
        platform.advance(61).await;
        let document = page.links().into_iter().find(|link| link.path().contains("/documents/")).expect("just seen");
        let (status, body) = citizen.visitor.download(&document).await;
        assert!(status == 404 && !body.starts_with(b"%PDF"), "{status}");
        for (case, rest) in [(case, ""), (case, "confirmation"), (draft, "pages/date"), (draft, "check")] {
            let page = citizen.visitor.open(&citizen.address(case, rest)).await;
            assert_eq!(page.status, 404, "{rest}: {}", page.text());
        }
        let list = citizen.visitor.open(&format!("{}/applications", citizen.portal)).await;
        assert!(!list.html.contains(&case.to_string()) && !list.html.contains(&draft.to_string()), "{}", list.text());
        let kept = principal.until(case, "", has_document).await;
        assert!(kept.shows("which gives no right to it any more"), "{}", kept.text());
        principal.document(&kept).await;
        let page = principal.visitor.open(&principal.address(draft, "pages/date")).await;
        let check = principal.answer(page, &[]).await;
        principal.visitor.send(&check.form("/check")).await;
        principal.until(draft, "pay", |page| page.url.path().ends_with("/pay")).await;
        let traces = Traces::of(&platform);
        for (case, refused) in [(case, 2), (draft, 2)] {
            let acts = traces.acts("eservice", case).await;
            assert_eq!(acts.iter().filter(|act| *act == "mandate.ended").count(), 1, "{acts:?}");
            assert!(acts.iter().filter(|act| *act == "case.refused").count() >= refused, "{acts:?}");
        }
        traces.nothing_is_left(case, "granted").await;
    });
}
