//! What officers and leads read: narrowed queues, kept filters, searches, and amounts.

use kernel::{Hash, MessageId};
use proto::docket::v1::{ListHeldRequest, QueueFilter};

use super::*;
use crate::{
    domain::{
        load::{Moments, Slice, Whose},
        search::{Reach, Terms},
    },
    store::{filters, load, reasons, search},
};

const NOW: Time = Time::from_seconds(1_795_410_000);

fn scope(role: &str, office: &str) -> Scope {
    Scope { agency: "justice".into(), role: role.into(), office: office.into() }
}

/// A running case with a task that was opened a while ago and is due in a while, both in hours; `by`: who has it.
fn waiting(case: u8, office: &str, hours: (i64, i64), by: Option<(u8, Time)>) -> CaseChanged {
    let at = |hours: i64| NOW.micros() + hours * 3_600_000_000;
    let mut event = changed(case, 1, "running", &[office]);
    let task = &mut event.tasks[0];
    (task.opened_us, task.due_us) = (at(-hours.0), at(hours.1));
    if let Some((officer, until)) = by {
        task.assignee = vec![officer; 16];
        task.claimed_until_us = until.micros();
    }
    event
}

/// Every task of somebody's that a lead lists.
fn slice(whose: Whose) -> Slice {
    Slice { whose, offices: Vec::new(), due: None, now: NOW }
}

/// By the numbers of their cases, as the lead of an office lists them, page by page.
async fn held(tx: &mut sql::Tx, office: &str, reader: &Officer, slice: &Slice) -> Vec<u8> {
    let (mut cases, mut after) = (Vec::new(), Place::start());
    loop {
        let found = load::held(tx, &scope("lead", office), reader, slice, (after, 3)).await.unwrap();
        let (page, next) = merged(found, 2);
        cases.extend(page.iter().map(|task| task.case_id[0]));
        let Some(next) = next else { return cases };
        after = next;
    }
}

fn later() -> Time {
    NOW.plus(std::time::Duration::from_secs(60))
}

#[tokio::test]
async fn a_queue_is_narrowed_by_who_has_a_task_what_is_late_and_where_it_is() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let proposed = |case: u8, by: u8| {
            let mut event = waiting(case, "nukus", (1, 7), None);
            event.tasks[0].proposer = vec![by; 16];
            event
        };
        let other = CaseChanged { status: "paying".into(), ..waiting(4, "samarkand", (1, 9), None) };
        applied(
            &database,
            &[
                waiting(1, "nukus", (1, 9), Some((1, later()))),
                waiting(2, "nukus", (1, -1), Some((2, later()))),
                waiting(3, "nukus", (1, 8), Some((2, NOW))),
                other,
                proposed(5, 2),
                proposed(6, 1),
            ],
        )
        .await;
        let mut tx = database.read().await.unwrap();
        let mut shown = async |filter: Filter| {
            let (scope, officer) = (scope("registrar", ""), officer(1, 1));
            let found = lists::queue(&mut tx, &scope, &officer, &filter, Place::start(), 50).await.unwrap();
            let mut cases: Vec<u8> = found.iter().map(|(_, task)| task.case_id[0]).collect();
            cases.sort_unstable();
            cases
        };
        let filter = || Filter::all(NOW);
        assert_eq!(shown(filter()).await, [1, 2, 3, 4, 5, 6], "{engine}");
        for (holder, expected) in [("mine", vec![1]), ("others", vec![2]), ("nobody", vec![3, 4, 5, 6])] {
            let found = shown(Filter { holder: holder.into(), ..filter() }).await;
            assert_eq!(found, expected, "{engine}: {holder}; a claim that lapsed is none");
        }
        assert_eq!(
            shown(Filter { holder: "second".into(), ..filter() }).await,
            [5],
            "{engine}: not one's own proposal"
        );
        assert_eq!(shown(Filter { late: true, ..filter() }).await, [2], "{engine}");
        assert_eq!(shown(Filter { office: "samarkand".into(), ..filter() }).await, [4], "{engine}");
        assert_eq!(shown(Filter { status: "paying".into(), ..filter() }).await, [4], "{engine}");
        assert_eq!(shown(Filter { service: "other".into(), ..filter() }).await, Vec::<u8>::new(), "{engine}");
        let choices = lists::choices(&mut tx, &scope("registrar", "")).await.unwrap();
        assert_eq!(choices.len(), 2, "{engine}: {choices:?}");
        assert!(lists::choices(&mut tx, &scope("clerk", "")).await.unwrap().is_empty(), "{engine}");
    }
}

#[tokio::test]
async fn whoever_is_asked_for_an_opinion_has_the_task_in_their_queue_and_finds_the_case_by_no_search() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let mut event = CaseChanged { lookup: vec![vec![7; 32]], ..waiting(1, "", (1, 9), None) };
        event.tasks[0].agency = "health".into();
        event.tasks[0].requested = true;
        applied(&database, &[event]).await;
        let theirs = || Scope { agency: "health".into(), ..scope("registrar", "") };
        let mut tx = database.begin().await.unwrap();
        let (officer, filter) = (officer(1, 1), Filter::all(NOW));
        let queue = lists::queue(&mut tx, &theirs(), &officer, &filter, Place::start(), 50).await.unwrap();
        let homes: Vec<(&str, &str)> =
            queue.iter().map(|(_, task)| (task.agency.as_str(), task.case_agency.as_str())).collect();
        assert_eq!(homes, [("health", "justice")], "{engine}");
        assert!(queue[0].1.requested, "{engine}: asked beside the process, so nobody takes it");
        let number = Terms::Number("JUS-2026-000001".into());
        for terms in [number, Terms::Hashes(vec![Hash::from_bytes([7; 32])])] {
            for beyond in [false, true] {
                let reach = Reach { agency: "health".into(), scopes: vec![theirs()], beyond };
                let hits = search::find(&mut tx, &terms, &reach, &officer, 50).await.unwrap();
                assert!(hits.is_empty(), "{engine}: beyond their queue {beyond}");
            }
        }
    }
}

#[tokio::test]
async fn what_is_proposed_of_a_document_waits_for_whoever_may_agree_and_makes_the_ended_case_nobodys_to_find() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let mut event = waiting(1, "nukus", (1, 9), None);
        event.phase = "ended".into();
        let task = &mut event.tasks[0];
        (task.recall, task.proposer, task.due_us) = (true, vec![2; 16], 0);
        applied(&database, &[event, waiting(2, "nukus", (1, 9), None)]).await;
        let mut tx = database.begin().await.unwrap();
        let second = Filter { holder: "second".into(), ..Filter::all(NOW) };
        let at = scope("registrar", "nukus");
        for (who, expected) in [(1, vec![1]), (2, vec![])] {
            let found = lists::queue(&mut tx, &at, &officer(who, 1), &second, Place::start(), 50).await.unwrap();
            let cases: Vec<u8> = found.iter().map(|(_, task)| task.case_id[0]).collect();
            assert_eq!(cases, expected, "{engine}: not one's own proposal: {who}");
            assert!(found.iter().all(|(_, task)| task.recall), "{engine}");
        }
        for (beyond, expected) in [(false, 0), (true, 1)] {
            let reach = Reach { agency: "justice".into(), scopes: vec![at.clone()], beyond };
            let number = Terms::Number("JUS-2026-000001".into());
            let hits = search::find(&mut tx, &number, &reach, &officer(1, 1), 50).await.unwrap();
            assert_eq!(hits.len(), expected, "{engine}: as it was opened, with a reason: {beyond}");
        }
        let reader = officer(3, 1);
        let shares = load::shares(&mut tx, &scope("lead", "nukus"), &reader, &Moments::at(NOW)).await.unwrap();
        assert_eq!((shares[0].amount.open, shares[0].free), (2, 1), "{engine}: a lead gives it to nobody");
        let free = held(&mut tx, "nukus", &reader, &slice(Whose::Nobody)).await;
        assert_eq!(free, [2], "{engine}");
        tx.commit().await.unwrap();
        applied(&database, &[changed(1, 2, "ended", &[])]).await;
        let mut tx = database.read().await.unwrap();
        let left = lists::queue(&mut tx, &at, &officer(1, 1), &second, Place::start(), 50).await.unwrap();
        assert!(left.is_empty(), "{engine}: it was agreed to");
    }
}

#[tokio::test]
async fn filters_are_kept_by_name_no_more_than_there_is_room_for_and_nobody_sees_anothers() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let named = |name: &str, late| QueueFilter { name: name.into(), late, ..QueueFilter::default() };
        let mut tx = database.begin().await.unwrap();
        for (name, late, kept) in [("b", false, true), ("a", false, true), ("c", false, false), ("b", true, true)] {
            let saved = filters::save(&mut tx, applicant(), &named(name, late), 2).await.unwrap();
            assert_eq!(saved, kept, "{engine}: {name}");
        }
        let kept = filters::of(&mut tx, applicant()).await.unwrap();
        assert_eq!(kept, [named("a", false), named("b", true)], "{engine}");
        assert!(filters::of(&mut tx, PersonId::from_bytes([1; 16])).await.unwrap().is_empty(), "{engine}");
        index::clear(&mut tx).await.unwrap();
        filters::remove(&mut tx, applicant(), "a").await.unwrap();
        assert_eq!(filters::of(&mut tx, applicant()).await.unwrap().len(), 1, "{engine}: a rebuild leaves them alone");
    }
}

#[tokio::test]
async fn a_search_finds_what_has_every_word_and_without_a_reason_only_in_ones_own_queue() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let looked_up = |case: u8, office: &str, words: &[u8]| CaseChanged {
            lookup: words.iter().map(|word| vec![*word; 32]).collect(),
            ..waiting(case, office, (1, 9), None)
        };
        let closed = CaseChanged { tasks: Vec::new(), phase: "ended".into(), ..looked_up(3, "nukus", &[7, 8]) };
        let draft = CaseChanged { phase: "draft".into(), ..looked_up(4, "nukus", &[7, 8]) };
        let mut elsewhere = looked_up(6, "nukus", &[7, 8]);
        elsewhere.case.as_mut().unwrap().agency = "health".into();
        elsewhere.tasks[0].agency = "health".into();
        let cases = [
            looked_up(1, "nukus", &[7, 8]),
            looked_up(2, "samarkand", &[7, 8, 9]),
            closed,
            draft,
            looked_up(5, "nukus", &[7]),
            elsewhere,
        ];
        applied(&database, &cases).await;
        let words = Terms::Hashes(vec![Hash::from_bytes([7; 32]), Hash::from_bytes([8; 32])]);
        let number = Terms::Number("JUS-2026-000002".into());
        let mut tx = database.begin().await.unwrap();
        let mut found = async |terms: &Terms, beyond: bool, who: &Officer| {
            let reach = Reach { agency: "justice".into(), scopes: vec![scope("registrar", "nukus")], beyond };
            let hits = search::find(&mut tx, terms, &reach, who, 50).await.unwrap();
            let mut hits: Vec<(u8, bool)> =
                hits.iter().map(|hit| (hit.shown.case_id[0], hit.shown.task_id.is_empty())).collect();
            hits.sort_unstable();
            hits
        };
        let registrar = officer(1, 1);
        assert_eq!(found(&words, false, &registrar).await, [(1, false)], "{engine}");
        let agency = [(1, false), (2, true), (3, true)];
        assert_eq!(found(&words, true, &registrar).await, agency, "{engine}: no draft, no other agency's");
        assert!(found(&number, false, &registrar).await.is_empty(), "{engine}");
        assert_eq!(found(&number, true, &registrar).await, [(2, true)], "{engine}");
        for involved in [officer(9, 1), officer(1, 77), officer(8, 1), director()] {
            assert!(found(&words, true, &involved).await.is_empty(), "{engine}: {involved:?} has a part in all");
        }
    }
}

#[tokio::test]
async fn a_case_in_which_nothing_is_open_is_opened_again_only_by_whoever_had_a_task_there_and_says_why() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let over = |case: u8, phase: &str, past: Vec<PastTask>| CaseChanged { past, ..changed(case, 1, phase, &[]) };
        let clerk = PastTask { role: "clerk".into(), ..past(33, "nukus", 9) };
        let cases = [
            over(1, "ended", vec![past(11, "nukus", 5), past(12, "samarkand", 9), past(13, "", 7)]),
            over(2, "returned", vec![past(21, "samarkand", 5)]),
            over(3, "running", vec![clerk]),
            CaseChanged { past: vec![past(41, "nukus", 9)], ..waiting(4, "nukus", (1, 9), None) },
        ];
        applied(&database, &cases).await;
        let mut tx = database.begin().await.unwrap();
        let mut opens = async |case: u8, office: &str, beyond: bool| {
            let terms = Terms::Number(format!("JUS-2026-{case:06}"));
            let reach = Reach { agency: "justice".into(), scopes: vec![scope("registrar", office)], beyond };
            let hits = search::find(&mut tx, &terms, &reach, &officer(1, 1), 50).await.unwrap();
            hits.first().map(|hit| hit.shown.task_id.first().copied().unwrap_or_default())
        };
        assert_eq!(opens(1, "nukus", true).await, Some(13), "{engine}: the last one that they may open");
        assert_eq!(opens(1, "samarkand", true).await, Some(12), "{engine}");
        assert_eq!(opens(2, "samarkand", true).await, Some(21), "{engine}: it was sent back");
        assert_eq!(opens(2, "", true).await, Some(21), "{engine}: appointed to the whole agency");
        assert_eq!(opens(2, "nukus", true).await, Some(0), "{engine}: another office's");
        assert_eq!(opens(3, "nukus", true).await, Some(0), "{engine}: another role's");
        assert_eq!(opens(4, "nukus", true).await, Some(4), "{engine}: what is open comes first");
        assert_eq!(opens(4, "nukus", false).await, Some(4), "{engine}");
        for case in 1..=3 {
            assert_eq!(opens(case, "", false).await, None, "{engine}: without a reason {case} is not even found");
        }
    }
}

#[tokio::test]
async fn why_somebody_looked_is_read_by_whom_they_found_until_the_case_is_erased() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        applied(&database, &[waiting(1, "nukus", (1, 9), None)]).await;
        let id = MessageId::from_bytes([5; 16]);
        let act = sql::audit::Act {
            act: search::ACT.into(),
            subject: id.to_vec(),
            purpose: Some("A letter".into()),
            detail: "{}".into(),
            ..sql::audit::Act::default()
        };
        let mut tx = database.begin().await.unwrap();
        let reach = Reach { agency: "justice".into(), scopes: vec![scope("registrar", "nukus")], beyond: true };
        let terms = Terms::Number("JUS-2026-000001".into());
        let hits = search::find(&mut tx, &terms, &reach, &officer(1, 1), 50).await.unwrap();
        search::note(&mut tx, id, &hits[0]).await.unwrap();
        sql::audit::append(&mut tx, &act).await.unwrap();
        tx.commit().await.unwrap();
        let mut tx = database.begin().await.unwrap();
        let told = search::reason(&mut tx, id, applicant()).await.unwrap();
        assert_eq!(told.as_deref(), Some("A letter"), "{engine}");
        let stranger = PersonId::from_bytes([3; 16]);
        assert_eq!(search::reason(&mut tx, id, stranger).await.unwrap(), None, "{engine}");
        index::erase(&mut tx, &[1; 16]).await.unwrap();
        assert_eq!(search::reason(&mut tx, id, applicant()).await.unwrap(), None, "{engine}");
        sql::audit::verify(&mut tx).await.unwrap();
    }
}

#[tokio::test]
async fn what_was_typed_goes_with_the_last_whom_the_search_found_and_after_its_time_if_it_found_nobody() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        applied(&database, &[waiting(1, "nukus", (1, 9), None), waiting(2, "nukus", (1, 9), None)]).await;
        let [both, nobody, racing] = [5, 6, 7].map(|id| MessageId::from_bytes([id; 16]));
        let reach = Reach { agency: "justice".into(), scopes: vec![scope("registrar", "nukus")], beyond: true };
        let mut tx = database.begin().await.unwrap();
        let mut hits = Vec::new();
        for number in ["JUS-2026-000001", "JUS-2026-000002"] {
            let terms = Terms::Number(number.into());
            hits.extend(search::find(&mut tx, &terms, &reach, &officer(1, 1), 50).await.unwrap());
        }
        for hit in &hits {
            search::note(&mut tx, both, hit).await.unwrap();
        }
        assert_eq!(hits.len(), 2, "{engine}");
        reasons::keep(&mut tx, both, b"key", None).await.unwrap();
        reasons::keep(&mut tx, nobody, b"key", Some(later())).await.unwrap();
        for (erased, left) in [(1, true), (2, false)] {
            index::erase(&mut tx, &[erased; 16]).await.unwrap();
            assert_eq!(reasons::wrapped(&mut tx, both).await.unwrap().is_some(), left, "{engine}");
            assert!(!reasons::forget(&mut tx, NOW).await.unwrap(), "{engine}");
        }
        reasons::keep(&mut tx, racing, b"key", None).await.unwrap();
        search::note(&mut tx, racing, &hits[0]).await.unwrap();
        assert!(reasons::forget(&mut tx, NOW).await.unwrap(), "{engine}: it was found while it was erased");
        assert!(reasons::wrapped(&mut tx, racing).await.unwrap().is_none(), "{engine}");
        assert!(reasons::wrapped(&mut tx, nobody).await.unwrap().is_some(), "{engine}");
        assert!(reasons::forget(&mut tx, later()).await.unwrap(), "{engine}");
        assert!(reasons::wrapped(&mut tx, nobody).await.unwrap().is_none(), "{engine}");
    }
}

#[tokio::test]
async fn a_lead_sees_how_much_waits_for_whom_since_when_and_until_when() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        applied(
            &database,
            &[
                // Late; due today; due in two days; never due.
                waiting(1, "nukus", (400, -1), Some((2, later()))),
                waiting(2, "nukus", (30, 1), Some((2, later()))),
                waiting(3, "nukus", (1, 48), Some((2, NOW))),
                waiting(4, "samarkand", (1, 500), None),
            ],
        )
        .await;
        let (reader, moments) = (officer(1, 1), Moments::at(NOW));
        let mut tx = database.read().await.unwrap();
        let mut shares = load::shares(&mut tx, &scope("lead", "nukus"), &reader, &moments).await.unwrap();
        shares.sort_by_key(|share| share.officer);
        let amounts: Vec<_> = shares
            .iter()
            .map(|share| {
                (share.officer, share.amount.open, share.amount.late, share.amount.due_in_1, share.amount.due_in_3)
            })
            .collect();
        let second = Some(PersonId::from_bytes([2; 16]));
        assert_eq!(amounts, [(None, 1, 0, 0, 1), (second, 2, 1, 1, 1)], "{engine}");
        assert_eq!(shares[1].amount.ages, [0, 1, 0, 0, 1], "{engine}");
        let all = load::shares(&mut tx, &scope("lead", ""), &reader, &moments).await.unwrap();
        assert_eq!(all.iter().map(|share| share.amount.open).sum::<i64>(), 4, "{engine}: the whole agency");
        let of_second = slice(Whose::Officer(PersonId::from_bytes([2; 16])));
        assert_eq!(held(&mut tx, "nukus", &reader, &of_second).await, [1, 2], "{engine}");
        assert_eq!(held(&mut tx, "", &reader, &slice(Whose::Nobody)).await, [3, 4], "{engine}");
        for involved in [officer(9, 1), officer(1, 77), director()] {
            let none = load::shares(&mut tx, &scope("lead", ""), &involved, &moments).await.unwrap();
            assert!(none.is_empty(), "{engine}: nothing of one's own cases: {involved:?}");
            for slice in [&of_second, &slice(Whose::Nobody), &slice(Whose::Anybody)] {
                let none = held(&mut tx, "", &involved, slice).await;
                assert!(none.is_empty(), "{engine}: nor whose they are: {involved:?}");
            }
        }
    }
}

#[tokio::test]
async fn behind_each_number_of_what_is_late_or_will_be_stand_as_many_tasks_whoever_has_them() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let mut events = vec![
            waiting(1, "nukus", (400, -1), Some((2, later()))),
            waiting(2, "nukus", (30, -2), None),
            waiting(3, "samarkand", (1, -3), None),
            waiting(4, "", (1, 1), None),
        ];
        // Of one office more than a page takes, all due at once.
        events.extend((5..12).map(|case| waiting(case, "samarkand", (1, 48), None)));
        applied(&database, &events).await;
        let (reader, moments) = (officer(1, 1), Moments::at(NOW));
        let mut tx = database.read().await.unwrap();
        let shares = load::shares(&mut tx, &scope("lead", ""), &reader, &moments).await.unwrap();
        for office in ["nukus", "samarkand", ""] {
            for due in ["late", "1", "3", "5"] {
                let amounts = shares.iter().filter(|share| share.office == office).map(|share| &share.amount);
                let counted: i64 = amounts
                    .map(|amount| match due {
                        "late" => amount.late,
                        "1" => amount.due_in_1,
                        "3" => amount.due_in_3,
                        _ => amount.due_in_5,
                    })
                    .sum();
                let asked =
                    ListHeldRequest { offices: vec![office.into()], due: due.into(), ..ListHeldRequest::default() };
                let slice = Slice::of(&asked, &moments).unwrap();
                let mut cases = held(&mut tx, "", &reader, &slice).await;
                assert_eq!(i64::try_from(cases.len()).unwrap(), counted, "{engine}: {office} {due}: {cases:?}");
                cases.sort_unstable();
                cases.dedup();
                assert_eq!(i64::try_from(cases.len()).unwrap(), counted, "{engine}: each once");
                let mut own = held(&mut tx, "nukus", &reader, &slice).await;
                own.sort_unstable();
                assert_eq!(own, if office == "nukus" { cases } else { Vec::new() }, "{engine}: no office but theirs");
            }
        }
    }
}
