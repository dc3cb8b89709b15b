//! What we ask Payme: the state of a receipt, and to cancel it. JSON-RPC with `X-Auth: <register>:<key>`.

use std::time::Duration;

use kernel::{Failure, Personal};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Settings;
use crate::domain::provider::{RefundAnswer, Standing};

const PATIENCE: Duration = Duration::from_secs(15);
const ANSWER_BYTES_MAX: usize = 256 * 1024;

pub struct Client {
    http: reqwest::Client,
    url: String,
    /// Masked, so that it is never printed.
    auth: Personal<String>,
}

#[derive(Deserialize)]
struct Answer {
    result: Option<Value>,
    error: Option<Error>,
}

#[derive(Deserialize)]
struct Error {
    code: i64,
}

impl Client {
    pub fn new(settings: &Settings, api_key: &str) -> Result<Self, Failure> {
        let http =
            reqwest::Client::builder().timeout(PATIENCE).redirect(reqwest::redirect::Policy::none()).build().map_err(
                |error| Failure::internal("payment.client", "The payment client cannot be made.").with_detail(error),
            )?;
        Ok(Self {
            http,
            url: settings.api_url.clone(),
            auth: Personal::new(format!("{}:{api_key}", settings.merchant_id)),
        })
    }

    pub async fn check(&self, receipt: &str) -> Result<Standing, Failure> {
        let answer = self.call("receipts.check", receipt).await?;
        match (answer.result, answer.error) {
            (Some(result), _) => standing(&result["state"]),
            (None, Some(error)) if refusal(error.code) => Ok(Standing::Unknown),
            (None, error) => Err(unavailable(error.map_or(0, |error| error.code))),
        }
    }

    pub async fn cancel(&self, receipt: &str) -> Result<RefundAnswer, Failure> {
        let answer = self.call("receipts.cancel", receipt).await?;
        match (answer.result, answer.error) {
            (Some(result), _) => match standing(&result["receipt"]["state"])? {
                Standing::Cancelled => Ok(RefundAnswer::Settled),
                _ => Ok(RefundAnswer::Accepted),
            },
            (None, Some(error)) if refusal(error.code) => Ok(RefundAnswer::Refused(format!("error {}", error.code))),
            (None, error) => Err(unavailable(error.map_or(0, |error| error.code))),
        }
    }

    async fn call(&self, method: &str, receipt: &str) -> Result<Answer, Failure> {
        let body = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": {"id": receipt}});
        let response = self
            .http
            .post(&self.url)
            .header("X-Auth", self.auth.reveal())
            .json(&body)
            .send()
            .await
            .and_then(reqwest::Response::error_for_status)
            // The address stays out of the error: it may hold what does not belong into a log.
            .map_err(|error| unavailable(error.without_url()))?;
        let bytes = response.bytes().await.map_err(|error| unavailable(error.without_url()))?;
        if bytes.len() > ANSWER_BYTES_MAX {
            return Err(unavailable("the answer is too large"));
        }
        serde_json::from_slice(&bytes).map_err(unavailable)
    }
}

/// Codes of Payme's business refusals; -32xxx are its system's.
fn refusal(code: i64) -> bool {
    (-31_999..=-31_000).contains(&code)
}

/// Receipt states: 0–3 on the way (3: debited, our side is being told), 4 paid, 20–30 waiting, 21 being cancelled, 50 cancelled.
fn standing(state: &Value) -> Result<Standing, Failure> {
    match state.as_i64() {
        Some(0..=2 | 20) => Ok(Standing::Pending),
        Some(3 | 30) => Ok(Standing::Debited),
        Some(4) => Ok(Standing::Paid),
        Some(21) => Ok(Standing::Reversing),
        Some(50) => Ok(Standing::Cancelled),
        other => Err(unavailable(format!("receipt state {other:?}"))),
    }
}

fn unavailable(detail: impl std::fmt::Display) -> Failure {
    Failure::unavailable(
        "payment.provider-unavailable",
        "The payment provider does not answer. It will be asked again.",
    )
    .with_detail(detail)
}
