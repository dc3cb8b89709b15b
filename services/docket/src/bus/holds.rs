//! Tells archivists which legal holds of their agencies end within a month: on which cases, and whether they laid them.

use std::sync::Arc;

use bus::Call;
use kernel::Failure;
use proto::{Empty, docket::v1::EndingHolds};

use super::Docket;
use crate::{
    domain::holds::{AHEAD, kept_by},
    store::holds,
};

/// Whoever looks after no records is told of none.
pub async fn ending(docket: Arc<Docket>, call: Call<Empty>) -> Result<EndingHolds, Failure> {
    let person = call.person()?;
    let officer = docket.appointed(person).await?;
    let now = docket.clock.now();
    let mut tx = docket.database.read().await?;
    let mut ending = Vec::new();
    for agency in kept_by(&officer, now) {
        ending.extend(holds::ending(&mut tx, &agency, &officer, (now, now.plus(AHEAD))).await?);
    }
    ending.sort_by_key(|hold| hold.until_us);
    Ok(EndingHolds { holds: ending })
}
