//! What agencies are settled by, day by day: gross, the provider's fee, net, and what went back.

use askama::Template;
use axum::{
    body::Body,
    extract::{Query, State},
    response::Response,
};
use kernel::Failure;
use proto::payments::v1::{ReadSettlementRequest, Settlement, SettlementLine, operations::READ_SETTLEMENT};
use serde::Deserialize;

use super::{Seat, query, table};
use crate::{
    domain::csv::{self, Cell},
    http::{
        Portal, Shared,
        fault::Refused,
        frame::{Frame, page},
        pages::Pages,
        visit::Officer,
    },
    store::Session,
};

/// Tashkent is ahead of UTC by five hours all year.
const AHEAD: std::time::Duration = std::time::Duration::from_secs(5 * 3_600);

#[derive(Debug, Default, Deserialize)]
pub struct Days {
    #[serde(default)]
    agency: String,
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
    #[serde(default)]
    after: String,
}

const ROWS: i32 = 100;
/// Of an answer that is not shown but written into a table.
const ROWS_OF_A_TABLE: i32 = 1_000;

#[derive(Template)]
#[template(path = "finance_settlement.html")]
pub struct SettlementPage {
    pub f: Frame,
    pub seat: Seat,
    pub from: String,
    pub to: String,
    pub lines: Vec<SettlementLine>,
    pub pages: Pages,
    pub csv: String,
}

impl SettlementPage {
    /// No percentage is configured for some line: its fee is not known.
    pub fn lacks_rates(&self) -> bool {
        self.lines.iter().any(|line| line.rate.is_empty())
    }
}

/// Whose days are looked at: those that were asked for; else today in Tashkent.
async fn asked(portal: &Portal, session: &Session, days: &Days) -> Result<(Seat, String, String), Refused> {
    let seat = Seat::of(portal, session, &days.agency, "settlement").await?;
    let today: String = portal.clock.now().plus(AHEAD).to_string().chars().take(10).collect();
    let named = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let from = named(&days.from).or(named(&days.to)).unwrap_or(today);
    let to = named(&days.to).unwrap_or_else(|| from.clone());
    Ok((seat, from, to))
}

async fn read(
    portal: &Portal,
    session: &Session,
    (agency, from, to): (&str, &str, &str),
    (after, limit): (&str, i32),
) -> Result<Settlement, Failure> {
    let request = ReadSettlementRequest { from: from.to_owned(), to: to.to_owned(), after: after.to_owned(), limit };
    portal.services.read(session, &READ_SETTLEMENT, agency, &request).await
}

pub async fn report(
    State(portal): Shared,
    Officer(visit, session): Officer,
    Query(days): Query<Days>,
) -> Result<Response, Refused> {
    let (seat, from, to) = asked(&portal, &session, &days).await?;
    let found = read(&portal, &session, (&seat.agency, &from, &to), (&days.after, ROWS)).await?;
    let again = format!("agency={}&from={}&to={}", seat.agency, query(&from), query(&to));
    page(&SettlementPage {
        f: Frame::new(&portal, &visit),
        pages: Pages::of(&format!("/finance/settlement?{again}"), &days.after, &found.next),
        csv: format!("/finance/settlement.csv?{again}"),
        lines: found.lines,
        seat,
        from,
        to,
    })
}

const COLUMNS: [&str; 11] = [
    "day",
    "agency",
    "beneficiary",
    "provider",
    "payments",
    "gross",
    "rate_percent",
    "fee",
    "net",
    "refunds",
    "currency",
];

pub async fn csv(
    State(portal): Shared,
    Officer(_, session): Officer,
    Query(days): Query<Days>,
) -> Result<Response, Refused> {
    let (seat, from, to) = asked(&portal, &session, &days).await?;
    let mut body = csv::header(&COLUMNS);
    let mut after = String::new();
    loop {
        let found = read(&portal, &session, (&seat.agency, &from, &to), (&after, ROWS_OF_A_TABLE)).await?;
        body.extend(found.lines.iter().map(row));
        // Each page ends further on: a month of agencies and providers has an end.
        if found.next <= after {
            break;
        }
        after = found.next;
    }
    let body = Body::from(body);
    Ok(table(body, "attachment; filename=\"settlement.csv\""))
}

fn row(line: &SettlementLine) -> String {
    let currency = line.gross.as_ref().map(|gross| gross.currency.clone()).unwrap_or_default();
    csv::row([
        Cell::text(&line.day),
        Cell::text(&line.agency),
        Cell::text(&line.beneficiary),
        Cell::text(&line.provider),
        Cell::count(line.payments),
        Cell::sum(&line.gross),
        Cell::text(&line.rate),
        Cell::sum(&line.fee),
        Cell::sum(&line.net),
        Cell::sum(&line.refunds),
        Cell::text(currency),
    ])
}

#[cfg(test)]
mod tests {
    use kernel::Time;

    use super::*;

    #[test]
    fn a_day_begins_in_tashkent_before_it_begins_in_greenwich() {
        let late: Time = "2026-11-28T19:30:00Z".parse().unwrap();
        assert!(late.plus(AHEAD).to_string().starts_with("2026-11-29"));
    }
}
