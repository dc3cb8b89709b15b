//! Withdrawn: the citizen reads what becomes of the money, takes the application back, and is paid back. Before, they read which
//! registries are asked, and put the day by law into their calendar; afterwards the same address says that it no longer counts.

use reqwest::{StatusCode, header};
use tests::{citizen::Citizen, officer::Officer, shared, traces::Traces, visitor::Page};
use url::Url;

/// Titles, fields and acts come from the registry's owner and from the definition.
const ASKED: [&str; 6] = [
    "Single electronic archive of civil status records",
    "At most this is taken: Date, Civil registry office",
    "Why: Finding the record of the marriage and issuing a copy of the certificate",
    "Record number, Husband, Wife",
    "Why: Checking the record of the marriage",
    "Legal basis: Resolution of the Cabinet of Ministers No. 387 of 14 November 2016",
];

#[test]
fn a_paid_application_is_taken_back_and_paid_back() {
    shared::walk(async {
        let platform = shared::platform().await;
        let mut citizen = Citizen::sign_in(&platform, "dilnoza", "en").await;
        let start = citizen.visitor.open(&format!("{}/{}/start", citizen.portal, citizen.service)).await;
        reads_what_is_asked(&start);
        assert!(start.shows("you confirm that you have read what is taken and why"), "{}", start.text());
        let case = citizen.apply_and_pay(&[]).await;
        let mut officer = Officer::of(&platform, "registrar-tashkent").await;
        let late = officer.task(case).await.form("/officer/tasks/").set("_outcome", "approve");
        let page = citizen.until_told(case, "An officer is looking at your application.").await;
        reads_what_is_asked(&citizen.visitor.link(&page, "/registries").await);
        let dated = page.links().into_iter().find(|link| link.path().ends_with("/calendar"));
        let dated = dated.unwrap_or_else(|| panic!("no day for a calendar:\n{}", page.text()));
        let (entry, version) = calendar(&citizen, &dated, "CONFIRMED").await;
        assert!(entry.contains("answer due by law") && !entry.contains("Karimova"), "{entry}");
        let mut stranger = Citizen::sign_in(&platform, "botir", "en").await;
        assert_eq!(stranger.visitor.download(&dated).await.0, StatusCode::NOT_FOUND);
        let asked = format!("{}/registries", citizen.address(case, ""));
        assert_eq!(stranger.visitor.open(&asked).await.status, StatusCode::NOT_FOUND);
        let ask = citizen.visitor.link(&page, "/withdraw").await;
        assert!(ask.shows("that you paid is returned to you"), "{}", ask.text());
        let done = citizen.visitor.send(&ask.form("/withdraw")).await;
        assert!(done.shows("You withdrew this application."), "{}:\n{}", done.status, done.text());
        let again = citizen.visitor.send(&ask.form("/withdraw")).await;
        assert!(again.shows("You withdrew this application."), "once or twice is the same:\n{}", again.text());
        let (entry, later) = calendar(&citizen, &dated, "CANCELLED").await;
        assert!(later > version, "a calendar keeps the newest: {version}, then {entry}");
        let decided = officer.visitor.send(&late).await;
        assert_ne!(decided.url.path(), "/officer", "there is nothing to decide any more:\n{}", decided.text());
        let traces = Traces::of(&platform);
        traces.nothing_is_left(case, "withdrawn").await;
        traces.money_is(case, &[]).await;
    });
}

fn reads_what_is_asked(page: &Page) {
    for words in ASKED {
        assert!(page.shows(words), "{words:?} is missing on {} ({}):\n{}", page.url, page.status, page.text());
    }
}

/// The entry of the calendar's file, unfolded, and its number.
async fn calendar(citizen: &Citizen, url: &Url, state: &str) -> (String, u64) {
    let response = citizen.visitor.ask("GET", url, &[], Vec::new()).await.expect("the portal answers");
    assert!(response.status().is_success(), "{url}: {}", response.status());
    let told = |name: header::HeaderName| {
        response.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    };
    assert!(told(header::CONTENT_TYPE).starts_with("text/calendar; charset=utf-8"), "{:?}", response.headers());
    assert_eq!(told(header::CONTENT_DISPOSITION), "attachment; filename=\"application.ics\"");
    assert_eq!(told(header::CACHE_CONTROL), "no-store");
    let file = response.text().await.expect("the file arrives").replace("\r\n ", "");
    assert!(file.starts_with("BEGIN:VCALENDAR\r\n") && file.ends_with("END:VCALENDAR\r\n"), "{file}");
    assert!(file.contains(&format!("\r\nSTATUS:{state}\r\n")), "{file}");
    let case = tests::citizen::case_of(url);
    assert!(file.contains(&format!("\r\nUID:{case}@xizmat\r\n")), "one case, one entry: {file}");
    let version = file.lines().find_map(|line| line.strip_prefix("SEQUENCE:"));
    let version = version.and_then(|version| version.parse().ok()).unwrap_or_else(|| panic!("no number in {file}"));
    (file, version)
}
