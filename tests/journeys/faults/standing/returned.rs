//! A new look that people do not get past: they meet it by lot, give up, and get the old one again without anybody's doing.

use std::path::Path;

use kernel::CaseId;
use tests::{
    citizen::{Citizen, answered, case_of},
    officer::Officer,
    patience::Patience,
    platform::Platform,
    traces::Traces,
    visitor::Page,
};

use super::{LOOK, folder};
use crate::faults::kill::everything_runs_on;

/// Everybody whom OneID's counterpart knows and in whose case each officer may decide: a lot may still draw all of them, or none.
const PEOPLE: [&str; 3] = ["dilnoza", "botir", "aygul"];
/// Applications under the old look, under the new one, and those that are given up: enough for the first look at ten.
const OLD: usize = 16;
const THROUGH: usize = 2;
const GIVEN_UP: usize = 14;
/// What people answer who cannot see which words the definition knows.
const WORDS: (&str, &str) = ("reason.kind", "I lost it");

/// Somebody with the application that they began.
struct Person {
    name: &'static str,
    citizen: Citizen,
    begun: Option<Page>,
}

type Sent = Vec<(CaseId, &'static str)>;

/// `worse` of the folder names the revision that half of the people are offered; `met` says whether they meet `both`, else another
/// one has to be tried.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "for a platform that tests/cluster/long raises"]
async fn people_give_up_and_the_old_look_comes_back() {
    let folder = folder();
    let platform = Platform::standing(&folder);
    let traces = Traces::of(&platform);
    let worse = read(&folder.join("worse"));
    until_offered(&traces, &worse).await;
    let (mut new, mut old) = (Vec::new(), Vec::new());
    for name in PEOPLE {
        let mut citizen = Citizen::sign_in(&platform, name, "en").await;
        citizen.visitor.patient = true;
        let begun = citizen.begin().await;
        let meets = if runs_on(&traces, case_of(&begun.url), &worse).await { &mut new } else { &mut old };
        meets.push(Person { name, citizen, begun: Some(begun) });
    }
    let both = !new.is_empty() && !old.is_empty();
    std::fs::write(folder.join("met"), if both { "both" } else { "one" }).expect("the folder can be written");
    if !both {
        return;
    }
    let mut sent = apply(&mut old, OLD).await;
    let through = apply(&mut new, THROUGH).await;
    let left = give_up(&traces, &worse, &mut new).await;

    // Whoever begins now, and whoever goes on with what they gave up, has the old look.
    for person in &mut new {
        sent.push((send(&mut person.citizen, None).await, person.name));
    }
    let (name, page) = left.first().expect("people gave up");
    let person = new.iter_mut().find(|person| person.name == *name).expect("one of them");
    let page = person.citizen.visitor.open(page.url.as_str()).await;
    sent.push((send(&mut person.citizen, Some(page)).await, person.name));
    for (case, _) in &sent {
        assert!(!runs_on(&traces, *case, &worse).await, "{case} was sent under the new look");
    }

    let all: Sent = sent.into_iter().chain(through.clone()).collect();
    let mut citizens: Vec<_> = new.into_iter().chain(old).map(|person| (person.name, person.citizen)).collect();
    let mut officers = Vec::new();
    for login in ["registrar-tashkent", "registrar-nukus"] {
        officers.push(Officer::of(&platform, login).await);
    }
    everything_runs_on(&platform, &all, &mut citizens, &mut officers).await;
    for (case, _) in &through {
        assert!(runs_on(&traces, *case, &worse).await, "{case} ends under what it was sent under");
    }
    for (case, _) in &all {
        traces.nothing_is_left(*case, "granted").await;
    }
    traces.outboxes_drain().await;
    traces.nothing_twice().await;
    println!(
        "{} gave up, {} were sent and granted, {} of them under the new look",
        left.len(),
        all.len(),
        through.len()
    );
}

fn read(path: &Path) -> String {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    text.trim().to_owned()
}

async fn runs_on(traces: &Traces, case: CaseId, revision: &str) -> bool {
    traces.revision(case).await.eq_ignore_ascii_case(revision)
}

async fn until_offered(traces: &Traces, revision: &str) {
    let patience = Patience::default();
    while traces.share(revision).await == 0 {
        assert!(patience.lasts(), "the host offers {revision} to nobody");
        tokio::time::sleep(LOOK).await;
    }
}

/// So many applications, by one after the other.
async fn apply(people: &mut [Person], count: usize) -> Sent {
    let mut sent = Vec::new();
    for turn in (0..people.len()).cycle().take(count) {
        let person = &mut people[turn];
        let begun = person.begun.take();
        sent.push((send(&mut person.citizen, begun).await, person.name));
    }
    sent
}

/// From where it stands, or from the start, to the acknowledgement. Who knows the definition's words gets past every page.
async fn send(citizen: &mut Citizen, begun: Option<Page>) -> CaseId {
    let begun = match begun {
        Some(begun) => begun,
        None => citizen.begin().await,
    };
    let check = citizen.answer(begun, &[]).await;
    let case = case_of(&check.url);
    let sent = citizen.visitor.send(&check.form("/check")).await;
    assert!(sent.status.is_success(), "sent, yet {} on {}:\n{}", sent.status, sent.url, sent.text());
    case
}

/// Until the revision is taken back, which nobody but the operator does; the pages on which people were left standing.
async fn give_up(traces: &Traces, worse: &str, people: &mut [Person]) -> Vec<(&'static str, Page)> {
    let (mut left, mut patience) = (Vec::new(), Patience::default());
    while traces.share(worse).await > 0 {
        if left.len() < GIVEN_UP {
            let person = &mut people[left.len() % people.len()];
            let begun = person.begun.take();
            left.push((person.name, refused(&mut person.citizen, begun).await));
        } else {
            assert!(patience.lasts_while(traces.moved().await), "people gave up, and {worse} is still offered");
            tokio::time::sleep(LOOK).await;
        }
    }
    left
}

async fn refused(citizen: &mut Citizen, begun: Option<Page>) -> Page {
    let mut page = match begun {
        Some(begun) => begun,
        None => citizen.begin().await,
    };
    while !page.has_errors() {
        assert!(page.url.path().contains("/pages/"), "on {} ({}):\n{}", page.url, page.status, page.text());
        page = citizen.visitor.send(&answered(&page, &[WORDS])).await;
    }
    assert!(page.has_input(WORDS.0), "refused on {}:\n{}", page.url, page.text());
    page
}
