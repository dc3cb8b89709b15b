//! The signed-in person's drafts and applications.

use std::{sync::Arc, time::Duration};

use bus::Call;
use kernel::{CaseId, Failure};
use proto::docket::v1::{Applications, ListApplicationsRequest};

use super::Docket;
use crate::{
    domain::latest::Latest,
    store::{index, lists},
};

const MOST: i64 = 100;
const USUAL: i64 = 50;
/// How long a list waits for what its reader has just done.
const PATIENCE: Duration = Duration::from_millis(1500);
const LOOK_EVERY: Duration = Duration::from_millis(25);

pub async fn list(docket: Arc<Docket>, call: Call<ListApplicationsRequest>) -> Result<Applications, Failure> {
    let person = call.person()?.id;
    let asked = &call.request;
    let shown = asked.at_least_case.is_empty() || shows(&docket, &asked.at_least_case, asked.at_least_version).await?;
    let mut tx = docket.database.read().await?;
    let limit = if asked.limit <= 0 { USUAL } else { i64::from(asked.limit).min(MOST) };
    let after = Latest::parse(&asked.after).unwrap_or_else(Latest::start);
    let of = lists::Of { unfinished: asked.unfinished, represented: asked.represented };
    let mut entries = lists::applications(&mut tx, (person, of), docket.clock.now(), &after, limit + 1).await?;
    let more = entries.len() > usize::try_from(limit).unwrap_or_default();
    if more {
        entries.pop();
    }
    let last = entries.last().filter(|_| more);
    let next = last
        .map(|last| Ok::<_, Failure>(Latest { changed: last.changed_us, case: CaseId::from_slice(&last.case_id)? }));
    let next = next.transpose()?.map(|place| place.to_string()).unwrap_or_default();
    let (lag_us, stale) = docket.freshness.age(docket.clock.now());
    Ok(Applications { entries, lag_us, stale: stale || !shown, next })
}

/// Waits shortly until the index shows at least this version.
async fn shows(docket: &Docket, case: &[u8], version: i64) -> Result<bool, Failure> {
    let patience = tokio::time::Instant::now() + PATIENCE;
    loop {
        let mut tx = docket.database.read().await?;
        let known = index::version(&mut tx, case).await?;
        drop(tx);
        if known >= version {
            return Ok(true);
        }
        if tokio::time::Instant::now() >= patience {
            return Ok(false);
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}
