//! The Merchant API in OpenAPI's words (`docs/api/payments.yaml`): one address, the method is in the body.

use axum::http::Method;
use schemars::JsonSchema;
use serde_json::{Map, Value, json};
use web::{Content, Operation, operation};

use super::merchant::{BODY_BYTES_MAX, routes};

const ABOUT: &str = "What payment providers call. Payme: Merchant API (JSON-RPC 2.0 with amounts in tiyin and times in \
    milliseconds); every call is recorded, a repeated one gets the same bytes again.";
const SCHEME: &str = "payme";

/// The OpenAPI document.
pub fn document() -> Value {
    let about = "The cash register's login and key, compared in constant time.";
    let schemes = json!({ SCHEME: { "type": "http", "scheme": "basic", "description": about } });
    routes().document("Xizmat payments", ABOUT, "/callback", schemes)
}

pub(super) fn call() -> Operation {
    operation(
        Method::POST,
        "/payme",
        "payme",
        "Payme's server calls: may it take the money, it took it, it gave it back.",
    )
    .about(
        "Methods: CheckPerformTransaction, CreateTransaction, PerformTransaction, CancelTransaction, CheckTransaction, \
             GetStatement, SetFiscalData. The status is always 200, also for another HTTP method or a wrong key: what \
             happened is in `result` or `error`.",
    )
    .any_method()
    .proved_by(&[SCHEME])
    .at_most(BODY_BYTES_MAX)
    .takes(Content::json::<Call>())
    .answers(200, "The method's result, or an error in Payme's codes.", Content::json::<Answer>())
}

#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its shape is told")]
struct Call {
    jsonrpc: Option<String>,
    /// A number or a text; comes back as it was given.
    id: Value,
    method: Word,
    /// The method's own: `amount` and `account.order_id`, `id` and `reason`, `from` and `to`, …
    params: Map<String, Value>,
}

#[derive(JsonSchema)]
#[expect(dead_code, reason = "Payme's own words; only their shape is told")]
enum Word {
    CheckPerformTransaction,
    CreateTransaction,
    PerformTransaction,
    CancelTransaction,
    CheckTransaction,
    GetStatement,
    SetFiscalData,
}

#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its shape is told")]
struct Answer {
    jsonrpc: String,
    id: Value,
    /// What the method found or did.
    result: Option<Map<String, Value>>,
    error: Option<Error>,
}

#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its shape is told")]
struct Error {
    /// Payme's: -32504 the key is wrong, -31001 the amount, -31003 no such transaction, -31008 not in this state, …
    code: i64,
    message: Sentences,
    /// The field that is meant.
    data: Option<String>,
}

#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its shape is told")]
struct Sentences {
    ru: String,
    uz: String,
    en: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_method_that_is_named_is_one_that_is_answered() {
        let source = include_str!("methods.rs");
        let document = document();
        let body = &document["paths"]["/payme"]["post"]["requestBody"]["content"]["application/json"]["schema"];
        let methods = body["properties"]["method"]["enum"].as_array().unwrap();
        assert_eq!(methods.len(), 7);
        for method in methods {
            assert!(source.contains(&method.to_string()), "{method} is not answered");
        }
    }
}
