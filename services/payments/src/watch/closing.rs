//! Closes each civil day of the books once it is over, and says so when they do not balance.

use std::time::Duration;

use boot::metrics::BOOKS_UNBALANCED;
use jiff::civil::Date;
use kernel::{Failure, Time};
use process::calendar::{civil_date, start_of_day};

use super::note;
use crate::{
    bus::Office,
    domain::{
        closing::{Balances, Closing},
        finance::PLATFORM,
    },
    store,
};

/// How long after midnight a day is closed: every copy's clock is past it by then.
const CLOSE_AFTER: Duration = Duration::from_secs(600);
/// Days that one round closes, where several are over.
const DAYS_A_ROUND: usize = 16;

pub async fn round(office: &Office) -> Result<(), Failure> {
    for _ in 0..DAYS_A_ROUND {
        match close_next(office).await {
            Ok(true) => {}
            Ok(false) => break,
            Err(failure) => {
                note("closing", Err(failure));
                break;
            }
        }
    }
    Ok(())
}

/// False: no day is over that is not closed.
async fn close_next(office: &Office) -> Result<bool, Failure> {
    let now = office.desk.now();
    let mut tx = office.database.read().await?;
    let newest = store::closings::list(&mut tx, "", 1).await?.pop();
    let unbalanced = newest.as_ref().is_some_and(|newest| newest.difference != 0);
    BOOKS_UNBALANCED.set(&[], if unbalanced { 1.0 } else { 0.0 });
    let day = match &newest {
        Some(newest) => newest.day.tomorrow().ok(),
        None => store::books::first(&mut tx).await?.map(civil_date),
    };
    let Some((day, until)) = day.and_then(|day| Some((day, start_of_day(day.tomorrow().ok()?)))) else {
        return Ok(false);
    };
    if now < until.plus(CLOSE_AFTER) {
        return Ok(false);
    }
    let last = match newest {
        Some(newest) => store::closings::find(&mut tx, newest.day).await?,
        None => None,
    };
    // Before anybody waits: what the days before say now, whatever was closed.
    let carried = store::books::balances_before(&mut tx, start_of_day(day)).await?;
    drop(tx);
    close(office, (day, until), last.as_ref(), &carried).await?;
    Ok(true)
}

async fn close(
    office: &Office,
    (day, until): (Date, Time),
    last: Option<&Closing>,
    carried: &Balances,
) -> Result<(), Failure> {
    let mut tx = office.database.begin().await?;
    if !store::closings::take_book(&mut tx, until).await? {
        // Another copy closed it.
        return Ok(());
    }
    let from = start_of_day(day);
    let movements = store::books::movements(&mut tx, from, until).await?;
    let counts = store::books::counts(&mut tx, from, until).await?;
    let closing = Closing::of((day, &movements, counts), last, carried, office.desk.now());
    store::closings::insert(&mut tx, &closing).await?;
    let detail = serde_json::json!({
        "day": day.to_string(), "postings": counts.postings, "difference": closing.difference,
        "hash": closing.hash.to_string(),
    });
    let act = sql::audit::Act {
        time: closing.closed,
        service_actor: Some("payments".into()),
        act: "payment.day-closed".into(),
        subject: closing.hash.to_vec(),
        agency: PLATFORM.into(),
        detail: detail.to_string(),
        ..sql::audit::Act::default()
    };
    sql::audit::append(&mut tx, &act).await?;
    tx.commit().await?;
    if closing.difference != 0 {
        BOOKS_UNBALANCED.set(&[], 1.0);
        tracing::error!(
            code = "payment.trial-balance",
            day = %day,
            difference = closing.difference,
            "the books of a closed day do not balance"
        );
    }
    Ok(())
}
