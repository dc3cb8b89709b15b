//! `list-suspense`: money that came when nobody was owed it, and which open payments of its payer it would cover.

use kernel::{AttemptId, Failure, Time};
use proto::payments::v1::{FittingPayment, ListSuspenseRequest, SuspenseItem, SuspenseList};

use super::{
    Office,
    finance::{admitted, cut, note_look, place, rows, scope, uzs},
    treasurer::noted,
};
use crate::{
    domain::{intent::Intent, suspense::fits},
    store::suspense::{self, Waiting},
};

pub async fn handle(office: &Office, call: bus::Call<ListSuspenseRequest>) -> Result<SuspenseList, Failure> {
    let person = call.person()?;
    let allowed = admitted(office, person, &call.agency).await;
    noted(office, person, (&call.agency, &[]), allowed).await?;
    if call.request.counted {
        let mut tx = office.database.read().await?;
        let (waiting, first_returns_us) = suspense::counted(&mut tx, scope(&call.agency)).await?;
        return Ok(SuspenseList { waiting, first_returns_us, ..SuspenseList::default() });
    }
    let limit = rows(call.request.limit);
    let beginning = (Time::from_micros(0), AttemptId::from_bytes([0; 16]));
    let after = place(&call.request.after).unwrap_or(beginning);
    let mut tx = office.database.read().await?;
    let waiting = suspense::waiting(&mut tx, scope(&call.agency), after, limit + 1).await?;
    let (waiting, more) = cut(waiting, limit);
    let mut items = Vec::new();
    for one in &waiting {
        let open = suspense::open_of(&mut tx, one.payer, &one.item.agency).await?;
        let now = office.desk.now();
        let fitting = open.iter().filter(|target| fits(&one.item, one.payer, target, now).is_ok());
        items.push(item(one, fitting.map(fitting_payment).collect()));
    }
    drop(tx);
    let next =
        waiting.last().filter(|_| more).map(|last| format!("{}.{}", last.item.since.micros(), last.item.attempt));
    let detail = serde_json::json!({"items": items.len()});
    note_look(office, person, (&call.agency, "payment.suspense-listed", &[]), &detail).await?;
    Ok(SuspenseList { items, next: next.unwrap_or_default(), ..SuspenseList::default() })
}

fn item(waiting: &Waiting, fitting: Vec<FittingPayment>) -> SuspenseItem {
    let item = &waiting.item;
    SuspenseItem {
        suspense: item.attempt.to_vec(),
        agency: item.agency.clone(),
        intent: item.intent.to_vec(),
        number: waiting.number.clone(),
        service: waiting.service.clone(),
        provider: waiting.provider.clone(),
        transaction: waiting.transaction.clone(),
        amount: uzs(item.amount),
        reason: item.reason.as_str().to_owned(),
        since_us: item.since.micros(),
        returns_us: item.due.map_or(0, Time::micros),
        fitting,
        instructed: waiting.instructed,
    }
}

fn fitting_payment(intent: &Intent) -> FittingPayment {
    FittingPayment {
        intent: intent.id.to_vec(),
        number: intent.number.clone(),
        service: intent.case.service.clone(),
        amount: uzs(intent.amount.minor),
    }
}
