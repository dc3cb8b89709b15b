//! Nothing about a person and no secret lies in the open: logs, subjects, headers, addresses, streams, databases.

use std::{
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use kernel::sealed::CaseKey;
use sqlx::{Connection, SqliteConnection, sqlite::SqliteConnectOptions};
use tests::{
    citizen::{Citizen, SERVICE, printed},
    collector::Collector,
    officer::Officer,
    platform::{Manner, Platform},
    traces::Traces,
};

/// What the journey says about people: applicant, spouses of the record, officer. All fictional.
const PEOPLE: &[(&str, &str)] = &[
    // Not the family name alone: the examples of a registry's contract, which are public, hold it too.
    ("name before the marriage", "Rahimova"),
    ("family and given name", "Karimova D"),
    ("family name in capitals", "KARIMOVA"),
    ("given name", "Dilnoza"),
    ("PINFL", "41503920170217"),
    ("representative's PINFL", "30207880170130"),
    ("representative's given name", "Botir"),
    ("phone", "901112233"),
    ("typed phone", "907654321"),
    ("e-mail", "dilnoza@example.uz"),
    ("passport", "AB1234567"),
    ("address", "Amir Temur ko"),
    ("spouse", "Ilhomovich"),
    ("typed former name", "Zumradova"),
    ("typed reason", "sumkam o"),
    ("officer's name", "Malika"),
    ("officer's PINFL", "41203850170214"),
];

/// Folders of keys and secrets hold secrets by their nature; they are closed to everybody else instead.
const KEPT: &[&str] = &[
    "keys/",
    "ca/",
    "nats/users/",
    "nats/agents/",
    "nats/signing/",
    "nats/accounts/",
    "nats/data.key",
    "nats/operator.nk",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_whole_journey_leaves_nothing_about_a_person_in_the_open() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let tracing = tracing_server(folder.path());
    let collector = Collector::start().await;
    let manner = Manner { nats_server: Some(tracing), collector: Some(collector.address.clone()), ..Manner::default() };
    let mut platform = Platform::start_as(folder, manner).await;
    let officer = Officer::of(&platform, "registrar-tashkent").await;
    let mut codes = Vec::new();
    for (typed, outcome) in [("lost", "approve"), ("other", "refuse")] {
        codes.push(journey(&platform, typed, outcome).await);
    }
    represented(&platform).await;
    drop(officer);
    wrong_sign_in(&platform).await;
    let (secrets, tokens) = (secrets(&platform), tokens(&platform).await);
    let tokens: Vec<(&str, &str)> = tokens.iter().map(|token| ("somebody's token", token.as_str())).collect();
    assert!(tokens.len() >= 4, "citizens and an officer are signed in: {}", tokens.len());
    let secrets = secrets.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let wanted: Vec<(&str, &str)> = PEOPLE.iter().copied().chain(secrets).chain(tokens.iter().copied()).collect();
    // The database keeps it sealed for its holder; what anybody verifies with it is written down nowhere.
    let codes: Vec<(&str, &str)> = codes.iter().map(|code| ("verification code", code.as_str())).collect();
    let mut found = Vec::new();
    for file in files(&platform.data()) {
        let name = file.strip_prefix(platform.data()).expect("it lies there").display().to_string();
        if KEPT.iter().any(|kept| name.starts_with(kept)) {
            let mode = std::fs::metadata(&file).expect("it is there").permissions().mode();
            assert_eq!(mode & 0o077, 0, "{name} is open to others");
            continue;
        }
        let content = std::fs::read(&file).unwrap_or_default();
        if name == "logs/nats.log" {
            // A token goes nowhere over the bus, not even in a body.
            search(&name, &content, &tokens, &mut found);
        }
        let content = if name == "logs/nats.log" { without_bodies(&content) } else { content };
        search(&name, &content, &wanted, &mut found);
        if name.starts_with("logs/") {
            search(&name, &content, &codes, &mut found);
        }
    }
    let wanted = [wanted, codes].concat();
    search("platform.log", platform.log().as_bytes(), &wanted, &mut found);
    assert!(found.is_empty(), "in the open:\n{}", found.join("\n"));
    let seen = std::fs::read_to_string(platform.data().join("logs/nats.log")).unwrap_or_default();
    assert!(seen.contains("eservice.v1.submit."), "the server's trace was not on");
    one_trace_leads_from_the_click_to_the_seal(&collector).await;
    lines_and_metrics_are_told_too(&platform, &collector).await;
    assert!(platform.stop().await.success(), "it stopped in order");
    nothing_was_told_to_the_collector(&collector, &wanted);
}

/// The officer's decision is what a document was sealed because of, over four services in two processes; the citizen's
/// submission is what an intent was made because of. Identity, asked over HTTP on the way, tells of the same trace.
async fn one_trace_leads_from_the_click_to_the_seal(collector: &Collector) {
    let sealed = collector.hears("a seal", |span| span.events.iter().any(|(name, _)| name == "document sealed")).await;
    assert_eq!(sealed.process, "signing", "the sealing process tells itself");
    let decision = "portal POST /officer/tasks/{agency}/{service}/{case}/{task}";
    let clicked = collector.hears("the decision", |span| span.place() == decision && span.trace == sealed.trace).await;
    collector.hears("the action", |span| span.id == sealed.parent).await;
    let places: Vec<String> = collector.ancestry(&sealed).iter().map(|span| span.place()).collect();
    let expected = ["signing signing.issue-document", "eservice action", "eservice eservice.decide-task", decision];
    assert_eq!(places, expected, "each was caused by the next");
    let asserted = |span: &tests::collector::Span| {
        span.place() == "identity POST /token" && span.trace == sealed.trace && span.parent == clicked.id
    };
    collector.hears("the assertion for the decision", asserted).await;

    let charged = collector.hears("an intent", |span| span.place() == "payments payments.create-intent").await;
    let submission = "portal POST /applications/{agency}/{service}/{case}/check";
    collector.hears("the submission", |span| span.place() == submission && span.trace == charged.trace).await;
    let mut places: Vec<String> = collector.ancestry(&charged).iter().map(|span| span.place()).collect();
    // An answered action leads to the next one.
    places.dedup();
    let expected = ["payments payments.create-intent", "eservice action", "eservice eservice.submit", submission];
    assert_eq!(places, expected, "each was caused by the next");
}

fn nothing_was_told_to_the_collector(collector: &Collector, wanted: &[(&str, &str)]) {
    let spans = collector.spans();
    assert!(spans.len() > 100, "{} spans of whole journeys", spans.len());
    let mut found = Vec::new();
    for span in &spans {
        search("a span", span.words().as_bytes(), wanted, &mut found);
    }
    for line in collector.lines() {
        search("a log record", format!("{line:?}").as_bytes(), wanted, &mut found);
    }
    for metric in collector.metrics() {
        search("a metric", format!("{metric:?}").as_bytes(), wanted, &mut found);
    }
    assert!(found.is_empty(), "told to the collector:\n{}", found.join("\n"));
}

/// The families that `/metrics` shows.
async fn scraped(platform: &Platform) -> Vec<String> {
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let url = format!("{}/metrics", platform.ready.health);
    let text = client.get(&url).send().await.expect("it is answered").text().await.expect("it is text");
    let mut shown: Vec<String> = Vec::new();
    for family in text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next()) {
        let counted = |line: &&str| line.starts_with(&format!("{family}{{")) || line.starts_with(&format!("{family} "));
        let histogram = format!("{family}_count");
        if text.lines().any(|line| counted(&line) || line.starts_with(&histogram)) {
            shown.push(family.to_owned());
        }
    }
    shown
}

/// The same lines under the same ids as the spans, and the same families as a scraper reads.
async fn lines_and_metrics_are_told_too(platform: &Platform, collector: &Collector) {
    let scraped = scraped(platform).await;
    assert!(scraped.len() > 5, "{scraped:?}");
    for family in &scraped {
        collector.hears_of("xizmat", family).await;
    }
    // Each process tells its own.
    collector.hears_of("signing", "xizmat_bus_request_seconds").await;
    let sealed = collector.hears_line("document sealed").await;
    assert_eq!((sealed.process.as_str(), sealed.level.as_str()), ("signing", "INFO"));
    let around = collector.hears("the line's work", |span| span.id == sealed.span).await;
    assert_eq!((&around.trace, around.place().as_str()), (&sealed.trace, "signing signing.issue-document"));
    assert_eq!(sealed.attributes.get("role").map(String::as_str), Some("signing"));
}

/// The code of its document, with which anybody has verified it.
async fn journey(platform: &Platform, reason: &str, outcome: &str) -> String {
    let mut citizen = Citizen::sign_in(platform, "dilnoza", "uz").await;
    let typed = [
        ("formerName.changed", "true"),
        ("formerName.name", "Zumradova Dilnoza Rustamovna"),
        ("reason.kind", reason),
        ("reason.details", "sumkam o'g'irlangan"),
    ];
    let case = citizen.apply_and_pay(&typed).await;
    let mut officer = Officer::of(platform, "registrar-tashkent").await;
    let more: &[(&str, &str)] = if outcome == "refuse" { &[("_reasons:refuse", "no-record")] } else { &[] };
    officer.decide(case, outcome, more).await;
    let page =
        citizen.until(case, "", |page| page.links().iter().any(|link| link.path().contains("/documents/"))).await;
    citizen.document(&page).await;
    let (number, code) = printed(&page);
    let mut anybody = tests::visitor::Visitor::new("en");
    let form = anybody.open(&format!("{}/verify", platform.ready.portal)).await;
    anybody.send(&form.form("/verify").set("number", &number).set("code", &code)).await;
    for page in ["inbox", "data-use", "applications"] {
        citizen.visitor.open(&format!("{}/{page}", citizen.portal)).await;
    }
    // What is sent by SMS and e-mail has left, too.
    let ended = if outcome == "refuse" { "rejected" } else { "granted" };
    Traces::of(platform).nothing_is_left(case, ended).await;
    code
}

/// Botir applies for Dilnoza: what the notaries say of either stays between those who need it.
async fn represented(platform: &Platform) {
    let mut citizen = Citizen::sign_in(platform, "botir", "uz").await;
    let page = citizen.visitor.open(&format!("{}/{SERVICE}/start", citizen.portal)).await;
    let form = page.form("/start").set("_choice", "attorney").set("_record", "2026-0412-7731");
    let page = citizen.visitor.send(&form).await;
    let case = tests::citizen::case_of(&page.url);
    let check = citizen.answer(page, &[]).await;
    citizen.visitor.send(&check.form("/check")).await;
    citizen.until(case, "pay", |page| page.url.path().ends_with("/pay")).await;
}

/// A refused password must not be written anywhere either.
async fn wrong_sign_in(platform: &Platform) {
    let mut visitor = tests::visitor::Visitor::new("en");
    let page = visitor.open(&format!("{}/officer", platform.ready.portal)).await;
    let form = page.form("/officer").set("login", "registrar-tashkent").set("password", "a-wrong-Password-77");
    visitor.send(&form).await;
}

/// What only its owner may know.
fn secrets(platform: &Platform) -> Vec<(String, String)> {
    let mut secrets = vec![("a wrong password".to_owned(), "a-wrong-Password-77".to_owned())];
    for account in &platform.ready.accounts {
        secrets.push((format!("password of {}", account.login), account.password.clone()));
        secrets.push((format!("TOTP secret of {}", account.login), account.totp_secret.clone()));
    }
    let contract = platform.counterparts.config.parent().expect("it lies in a folder").to_owned();
    for file in files(&contract).into_iter().chain(files(&platform.data().join("keys"))) {
        let Ok(text) = std::fs::read_to_string(&file) else { continue };
        let text = text.trim().to_owned();
        if !text.contains('\n') && text.len() >= 16 {
            secrets.push((format!("content of {}", file.display()), text));
        }
    }
    // Assertions and access tokens are JWTs of these types.
    secrets.push(("a person's assertion".into(), "eyJ0eXAiOiJ4aXptYXQtYXNzZXJ0aW9u".into()));
    secrets
}

/// Access and refresh tokens of everybody who is signed in: the portal keeps them sealed.
async fn tokens(platform: &Platform) -> Vec<String> {
    let key = boot::secrets::read_key(&platform.data().join("keys/portal-session.key")).expect("the portal's own key");
    let key = CaseKey::from_bytes(key);
    let options = SqliteConnectOptions::new().filename(platform.data().join("db/portal.sqlite")).read_only(true);
    let mut connection = SqliteConnection::connect_with(&options).await.expect("the database can be read");
    let rows = sqlx::query_as("SELECT id_hash, sealed FROM sessions").fetch_all(&mut connection).await;
    let sessions: Vec<(Vec<u8>, Vec<u8>)> = rows.expect("sessions can be read");
    let mut tokens = Vec::new();
    for (id, sealed) in sessions {
        let opened = key.open(&sealed, &id).expect("it is sealed with the portal's key");
        let opened: serde_json::Value = serde_json::from_slice(&opened).expect("it is JSON");
        let kept = ["access_token", "refresh_token"].map(|name| opened[name].as_str().map(str::to_owned));
        tokens.extend(kept.into_iter().flatten());
    }
    tokens
}

fn search(place: &str, content: &[u8], wanted: &[(&str, &str)], found: &mut Vec<String>) {
    for (name, value) in wanted {
        let needle = value.as_bytes();
        if let Some(at) = content.windows(needle.len()).position(|window| window == needle) {
            let around = &content[at.saturating_sub(60)..(at + needle.len() + 30).min(content.len())];
            found.push(format!("{name} in {place}: …{}…", String::from_utf8_lossy(around).escape_debug()));
        }
    }
}

/// A server that also writes down every subject and every message.
fn tracing_server(folder: &Path) -> PathBuf {
    let server = std::env::var("XIZMAT_NATS_SERVER").unwrap_or_else(|_| "nats-server".into());
    let script = folder.join("tracing-nats-server");
    std::fs::write(&script, format!("#!/bin/sh\nexec {server} -DV \"$@\"\n")).expect("a temporary folder");
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o700)).expect("it is ours");
    script
}

/// Requests lawfully carry what their callee needs; subjects, headers and everything else must not.
fn without_bodies(log: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(log);
    let mut kept = String::new();
    for line in text.lines() {
        let Some((before, payload)) = line.split_once("MSG_PAYLOAD: [") else {
            kept.push_str(line);
            kept.push('\n');
            continue;
        };
        kept.push_str(before);
        if payload.trim_start_matches('"').starts_with("NATS/1.0") {
            // An assertion is a header that only its callee sees, and only until it has expired.
            let headers = payload.split("\\r\\n\\r\\n").next().unwrap_or_default();
            let open = headers.split("\\r\\n").filter(|header| !header.starts_with("Xizmat-Assertion"));
            kept.push_str(&open.collect::<Vec<_>>().join(" "));
        }
        kept.push('\n');
    }
    kept.into_bytes()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.append(&mut files(&path));
        } else if path.is_file() {
            found.push(path);
        }
    }
    found
}
