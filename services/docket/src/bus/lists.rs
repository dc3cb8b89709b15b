//! A person's applications and an officer's queue.

use std::{sync::Arc, time::Duration};

use ::bus::{Call, Person};
use kernel::{CaseId, Failure, Time};
use prost::Message;
use proto::{
    Text,
    docket::v1::{self as docket, Applications, ListApplicationsRequest, ListQueueRequest, Queue},
    identity::v1::{ReadPersonRequest, operations::READ_OFFICER},
};

use super::{Docket, PRODUCER};
use crate::{
    domain::{
        freshness::Freshness,
        queue::{Appointment, Asked, visible},
    },
    store::{self, Entry, Task},
};

const ROWS_MAX: i64 = 200;
/// How long a list waits for what the person has just done.
const WAIT_FOR_OWN: Duration = Duration::from_millis(1500);
const LOOK_AGAIN: Duration = Duration::from_millis(30);

pub async fn applications(docket: Arc<Docket>, call: Call<ListApplicationsRequest>) -> Result<Applications, Failure> {
    let person = call.person()?.clone();
    let caught_up = wait_for(&docket, &call.request).await?;
    let mut tx = docket.database.read().await?;
    let entries = store::applications(&mut tx, person.id, ROWS_MAX).await?;
    let fresh = freshness(&docket, &mut tx).await?;
    let now = docket.clock.now();
    Ok(Applications {
        entries: entries.into_iter().map(entry).collect::<Result<_, Failure>>()?,
        lag_us: micros(fresh.lag(now)),
        stale: !caught_up || fresh.is_stale(now),
    })
}

/// True once the index shows at least the version of the case that the person has already seen.
async fn wait_for(docket: &Docket, asked: &ListApplicationsRequest) -> Result<bool, Failure> {
    if asked.at_least_case.is_empty() {
        return Ok(true);
    }
    let case_id = CaseId::from_slice(&asked.at_least_case)?;
    let until = tokio::time::Instant::now() + WAIT_FOR_OWN;
    loop {
        let mut tx = docket.database.read().await?;
        if store::version_of(&mut tx, case_id).await?.is_some_and(|version| version >= asked.at_least_version) {
            return Ok(true);
        }
        drop(tx);
        if tokio::time::Instant::now() >= until {
            return Ok(false);
        }
        tokio::time::sleep(LOOK_AGAIN).await;
    }
}

pub async fn queue(docket: Arc<Docket>, call: Call<ListQueueRequest>) -> Result<Queue, Failure> {
    let appointments = appointments(&docket, call.person()?).await?;
    let now = docket.clock.now();
    let asked = Asked { agency: &call.request.agency, office: &call.request.office };
    let limit = i64::from(call.request.limit).clamp(1, ROWS_MAX);
    let mut tx = docket.database.read().await?;
    let mut tasks: Vec<Task> = Vec::new();
    for appointment in visible(&appointments, &asked, now) {
        tasks.extend(store::open_tasks(&mut tx, appointment, asked.office, limit).await?);
    }
    tasks.sort_by_key(|task| (task.due, task.task_id));
    // Two appointments may cover the same task.
    tasks.dedup_by_key(|task| task.task_id);
    tasks.truncate(usize::try_from(limit).unwrap_or_default());
    let fresh = freshness(&docket, &mut tx).await?;
    Ok(Queue {
        tasks: tasks.into_iter().map(task).collect::<Result<_, Failure>>()?,
        lag_us: micros(fresh.lag(now)),
        stale: fresh.is_stale(now),
    })
}

async fn appointments(docket: &Docket, person: &Person) -> Result<Vec<Appointment>, Failure> {
    if !person.officer {
        return Err(Failure::forbidden("docket.officers-only", "Sign in as an officer to see a queue."));
    }
    let request = ReadPersonRequest { person: person.actor.to_vec(), case_id: Vec::new() };
    let officer = docket.bus.request(&READ_OFFICER, "platform", &request).await?;
    let appointment = |one: proto::identity::v1::Appointment| Appointment {
        agency: one.agency,
        office: one.office,
        role: one.role,
        from: Time::from_micros(one.from_us),
        to: (one.to_us != 0).then(|| Time::from_micros(one.to_us)),
    };
    Ok(officer.appointments.into_iter().map(appointment).collect())
}

async fn freshness(docket: &Docket, tx: &mut sql::Tx) -> Result<Freshness, Failure> {
    let complete_at = store::complete_at(tx, PRODUCER).await?.unwrap_or_else(|| docket.clock.now());
    Ok(Freshness { complete_at })
}

fn entry(entry: Entry) -> Result<docket::Entry, Failure> {
    Ok(docket::Entry {
        case_id: entry.case_id.to_vec(),
        number: entry.number,
        agency: entry.agency,
        service: entry.service,
        phase: entry.phase,
        status: entry.status,
        outcome: entry.outcome,
        version: entry.version,
        opened_us: entry.opened.micros(),
        changed_us: entry.changed.micros(),
        due_us: entry.due.micros(),
        title: Some(title(&entry.title)?),
    })
}

fn task(task: Task) -> Result<docket::Task, Failure> {
    Ok(docket::Task {
        case_id: task.case_id.to_vec(),
        task_id: task.task_id.to_vec(),
        number: task.number,
        agency: task.agency,
        office: task.office,
        role: task.role,
        service: task.service,
        step: task.step,
        opened_us: task.opened.micros(),
        due_us: task.due.micros(),
        title: Some(title(&task.title)?),
        version: task.version,
    })
}

fn title(stored: &[u8]) -> Result<Text, Failure> {
    let unreadable = |error| Failure::internal("docket.title", "An entry cannot be read.").with_detail(error);
    Text::decode(stored).map_err(unreadable)
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}
