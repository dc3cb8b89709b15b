//! Payme (Paycom): the Merchant API by which Payme calls us, the checkout page people are sent to, and the receipts API
//! by which we ask and refund. Protocol: developer.help.paycom.uz.

mod client;
mod described;
mod errors;
mod merchant;
mod methods;
mod rpc;

use std::{path::PathBuf, time::Duration};

use async_trait::async_trait;
use base64::{Engine, engine::general_purpose::STANDARD};
use boot::Stage;
use kernel::{Failure, Language, Money, Time};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use described::document;
pub use merchant::router;

use crate::domain::provider::{Capabilities, Checkout, Provider, RefundAnswer, RefundCapability, Standing};

pub const NAME: &str = "payme";
/// A transaction lives twelve hours from Payme's own time of it.
const HOLD: Duration = Duration::from_millis(43_200_000);
const REASON_TIMEOUT: i64 = 4;
const REASON_REFUND: i64 = 5;

/// How Payme and this platform reach each other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Whether this is Payme's test or working environment; must equal the platform's own stage.
    pub stage: Stage,
    /// What people read beside the button.
    pub title: String,
    /// Id of the cash register, as Payme's cabinet shows it.
    pub merchant_id: String,
    /// User name in Payme's calls.
    pub login: String,
    /// File with the key in Payme's calls.
    pub key_file: PathBuf,
    /// Where people pay.
    pub checkout_url: String,
    /// Payme's own API, for enquiries and refunds.
    pub api_url: String,
    /// File with the cash register's key for that API.
    pub api_key_file: PathBuf,
    /// Error code for an order that another transaction holds; Payme leaves it to the merchant (-31099…-31050, -31008).
    pub busy_code: i64,
    /// Goods and tax codes for the fiscal receipt; left out: Payme makes none for us.
    pub fiscal: Option<Fiscal>,
}

/// What a fiscal receipt says about a state fee.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Fiscal {
    /// IKPU code of the service.
    pub code: String,
    /// Package code that belongs to it.
    pub package_code: String,
    /// Value added tax in percent.
    pub vat_percent: u32,
    /// Name on the receipt.
    pub title: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            stage: Stage::Trial,
            title: "Payme".into(),
            merchant_id: String::new(),
            login: "Paycom".into(),
            key_file: PathBuf::new(),
            checkout_url: "https://checkout.paycom.uz/".into(),
            api_url: "https://checkout.paycom.uz/api".into(),
            api_key_file: PathBuf::new(),
            busy_code: -31_050,
            fiscal: None,
        }
    }
}

pub struct Payme {
    settings: Settings,
    client: client::Client,
}

impl Payme {
    pub fn new(settings: Settings, api_key: &str) -> Result<Self, Failure> {
        let client = client::Client::new(&settings, api_key)?;
        Ok(Self { settings, client })
    }
}

/// Payme's pages speak three languages; the others get the nearest.
fn language(language: Language) -> &'static str {
    match language {
        Language::Uz | Language::UzCyrl | Language::Kaa => "uz",
        Language::Ru => "ru",
        Language::En => "en",
    }
}

#[async_trait]
impl Provider for Payme {
    fn name(&self) -> &str {
        NAME
    }

    fn title(&self) -> &str {
        &self.settings.title
    }

    fn trial(&self) -> bool {
        self.settings.stage == Stage::Trial
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities { refund: RefundCapability::FullOnly, status: true, statement: true }
    }

    fn checkout_url(&self, checkout: &Checkout<'_>) -> Result<String, Failure> {
        if checkout.return_url.contains(';') {
            return Err(Failure::invalid("payment.return-url", "The address to return to may not hold a semicolon."));
        }
        let parameters = format!(
            "m={};ac.order_id={};a={};l={};c={};ct=15000",
            self.settings.merchant_id,
            checkout.intent,
            checkout.amount.minor,
            language(checkout.language),
            checkout.return_url,
        );
        let base = self.settings.checkout_url.trim_end_matches('/');
        Ok(format!("{base}/{}", STANDARD.encode(parameters)))
    }

    fn hold_ends(&self, provider_time: Time, held: Time) -> Time {
        // A provider's clock that runs ahead must not make a hold live longer.
        provider_time.min(held).plus(HOLD)
    }

    fn timeout_reason(&self) -> i64 {
        REASON_TIMEOUT
    }

    fn refund_reason(&self) -> i64 {
        REASON_REFUND
    }

    async fn status(&self, transaction: &str) -> Result<Standing, Failure> {
        self.client.check(transaction).await
    }

    async fn refund(&self, transaction: &str, _whole: Money) -> Result<RefundAnswer, Failure> {
        self.client.cancel(transaction).await
    }
}

#[cfg(test)]
mod tests;
