//! The receipts API a merchant uses: `receipts.check`, `receipts.get`, `receipts.cancel`, with `X-Auth: <id>:<key>`.

use std::sync::Arc;

use axum::{Json, body::Bytes, extract::State, http::HeaderMap};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Payme, pay,
    receipt::{Receipt, state},
};

const ACCESS: i64 = -32_504;
const PARSE: i64 = -32_700;
const METHOD: i64 = -32_601;
const NOT_FOUND: i64 = -31_003;
const NOT_CANCELLABLE: i64 = -31_007;

#[derive(Deserialize)]
struct Call {
    #[serde(default)]
    id: Value,
    method: String,
    params: Params,
}

#[derive(Deserialize)]
struct Params {
    id: String,
}

pub async fn receive(State(payme): State<Arc<Payme>>, headers: HeaderMap, body: Bytes) -> Json<Value> {
    let given = headers.get("x-auth").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let Ok(key) = boot::secrets::read(&payme.settings.api_key_file) else {
        return Json(error(&Value::Null, ACCESS));
    };
    if given != format!("{}:{key}", payme.settings.merchant_id) {
        return Json(error(&Value::Null, ACCESS));
    }
    let Ok(call) = serde_json::from_slice::<Call>(&body) else {
        return Json(error(&Value::Null, PARSE));
    };
    let Some(receipt) = payme.receipt(&call.params.id) else {
        return Json(error(&call.id, NOT_FOUND));
    };
    let answer = match call.method.as_str() {
        "receipts.check" => Ok(json!({"state": receipt.state})),
        "receipts.get" => Ok(json!({"receipt": shown(&receipt)})),
        "receipts.cancel" => cancel(&payme, &receipt),
        _ => Err(METHOD),
    };
    Json(match answer {
        Ok(result) => json!({"jsonrpc": "2.0", "id": call.id, "result": result}),
        Err(code) => error(&call.id, code),
    })
}

/// Queues the reversal; repeating it changes nothing.
fn cancel(payme: &Arc<Payme>, receipt: &Receipt) -> Result<Value, i64> {
    match receipt.state {
        state::PAID => {
            payme.change(&receipt.id, |receipt| receipt.state = state::CANCELLING);
            tokio::spawn(pay::refund(Arc::downgrade(payme), receipt.id.clone()));
        }
        state::CANCELLING | state::CANCELLED => {}
        _ => return Err(NOT_CANCELLABLE),
    }
    let now = payme.receipt(&receipt.id).ok_or(NOT_FOUND)?;
    Ok(json!({"receipt": shown(&now)}))
}

fn shown(receipt: &Receipt) -> Value {
    json!({
        "_id": receipt.id,
        "create_time": receipt.create_time,
        "state": receipt.state,
        "amount": receipt.amount,
        "account": receipt.account,
    })
}

fn error(id: &Value, code: i64) -> Value {
    json!({"jsonrpc": "2.0", "id": id, "error": {"code": code, "message": "refused", "data": null}})
}
