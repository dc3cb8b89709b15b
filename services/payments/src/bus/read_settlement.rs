//! `read-settlement`: what was taken for agencies, what providers keep of it and what went back, day by day.

use jiff::ToSpan;
use kernel::Failure;
use proto::payments::v1::{ReadSettlementRequest, Settlement, SettlementLine};

use super::{
    Office,
    finance::{admitted, day, note_look, span, uzs},
    treasurer::noted,
};
use crate::{
    domain::settlement::{Line, lines},
    store::books,
};

const DAYS_MAX: i64 = 31;

pub async fn handle(office: &Office, call: bus::Call<ReadSettlementRequest>) -> Result<Settlement, Failure> {
    let person = call.person()?;
    let allowed = admitted(office, person, &call.agency).await;
    noted(office, person, (&call.agency, &[]), allowed).await?;
    let (from, to) = (day(&call.request.from)?, day(&call.request.to)?);
    if from.checked_add(DAYS_MAX.days()).is_ok_and(|late| late <= to) {
        let message = "A settlement is about at most 31 days. Ask for a month at a time.";
        return Err(Failure::invalid("payment.too-many-days", message));
    }
    let (begin, end) = span(from, to)?;
    let mut tx = office.database.read().await?;
    let moved = books::moved(&mut tx, begin, end).await?;
    drop(tx);
    let detail = serde_json::json!({"from": from.to_string(), "to": to.to_string()});
    note_look(office, person, (&call.agency, "payment.settlement-read", &[]), &detail).await?;
    Ok(Settlement { lines: lines(&moved, &office.rates, &call.agency).into_iter().map(line).collect() })
}

fn line(line: Line) -> SettlementLine {
    SettlementLine {
        day: line.day.to_string(),
        agency: line.agency,
        beneficiary: line.beneficiary,
        provider: line.provider,
        payments: line.payments,
        gross: uzs(line.gross),
        rate: line.rate.map(|percent| percent.to_string()).unwrap_or_default(),
        fee: uzs(line.fee),
        net: uzs(line.net),
        refunds: uzs(line.refunds),
    }
}
