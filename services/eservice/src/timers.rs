//! Fires timers when civil time reaches them; each takes effect once, whoever fires it.

use std::{sync::Arc, time::Duration};

use boot::telemetry::{Kind, Work};
use kernel::Failure;
use process::Command;

use crate::{
    execute::{Order, no_answer, own_id},
    host::Host,
    store::timers,
};

/// Between two looks, when there is much to fire.
const PAUSE: Duration = Duration::from_secs(1);
/// A timer that a case refuses is looked at again after this.
const LATER: Duration = Duration::from_secs(60);
const TOGETHER: i64 = 100;

pub fn run(kit: &boot::Kit, host: &Arc<Host>) {
    let (host, shutdown) = (host.clone(), kit.shutdown.clone());
    kit.spawn("timers", move || {
        let (host, shutdown) = (host.clone(), shutdown.clone());
        async move {
            loop {
                tokio::select! {
                    () = shutdown.cancelled() => return Ok(()),
                    () = host.lookout.due(&*host.clock, |seen| seen.timer) => {}
                }
                fire_due(&host).await?;
                host.lookout.look_again();
                tokio::select! {
                    () = shutdown.cancelled() => return Ok(()),
                    () = tokio::time::sleep(PAUSE) => {}
                }
            }
        }
    });
}

/// Fires everything that is due; says how many.
pub async fn fire_due(host: &Host) -> Result<usize, Failure> {
    let mut tx = host.database.quietly().read().await?;
    let due = timers::due(&mut tx, host.now(), TOGETHER).await?;
    drop(tx);
    for due in &due {
        let firing = Work::new(Kind::Internal, crate::ROLE, "timer").run(&*host.random, fire(host, due));
        if let Err(failure) = firing.await {
            tracing::warn!(case = %due.case, ?failure, "a timer waits");
            let mut tx = host.database.begin().await?;
            timers::later(&mut tx, due.timer, host.now().plus(LATER)).await?;
            tx.commit().await?;
        }
    }
    Ok(due.len())
}

/// One that was found to be due; whether it is, the case decides.
pub async fn fire(host: &Host, due: &timers::Due) -> Result<(), Failure> {
    let timer = due.timer;
    let order = Order {
        case_id: due.case,
        // A timer can be set again for later: that is another firing.
        id: own_id("timer", &[timer.as_bytes(), &due.due.micros().to_be_bytes()]),
        request: None,
        opens: None,
        numbered: false,
        acts: Vec::new(),
        command: &|_, _, _| Ok(Command::FireTimer { timer }),
        answer: &no_answer,
        outgoing: Vec::new(),
    };
    host.execute(&order).await?;
    Ok(())
}
