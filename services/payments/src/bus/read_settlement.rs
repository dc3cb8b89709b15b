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
/// As many as an answer has room for, several times over.
const LINES_MAX: usize = 1_000;

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
    let (lines, next) = cut(lines(&moved, &office.rates, &call.agency), &call.request.after, call.request.limit);
    Ok(Settlement { lines: lines.into_iter().map(line).collect(), next })
}

/// The page after a place, and the place after which the next one begins. A place is what a line is about, so that lines which come
/// meanwhile shift nothing.
fn cut(all: Vec<Line>, after: &str, limit: i32) -> (Vec<Line>, String) {
    let shown = usize::try_from(limit).ok().filter(|limit| *limit > 0).unwrap_or(LINES_MAX).min(LINES_MAX);
    let mut rest = all.into_iter().filter(|line| after.is_empty() || place(line).as_str() > after);
    let page: Vec<Line> = rest.by_ref().take(shown).collect();
    let next = page.last().filter(|_| rest.next().is_some()).map(place);
    (page, next.unwrap_or_default())
}

/// Names have no signs below a dash, so that places are in the order of the lines.
fn place(line: &Line) -> String {
    format!("{}!{}!{}!{}", line.day, line.agency, line.beneficiary, line.provider)
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
