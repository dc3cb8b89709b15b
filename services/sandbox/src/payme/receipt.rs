//! A receipt as Payme keeps it, and the ways in which a payment can be made to go wrong.

use std::collections::BTreeMap;

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};

/// States of Payme's receipts.
pub mod state {
    pub const CREATED: i64 = 0;
    pub const CREATING: i64 = 1;
    pub const WITHDRAWING: i64 = 2;
    /// Debited; the merchant is being told.
    pub const CLOSING: i64 = 3;
    pub const PAID: i64 = 4;
    pub const CANCELLING: i64 = 21;
    pub const CANCELLED: i64 = 50;
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "kebab-case")]
pub enum Failure {
    #[default]
    None,
    /// Every call twice, both at once.
    Duplicate,
    /// Performed long after it was created.
    Late,
    /// Each first answer of the merchant is lost on the way.
    LostResponse,
    /// Perform before Create, and Create again after Perform.
    Reordered,
    /// The card is declined after the transaction was created.
    Decline,
    /// Debited, and the merchant is never told.
    DebitWithoutCompletion,
    /// Debited long after it was created, and the merchant is never told.
    LateWithoutCompletion,
    /// The merchant is called with a wrong key.
    WrongKey,
    /// The merchant is called with another amount.
    OtherAmount,
}

impl Failure {
    pub const ALL: [Self; 10] = [
        Self::None,
        Self::Duplicate,
        Self::Late,
        Self::LostResponse,
        Self::Reordered,
        Self::Decline,
        Self::DebitWithoutCompletion,
        Self::LateWithoutCompletion,
        Self::WrongKey,
        Self::OtherAmount,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Duplicate => "duplicate",
            Self::Late => "late",
            Self::LostResponse => "lost-response",
            Self::Reordered => "reordered",
            Self::Decline => "decline",
            Self::DebitWithoutCompletion => "debit-without-completion",
            Self::LateWithoutCompletion => "late-without-completion",
            Self::WrongKey => "wrong-key",
            Self::OtherAmount => "other-amount",
        }
    }

    /// Whether the debit waits for the tester's word, or for its time.
    pub fn is_late(self) -> bool {
        matches!(self, Self::Late | Self::LateWithoutCompletion)
    }
}

/// One call to the merchant, as tests and people want to see it afterwards.
#[derive(Debug, Clone, Serialize)]
pub struct Exchange {
    pub method: String,
    /// 0: answered with a result; else the error's code; -1: no answer.
    pub code: i64,
    /// Sent twice: whether both answers were the same bytes.
    pub identical: Option<bool>,
}

#[derive(Debug, Clone, Serialize)]
pub struct Receipt {
    pub id: String,
    pub account: BTreeMap<String, String>,
    /// Tiyin.
    pub amount: i64,
    pub create_time: i64,
    pub state: i64,
    pub reason: Option<i64>,
    pub failure: Failure,
    pub exchanges: Vec<Exchange>,
}

/// What a checkout link says: base64 of `m=…;ac.order_id=…;a=…;l=…;c=…;ct=…`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    pub merchant: String,
    pub account: BTreeMap<String, String>,
    pub amount: i64,
    pub language: String,
    pub return_url: String,
}

impl Order {
    pub fn read(encoded: &str) -> Option<Self> {
        let text = String::from_utf8(STANDARD.decode(encoded).ok()?).ok()?;
        let mut fields: BTreeMap<&str, &str> = BTreeMap::new();
        for field in text.split(';') {
            let (name, value) = field.split_once('=')?;
            fields.insert(name, value);
        }
        let account =
            fields.iter().filter_map(|(name, value)| Some((name.strip_prefix("ac.")?.to_owned(), (*value).to_owned())));
        Some(Self {
            merchant: (*fields.get("m")?).to_owned(),
            account: account.collect(),
            amount: fields.get("a")?.parse().ok().filter(|amount| *amount > 0)?,
            language: fields.get("l").copied().unwrap_or("ru").to_owned(),
            return_url: fields
                .get("c")
                .filter(|url| url.starts_with("http://") || url.starts_with("https://"))
                .map(|url| (*url).to_owned())?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checkout_link_is_read_as_payme_writes_it() {
        let text = "m=shop;ac.order_id=42;a=500000;l=uz;c=http://localhost:8080/pay?x=1;ct=15000";
        let order = Order::read(&STANDARD.encode(text)).unwrap();
        assert_eq!(order.account["order_id"], "42");
        assert_eq!(order.amount, 500_000);
        assert_eq!(order.return_url, "http://localhost:8080/pay?x=1");
        assert_eq!(Order::read("!"), None);
        assert_eq!(Order::read(&STANDARD.encode("m=shop;a=5;c=javascript:1")), None);
    }
}
