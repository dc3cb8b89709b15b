//! Removes files that were sent and that no case has named for a day.

use std::{sync::Arc, time::Duration};

use boot::metrics;
use kernel::Failure;

use crate::host::Host;

/// Between two rounds: what is cut off somewhere all day long is removed together.
const PAUSE: Duration = Duration::from_secs(60);

pub fn run(kit: &boot::Kit, host: &Arc<Host>) {
    // Whoever watches sees the first file that is missing as a rise, too.
    metrics::FILES_MISSING.not_yet(&[]);
    let (host, shutdown) = (host.clone(), kit.shutdown.clone());
    kit.spawn("leftovers", move || {
        let (host, shutdown) = (host.clone(), shutdown.clone());
        async move {
            loop {
                tokio::select! {
                    () = shutdown.cancelled() => return Ok(()),
                    () = host.lookout.due(&*host.clock, |seen| seen.sweep) => {}
                }
                remove(&host).await?;
                host.lookout.look_again();
                tokio::select! {
                    () = shutdown.cancelled() => return Ok(()),
                    () = tokio::time::sleep(PAUSE) => {}
                }
            }
        }
    });
}

/// Says how many files and pieces went.
pub async fn remove(host: &Host) -> Result<(usize, u64), Failure> {
    let mut tx = host.database.begin().await?;
    let removed = files::pieces::sweep(&mut tx, host.now()).await?;
    tx.commit().await?;
    if removed != (0, 0) {
        tracing::info!(files = removed.0, pieces = removed.1, "files that no case names were removed");
    }
    Ok(removed)
}
