//! What payments does by itself as time passes: lapses, refunds, enquiries, the search for money without a service, the end of a day.

mod closing;
mod endings;
mod enquiry;
mod expiry;
mod instructions;
mod refunds;
mod restored;
mod suspense;

use std::time::Duration;

use kernel::Failure;
use tokio_util::sync::CancellationToken;

use crate::bus::Office;

const ROUND: Duration = Duration::from_secs(1);
/// Rows that one round takes up of each kind.
const BATCH: i64 = 64;
/// When to look again after no answer, or an answer that decides nothing.
const AGAIN: Duration = Duration::from_secs(60);

pub async fn run(office: Office, shutdown: CancellationToken) -> Result<(), Failure> {
    while !shutdown.is_cancelled() {
        round(&office).await?;
        let next = office.desk.now().plus(ROUND);
        tokio::select! {
            () = office.desk.clock.sleep_until(next) => {}
            () = shutdown.cancelled() => {}
        }
    }
    Ok(())
}

/// One look at everything that is due. What fails is tried again in a later round and holds up nothing else.
pub async fn round(office: &Office) -> Result<(), Failure> {
    closing::round(office).await?;
    expiry::round(office).await?;
    suspense::round(office).await?;
    instructions::round(office).await?;
    refunds::round(office).await?;
    enquiry::round(office).await?;
    restored::round(office).await?;
    endings::round(office).await
}

/// One item's failure is written down and does not stop the others.
fn note(what: &'static str, outcome: Result<(), Failure>) {
    if let Err(failure) = outcome {
        tracing::warn!(what, code = %failure.code, ?failure, "it will be tried again");
    }
}

#[cfg(test)]
mod tests;
