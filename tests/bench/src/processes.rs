//! The running platform: its resident memory idle and under load, and how long it takes to be ready.

use std::{
    collections::BTreeMap,
    fs,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use tests::platform::Platform;

use crate::{Outcome, assertions, figure::Table, pages};

const PROGRAM: &str = "xizmat";
const LOOK_EVERY: Duration = Duration::from_millis(100);
const REST: Duration = Duration::from_secs(5);
const MIB: f64 = 1024.0;

/// Pages and assertions, and the most memory that was resident meanwhile.
pub async fn under_load(table: &mut Table, lasting: Duration) -> Outcome {
    let mut platform = Platform::start().await;
    tokio::time::sleep(REST).await;
    let idle = resident()?;
    let over = Arc::new(AtomicBool::new(false));
    let most = tokio::spawn(peak(over.clone()));
    pages::measure(table, &platform, lasting).await?;
    assertions::measure(table, &platform, lasting).await?;
    over.store(true, Ordering::SeqCst);
    let loaded = most.await??;
    table.tell("resident memory idle, all processes", idle, "MiB");
    table.tell("resident memory under load, all processes", loaded, "MiB");
    platform.stop().await;
    Ok(())
}

/// From an empty folder to ready, and again over what is there.
pub async fn starts(table: &mut Table) -> Outcome {
    let mut platform = Platform::start().await;
    platform.stop().await;
    // The counterparts run on: only the platform begins with nothing.
    fs::remove_dir_all(platform.data())?;
    let begun = Instant::now();
    platform.start_again().await;
    table.tell("cold start (empty folder to ready)", begun.elapsed().as_secs_f64(), "s");
    platform.stop().await;
    let begun = Instant::now();
    platform.start_again().await;
    table.tell("warm start", begun.elapsed().as_secs_f64(), "s");
    platform.stop().await;
    Ok(())
}

async fn peak(over: Arc<AtomicBool>) -> Outcome<f64> {
    let mut most = 0.0_f64;
    while !over.load(Ordering::SeqCst) {
        most = most.max(resident()?);
        tokio::time::sleep(LOOK_EVERY).await;
    }
    Ok(most)
}

/// MiB resident in the platform we started and everything it started: its NATS server, its sealing process, its workers.
/// A page that several of them share counts for each.
pub fn resident() -> Outcome<f64> {
    let mut all = BTreeMap::new();
    for entry in fs::read_dir("/proc")? {
        let Some(pid) = entry?.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else { continue };
        // It may have ended since the folder was listed.
        let Ok(status) = fs::read_to_string(format!("/proc/{pid}/status")) else { continue };
        let of = |key: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(key))?;
            line.split_whitespace().next().map(str::to_owned)
        };
        let parent = of("PPid:").and_then(|parent| parent.parse::<u32>().ok()).unwrap_or_default();
        let kib = of("VmRSS:").and_then(|kib| kib.parse::<u32>().ok()).unwrap_or_default();
        all.insert(pid, (parent, of("Name:").unwrap_or_default(), kib));
    }
    let us = std::process::id();
    let ours = |mut pid: u32| loop {
        match all.get(&pid) {
            Some((parent, name, _)) if *parent == us => return name == PROGRAM,
            Some((parent, ..)) => pid = *parent,
            None => return false,
        }
    };
    let kib: f64 = all.iter().filter(|(pid, _)| ours(**pid)).map(|(_, (.., kib))| f64::from(*kib)).sum();
    Ok(kib / MIB)
}
