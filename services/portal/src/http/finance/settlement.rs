//! What agencies are settled by, day by day: gross, the provider's fee, net, and what went back.

use askama::Template;
use axum::{
    body::Body,
    extract::{Query, State},
    response::Response,
};
use proto::payments::v1::{ReadSettlementRequest, SettlementLine, operations::READ_SETTLEMENT};
use serde::Deserialize;

use super::{Seat, query, table};
use crate::{
    domain::csv::{self, Cell},
    http::{
        Portal, Shared,
        fault::Refused,
        frame::{Frame, page},
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
}

#[derive(Template)]
#[template(path = "finance_settlement.html")]
pub struct SettlementPage {
    pub f: Frame,
    pub seat: Seat,
    pub from: String,
    pub to: String,
    pub lines: Vec<SettlementLine>,
    pub csv: String,
}

impl SettlementPage {
    /// No percentage is configured for some line: its fee is not known.
    pub fn lacks_rates(&self) -> bool {
        self.lines.iter().any(|line| line.rate.is_empty())
    }
}

/// What was asked for; else today in Tashkent.
async fn asked(
    portal: &Portal,
    session: &Session,
    days: &Days,
) -> Result<(Seat, String, String, Vec<SettlementLine>), Refused> {
    let seat = Seat::of(portal, session, &days.agency, "settlement").await?;
    let today: String = portal.clock.now().plus(AHEAD).to_string().chars().take(10).collect();
    let named = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let from = named(&days.from).or(named(&days.to)).unwrap_or(today);
    let to = named(&days.to).unwrap_or_else(|| from.clone());
    let request = ReadSettlementRequest { from: from.clone(), to: to.clone() };
    let settled = portal.services.read(session, &READ_SETTLEMENT, &seat.agency, &request).await?;
    Ok((seat, from, to, settled.lines))
}

pub async fn report(
    State(portal): Shared,
    Officer(visit, session): Officer,
    Query(days): Query<Days>,
) -> Result<Response, Refused> {
    let (seat, from, to, lines) = asked(&portal, &session, &days).await?;
    let csv = format!("/finance/settlement.csv?agency={}&from={}&to={}", seat.agency, query(&from), query(&to));
    page(&SettlementPage { f: Frame::new(&portal, &visit), seat, from, to, lines, csv })
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
    let (_, _, _, lines) = asked(&portal, &session, &days).await?;
    let rows: String = lines.iter().map(row).collect();
    let body = Body::from(format!("{}{rows}", csv::header(&COLUMNS)));
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
