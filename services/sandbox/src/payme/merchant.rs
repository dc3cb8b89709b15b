//! The calls Payme makes to its merchant: JSON-RPC over HTTP with Basic authentication, repeated until answered.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::{
    Payme,
    receipt::{Exchange, Failure},
};

const TRIES: u32 = 4;
const PAUSE: Duration = Duration::from_millis(250);

/// The merchant's word on one call.
#[derive(Debug, Clone)]
pub enum Answer {
    Result,
    /// Code, and the message for people in the three languages.
    Error(i64, Value),
    /// Nothing came back, or nothing that could be read.
    Nothing,
}

impl Answer {
    pub fn is_result(&self) -> bool {
        matches!(self, Self::Result)
    }

    fn code(&self) -> i64 {
        match self {
            Self::Result => 0,
            Self::Error(code, _) => *code,
            Self::Nothing => -1,
        }
    }
}

impl Payme {
    /// Calls the merchant for a receipt, the way its failure says; what happened is written on the receipt.
    pub(super) async fn call(&self, receipt: &str, failure: Failure, method: &str, params: Value) -> Answer {
        let body = json!({"jsonrpc": "2.0", "id": self.now_ms(), "method": method, "params": params}).to_string();
        let (bytes, identical) = match failure {
            Failure::Duplicate => {
                let (one, other) = tokio::join!(self.insist(&body, failure), self.insist(&body, failure));
                let identical = one == other;
                (one, Some(identical))
            }
            Failure::LostResponse => {
                // The merchant did its part, but its answer never arrived: Payme asks again.
                let lost = self.send(&body, failure).await;
                let again = self.insist(&body, failure).await;
                let identical = lost == again;
                (again, Some(identical))
            }
            _ if self.settings.twice => {
                let first = self.insist(&body, failure).await;
                let second = self.insist(&body, failure).await;
                let identical = first == second;
                (first, Some(identical))
            }
            _ => (self.insist(&body, failure).await, None),
        };
        let answer = bytes.as_deref().map_or(Answer::Nothing, read);
        if identical == Some(false) {
            tracing::error!(receipt, method, "the merchant answered a repeat differently");
        }
        let exchange = Exchange { method: method.to_owned(), code: answer.code(), identical };
        self.change(receipt, |receipt| receipt.exchanges.push(exchange));
        answer
    }

    async fn insist(&self, body: &str, failure: Failure) -> Option<Vec<u8>> {
        for attempt in 0..TRIES {
            if let Some(answer) = self.send(body, failure).await {
                return Some(answer);
            }
            tokio::time::sleep(PAUSE * 2_u32.pow(attempt)).await;
        }
        None
    }

    async fn send(&self, body: &str, failure: Failure) -> Option<Vec<u8>> {
        let key = boot::secrets::read(&self.settings.key_file).ok()?;
        let key = if failure == Failure::WrongKey { format!("{key}x") } else { key };
        let basic = STANDARD.encode(format!("{}:{key}", self.settings.login));
        let response = self
            .http
            .post(&self.settings.merchant_url)
            .header("authorization", format!("Basic {basic}"))
            .header("content-type", "application/json")
            .body(body.to_owned())
            .send()
            .await
            .ok()?;
        // Anything but 200 is no answer (Payme counts it as -32400 and repeats).
        if response.status() != 200 {
            return None;
        }
        Some(response.bytes().await.ok()?.to_vec())
    }
}

fn read(bytes: &[u8]) -> Answer {
    let Ok(mut answer) = serde_json::from_slice::<Value>(bytes) else { return Answer::Nothing };
    if answer["result"].is_object() {
        return Answer::Result;
    }
    match answer["error"]["code"].as_i64() {
        Some(code) => Answer::Error(code, answer["error"]["message"].take()),
        None => Answer::Nothing,
    }
}
