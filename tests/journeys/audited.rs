//! An auditor finds what was done to a case, reads why, takes a signed list away; and whoever runs the platform proves the chains.

use std::{
    ffi::OsStr,
    path::Path,
    process::{Command, Output},
    time::Duration,
};

use kernel::{CaseId, Clock};
use tests::{
    citizen::Citizen,
    officer::Officer,
    patience::Patience,
    platform::{Manner, Platform, binary},
    shared,
    traces::{self, Traces},
    visitor::Page,
};

const POLL: Duration = Duration::from_millis(300);
const WEEK: u64 = 7 * 86_400;
/// From so many on somebody is asked about it.
const OPENED_AT_NIGHT: usize = 3;
const WHY: &str = "The neighbour of Karimova complained";
const SOUGHT: &str = "Karimova asked where her application is";

#[test]
fn an_auditor_finds_who_looked_at_a_case_and_why_and_each_search_is_an_act_itself() {
    shared::walk(async {
        let platform = shared::platform().await;
        let traces = Traces::of(&platform);
        let (case, number) = looked_at(&platform, &traces).await;
        let mut auditor = Officer::of(&platform, "auditor").await;
        let found = until_found(&mut auditor, &number, "A case was opened").await;
        assert!(found.shows("Sherzod Rahimov"), "{}", found.text());
        let opened =
            found.html.split("name=\"_place\" value=\"").skip(1).map(|part| part.split('"').next().unwrap_or_default());
        let mut reasons = Vec::new();
        for place in opened {
            let act = auditor.visitor.send(&found.form("/officer/audit/act").set("_place", place)).await;
            assert!(act.status.is_success(), "{}", act.text());
            reasons.extend(act.shows(WHY).then_some(act.url));
        }
        assert!(!reasons.is_empty(), "the reason is told to whoever reads the act");
        who_looked_for_it_is_found_with_it(&platform, &mut auditor, &number).await;
        let searches =
            "SELECT act FROM audit WHERE act = 'audit.searched' AND purpose = 'Inspection 7' AND $1 IS NOT NULL";
        assert!(!traces.texts("docket", case, searches).await.is_empty());
        let kept = "SELECT count(*) FROM audit WHERE purpose LIKE '%Karimova%' AND $1 IS NOT NULL";
        assert_eq!(traces.count("eservice", case, kept).await, 0, "what was typed is sealed");
        a_list_is_taken_away(&platform, &mut auditor, &found).await;
        nobody_else_audits(&platform, &traces, case).await;
        traces.nothing_is_left(case, "granted").await;
    });
}

#[test]
fn who_opened_cases_at_night_stands_on_the_list_of_the_week_and_its_button_finds_each_opening() {
    shared::walk(async {
        let manner = Manner { rehearsal: true, ..Manner::default() };
        let platform = Platform::start_as(tempfile::tempdir().expect("a folder"), manner).await;
        let mut citizen = Citizen::sign_in(&platform, "dilnoza", "en").await;
        let mut cases = Vec::new();
        for _ in 0..OPENED_AT_NIGHT {
            cases.push(citizen.apply_and_pay(&[]).await);
        }
        platform.advance(until_late_in_the_evening()).await;
        let mut lead = Officer::of(&platform, "lead").await;
        for case in cases {
            let task = lead.task(case).await;
            assert!(task.status.is_success() && !task.has_input("_reason"), "{}", task.text());
        }
        // The same day a week later: the week of that evening is the last one that is over.
        platform.advance(WEEK).await;
        let mut auditor = Officer::of(&platform, "auditor").await;
        let page = until_listed(&mut auditor, "3 openings at night").await;
        assert!(page.shows("Sherzod Rahimov"), "{}", page.text());
        let button = page.forms("/officer/audit").into_iter().find(|form| form.get("_actor").is_some());
        let found = auditor.visitor.send(&button.expect("each row has one")).await;
        assert_eq!(found.html.matches("name=\"_place\"").count(), OPENED_AT_NIGHT, "{}", found.text());
        assert!(found.shows("A case was opened"), "{}", found.text());
        let listed = "SELECT count(*) FROM audit WHERE act = 'audit.unusual-listed'";
        assert!(Traces::of(&platform).total("docket", listed).await > 0, "to read the list is an act itself");
    });
}

/// Seconds until eleven in the evening in Tashkent, UTC+5 all year.
fn until_late_in_the_evening() -> u64 {
    let of_day = (boot::SystemClock::default().now().seconds() + 5 * 3_600).rem_euclid(86_400);
    u64::try_from((23 * 3_600 - of_day).rem_euclid(86_400)).expect("it is not negative")
}

async fn until_listed(auditor: &mut Officer, words: &str) -> Page {
    let patience = Patience::default();
    loop {
        let page = auditor.visitor.open(&format!("{}/officer/audit", auditor.portal)).await;
        if page.shows(words) {
            return page;
        }
        assert!(patience.lasts(), "{words} is not listed:\n{}", page.text());
        tokio::time::sleep(POLL).await;
    }
}

#[test]
fn an_archivist_holds_a_case_in_the_portal_and_sees_what_is_held() {
    shared::walk(async {
        let platform = shared::platform().await;
        let traces = Traces::of(&platform);
        let mut citizen = Citizen::sign_in(&platform, "botir", "en").await;
        let (case, _) = citizen.apply(&[]).await;
        let number = traces.texts("eservice", case, "SELECT number FROM cases WHERE case_id = $1").await.remove(0);
        let mut archivist = Officer::of(&platform, "archivist").await;
        let queue = archivist.visitor.open(&format!("{}/officer", archivist.portal)).await;
        let page = archivist.visitor.link(&queue, "/officer/records").await;
        let page = archivist.visitor.link(&page, "service=marriage-certificate-copy").await;
        let silent = archivist.visitor.send(&page.form("/officer/records/order").set("_what", "hold")).await;
        assert!(silent.has_errors(), "{}", silent.text());
        let order = |page: &Page, what: &str| {
            let form = page.form("/officer/records/order").set("_what", what);
            form.set("_number", &number).set("_reason", "Civil court, file 2-114")
        };
        let held = archivist.visitor.send(&order(&page, "hold")).await;
        assert!(held.shows("The case is held.") && held.shows(&number), "{}", held.text());
        let again = archivist.visitor.send(&order(&held, "hold")).await;
        assert_eq!(again.errors(), [("number".to_owned(), "It is so already".to_owned())]);
        let released = archivist.visitor.send(&order(&again, "release")).await;
        assert!(released.shows("The hold has ended."), "{}", released.text());
        let acts = traces.acts("eservice", case).await;
        for act in ["case.held", "case.hold-ended"] {
            assert_eq!(acts.iter().filter(|done| *done == act).count(), 1, "{acts:?}");
        }
        let mut registrar = Officer::of(&platform, "registrar-tashkent").await;
        let address = format!("{}/officer/records?service=marriage-certificate-copy", registrar.portal);
        assert_eq!(registrar.visitor.open(&address).await.status, 404);
    });
}

/// A granted case into which an officer looked from outside of their own queue.
async fn looked_at(platform: &Platform, traces: &Traces) -> (CaseId, String) {
    let mut citizen = Citizen::sign_in(platform, "dilnoza", "en").await;
    let case = citizen.apply_and_pay(&[]).await;
    let mut lead = Officer::of(platform, "lead").await;
    let mut patience = Patience::default();
    let link = loop {
        match lead.find(case).await {
            Some(link) => break link,
            None if patience.lasts_while(traces.moved().await) => tokio::time::sleep(POLL).await,
            None => panic!("no task of {case} reaches the queue"),
        }
    };
    let asked = lead.visitor.open(link.as_str()).await;
    let task = lead.explain(&asked, WHY).await;
    lead.visitor.send(&task.form("/officer/tasks/").set("_outcome", "approve")).await;
    citizen.until(case, "", |page| page.html.contains("/documents/")).await;
    traces.nothing_is_left(case, "granted").await;
    let number = traces.texts("eservice", case, "SELECT number FROM cases WHERE case_id = $1").await.remove(0);
    (case, number)
}

/// An officer's search is found by the number of what it found, with why; and why is read nowhere else.
async fn who_looked_for_it_is_found_with_it(platform: &Platform, auditor: &mut Officer, number: &str) {
    let mut lead = Officer::of(platform, "lead").await;
    let search = lead.visitor.open(&format!("{}/officer/search", lead.portal)).await.form("/officer/search");
    let search = search.set("_kind", "number").set("_text", number).set("_reason", SOUGHT);
    let shown = lead.visitor.send(&search).await;
    assert!(shown.shows("1 application found"), "{}", shown.text());
    let found = until_found(auditor, number, "An application was looked for").await;
    // The newest stands first.
    let place = found.html.split("name=\"_place\" value=\"").nth(1).and_then(|part| part.split('"').next());
    let place = place.expect("it is shown").to_owned();
    let act = auditor.visitor.send(&found.form("/officer/audit/act").set("_place", &place)).await;
    assert!(act.shows("An application was looked for") && act.shows(SOUGHT), "{}", act.text());
    let kept = "SELECT count(*) FROM audit WHERE purpose LIKE '%Karimova%'";
    assert_eq!(Traces::of(platform).total("docket", kept).await, 0, "what was typed is sealed");
}

/// What an auditor finds by a case's number, once these words are among it.
pub async fn until_found(auditor: &mut Officer, number: &str, words: &str) -> Page {
    let patience = Patience::default();
    let address = format!("{}/officer/audit", auditor.portal);
    loop {
        let page = auditor.visitor.open(&address).await;
        let form = page.form("/officer/audit").set("_number", number).set("_purpose", "Inspection 7");
        let found = auditor.visitor.send(&form).await;
        if found.shows(words) {
            return found;
        }
        assert!(patience.lasts(), "{words} is not found:\n{}", found.text());
        tokio::time::sleep(POLL).await;
    }
}

async fn a_list_is_taken_away(platform: &Platform, auditor: &mut Officer, found: &Page) {
    let list = auditor.visitor.send(&found.form("/officer/audit/list")).await;
    assert!(list.html.starts_with("time,chain,sequence,act"), "{}", list.html);
    let file = traces::file(platform.folder.path(), "acts.csv", list.html.as_bytes());
    let keys = platform.data().join("nats/trusted-keys.json");
    let verified = audit(&["verify-export"], &file, &[OsStr::new("--trusted-keys"), keys.as_os_str()]);
    assert!(verified.status.success(), "{verified:?}");
    let changed = list.html.replacen("case.opened", "case.read", 1);
    let file = traces::file(platform.folder.path(), "acts-changed.csv", changed.as_bytes());
    let refused = audit(&["verify-export"], &file, &[OsStr::new("--trusted-keys"), keys.as_os_str()]);
    assert!(!refused.status.success() && said(&refused).contains("audit.export"), "{refused:?}");
}

async fn nobody_else_audits(platform: &Platform, traces: &Traces, case: CaseId) {
    let mut registrar = Officer::of(platform, "registrar-nukus").await;
    let page = registrar.visitor.open(&format!("{}/officer/audit", registrar.portal)).await;
    assert_eq!(page.status, 403, "{}", page.text());
    let refused = "SELECT count(*) FROM audit WHERE act = 'audit.refused' AND $1 IS NOT NULL";
    assert!(traces.count("docket", case, refused).await > 0);
}

#[test]
fn a_checkpoint_of_the_running_platform_fits_and_says_when_an_end_is_missing() {
    shared::walk(async {
        let platform = shared::platform().await;
        let data = platform.data();
        let made = audit(&["checkpoint", "--data"], &data, &[]);
        assert!(made.status.success(), "{made:?}");
        let text = String::from_utf8_lossy(&made.stdout).into_owned();
        assert!(text.contains("signature"), "the operator's key is here: {text}");
        let file = traces::file(platform.folder.path(), "checkpoint.json", text.as_bytes());
        let fits = audit(&["verify", "--data"], &data, &[OsStr::new("--against"), file.as_os_str()]);
        assert!(fits.status.success(), "{fits:?}");
        for chain in ["docket", "eservice", "exchange", "identity", "payments", "portal", "register", "signing"] {
            assert!(said(&fits).lines().any(|line| line.starts_with(chain)), "{chain}:\n{}", said(&fits));
        }
        // Somebody's own checkpoint is not the platform's.
        let forged = text.replacen("\"acts\": ", "\"acts\": 1", 1);
        let file = traces::file(platform.folder.path(), "forged.json", forged.as_bytes());
        let refused = audit(&["verify", "--data"], &data, &[OsStr::new("--against"), file.as_os_str()]);
        assert!(!refused.status.success() && said(&refused).contains("audit.checkpoint"), "{refused:?}");
    });
}

fn audit(before: &[&str], path: &Path, after: &[&OsStr]) -> Output {
    let mut command = Command::new(binary("xizmat"));
    command.arg("audit").args(before).arg(path).args(after);
    command.output().expect("the platform's own binary")
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}
