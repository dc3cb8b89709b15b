//! Lets a consumer read its producer's log: the truth behind the events on the bus.

use std::sync::Arc;

use bytes::Bytes;
use kernel::{
    Failure, Time, Trace,
    id::{CaseId, MessageId},
};
use proto::{Effect, Operation, OutboxRead, OutboxRow, OutboxRows, permissions::CALLS};
use sql::{Database, outbox};

use crate::{Bus, Call, Event, Log, Place, Service, log_end::LogEnd, stream};

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

/// `end` where whoever else writes the log says so.
pub async fn serve(
    bus: &Bus,
    database: &Database,
    log: Log,
    end: Option<Arc<LogEnd>>,
    kit: &boot::Kit,
) -> Result<(), Failure> {
    let Some(operation) = operation(log.producer) else {
        return Ok(());
    };
    // Readers ask every quiet minute.
    let (database, producer) = (database.quietly(), log.producer);
    let mut service = Service::new(producer);
    if log.is_one_of_several() {
        // Each answers for its own.
        service = service.for_agency(log.name.as_str());
    }
    let service = service.on(&operation, move |call| read(database.clone(), log.clone(), end.clone(), call));
    bus.serve(service, kit).await
}

async fn read(
    database: Database,
    log: Log,
    end: Option<Arc<LogEnd>>,
    call: Call<OutboxRead>,
) -> Result<OutboxRows, Failure> {
    let asked = &call.request;
    // Nobody else is answered from memory: an event that was heard of is there.
    let end = end.filter(|_| asked.lately);
    if let Some(head) = end.as_ref().and_then(|end| end.recall(asked.epoch, asked.after)) {
        return Ok(OutboxRows { epoch: head.epoch, rows: Vec::new(), last: head.last, through: head.last });
    }
    let before = end.as_ref().map(|end| end.before());
    let mut tx = database.read().await?;
    let head = outbox::head(&mut tx).await?;
    if let Some((end, before)) = end.zip(before) {
        if outbox::has_unnumbered(&mut tx).await? {
            // Should whoever left it be gone, this process's relay gives it its place.
            database.wake();
        } else {
            end.remember(head, before);
        }
    }
    // A position of another epoch means nothing here: the reader starts again and recognises what it has seen.
    let after = if asked.epoch == head.epoch { asked.after } else { 0 };
    let limit = i64::from(asked.limit).clamp(1, ROWS_MAX);
    // A host is shown its own agency's rows and nobody else's.
    let sparse = call.agency != log.name;
    let recorded = match sparse {
        true => outbox::read_of(&mut tx, &call.agency, after, limit).await?,
        false => outbox::read(&mut tx, after, limit).await?,
    };
    let mut whole = i64::try_from(recorded.len()).is_ok_and(|count| count < limit);
    let mut rows = Vec::with_capacity(recorded.len());
    let mut bytes = 0;
    for row in recorded {
        bytes += row.message.body.len() + 128;
        if bytes > REPLY_BYTES_MAX && !rows.is_empty() {
            whole = false;
            break;
        }
        let meant = stream::events_for(log.producer, &call.caller).any(|name| name == row.message.name);
        rows.push(if meant { full(row) } else { empty(row.sequence) });
    }
    let reached = rows.last().map_or(after, |row| row.sequence);
    let through = if whole { head.last.max(after) } else { reached };
    Ok(OutboxRows { epoch: head.epoch, rows, last: head.last, through })
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

/// One page of a log after a position. A host asks for its agency's rows.
pub async fn pull(bus: &Bus, log: &Log, epoch: i64, after: i64) -> Result<OutboxRows, Failure> {
    ask(bus, log, OutboxRead { epoch, after, limit: at_most(ROWS_MAX), lately: false }).await
}

/// The same for whoever heard of nothing: what the producer knew within the last minute will do.
pub async fn pull_lately(bus: &Bus, log: &Log, epoch: i64, after: i64) -> Result<OutboxRows, Failure> {
    ask(bus, log, OutboxRead { epoch, after, limit: at_most(ROWS_MAX), lately: true }).await
}

fn at_most(rows: i64) -> i32 {
    i32::try_from(rows).unwrap_or(i32::MAX)
}

/// An event as its producer has it now: at its place or, once the log has begun another epoch, wherever it stands. None: the
/// producer does not have it any more, or it is nothing for this reader.
pub async fn read_again(bus: &Bus, log: &Log, place: &Place) -> Result<Option<Event>, Failure> {
    let only = OutboxRead { epoch: place.epoch, after: place.sequence - 1, limit: 1, lately: false };
    let mut page = ask(bus, log, only).await?;
    let moved = page.epoch != place.epoch;
    loop {
        let (epoch, through, last) = (page.epoch, page.through, page.last);
        let found = page.rows.into_iter().find(|row| row.message_id == place.message_id.to_vec());
        if let Some(row) = found {
            return Ok(Some(to_event(log, epoch, row)?).filter(|event| !event.name.is_empty()));
        }
        if !moved || through >= last {
            return Ok(None);
        }
        page = pull(bus, log, epoch, through).await?;
    }
}

async fn ask(bus: &Bus, log: &Log, request: OutboxRead) -> Result<OutboxRows, Failure> {
    let operation = operation(log.producer).ok_or_else(|| {
        Failure::internal("bus.no-log", format!("The contract of {} has no outbox-read.", log.producer))
    })?;
    let mut page = bus.request(&operation, bus.agency().unwrap_or(&log.name), &request).await?;
    // A producer of the release before this one does not say how far its page reaches: to its last row, or to the end.
    if page.through == 0 {
        page.through = page.rows.last().map_or(page.last, |row| row.sequence);
    }
    Ok(page)
}

/// A host that speaks of another agency's matters is not believed; the place in its log stays.
fn refused(log: &Log, row: &OutboxRow) -> OutboxRow {
    tracing::error!(
        producer = log.producer,
        log = log.name,
        agency = row.agency,
        "an event of another agency is refused"
    );
    empty(row.sequence)
}

/// The event in a row; without a name when it is only a place.
pub fn to_event(log: &Log, epoch: i64, row: OutboxRow) -> Result<Event, Failure> {
    let row = if log.may_tell_of(&row.agency) { row } else { refused(log, &row) };
    let case = match row.case_id.as_slice() {
        [] => None,
        id => Some((CaseId::from_slice(id)?, row.case_sequence)),
    };
    let message_id = match row.message_id.as_slice() {
        [] => MessageId::from_bytes([0; 16]),
        id => MessageId::from_slice(id)?,
    };
    Ok(Event {
        producer: log.producer.to_owned(),
        log: log.name.clone(),
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
