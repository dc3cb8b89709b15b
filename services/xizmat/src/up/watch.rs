//! A definition that changes on disk becomes a new revision a moment later (`--watch`), and one that waited is published once it is
//! approved.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use boot::{Kit, Stage};

use super::publish::{Operator, Telling};

const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Between two looks whether what waits was approved: each judges every definition anew.
const LOOKS_OF_APPROVAL: u32 = 5;

/// What is followed.
pub struct Followed {
    pub folder: PathBuf,
    pub stage: Stage,
    /// Whether changes on disk are published.
    pub watch: bool,
    /// Whether something waited for approval when it was published last.
    pub waits: bool,
}

pub fn run(kit: &Kit, operator: Operator, followed: Followed) {
    let Followed { folder, stage, watch, waits } = followed;
    let shutdown = kit.shutdown.clone();
    kit.spawn("watch", move || {
        let (operator, folder, shutdown) = (operator.clone(), folder.clone(), shutdown.clone());
        async move {
            let mut seen = stamps(&folder);
            let (mut waits, mut looks) = (waits, 0);
            loop {
                tokio::select! {
                    () = tokio::time::sleep(LOOK_EVERY) => {}
                    () = shutdown.cancelled() => return Ok(()),
                }
                let now = if watch { stamps(&folder) } else { seen.clone() };
                looks += 1;
                let telling = if now != seen {
                    Telling::Everything
                } else if waits && looks >= LOOKS_OF_APPROVAL {
                    Telling::Nothing
                } else {
                    continue;
                };
                (seen, looks) = (now, 0);
                // What did not change is admitted already: the register answers with the same hash.
                match operator.publish(&folder, stage, telling).await {
                    Ok(still) => waits = still,
                    Err(failure) => tracing::warn!(?failure, "the change was not published"),
                }
            }
        }
    });
}

fn stamps(folder: &Path) -> BTreeMap<PathBuf, Option<SystemTime>> {
    let mut found = BTreeMap::new();
    let Ok(entries) = std::fs::read_dir(folder) else { return found };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.append(&mut stamps(&path));
        } else {
            found.insert(path, entry.metadata().ok().and_then(|metadata| metadata.modified().ok()));
        }
    }
    found
}
