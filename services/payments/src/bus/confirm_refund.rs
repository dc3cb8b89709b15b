//! `confirm-refund`: another treasurer confirms the payment order, and the refund is settled.

use kernel::Failure;
use proto::payments::v1::{ConfirmRefundRequest, RefundReply};

use super::{
    Office,
    treasurer::{Part, settle},
};

pub async fn handle(office: &Office, call: bus::Call<ConfirmRefundRequest>) -> Result<RefundReply, Failure> {
    let named = (call.request.refund.as_slice(), call.request.order.as_ref());
    settle(office, &call, Part::Confirm, named).await
}
