//! Every payment of an agency: looked for, listed for a spreadsheet, and one with all its postings.

use std::sync::Arc;

use askama::Template;
use axum::{
    body::{Body, Bytes},
    extract::{Path, Query, State},
    response::{IntoResponse, Redirect, Response},
};
use futures::{StreamExt, stream};
use kernel::{Failure, Time};
use proto::payments::v1::{
    FoundPayments, InstructRequest, PaymentRecord, PaymentRow, ReadPaymentRequest, SearchPaymentsRequest,
    operations::{INSTRUCT, READ_PAYMENT, SEARCH_PAYMENTS},
};
use serde::Deserialize;

use super::{REASONS, Seat, Told, Wanted, back, instructions::id, query, table};
use crate::{
    domain::{
        csv::{self, Cell},
        place,
    },
    http::{
        Portal, Shared,
        attached::{Sealed, attached},
        fault::{self, Refused},
        frame::{Frame, hex, page},
        pages::Pages,
        posted::Posted,
        visit::Officer,
    },
    store::Session,
};

const ROWS: i32 = 50;
const ROWS_OF_A_TABLE: i32 = 100;

/// What is looked for, as the form sends it.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Search {
    #[serde(default)]
    pub agency: String,
    #[serde(default)]
    pub term: String,
    #[serde(default)]
    pub amount: String,
    #[serde(default)]
    pub from: String,
    #[serde(default)]
    pub to: String,
    #[serde(default)]
    pub after: String,
}

impl Search {
    fn asks(&self) -> bool {
        [&self.term, &self.from, &self.to].iter().any(|text| !text.trim().is_empty())
    }

    /// Only a sum: too many payments are of one.
    fn asks_too_little(&self) -> bool {
        !self.asks() && !self.amount.trim().is_empty()
    }

    /// The sum may be left out; what is typed has to be one.
    fn tiyin(&self) -> Option<i64> {
        if self.amount.trim().is_empty() { Some(0) } else { csv::tiyin(&self.amount).filter(|tiyin| *tiyin > 0) }
    }

    fn query(&self, agency: &str) -> String {
        let parts = [
            ("agency", agency),
            ("term", self.term.as_str()),
            ("amount", self.amount.as_str()),
            ("from", self.from.as_str()),
            ("to", self.to.as_str()),
        ];
        parts.map(|(name, value)| format!("{name}={}", query(value))).join("&")
    }
}

#[derive(Template)]
#[template(path = "finance_payments.html")]
pub struct PaymentsPage {
    pub f: Frame,
    pub seat: Seat,
    pub told: Told,
    pub search: Search,
    /// None: nothing was looked for.
    pub found: Option<Vec<PaymentRow>>,
    pub wrong_amount: bool,
    /// A day or a number is missing beside the sum.
    pub too_little: bool,
    pub pages: Pages,
    pub csv: String,
}

impl PaymentsPage {
    pub fn href(&self, payment: &PaymentRow) -> String {
        format!("/finance/payments/{}/{}", payment.agency, hex(&payment.intent))
    }
}

pub async fn search(
    State(portal): Shared,
    Officer(visit, session): Officer,
    Query(search): Query<Search>,
) -> Result<Response, Refused> {
    let seat = Seat::of(&portal, &session, &search.agency, "payments").await?;
    let tiyin = search.tiyin();
    let mut found = None;
    let mut pages = Pages::default();
    let again = search.query(&seat.agency);
    if let Some(amount) = tiyin.filter(|_| search.asks()) {
        let page = find(&portal, &session, &seat.agency, (&search, amount, ROWS), &search.after).await?;
        pages = Pages::of(&format!("/finance/payments?{again}"), &search.after, &page.next);
        found = Some(page.payments);
    }
    page(&PaymentsPage {
        f: Frame::new(&portal, &visit),
        told: Told::default(),
        wrong_amount: tiyin.is_none(),
        too_little: tiyin.is_some() && search.asks_too_little(),
        csv: format!("/finance/payments.csv?{again}"),
        seat,
        search,
        found,
        pages,
    })
}

async fn find(
    portal: &Portal,
    session: &Session,
    agency: &str,
    (search, amount, limit): (&Search, i64, i32),
    after: &str,
) -> Result<FoundPayments, Failure> {
    let request = SearchPaymentsRequest {
        term: search.term.trim().to_owned(),
        amount,
        from: search.from.trim().to_owned(),
        to: search.to.trim().to_owned(),
        after: after.to_owned(),
        limit,
    };
    portal.services.read(session, &SEARCH_PAYMENTS, agency, &request).await
}

const COLUMNS: [&str; 12] = [
    "payment",
    "case",
    "agency",
    "service",
    "state",
    "amount",
    "currency",
    "refunded",
    "provider",
    "transaction",
    "made",
    "paid",
];

/// Where a table is: what was looked for, and the page that comes next.
struct Cursor {
    portal: Arc<Portal>,
    session: Session,
    agency: String,
    search: Search,
    amount: i64,
    page: Option<FoundPayments>,
    after: String,
}

/// The same search as a table. It is read page by page as it is sent: however long it is, it stands in nobody's memory.
pub async fn csv(
    State(portal): Shared,
    Officer(_, session): Officer,
    Query(search): Query<Search>,
) -> Result<Response, Refused> {
    let seat = Seat::of(&portal, &session, &search.agency, "payments").await?;
    let Some(amount) = search.tiyin().filter(|_| search.asks()) else {
        return Ok(Redirect::to(&format!("/finance/payments?{}", search.query(&seat.agency))).into_response());
    };
    // Asked for before anything is sent: a refusal is a page, not a broken table.
    let first = find(&portal, &session, &seat.agency, (&search, amount, ROWS_OF_A_TABLE), "").await?;
    let cursor =
        Cursor { portal, session, agency: seat.agency, search, amount, page: Some(first), after: String::new() };
    let rest = stream::unfold(Some(cursor), |cursor| async move {
        let mut cursor = cursor?;
        let page = match cursor.page.take() {
            Some(page) => Ok(page),
            None => {
                let wanted = (&cursor.search, cursor.amount, ROWS_OF_A_TABLE);
                find(&cursor.portal, &cursor.session, &cursor.agency, wanted, &cursor.after).await
            }
        };
        match page {
            Ok(page) => {
                let rows: String = page.payments.iter().map(line).collect();
                cursor.after = page.next;
                let more = (!cursor.after.is_empty()).then_some(cursor);
                Some((Ok(Bytes::from(rows)), more))
            }
            // The browser sees that the table is not whole.
            Err(failure) => Some((Err(std::io::Error::other(failure)), None)),
        }
    });
    let begin = stream::once(async { Ok(Bytes::from(csv::header(&COLUMNS))) });
    Ok(table(Body::from_stream(begin.chain(rest.fuse())), "attachment; filename=\"payments.csv\""))
}

fn line(payment: &PaymentRow) -> String {
    let moment = |micros: i64| match micros {
        0 => String::new(),
        micros => Time::from_micros(micros).to_string(),
    };
    let currency = payment.amount.as_ref().map(|amount| amount.currency.clone()).unwrap_or_default();
    csv::row([
        Cell::text(hex(&payment.intent)),
        Cell::text(&payment.number),
        Cell::text(&payment.agency),
        Cell::text(&payment.service),
        Cell::text(&payment.state),
        Cell::sum(&payment.amount),
        Cell::text(currency),
        Cell::sum(&payment.refunded),
        Cell::text(&payment.provider),
        Cell::text(&payment.transaction),
        Cell::text(moment(payment.created_us)),
        Cell::text(moment(payment.captured_us)),
    ])
}

#[derive(Template)]
#[template(path = "finance_payment.html")]
pub struct PaymentPage {
    pub f: Frame,
    pub seat: Seat,
    pub told: Told,
    pub record: PaymentRecord,
    pub payment: PaymentRow,
    pub action: String,
    pub reasons: [&'static str; REASONS.len()],
}

impl PaymentPage {
    pub fn hex(&self, bytes: &[u8]) -> String {
        hex(bytes)
    }

    /// Something may go back, and nobody has asked for it yet.
    pub fn refundable(&self) -> bool {
        self.record.waiting.is_none() && self.record.left.as_ref().is_some_and(|left| left.minor > 0)
    }
}

pub async fn payment(
    State(portal): Shared,
    Officer(visit, session): Officer,
    Path((agency, intent)): Path<(String, String)>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Refused> {
    let (agency, intent) = named(&agency, &intent)?;
    let seat = Seat::of(&portal, &session, &agency, "payments").await?;
    let request = ReadPaymentRequest { intent: intent.clone() };
    let record = portal.services.read(&session, &READ_PAYMENT, &agency, &request).await?;
    page(&PaymentPage {
        f: Frame::new(&portal, &visit),
        seat,
        told: wanted.told(),
        payment: record.payment.clone().unwrap_or_default(),
        record,
        action: format!("/finance/payments/{agency}/{}", hex(&intent)),
        reasons: REASONS,
    })
}

fn named(agency: &str, intent: &str) -> Result<(String, Vec<u8>), Refused> {
    if !place::is_name(agency) {
        return Err(Refused(fault::no_such_page()));
    }
    Ok((agency.to_owned(), id(intent)?))
}

/// The receipt of a payment of the agency, or of a refund.
pub async fn receipt(
    State(portal): Shared,
    Officer(visit, session): Officer,
    Path((agency, number)): Path<(String, String)>,
) -> Result<Response, Refused> {
    let seat = Seat::of(&portal, &session, &agency, "payments").await?;
    let sealed = Sealed::Receipt { of: seat.agency, number, language: visit.language };
    Ok(attached(portal, session, sealed).await?)
}

/// Asks for a refund: of everything that is left, or of the sum that was typed.
pub async fn refund(
    State(portal): Shared,
    Officer(_, session): Officer,
    Path((agency, intent)): Path<(String, String)>,
    posted: Posted,
) -> Result<Response, Refused> {
    let (agency, intent) = named(&agency, &intent)?;
    let page = format!("/finance/payments/{agency}/{}", hex(&intent));
    let typed = posted.control("_amount").trim();
    let amount = match (typed.is_empty(), csv::tiyin(typed)) {
        (true, _) => None,
        (false, Some(minor)) => Some(proto::Money { minor, currency: kernel::Currency::default().code().to_owned() }),
        (false, None) => return Ok(Redirect::to(&format!("{page}?wrong=refund-amount")).into_response()),
    };
    let request = InstructRequest {
        kind: "refund".into(),
        intent,
        amount,
        reason: posted.control("_reason").to_owned(),
        note: posted.control("_note").trim().to_owned(),
        ..InstructRequest::default()
    };
    let asked = portal.services.command(&session, &INSTRUCT, &agency, &request, posted.command()?).await;
    back(&page, asked, "asked")
}
