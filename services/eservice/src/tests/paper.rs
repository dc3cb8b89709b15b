//! An application on paper: an officer types and sends it for whoever signed it, who sees it from then on; nobody else does either.

use kernel::{CaseId, Failure};
use prost::Message;
use proto::{
    Event as _,
    eservice::v1::{
        CaseChanged, CaseCommand, CaseOpened, ClaimTaskRequest, DecideTaskRequest, DiscardDraftRequest,
        ListTakenInRequest, MarkedField, OpenDraftReply, OpenDraftRequest, Paper, ReadCaseRequest, ReadTaskRequest,
        SubmitReply, SubmitRequest, TakenInCase, TaskPage,
    },
};

use super::{
    platform::{OWNER_PINFL, SPOUSE_PINFL},
    world::{CITIZEN, COLLEAGUE, EXPERT, HEAD, NUKUS, OFFICER, World, person},
};
use crate::{
    bus::{answers, case, claim, draft, left, paper as taken, submit, task, withdraw},
    store::{MIGRATIONS, cases},
};

/// Whoever signed: identity knows them by the number.
pub const APPLICANT: u8 = 50;

pub fn paper() -> Paper {
    Paper {
        pinfl: OWNER_PINFL.into(),
        family_name: "Saidov".into(),
        given_name: "Aziz".into(),
        patronymic: String::new(),
        original: "K-12/2026".into(),
        born: "1988-07-02".into(),
        ..Paper::default()
    }
}

pub async fn take(world: &World, who: u8, paper: Paper) -> Result<OpenDraftReply, Failure> {
    let request = OpenDraftRequest {
        agency: "justice".into(),
        service: "marriage-certificate-copy".into(),
        language: "ru".into(),
        paper: Some(paper),
        ..OpenDraftRequest::default()
    };
    Box::pin(draft::open(world.host.clone(), world.call(who, request))).await
}

pub async fn list(world: &World, who: u8) -> Vec<TakenInCase> {
    let request = ListTakenInRequest { agency: "justice".into(), service: "marriage-certificate-copy".into() };
    taken::list(world.host.clone(), world.call(who, request)).await.unwrap().cases
}

pub async fn send(world: &World, who: u8, case: &[u8]) -> SubmitReply {
    let request = Box::pin(world.submission(who, case)).await;
    Box::pin(submit::submit(world.host.clone(), world.call(who, request))).await.unwrap()
}

/// An application that the officer typed and sent; the registry is away until its time is over, and the fee is paid.
async fn reviewed(world: &World) -> Vec<u8> {
    reviewed_of(world, paper(), APPLICANT).await
}

pub async fn reviewed_of(world: &World, paper: Paper, applicant: u8) -> Vec<u8> {
    let case = take(world, OFFICER, paper).await.unwrap().case_id;
    Box::pin(world.fill_in(OFFICER, &case)).await;
    send(world, OFFICER, &case).await;
    come_to_rest(world).await;
    let intent = Box::pin(world.case(applicant, &case)).await.intent;
    world.paid_by(&case, &intent).await;
    Box::pin(world.settle()).await;
    case
}

/// Also what is asked for again, because the archive does not answer.
pub async fn come_to_rest(world: &World) {
    for _ in 0..4 {
        Box::pin(world.settle()).await;
        world.clock.advance(std::time::Duration::from_secs(20));
    }
}

async fn look(world: &World, who: u8, case: &[u8]) -> TaskPage {
    let task_id = world.open_task(case).await;
    let request = ReadTaskRequest { case_id: case.to_vec(), task_id, language: "en".into(), purpose: String::new() };
    Box::pin(task::read(world.host.clone(), world.call(who, request))).await.unwrap()
}

pub async fn decide(world: &World, who: u8, case: &[u8], more: DecideTaskRequest) -> Result<(), Failure> {
    let shown = look(world, who, case).await;
    let request = DecideTaskRequest { case_id: case.to_vec(), version: shown.version, task_id: shown.task_id, ..more };
    Box::pin(world.decide(who, request)).await.map(|_| ())
}

fn refuse() -> DecideTaskRequest {
    DecideTaskRequest { outcome: "refuse".into(), reasons: vec!["no-record".into()], ..DecideTaskRequest::default() }
}

/// Details of the acts of this name, in their order.
pub async fn acts(world: &World, act: &str) -> Vec<serde_json::Value> {
    let mut tx = world.host.database.read().await.unwrap();
    let select = "SELECT detail FROM audit WHERE act = $1 ORDER BY sequence";
    let rows = tx.fetch_all(select, sql::args![act]).await.unwrap();
    rows.iter().map(|row| serde_json::from_str(&row.text(0).unwrap()).unwrap()).collect()
}

/// What left under this name, in its order.
pub async fn told<E: Message + Default>(world: &World, name: &str) -> Vec<E> {
    let mut tx = world.host.database.read().await.unwrap();
    let select = "SELECT body FROM outbox WHERE name = $1 ORDER BY id";
    let rows = tx.fetch_all(select, sql::args![name]).await.unwrap();
    rows.iter().map(|row| E::decode(row.blob(0).unwrap().as_slice()).unwrap()).collect()
}

pub fn code<T>(outcome: Result<T, Failure>) -> String {
    outcome.err().map(|failure| failure.code.into_owned()).unwrap_or_default()
}

pub async fn read(world: &World, who: u8, case: &[u8]) -> String {
    code(Box::pin(case::read(world.host.clone(), world.read(who, case))).await)
}

#[tokio::test]
async fn an_officer_types_and_sends_and_from_then_on_it_is_the_applicants() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::new(database).await;
        let opened = take(&world, OFFICER, paper()).await.unwrap();
        assert_eq!((opened.first_page.as_str(), opened.reused), ("date", false), "{engine}");
        let case = opened.case_id;
        let waits = list(&world, OFFICER).await;
        let [one] = waits.as_slice() else { panic!("{engine}: {waits:?}") };
        assert_eq!((one.phase.as_str(), one.original.as_str()), ("draft", "K-12/2026"));
        assert_eq!(one.applicant, "Saidov Aziz", "{engine}");
        assert!(list(&world, COLLEAGUE).await.is_empty(), "{engine}: another's are not listed");
        for who in [APPLICANT, CITIZEN, COLLEAGUE] {
            assert_eq!(read(&world, who, &case).await, "case.not-found", "{engine}: {who} while it is typed");
        }
        assert_ne!(world.open(APPLICANT).await.case_id, case, "{engine}: it is no draft of theirs");

        Box::pin(world.fill_in(OFFICER, &case)).await;
        let request = ReadCaseRequest { case_id: case.clone(), language: "en".into() };
        let checked = Box::pin(answers::read(world.host.clone(), world.call(OFFICER, request))).await.unwrap();
        assert_eq!((checked.original.as_str(), checked.applicant.as_str()), ("K-12/2026", "Saidov Aziz"));
        assert_eq!(checked.fees.len(), 1, "{engine}: what is to be paid is shown as to everybody");
        let sent = send(&world, OFFICER, &case).await;
        assert!(!sent.number.is_empty());
        Box::pin(world.settle()).await;

        assert_eq!(read(&world, OFFICER, &case).await, "case.not-found", "{engine}: it is typed and gone");
        assert!(list(&world, OFFICER).await.is_empty());
        assert_eq!(read(&world, CITIZEN, &case).await, "case.not-found");
        let seen = world.case(APPLICANT, &case).await;
        assert_eq!((seen.number, seen.original.as_str()), (sent.number, "K-12/2026"), "{engine}");
        let row = seen.timeline.iter().find(|row| row.code == "submitted").unwrap();
        assert_eq!((row.actor.as_str(), seen.start_title.as_str()), ("officer", "Application on paper"));

        let id = CaseId::from_slice(&case).unwrap();
        let mut tx = world.host.database.read().await.unwrap();
        let stored = cases::read(&mut tx, &world.host.keys, id).await.unwrap().unwrap();
        drop(tx);
        assert_eq!((stored.state.channel.as_str(), stored.state.language.tag()), ("paper", "ru"), "{engine}");
        assert_eq!(stored.state.submitted_by, Some(person(OFFICER)));
        let submitted = &acts(&world, "case.submitted").await[0];
        assert_eq!((submitted["channel"].as_str(), submitted["start"].as_str()), (Some("paper"), Some("paper")));
        assert_eq!(submitted["original"], "K-12/2026", "{engine}: the officer has seen it");
        assert_eq!(submitted["confirmed"], kernel::Hash::of(b"I saw the original").to_string(), "{engine}");
        let taken = &acts(&world, "paper.taken-in").await[0];
        assert_eq!(taken["applicant"], person(APPLICANT).to_string(), "{engine}: {taken}");
        assert!(!taken.to_string().contains(OWNER_PINFL) && !taken.to_string().contains("Saidov"), "{engine}: {taken}");

        let shown: Vec<CaseOpened> = told(&world, CaseOpened::NAME).await;
        assert_eq!((shown.len(), shown[0].applicant.as_slice()), (1, person(APPLICANT).to_vec().as_slice()));
        assert_eq!((shown[0].role.as_str(), shown[0].office.as_str()), ("registrar", "tashkent-yunusabad"));
        let changed: Vec<CaseChanged> = told(&world, CaseChanged::NAME).await;
        let of = |phase: &str| {
            let own = changed.iter().filter(|changed| changed.case.as_ref().is_some_and(|of| of.case_id == case));
            own.filter(|changed| changed.phase == phase).map(|changed| changed.applicant.clone()).collect::<Vec<_>>()
        };
        assert!(of("draft").iter().all(Vec::is_empty), "{engine}: nobody's list has it while it is typed");
        assert!(of("running").iter().all(|applicant| *applicant == person(APPLICANT).to_vec()), "{engine}");
        assert!(!of("draft").is_empty() && !of("running").is_empty());
        let typing = |phase: &str| changed.iter().rfind(|changed| changed.phase == phase && !changed.number.is_empty());
        assert!(typing("running").is_some_and(|sent| sent.typing_role.is_empty()), "{engine}");
        assert!(changed.iter().any(|typed| typed.typing_role == "registrar"), "{engine}: whose it is to type");
        come_to_rest(&world).await;
        world.nothing_is_left_behind().await;
    }
}

#[tokio::test]
async fn what_an_officer_sends_twice_is_sent_once_and_answered_twice() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::new(database).await;
        let case = take(&world, OFFICER, paper()).await.unwrap().case_id;
        Box::pin(world.fill_in(OFFICER, &case)).await;
        let request = Box::pin(world.submission(OFFICER, &case)).await;
        let unread = SubmitRequest { confirmed: Vec::new(), ..request.clone() };
        let unread = Box::pin(submit::submit(world.host.clone(), world.call(OFFICER, unread))).await;
        assert_eq!(code(unread), "paper.not-confirmed", "{engine}");
        let (first, mut again) = (world.call(OFFICER, request.clone()), world.call(OFFICER, request));
        again.person.clone_from(&first.person);
        let sent = Box::pin(submit::submit(world.host.clone(), first)).await.unwrap();
        let answered = Box::pin(submit::submit(world.host.clone(), again)).await.unwrap();
        assert_eq!(answered, sent, "{engine}: the answer was lost on its way");
        assert_eq!(acts(&world, "case.refused").await.len(), 0, "{engine}");
        let request = SubmitRequest { case_id: case, shown_hash: vec![0; 32], ..SubmitRequest::default() };
        let anew = Box::pin(submit::submit(world.host.clone(), world.call(OFFICER, request))).await;
        assert_eq!(code(anew), "case.not-found", "{engine}: there is nothing to send any more");
        Box::pin(world.settle()).await;
        come_to_rest(&world).await;
        world.nothing_is_left_behind().await;
    }
}

#[tokio::test]
async fn one_paper_is_taken_in_once_whoever_does_it_until_it_is_thrown_away() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::new(database).await;
        let first = take(&world, OFFICER, paper()).await.unwrap().case_id;
        for again in [paper(), Paper { original: "k-12 / 2026".into(), ..paper() }] {
            for who in [OFFICER, NUKUS] {
                assert_eq!(code(take(&world, who, again.clone()).await), "paper.taken-already", "{engine}: {who}");
            }
        }
        let another = Paper { original: "K-13/2026".into(), ..paper() };
        assert!(take(&world, OFFICER, another).await.is_ok(), "{engine}: another paper of theirs");
        let thrown = DiscardDraftRequest { case_id: first, reason: "mistake".into(), ..DiscardDraftRequest::default() };
        Box::pin(draft::discard(world.host.clone(), world.call(OFFICER, thrown))).await.unwrap();
        assert!(take(&world, NUKUS, paper()).await.is_ok(), "{engine}: it was begun by mistake");
        world.nothing_is_left_behind().await;
    }
}

#[tokio::test]
async fn nobody_takes_in_without_the_role_for_themselves_or_under_a_number_that_was_misread() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::new(database).await;
        let own = Paper { pinfl: "42307870350128".into(), born: "1987-07-23".into(), ..paper() };
        let misread = Paper { pinfl: SPOUSE_PINFL.into(), born: "1985-03-12".into(), ..paper() };
        for (who, paper, refused) in [
            (CITIZEN, paper(), "paper.officers-only"),
            (HEAD, paper(), "paper.not-appointed"),
            (EXPERT, paper(), "paper.not-appointed"),
            (OFFICER, own, "paper.own"),
            (OFFICER, Paper { pinfl: "30207880170131".into(), ..paper() }, "pinfl.check-digit"),
            (OFFICER, Paper { original: String::new(), ..paper() }, "paper.original"),
            (OFFICER, misread, "paper.name-differs"),
            (OFFICER, Paper { pinfl: SPOUSE_PINFL.into(), ..paper() }, "paper.born"),
        ] {
            assert_eq!(code(take(&world, who, paper).await), refused, "{engine}");
        }
        let refused: Vec<_> = acts(&world, "paper.refused").await;
        assert_eq!(refused.len(), 7, "{engine}: each officer who tried is on record: {refused:?}");
        let mut tx = world.host.database.read().await.unwrap();
        let count = tx.fetch_one("SELECT COUNT(*) FROM cases", sql::args![]).await.unwrap().int(0).unwrap();
        drop(tx);
        assert_eq!(count, 0, "{engine}");
        let misspelt = Paper { family_name: "Saidof".into(), ..paper() };
        assert!(take(&world, OFFICER, misspelt).await.is_ok(), "{engine}: nobody knew them before");
        assert!(
            take(&world, NUKUS, Paper { original: "N-3".into(), ..paper() }).await.is_ok(),
            "{engine}: it shuts nobody out, and paper comes to any office"
        );
        let cyrillic = Paper {
            pinfl: SPOUSE_PINFL.into(),
            born: "1985-03-12".into(),
            original: "S-1".into(),
            family_name: "КАРИМОВ".into(),
            ..paper()
        };
        assert!(take(&world, OFFICER, cyrillic).await.is_ok(), "{engine}: the same name in the other script");
        world.nothing_is_left_behind().await;
    }
}

#[tokio::test]
async fn what_was_taken_in_by_mistake_is_thrown_away_by_the_officer_alone_and_not_without_a_trace() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::new(database).await;
        let opened = take(&world, OFFICER, paper()).await.unwrap();
        let discard = |reason: &str| DiscardDraftRequest {
            case_id: opened.case_id.clone(),
            version: opened.version,
            reason: reason.to_owned(),
        };
        for (who, reason, refused) in [
            (APPLICANT, "mistake", "case.not-found"),
            (COLLEAGUE, "mistake", "case.not-found"),
            (OFFICER, "", "paper.discard-reason"),
        ] {
            let tried = Box::pin(draft::discard(world.host.clone(), world.call(who, discard(reason)))).await;
            assert_eq!(code(tried), refused, "{engine}: {who}");
        }
        Box::pin(draft::discard(world.host.clone(), world.call(OFFICER, discard("twice")))).await.unwrap();
        assert!(list(&world, OFFICER).await.is_empty(), "{engine}");
        let thrown = acts(&world, "paper.discarded").await;
        let [thrown] = thrown.as_slice() else { panic!("{engine}: {thrown:?}") };
        assert_eq!((thrown["original"].as_str(), thrown["reason"].as_str()), (Some("K-12/2026"), Some("twice")));
        let shown: Vec<CaseOpened> = told(&world, CaseOpened::NAME).await;
        let [_, last] = shown.as_slice() else { panic!("{engine}: {shown:?}") };
        assert_eq!(last.applicant, person(APPLICANT).to_vec(), "{engine}: whoever signed it reads that");
        let purpose = last.purpose.as_ref().unwrap();
        assert!(purpose.by_language["en"].ends_with("it had been taken in already"), "{engine}: {purpose:?}");
        world.nothing_is_left_behind().await;
    }
}

pub async fn take_over(world: &World, who: u8, case: &[u8]) -> Result<(), Failure> {
    let request = CaseCommand { case_id: case.to_vec(), version: 0 };
    Box::pin(left::take_over(world.host.clone(), world.call(who, request))).await.map(|_| ())
}

async fn left_lying(world: &World, who: u8) -> Vec<TakenInCase> {
    let request = ListTakenInRequest { agency: "justice".into(), service: "marriage-certificate-copy".into() };
    taken::list(world.host.clone(), world.call(who, request)).await.unwrap().left
}

#[tokio::test]
async fn what_lies_is_seen_by_the_others_of_the_role_and_one_of_them_goes_on_with_it() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::new(database).await;
        let case = take(&world, OFFICER, paper()).await.unwrap().case_id;
        assert!(left_lying(&world, COLLEAGUE).await.is_empty(), "{engine}: it was begun a moment ago");
        assert_eq!(code(take_over(&world, COLLEAGUE, &case).await), "case.not-found", "{engine}");
        world.clock.advance(std::time::Duration::from_secs(3 * 86_400));
        let lies = left_lying(&world, COLLEAGUE).await;
        let [one] = lies.as_slice() else { panic!("{engine}: {lies:?}") };
        assert_eq!((one.original.as_str(), one.applicant.as_str()), ("K-12/2026", ""), "{engine}: nobody is named");
        for who in [HEAD, EXPERT] {
            assert!(left_lying(&world, who).await.is_empty(), "{engine}: {who} has another role");
            assert_eq!(code(take_over(&world, who, &case).await), "case.not-found", "{engine}: {who}");
        }
        take_over(&world, COLLEAGUE, &case).await.unwrap();
        assert_eq!(read(&world, OFFICER, &case).await, "case.not-found", "{engine}: it is another's now");
        assert!(list(&world, OFFICER).await.is_empty() && list(&world, COLLEAGUE).await.len() == 1, "{engine}");
        Box::pin(world.fill_in(COLLEAGUE, &case)).await;
        send(&world, COLLEAGUE, &case).await;
        Box::pin(world.settle()).await;
        assert_eq!(world.case(APPLICANT, &case).await.original, "K-12/2026", "{engine}");
        let over = acts(&world, "paper.taken-over").await;
        let [over] = over.as_slice() else { panic!("{engine}: {over:?}") };
        assert_eq!(over["from"], person(OFFICER).to_string(), "{engine}");
        come_to_rest(&world).await;
        world.nothing_is_left_behind().await;
    }
}

#[tokio::test]
async fn what_an_officer_had_who_has_lost_the_role_is_left_to_the_others_at_once() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::new(database).await;
        let case = take(&world, OFFICER, paper()).await.unwrap().case_id;
        world.platform.ends(person(OFFICER), "registrar", world.host.now());
        world.clock.advance(std::time::Duration::from_secs(60));
        assert_eq!(left_lying(&world, NUKUS).await.len(), 1, "{engine}: in any office");
        take_over(&world, NUKUS, &case).await.unwrap();
        assert_eq!(list(&world, NUKUS).await.len(), 1, "{engine}");
    }
}

#[tokio::test]
async fn nobody_begins_more_than_their_list_shows_and_what_has_lain_longest_stands_first() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::new(database).await;
        for number in 1..=cases::TAKEN_IN_MAX {
            take(&world, OFFICER, Paper { original: format!("K-{number}"), ..paper() }).await.unwrap();
            world.clock.advance(std::time::Duration::from_secs(1));
        }
        let shown = list(&world, OFFICER).await;
        assert_eq!((shown.len(), shown[0].original.as_str()), (50, "K-1"), "{engine}");
        let more = Paper { original: "K-51".into(), ..paper() };
        assert_eq!(code(take(&world, OFFICER, more.clone()).await), "paper.too-many", "{engine}");
        assert!(take(&world, COLLEAGUE, more).await.is_ok(), "{engine}: another has room");
    }
}

#[tokio::test]
async fn who_has_lost_the_role_types_no_more() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::new(database).await;
        let case = take(&world, OFFICER, paper()).await.unwrap().case_id;
        assert_eq!(read(&world, OFFICER, &case).await, "", "{engine}");
        assert_eq!(list(&world, OFFICER).await.len(), 1, "{engine}");
        world.platform.ends(person(OFFICER), "registrar", world.host.now());
        world.clock.advance(std::time::Duration::from_secs(60));
        assert!(list(&world, OFFICER).await.is_empty(), "{engine}: nor do they read who signed");
        assert_eq!(read(&world, OFFICER, &case).await, "case.not-found", "{engine}");
        assert_eq!(code(take(&world, OFFICER, paper()).await), "paper.not-appointed", "{engine}");
    }
}

#[tokio::test]
async fn what_is_sent_back_is_corrected_by_the_officer_or_by_the_applicant_and_only_the_applicant_withdraws() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::new(database).await;
        let case = reviewed(&world).await;
        let marked = vec![MarkedField { at: "marriage.date".into(), note: "Which year?".into() }];
        let back = DecideTaskRequest { outcome: "return".into(), marked, ..DecideTaskRequest::default() };
        decide(&world, COLLEAGUE, &case, back).await.unwrap();
        Box::pin(world.settle()).await;
        let waits = list(&world, OFFICER).await;
        assert_eq!((waits.len(), waits[0].phase.as_str()), (1, "returned"), "{engine}");
        let request = CaseCommand { case_id: case.clone(), version: 0 };
        let withdrawn = Box::pin(withdraw::withdraw(world.host.clone(), world.call(OFFICER, request))).await;
        assert_eq!(code(withdrawn), "case.not-found", "{engine}");
        Box::pin(world.save(OFFICER, &case, "date", &[("marriage.date", "2012-06-17")])).await;
        send(&world, OFFICER, &case).await;
        Box::pin(world.settle()).await;
        let looked = acts(&world, "case.opened").await.into_iter().filter(|act| act["thing"] == "paper").count();
        assert_eq!(looked, 1, "{engine}: what was sent is the applicant's, who reads that it was opened");
        let seen = world.case(APPLICANT, &case).await;
        let row = seen.timeline.iter().rfind(|row| row.code == "resubmitted").unwrap();
        assert_eq!((row.actor.as_str(), seen.phase.as_str()), ("officer", "running"), "{engine}");
        assert!(list(&world, OFFICER).await.is_empty());
        assert_eq!(acts(&world, "paper.listed").await.len(), 1, "{engine}: once it had names");
        come_to_rest(&world).await;
        world.nothing_is_left_behind().await;
    }
}

#[tokio::test]
async fn whoever_typed_it_never_decides_it_alone_as_one_of_two_or_with_others_alike() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::new(database).await;
        let case = reviewed(&world).await;
        let shown = look(&world, OFFICER, &case).await;
        assert_eq!((shown.kept_off, shown.original.as_str()), (true, "K-12/2026"), "{engine}");
        for together in [false, true] {
            let refused = decide(&world, OFFICER, &case, DecideTaskRequest { together, ..refuse() }).await;
            assert_eq!(code(refused), "task.taken-in", "{engine}: together: {together}");
        }
        let request = ClaimTaskRequest { case_id: case.clone(), task_id: shown.task_id };
        let taken = Box::pin(claim::claim(world.host.clone(), world.call(OFFICER, request))).await;
        assert_eq!(code(taken), "task.taken-in", "{engine}");
        let changed: Vec<CaseChanged> = told(&world, CaseChanged::NAME).await;
        let task = changed.iter().rev().find_map(|changed| changed.tasks.first()).unwrap();
        assert_eq!(task.typed_by, [person(OFFICER).to_vec()], "{engine}: their queue offers it to them no more");
        assert!(!look(&world, COLLEAGUE, &case).await.kept_off, "{engine}");
        decide(&world, COLLEAGUE, &case, refuse()).await.unwrap();
        Box::pin(world.settle()).await;
        assert_eq!(world.case(APPLICANT, &case).await.outcome, "rejected", "{engine}");
        world.nothing_is_left_behind().await;
    }
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::of_two(database).await;
        let case = reviewed(&world).await;
        assert!(look(&world, OFFICER, &case).await.kept_off, "{engine}");
        assert_eq!(code(decide(&world, OFFICER, &case, refuse()).await), "task.taken-in", "{engine}");
        decide(&world, COLLEAGUE, &case, refuse()).await.unwrap();
    }
}

#[tokio::test]
async fn of_whom_identity_does_not_know_a_case_runs_without_a_word_to_anybody_and_is_in_nobodys_list() {
    let foreigner =
        || Paper { identified: "document".into(), document: "KAZ N12345678".into(), pinfl: String::new(), ..paper() };
    let nobody = || Paper { identified: "ex-officio".into(), reason: "A court ordered it".into(), ..Paper::default() };
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::of_anybody(database).await;
        for (paper, channel, applicant) in [(foreigner(), "paper", "Saidov Aziz"), (nobody(), "ex-officio", "")] {
            let case = take(&world, OFFICER, paper.clone()).await.unwrap().case_id;
            Box::pin(world.fill_in(OFFICER, &case)).await;
            send(&world, OFFICER, &case).await;
            for _ in 0..4 {
                Box::pin(world.settle()).await;
                world.clock.advance(std::time::Duration::from_secs(20));
            }
            let id = CaseId::from_slice(&case).unwrap();
            let mut tx = world.host.database.read().await.unwrap();
            let state = cases::read(&mut tx, &world.host.keys, id).await.unwrap().unwrap().state;
            drop(tx);
            assert_eq!((state.channel.as_str(), state.is_identified()), (channel, false), "{engine}");
            let intent = state.due_payment().unwrap().intent.to_vec();
            world.paid_by(&case, &intent).await;
            Box::pin(world.settle()).await;
            let shown = look(&world, COLLEAGUE, &case).await;
            assert_eq!((shown.applicant.as_str(), shown.reason), (applicant, paper.reason), "{engine}");
            for who in [APPLICANT, CITIZEN, OFFICER] {
                assert_eq!(read(&world, who, &case).await, "case.not-found", "{engine}: {who}");
            }
            assert!(look(&world, OFFICER, &case).await.kept_off && !shown.kept_off, "{engine}");
            assert_eq!(code(decide(&world, OFFICER, &case, refuse()).await), "task.taken-in", "{engine}");
            decide(&world, COLLEAGUE, &case, refuse()).await.unwrap();
            Box::pin(world.settle()).await;
        }
        assert_eq!(world.platform.actions("notify"), 0, "{engine}: nobody is written to");
        for taken in acts(&world, "paper.taken-in").await {
            assert!(taken["applicant"].is_null() && taken["opening"].is_null(), "{engine}: {taken}");
        }
        let mut tx = world.host.database.read().await.unwrap();
        let open = "SELECT COUNT(*) FROM cases WHERE phase <> 'ended'";
        assert_eq!(tx.fetch_one(open, sql::args![]).await.unwrap().int(0).unwrap(), 0, "{engine}");
        drop(tx);
        world.nothing_is_left_behind().await;
    }
}
