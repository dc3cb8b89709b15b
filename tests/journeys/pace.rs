//! How long a service takes lately stands on its page once enough applications were decided: some at once, others by an officer.

use kernel::CaseId;
use tests::{
    citizen::{Citizen, case_of},
    officer::Officer,
    patience::Patience,
    platform::{Manner, Platform},
    shared,
    traces::Traces,
    visitor::{Page, Visitor},
};

const SERVICE: &str = "services/interior/no-criminal-record";
/// Of fewer than twenty nothing is told; more than half of these nobody has to decide.
const AT_ONCE: i64 = 11;
const DECIDED: i64 = 20;
const WEEK: u64 = 7 * 86_400;
const TITLE: &str = "How long it takes lately";

#[test]
fn how_long_cases_took_stands_on_the_services_page_once_enough_were_decided() {
    shared::walk(async {
        let manner = Manner { rehearsal: true, ..Manner::default() };
        let platform = Platform::start_as(tempfile::tempdir().expect("a folder"), manner).await;
        let traces = Traces::of(&platform);
        let waiting = applied(&platform, "rustam", DECIDED - AT_ONCE).await;
        applied(&platform, "botir", AT_ONCE).await;
        until_ended(&traces, AT_ONCE).await;
        let early = page(&platform).await;
        assert!(early.shows("Start now") && !early.shows(TITLE), "too few to tell of:\n{}", early.text());

        platform.advance(WEEK).await;
        let mut inspector = Officer::of(&platform, "inspector").await;
        for case in waiting {
            inspector.decide(case, "approve", &[]).await;
        }
        until_ended(&traces, DECIDED).await;
        let took = traces.total("eservice", "SELECT max(working_days) FROM case_endings").await;
        assert!((2..=6).contains(&took), "a week with its holidays: {took}");
        let told = page(&platform).await;
        let words = format!("decided on the same day, nine of ten within {took} working days.");
        assert!(told.shows(TITLE) && told.shows(&words), "{words}:\n{}", told.text());
    });
}

async fn page(platform: &Platform) -> Page {
    Visitor::new("en").open(&format!("{}/{SERVICE}", platform.ready.portal)).await
}

/// So many applications of one person.
async fn applied(platform: &Platform, person: &str, times: i64) -> Vec<CaseId> {
    let mut citizen = Citizen::sign_in(platform, person, "en").await;
    citizen.service = SERVICE;
    citizen.visitor.patient = true;
    let mut cases = Vec::new();
    for _ in 0..times {
        let page = citizen.begin().await;
        cases.push(case_of(&page.url));
        let check = citizen.answer(page, &[("use.kind", "work")]).await;
        let sent = citizen.visitor.send(&check.form("/check")).await;
        assert!(sent.status.is_success(), "{} on {}:\n{}", sent.status, sent.url, sent.text());
    }
    cases
}

async fn until_ended(traces: &Traces, cases: i64) {
    let ended = "SELECT count(*) FROM case_endings";
    let mut patience = Patience::default();
    while traces.total("eservice", ended).await < cases {
        assert!(patience.lasts_while(traces.moved().await), "they do not end");
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    }
}
