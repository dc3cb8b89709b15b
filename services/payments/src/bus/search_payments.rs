//! `search-payments`: payments by their number, the provider's, the case's, by amount and by day.

use kernel::{Failure, IntentId, Time};
use proto::payments::v1::{FoundPayments, SearchPaymentsRequest};

use super::{
    Office,
    finance::{admitted, cut, day, note_look, payment_row, place, rows, scope, span},
    treasurer::noted,
};
use crate::store::found::{self, Wanted};

const TERM_CHARS_MAX: usize = 100;

pub async fn handle(office: &Office, call: bus::Call<SearchPaymentsRequest>) -> Result<FoundPayments, Failure> {
    let person = call.person()?;
    let allowed = admitted(office, person, &call.agency).await;
    noted(office, person, (&call.agency, &[]), allowed).await?;
    let asked = &call.request;
    let term = asked.term.trim();
    let limit = rows(asked.limit);
    let end = (Time::from_micros(i64::MAX), IntentId::from_bytes([0xff; 16]));
    let wanted = Wanted {
        agency: scope(&call.agency),
        term,
        amount: asked.amount.max(0),
        span: days(asked)?,
        after: place(&asked.after).unwrap_or(end),
        limit: limit + 1,
    };
    if term.chars().count() > TERM_CHARS_MAX || (term.is_empty() && wanted.span.is_none()) {
        let message = "Write a number of at most 100 characters, or the day on which the payment was made.";
        return Err(Failure::invalid("payment.search", message));
    }
    let mut tx = office.database.read().await?;
    let (found, more) = cut(found::search(&mut tx, &wanted).await?, limit);
    drop(tx);
    let next = found.last().filter(|_| more).map(|last| format!("{}.{}", last.intent.created.micros(), last.intent.id));
    let detail = serde_json::json!({
        "number": !term.is_empty(), "amount": wanted.amount > 0, "from": asked.from, "to": asked.to, "found": found.len(),
    });
    note_look(office, person, (&call.agency, "payment.searched", &[]), &detail).await?;
    Ok(FoundPayments { payments: found.iter().map(payment_row).collect(), next: next.unwrap_or_default() })
}

/// One day where only one is named.
fn days(asked: &SearchPaymentsRequest) -> Result<Option<(Time, Time)>, Failure> {
    let named = |text: &str| if text.trim().is_empty() { Ok(None) } else { day(text).map(Some) };
    match (named(&asked.from)?, named(&asked.to)?) {
        (None, None) => Ok(None),
        (Some(one), None) | (None, Some(one)) => span(one, one).map(Some),
        (Some(from), Some(to)) => span(from, to).map(Some),
    }
}
