//! A definition that changes on disk becomes a new revision; a case that runs stays on its own.

use std::path::Path;

use tests::{
    citizen::Citizen,
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

const REVISIONS: &str =
    "SELECT count(*) FROM service_revisions WHERE effective_from IS NOT NULL AND service = 'marriage-certificate-copy'";

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
