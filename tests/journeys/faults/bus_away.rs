//! The bus is gone for a while and comes back without its storage: cases wait and go on, nothing is lost or skipped.

use std::time::{Duration, Instant};

use kernel::CaseId;
use tests::{
    citizen::{Citizen, Outcome},
    officer::Officer,
    patience::Patience,
    platform::Platform,
    processes::{self, Process},
    traces::Traces,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bus_that_is_gone_and_comes_back_empty_loses_nothing() {
    let seconds = if std::env::var_os("XIZMAT_CHAOS_ROUNDS").is_some() { 60 } else { 10 };
    let platform = Platform::start().await;
    let data = platform.data();
    let traces = Traces::of(&platform);
    let mut citizen = Citizen::sign_in(&platform, "dilnoza", "en").await;
    let mut officer = Officer::of(&platform, "registrar-tashkent").await;
    let mut cases = Vec::new();
    for _ in 0..4 {
        let Outcome::Submitted(case) = citizen.try_apply().await else { panic!("nothing was broken yet") };
        cases.push(case);
    }
    // One of them is already with the officer; the others wait for payment while the bus is away.
    pay(&mut citizen, cases[0]).await;
    let away = tokio::spawn(keep_away(data.clone(), Duration::from_secs(seconds)));
    let waiting = tokio::spawn(async move {
        let outcome = citizen.try_apply().await;
        (citizen, outcome)
    });
    away.await.expect("the bus was away");
    let (mut citizen, outcome) = waiting.await.expect("the citizen met no page that makes no sense");
    if let Outcome::Submitted(case) = outcome {
        cases.push(case);
    }
    let mut patience = Patience::default();
    loop {
        let mut open = Vec::new();
        for case in &cases {
            if traces.outcome(*case).await.is_empty() {
                open.push(*case);
            }
        }
        if open.is_empty() {
            break;
        }
        assert!(patience.lasts_while(traces.moved().await), "these stand still: {open:?}\n{}", platform.log());
        for case in open {
            citizen.try_pay(case).await;
        }
        officer.approve_all().await;
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    traces.outboxes_drain().await;
    traces.nothing_twice().await;
    assert!(platform.log().contains("the NATS server ended by itself; it is started again"), "{}", platform.log());
}

async fn pay(citizen: &mut Citizen, case: CaseId) {
    let patience = Patience::default();
    while patience.lasts() {
        if citizen.try_pay(case).await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    panic!("{case} could not be paid");
}

/// Kills the server whenever it is there; before its last start its streams are gone.
async fn keep_away(data: std::path::PathBuf, time: Duration) {
    let until = Instant::now() + time;
    while Instant::now() < until {
        processes::children(&data).iter().filter(|process| process.is_nats()).for_each(Process::kill);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    processes::children(&data).iter().filter(|process| process.is_nats()).for_each(Process::kill);
    let storage = data.join("nats/jetstream");
    std::fs::remove_dir_all(&storage).unwrap_or_else(|error| panic!("{}: {error}", storage.display()));
}
