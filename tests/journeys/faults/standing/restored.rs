//! Databases of a platform in pods that are copied one after the other while people go on, then lost, and restored to these
//! different moments: what people do between the copies, and what they find. `tests/cluster/restore.sh` takes the steps between
//! these tests, each of which goes on where the one before it stopped.

use std::collections::BTreeMap;

use kernel::CaseId;
use tests::{
    backup::{listed, lost_by_the_e_services},
    citizen::{Citizen, DUTY, answered, case_of},
    officer::Officer,
    patience::Patience,
    platform::Platform,
    traces::Traces,
    visitor::Page,
};

use super::{LOOK, folder};

const NUMBER: &str = "SELECT coalesce(number, '') FROM cases WHERE case_id = $1";
const STATUSES: &str = "SELECT status FROM documents WHERE case_id = $1 ORDER BY status";
const TASKS: &str = "SELECT count(*) FROM tasks WHERE case_id = $1";
const CAPTURED: &str = "SELECT count(*) FROM intent WHERE case_id = $1 AND captured_us > 0";
const ENDED: &str = "SELECT count(*) FROM ended_case WHERE case_id = $1";

struct Scene {
    platform: Platform,
    traces: Traces,
    /// Applications, by what becomes of them.
    cases: BTreeMap<String, CaseId>,
}

impl Scene {
    /// As the step before left it.
    fn read() -> Self {
        let platform = Platform::standing(&folder());
        let kept = std::fs::read(folder().join("cases.json")).ok();
        let cases = kept.map(|kept| serde_json::from_slice(&kept).expect("the step before wrote it"));
        Self { traces: Traces::of(&platform), platform, cases: cases.unwrap_or_default() }
    }

    fn keep(&mut self, name: &str, case: CaseId) {
        self.cases.insert(name.to_owned(), case);
        let kept = serde_json::to_vec(&self.cases).expect("ids are texts");
        std::fs::write(folder().join("cases.json"), kept).expect("the folder can be written");
    }

    async fn citizen(&self) -> Citizen {
        let mut citizen = Citizen::sign_in(&self.platform, "botir", "en").await;
        citizen.visitor.patient = true;
        citizen
    }

    async fn registrar(&self) -> Officer {
        Officer::of(&self.platform, "registrar-tashkent").await
    }

    /// Until a service knows this of a case.
    async fn until_known(&self, service: &str, case: CaseId, sql: &'static str) {
        let mut patience = Patience::default();
        while self.traces.count(service, case, sql).await == 0 {
            assert!(patience.lasts_while(self.traces.moved().await), "{service} does not hear of {case}: {sql}");
            tokio::time::sleep(LOOK).await;
        }
    }
}

fn is_issued(page: &Page) -> bool {
    page.html.contains("/documents/")
}

fn is_to_be_paid(page: &Page) -> bool {
    page.url.path().ends_with("/pay")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "for a platform that tests/cluster/long raises"]
async fn people_apply_before_anything_of_theirs_is_copied() {
    let mut scene = Scene::read();
    let (mut citizen, mut officer) = (scene.citizen().await, scene.registrar().await);
    let ended = citizen.apply_and_pay(&[]).await;
    officer.decide(ended, "approve", &[]).await;
    citizen.until(ended, "", is_issued).await;
    let waiting = citizen.apply_and_pay(&[]).await;
    officer.task(waiting).await;
    let (unpaid, _) = citizen.apply(&[]).await;
    let mut page = citizen.begin().await;
    let draft = case_of(&page.url);
    while !page.has_input("reason.kind") {
        page = citizen.visitor.send(&answered(&page, &[])).await;
    }
    scene.traces.nothing_is_left(ended, "granted").await;
    for (name, case) in [("ended", ended), ("waiting", waiting), ("unpaid", unpaid), ("draft", draft)] {
        scene.keep(name, case);
    }
}

/// What happens from here on is lost to the e-services, and remembered by whoever is copied after it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "for a platform that tests/cluster/long raises"]
async fn people_go_on_after_their_cases_were_copied() {
    let scene = Scene::read();
    let [draft, unpaid, waiting] = ["draft", "unpaid", "waiting"].map(|name| scene.cases[name]);
    let (mut citizen, mut officer) = (scene.citizen().await, scene.registrar().await);
    citizen.finish(draft).await;
    for case in [draft, unpaid] {
        let page = citizen.until(case, "pay", is_to_be_paid).await;
        citizen.pay(&page, "pay", "none").await;
        officer.task(case).await;
    }
    officer.decide(waiting, "approve", &[]).await;
    citizen.until(waiting, "", is_issued).await;
    scene.traces.nothing_is_left(waiting, "granted").await;
    scene.until_known("payments", waiting, ENDED).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "for a platform that tests/cluster/long raises"]
async fn somebody_applies_whom_the_e_services_will_not_know() {
    let mut scene = Scene::read();
    let lost = scene.citizen().await.apply_and_pay(&[]).await;
    scene.until_known("docket", lost, TASKS).await;
    let given = scene.traces.texts("eservice", lost, NUMBER).await;
    std::fs::write(folder().join("given"), given.concat()).expect("the folder can be written");
    scene.keep("lost", lost);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "for a platform that tests/cluster/long raises"]
async fn somebody_applies_whom_nobody_will_know() {
    let mut scene = Scene::read();
    let gone = scene.citizen().await.apply_and_pay(&[]).await;
    scene.until_known("payments", gone, CAPTURED).await;
    scene.keep("gone", gone);
}

/// `checked` of the folder is what `xizmat recovery check --json` said.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "for a platform that tests/cluster/long raises"]
async fn exactly_what_somebody_remembers_is_listed() {
    let scene = Scene::read();
    let told = std::fs::read_to_string(folder().join("checked")).expect("it was checked");
    lost_by_the_e_services(listed(&told), ["draft", "unpaid", "waiting", "lost"].map(|name| scene.cases[name]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "for a platform that tests/cluster/long raises"]
async fn every_case_that_was_copied_goes_on_to_its_end() {
    let scene = Scene::read();
    let names = ["ended", "waiting", "unpaid", "draft", "lost", "gone"];
    let [ended, waiting, unpaid, draft, lost, gone] = names.map(|name| scene.cases[name]);
    let (mut citizen, mut officer) = (scene.citizen().await, scene.registrar().await);
    for case in [lost, gone] {
        let address = citizen.address(case, "");
        assert_eq!(citizen.visitor.open(&address).await.status.as_u16(), 404, "it has to be applied for again");
    }
    let page = citizen.until(ended, "", is_issued).await;
    citizen.document(&page).await;
    // It is filled in again, and paid already.
    citizen.finish(draft).await;
    for case in [draft, unpaid, waiting] {
        officer.decide(case, "approve", &[]).await;
        citizen.until(case, "", is_issued).await;
    }
    for case in [draft, unpaid, waiting, ended] {
        scene.traces.nothing_is_left(case, "granted").await;
        scene.traces.money_is(case, &[("justice", DUTY)]).await;
    }
    assert_eq!(scene.traces.texts("signing", waiting, STATUSES).await, ["superseded", "valid"]);
    scene.traces.money_is(lost, &[]).await;
    let anew = citizen.apply_and_pay(&[]).await;
    let given = std::fs::read_to_string(folder().join("given")).expect("a step before wrote it");
    assert_ne!(scene.traces.texts("eservice", anew, NUMBER).await, [given], "a number is not given twice");
    officer.decide(anew, "approve", &[]).await;
    scene.traces.nothing_is_left(anew, "granted").await;
    scene.traces.money_is(anew, &[("justice", DUTY)]).await;
}
