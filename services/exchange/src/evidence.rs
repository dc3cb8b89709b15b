//! What proves which question a registry was asked and what it answered ends with its time, whatever became of the case, unless a legal
//! hold stands on it; that it was asked stays, as the citizen's own record.

use std::{sync::Arc, time::Duration};

use boot::metrics;
use kernel::{Failure, Time};

use crate::{
    Config, Exchange,
    store::{data_use, events},
};

const EVERY: Duration = Duration::from_secs(86_400);
/// As long as a decision that rests on it may still be contested.
const KEPT_DAYS_MIN: u32 = 365;

/// How long it is kept by this configuration.
pub fn kept(config: &Config) -> Result<Duration, Failure> {
    if config.evidence_kept_days < KEPT_DAYS_MIN {
        return Err(Failure::invalid(
            "exchange.evidence-kept",
            "evidence_kept_days is too short: questions are provable for 365 days at least. Write the days that the law gives.",
        ));
    }
    Ok(Duration::from_secs(86_400 * u64::from(config.evidence_kept_days)))
}

pub fn run(kit: &boot::Kit, exchange: &Arc<Exchange>, kept: Duration) {
    let (exchange, shutdown) = (exchange.clone(), kit.shutdown.clone());
    metrics::ERASED.not_yet(&["evidence"]);
    kit.spawn("evidence", move || {
        let (exchange, shutdown) = (exchange.clone(), shutdown.clone());
        async move {
            loop {
                end_due(&exchange, exchange.clock.now().minus(kept)).await?;
                forget_events(&exchange).await?;
                tokio::select! {
                    () = shutdown.cancelled() => return Ok(()),
                    () = exchange.clock.sleep_until(exchange.clock.now().plus(EVERY)) => {}
                }
            }
        }
    });
}

/// What an event said about somebody does not wait for ever for a host that does not come; that it was announced stays.
async fn forget_events(exchange: &Exchange) -> Result<(), Failure> {
    let mut tx = exchange.database.quietly().begin().await?;
    let forgotten = events::forget(&mut tx, exchange.clock.now().minus(events::KEPT)).await?;
    tx.commit().await?;
    if forgotten > 0 {
        tracing::info!(forgotten, "what events said is no longer kept: their time is over");
    }
    Ok(())
}

/// Ends what is older.
async fn end_due(exchange: &Exchange, before: Time) -> Result<(), Failure> {
    let mut ended = 0;
    loop {
        let mut tx = exchange.database.quietly().read().await?;
        let over = data_use::over(&mut tx, before, exchange.clock.now()).await?;
        drop(tx);
        if over.is_empty() {
            break;
        }
        let mut tx = exchange.database.begin().await?;
        data_use::end(&mut tx, &over).await?;
        tx.commit().await?;
        ended += over.len();
    }
    if ended > 0 {
        tracing::info!(ended, "questions to registries can no longer be proved: their time is over");
        metrics::ERASED.add(&["evidence"], u32::try_from(ended).unwrap_or(u32::MAX));
    }
    Ok(())
}
