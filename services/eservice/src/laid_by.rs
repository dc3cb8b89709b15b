//! Takes the events that other hosts of the database heard about cases of this one's services, in the order of laying, each once.
//!
//! What an event says is asked of its producer: a host that lays by is believed where it stands, and no more.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use boot::telemetry::{Kind, Work};
use kernel::{Failure, Time};

use crate::{
    bus::events::{self, PAYMENTS},
    host::{Host, Reach},
    store::{
        cases,
        laid_by::{self as stored, LaidBy},
    },
};

/// Between two rounds, when there is much to take.
const PAUSE: Duration = Duration::from_secs(1);
/// What could not be taken now is tried again after this.
const LATER: Duration = Duration::from_secs(5);
const TOGETHER: i64 = 64;

/// What came of a round.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Round {
    pub taken: usize,
    pub waiting: usize,
}

pub fn run(kit: &boot::Kit, host: &Arc<Host>) {
    let (host, shutdown) = (host.clone(), kit.shutdown.clone());
    kit.spawn("laid-by", move || {
        let (host, shutdown) = (host.clone(), shutdown.clone());
        async move {
            loop {
                tokio::select! {
                    () = shutdown.cancelled() => return Ok(()),
                    () = host.lookout.due(&*host.clock, |seen| seen.laid_by.then(Time::default)) => {}
                }
                let round = take_all(&host).await?;
                host.lookout.look_again();
                tokio::select! {
                    () = shutdown.cancelled() => return Ok(()),
                    () = tokio::time::sleep(if round.waiting > 0 { LATER } else { PAUSE }) => {}
                }
            }
        }
    });
}

/// Takes whatever waits for this host. An event that cannot be taken now holds up those of its own case only.
pub async fn take_all(host: &Host) -> Result<Round, Failure> {
    let (mut round, mut stuck, mut reached) = (Round::default(), BTreeSet::new(), 0);
    loop {
        let mut tx = host.database.quietly().read().await?;
        let laid = stored::after(&mut tx, PAYMENTS, reached, TOGETHER).await?;
        drop(tx);
        let Some(last) = laid.last() else { return Ok(round) };
        reached = last.number;
        for laid in &laid {
            if stuck.contains(&laid.case) {
                round.waiting += 1;
                continue;
            }
            match take(host, laid).await {
                Ok(taken) => round.taken += usize::from(taken),
                Err(failure) => {
                    tracing::warn!(case = %laid.case, ?failure, "what another host heard about a case waits");
                    stuck.insert(laid.case);
                    round.waiting += 1;
                }
            }
        }
    }
}

/// False: another copy was faster.
async fn take(host: &Host, laid: &LaidBy) -> Result<bool, Failure> {
    let event = host.platform.payment_event(&laid.place).await?;
    let trace = event.as_ref().and_then(|event| event.trace);
    let name = event.as_ref().map_or_else(|| PAYMENTS.to_owned(), |event| format!("{PAYMENTS} {}", event.name));
    let work = Work::new(Kind::Consumer, crate::ROLE, &name).because_of(trace);
    work.run(&*host.random, async {
        make_ready(host, laid).await?;
        let mut tx = host.database.begin().await?;
        if !stored::take(&mut tx, laid).await? {
            return Ok(false);
        }
        match &event {
            Some(event) => events::tell(host, &mut tx, event).await?,
            None => {
                let message = laid.place.message_id;
                tracing::error!(case = %laid.case, %message, "payments does not have an event that was laid by");
            }
        }
        tx.commit().await?;
        Ok(true)
    })
    .await
}

/// What the case stands on is here before the transaction begins: inside of it nobody is asked. What will not be here later either
/// is for the case to judge.
async fn make_ready(host: &Host, laid: &LaidBy) -> Result<(), Failure> {
    let mut tx = host.database.read().await?;
    let case = cases::read(&mut tx, &host.keys, laid.case).await?;
    drop(tx);
    let Some(case) = case else { return Ok(()) };
    match host.service(&case.agency, case.revision, Reach::Platform).await {
        Err(failure) if failure.kind.retry() => Err(failure),
        _ => Ok(()),
    }
}
