//! Notes once, when a host starts, what cases wait for that an older release left waiting: an older one kept no index of it.

use std::sync::Arc;

use kernel::{CaseId, Failure};

use crate::{
    domain::stuck,
    host::Host,
    store::{cases, waits},
};

const TOGETHER: i64 = 100;

pub fn run(kit: &boot::Kit, host: &Arc<Host>) {
    let (host, shutdown) = (host.clone(), kit.shutdown.clone());
    kit.spawn("stuck", move || {
        let (host, shutdown) = (host.clone(), shutdown.clone());
        async move {
            tokio::select! {
                () = shutdown.cancelled() => {}
                noted = note_all(&host) => {
                    noted?;
                }
            }
            Ok(())
        }
    });
}

/// Says of how many cases. A case that moves on meanwhile writes its own.
pub async fn note_all(host: &Host) -> Result<usize, Failure> {
    let (mut noted, mut reached) = (0, CaseId::from_bytes([0; 16]));
    loop {
        let mut tx = host.database.quietly().read().await?;
        let unnoted = waits::unnoted(&mut tx, reached, TOGETHER).await?;
        drop(tx);
        let Some(last) = unnoted.last() else { return Ok(noted) };
        reached = *last;
        for case in unnoted {
            match note(host, case).await {
                Ok(waits) => noted += usize::from(waits),
                Err(failure) => tracing::warn!(%case, ?failure, "what a case waits for is not noted"),
            }
        }
    }
}

async fn note(host: &Host, id: CaseId) -> Result<bool, Failure> {
    let mut tx = host.database.begin().await?;
    let Some(case) = cases::read(&mut tx, &host.keys, id).await? else { return Ok(false) };
    if !waits::stands(&mut tx, &case).await? {
        return Ok(false);
    }
    let watches = stuck::watches(&case.state);
    for watch in watches.values() {
        waits::note(&mut tx, &case, watch).await?;
    }
    tx.commit().await?;
    Ok(!watches.is_empty())
}
