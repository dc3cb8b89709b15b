//! The counter: a cashier's shift, the money taken in it, its receipts on paper, and the cash that a treasurer brings to the bank.

use std::sync::Arc;

use askama::Template;
use axum::{
    Router,
    extract::{Path, Query, State},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use kernel::Failure;
use proto::{
    identity::v1::{ReadPersonRequest, operations::READ_OFFICER},
    payments::v1::{
        CashTaken, CloseShiftRequest, DepositCashRequest, OpenShiftRequest, PaymentOrder, ReadTillRequest,
        ReverseCashRequest, Shift, TakeCashRequest, Till,
        operations::{CLOSE_SHIFT, DEPOSIT_CASH, OPEN_SHIFT, READ_TILL, REVERSE_CASH, TAKE_CASH},
    },
};
use serde::Deserialize;

use super::{
    Portal, Shared,
    fault::{self, Refused},
    frame::{Frame, hex, page},
    posted::Posted,
    visit::Officer,
};
use crate::{
    domain::{csv, place},
    store::Session,
};

/// Roles that have something to do here; whether somebody may is judged by payments each time.
const ROLES: [&str; 2] = ["cashier", "treasurer"];

pub fn routes() -> Router<Arc<Portal>> {
    Router::new()
        .route("/cash", get(counter))
        .route("/cash/shift", post(shift))
        .route("/cash/takings", post(take))
        .route("/cash/reversals", post(reverse))
        .route("/cash/deposits", post(deposit))
        .route("/cash/receipts/{agency}/{attempt}", get(receipt))
}

#[derive(Debug, Default, Deserialize)]
pub struct Wanted {
    #[serde(default)]
    agency: String,
    #[serde(default)]
    term: String,
    #[serde(default)]
    done: String,
    #[serde(default)]
    wrong: String,
}

#[derive(Template)]
#[template(path = "cash.html")]
pub struct CashPage {
    pub f: Frame,
    pub agency: String,
    pub agencies: Vec<String>,
    pub term: String,
    pub done: String,
    pub wrong: String,
    pub till: Till,
}

impl CashPage {
    pub fn hex(&self, bytes: &[u8]) -> String {
        hex(bytes)
    }

    pub fn own(&self) -> Option<&Shift> {
        self.till.shifts.iter().find(|shift| shift.own)
    }

    /// Whose mistakes this person may give back.
    pub fn others(&self) -> Vec<&Shift> {
        self.till.shifts.iter().filter(|shift| !shift.own).collect()
    }
}

#[derive(Template)]
#[template(path = "cash_receipt.html")]
pub struct CashReceiptPage {
    pub f: Frame,
    pub agency: String,
    pub office: String,
    pub taken: CashTaken,
}

/// The agency that was chosen, or the first one; and all of them.
async fn seat(portal: &Portal, session: &Session, wanted: &str) -> Result<(String, Vec<String>), Refused> {
    let request = ReadPersonRequest { person: session.person.to_vec(), case_id: Vec::new() };
    let officer = portal.services.ask(&READ_OFFICER, &request).await?;
    let now = portal.clock.now().micros();
    let held = officer.appointments.iter().filter(|held| ROLES.contains(&held.role.as_str()));
    let current = held.filter(|held| held.from_us <= now && (held.to_us == 0 || now < held.to_us));
    let mut agencies: Vec<String> = current.map(|held| held.agency.clone()).collect();
    agencies.sort();
    agencies.dedup();
    let chosen = agencies.iter().find(|agency| *agency == wanted).or(agencies.first());
    let agency = chosen.cloned().ok_or_else(fault::no_such_page)?;
    Ok((agency, agencies))
}

async fn read(portal: &Portal, session: &Session, agency: &str, term: &str) -> Result<Till, Failure> {
    let request = ReadTillRequest { term: term.to_owned() };
    portal.services.read(session, &READ_TILL, agency, &request).await
}

async fn counter(
    State(portal): Shared,
    Officer(visit, session): Officer,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Refused> {
    let (agency, agencies) = seat(&portal, &session, &wanted.agency).await?;
    let till = read(&portal, &session, &agency, wanted.term.trim()).await?;
    let f = Frame::new(&portal, &visit);
    let Wanted { term, done, wrong, .. } = wanted;
    page(&CashPage { f, agency, agencies, term, done, wrong, till })
}

/// Refusals that are dealt with at the counter; their texts begin with `cash-wrong-`.
const HERE: [&str; 14] = [
    "till-amount",
    "till-reason",
    "till-open",
    "till-none",
    "till-closed",
    "till-deposit",
    "till-slip",
    "closed",
    "second-person",
    "unknown-intent",
    "unknown-cash",
    "order-number",
    "order-date",
    "refund-exceeds",
];

fn back<T>(agency: &str, outcome: Result<T, Failure>, done: &str) -> Result<Response, Refused> {
    let failure = match outcome {
        Ok(_) => return Ok(Redirect::to(&format!("/cash?agency={agency}&done={done}")).into_response()),
        Err(failure) => failure,
    };
    let word = failure.code.strip_prefix("payment.").and_then(|word| HERE.iter().find(|known| **known == word));
    match word {
        Some(word) => Ok(Redirect::to(&format!("/cash?agency={agency}&wrong={word}")).into_response()),
        None => Err(Refused(failure)),
    }
}

fn agency(posted: &Posted) -> Result<String, Refused> {
    let agency = posted.control("_agency");
    if place::is_name(agency) { Ok(agency.to_owned()) } else { Err(Refused(fault::no_such_page())) }
}

/// What is no sum is refused by payments, as a sum that is missing.
fn sum(typed: &str) -> Option<proto::Money> {
    csv::tiyin(typed.trim())
        .map(|minor| proto::Money { minor, currency: kernel::Currency::default().code().to_owned() })
}

fn id(text: &str) -> Result<Vec<u8>, Refused> {
    let id: kernel::AttemptId = text.parse().map_err(|_| Refused(fault::no_such_page()))?;
    Ok(id.to_vec())
}

/// Its beginning and its end.
async fn shift(State(portal): Shared, Officer(_, session): Officer, posted: Posted) -> Result<Response, Refused> {
    let agency = agency(&posted)?;
    let (services, command) = (&portal.services, posted.command()?);
    let counted = sum(posted.control("_sum"));
    if posted.control("_part") == "close" {
        let request = CloseShiftRequest { counted, reason: posted.control("_reason").trim().to_owned() };
        return back(&agency, services.command(&session, &CLOSE_SHIFT, &agency, &request, command).await, "closed");
    }
    let request = OpenShiftRequest { office: posted.control("_office").to_owned(), change: counted };
    back(&agency, services.command(&session, &OPEN_SHIFT, &agency, &request, command).await, "opened")
}

/// The receipt follows, to be printed.
async fn take(State(portal): Shared, Officer(_, session): Officer, posted: Posted) -> Result<Response, Refused> {
    let agency = agency(&posted)?;
    let request = TakeCashRequest { intent: id(posted.control("_intent"))? };
    let taken = portal.services.command(&session, &TAKE_CASH, &agency, &request, posted.command()?).await;
    match taken {
        Ok(taken) => Ok(Redirect::to(&format!("/cash/receipts/{agency}/{}", hex(&taken.attempt))).into_response()),
        Err(failure) => back::<()>(&agency, Err(failure), ""),
    }
}

async fn reverse(State(portal): Shared, Officer(_, session): Officer, posted: Posted) -> Result<Response, Refused> {
    let agency = agency(&posted)?;
    let request = ReverseCashRequest { attempt: id(posted.control("_attempt"))? };
    let reversed = portal.services.command(&session, &REVERSE_CASH, &agency, &request, posted.command()?).await;
    back(&agency, reversed, "reversed")
}

async fn deposit(State(portal): Shared, Officer(_, session): Officer, posted: Posted) -> Result<Response, Refused> {
    let agency = agency(&posted)?;
    let number = posted.control("_number").trim().to_owned();
    let request = DepositCashRequest {
        office: posted.control("_office").to_owned(),
        amount: sum(posted.control("_sum")),
        slip: Some(PaymentOrder { number, date: posted.control("_date").trim().to_owned() }),
    };
    let deposited = portal.services.command(&session, &DEPOSIT_CASH, &agency, &request, posted.command()?).await;
    back(&agency, deposited, "deposited")
}

/// On paper, as long as the shift is open; afterwards the sealed receipt is with the payment.
async fn receipt(
    State(portal): Shared,
    Officer(visit, session): Officer,
    Path((agency, attempt)): Path<(String, String)>,
) -> Result<Response, Refused> {
    let attempt = id(&attempt)?;
    let (agency, _) = seat(&portal, &session, &agency).await?;
    let till = read(&portal, &session, &agency, "").await?;
    let mut shown = till.shifts.into_iter().flat_map(|shift| {
        let office = shift.office;
        shift.taken.into_iter().map(move |taken| (office.clone(), taken))
    });
    let found = shown.find(|(_, taken)| taken.attempt == attempt);
    let (office, taken) = found.ok_or_else(|| Refused(fault::no_such_page()))?;
    page(&CashReceiptPage { f: Frame::new(&portal, &visit), agency, office, taken })
}
