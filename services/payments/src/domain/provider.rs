//! The port to payment providers, drawn from the protocols of Payme, Click and Uzum: they open, complete and reverse
//! transactions on our side (Payme Create/Perform/Cancel, Click Prepare/Complete, Uzum create/confirm/reverse), and we
//! ask them for status and refunds.

use async_trait::async_trait;
use kernel::{Failure, IntentId, Language, Money, Time};

/// What a provider can do. What it cannot goes to a person, never to another provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capabilities {
    pub refund: RefundCapability,
    pub status: bool,
    pub statement: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefundCapability {
    None,
    FullOnly,
    Partial,
}

/// What the browser is sent to the provider with.
#[derive(Debug, Clone)]
pub struct Checkout<'a> {
    pub intent: IntentId,
    pub amount: Money,
    pub return_url: &'a str,
    pub language: Language,
}

/// What a provider says about its transaction when asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Not debited yet.
    Pending,
    /// Debited; our side was not told, or not yet.
    Debited,
    Paid,
    /// A reversal was ordered and is on its way.
    Reversing,
    Cancelled,
    /// The provider knows no such transaction.
    Unknown,
}

/// What became of an order to refund.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RefundAnswer {
    /// The provider will report the reversal itself.
    Accepted,
    Settled,
    /// It will never do it.
    Refused(String),
}

#[async_trait]
pub trait Provider: Send + Sync {
    /// Stable name, part of account names and addresses.
    fn name(&self) -> &str;
    /// What people know it by.
    fn title(&self) -> &str;
    fn trial(&self) -> bool;
    fn capabilities(&self) -> Capabilities;
    /// Where to send the browser.
    fn checkout_url(&self, checkout: &Checkout<'_>) -> Result<String, Failure>;
    /// When an open transaction of the provider dies by itself.
    fn hold_ends(&self, provider_time: Time, held: Time) -> Time;
    /// The reason, in the provider's numbers, under which such a transaction ends.
    fn timeout_reason(&self) -> i64;
    /// The reason under which it ends when we refund.
    fn refund_reason(&self) -> i64;
    async fn status(&self, transaction: &str) -> Result<Standing, Failure>;
    /// Keyed by the provider's transaction: may be repeated.
    async fn refund(&self, transaction: &str, amount: Money) -> Result<RefundAnswer, Failure>;
}

/// Why a provider's call was refused, before it is put into that provider's own words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// No intent with this number.
    UnknownOrder,
    /// No transaction with this id.
    UnknownTransaction,
    /// The fee is paid already.
    AlreadyPaid,
    /// The intent lapsed or was cancelled.
    Closed,
    /// The amount is not the one that payments fixed.
    Amount,
    /// Another transaction holds this intent.
    Busy,
    /// The transaction's state does not allow it.
    State,
    /// The transaction is too old.
    TimedOut,
    /// Money of a captured intent goes back only on our own refund.
    NotRefundable,
}

impl Refused {
    /// Stable code for records and logs.
    pub fn code(self) -> &'static str {
        match self {
            Self::UnknownOrder => "payment.unknown-order",
            Self::UnknownTransaction => "payment.unknown-transaction",
            Self::AlreadyPaid => "payment.already-paid",
            Self::Closed => "payment.closed",
            Self::Amount => "payment.amount-mismatch",
            Self::Busy => "payment.in-progress",
            Self::State => "payment.wrong-state",
            Self::TimedOut => "payment.timed-out",
            Self::NotRefundable => "payment.not-refundable",
        }
    }
}

/// A provider's call ends in an answer, in a refusal that is part of the protocol, or in a failure of ours.
#[derive(Debug)]
pub enum Stop {
    Refused(Refused),
    Failed(Failure),
}

impl From<Refused> for Stop {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused)
    }
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}
