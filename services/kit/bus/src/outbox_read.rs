//! Lets a consumer read its producer's log: the truth behind the events on the bus.

use bytes::Bytes;
use kernel::{
    Failure, Time, Trace,
    id::{CaseId, MessageId},
};
use proto::{Effect, Operation, OutboxRead, OutboxRow, OutboxRows, permissions::CALLS};
use sql::{Database, outbox};

use crate::{Bus, Call, Event, Service, stream, subject};

pub const ROWS_MAX: i64 = 500;
/// Below the server's limit for one message.
const REPLY_BYTES_MAX: usize = 700_000;

/// The producer's `outbox-read`, where the contract has it.
pub fn operation(producer: &str) -> Option<Operation<OutboxRead, OutboxRows>> {
    CALLS
        .iter()
        .find(|(callee, name, _)| *callee == producer && *name == "outbox-read")
        .map(|(callee, name, callers)| Operation::new(callee, name, callers, false, Effect::Query))
}

pub async fn serve(bus: &Bus, database: &Database, producer: &'static str, kit: &boot::Kit) -> Result<(), Failure> {
    let Some(operation) = operation(producer) else {
        return Ok(());
    };
    let database = database.clone();
    let service = Service::new(producer).on(&operation, move |call| read(database.clone(), producer, call));
    bus.serve(service, kit).await
}

async fn read(database: Database, producer: &'static str, call: Call<OutboxRead>) -> Result<OutboxRows, Failure> {
    let asked = &call.request;
    let mut tx = database.read().await?;
    let head = outbox::head(&mut tx).await?;
    // A position of another epoch means nothing here: the reader starts again and recognises what it has seen.
    let after = if asked.epoch == head.epoch { asked.after } else { 0 };
    let limit = i64::from(asked.limit).clamp(1, ROWS_MAX);
    let recorded = outbox::read(&mut tx, after, limit).await?;
    let mut rows = Vec::with_capacity(recorded.len());
    let mut bytes = 0;
    for row in recorded {
        bytes += row.message.body.len() + 128;
        if bytes > REPLY_BYTES_MAX && !rows.is_empty() {
            break;
        }
        let meant = stream::events_for(producer, &call.caller).any(|name| name == row.message.name);
        rows.push(if meant { full(row) } else { empty(row.sequence) });
    }
    Ok(OutboxRows { epoch: head.epoch, rows, last: head.last })
}

fn full(row: outbox::Recorded) -> OutboxRow {
    let trace = row.trace.map(|trace| trace.to_string()).unwrap_or_default();
    let message = row.message;
    let (case_id, case_sequence) = message.case.map(|(case, sequence)| (case.to_vec(), sequence)).unwrap_or_default();
    OutboxRow {
        sequence: row.sequence,
        message_id: message.message_id.to_vec(),
        name: message.name,
        agency: message.agency,
        case_id,
        case_sequence,
        time_us: message.time.micros(),
        body: message.body,
        trace,
    }
}

/// What is not for this reader keeps its place, so that no gap appears.
fn empty(sequence: i64) -> OutboxRow {
    OutboxRow { sequence, ..OutboxRow::default() }
}

/// One page of `producer`'s log after a position.
pub async fn pull(bus: &Bus, producer: &'static str, epoch: i64, after: i64) -> Result<OutboxRows, Failure> {
    let operation = operation(producer)
        .ok_or_else(|| Failure::internal("bus.no-log", format!("The contract of {producer} has no outbox-read.")))?;
    let request = OutboxRead { epoch, after, limit: i32::try_from(ROWS_MAX).unwrap_or(i32::MAX) };
    bus.request(&operation, subject::PLATFORM, &request).await
}

/// The event in a row; without a name when it is only a place.
pub fn to_event(producer: &str, epoch: i64, row: OutboxRow) -> Result<Event, Failure> {
    let case = match row.case_id.as_slice() {
        [] => None,
        id => Some((CaseId::from_slice(id)?, row.case_sequence)),
    };
    let message_id = match row.message_id.as_slice() {
        [] => MessageId::from_bytes([0; 16]),
        id => MessageId::from_slice(id)?,
    };
    Ok(Event {
        producer: producer.to_owned(),
        name: row.name,
        agency: row.agency,
        message_id,
        epoch,
        sequence: row.sequence,
        case,
        time: Time::from_micros(row.time_us),
        body: Bytes::from(row.body),
        trace: Trace::parse(&row.trace),
    })
}
