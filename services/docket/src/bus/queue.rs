//! An officer's queue: open tasks of the offices and roles they hold now, most urgent first.

use std::sync::Arc;

use bus::Call;
use kernel::{ErrorKind, Failure};
use proto::docket::v1::{ListQueueRequest, Queue};

use super::Docket;
use crate::{
    domain::queue::{Place, merged, scopes},
    store::lists,
};

const MOST: i64 = 100;
const USUAL: i64 = 50;

pub async fn list(docket: Arc<Docket>, call: Call<ListQueueRequest>) -> Result<Queue, Failure> {
    let person = call.person()?;
    if !person.officer {
        return Err(officers_only());
    }
    let officer = docket.officer(person.id).await.map_err(|failure| match failure.kind {
        ErrorKind::NotFound => officers_only(),
        _ => failure,
    })?;
    let asked = &call.request;
    let now = docket.clock.now();
    let limit = if asked.limit <= 0 { USUAL } else { i64::from(asked.limit).min(MOST) };
    let after = Place::parse(&asked.after).unwrap_or_else(Place::start);
    let mut found = Vec::new();
    let mut tx = docket.database.read().await?;
    for scope in scopes(&officer, &asked.agency, &asked.office, now) {
        found.extend(lists::queue(&mut tx, &scope, &officer, after, limit + 1).await?);
    }
    let (lag_us, stale) = docket.freshness.age(now);
    let (tasks, next) = merged(found, usize::try_from(limit).unwrap_or_default());
    Ok(Queue { tasks, lag_us, stale, next: next.map(|place| place.to_string()).unwrap_or_default() })
}

fn officers_only() -> Failure {
    Failure::forbidden("docket.officers-only", "This page is for officers. Sign in as one.")
}
