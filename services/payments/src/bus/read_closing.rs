//! `read-closing`: one closed day with its trial balance, and whether it still follows from the day before.

use kernel::{Failure, Time};
use proto::payments::v1::{Closing as Shown, ClosingLine, ReadClosingRequest};

use super::{
    Office,
    finance::{admitted, day, note_look, scope},
    treasurer::noted,
};
use crate::{
    domain::{
        closing::{Closing, Counts, Line},
        ledger::Account,
    },
    store::closings,
};

pub async fn handle(office: &Office, call: bus::Call<ReadClosingRequest>) -> Result<Shown, Failure> {
    let person = call.person()?;
    let allowed = admitted(office, person, &call.agency).await;
    noted(office, person, (&call.agency, &[]), allowed).await?;
    let day = day(&call.request.day)?;
    let mut tx = office.database.read().await?;
    let closing = closings::find(&mut tx, day).await?.ok_or_else(|| {
        let message = "This day is not closed: it is not over, or nothing was booked before it.";
        Failure::not_found("payment.no-closing", message)
    })?;
    let before = match day.yesterday().ok() {
        Some(before) => closings::find(&mut tx, before).await?,
        None => None,
    };
    drop(tx);
    let detail = serde_json::json!({"day": day.to_string()});
    note_look(office, person, (&call.agency, "payment.closing-read", closing.hash.as_bytes()), &detail).await?;
    let follows = closing.follows(before.as_ref());
    Ok(Shown { follows, ..told(&closing, &call.agency) })
}

/// A day as whoever asks for an agency sees it: the whole day's figures, and the lines of that agency's accounts.
pub fn told(closing: &Closing, agency: &str) -> Shown {
    let own = [Account::Agency, Account::Treasury, Account::CashDifference, Account::Bank];
    let own = own.map(|account: fn(String) -> Account| account(agency.to_owned()).to_string());
    let till = format!("cash:{agency}/");
    let seen = |line: &&Line| scope(agency).is_none() || own.contains(&line.account) || line.account.starts_with(&till);
    let Counts { postings, payments, refunds } = closing.counts;
    Shown {
        day: closing.day.to_string(),
        lines: closing.lines.iter().filter(seen).map(line).collect(),
        postings,
        payments,
        refunds,
        difference: closing.difference,
        previous: closing.previous.to_vec(),
        hash: closing.hash.to_vec(),
        closed_us: Time::micros(closing.closed),
        follows: false,
    }
}

fn line(line: &Line) -> ClosingLine {
    ClosingLine {
        account: line.account.clone(),
        currency: line.currency.clone(),
        debits: line.debits,
        credits: line.credits,
        balance: line.balance,
    }
}
