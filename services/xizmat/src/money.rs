//! `xizmat money`: treasurers see which refunds no provider makes, and settle them two by two.

use clap::{Args, Subcommand};
use kernel::{Failure, Money, RefundId, Time};
use proto::payments::v1::{
    ConfirmRefundRequest, ListRefundsRequest, PaymentOrder, RefundReply, RefusedRefund, SettleRefundRequest,
    WaitingRefund,
    operations::{CONFIRM_REFUND, LIST_REFUNDS, SETTLE_REFUND},
};

use crate::officer::Officer;

#[derive(Subcommand)]
pub enum What {
    /// Lists the refunds that no provider makes and that wait to be paid another way, and what payments refused to give back.
    Refunds {
        #[command(flatten)]
        treasurer: Officer,
    },
    /// Enters the treasury's payment order by which a refund was paid; another treasurer has to confirm it.
    SettleRefund(Payout),
    /// Confirms, as another treasurer, the payment order that was entered: the refund is settled.
    ConfirmRefund(Payout),
}

#[derive(Args)]
pub struct Payout {
    /// The refund's id, as the list shows it.
    refund: RefundId,
    /// Number of the payment order.
    #[arg(long)]
    order: String,
    /// Date of the payment order, such as 2026-11-29.
    #[arg(long)]
    date: String,
    #[command(flatten)]
    treasurer: Officer,
}

impl Payout {
    fn named(&self) -> (Vec<u8>, Option<PaymentOrder>) {
        let order = PaymentOrder { number: self.order.clone(), date: self.date.clone() };
        (self.refund.to_vec(), Some(order))
    }
}

pub async fn run(what: What) -> Result<(), Failure> {
    match what {
        What::Refunds { treasurer } => {
            let waiting = treasurer.ask(&LIST_REFUNDS, None, &ListRefundsRequest {}).await?;
            if waiting.refunds.is_empty() {
                println!("No refund waits to be paid another way.");
            }
            for refund in &waiting.refunds {
                println!("{}", line(refund)?);
            }
            if waiting.more {
                println!("There are more; they are listed once these are settled.");
            }
            for refused in &waiting.refused {
                println!("{}", refusal(refused));
            }
            if waiting.more_refused {
                println!("More were refused; they are listed once these are dealt with.");
            }
        }
        What::SettleRefund(payout) => {
            let (refund, order) = payout.named();
            let settled = payout.treasurer.ask(&SETTLE_REFUND, None, &SettleRefundRequest { refund, order }).await?;
            println!("{}: {} entered; another treasurer has to confirm it.", payout.refund, amount(&settled));
        }
        What::ConfirmRefund(payout) => {
            let (refund, order) = payout.named();
            let settled = payout.treasurer.ask(&CONFIRM_REFUND, None, &ConfirmRefundRequest { refund, order }).await?;
            println!("{}: {} settled.", payout.refund, amount(&settled));
        }
    }
    Ok(())
}

fn amount(settled: &RefundReply) -> String {
    som(settled.amount.as_ref())
}

fn som(amount: Option<&proto::Money>) -> String {
    let minor = amount.map_or(0, |amount| amount.minor);
    format!("{} UZS", Money::uzs(minor).to_decimal())
}

/// A lead of the agency has it tried again by the command that stands there.
fn refusal(refused: &RefusedRefund) -> String {
    let RefusedRefund { number, service, code, .. } = refused;
    let (owed, since) = (som(refused.amount.as_ref()), Time::from_micros(refused.refused_us));
    format!(
        "{number}  {owed}  {service}  refused since {since}: {code}  xizmat cases retry {number} --service {service}"
    )
}

fn line(refund: &WaitingRefund) -> Result<String, Failure> {
    let id = RefundId::from_slice(&refund.refund)?;
    let WaitingRefund { number, service, reason, provider, transaction, .. } = refund;
    let (owed, since) = (som(refund.amount.as_ref()), Time::from_micros(refund.booked_us));
    let stands = match &refund.order {
        Some(order) => {
            let by = if refund.own { "you" } else { "another treasurer" };
            format!("order {} of {} entered by {by}, to be confirmed", order.number, order.date)
        }
        None => "to be paid".to_owned(),
    };
    Ok(format!("{id}  {number}  {owed}  {service}  {reason}  since {since}  {provider} {transaction}  {stands}"))
}
