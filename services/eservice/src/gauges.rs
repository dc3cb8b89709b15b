//! Shows an operator what waits: actions by what they ask, and timers whose moment has passed.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use boot::metrics;
use kernel::{Failure, Time};

use crate::{
    host::Host,
    store::{gauges, glance::Glance, waits},
};

const LOOK_EVERY: Duration = Duration::from_secs(15);
/// What is due is done within seconds; later than this it is late.
const LATE: Duration = Duration::from_secs(60);

pub fn run(kit: &boot::Kit, host: &Arc<Host>) {
    let (host, shutdown) = (host.clone(), kit.shutdown.clone());
    kit.spawn("gauges", move || {
        let (host, shutdown) = (host.clone(), shutdown.clone());
        async move {
            loop {
                let waits = look(&host).await?;
                // What was about to be stuck is so by now: the next look is for what comes after it.
                host.lookout.look_again();
                let rest = async {
                    tokio::time::sleep(LOOK_EVERY).await;
                    if !waits {
                        host.lookout.due(&*host.clock, worth_a_look).await;
                    }
                };
                tokio::select! {
                    () = shutdown.cancelled() => return Ok(()),
                    () = rest => {}
                }
            }
        }
    });
}

/// While nothing waits, the figures stay what they are.
fn worth_a_look(seen: &Glance) -> Option<Time> {
    let waits = seen.action.map(|_| Time::default());
    let late = seen.timer.map(|due| due.plus(LATE));
    waits.or(late.into_iter().chain(seen.stuck).min())
}

/// True while anything waits. Counts are far below what a float holds exactly.
pub async fn look(host: &Host) -> Result<bool, Failure> {
    let mut tx = host.database.quietly().read().await?;
    let open = gauges::actions(&mut tx).await?;
    let late = gauges::timers_due(&mut tx, host.now().minus(LATE)).await?;
    let stuck = waits::counts(&mut tx, host.now()).await?;
    drop(tx);
    let stuck: Vec<(&str, f64)> = stuck.iter().map(|(kind, count)| (kind.as_str(), *count as f64)).collect();
    metrics::CASES_STUCK.replace(&stuck);
    let mut by_operation: BTreeMap<&str, f64> = BTreeMap::new();
    for open in &open {
        *by_operation.entry(&open.operation).or_default() += open.count as f64;
    }
    metrics::ACTIONS_OPEN.replace(&by_operation.into_iter().collect::<Vec<_>>());
    let waited = open.iter().filter_map(|open| open.due).map(|due| host.now().since(due)).max().unwrap_or_default();
    metrics::ACTIONS_OVERDUE.set(&[], waited.as_secs_f64().floor());
    metrics::TIMERS_OVERDUE.set(&[], late as f64);
    Ok(late > 0 || !open.is_empty())
}
