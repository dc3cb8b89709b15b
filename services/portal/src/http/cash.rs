//! The counter: a cashier's shift, the money taken in it, its receipts on paper, the till that others count for an absent cashier, and the
//! cash that a treasurer brings to the bank.

use std::sync::Arc;

use askama::Template;
use axum::{
    Router,
    extract::{Path, Query, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use kernel::Failure;
use proto::{
    identity::v1::{ReadPersonRequest, operations::READ_OFFICER},
    payments::v1::{
        CashTaken, CloseShiftRequest, CountShiftRequest, DepositCashRequest, OpenShiftRequest, PaymentOrder,
        ReadTillRequest, ReverseCashRequest, Shift, TakeCashRequest, Till,
        operations::{CLOSE_SHIFT, COUNT_SHIFT, DEPOSIT_CASH, OPEN_SHIFT, READ_TILL, REVERSE_CASH, TAKE_CASH},
    },
};
use serde::Deserialize;

use super::{
    Portal, Shared,
    fault::{self, Refused},
    frame::{Frame, hex, page, page_with},
    posted::Posted,
    visit::{Officer, Visit},
};
use crate::{
    domain::{csv, place},
    store::Session,
};

/// Roles that have something to do here; whether somebody may is judged by payments each time.
const ROLES: [&str; 3] = ["cashier", "lead", "treasurer"];

pub fn routes() -> Router<Arc<Portal>> {
    Router::new()
        .route("/cash", get(counter))
        .route("/cash/shift", post(shift))
        .route("/cash/counts", post(count))
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
}

/// What was typed into a form that was refused.
#[derive(Debug, Clone, Default)]
pub struct Typed {
    /// Which form: `open`, `close`, `count` or `deposit`; nothing is typed into the others.
    pub part: &'static str,
    /// Where there are several: the shift that was counted, or the office whose cash was brought to the bank.
    pub of: String,
    pub office: String,
    pub sum: String,
    pub reason: String,
    pub number: String,
    pub date: String,
    pub term: String,
}

impl Typed {
    fn sent(part: &'static str, of: &str, posted: &Posted) -> Self {
        let control = |name: &str| posted.control(name).to_owned();
        let (office, sum, reason) = (control("_office"), control("_sum"), control("_reason"));
        let (number, date, term) = (control("_number"), control("_date"), control("_term"));
        Self { part, of: of.to_owned(), office, sum, reason, number, date, term }
    }
}

/// A form as it is shown: empty, or once more.
#[derive(Debug, Default)]
pub struct Form {
    /// With what the ids of its inputs begin.
    pub id: String,
    pub again: bool,
    pub typed: Typed,
    /// The input that has to be corrected.
    pub wrong: &'static str,
}

fn input(wrong: &str) -> &'static str {
    match wrong {
        "till-amount" | "till-deposit" => "sum",
        "till-reason" | "till-why" => "reason",
        "till-slip" | "order-number" => "number",
        "order-date" => "date",
        _ => "",
    }
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
    pub typed: Typed,
    pub till: Till,
}

impl CashPage {
    pub fn form(&self, part: &str, of: &str) -> Form {
        let id = if of.is_empty() { part.to_owned() } else { format!("{part}-{of}") };
        if part.is_empty() || (self.typed.part, self.typed.of.as_str()) != (part, of) {
            return Form { id, ..Form::default() };
        }
        Form { id, again: true, typed: self.typed.clone(), wrong: input(&self.wrong) }
    }

    pub fn counting(&self, shift: &[u8]) -> Form {
        self.form("count", &hex(shift))
    }

    /// Id of the input that has to be corrected.
    pub fn at(&self) -> Option<String> {
        let form = self.form(self.typed.part, &self.typed.of);
        (!form.wrong.is_empty()).then(|| format!("{}-{}", form.id, form.wrong))
    }

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
    let Wanted { term, done, .. } = wanted;
    page(&CashPage { f, agency, agencies, term, done, wrong: String::new(), typed: Typed::default(), till })
}

/// Refusals that are dealt with at the counter; their texts begin with `cash-wrong-`.
const HERE: [&str; 18] = [
    "till-amount",
    "till-reason",
    "till-why",
    "till-open",
    "till-none",
    "till-closed",
    "till-deposit",
    "till-slip",
    "closed",
    "second-person",
    "shift-over",
    "shift-today",
    "unknown-intent",
    "unknown-cash",
    "unknown-shift",
    "order-number",
    "order-date",
    "refund-exceeds",
];

/// Who sent a form of the counter, for which agency, and what was typed into it.
struct Sent<'a> {
    portal: &'a Portal,
    visit: &'a Visit,
    session: &'a Session,
    agency: &'a str,
    typed: Typed,
}

impl Sent<'_> {
    fn done(&self, what: &str) -> Response {
        Redirect::to(&format!("/cash?agency={}&done={what}", self.agency)).into_response()
    }

    /// The counter again with what was typed, and what is to be done about it.
    async fn refused(self, failure: Failure) -> Result<Response, Refused> {
        let word = failure.code.strip_prefix("payment.").and_then(|word| HERE.iter().find(|known| **known == word));
        let Some(word) = word else { return Err(Refused(failure)) };
        let (agency, agencies) = seat(self.portal, self.session, self.agency).await?;
        let till = read(self.portal, self.session, &agency, self.typed.term.trim()).await?;
        // What was sent is nowhere to be opened: other languages show the counter.
        let f = Frame { place: format!("/cash?agency={agency}"), ..Frame::new(self.portal, self.visit) };
        let (term, done, wrong, typed) = (self.typed.term.clone(), String::new(), (*word).to_owned(), self.typed);
        page_with(StatusCode::UNPROCESSABLE_ENTITY, &CashPage { f, agency, agencies, term, done, wrong, typed, till })
    }

    async fn told<T>(self, outcome: Result<T, Failure>, what: &str) -> Result<Response, Refused> {
        match outcome {
            Ok(_) => Ok(self.done(what)),
            Err(failure) => self.refused(failure).await,
        }
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
async fn shift(State(portal): Shared, Officer(visit, session): Officer, posted: Posted) -> Result<Response, Refused> {
    let agency = &agency(&posted)?;
    let (services, command) = (&portal.services, posted.command()?);
    let sent = |part| Sent {
        portal: &portal,
        visit: &visit,
        session: &session,
        agency,
        typed: Typed::sent(part, "", &posted),
    };
    let counted = sum(posted.control("_sum"));
    if posted.control("_part") == "close" {
        let request = CloseShiftRequest { counted, reason: posted.control("_reason").trim().to_owned() };
        let closed = services.command(&session, &CLOSE_SHIFT, agency, &request, command).await;
        return sent("close").told(closed, "closed").await;
    }
    let request = OpenShiftRequest { office: posted.control("_office").to_owned(), change: counted };
    let opened = services.command(&session, &OPEN_SHIFT, agency, &request, command).await;
    sent("open").told(opened, "opened").await
}

/// For its cashier, by two who do not see what the other counted.
async fn count(State(portal): Shared, Officer(visit, session): Officer, posted: Posted) -> Result<Response, Refused> {
    let agency = &agency(&posted)?;
    let of = posted.control("_shift");
    let typed = Typed::sent("count", of, &posted);
    let sent = Sent { portal: &portal, visit: &visit, session: &session, agency, typed };
    let request = CountShiftRequest {
        shift: id(of)?,
        counted: sum(posted.control("_sum")),
        reason: posted.control("_reason").trim().to_owned(),
    };
    match portal.services.command(&session, &COUNT_SHIFT, agency, &request, posted.command()?).await {
        Ok(shift) if shift.closed_us > 0 => Ok(sent.done("closed")),
        Ok(shift) if shift.counts > 1 => Ok(sent.done("differs")),
        Ok(_) => Ok(sent.done("counted")),
        Err(failure) => sent.refused(failure).await,
    }
}

/// The receipt follows, to be printed.
async fn take(State(portal): Shared, Officer(visit, session): Officer, posted: Posted) -> Result<Response, Refused> {
    let agency = &agency(&posted)?;
    let request = TakeCashRequest { intent: id(posted.control("_intent"))? };
    let typed = Typed::sent("", "", &posted);
    match portal.services.command(&session, &TAKE_CASH, agency, &request, posted.command()?).await {
        Ok(taken) => Ok(Redirect::to(&format!("/cash/receipts/{agency}/{}", hex(&taken.attempt))).into_response()),
        Err(failure) => {
            Sent { portal: &portal, visit: &visit, session: &session, agency, typed }.refused(failure).await
        }
    }
}

async fn reverse(State(portal): Shared, Officer(visit, session): Officer, posted: Posted) -> Result<Response, Refused> {
    let agency = &agency(&posted)?;
    let request = ReverseCashRequest { attempt: id(posted.control("_attempt"))? };
    let reversed = portal.services.command(&session, &REVERSE_CASH, agency, &request, posted.command()?).await;
    let typed = Typed::sent("", "", &posted);
    Sent { portal: &portal, visit: &visit, session: &session, agency, typed }.told(reversed, "reversed").await
}

async fn deposit(State(portal): Shared, Officer(visit, session): Officer, posted: Posted) -> Result<Response, Refused> {
    let agency = &agency(&posted)?;
    let (office, number) = (posted.control("_office"), posted.control("_number").trim().to_owned());
    let request = DepositCashRequest {
        office: office.to_owned(),
        amount: sum(posted.control("_sum")),
        slip: Some(PaymentOrder { number, date: posted.control("_date").trim().to_owned() }),
    };
    let deposited = portal.services.command(&session, &DEPOSIT_CASH, agency, &request, posted.command()?).await;
    let typed = Typed::sent("deposit", office, &posted);
    Sent { portal: &portal, visit: &visit, session: &session, agency, typed }.told(deposited, "deposited").await
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
