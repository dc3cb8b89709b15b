//! Five-step cases a second through the e-service host itself: its operations, store, process and performer of actions.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};

use boot::{Kit, Stage};
use bus::{Assurance, Call, Person};
use eservice::{
    Host, Keys,
    bus::{answers, draft, page, submit},
};
use kernel::{CommandId, Hash, MessageId, PersonId};
use proto::eservice::v1::{OpenDraftRequest, ReadCaseRequest, ReadPageRequest, SavePageRequest, SubmitRequest, Value};
use sql::{Database, Settings, args};
use tokio::{sync::Semaphore, task::JoinSet};

use crate::{
    Outcome,
    figure::Table,
    floor,
    neighbours::{AGENCY, Neighbours, SERVICE},
};

const CONCURRENCY: [usize; 3] = [1, 32, 256];
/// How often ended cases are counted when nothing is heard of a commit.
const LOOK_EVERY: Duration = Duration::from_millis(5);
/// How much longer than said two generations of cases may take.
const PATIENCE: Duration = Duration::from_secs(60);

pub async fn measure(table: &mut Table, lasting: Duration) -> Outcome {
    for at_once in CONCURRENCY {
        for (engine, settings) in testkit::stores() {
            // Databases of their own: neither finds the other's pages in a cache.
            let (_, bare) = testkit::stores().into_iter().find(|(name, _)| *name == engine).ok_or("no such engine")?;
            let floor = floor::commits(&bare, at_once, lasting).await?;
            let cases = cases(&settings, at_once, lasting).await?;
            let name = format!("five-step cases, {engine}, {at_once} at once");
            table.beside(name, cases, "cases/s", ("single-row commits/s", floor));
        }
    }
    Ok(())
}

/// Ended cases a second while never more than `at_once` are under way.
async fn cases(settings: &Settings, at_once: usize, lasting: Duration) -> Outcome<f64> {
    let kit = Kit::system(Stage::Trial);
    let host = host(settings, &kit).await?;
    eservice::perform_actions(&kit, &host, eservice::Config::default().actions_at_once);
    let places = Arc::new(Semaphore::new(at_once));
    let sent = Arc::new(AtomicI64::new(0));
    let mut applicants: JoinSet<Outcome> = JoinSet::new();
    for _ in 0..at_once {
        let (host, places, sent) = (host.clone(), places.clone(), sent.clone());
        applicants.spawn(async move {
            loop {
                // Given back by whoever sees the case end.
                places.acquire().await?.forget();
                apply(&host).await?;
                sent.fetch_add(1, Ordering::SeqCst);
            }
        });
    }
    let outcome = tokio::select! {
        rate = watch(&host, &places, &sent, at_once, lasting) => rate,
        failure = first_failure(&mut applicants) => failure,
    };
    applicants.shutdown().await;
    kit.stop(Duration::from_secs(10)).await;
    host.database.close().await;
    outcome
}

/// Applicants go on until they are told to stop, so the first that ends tells what is wrong.
async fn first_failure(applicants: &mut JoinSet<Outcome>) -> Outcome<f64> {
    match applicants.join_next().await {
        Some(Ok(Err(error))) => Err(error),
        Some(Err(error)) => Err(error.into()),
        Some(Ok(Ok(()))) | None => Err("nobody applies any more".into()),
    }
}

/// Counts ended cases and lets as many new ones begin. The first generation warms up; at least one more is measured,
/// because cases that began together also end together.
async fn watch(host: &Host, places: &Semaphore, sent: &AtomicI64, at_once: usize, lasting: Duration) -> Outcome<f64> {
    let mut commits = host.database.commits();
    let generation = i64::try_from(at_once)?;
    let (mut ended, mut counted) = (0, None);
    let begun = Instant::now();
    while begun.elapsed() < lasting + PATIENCE {
        let _ = tokio::time::timeout(LOOK_EVERY, commits.changed()).await;
        let sent = sent.load(Ordering::SeqCst);
        // A case under way waits for exactly one action, and its next one is written with the same commit.
        let mut tx = host.database.read().await?;
        let open = tx.fetch_one("SELECT COUNT(*) FROM case_actions WHERE state = 'waiting'", args![]).await?.int(0)?;
        drop(tx);
        let now = ended.max(sent - open);
        places.add_permits(usize::try_from(now - ended)?);
        ended = now;
        if ended < generation {
            continue;
        }
        let (since, before) = *counted.get_or_insert_with(|| (Instant::now(), ended));
        if since.elapsed() >= lasting && ended - before >= generation {
            return Ok(f64::from(u32::try_from(ended - before)?) / since.elapsed().as_secs_f64());
        }
    }
    let sent = sent.load(Ordering::SeqCst);
    Err(format!("{sent} cases were sent and {ended} ended: too few to measure").into())
}

async fn host(settings: &Settings, kit: &Kit) -> Outcome<Arc<Host>> {
    let database = Database::open(settings, eservice::store::MIGRATIONS).await?;
    let keys = Keys::open(testkit::folder().join("agency-keys"), [7; 32], true, kit.random.clone());
    let platform = Arc::new(Neighbours::new()?);
    let host = Arc::new(Host::new(database, kit.clock.clone(), kit.random.clone(), platform, keys));
    eservice::look_out(kit, &host, Duration::from_secs(60), None);
    eservice::keep_revisions(kit, &host);
    for _ in 0..1000 {
        if host.in_force(AGENCY, SERVICE, PersonId::new(&*kit.clock, &*kit.random)).await?.is_some() {
            return Ok(host);
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    Err("the host did not learn the service".into())
}

/// One citizen opens a draft, answers its only page, checks the answer and sends it.
async fn apply(host: &Arc<Host>) -> Outcome {
    let person = PersonId::new(&*host.clock, &*host.random);
    let opening = OpenDraftRequest {
        agency: AGENCY.into(),
        service: SERVICE.into(),
        language: "en".into(),
        reuse: false,
        ..OpenDraftRequest::default()
    };
    let case_id = draft::open(host.clone(), call(host, person, opening)).await?.case_id;
    let reading = ReadPageRequest { case_id: case_id.clone(), page: "subject".into(), language: "en".into() };
    let shown = page::read(host.clone(), call(host, person, reading)).await?;
    let saving = SavePageRequest {
        case_id: case_id.clone(),
        page: "subject".into(),
        language: "en".into(),
        values: vec![Value { at: "subject".into(), text: "A bench".into() }],
        disputed: Vec::new(),
        shown_hash: shown.shown_hash,
    };
    page::save(host.clone(), call(host, person, saving)).await?;
    let reading = ReadCaseRequest { case_id: case_id.clone(), language: "en".into() };
    let shown = answers::read(host.clone(), call(host, person, reading)).await?;
    let sending = SubmitRequest {
        case_id,
        version: shown.version,
        shown_hash: shown.shown_hash,
        language: "en".into(),
        ..SubmitRequest::default()
    };
    submit::submit(host.clone(), call(host, person, sending)).await?;
    Ok(())
}

/// A call as the bus hands it over, after it verified caller, signature and person.
fn call<Q>(host: &Host, person: PersonId, request: Q) -> Call<Q> {
    let now = host.now();
    let command_id = CommandId::new(&*host.clock, &*host.random);
    Call {
        // Each command has an id of its own, so nothing here is told apart by its body.
        body_hash: Hash::of(command_id.as_bytes()),
        request,
        agency: AGENCY.into(),
        service: None,
        caller: "portal".into(),
        speaks_for: None,
        message_id: MessageId::new(&*host.clock, &*host.random),
        time: now,
        deadline: now.plus(Duration::from_secs(5)),
        person: Some(Person {
            id: person,
            actor: person,
            mandate: None,
            assurance: Assurance::Substantial,
            authenticated: now,
            command_id,
            officer: false,
        }),
    }
}
