//! Opinions asked for beside the process: advice of another agency, which moves nothing and holds nobody up.

use std::time::Duration;

use super::{
    questions::{refused, taken},
    *,
};
use crate::timer::Purpose;

const DAY: Duration = Duration::from_secs(24 * 3600);

fn expert() -> PersonId {
    PersonId::from_bytes([5; 16])
}

fn request(task: TaskId, agency: &str, pages: &[&str]) -> Command {
    Command::RequestOpinion {
        task,
        agency: agency.into(),
        role: "expert".into(),
        text: " Is the shop safe? ".into(),
        pages: pages.iter().map(|page| (*page).to_owned()).collect(),
        officer: officer(),
    }
}

fn says(task: TaskId, outcome: &str, by: PersonId) -> Command {
    Command::DecideTask {
        task,
        outcome: outcome.into(),
        reasons: Vec::new(),
        note: "A hazard nearby.".into(),
        marked: BTreeMap::new(),
        officer: by,
    }
}

/// A case whose task an officer has, who asked another agency what it thinks.
fn requested() -> (Host, TaskId, TaskId) {
    let (mut host, task) = taken(None);
    host.give(&request(task, "health", &["shop", "goods", "shop"])).unwrap();
    let id = host.state.requests[0].id;
    (host, task, id)
}

fn ends(host: &Host) -> usize {
    host.state.timers.values().filter(|timer| timer.purpose == Purpose::Opinion).count()
}

#[test]
fn another_agency_says_what_it_thinks_and_the_task_goes_on_as_it_was() {
    let (mut host, task, id) = requested();
    let asked = host.state.task(id).unwrap();
    assert!(host.state.is_foreign(&asked) && asked.closed.is_none() && asked.role == "expert");
    assert_eq!(host.state.requests[0].pages, ["goods", "shop"]);
    assert_eq!((host.state.status(), ends(&host)), ("reviewing", 1));
    let due = host.state.tasks[&task].due;
    host.give(&says(id, "objection", expert())).unwrap();
    let given = host.state.requests[0].given.clone().unwrap();
    assert_eq!((given.outcome.as_str(), given.note.as_str()), ("objection", "A hazard nearby."));
    assert_eq!((host.state.tasks[&task].due, ends(&host)), (due, 0), "no time stood still");
    assert_eq!(refused(&host, &says(id, "objection", expert())), "task.closed", "it is said once");
    assert!(host.state.decisions.is_empty(), "nobody has decided");
    host.give(&says(task, "approve", officer())).unwrap();
}

#[test]
fn an_opinion_is_news_to_whoever_read_the_case_before_it_and_not_to_whoever_gave_it() {
    let (mut host, _, id) = requested();
    let said = host.give(&says(id, "objection", expert())).unwrap();
    let is_news_to = |reader: PersonId| said.events.iter().any(|event| event.what.is_news_to(reader));
    assert!(is_news_to(officer()) && !is_news_to(expert()));
}

#[test]
fn nobody_waits_for_an_opinion_longer_than_its_time_or_the_task() {
    let (mut host, _, id) = requested();
    let until = host.now.plus(9 * DAY);
    while let Some(timer) = host.state.timers.values().filter(|timer| timer.due <= until).min_by_key(|timer| timer.due)
    {
        let (timer, due) = (timer.id, timer.due);
        host.now = host.now.max(due);
        host.give(&Command::FireTimer { timer }).unwrap();
    }
    assert!(host.state.requests[0].closed.is_some() && host.state.requests[0].given.is_none());
    assert_eq!(refused(&host, &says(id, "no-objection", expert())), "task.closed");
    let (mut host, task, id) = requested();
    host.give(&says(task, "approve", officer())).unwrap();
    assert!(host.state.open_requests().next().is_none());
    assert_eq!((refused(&host, &says(id, "no-objection", expert())), ends(&host)), ("task.closed", 0));
}

#[test]
fn who_has_the_task_asks_another_agency_about_pages_that_they_see_one_at_a_time() {
    let (mut host, task) = taken(None);
    assert_eq!(refused(&host, &request(task, "trade", &["shop"])), "opinion.own-agency");
    let wrong: [&[&str]; 2] = [&[], &["shop", "secrets"]];
    for pages in wrong {
        assert_eq!(refused(&host, &request(task, "health", pages)), "opinion.pages");
    }
    host.give(&request(task, "health", &["shop"])).unwrap();
    assert_eq!(refused(&host, &request(task, "health", &["shop"])), "opinion.open");
    let id = host.state.requests[0].id;
    assert_eq!(refused(&host, &says(id, "approve", expert())), "task.outcome-unknown");
    assert_eq!(refused(&host, &says(id, "objection", officer())), "opinion.own-request");
    assert_eq!(refused(&host, &says(id, "objection", applicant())), "task.own-case");
    host.give(&Command::ReleaseTask { task, officer: officer(), by: Some(officer()) }).unwrap();
    assert_eq!(refused(&host, &request(task, "health", &["shop"])), "opinion.not-held");
}
