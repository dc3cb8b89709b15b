//! What is left when the law asks for nothing more: a case whose retention is over is erased everywhere, and what it issued is
//! still proved.

use std::{path::Path, process::Command, time::Duration};

use kernel::{CaseId, Clock};
use tests::{
    backup::Backup,
    citizen::{Citizen, DUTY, case_of, printed},
    officer::{self, Officer},
    patience::Patience,
    platform::{Manner, Platform, binary},
    shared,
    terminal::as_officer,
    traces::Traces,
    visitor::{Page, Visitor},
};
use url::Url;

use crate::audited::until_found;

/// Five years with their leap days, and a day.
const RETENTION: u64 = (5 * 365 + 3) * 86_400;
const POLL: Duration = Duration::from_millis(300);
const OWNERS: [&str; 6] = ["eservice", "docket", "payments", "signing", "notifications", "exchange"];
/// Everybody who keeps something of a case, and who keeps people.
const KEEPERS: [&str; 7] = ["eservice", "docket", "payments", "signing", "notifications", "exchange", "identity"];
/// What an officer types who looks for the case and at it.
const TYPED: &str = "The sister of Dilnoza Rustamovna wrote to us";
/// What she writes about the service.
const RATED: &str = "My sister waited for an hour at the door";
/// Of the citizen: PINFL, telephone, passport, her rating; and what the officer typed.
const SAID: [&str; 5] = ["41503920170217", "901112233", "AB1234567", RATED, TYPED];
pub const ERASED: &str = "The data of this application has been erased";

#[test]
fn a_granted_case_is_erased_when_its_retention_is_over_and_what_it_issued_is_still_proved() {
    shared::walk(async {
        let manner = Manner { rehearsal: true, ..Manner::default() };
        let mut platform = Platform::start_as(tempfile::tempdir().expect("a folder"), manner).await;
        let traces = Traces::of(&platform);
        let granted = granted(&platform, &traces).await;
        let draft = begun(&platform, "botir").await;
        let keys = keys(&traces, granted.case).await;
        assert_eq!(lying_about(&platform, &keys).len(), 4, "the search finds what is there");
        let mut backup = Backup::in_folder(&platform, "backup");
        backup.copy(&platform, &KEEPERS).await;
        said_about_her_lies_nowhere(&platform, &granted);
        platform.advance(RETENTION).await;
        erased_everywhere(&traces, &[granted.case, draft]).await;
        assert_eq!(lying_about(&platform, &keys), Vec::<String>::new(), "destroyed keys");
        nobody_opens_it(&platform, &granted).await;
        said_about_her_lies_nowhere(&platform, &granted);
        the_officer_s_words_are_gone(&platform, &granted).await;
        its_document_is_proved(&platform, &granted).await;
        its_money_is_accounted_for(&traces, granted.case).await;
        chains_hold(&platform);
        the_index_is_rebuilt_without_it(&mut platform, &traces, granted.case).await;
    });
}

#[test]
fn an_archivist_holds_a_case_from_the_command_line_and_no_other_officer_does() {
    shared::walk(async {
        let platform = shared::platform().await;
        let traces = Traces::of(&platform);
        let mut citizen = Citizen::sign_in(&platform, "botir", "en").await;
        let (case, _) = citizen.apply(&[]).await;
        let number = traces.texts("eservice", case, "SELECT number FROM cases WHERE case_id = $1").await.remove(0);
        let held = "SELECT count(*) FROM cases WHERE case_id = $1 AND held IS NOT NULL";
        let service = ["--service", "marriage-certificate-copy"];
        let later = boot::SystemClock::default().now().plus(Duration::from_secs(400 * 86_400)).to_string();
        let day = later[..10].to_owned();
        let reason = ["--reason", "Civil court, file 2-114", "--until", &day];
        let hold = [&["records", "hold", &number][..], &service, &reason].concat();
        let refused = as_officer(&platform, "registrar-nukus", &hold).await;
        assert!(refused.contains("case.not-found"), "{refused}");
        assert_eq!(traces.count("eservice", case, held).await, 0);
        let done = as_officer(&platform, "archivist", &hold).await;
        assert!(done.contains("held"), "{done}");
        assert_eq!(traces.count("eservice", case, held).await, 1);
        let acts = traces.acts("eservice", case).await;
        assert_eq!(acts.iter().filter(|act| *act == "case.held").count(), 1, "{acts:?}");
        assert_eq!(acts.iter().filter(|act| *act == "case.refused").count(), 1, "{acts:?}");
        let listed = as_officer(&platform, "archivist", &[&["records", "list"][..], &service].concat()).await;
        let line = listed.lines().find(|line| line.contains(&number)).unwrap_or_else(|| panic!("{listed}"));
        assert!(line.contains(&format!("until {day}: Civil court, file 2-114 (Nodira Aliyeva)")), "{line}");
    });
}

struct Granted {
    case: CaseId,
    number: String,
    task: Url,
    document: Url,
    /// Of the document: number, code, bytes.
    printed: (String, String),
    pdf: Vec<u8>,
}

async fn granted(platform: &Platform, traces: &Traces) -> Granted {
    let mut citizen = Citizen::sign_in(platform, "dilnoza", "en").await;
    let case = citizen.apply_and_pay(&[]).await;
    // From outside of their own queue, so that they type why.
    let mut lead = Officer::of(platform, "lead").await;
    let link = until_queued(&mut lead, traces, case).await;
    let asked = lead.visitor.open(link.as_str()).await;
    lead.explain(&asked, TYPED).await;
    let search = lead.visitor.open(&format!("{}/officer/search", lead.portal)).await.form("/officer/search");
    let search = search.set("_kind", "pinfl").set("_text", SAID[0]).set("_reason", TYPED);
    let found = lead.visitor.send(&search).await;
    assert!(found.shows("1 application found"), "{}", found.text());
    let mut officer = Officer::of(platform, "registrar-tashkent").await;
    let task = officer.task(case).await.url;
    officer.decide(case, "approve", &[]).await;
    let page = citizen.until(case, "", |page| page.html.contains("/documents/")).await;
    let document = page.links().into_iter().find(|link| link.path().contains("/documents/")).expect("looked for above");
    let pdf = citizen.document(&page).await;
    let rating = citizen.until(case, "rating", |page| page.has_input("_score")).await.form("/rating");
    citizen.visitor.send(&rating.set("_score", "2").set("_text", RATED)).await;
    assert_eq!(traces.count("eservice", case, "SELECT count(*) FROM case_ratings WHERE case_id = $1").await, 1);
    traces.nothing_is_left(case, "granted").await;
    let number = traces.texts("eservice", case, "SELECT number FROM cases WHERE case_id = $1").await.remove(0);
    assert!(listed(&mut citizen).await.shows(&number));
    Granted { case, number, task, document, printed: printed(&page), pdf }
}

async fn until_queued(lead: &mut Officer, traces: &Traces, case: CaseId) -> Url {
    let mut patience = Patience::default();
    loop {
        if let Some(link) = lead.find(case).await {
            return link;
        }
        assert!(patience.lasts_while(traces.moved().await), "no task of {case} reaches the queue");
        tokio::time::sleep(POLL).await;
    }
}

/// Neither in the databases and their logs, nor in what else lies in the data folder, nor in a backup of before: whoever has these
/// files without the keys reads nothing of her, before the erasure and after it.
fn said_about_her_lies_nowhere(platform: &Platform, granted: &Granted) {
    let backup = platform.folder.path().join("backup");
    let all: Vec<_> = [platform.data(), backup].iter().flat_map(|folder| files(folder)).collect();
    let finds = |words: &[u8]| {
        all.iter().any(|file| std::fs::read(file).unwrap_or_default().windows(words.len()).any(|part| part == words))
    };
    assert!(finds(granted.number.as_bytes()), "the search finds what is there");
    for words in SAID {
        assert!(!finds(words.as_bytes()), "{words}");
    }
}

/// The auditor still sees that somebody looked, who and when; what they typed about her went with the case.
async fn the_officer_s_words_are_gone(platform: &Platform, granted: &Granted) {
    let traces = Traces::of(platform);
    let opened = "SELECT count(*) FROM audit WHERE act = 'case.opened' AND subject = $1 AND purpose LIKE 'sealed:%'";
    assert_eq!(traces.count("eservice", granted.case, opened).await, 1);
    let searched = "SELECT count(*) FROM audit WHERE act = 'docket.searched' AND purpose LIKE 'sealed:%'
                    AND detail LIKE '%' || lower(hex($1)) || '%'";
    assert_eq!(traces.count("docket", granted.case, searched).await, 1);
    let mut auditor = Officer::of(platform, "auditor").await;
    for (act, told) in [("case.opened", "A case was opened"), ("docket.searched", "An application was looked for")] {
        let page = auditor.visitor.open(&format!("{}/officer/audit", auditor.portal)).await;
        let form = page.form("/officer/audit").set("_login", "lead").set("_act", act).set("_purpose", "Inspection 7");
        let found = auditor.visitor.send(&form).await;
        let place = found.html.split("name=\"_place\" value=\"").nth(1).and_then(|part| part.split('"').next());
        let place = place.unwrap_or_else(|| panic!("nothing is found:\n{}", found.text())).to_owned();
        let read = auditor.visitor.send(&found.form("/officer/audit/act").set("_place", &place)).await;
        assert!(read.shows(told) && read.shows("Erased together with the case"), "{}", read.text());
        assert!(!read.shows(TYPED), "{}", read.text());
    }
    // The number is printed on the document: what was done is found by it as before.
    let found = until_found(&mut auditor, &granted.number, "data was erased").await;
    for told in ["A case was opened", "An application was looked for", &granted.number] {
        assert!(found.shows(told), "{told}:\n{}", found.text());
    }
}

async fn begun(platform: &Platform, person: &str) -> CaseId {
    let mut citizen = Citizen::sign_in(platform, person, "en").await;
    case_of(&citizen.begin().await.url)
}

async fn listed(citizen: &mut Citizen) -> Page {
    citizen.visitor.open(&format!("{}/applications", citizen.portal)).await
}

/// The case's wrapped keys as they lie in the databases, by their owner.
async fn keys(traces: &Traces, case: CaseId) -> Vec<(&'static str, Vec<u8>)> {
    let mut keys = Vec::new();
    for (owner, sql) in [
        ("eservice", "SELECT hex(wrapped_key) FROM cases WHERE case_id = $1"),
        ("notifications", "SELECT hex(wrapped) FROM case_key WHERE case_id = $1"),
        ("signing", "SELECT hex(wrapped_key) FROM documents WHERE case_id = $1"),
        ("docket", "SELECT hex(wrapped) FROM reason_keys NATURAL JOIN findings WHERE case_id = $1"),
    ] {
        let hex = traces.texts(owner, case, sql).await.remove(0);
        let byte = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).expect("hexadecimal digits");
        keys.push((owner, (0..hex.len()).step_by(2).map(byte).collect()));
    }
    keys
}

/// Which of the keys lie in any file of the data folder, the databases' own logs among them.
fn lying_about(platform: &Platform, keys: &[(&'static str, Vec<u8>)]) -> Vec<String> {
    let mut found = Vec::new();
    for (owner, key) in keys {
        let lies = files(&platform.data()).into_iter().any(|file| {
            let content = std::fs::read(file).unwrap_or_default();
            content.windows(key.len()).any(|part| part == key)
        });
        found.extend(lies.then(|| (*owner).to_owned()));
    }
    found
}

fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

pub async fn erased_everywhere(traces: &Traces, cases: &[CaseId]) {
    let (mut left, mut patience) = (Vec::new(), Patience::default());
    while patience.lasts_while(traces.moved().await) {
        left.clear();
        for case in cases {
            left.extend(left_of(traces, *case).await);
        }
        if left.is_empty() {
            return;
        }
        tokio::time::sleep(POLL).await;
    }
    panic!("left of erased cases: {left:#?}");
}

async fn left_of(traces: &Traces, case: CaseId) -> Vec<String> {
    let mut left = Vec::new();
    for (owner, sql) in [
        ("eservice", "SELECT count(*) FROM cases WHERE case_id = $1 AND (erased IS NULL OR length(wrapped_key) > 0)"),
        ("eservice", "SELECT count(*) FROM case_actions WHERE case_id = $1"),
        ("eservice", "SELECT count(*) FROM case_timers WHERE case_id = $1"),
        ("eservice", "SELECT count(*) FROM case_ratings WHERE case_id = $1"),
        ("eservice", "SELECT count(*) FROM reissued_documents WHERE case_id = $1"),
        ("eservice", "SELECT count(*) FROM case_endings WHERE case_id = $1"),
        ("eservice", "SELECT count(*) FROM outbox WHERE case_id = $1 AND name <> 'case-erased'"),
        ("docket", "SELECT count(*) FROM entries WHERE case_id = $1"),
        ("docket", "SELECT count(*) FROM lookups WHERE case_id = $1"),
        ("docket", "SELECT count(*) FROM findings WHERE case_id = $1"),
        ("docket", "SELECT count(*) FROM reason_keys WHERE $1 IS NOT NULL"),
        ("docket", "SELECT 1 - count(*) FROM erased WHERE case_id = $1"),
        ("signing", "SELECT count(*) FROM documents WHERE case_id = $1 AND length(wrapped_key) > 0"),
        ("signing", "SELECT count(*) FROM file_chunks JOIN documents ON scope = document_id WHERE case_id = $1"),
        ("notifications", "SELECT count(*) FROM case_key WHERE case_id = $1"),
        ("notifications", "SELECT count(*) FROM message WHERE case_id = $1"),
        ("payments", "SELECT count(*) FROM intent WHERE case_id = $1 AND payer <> zeroblob(16)"),
        ("payments", "SELECT count(*) FROM outbox WHERE case_id = $1"),
        ("exchange", "SELECT count(*) FROM data_use WHERE case_id = $1 AND length(salt) > 0"),
        (
            "exchange",
            "SELECT count(*) FROM answers JOIN data_use ON cause = action_id WHERE case_id = $1 AND length(answer) > 0",
        ),
    ] {
        if traces.count(owner, case, sql).await > 0 {
            left.push(format!("{owner}: {sql}"));
        }
    }
    for owner in OWNERS {
        if traces.total(owner, "SELECT count(*) FROM outbox WHERE sequence IS NULL").await > 0 {
            left.push(format!("{owner}: something in the outbox"));
        }
    }
    left
}

async fn nobody_opens_it(platform: &Platform, granted: &Granted) {
    let mut citizen = Citizen::sign_in(platform, "dilnoza", "en").await;
    let address = citizen.address(granted.case, "");
    let page = citizen.visitor.open(&address).await;
    assert_eq!(page.status, 404, "{}", page.text());
    for words in [ERASED, "Law on Archives", &granted.number] {
        assert!(page.shows(words), "{words}:\n{}", page.text());
    }
    assert!(!page.html.contains("/documents/"));
    for (language, words) in [("uz", "oʻchirilgan"), ("uz-Cyrl", "ўчирилган"), ("kaa", "óshirilgen"), ("ru", "удалены")]
    {
        let told = citizen.visitor.open(&format!("{address}?lang={language}")).await;
        assert!(told.status == 404 && told.shows(words), "{language}:\n{}", told.text());
    }
    citizen.visitor.open(&format!("{address}?lang=en")).await;
    for gone in
        [citizen.address(granted.case, "check"), citizen.address(granted.case, "pay"), granted.document.to_string()]
    {
        assert_eq!(citizen.visitor.open(&gone).await.status, 404, "{gone}");
    }
    for page in [listed(&mut citizen).await, citizen.visitor.open(&format!("{}/inbox", citizen.portal)).await] {
        assert!(page.status.is_success() && !page.shows(&granted.number), "{}", page.text());
    }
    let uses = citizen.visitor.open(&format!("{}/data-use", citizen.portal)).await;
    assert!(uses.shows("Copy of a marriage certificate"), "who looked stays to be seen:\n{}", uses.text());
    let mut stranger = Citizen::sign_in(platform, "aygul", "en").await;
    let page = stranger.visitor.open(&address).await;
    assert!(page.status == 404 && !page.shows(ERASED), "{}", page.text());
    // Five years later nobody is signed in any more.
    let lead = platform.ready.accounts.iter().find(|account| account.login == "lead").expect("a demo officer");
    let visitor = officer::sign_in(platform, ("lead", &lead.password, &lead.totp_secret)).await;
    let mut officer = Officer { visitor, portal: platform.ready.portal.clone() };
    let page = officer.visitor.open(granted.task.as_str()).await;
    assert_eq!(page.status, 404, "{}", page.text());
    assert!(officer.find(granted.case).await.is_none());
}

/// Genuine as ever, and past the day until which it was good.
async fn its_document_is_proved(platform: &Platform, granted: &Granted) {
    let mut anybody = Visitor::new("en");
    let form = anybody.open(&format!("{}/verify", platform.ready.portal)).await;
    let upload = form.form("/verify/file");
    let boundary = "a-boundary-of-this-journey";
    let head = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"copy.pdf\"\r\n\
         Content-Type: application/pdf\r\n\r\n"
    );
    let body = [head.as_bytes(), &granted.pdf, format!("\r\n--{boundary}--\r\n").as_bytes()].concat();
    let kind = format!("multipart/form-data; boundary={boundary}");
    let by_file = anybody.send_raw(&upload, &kind, body).await;
    let (number, code) = &granted.printed;
    let by_code = anybody.send(&form.form("/verify").set("number", number).set("code", code)).await;
    for sure in ["The file is unchanged Yes", "Whose seal it is Yes", "Time Yes"] {
        assert!(by_file.shows(sure), "{sure}:\n{}", by_file.text());
    }
    for page in [by_file, by_code] {
        for words in [number, "Ministry of Justice", "Status In force", "Not withdrawn No"] {
            assert!(page.shows(words), "{words}:\n{}", page.text());
        }
        assert!(!page.shows("Karimova") && !page.shows(&granted.number), "{}", page.text());
    }
    let wrong = anybody.send(&form.form("/verify").set("number", number).set("code", "0000-0000-0000-0000")).await;
    assert!(wrong.shows("No such document was found"), "{}", wrong.text());
}

async fn its_money_is_accounted_for(traces: &Traces, case: CaseId) {
    traces.money_is(case, &[("justice", DUTY)]).await;
    let states = traces.texts("payments", case, "SELECT state FROM intent WHERE case_id = $1").await;
    assert_eq!(states, ["captured"]);
}

pub fn chains_hold(platform: &Platform) {
    let output = Command::new(binary("xizmat"))
        .args(["audit", "verify", "--data"])
        .arg(platform.data())
        .output()
        .expect("the platform's own binary");
    assert!(output.status.success(), "{output:?}");
}

/// A log with empty places is read from its start to its end.
async fn the_index_is_rebuilt_without_it(platform: &mut Platform, traces: &Traces, case: CaseId) {
    platform.stop().await;
    for suffix in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(platform.data().join(format!("db/docket.sqlite{suffix}")));
    }
    platform.start_again().await;
    let again = begun(platform, "botir").await;
    let told = "SELECT count(*) FROM entries WHERE case_id = $1 AND phase = 'draft'";
    let mut patience = Patience::default();
    while traces.count("docket", again, told).await != 1 && patience.lasts_while(traces.moved().await) {
        tokio::time::sleep(POLL).await;
    }
    assert_eq!(traces.count("docket", again, told).await, 1, "a new draft is listed");
    let read = traces.total("docket", "SELECT sequence FROM cursors WHERE producer = 'eservice'").await;
    let written = traces.total("eservice", "SELECT last FROM outbox_head").await;
    assert!(read > 0 && read <= written, "{read} of {written}");
    assert_eq!(left_of(traces, case).await, Vec::<String>::new());
    assert_eq!(traces.total("docket", "SELECT count(*) FROM entries").await, 1, "nothing else came back");
}
