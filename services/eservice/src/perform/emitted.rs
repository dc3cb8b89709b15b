//! Brings an event that a step emitted to the agency's own system: until it is taken, or until its time is over, which is on record.

use std::time::Duration;

use boot::metrics;
use kernel::Failure;
use process::{OpenAction, action::EVENT_KEPT};
use proto::exchange::v1::DeliverEventRequest;

use super::{ask::action_ref, forget, later, pause};
use crate::{
    domain::changed,
    execute::{act, note},
    host::Host,
    store::{
        actions::{self, Due},
        cases::Case,
    },
};

/// A system that is away for longer than a moment is asked less often.
const PATIENT_AFTER: i64 = 10;
const PATIENT: Duration = Duration::from_secs(15 * 60);

pub async fn deliver(
    host: &Host,
    case: &Case,
    (action, due): (&OpenAction, &Due),
    name: &str,
    attributes: &serde_json::Value,
) -> Result<(), Failure> {
    if action.expires.is_some_and(|expires| host.now() >= expires) {
        return give_up(host, case, (action, due), (name, "action.expired")).await;
    }
    let request = DeliverEventRequest {
        action: Some(action_ref(case, action)),
        name: name.to_owned(),
        attributes: attributes.to_string().into_bytes(),
        // The same at each try: what is sent again is the same request.
        time_us: changed::micros(action.expires.map(|expires| expires.minus(EVENT_KEPT))),
    };
    match host.platform.deliver_event(&case.agency, &request).await {
        Ok(()) => forget(host, due).await,
        Err(failure) if !failure.kind.retry() => {
            give_up(host, case, (action, due), (name, failure.code.as_ref())).await
        }
        Err(failure) => {
            let wait = if due.tries > PATIENT_AFTER { PATIENT } else { pause(due.tries) };
            let next = host.now().plus(wait);
            later(host, due, action.expires.map_or(next, |expires| next.min(expires))).await?;
            Err(failure)
        }
    }
}

/// Nobody heard of it, and whoever reads the record finds that.
async fn give_up(
    host: &Host,
    case: &Case,
    (action, due): (&OpenAction, &Due),
    (name, code): (&str, &str),
) -> Result<(), Failure> {
    tracing::warn!(case = %case.id, step = action.step, event = name, code, "an event was not taken");
    let mut lost = act("event.not-taken", host.now(), None, case.id, &case.agency);
    lost.detail = serde_json::json!({"event": name, "step": action.step, "code": code}).to_string();
    let mut tx = host.database.begin().await?;
    note(&mut tx, lost).await?;
    actions::forget(&mut tx, due.action_id).await?;
    tx.commit().await?;
    metrics::EVENTS_LOST.count(&[]);
    Ok(())
}
