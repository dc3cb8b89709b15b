//! Looks at a platform that stands elsewhere, as `tests/cluster/long` raises one in pods: `XIZMAT_STANDING` names its folder.

mod restored;
mod returned;

use std::{
    io::Write,
    path::PathBuf,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use futures::future::join_all;
use tests::{citizen::Citizen, officer::Officer, patience::Patience, platform::Platform, traces::Traces};

use super::kill::{Load, PEOPLE, apply_and_pay, decide, everything_runs_on};

const LOOK: Duration = Duration::from_millis(100);

fn folder() -> PathBuf {
    std::env::var_os("XIZMAT_STANDING").expect("XIZMAT_STANDING names the folder of a platform that stands").into()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "for a platform that tests/cluster/long raises"]
async fn everything_has_come_to_rest() {
    let platform = Platform::standing(&folder());
    let traces = Traces::of(&platform);
    let cases = traces.sent().await;
    assert!(!cases.is_empty(), "nobody applied");
    for case in &cases {
        let mut patience = Patience::default();
        while traces.outcome(*case).await.is_empty() && patience.lasts_while(traces.moved().await) {
            tokio::time::sleep(LOOK).await;
        }
        let outcome = traces.outcome(*case).await;
        assert!(!outcome.is_empty(), "{case} is stuck");
        traces.nothing_is_left(*case, &outcome).await;
    }
    traces.outboxes_drain().await;
    traces.nothing_twice().await;
    println!("{} cases have ended and leave nothing open", cases.len());
}

/// Until a file `stop` is there; each acknowledged application is a line of `acknowledged` at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "for a platform that tests/cluster/long raises"]
async fn nothing_is_lost_and_nothing_happens_twice() {
    let folder = folder();
    let platform = Platform::standing(&folder);
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
    let mut told = std::fs::File::create(folder.join("acknowledged")).expect("the folder can be written");
    let mut known = 0;
    while !folder.join("stop").exists() {
        let submitted = load.submitted.lock().expect("nobody panics with it").clone();
        for (case, _) in &submitted[known..] {
            writeln!(told, "{case}").expect("the folder can be written");
        }
        known = submitted.len();
        tokio::time::sleep(LOOK).await;
    }
    load.ended.store(true, Ordering::SeqCst);
    let citizens = join_all(applying).await.into_iter().collect::<Result<Vec<_>, _>>();
    let mut citizens = citizens.expect("no citizen met a page that makes no sense");
    let officers = join_all(deciding).await.into_iter().collect::<Result<Vec<_>, _>>();
    let mut officers = officers.expect("no officer met a page that makes no sense");
    let submitted = load.submitted.lock().expect("nobody panics with it").clone();
    everything_runs_on(&platform, &submitted, &mut citizens, &mut officers).await;
    let traces = Traces::of(&platform);
    traces.outboxes_drain().await;
    traces.nothing_twice().await;
    println!("{} were acknowledged, granted and paid, each once", submitted.len());
}
