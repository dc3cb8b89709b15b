//! The index on both engines: reordered events, a rebuild from nothing, queues by office.

mod officers;

use kernel::{CaseId, PersonId, TaskId, Time};
use proto::{
    CaseRef, KnownCase, Text,
    eservice::v1::{AskedParty, CaseChanged, OpenTask, PastTask},
    identity::v1::Officer,
};
use sql::Database;

use super::{MIGRATIONS, index, lists};
use crate::domain::{
    filter::Filter,
    latest::Latest,
    queue::{Place, Scope, merged},
};

/// A queue that is narrowed to nothing.
fn all() -> Filter {
    Filter::all(Time::default())
}

/// By person and by whom their PINFL's hash stands for.
fn officer(person: u8, party: u8) -> Officer {
    Officer { person: vec![person; 16], party: vec![party; 32], ..Officer::default() }
}

/// Who directs companies, among which is the applicant of every case.
fn director() -> Officer {
    Officer { directs: vec![vec![4; 16], applicant().to_vec()], ..officer(1, 1) }
}

fn applicant() -> PersonId {
    PersonId::from_bytes([9; 16])
}

fn changed(case: u8, version: i64, phase: &str, offices: &[&str]) -> CaseChanged {
    let task = |office: &&str| OpenTask {
        task_id: vec![case; 16],
        step: "review".into(),
        role: "registrar".into(),
        agency: "justice".into(),
        office: (*office).into(),
        opened_us: 5,
        due_us: i64::from(100 - case),
        ..OpenTask::default()
    };
    CaseChanged {
        case: Some(CaseRef {
            case_id: vec![case; 16],
            agency: "justice".into(),
            service: "copy".into(),
            revision: vec![0; 32],
        }),
        number: format!("JUS-2026-{case:06}"),
        version,
        phase: phase.into(),
        status: "reviewing".into(),
        applicant: applicant().to_vec(),
        changed_us: version,
        title: Some(Text { by_language: [("en".to_owned(), "Copy".to_owned())].into() }),
        tasks: offices.iter().map(task).collect(),
        lookup: vec![vec![case; 32]],
        parties: vec![vec![77; 32]],
        representative: vec![8; 16],
        ..CaseChanged::default()
    }
}

/// A registrar's task that is closed.
fn past(task: u8, office: &str, closed_us: i64) -> PastTask {
    PastTask { task_id: vec![task; 16], role: "registrar".into(), office: office.into(), closed_us }
}

async fn applied(database: &Database, events: &[CaseChanged]) {
    for event in events {
        let mut tx = database.begin().await.unwrap();
        index::apply(&mut tx, event).await.unwrap();
        tx.commit().await.unwrap();
    }
}

async fn seen(database: &Database) -> String {
    let mut tx = database.read().await.unwrap();
    let scope = Scope { agency: "justice".into(), role: "registrar".into(), office: String::new() };
    let queue = lists::queue(&mut tx, &scope, &officer(1, 1), &all(), Place::start(), 50).await.unwrap();
    let entries =
        lists::applications(&mut tx, (applicant(), lists::Of::default()), Time::default(), &Latest::start(), 50)
            .await
            .unwrap();
    let past = "SELECT case_id, task_id, role, office, closed FROM past_tasks ORDER BY case_id, task_id";
    let past = tx.fetch_all(past, sql::args![]).await.unwrap();
    let past =
        past.iter().map(|row| (row.blob(0).unwrap(), row.blob(1).unwrap(), row.text(3).unwrap(), row.int(4).unwrap()));
    let subjects = "SELECT case_id, person FROM subjects ORDER BY case_id, person";
    let subjects = tx.fetch_all(subjects, sql::args![]).await.unwrap();
    let subjects = subjects.iter().map(|row| (row.blob(0).unwrap(), row.blob(1).unwrap()));
    format!("{entries:?} {:?} {:?} {:?}", merged(queue, 50).0, past.collect::<Vec<_>>(), subjects.collect::<Vec<_>>())
}

#[tokio::test]
async fn events_in_any_order_and_a_rebuild_from_empty_give_the_same_index() {
    let events = [
        changed(1, 1, "draft", &[]),
        changed(1, 2, "running", &["nukus"]),
        changed(2, 1, "running", &["nukus"]),
        changed(1, 3, "running", &["samarkand"]),
        CaseChanged { past: vec![past(2, "nukus", 1), past(7, "nukus", 2)], ..changed(2, 2, "running", &[]) },
        CaseChanged { past: vec![past(7, "navoiy", 2)], subjects: vec![vec![33; 16]], ..changed(2, 3, "ended", &[]) },
        changed(3, 1, "discarded", &[]),
    ];
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        applied(&database, &events).await;
        let expected = seen(&database).await;
        assert!(expected.contains("samarkand") && !expected.contains("nukus"), "{engine}: {expected}");
        assert!(!expected.contains("discarded") && expected.contains("navoiy"));
        let mut tx = database.begin().await.unwrap();
        index::clear(&mut tx).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(seen(&database).await, "[] [] [] []");
        let mut reordered = events.to_vec();
        reordered.reverse();
        applied(&database, &reordered).await;
        assert_eq!(seen(&database).await, expected, "{engine}");
    }
}

#[tokio::test]
async fn a_queue_shows_the_office_the_most_urgent_first_and_never_ones_own_case() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        applied(&database, &[changed(1, 1, "running", &["nukus"]), changed(2, 1, "running", &["nukus"])]).await;
        let scope = |office: &str| Scope { agency: "justice".into(), role: "registrar".into(), office: office.into() };
        let mut tx = database.read().await.unwrap();
        let officer = officer(1, 1);
        let queue = lists::queue(&mut tx, &scope("nukus"), &officer, &all(), Place::start(), 50).await.unwrap();
        assert_eq!(queue.iter().map(|(_, task)| task.due_us).collect::<Vec<_>>(), [98, 99], "{engine}");
        let next = lists::queue(&mut tx, &scope("nukus"), &officer, &all(), queue[0].0, 50).await.unwrap();
        assert_eq!(next.len(), 1);
        assert_eq!(next[0].0.task, TaskId::from_slice(&queue[1].1.task_id).unwrap());
        assert!(
            lists::queue(&mut tx, &scope("samarkand"), &officer, &all(), Place::start(), 50).await.unwrap().is_empty()
        );
        let (own, named, acting) = (self::officer(9, 1), self::officer(1, 77), self::officer(8, 1));
        for officer in [own, named, acting, director()] {
            let shown = lists::queue(&mut tx, &scope("nukus"), &officer, &all(), Place::start(), 50).await.unwrap();
            assert!(shown.is_empty(), "{engine}: {officer:?} has a part in both");
        }
        let elsewhere = Officer { directs: vec![vec![4; 16]; 50], ..officer };
        let shown = lists::queue(&mut tx, &scope("nukus"), &elsewhere, &all(), Place::start(), 50).await.unwrap();
        assert_eq!(shown.len(), 2, "{engine}: other companies keep nobody off");
    }
}

#[tokio::test]
async fn applications_are_read_page_by_page_and_none_twice_however_many_changed_at_once() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let all: Vec<CaseChanged> = (1..=7).map(|case| changed(case, 1 + i64::from(case / 4), "ended", &[])).collect();
        applied(&database, &all).await;
        let mut tx = database.read().await.unwrap();
        let mut seen = Vec::new();
        let mut after = Latest::start();
        for expected in [3, 3, 1, 0] {
            let page = lists::applications(&mut tx, (applicant(), lists::Of::default()), Time::default(), &after, 3)
                .await
                .unwrap();
            assert_eq!(page.len(), expected, "{engine}");
            seen.extend(page.iter().map(|entry| entry.case_id[0]));
            let Some(last) = page.last() else { break };
            after = Latest { changed: last.changed_us, case: CaseId::from_slice(&last.case_id).unwrap() };
        }
        assert_eq!(seen, [7, 6, 5, 4, 3, 2, 1], "{engine}");
    }
}

#[tokio::test]
async fn what_waits_for_a_person_is_found_whatever_changed_after_it() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let phases = ["draft", "returned", "running", "ended", "running", "discarded"];
        let all: Vec<CaseChanged> =
            (1..).zip(phases).map(|(case, phase)| changed(case, i64::from(case), phase, &[])).collect();
        applied(&database, &all).await;
        applied(&database, &[CaseChanged { status: "asked".into(), ..changed(7, 7, "running", &[]) }]).await;
        // An outcome may have any name.
        applied(&database, &[CaseChanged { status: "asked".into(), ..changed(8, 8, "ended", &[]) }]).await;
        let mut tx = database.read().await.unwrap();
        let wanted = (applicant(), lists::Of { unfinished: true, ..lists::Of::default() });
        let found = lists::applications(&mut tx, wanted, Time::default(), &Latest::start(), 3).await.unwrap();
        assert_eq!(found.iter().map(|entry| entry.case_id[0]).collect::<Vec<_>>(), [7, 2, 1], "{engine}");
    }
}

#[tokio::test]
async fn what_an_officer_types_is_in_nobodys_list_until_it_is_sent() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let typed = CaseChanged { applicant: Vec::new(), ..changed(1, 1, "draft", &[]) };
        for (event, expected) in [(typed, 0), (changed(1, 2, "running", &["nukus"]), 1)] {
            applied(&database, &[event]).await;
            let mut tx = database.read().await.unwrap();
            let whose = (applicant(), lists::Of::default());
            let listed = lists::applications(&mut tx, whose, Time::default(), &Latest::start(), 9).await.unwrap();
            assert_eq!(listed.len(), expected, "{engine}");
        }
    }
}

#[tokio::test]
async fn an_appeal_says_that_it_is_one_and_is_no_task_of_whoever_decided_before() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let appeal = |version| CaseChanged {
            kept_off: vec![vec![5; 16]],
            start: "appeal".into(),
            ..changed(1, version, "running", &["nukus"])
        };
        applied(&database, &[appeal(1), appeal(2), changed(2, 1, "running", &["nukus"])]).await;
        let scope = Scope { agency: "justice".into(), role: "registrar".into(), office: "nukus".into() };
        let mut tx = database.read().await.unwrap();
        for (person, expected) in [(5, 1), (6, 2)] {
            let officer = officer(person, 1);
            let queue = lists::queue(&mut tx, &scope, &officer, &all(), Place::start(), 50).await.unwrap();
            assert_eq!(queue.len(), expected, "{engine}: officer {person}");
        }
        let listed =
            lists::applications(&mut tx, (applicant(), lists::Of::default()), Time::default(), &Latest::start(), 50)
                .await
                .unwrap();
        let mut starts: Vec<&str> = listed.iter().map(|entry| entry.start.as_str()).collect();
        starts.sort_unstable();
        assert_eq!(starts, ["", "appeal"], "{engine}");
    }
}

#[tokio::test]
async fn an_erased_case_is_forgotten_and_a_late_event_does_not_bring_it_back() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let with_past = |case: u8, phase: &str| CaseChanged {
            past: vec![past(7, "nukus", 1)],
            subjects: vec![vec![33; 16]],
            ..changed(case, 1, phase, &["nukus"])
        };
        applied(&database, &[with_past(1, "ended"), with_past(2, "running")]).await;
        for _ in 0..2 {
            let mut tx = database.begin().await.unwrap();
            index::erase(&mut tx, &[1; 16]).await.unwrap();
            tx.commit().await.unwrap();
        }
        applied(&database, &[changed(1, 2, "ended", &["nukus"])]).await;
        let seen = seen(&database).await;
        assert!(seen.contains("JUS-2026-000002") && !seen.contains("JUS-2026-000001"), "{engine}: {seen}");
        let mut tx = database.read().await.unwrap();
        let left =
            "SELECT (SELECT COUNT(*) FROM entries) + (SELECT COUNT(*) FROM tasks) + (SELECT COUNT(*) FROM lookups)
                    + (SELECT COUNT(*) FROM parties) + (SELECT COUNT(*) FROM past_tasks)
                    + (SELECT COUNT(*) FROM subjects)";
        assert_eq!(
            tx.fetch_one(left, sql::args![]).await.unwrap().int(0).unwrap(),
            8,
            "{engine}: the other case's rows"
        );
        assert_eq!(index::version(&mut tx, &[1; 16]).await.unwrap(), i64::MAX, "nobody waits for it");
    }
}

#[tokio::test]
async fn an_index_of_an_older_release_is_read_by_this_one() {
    let person = applicant().to_vec();
    let rows: [(&str, &[&[u8]]); 1] = [(
        "INSERT INTO entries (case_id, version, number, agency, service, phase, status, outcome, applicant, office,
                              opened, changed, due, title)
         VALUES ($1, 1, 'JUS-2026-000001', 'justice', 'copy', 'running', 'reviewing', '', $2, 'nukus', 1, 1, 1, '{}')",
        &[&[1; 16], &person],
    )];
    for (engine, _, database) in testkit::expanded(MIGRATIONS, 1, &rows).await {
        let mut tx = database.read().await.unwrap();
        let entries =
            lists::applications(&mut tx, (applicant(), lists::Of::default()), Time::default(), &Latest::start(), 50)
                .await
                .unwrap();
        assert_eq!(entries[0].number, "JUS-2026-000001", "{engine}");
    }
}

#[tokio::test]
async fn both_people_of_a_mandate_list_the_case_and_the_representative_not_a_moment_longer() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let representative = PersonId::from_bytes([7; 16]);
        let acting = |version, until| CaseChanged {
            representative: representative.to_vec(),
            represented_until_us: until,
            ..changed(1, version, "running", &[])
        };
        let alone = CaseChanged { representative: Vec::new(), ..changed(2, 1, "running", &[]) };
        applied(&database, &[acting(1, 100), alone]).await;
        let listed = async |person, now| {
            let mut tx = database.read().await.unwrap();
            let now = Time::from_micros(now);
            let entries =
                lists::applications(&mut tx, (person, lists::Of::default()), now, &Latest::start(), 50).await.unwrap();
            entries.into_iter().map(|entry| entry.representation).collect::<Vec<_>>()
        };
        let mut own = listed(applicant(), 99).await;
        own.sort();
        assert_eq!(own, ["", "represented"], "{engine}");
        assert_eq!(listed(representative, 99).await, ["acting"], "{engine}");
        let of = lists::Of { represented: true, ..lists::Of::default() };
        let mut tx = database.read().await.unwrap();
        let now = Time::from_micros(99);
        let for_them = lists::applications(&mut tx, (applicant(), of), now, &Latest::start(), 50).await.unwrap();
        assert_eq!(for_them.len(), 1, "{engine}: only where somebody acts for them");
        let over = Time::from_micros(100);
        for (person, now) in [(representative, now), (applicant(), over)] {
            let listed = lists::applications(&mut tx, (person, of), now, &Latest::start(), 50).await.unwrap();
            assert!(listed.is_empty(), "{engine}: nobody acts for them, at {now}");
        }
        drop(tx);
        assert!(listed(representative, 100).await.is_empty(), "{engine}: its last moment is over");
        applied(&database, &[CaseChanged { representative: Vec::new(), ..acting(2, 0) }]).await;
        assert!(listed(representative, 99).await.is_empty(), "{engine}: the case said that it ended");
        assert_eq!(listed(applicant(), 99).await.len(), 2, "{engine}: the applicant keeps it");
    }
}

#[tokio::test]
async fn whoever_is_asked_lists_their_own_part_and_nothing_else_of_the_case_and_never_works_on_it() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let owner = PersonId::from_bytes([6; 16]);
        let asked = |version, state: &str| CaseChanged {
            asked: vec![AskedParty {
                person: owner.to_vec(),
                state: state.into(),
                asked_us: 3,
                changed_us: 3 + version,
                until_us: 50,
            }],
            ..changed(1, version, "running", &["nukus"])
        };
        let listed = async |unfinished| {
            let mut tx = database.read().await.unwrap();
            let of = lists::Of { unfinished, ..lists::Of::default() };
            let (who, now) = ((owner, of), Time::from_micros(9));
            lists::applications(&mut tx, who, now, &Latest::start(), 50).await.unwrap()
        };
        applied(&database, &[asked(1, "waiting"), changed(2, 1, "running", &[])]).await;
        let own = listed(true).await;
        let told: Vec<_> =
            own.iter().map(|own| (own.phase.as_str(), own.status.as_str(), own.number.as_str())).collect();
        assert_eq!(told, [("asked", "waiting", "")], "{engine}: neither number nor status of the application");
        assert_eq!((own[0].representation.as_str(), own[0].due_us, own[0].changed_us), ("asked", 50, 4), "{engine}");
        applied(&database, &[asked(2, "consented")]).await;
        assert!(listed(true).await.is_empty() && listed(false).await.len() == 1, "{engine}: nothing waits any more");
        let scope = Scope { agency: "justice".into(), role: "registrar".into(), office: "nukus".into() };
        let mut tx = database.begin().await.unwrap();
        let queue = lists::queue(&mut tx, &scope, &officer(6, 1), &all(), Place::start(), 50).await.unwrap();
        assert!(queue.is_empty(), "{engine}: their own case");
        let directs = Officer { directs: vec![vec![4; 16], owner.to_vec()], ..officer(1, 1) };
        let queue = lists::queue(&mut tx, &scope, &directs, &all(), Place::start(), 50).await.unwrap();
        assert!(queue.is_empty(), "{engine}: of a company that they direct");
        index::apply(&mut tx, &CaseChanged { subjects: vec![vec![33; 16]], ..asked(3, "consented") }).await.unwrap();
        let queue = lists::queue(&mut tx, &scope, &officer(33, 1), &all(), Place::start(), 50).await.unwrap();
        assert!(queue.is_empty(), "{engine}: about themselves");
        let about = (PersonId::from_bytes([33; 16]), lists::Of::default());
        let listed_to_them =
            lists::applications(&mut tx, about, Time::from_micros(9), &Latest::start(), 50).await.unwrap();
        assert!(listed_to_them.is_empty(), "{engine}: no list has it");
        let queue = lists::queue(&mut tx, &scope, &officer(34, 1), &all(), Place::start(), 50).await.unwrap();
        assert_eq!(queue.len(), 1, "{engine}: others work on it");
        index::erase(&mut tx, &[1; 16]).await.unwrap();
        tx.commit().await.unwrap();
        assert!(listed(false).await.is_empty(), "{engine}");
    }
}

#[tokio::test]
async fn after_a_restore_cases_are_told_in_pages_and_the_index_begins_from_nothing() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        applied(&database, &[changed(1, 3, "running", &["nukus"]), changed(2, 5, "ended", &[])]).await;
        let mut tx = database.begin().await.unwrap();
        let first = index::known(&mut tx, &[], 1).await.unwrap();
        let rest = index::known(&mut tx, &first[0].case_id, 9).await.unwrap();
        let told = |page: Vec<KnownCase>| -> Vec<(u8, i64, String)> {
            page.into_iter().map(|one| (one.case_id[0], one.version, one.phase)).collect()
        };
        let told = [first, rest].map(told);
        assert_eq!(told, [vec![(1, 3, "running".to_owned())], vec![(2, 5, "ended".to_owned())]], "{engine}");
        index::erase(&mut tx, &[1; 16]).await.unwrap();
        let told = index::known(&mut tx, &[], 9).await.unwrap();
        let told: Vec<_> = told.iter().map(|one| (one.case_id[0], one.version, one.phase.as_str())).collect();
        assert_eq!(told, [(1, 0, "erased"), (2, 5, "ended")], "{engine}: an e-service may have forgotten that it was");
        assert_eq!(index::known(&mut tx, &[1; 16], 9).await.unwrap().len(), 1, "{engine}");
        index::clear(&mut tx).await.unwrap();
        assert!(index::known(&mut tx, &[], 9).await.unwrap().is_empty(), "{engine}");
    }
}

#[tokio::test]
async fn tasks_are_found_by_where_they_wait() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        applied(&database, &[changed(1, 1, "running", &["nukus"]), changed(2, 1, "running", &["nukus"])]).await;
        applied(&database, &[changed(3, 1, "running", &[""]), changed(4, 1, "running", &[])]).await;
        let mut tx = database.read().await.unwrap();
        let mut places = super::staffing::places(&mut tx, "").await.unwrap();
        places.sort_by(|one, other| one.office.cmp(&other.office));
        let offices: Vec<_> = places.iter().map(|place| place.office.as_str()).collect();
        assert_eq!(offices, ["", "nukus"], "{engine}");
        let waiting = super::staffing::waiting(&mut tx, &places[1], &[], None).await.unwrap();
        let tasks: Vec<_> = waiting.iter().map(|one| (one.task.unwrap().to_vec(), one.service.as_str())).collect();
        assert_eq!(tasks, [(vec![2; 16], "copy"), (vec![1; 16], "copy")], "{engine}: the most urgent first");
        let wide = super::staffing::waiting(&mut tx, &places[0], &[], None).await.unwrap();
        assert_eq!(wide.len(), 1, "{engine}: any office is a place of its own");
        assert!(super::staffing::places(&mut tx, "health").await.unwrap().is_empty(), "{engine}");
    }
}

#[tokio::test]
async fn a_task_whose_every_officer_is_kept_off_is_one_that_nobody_can_take() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let mut proposed = changed(2, 1, "running", &["nukus"]);
        proposed.tasks[0].proposer = vec![1; 16];
        let mut open = changed(3, 1, "running", &["nukus"]);
        open.parties.clear();
        open.tasks[0].typed_by = vec![vec![3; 16], vec![4; 16]];
        applied(&database, &[changed(1, 1, "running", &["nukus"]), proposed, open]).await;
        let at =
            proto::identity::v1::Place { agency: "justice".into(), office: "nukus".into(), role: "registrar".into() };
        let mut tx = database.read().await.unwrap();
        let mut numbers = async |holders: &[Officer], reader: Option<&Officer>| {
            let waiting = super::staffing::waiting(&mut tx, &at, holders, reader).await.unwrap();
            waiting.into_iter().map(|waiting| waiting.number).collect::<Vec<_>>()
        };
        let all = ["JUS-2026-000003", "JUS-2026-000002", "JUS-2026-000001"];
        assert_eq!(numbers(&[], None).await, all, "{engine}: nobody has the role");
        assert_eq!(numbers(&[officer(1, 1)], None).await, ["JUS-2026-000002"], "{engine}: what they proposed");
        assert_eq!(numbers(&[officer(2, 77)], None).await, all[1..], "{engine}: both name them");
        assert!(numbers(&[officer(1, 1), officer(2, 2)], None).await.is_empty(), "{engine}: the other one checks it");
        assert_eq!(numbers(&[officer(1, 1), officer(2, 77)], None).await, ["JUS-2026-000002"], "{engine}");
        assert_eq!(
            numbers(&[officer(4, 77)], None).await,
            all,
            "{engine}: they went on typing it, and the others name them"
        );
        assert_eq!(numbers(&[director()], None).await, all, "{engine}: whoever directs the company that applies");
        let reader = officer(3, 77);
        assert_eq!(numbers(&[], Some(&reader)).await, all[..1], "{engine}: none that names the reader");
    }
}

#[tokio::test]
async fn what_an_officer_typed_says_to_them_alone_that_others_decide_it() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let mut typed = changed(1, 1, "running", &["nukus"]);
        typed.tasks[0].typed_by = vec![vec![5; 16], vec![6; 16]];
        applied(&database, &[typed, changed(2, 1, "running", &["nukus"])]).await;
        let scope = Scope { agency: "justice".into(), role: "registrar".into(), office: "nukus".into() };
        let mut tx = database.read().await.unwrap();
        for (person, expected) in [(5, vec![1]), (6, vec![1]), (7, vec![])] {
            let queue = lists::queue(&mut tx, &scope, &officer(person, 1), &all(), Place::start(), 50).await.unwrap();
            let kept_off = queue.iter().filter(|(_, task)| task.kept_off).map(|(_, task)| task.case_id[0]);
            assert_eq!((queue.len(), kept_off.collect::<Vec<u8>>()), (2, expected), "{engine}: officer {person}");
        }
    }
}

#[tokio::test]
async fn what_only_an_officer_can_go_on_with_waits_for_their_role_until_it_is_sent() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let typed = CaseChanged { typing_role: "registrar".into(), ..changed(1, 1, "draft", &[]) };
        applied(&database, &[typed, changed(2, 1, "running", &[""])]).await;
        let mut tx = database.read().await.unwrap();
        let places = super::staffing::places(&mut tx, "").await.unwrap();
        let [place] = places.as_slice() else { panic!("{engine}: {places:?}") };
        assert_eq!((place.office.as_str(), place.role.as_str()), ("", "registrar"), "{engine}: in any office");
        let waiting = super::staffing::waiting(&mut tx, place, &[], None).await.unwrap();
        let known: Vec<_> = waiting.iter().map(|one| (one.case.to_vec()[0], one.task.is_some())).collect();
        assert_eq!(known, [(2, true), (1, false)], "{engine}");
        assert_eq!(waiting[1].title.by_language["en"], "Copy", "{engine}: of which service it is");
        let named = super::staffing::waiting(&mut tx, place, &[], Some(&officer(3, 77))).await.unwrap();
        assert!(named.is_empty(), "{engine}: both name the reader");
        drop(tx);
        applied(&database, &[changed(1, 2, "running", &[])]).await;
        let mut tx = database.read().await.unwrap();
        assert_eq!(super::staffing::waiting(&mut tx, place, &[], None).await.unwrap().len(), 1, "{engine}: it is sent");
    }
}
