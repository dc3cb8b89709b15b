//! Tasks go back to the queue when the role of whoever has them ends, whether somebody ended it or its last day is over.
//!
//! Identity is asked, and not only listened to: a role that ends by its day is no event, and hosts that share a database each see
//! their own cases only.

use std::{sync::Arc, time::Duration};

use boot::telemetry::{Kind, Work};
use kernel::{ErrorKind, Failure, TaskId, Time};
use process::Command;

use crate::{
    domain::access,
    execute::{Order, act, no_answer, own_id},
    host::Host,
    store::{
        cases,
        claims::{self, Assigned},
    },
};

/// Between two rounds, while any officer has a task: as long as identity's word holds.
const PAUSE: Duration = Duration::from_secs(60);
const TOGETHER: i64 = 256;

pub fn run(kit: &boot::Kit, host: &Arc<Host>) {
    let (host, shutdown) = (host.clone(), kit.shutdown.clone());
    kit.spawn("claims", move || {
        let (host, shutdown) = (host.clone(), shutdown.clone());
        async move {
            loop {
                tokio::select! {
                    () = shutdown.cancelled() => return Ok(()),
                    () = host.lookout.due(&*host.clock, |seen| seen.claims.then(Time::default)) => {}
                }
                if let Err(failure) = give_back(&host).await {
                    tracing::info!(?failure, "whether officers still have their roles is not known");
                }
                tokio::select! {
                    () = shutdown.cancelled() => return Ok(()),
                    () = tokio::time::sleep(PAUSE) => {}
                }
            }
        }
    });
}

/// Gives back whatever somebody has who could not take it now; says how many tasks. Where identity is away nothing is judged.
pub async fn give_back(host: &Host) -> Result<usize, Failure> {
    let (mut given, mut reached) = (0, TaskId::from_bytes([0; 16]));
    loop {
        let mut tx = host.database.quietly().read().await?;
        let found = claims::after(&mut tx, reached, TOGETHER).await?;
        drop(tx);
        let Some(last) = found.last() else { return Ok(given) };
        reached = last.task;
        for assigned in &found {
            if serves(host, assigned).await? {
                continue;
            }
            match Work::new(Kind::Internal, crate::ROLE, "claims").run(&*host.random, release(host, assigned)).await {
                Ok(released) => given += usize::from(released),
                Err(failure) => {
                    let (case, task) = (assigned.case, assigned.task);
                    tracing::warn!(%case, %task, ?failure, "a task stays with an officer whose role ended");
                }
            }
        }
    }
}

async fn serves(host: &Host, assigned: &Assigned) -> Result<bool, Failure> {
    let place = (assigned.agency.as_str(), assigned.role.as_str(), assigned.office.as_deref());
    match host.officer(assigned.officer).await {
        Ok(officer) => Ok(access::serves(&officer, place, host.now())),
        Err(failure) if failure.kind == ErrorKind::NotFound => Ok(false),
        Err(failure) => Err(failure),
    }
}

/// False: they have it no longer.
async fn release(host: &Host, assigned: &Assigned) -> Result<bool, Failure> {
    let (task, officer, now) = (assigned.task, assigned.officer, host.now());
    let mut tx = host.database.read().await?;
    let case = cases::read(&mut tx, &host.keys, assigned.case).await?;
    drop(tx);
    let claim = case.and_then(|case| case.state.tasks.get(&task)?.held(now).copied());
    let Some(claim) = claim.filter(|claim| claim.officer == officer) else { return Ok(false) };
    let mut released = act("task.role-ended", now, None, assigned.case, &assigned.agency);
    released.detail = serde_json::json!({"task": task, "officer": officer}).to_string();
    let order = Order {
        case_id: assigned.case,
        // They may get their role and the task again: that is another claim.
        id: own_id("role-ended", &[task.as_bytes(), officer.as_bytes(), &claim.until.micros().to_be_bytes()]),
        request: None,
        opens: None,
        numbered: false,
        acts: vec![released],
        command: &|_, _, _| Ok(Command::ReleaseTask { task, officer, by: None }),
        answer: &no_answer,
        outgoing: Vec::new(),
    };
    host.execute(&order).await?;
    Ok(true)
}
