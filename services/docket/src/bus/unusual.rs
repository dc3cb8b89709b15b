//! Looks through each week that is over, once, and tells auditors what was unusual in it.

use std::{collections::BTreeMap, sync::Arc};

use bus::Call;
use kernel::{Failure, Time};
use proto::docket::v1::{ListUnusualRequest, UnusualWeek};

use super::{Docket, auditor, chains};
use crate::{
    domain::{
        auditor::narrowed,
        unusual::{PATIENCE, USUAL_WEEKS, Week},
    },
    store::unusual,
};

/// `complete`: every chain was read to its end. A week waits a day for those that were not, and then does without.
pub async fn look(docket: &Docket, complete: bool) -> Result<(), Failure> {
    let (now, database) = (docket.clock.now(), docket.database.quietly());
    for weeks in (1..=USUAL_WEEKS).rev() {
        let week = Week::of(now).before(weeks);
        if !complete && now < week.end().plus(PATIENCE) {
            continue;
        }
        let mut tx = database.read().await?;
        let known = unusual::was_looked_through(&mut tx, week).await?;
        drop(tx);
        if !known {
            let mut tx = database.begin().await?;
            unusual::look_through(&mut tx, week).await?;
            tx.commit().await?;
        }
    }
    Ok(())
}

pub async fn list(docket: Arc<Docket>, call: Call<ListUnusualRequest>) -> Result<UnusualWeek, Failure> {
    let audits = auditor::admitted(&docket, &call, "").await?;
    let week = match call.request.week_us {
        0 => Week::of(docket.clock.now()).before(1),
        asked => Week::of(Time::from_micros(asked)),
    };
    auditor::record(&docket, &call, ("audit.unusual-listed", &audits, ""), Vec::new(), None).await?;
    let agencies = narrowed(&audits, "")?;
    let mut tx = docket.database.read().await?;
    let known = unusual::was_looked_through(&mut tx, week).await?;
    drop(tx);
    if !known {
        // Whoever reads it first does not wait for the next minute.
        let behind = chains::catch_up_shortly(&docket).await?;
        look(&docket, behind.is_empty()).await?;
    }
    let mut tx = docket.database.read().await?;
    let mut rows = unusual::of_week(&mut tx, week.begin(), agencies.as_deref()).await?;
    let complete = unusual::was_looked_through(&mut tx, week).await?;
    drop(tx);
    let mut names = BTreeMap::new();
    // Of `shared` it is the citizen: nobody's name is needed to ask.
    for row in rows.iter_mut().filter(|row| row.rule != "shared") {
        row.name = auditor::name(&docket, &mut names, &row.person).await;
    }
    Ok(UnusualWeek { week_us: week.begin().micros(), rows, complete, audits })
}
