//! The finance officer's pages: what waits for two persons, every payment, settlements and closed days.

mod days;
mod instructions;
mod payments;
mod refunds;
mod settlement;

use std::{collections::BTreeSet, sync::Arc};

use axum::{
    Router,
    body::Body,
    http::{HeaderValue, header},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
#[cfg(test)]
pub use days::{DayPage, DaysPage};
#[cfg(test)]
pub use instructions::FinancePage;
use kernel::Failure;
#[cfg(test)]
pub use payments::{PaymentPage, PaymentsPage, Search};
use proto::{
    identity::v1::{ReadPersonRequest, operations::READ_OFFICER},
    payments::v1::{ListSuspenseRequest, operations::LIST_SUSPENSE},
};
#[cfg(test)]
pub use refunds::RefundsPage;
use serde::Deserialize;
#[cfg(test)]
pub use settlement::SettlementPage;

use super::{
    Portal,
    fault::{self, Refused},
};
use crate::store::Session;

/// Roles that look after an agency's money; whether somebody may is judged by payments each time.
const ROLES: [&str; 2] = ["finance", "treasurer"];

pub fn routes() -> Router<Arc<Portal>> {
    Router::new()
        .route("/finance", get(instructions::overview))
        .route("/finance/instructions", post(instructions::instruct))
        .route("/finance/decisions", post(instructions::decide))
        .route("/finance/refunds", get(refunds::list).post(refunds::settle))
        .route("/finance/payments", get(payments::search))
        .route("/finance/payments.csv", get(payments::csv))
        .route("/finance/payments/{agency}/{intent}", get(payments::payment).post(payments::refund))
        .route("/finance/receipts/{agency}/{number}", get(payments::receipt))
        .route("/finance/settlement", get(settlement::report))
        .route("/finance/settlement.csv", get(settlement::csv))
        .route("/finance/days", get(days::list))
        .route("/finance/days/{day}", get(days::day))
}

/// For whom somebody sits here, and which page they are on.
pub struct Seat {
    pub officer: String,
    /// Agencies whose money this officer looks after; `platform`: every one.
    pub agencies: Vec<String>,
    pub agency: String,
    pub here: &'static str,
}

impl Seat {
    async fn of(portal: &Portal, session: &Session, wanted: &str, here: &'static str) -> Result<Self, Refused> {
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
        Ok(Self { officer: officer.display_name, agencies, agency, here })
    }
}

/// Money of an agency that waits for somebody who knows where it belongs.
pub struct Suspended {
    pub agency: String,
    pub count: i64,
    /// When the first of it goes back to its payer by itself.
    pub first_us: i64,
}

/// What waits in suspense for whoever holds these roles, each by agency and name. Without it the first page serves all the same: nobody
/// else's work waits.
pub async fn suspended(portal: &Portal, session: &Session, roles: &BTreeSet<(String, String)>) -> Vec<Suspended> {
    let money = roles.iter().filter(|(_, role)| ROLES.contains(&role.as_str()));
    let agencies: BTreeSet<&String> = money.map(|(agency, _)| agency).collect();
    let mut suspended = Vec::new();
    for agency in agencies {
        let request = ListSuspenseRequest { counted: true, ..Default::default() };
        match portal.services.read(session, &LIST_SUSPENSE, agency, &request).await {
            Ok(told) if told.waiting > 0 => suspended.push(Suspended {
                agency: agency.clone(),
                count: told.waiting,
                first_us: told.first_returns_us,
            }),
            Ok(_) => {}
            Err(failure) => tracing::warn!(code = %failure.code, ?failure, "what waits in suspense is not shown"),
        }
    }
    suspended
}

/// What a page says about what was just done.
#[derive(Debug, Default, Deserialize)]
pub struct Told {
    #[serde(default)]
    pub done: String,
    #[serde(default)]
    pub wrong: String,
}

/// The address of a page, and what was chosen on it.
#[derive(Debug, Default, Deserialize)]
pub struct Wanted {
    #[serde(default)]
    agency: String,
    #[serde(default)]
    after: String,
    #[serde(default)]
    done: String,
    #[serde(default)]
    wrong: String,
}

impl Wanted {
    fn told(&self) -> Told {
        Told { done: self.done.clone(), wrong: self.wrong.clone() }
    }
}

/// Refusals that the officer can do something about where they are; their texts begin with `money-wrong-`.
const HERE: [&str; 18] = [
    "second-person",
    "instruction-waits",
    "instruction-decided",
    "suspense-closed",
    "attach-other-payer",
    "attach-closed",
    "attach-too-little",
    "in-progress",
    "refund-exceeds",
    "refund-amount",
    "reason",
    "note",
    "order-missing",
    "order-differs",
    "order-used",
    "order-number",
    "order-date",
    "refund-not-by-hand",
];

/// Back to the page that the form stands on, with a word about what became of it. Everything else is an error page.
fn back<T>(page: &str, outcome: Result<T, Failure>, done: &str) -> Result<Response, Refused> {
    let joint = if page.contains('?') { '&' } else { '?' };
    let failure = match outcome {
        Ok(_) => return Ok(Redirect::to(&format!("{page}{joint}done={done}")).into_response()),
        Err(failure) => failure,
    };
    let word = failure.code.strip_prefix("payment.").and_then(|word| HERE.iter().find(|known| **known == word));
    match word {
        Some(word) => Ok(Redirect::to(&format!("{page}{joint}wrong={word}")).into_response()),
        None => Err(Refused(failure)),
    }
}

fn query(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// A table for a spreadsheet, as a download.
fn table(body: Body, name: &'static str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8")),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static(name)),
    ];
    (headers, body).into_response()
}

/// Reasons that an officer chooses from; payments has the same list, and takes no other.
pub const REASONS: [&str; 7] =
    ["paid-twice", "paid-by-mistake", "not-provided", "waived-later", "court-decision", "new-application", "other"];
