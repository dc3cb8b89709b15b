//! Closed days of the books, and the trial balance of one of them.

use std::borrow::Borrow;

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use proto::payments::v1::{
    Closing, ClosingLine, ListClosingsRequest, ReadClosingRequest,
    operations::{LIST_CLOSINGS, READ_CLOSING},
};

use super::{Seat, Wanted};
use crate::http::{
    Shared,
    fault::Refused,
    frame::{Frame, hex, page},
    pages::Pages,
    visit::Officer,
};

const ROWS: i32 = 31;

#[derive(Template)]
#[template(path = "finance_days.html")]
pub struct DaysPage {
    pub f: Frame,
    pub seat: Seat,
    pub days: Vec<Closing>,
    pub pages: Pages,
}

pub async fn list(
    State(portal): Shared,
    Officer(visit, session): Officer,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Refused> {
    let seat = Seat::of(&portal, &session, &wanted.agency, "days").await?;
    let request = ListClosingsRequest { before: wanted.after.clone(), limit: ROWS };
    let closed = portal.services.read(&session, &LIST_CLOSINGS, &seat.agency, &request).await?;
    let next = closed.closings.last().filter(|_| closed.more).map(|last| last.day.clone()).unwrap_or_default();
    let pages = Pages::of(&format!("/finance/days?agency={}", seat.agency), &wanted.after, &next);
    page(&DaysPage { f: Frame::new(&portal, &visit), seat, days: closed.closings, pages })
}

#[derive(Template)]
#[template(path = "finance_day.html")]
pub struct DayPage {
    pub f: Frame,
    pub seat: Seat,
    pub closing: Closing,
}

impl DayPage {
    pub fn hash(&self) -> String {
        hex(&self.closing.hash)
    }

    pub fn previous(&self) -> String {
        hex(&self.closing.previous)
    }

    pub fn money(&self, line: &ClosingLine, minor: impl Borrow<i64>) -> String {
        self.f.money(&proto::Money { minor: *minor.borrow(), currency: line.currency.clone() })
    }

    pub fn difference(&self) -> String {
        let currency = kernel::Currency::default().code().to_owned();
        self.f.money(&proto::Money { minor: self.closing.difference, currency })
    }
}

pub async fn day(
    State(portal): Shared,
    Officer(visit, session): Officer,
    Path(day): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Refused> {
    let seat = Seat::of(&portal, &session, &wanted.agency, "days").await?;
    let closing = portal.services.read(&session, &READ_CLOSING, &seat.agency, &ReadClosingRequest { day }).await?;
    page(&DayPage { f: Frame::new(&portal, &visit), seat, closing })
}
