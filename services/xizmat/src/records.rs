//! `xizmat records`: an archivist lays a legal hold on a case, ends it, orders a case's erasure before its time, or sees what is held
//! and what is due.

use std::time::Duration;

use clap::{Args, Subcommand};
use kernel::{Clock, Failure, Time};
use process::calendar::civil_date;
use proto::eservice::v1::{
    EraseCaseRequest, HoldCaseRequest, ListRecordsRequest, Records,
    operations::{ERASE_CASE, HOLD_CASE, LIST_RECORDS},
};

use crate::officer::Officer;

#[derive(Subcommand)]
pub enum What {
    /// Nothing of the case is erased until the hold ends. One that stands is given another end.
    Hold {
        #[command(flatten)]
        order: Order,
        /// Its last day, such as 2031-12-31; left out: it stands until it is released.
        #[arg(long)]
        until: Option<String>,
    },
    /// Ends a hold before its time.
    Release(Order),
    /// Erases an ended case before its retention is over, a day after its last change.
    Erase {
        #[command(flatten)]
        order: Order,
        /// The act or decision that orders it; the applicant is shown it.
        #[arg(long)]
        legal_basis: String,
    },
    /// What is held, those first whose hold ends first, and what is erased within 31 days.
    List {
        /// The service whose cases are listed.
        #[arg(long)]
        service: String,
        #[command(flatten)]
        archivist: Officer,
    },
}

/// How far ahead what is due is listed.
const AHEAD: Duration = Duration::from_secs(31 * 86_400);

#[derive(Args)]
pub struct Order {
    /// The case's number.
    number: String,
    /// The service that it is a case of.
    #[arg(long)]
    service: String,
    /// Why, for the record; without personal data.
    #[arg(long)]
    reason: String,
    #[command(flatten)]
    archivist: Officer,
}

pub async fn run(what: What) -> Result<(), Failure> {
    match what {
        What::Hold { order, until } => hold(order, false, last_day(until.as_deref())?).await,
        What::Release(order) => hold(order, true, 0).await,
        What::Erase { order, legal_basis } => erase(order, legal_basis).await,
        What::List { service, archivist } => list(&service, &archivist).await,
    }
}

async fn hold(order: Order, release: bool, until_us: i64) -> Result<(), Failure> {
    let Order { number, service, reason, archivist } = order;
    let done = format!("{number}: {}", if release { "the hold has ended." } else { "held." });
    let request = HoldCaseRequest { number, reason, release, until_us, ..HoldCaseRequest::default() };
    archivist.ask(&HOLD_CASE, Some(&service), &request).await?;
    println!("{done}");
    Ok(())
}

async fn erase(order: Order, legal_basis: String) -> Result<(), Failure> {
    let Order { number, service, reason, archivist } = order;
    let done = format!("{number} is erased a day after its last change.");
    let request = EraseCaseRequest { number, reason, legal_basis, ..EraseCaseRequest::default() };
    archivist.ask(&ERASE_CASE, Some(&service), &request).await?;
    println!("{done}");
    Ok(())
}

async fn list(service: &str, archivist: &Officer) -> Result<(), Failure> {
    let until_us = boot::SystemClock::default().now().plus(AHEAD).micros();
    let request = ListRecordsRequest { agency: archivist.agency.clone(), service: service.to_owned(), until_us };
    let records = archivist.ask(&LIST_RECORDS, Some(service), &request).await?;
    print!("{}", told(&records));
    Ok(())
}

/// The first moment after a hold's last day; 0: none was named.
fn last_day(typed: Option<&str>) -> Result<i64, Failure> {
    let Some(day) = typed else { return Ok(0) };
    let begin = format!("{day}T00:00:00+05:00").parse::<Time>().map_err(|_| {
        Failure::invalid("cli.day", "This is not a day. Write year, month and day, such as 2026-12-31.")
    })?;
    Ok(begin.plus(Duration::from_secs(86_400)).micros())
}

fn told(records: &Records) -> String {
    let day = |micros: i64| civil_date(Time::from_micros(micros)).to_string();
    let mut lines =
        vec![format!("Held: {}, of them {} until a day within a month", records.held_count, records.ending_count)];
    for one in &records.held {
        let end = if one.held_until_us == 0 { "released".to_owned() } else { day(one.held_until_us - 1) };
        let by = if one.held_by.is_empty() { String::new() } else { format!(" ({})", one.held_by) };
        lines.push(format!("  {}  since {} until {end}: {}{by}", one.number, day(one.held_us), one.held_for));
    }
    lines.push(format!("Erased within a month: {}", records.due_count));
    for one in &records.due {
        let number = if one.number.is_empty() { "a draft" } else { &one.number };
        let waits = if one.waits.is_empty() { String::new() } else { format!(", waits: {}", one.waits) };
        lines.push(format!("  {number}  {}{waits}", day(one.due_us)));
    }
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use proto::eservice::v1::Record;

    use super::*;

    #[test]
    fn a_list_says_whose_hold_it_is_why_and_until_which_day() {
        let end = last_day(Some("2031-12-31")).unwrap();
        let since = last_day(Some("2026-11-23")).unwrap();
        let held = Record {
            number: "JUS-2026-000001".into(),
            held_us: since,
            held_until_us: end,
            held_by: "Archivist".into(),
            held_for: "Civil court, file 2-114".into(),
            ..Record::default()
        };
        let due = Record { due_us: since, waits: "continued".into(), ..Record::default() };
        let records = Records { held: vec![held], held_count: 1, due: vec![due], due_count: 1, ..Records::default() };
        let told = told(&records);
        assert!(told.contains("since 2026-11-24 until 2031-12-31: Civil court, file 2-114 (Archivist)"), "{told}");
        assert!(told.contains("a draft  2026-11-24, waits: continued"), "{told}");
        assert_eq!(last_day(None).unwrap(), 0);
        assert_eq!(last_day(Some("31.12.2031")).unwrap_err().code, "cli.day");
    }
}
