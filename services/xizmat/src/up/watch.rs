//! `--watch`: a definition that changes on disk becomes a new revision a moment later.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use boot::{Kit, Stage};

use super::publish::Operator;

const LOOK_EVERY: Duration = Duration::from_secs(1);

pub fn run(kit: &Kit, operator: Operator, folder: PathBuf, stage: Stage) {
    let shutdown = kit.shutdown.clone();
    kit.spawn("watch", move || {
        let (operator, folder, shutdown) = (operator.clone(), folder.clone(), shutdown.clone());
        async move {
            let mut seen = stamps(&folder);
            loop {
                tokio::select! {
                    () = tokio::time::sleep(LOOK_EVERY) => {}
                    () = shutdown.cancelled() => return Ok(()),
                }
                let now = stamps(&folder);
                if now != seen {
                    seen = now;
                    // What did not change is admitted already: the register answers with the same hash.
                    if let Err(failure) = operator.publish(&folder, stage).await {
                        tracing::warn!(?failure, "the change was not published");
                    }
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
