//! The end of a case's data: by retention, by order, not under a hold, not before all is done; and what is left of it.

use std::{collections::BTreeMap, time::Duration};

use ::bus::recovery::Keeper;
use kernel::{CaseId, Failure, Hash, Time, sealed::SEALED_WORDS};
use prost::Message;
use proto::{
    Ruling,
    eservice::v1::{
        CaseErased, CaseHeld, CaseReply, DecideTaskRequest, DiscardDraftRequest, EraseCaseRequest, HoldCaseRequest,
        ListRecordsRequest, ReadTaskRequest, Records,
    },
};

use super::{
    begin,
    world::{CITIZEN, LEAD, OFFICER, World, person},
};
use crate::{
    bus::{case, draft, keeping, task},
    domain::retention::mark,
    recovery::Recovered,
    retention::erase_due,
    store::{MIGRATIONS, cases, retention},
};

const DAY: Duration = Duration::from_secs(86_400);
/// The example keeps cases for five years; two of them may be leap years.
const FIVE_YEARS: Duration = Duration::from_secs(5 * 365 * 86_400 + 3 * 86_400);

async fn granted(world: &World) -> CaseId {
    let case = world.submitted(CITIZEN).await.case_id;
    for _ in 0..4 {
        world.settle().await;
        world.clock.advance(Duration::from_secs(20));
    }
    world.paid(&case).await;
    world.settle().await;
    let task_id = world.open_task(&case).await;
    let request = ReadTaskRequest { case_id: case.clone(), task_id, language: "en".into(), purpose: String::new() };
    let shown = task::read(world.host.clone(), world.call(OFFICER, request)).await.unwrap();
    let decision = DecideTaskRequest {
        case_id: case.clone(),
        version: shown.version,
        task_id: shown.task_id,
        outcome: "approve".into(),
        language: "en".into(),
        ..DecideTaskRequest::default()
    };
    world.decide(OFFICER, decision).await.unwrap();
    world.settle().await;
    CaseId::from_slice(&case).unwrap()
}

/// What the relay does.
async fn sent(world: &World) {
    let mut tx = world.host.database.begin().await.unwrap();
    sql::outbox::assign(&mut tx, 10_000).await.unwrap();
    tx.commit().await.unwrap();
}

async fn is_kept(world: &World, case: CaseId) -> bool {
    let mut tx = world.host.database.read().await.unwrap();
    cases::read(&mut tx, &world.host.keys, case).await.unwrap().is_some()
}

async fn acts(world: &World, case: CaseId, name: &str) -> i64 {
    let mut tx = world.host.database.read().await.unwrap();
    let sql = "SELECT COUNT(*) FROM audit WHERE act = $1 AND subject = $2";
    tx.fetch_one(sql, sql::args![name, case]).await.unwrap().int(0).unwrap()
}

async fn hold(world: &World, who: u8, case: CaseId, release: bool) -> Result<CaseReply, Failure> {
    let request = HoldCaseRequest {
        case_id: case.to_vec(),
        reason: "Civil court, file 2-114".into(),
        release,
        ..Default::default()
    };
    keeping::hold(world.host.clone(), world.call(who, request)).await
}

async fn hold_until(world: &World, case: CaseId, until: Time) -> Result<CaseReply, Failure> {
    let request = HoldCaseRequest {
        case_id: case.to_vec(),
        reason: "Civil court, file 2-114".into(),
        until_us: until.micros(),
        ..Default::default()
    };
    keeping::hold(world.host.clone(), world.call(OFFICER, request)).await
}

async fn order(world: &World, who: u8, case: CaseId, reason: &str) -> Result<CaseReply, Failure> {
    let request = EraseCaseRequest {
        case_id: case.to_vec(),
        reason: reason.into(),
        legal_basis: "Law on Personal Data, article 11".into(),
        ..Default::default()
    };
    keeping::erase(world.host.clone(), world.call(who, request)).await
}

#[tokio::test]
async fn a_case_is_erased_when_its_retention_is_over_and_not_a_day_before() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::new(database).await;
        let case = granted(&world).await;
        let before = sealed(&world, case).await;
        sent(&world).await;
        world.clock.advance(FIVE_YEARS - 3 * DAY);
        assert_eq!(erase_due(&world.host).await.unwrap(), 0, "{engine}");
        world.clock.advance(4 * DAY);
        assert_eq!(erase_due(&world.host).await.unwrap(), 1, "{engine}");
        assert_eq!(erase_due(&world.host).await.unwrap(), 0, "{engine}: once");
        assert!(!is_kept(&world, case).await);
        assert_eq!(acts(&world, case, "case.key-destroyed").await, 1);
        nothing_of_it_is_left(&world, case, &before).await;
        its_log_is_empty_but_dense(&world, case).await;
        who_applied_is_told_and_nobody_else(&world, case).await;
        late_news_does_not_stop_the_log(&world, case).await;
        world.nothing_is_left_behind().await;
    }
}

struct Before {
    wrapped_key: Vec<u8>,
    applicant: Vec<u8>,
}

async fn sealed(world: &World, case: CaseId) -> Before {
    let mut tx = world.host.database.read().await.unwrap();
    let sql = "SELECT wrapped_key, applicant FROM cases WHERE case_id = $1";
    let row = tx.fetch_one(sql, sql::args![case]).await.unwrap();
    Before { wrapped_key: row.blob(0).unwrap(), applicant: row.blob(1).unwrap() }
}

async fn nothing_of_it_is_left(world: &World, case: CaseId, before: &Before) {
    assert_eq!(before.applicant, person(CITIZEN).to_vec());
    let after = sealed(world, case).await;
    assert!(after.wrapped_key.is_empty() && !before.wrapped_key.is_empty());
    assert_eq!(after.applicant, mark(world.host.keys.lookup(), case, person(CITIZEN)).to_vec());
    let mut tx = world.host.database.read().await.unwrap();
    for (table, left) in [
        ("SELECT COUNT(*) FROM case_actions WHERE case_id = $1", 0),
        ("SELECT COUNT(*) FROM case_timers WHERE case_id = $1", 0),
        ("SELECT COUNT(*) FROM cases WHERE case_id = $1 AND LENGTH(state) = 0 AND representative IS NULL", 1),
    ] {
        assert_eq!(tx.fetch_one(table, sql::args![case]).await.unwrap().int(0).unwrap(), left, "{table}");
    }
    let opened = tx.fetch_one("SELECT COUNT(*) FROM cases WHERE applicant = $1", sql::args![person(CITIZEN)]).await;
    assert_eq!(opened.unwrap().int(0).unwrap(), 0, "nothing leads from the person to the case");
    sql::audit::verify(&mut tx).await.unwrap();
}

async fn its_log_is_empty_but_dense(world: &World, case: CaseId) {
    sent(world).await;
    let mut tx = world.host.database.read().await.unwrap();
    let rows = sql::outbox::read(&mut tx, 0, 1000).await.unwrap();
    let sequences: Vec<i64> = rows.iter().map(|row| row.sequence).collect();
    assert_eq!(sequences, (1..=i64::try_from(rows.len()).unwrap()).collect::<Vec<_>>());
    let (last, earlier) = rows.split_last().unwrap();
    assert!(earlier.len() > 5 && earlier.iter().all(|row| row.message.name.is_empty() && row.message.body.is_empty()));
    assert_eq!(last.message.name, "case-erased");
    let told = CaseErased::decode(last.message.body.as_slice()).unwrap();
    assert_eq!(told.case.unwrap().case_id, case.to_vec());
    let asked: Vec<Vec<u8>> = world.platform.asked.lock().unwrap().keys().map(|(_, action)| action.clone()).collect();
    let of_steps = asked.iter().filter(|action| told.actions.contains(action)).count();
    assert!(of_steps >= 3, "intent, document and message were asked for under ids that are told");
}

async fn who_applied_is_told_and_nobody_else(world: &World, case: CaseId) {
    let view = world.case(CITIZEN, case.as_bytes()).await;
    assert_eq!((view.phase.as_str(), view.number.as_str()), ("erased", "JUS-2026-000001"));
    assert_eq!(view.erased_us, world.host.now().micros());
    assert!(view.erased_under.contains("Archiv"), "{}", view.erased_under);
    assert!(view.timeline.is_empty() && view.documents.is_empty() && view.decision.is_none());
    for who in [2, OFFICER] {
        let refused = case::read(world.host.clone(), world.read(who, case.as_bytes())).await.unwrap_err();
        assert_eq!(refused.code, "case.not-found");
    }
    let mut tx = world.host.database.read().await.unwrap();
    let row = tx.fetch_one("SELECT task_id FROM case_tasks WHERE case_id = $1", sql::args![case]).await.unwrap();
    let task_id = row.blob(0).unwrap();
    drop(tx);
    let request = ReadTaskRequest {
        case_id: case.to_vec(),
        task_id,
        language: "en".into(),
        purpose: "To see what it was".into(),
    };
    let refused = task::read(world.host.clone(), world.call(OFFICER, request)).await.unwrap_err();
    assert_eq!(refused.code, "case.not-found");
}

async fn late_news_does_not_stop_the_log(world: &World, case: CaseId) {
    refund_settled(world, case, vec![1; 16]).await;
}

/// Payments says that the money went back.
async fn refund_settled(world: &World, case: CaseId, intent: Vec<u8>) {
    let settled = proto::payments::v1::RefundSettled {
        case: Some(proto::CaseRef { case_id: case.to_vec(), agency: "justice".into(), ..Default::default() }),
        intent,
        refund: vec![2; 16],
        amount: Some(super::platform::amount()),
    };
    let event = bus::Event {
        producer: "payments".into(),
        log: "platform".into(),
        name: "refund-settled".into(),
        agency: "justice".into(),
        message_id: kernel::MessageId::derived(Hash::of(b"late")),
        epoch: 1,
        sequence: 9,
        case: Some((case, 9)),
        time: world.host.now(),
        body: settled.encode_to_vec().into(),
        trace: None,
    };
    let mut tx = world.host.database.begin().await.unwrap();
    crate::bus::events::payment(&world.host, &mut tx, &event).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn nothing_is_erased_while_a_message_waits_to_leave() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::new(database).await;
        let case = granted(&world).await;
        world.clock.advance(FIVE_YEARS);
        assert_eq!(erase_due(&world.host).await.unwrap(), 0, "{engine}");
        assert!(is_kept(&world, case).await);
        sent(&world).await;
        assert_eq!(erase_due(&world.host).await.unwrap(), 0, "{engine}: it is looked at again a little later");
        world.clock.advance(DAY);
        assert_eq!(erase_due(&world.host).await.unwrap(), 1, "{engine}");
        world.nothing_is_left_behind().await;
    }
}

#[tokio::test]
async fn a_held_case_is_kept_until_the_hold_ends() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::new(database).await;
        let case = granted(&world).await;
        sent(&world).await;
        for who in [CITIZEN, 2] {
            assert_eq!(hold(&world, who, case, false).await.unwrap_err().code, "case.not-found", "{engine}");
        }
        assert_eq!(acts(&world, case, "case.refused").await, 2);
        hold(&world, OFFICER, case, false).await.unwrap();
        assert_eq!(hold(&world, OFFICER, case, false).await.unwrap_err().code, "case.hold-unchanged");
        world.clock.advance(FIVE_YEARS);
        assert_eq!(erase_due(&world.host).await.unwrap(), 0, "{engine}");
        assert_eq!(order(&world, OFFICER, case, "Asked for").await.unwrap_err().code, "case.held");
        assert!(is_kept(&world, case).await);
        hold(&world, OFFICER, case, true).await.unwrap();
        assert_eq!((acts(&world, case, "case.held").await, acts(&world, case, "case.hold-ended").await), (1, 1));
        sent(&world).await;
        assert_eq!(erase_due(&world.host).await.unwrap(), 1, "{engine}");
        world.nothing_is_left_behind().await;
    }
}

#[tokio::test]
async fn a_hold_that_is_laid_after_the_look_stops_the_destruction() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::new(database).await;
        let case = granted(&world).await;
        sent(&world).await;
        world.clock.advance(FIVE_YEARS);
        let (now, under) = (world.host.now(), BTreeMap::new());
        let mut tx = world.host.database.read().await.unwrap();
        assert_eq!(retention::due(&mut tx, now, 9).await.unwrap(), [case], "{engine}");
        let seen = cases::read(&mut tx, &world.host.keys, case).await.unwrap().unwrap();
        drop(tx);
        hold(&world, OFFICER, case, false).await.unwrap();
        let mark = mark(world.host.keys.lookup(), case, seen.applicant);
        let mut tx = world.host.database.begin().await.unwrap();
        assert!(!retention::destroy(&mut tx, &seen, now, &under, mark).await.unwrap(), "{engine}");
        tx.commit().await.unwrap();
        assert!(is_kept(&world, case).await, "{engine}");
        hold(&world, OFFICER, case, true).await.unwrap();
        let mut tx = world.host.database.begin().await.unwrap();
        assert!(retention::destroy(&mut tx, &seen, now, &under, mark).await.unwrap(), "{engine}: nothing else did");
    }
}

#[tokio::test]
async fn a_hold_ends_on_its_day_and_can_be_given_another() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::new(database).await;
        let case = granted(&world).await;
        sent(&world).await;
        let end = |days: u32| world.host.now().plus(FIVE_YEARS + days * DAY);
        assert_eq!(hold_until(&world, case, world.host.now()).await.unwrap_err().code, "case.hold-end", "{engine}");
        hold_until(&world, case, end(10)).await.unwrap();
        assert_eq!(hold_until(&world, case, end(10)).await.unwrap_err().code, "case.hold-unchanged");
        let later = end(20);
        hold_until(&world, case, later).await.unwrap();
        assert_eq!(acts(&world, case, "case.held").await, 2, "{engine}");
        let mut tx = world.host.database.begin().await.unwrap();
        sql::outbox::assign(&mut tx, 10_000).await.unwrap();
        let rows = sql::outbox::read(&mut tx, 0, 1000).await.unwrap();
        tx.commit().await.unwrap();
        let last = CaseHeld::decode(rows.last().unwrap().message.body.as_slice()).unwrap();
        assert_eq!(
            (last.until_us, last.officer, last.stands),
            (later.micros(), person(OFFICER).to_vec(), true),
            "{engine}: archivists are told"
        );

        let held = listed(&world, OFFICER, later).await.unwrap();
        assert_eq!((held.held_count, held.ending_count), (1, 0), "{engine}: none ends before that moment");
        let (one, told) = (&held.held[0], "Civil court, file 2-114");
        assert_eq!((one.held_until_us, one.held_for.as_str()), (later.micros(), told), "{engine}");
        assert_eq!(listed(&world, OFFICER, later.plus(DAY)).await.unwrap().ending_count, 1, "{engine}");

        world.clock.advance(FIVE_YEARS + 15 * DAY);
        assert_eq!(erase_due(&world.host).await.unwrap(), 0, "{engine}");
        assert_eq!(order(&world, OFFICER, case, "Asked for").await.unwrap_err().code, "case.held");
        world.clock.advance(5 * DAY);
        assert_eq!(
            hold(&world, OFFICER, case, true).await.unwrap_err().code,
            "case.hold-unchanged",
            "{engine}: it is over"
        );
        let over = listed(&world, OFFICER, world.host.now().plus(DAY)).await.unwrap();
        assert_eq!((over.held_count, over.due_count), (0, 1), "{engine}");
        assert_eq!(erase_due(&world.host).await.unwrap(), 1, "{engine}");
        world.nothing_is_left_behind().await;
    }
}

#[tokio::test]
async fn a_case_stays_while_one_that_began_from_it_has_not_ended() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::new(database).await;
        let origin = begin::refused(&world).await;
        let case = CaseId::from_slice(&origin).unwrap();
        let mut tx = world.host.database.read().await.unwrap();
        let stored = cases::read(&mut tx, &world.host.keys, case).await.unwrap().unwrap();
        drop(tx);
        let paid = stored.state.payments.values().flatten().next().unwrap().intent;
        refund_settled(&world, case, paid.to_vec()).await;
        begin::appeal(&world, CITIZEN, &origin, "appeal").await.unwrap();
        Box::pin(world.settle()).await;
        sent(&world).await;
        let refused = order(&world, OFFICER, case, "Asked for").await.unwrap_err();
        assert_eq!(refused.code, "case.continued", "{engine}");
        // Nobody fires the draft's end: it is as open as one that an officer has on their table.
        world.clock.advance(FIVE_YEARS);
        assert_eq!(erase_due(&world.host).await.unwrap(), 0, "{engine}");
        assert!(is_kept(&world, case).await);
        let waiting = listed(&world, OFFICER, world.host.now().plus(DAY)).await.unwrap();
        assert_eq!((waiting.due_count, waiting.due[0].waits.as_str()), (1, "continued"), "{engine}");
        Box::pin(world.settle()).await;
        sent(&world).await;
        world.clock.advance(DAY);
        assert_eq!(
            erase_due(&world.host).await.unwrap(),
            2,
            "{engine}: the appeal that was never sent, and what it began from"
        );
        assert!(!is_kept(&world, case).await);
        world.nothing_is_left_behind().await;
    }
}

#[tokio::test]
async fn an_archivist_orders_an_erasure_before_its_time_and_it_waits_for_a_day_of_rest() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::new(database).await;
        let running = CaseId::from_slice(&world.submitted(2).await.case_id).unwrap();
        assert_eq!(order(&world, OFFICER, running, "Asked for").await.unwrap_err().code, "case.not-ended", "{engine}");
        let case = granted(&world).await;
        sent(&world).await;
        assert_eq!(order(&world, CITIZEN, case, "Mine").await.unwrap_err().code, "case.not-found");
        assert_eq!(order(&world, OFFICER, case, "  ").await.unwrap_err().code, "case.reason");
        hold(&world, OFFICER, case, false).await.unwrap();
        hold(&world, OFFICER, case, true).await.unwrap();
        order(&world, OFFICER, case, "Asked for").await.unwrap();
        let mut tx = world.host.database.read().await.unwrap();
        let typed = "SELECT purpose FROM audit WHERE subject = $1
                     AND act IN ('case.held', 'case.hold-ended', 'case.erasure-ordered')";
        let typed = tx.fetch_all(typed, sql::args![case]).await.unwrap();
        let typed: Vec<String> = typed.iter().map(|row| row.text(0).unwrap()).collect();
        assert_eq!(typed.len(), 3, "{engine}");
        assert!(typed.iter().all(|kept| kept.starts_with(SEALED_WORDS)), "{engine}: it goes with the case: {typed:?}");
        drop(tx);
        sent(&world).await;
        assert_eq!(erase_due(&world.host).await.unwrap(), 0, "{engine}: too fresh");
        world.clock.advance(DAY);
        assert_eq!(erase_due(&world.host).await.unwrap(), 1, "{engine}");
        let view = world.case(CITIZEN, case.as_bytes()).await;
        assert_eq!(view.erased_under, "Law on Personal Data, article 11");
        assert_eq!(acts(&world, case, "case.erasure-ordered").await, 1);
        assert!(is_kept(&world, running).await);
    }
}

#[tokio::test]
async fn a_case_that_a_restore_brought_back_is_erased_again_and_one_that_runs_is_not() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::new(database).await;
        let running = CaseId::from_slice(&world.submitted(2).await.case_id).unwrap();
        let case = granted(&world).await;
        sent(&world).await;
        let nobodys = CaseId::from_bytes([8; 16]);
        // A command that was cut off is given again.
        for case in [running, case, case, nobodys] {
            let code = "recovery.erasure-undone".to_owned();
            let ruling = Ruling { code, case_id: case.to_vec(), agency: "justice".into(), ..Ruling::default() };
            Recovered(world.host.clone()).put_right(&ruling).await.unwrap();
        }
        world.clock.advance(DAY);
        assert_eq!(erase_due(&world.host).await.unwrap(), 1, "{engine}");
        assert!(is_kept(&world, running).await && !is_kept(&world, case).await, "{engine}");
        let view = world.case(CITIZEN, case.as_bytes()).await;
        assert_eq!(view.erased_under, "an earlier erasure, repeated after a restore from a backup", "{engine}");
        let mut tx = world.host.database.read().await.unwrap();
        let due = "SELECT COUNT(*) FROM cases WHERE erase_due IS NOT NULL";
        assert_eq!(tx.fetch_one(due, sql::args![]).await.unwrap().int(0).unwrap(), 0, "{engine}: nothing else is due");
    }
}

#[tokio::test]
async fn a_draft_goes_when_it_is_thrown_away_or_has_expired() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::new(database).await;
        let thrown = world.open(CITIZEN).await.case_id;
        let request = DiscardDraftRequest { case_id: thrown.clone(), ..DiscardDraftRequest::default() };
        draft::discard(world.host.clone(), world.call(CITIZEN, request)).await.unwrap();
        let forgotten = world.open(CITIZEN).await.case_id;
        sent(&world).await;
        assert_eq!(erase_due(&world.host).await.unwrap(), 1, "{engine}: at once");
        world.clock.advance(29 * DAY);
        world.settle().await;
        assert_eq!(erase_due(&world.host).await.unwrap(), 0, "{engine}: kept for thirty days");
        world.clock.advance(2 * DAY);
        world.settle().await;
        sent(&world).await;
        assert_eq!(erase_due(&world.host).await.unwrap(), 1, "{engine}");
        for case in [thrown, forgotten] {
            assert_eq!(world.case(CITIZEN, &case).await.phase, "erased");
        }
        let again = world.open(CITIZEN).await;
        assert!(!again.reused, "{engine}: a new draft");
        world.nothing_is_left_behind().await;
    }
}

async fn listed(world: &World, who: u8, until: Time) -> Result<Records, Failure> {
    let (agency, service) = ("justice".to_owned(), "marriage-certificate-copy".to_owned());
    let request = ListRecordsRequest { agency, service, until_us: until.micros() };
    keeping::list(world.host.clone(), world.call(who, request)).await
}

#[tokio::test]
async fn an_archivist_sees_what_is_due_and_what_is_held_and_nobody_else_does() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::new(database).await;
        let case = granted(&world).await;
        let (soon, later) = (world.host.now().plus(30 * DAY), world.host.now().plus(FIVE_YEARS));
        for who in [CITIZEN, LEAD] {
            assert_eq!(listed(&world, who, later).await.unwrap_err().code, "case.not-found", "{engine}");
        }
        assert_eq!(listed(&world, OFFICER, soon).await.unwrap(), Records::default(), "{engine}: not yet");
        let due = listed(&world, OFFICER, later).await.unwrap();
        assert_eq!((due.due_count, due.held_count, due.due.len()), (1, 0, 1), "{engine}");
        assert!(!due.due[0].number.is_empty(), "{engine}");
        hold(&world, OFFICER, case, false).await.unwrap();
        let held = listed(&world, OFFICER, later).await.unwrap();
        assert_eq!((held.due_count, held.held_count), (0, 1), "{engine}");
        assert!(held.held[0].held_us > 0 && held.held[0].number == due.due[0].number, "{engine}");
        let mut tx = world.host.database.read().await.unwrap();
        let acts = "SELECT COUNT(*) FROM audit WHERE act = 'records.listed'";
        assert_eq!(tx.fetch_one(acts, sql::args![]).await.unwrap().int(0).unwrap(), 3, "{engine}");
        let kept = "SELECT held_for FROM cases WHERE case_id = $1";
        let kept = tx.fetch_one(kept, sql::args![case]).await.unwrap().text(0).unwrap();
        assert!(!kept.contains("court"), "{engine}: why it is held goes with the case's key: {kept}");
        drop(tx);
        world.platform.directs(person(OFFICER), person(CITIZEN));
        // Of an officer is known what identity said at most a minute ago.
        world.clock.advance(Duration::from_secs(61));
        let own = listed(&world, OFFICER, later).await.unwrap();
        assert_eq!((own.held_count, own.held.len()), (0, 0), "{engine}: nobody is told of a hold on their own case");
    }
}
