//! Tells whoever leads an agency's services which events of agencies' own systems began no case there, and why.

use std::sync::Arc;

use bus::Call;
use kernel::Failure;
use proto::docket::v1::{ListNotBegunRequest, NotBegun};

use super::Docket;
use crate::{
    domain::not_begun::{KEPT, told},
    store::not_begun,
};

/// On one page.
const SHOWN_MAX: usize = 100;

pub async fn list(docket: Arc<Docket>, call: Call<ListNotBegunRequest>) -> Result<NotBegun, Failure> {
    let officer = docket.appointed(call.person()?).await?;
    let now = docket.clock.now();
    let agencies = told(&officer, now)?;
    let agency = agencies.get(&call.request.agency).or(agencies.first()).cloned().unwrap_or_default();
    let most = i64::try_from(SHOWN_MAX).unwrap_or(i64::MAX);
    let mut tx = docket.database.read().await?;
    let mut events = not_begun::list(&mut tx, &agency, now.minus(KEPT), most + 1).await?;
    drop(tx);
    let more = events.len() > SHOWN_MAX;
    events.truncate(SHOWN_MAX);
    let (lag_us, stale) = docket.freshness.age(now);
    Ok(NotBegun { agencies: agencies.into_iter().collect(), agency, events, more, lag_us, stale })
}

/// Forgets those of which nobody is told any more.
pub async fn forget(docket: &Docket) -> Result<(), Failure> {
    let mut tx = docket.database.quietly().begin().await?;
    not_begun::forget(&mut tx, docket.clock.now().minus(KEPT)).await?;
    Ok(tx.commit().await?)
}
