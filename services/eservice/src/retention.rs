//! Destroys the keys of cases whose retention is over, or whose erasure was ordered: once, in one transaction, with its record.

use std::{sync::Arc, time::Duration};

use boot::{
    metrics,
    telemetry::{Kind, Work},
};
use kernel::{CaseId, Failure, Hash, MessageId, Time};
use process::case::Phase;
use prost::Message;
use proto::{CaseRef, Event as _, eservice::v1::CaseErased};
use sql::{Tx, outbox::Outgoing};

use crate::{
    domain::retention,
    execute::act,
    host::{Host, Reach},
    store::{
        cases::{self, Case},
        retention as stored,
    },
};

/// Between two looks, when there is much to erase.
const PAUSE: Duration = Duration::from_secs(2);
/// A case with something left to do is looked at again after this, in civil time; one whose messages leave just now, soon.
const LATER: Duration = Duration::from_secs(3600);
const SOON: Duration = Duration::from_secs(10);
const TOGETHER: i64 = 50;

pub fn run(kit: &boot::Kit, host: &Arc<Host>) {
    let (host, shutdown) = (host.clone(), kit.shutdown.clone());
    metrics::ERASED.not_yet(&["case"]);
    kit.spawn("retention", move || {
        let (host, shutdown) = (host.clone(), shutdown.clone());
        async move {
            loop {
                tokio::select! {
                    () = shutdown.cancelled() => return Ok(()),
                    () = host.lookout.due(&*host.clock, |seen| seen.erasure) => {}
                }
                erase_due(&host).await?;
                host.lookout.look_again();
                tokio::select! {
                    () = shutdown.cancelled() => return Ok(()),
                    () = tokio::time::sleep(PAUSE) => {}
                }
            }
        }
    });
}

/// Erases every case that is due; says how many.
pub async fn erase_due(host: &Host) -> Result<usize, Failure> {
    let mut tx = host.database.quietly().read().await?;
    let due = stored::due(&mut tx, host.now(), TOGETHER).await?;
    drop(tx);
    let mut erased = 0;
    for case in due {
        match Work::new(Kind::Internal, crate::ROLE, "retention").run(&*host.random, erase(host, case)).await {
            Ok(true) => erased += 1,
            Ok(false) => {}
            Err(failure) => {
                tracing::warn!(%case, ?failure, "a case whose retention is over is kept for now");
                postpone(host, case).await?;
            }
        }
    }
    Ok(erased)
}

async fn postpone(host: &Host, case: CaseId) -> Result<(), Failure> {
    let mut tx = host.database.begin().await?;
    stored::later(&mut tx, case, host.now().plus(LATER), "failed").await?;
    Ok(tx.commit().await?)
}

/// False: something is still to be done, or somebody was faster.
async fn erase(host: &Host, id: CaseId) -> Result<bool, Failure> {
    let mut tx = host.database.read().await?;
    let case = cases::read(&mut tx, &host.keys, id).await?;
    drop(tx);
    let Some(case) = case else { return Ok(false) };
    let service = host.service(&case.agency, case.revision, Reach::Platform).await?;
    let now = host.now();
    let mut tx = host.database.begin().await?;
    if let Some((waits, pause)) = obstacle(&mut tx, &case, now).await? {
        tracing::info!(case = %id, waits, "a case is not erased before all is done");
        stored::later(&mut tx, id, now.plus(pause), waits).await?;
        tx.commit().await?;
        return Ok(false);
    }
    let ordered = stored::ordered(&mut tx, id).await?;
    let cause = match (&ordered, case.state.phase) {
        (Some(_), _) => "order",
        (None, Phase::Discarded) => "discarded",
        (None, _) => "retention",
    };
    let under = ordered.unwrap_or_else(|| retention::basis(service.definition()));
    let actions = stored::actions(&mut tx, id).await?;
    let mark = retention::mark(host.keys.lookup(), id, case.applicant);
    if !stored::destroy(&mut tx, &case, now, &under, mark).await? {
        return Ok(false);
    }
    sql::outbox::enqueue(&mut tx, &told(host, &case, actions)).await?;
    let mut destroyed = act("case.key-destroyed", now, None, id, &case.agency);
    destroyed.detail = serde_json::json!({
        "cause": cause, "number": case.state.number, "ended": case.state.ended, "under": under,
    })
    .to_string();
    sql::audit::append(&mut tx, &destroyed).await?;
    tx.commit().await?;
    tracing::info!(case = %id, cause, "a case was erased");
    metrics::ERASED.count(&["case"]);
    Ok(true)
}

/// What stands in the way, and when to look again.
async fn obstacle(tx: &mut Tx, case: &Case, now: Time) -> Result<Option<(&'static str, Duration)>, Failure> {
    if let Some(waits) = retention::obstacle(&case.state, now) {
        return Ok(Some((waits, LATER)));
    }
    // Whoever appeals still needs what was decided.
    if stored::is_continued(tx, case.id).await? {
        return Ok(Some(("continued", LATER)));
    }
    Ok(stored::is_busy(tx, case.id).await?.then_some(("unsent", SOON)))
}

/// Tells everybody who keeps something of the case.
fn told(host: &Host, case: &Case, actions: Vec<Vec<u8>>) -> Outgoing {
    let version = case.version + 1;
    let event = CaseErased {
        case: Some(CaseRef {
            case_id: case.id.to_vec(),
            agency: case.agency.clone(),
            service: case.service.clone(),
            revision: case.revision.to_vec(),
        }),
        version,
        erased_us: host.now().micros(),
        actions,
    };
    Outgoing {
        message_id: event_id(case.id, host.era()),
        name: CaseErased::NAME.to_owned(),
        agency: case.agency.clone(),
        case: Some((case.id, version)),
        time: host.now(),
        body: event.encode_to_vec(),
    }
}

/// After a restore it is another event: who remembers that of the life that was lost may keep something of the case anew.
fn event_id(case: CaseId, era: i64) -> MessageId {
    let life = era.to_be_bytes();
    let mut parts = vec![b"case-erased".as_slice(), case.as_bytes().as_slice()];
    parts.extend((era != 0).then_some(life.as_slice()));
    MessageId::derived(Hash::of_parts(&parts))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_erasure_after_a_restore_is_told_to_whoever_heard_of_one_before() {
        let (case, other) = (CaseId::from_bytes([1; 16]), CaseId::from_bytes([2; 16]));
        assert_eq!(event_id(case, 3), event_id(case, 3), "told twice it is one");
        for another in [event_id(case, 0), event_id(case, 4), event_id(other, 3)] {
            assert_ne!(event_id(case, 3), another);
        }
        let before = MessageId::derived(Hash::of_parts(&[b"case-erased", case.as_bytes()]));
        assert_eq!(event_id(case, 0), before, "without a restore it is what it always was");
    }
}
