//! Refunds that no provider makes: two treasurers say by which payment order the treasury paid them.

use askama::Template;
use axum::{
    extract::{Query, State},
    response::Response,
};
use proto::payments::v1::{
    ConfirmRefundRequest, ListRefundsRequest, PaymentOrder, RefusedRefund, SettleRefundRequest, WaitingRefund,
    WaitingRefunds,
    operations::{CONFIRM_REFUND, LIST_REFUNDS, SETTLE_REFUND},
};

use super::{
    Seat, Told, Wanted, back,
    instructions::{id, seat},
};
use crate::http::{
    Shared,
    fault::Refused,
    frame::{Frame, hex, page},
    posted::Posted,
    visit::Officer,
};

#[derive(Template)]
#[template(path = "finance_refunds.html")]
pub struct RefundsPage {
    pub f: Frame,
    pub seat: Seat,
    pub told: Told,
    pub refunds: Vec<WaitingRefund>,
    pub more: bool,
    /// Refused when a case asked for them.
    pub refused: Vec<RefusedRefund>,
    pub more_refused: bool,
    /// The officer looks after this money, but is no treasurer of the agency.
    pub not_treasurer: bool,
}

impl RefundsPage {
    /// Where leads have it tried again.
    pub fn stuck(&self, one: &RefusedRefund) -> String {
        format!("/officer/stuck?agency={}&service={}", self.seat.agency, one.service)
    }

    /// The same beside `xizmat up`.
    pub fn command(&self, one: &RefusedRefund) -> String {
        format!("xizmat cases retry {} --agency {} --service {}", one.number, self.seat.agency, one.service)
    }

    pub fn payment(&self, one: &RefusedRefund) -> String {
        format!("/finance/payments/{}/{}", self.seat.agency, hex(&one.intent))
    }

    pub fn hex(&self, bytes: &[u8]) -> String {
        hex(bytes)
    }
}

pub async fn list(
    State(portal): Shared,
    Officer(visit, session): Officer,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Refused> {
    let seat = Seat::of(&portal, &session, &wanted.agency, "refunds").await?;
    let read = portal.services.read(&session, &LIST_REFUNDS, &seat.agency, &ListRefundsRequest {}).await;
    let (waiting, not_treasurer) = match read {
        Ok(waiting) => (waiting, false),
        Err(failure) if failure.code == "payment.unknown-refund" => (WaitingRefunds::default(), true),
        Err(failure) => return Err(failure.into()),
    };
    let (f, told) = (Frame::new(&portal, &visit), wanted.told());
    let WaitingRefunds { refunds, more, refused, more_refused } = waiting;
    page(&RefundsPage { f, seat, told, refunds, more, refused, more_refused, not_treasurer })
}

/// The first of two enters the order, the second one types it again.
pub async fn settle(State(portal): Shared, Officer(_, session): Officer, posted: Posted) -> Result<Response, Refused> {
    let agency = super::instructions::agency(&posted)?;
    let refund = id(posted.control("_refund"))?;
    let number = posted.control("_number").trim().to_owned();
    let order = Some(PaymentOrder { number, date: posted.control("_date").trim().to_owned() });
    let (services, command) = (&portal.services, posted.command()?);
    let page = format!("/finance/refunds?agency={}", seat(&posted));
    if posted.control("_part") == "confirm" {
        let request = ConfirmRefundRequest { refund, order };
        return back(&page, services.command(&session, &CONFIRM_REFUND, &agency, &request, command).await, "settled");
    }
    let request = SettleRefundRequest { refund, order };
    back(&page, services.command(&session, &SETTLE_REFUND, &agency, &request, command).await, "entered")
}
