//! `settle-refund`: a treasurer enters the payment order by which a refund was paid that no provider makes.

use kernel::Failure;
use proto::payments::v1::{RefundReply, SettleRefundRequest};

use super::{
    Office,
    treasurer::{Part, settle},
};

pub async fn handle(office: &Office, call: bus::Call<SettleRefundRequest>) -> Result<RefundReply, Failure> {
    let named = (call.request.refund.as_slice(), call.request.order.as_ref());
    settle(office, &call, Part::Enter, named).await
}
