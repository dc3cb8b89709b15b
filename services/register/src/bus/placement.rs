//! Whom revisions are offered to, and whether a service takes new applications.

use std::sync::Arc;

use ::bus::Call;
use kernel::{Failure, Hash, Time, id::MessageId};
use prost::Message;
use proto::{
    Empty, Event as _,
    register::v1::{
        self as wire, PlaceRevisionRequest, PlacedRevision, PlacementChanged, ReadPlacementRequest, SetIntakeRequest,
    },
};
use sql::{Tx, audit, outbox};

use super::{Register, publish::act};
use crate::{
    domain::{choice::Entry, placement},
    store,
};

/// Why no new applications are taken.
pub const ENDING: &str = "ending";
const UNHEALTHY: &str = "unhealthy";
const REASON_CHARS_MAX: usize = 500;

pub async fn read(register: Arc<Register>, call: Call<ReadPlacementRequest>) -> Result<wire::Placement, Failure> {
    let ReadPlacementRequest { agency, service } = call.request;
    let mut tx = register.database.read().await?;
    let mut entries = store::entries(&mut tx, Some((&agency, &service))).await?;
    let store::Placement { version, closed } = store::placement(&mut tx, &agency, &service).await?;
    entries.sort_by_key(|entry| std::cmp::Reverse(entry.admitted));
    let intake = if closed.is_empty() { "open" } else { "closed" };
    Ok(wire::Placement {
        revisions: entries.into_iter().map(placed).collect(),
        version,
        intake: intake.to_owned(),
        intake_reason: closed,
    })
}

fn placed(entry: Entry) -> PlacedRevision {
    let Entry { revision, agency: _, service: _, admitted, effective_from, draft, share, placed, change, reason } =
        entry;
    // What was admitted before shares were kept has had its own since then.
    let placed = placed.max(admitted);
    PlacedRevision {
        revision: revision.to_vec(),
        admitted_us: admitted.micros(),
        effective_from,
        share: i32::try_from(share).unwrap_or_default(),
        placed_us: placed.micros(),
        change,
        reason,
        draft,
    }
}

pub async fn place(register: Arc<Register>, call: Call<PlaceRevisionRequest>) -> Result<Empty, Failure> {
    let asked = &call.request;
    let revision = Hash::from_slice(&asked.revision)?;
    let (share, reason) = (i64::from(asked.share), worded(&asked.reason)?);
    let mut tx = register.database.begin().await?;
    let entries = store::entries(&mut tx, Some((&asked.agency, &asked.service))).await?;
    placement::judge(&entries, revision, share, &register.today(), register.shows_drafts())?;
    if entries.iter().any(|entry| entry.revision == revision && entry.share == share) {
        return Ok(Empty {});
    }
    let now = register.clock.now();
    store::place(&mut tx, revision, share, &reason, now).await?;
    let mut placed = act("revision.placed", now, &call.caller, &asked.agency, revision);
    placed.detail = serde_json::json!({"share": share}).to_string();
    placed.purpose = Some(reason);
    audit::append(&mut tx, &placed).await?;
    announce(&register, &mut tx, (&asked.agency, &asked.service), now).await?;
    tx.commit().await?;
    tracing::info!(%revision, agency = asked.agency, service = asked.service, share, "placed");
    Ok(Empty {})
}

pub async fn set_intake(register: Arc<Register>, call: Call<SetIntakeRequest>) -> Result<Empty, Failure> {
    let asked = &call.request;
    let closed = match (asked.open, asked.reason.as_str()) {
        (true, _) => "",
        (false, reason @ (ENDING | UNHEALTHY)) => reason,
        (false, _) => {
            let message = "New applications are stopped because the service is `ending` or `unhealthy`: say which.";
            return Err(Failure::invalid("intake.reason", message));
        }
    };
    let mut tx = register.database.begin().await?;
    // Of a service that ends nothing waits for approval either, also where it never began.
    let withdrawn = closed == ENDING && store::drop_proposal(&mut tx, &asked.agency, &asked.service).await?;
    if store::newest(&mut tx, &asked.agency, &asked.service).await?.is_none() {
        if withdrawn {
            tx.commit().await?;
        }
        return Err(Failure::not_found("service.unknown", "There is no such service."));
    }
    if turn(&register, &mut tx, (&asked.agency, &asked.service), closed, &call.caller).await? || withdrawn {
        tx.commit().await?;
    }
    Ok(Empty {})
}

/// False: it was so already.
pub async fn turn(
    register: &Register,
    tx: &mut Tx,
    (agency, service): (&str, &str),
    closed: &str,
    caller: &str,
) -> Result<bool, Failure> {
    if store::placement(tx, agency, service).await?.closed == closed {
        return Ok(false);
    }
    let now = register.clock.now();
    announce(register, tx, (agency, service), now).await?;
    store::set_closed(tx, agency, service, closed).await?;
    let what = if closed.is_empty() { "intake.opened" } else { "intake.closed" };
    let mut turned = act(what, now, caller, agency, Hash::of_parts(&[agency.as_bytes(), service.as_bytes()]));
    turned.detail = serde_json::json!({"service": service, "reason": closed}).to_string();
    audit::append(tx, &turned).await?;
    tracing::info!(agency, service, closed, "intake");
    Ok(true)
}

/// Whoever runs the service reads its placement anew.
pub async fn announce(
    register: &Register,
    tx: &mut Tx,
    (agency, service): (&str, &str),
    now: Time,
) -> Result<(), Failure> {
    let version = store::touch(tx, agency, service).await?;
    let event = PlacementChanged { agency: agency.to_owned(), service: service.to_owned(), version };
    let outgoing = outbox::Outgoing {
        message_id: MessageId::new(&*register.clock, &*register.random),
        name: PlacementChanged::NAME.to_owned(),
        agency: agency.to_owned(),
        case: None,
        time: now,
        body: event.encode_to_vec(),
    };
    Ok(outbox::enqueue(tx, &outgoing).await?)
}

fn worded(reason: &str) -> Result<String, Failure> {
    let reason = reason.trim();
    if reason.chars().count() > REASON_CHARS_MAX {
        return Err(Failure::invalid("revision.reason", "A reason has at most 500 letters."));
    }
    Ok(reason.to_owned())
}
