//! Two citizens in two sessions: one registers where they live, the owner of the dwelling is asked and agrees.

use std::{path::Path, time::Duration};

use kernel::CaseId;
use tests::{
    citizen::{Citizen, case_of},
    patience::Patience,
    platform::{Manner, Platform, repository},
    shared,
    traces::Traces,
    visitor::Page,
};

use crate::watch::copy;

const RESIDENCE: &str = include_str!("../../services/process/src/sample/residence.yaml");
/// Dilnoza's, as OneID's counterpart knows her.
const OWNER: &str = "41503920170217";

fn write_definition(definitions: &Path) {
    let text = RESIDENCE.replace("interior", "justice").replace("[housing]", "[marriage]");
    let folder = definitions.join("justice/residence");
    std::fs::create_dir_all(&folder).expect("the folder can be written");
    std::fs::write(folder.join("service.yaml"), text).expect("the folder can be written");
}

/// The service appears once its host runs.
async fn start(citizen: &mut Citizen) -> Page {
    let address = format!("{}/services/justice/residence/start", citizen.portal);
    let patience = Patience::default();
    loop {
        let page = citizen.visitor.open(&address).await;
        if page.status.is_success() && page.url.path().ends_with("/start") && page.html.contains("\"_choice\"") {
            return page;
        }
        assert!(patience.lasts(), "{} ({}):\n{}", page.url, page.status, page.text());
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
}

async fn applied(citizen: &mut Citizen) -> CaseId {
    let page = start(citizen).await;
    let page = citizen.visitor.send(&page.form("/start").set("_choice", "new")).await;
    let case = case_of(&page.url);
    let form = page.form("/pages/").set("address", "Navoiy 1").set("owner.pinfl", OWNER);
    let check = citizen.visitor.send(&form).await;
    assert!(check.url.path().ends_with("/check"), "on {}:\n{}", check.url, check.text());
    let sent = citizen.visitor.send(&check.form("/check")).await;
    assert!(sent.status.is_success(), "sent, yet {} on {}:\n{}", sent.status, sent.url, sent.text());
    case
}

/// Opens a page of the case under `list` until it is as expected.
async fn until(citizen: &mut Citizen, list: &str, case: CaseId, expected: impl Fn(&Page) -> bool) -> Page {
    let address = format!("{}/{list}/justice/residence/{case}", citizen.portal);
    let patience = Patience::default();
    loop {
        let page = citizen.visitor.open(&address).await;
        if page.status.is_success() && expected(&page) {
            return page;
        }
        assert!(patience.lasts(), "{address} stays as it is ({}, {}):\n{}", page.status, page.url, page.text());
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
}

#[test]
fn an_owner_who_is_asked_agrees_in_their_own_session_and_nobody_else_can() {
    shared::walk(async {
        let folder = tempfile::tempdir().expect("a folder");
        let definitions = folder.path().join("definitions");
        copy(&repository().join("examples"), &definitions);
        write_definition(&definitions);
        let manner = Manner { watched: Some(definitions), ..Manner::default() };
        let platform = Platform::start_as(folder, manner).await;
        let mut applicant = Citizen::sign_in(&platform, "botir", "en").await;
        let case = applied(&mut applicant).await;
        let waits = |page: &Page| page.shows("We are waiting for their answer.");
        until(&mut applicant, "applications", case, waits).await;

        let mut owner = Citizen::sign_in(&platform, "dilnoza", "en").await;
        let request = until(&mut owner, "asked", case, |page| page.shows("Your answer is awaited")).await;
        assert!(request.shows("Navoiy 1"), "they are told what they agree to:\n{}", request.text());
        assert!(!request.shows("Aliyev"), "and not who applies:\n{}", request.text());
        let list = owner.visitor.open(&format!("{}/applications", owner.portal)).await;
        let asked = format!("/asked/justice/residence/{case}");
        assert!(list.html.contains(&asked), "their list leads there:\n{}", list.text());
        let own = until(&mut owner, "applications", case, |page| page.url.path() == asked).await;
        assert!(own.shows("You were asked"));
        for who in ["aygul", "botir"] {
            let mut other = Citizen::sign_in(&platform, who, "en").await;
            let page = other.visitor.open(&format!("{}{asked}", other.portal)).await;
            assert_eq!(page.status, 404, "{who}: {}", page.text());
        }

        let page = owner.visitor.link(&request, "/pages/agree").await;
        let form = page.form("/pages/").set("consent.agreed", "true").set("consent.months", "12");
        let check = owner.visitor.send(&form).await;
        assert!(check.url.path().ends_with("/check") && check.shows("Navoiy 1"), "{}:\n{}", check.url, check.text());
        let agreed = owner.visitor.send(&check.form("/check")).await;
        assert!(agreed.url.path() == asked && agreed.shows("You agreed"), "{}:\n{}", agreed.url, agreed.text());
        for kept in ["Navoiy 1", "What you answered and agreed to", "12"] {
            assert!(agreed.shows(kept), "what they agreed to stays with them, {kept}:\n{}", agreed.text());
        }

        let page = until(&mut applicant, "applications", case, |page| page.shows("They agreed.")).await;
        assert!(page.shows("12"), "the form shares the answers:\n{}", page.text());
        let inbox = owner.visitor.open(&format!("{}/inbox", owner.portal)).await;
        assert!(inbox.shows("You are asked to agree"), "{}", inbox.text());
        Traces::of(&platform).nothing_is_left(case, "granted").await;
    });
}
