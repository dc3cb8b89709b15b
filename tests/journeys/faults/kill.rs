//! `kill -9` at any moment under load: what was acknowledged is there and runs on, and nothing happens twice.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use futures::future::join_all;
use kernel::{CaseId, Random, SeededRandom};
use tests::{
    citizen::{Citizen, Outcome},
    officer::Officer,
    patience::Patience,
    platform::Platform,
    processes,
    traces::Traces,
};

pub(super) const PEOPLE: [&str; 3] = ["dilnoza", "botir", "aygul"];

/// What all of them know together.
#[derive(Default)]
pub(super) struct Load {
    /// Acknowledged, with who applied.
    pub(super) submitted: Mutex<Vec<(CaseId, &'static str)>>,
    pub(super) ended: AtomicBool,
}

impl Load {
    fn ended(&self) -> bool {
        self.ended.load(Ordering::SeqCst)
    }

    fn of(&self, person: &str) -> Vec<CaseId> {
        let submitted = self.submitted.lock().expect("nobody panics with it");
        submitted.iter().filter(|(_, of)| *of == person).map(|(case, _)| *case).collect()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kill_nine_under_load_loses_nothing_and_does_nothing_twice() {
    let rounds = number("XIZMAT_CHAOS_ROUNDS").unwrap_or(10);
    let seed = number("XIZMAT_CHAOS_SEED").unwrap_or_else(now);
    println!("seed {seed}, {rounds} rounds (XIZMAT_CHAOS_SEED, XIZMAT_CHAOS_ROUNDS)");
    let random = SeededRandom::new(seed);
    let mut platform = Platform::start().await;
    let load = Arc::new(Load::default());
    let mut applying = Vec::new();
    for person in PEOPLE {
        let citizen = Citizen::sign_in(&platform, person, "en").await;
        applying.push(tokio::spawn(apply_and_pay(citizen, person, load.clone())));
    }
    let mut deciding = Vec::new();
    for login in ["registrar-tashkent", "registrar-nukus"] {
        let officer = Officer::of(&platform, login).await;
        deciding.push(tokio::spawn(decide(officer, load.clone())));
    }
    let mut slowest = Duration::ZERO;
    for round in 1..=rounds {
        tokio::time::sleep(between(&random, 300, 2_500)).await;
        let children = processes::children(&platform.data());
        assert!(children.iter().any(processes::Process::is_nats), "round {round}: {children:?}");
        assert!(children.iter().any(processes::Process::is_sealing), "round {round}: {children:?}");
        platform.kill().await;
        let begun = Instant::now();
        platform.start_again().await;
        slowest = slowest.max(begun.elapsed());
        processes::end(&children).await;
        is_ready(&platform).await;
    }
    load.ended.store(true, Ordering::SeqCst);
    let citizens = join_all(applying).await.into_iter().collect::<Result<Vec<_>, _>>();
    let mut citizens = citizens.expect("no citizen met a page that makes no sense");
    let officers = join_all(deciding).await.into_iter().collect::<Result<Vec<_>, _>>();
    let mut officers = officers.expect("no officer met a page that makes no sense");
    let submitted = load.submitted.lock().expect("nobody panics with it").clone();
    println!("{} acknowledged, slowest start {slowest:?}", submitted.len());
    assert!(submitted.len() as u64 >= rounds / 2, "there was hardly any load: {}", submitted.len());
    everything_runs_on(&platform, &submitted, &mut citizens, &mut officers).await;
    let traces = Traces::of(&platform);
    traces.outboxes_drain().await;
    traces.nothing_twice().await;
    debits_are_captures(&platform, &traces).await;
}

pub(super) async fn apply_and_pay(
    mut citizen: Citizen,
    person: &'static str,
    load: Arc<Load>,
) -> (&'static str, Citizen) {
    citizen.visitor.patient = true;
    while !load.ended() {
        match citizen.try_apply().await {
            Outcome::Submitted(case) => load.submitted.lock().expect("nobody panics with it").push((case, person)),
            Outcome::Cut(why) => {
                println!("{person} came no further: {why}");
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
        }
        if let Some(last) = load.of(person).last() {
            citizen.try_pay(*last).await;
        }
    }
    (person, citizen)
}

pub(super) async fn decide(mut officer: Officer, load: Arc<Load>) -> Officer {
    while !load.ended() {
        if officer.approve_all().await == 0 {
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
    }
    officer
}

/// Each acknowledged application is paid and decided, whatever happened to it meanwhile.
pub(super) async fn everything_runs_on(
    platform: &Platform,
    submitted: &[(CaseId, &'static str)],
    people: &mut [(&'static str, Citizen)],
    officers: &mut [Officer],
) {
    let traces = Traces::of(platform);
    for (case, _) in submitted {
        let phase = traces.phase(*case).await;
        assert!(phase.as_ref().is_some_and(|phase| phase != "draft"), "{case} was acknowledged and is {phase:?}");
    }
    let mut patience = Patience::default();
    loop {
        let mut open = Vec::new();
        for (case, person) in submitted {
            if traces.outcome(*case).await.is_empty() {
                open.push((*case, *person));
            }
        }
        if open.is_empty() {
            break;
        }
        let still = !patience.lasts_while(traces.moved().await);
        assert!(!still, "{} of {} stand still: {open:?}", open.len(), submitted.len());
        for (case, person) in &open {
            let (_, citizen) = people.iter_mut().find(|(of, _)| of == person).expect("they applied");
            citizen.try_pay(*case).await;
        }
        for officer in &mut *officers {
            officer.approve_all().await;
        }
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    for (case, _) in submitted {
        assert_eq!(traces.outcome(*case).await, "granted", "{case}");
    }
}

/// Whoever was debited by the provider has a captured intent, and nobody was debited twice for one.
async fn debits_are_captures(platform: &Platform, traces: &Traces) {
    let told = platform.ask("payme/control").await;
    let receipts = told["receipts"].as_array().expect("the counterpart lists its receipts");
    // Payme's states: 4 is paid.
    let debited = receipts.iter().filter(|receipt| receipt["state"] == 4).count();
    let captured = traces.total("payments", "SELECT count(*) FROM intent WHERE captured_us > 0").await;
    assert_eq!(i64::try_from(debited).ok(), Some(captured), "debited by the provider, captured here");
}

/// What it was when it said so; a connection to the bus that breaks afterwards is made again by itself.
async fn is_ready(platform: &Platform) {
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let url = format!("{}/readyz", platform.ready.health);
    let patience = Patience::default();
    loop {
        let answer = client.get(&url).send().await.unwrap_or_else(|error| panic!("{url}: {error}"));
        let status = answer.status();
        if status.is_success() {
            return;
        }
        let why = answer.text().await.unwrap_or_default();
        println!("{status}: {why}");
        assert!(patience.lasts(), "{url}: {status}: {why}\n{}", platform.log());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

fn between(random: &SeededRandom, least: u64, most: u64) -> Duration {
    let mut bytes = [0; 8];
    random.fill(&mut bytes);
    Duration::from_millis(least + u64::from_be_bytes(bytes) % (most - least))
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

fn now() -> u64 {
    boot::Kit::system(boot::Stage::Trial).clock.now().micros().unsigned_abs()
}
