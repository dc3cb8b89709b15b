//! JSON-RPC 2.0 as Payme speaks it: what a call looks like, and how results and errors are framed byte for byte.

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};

/// The outside of a call; parameters are read by the method's own type from the same raw bytes, so that a doubled or
/// mistyped field is refused and never silently chosen.
#[derive(Deserialize)]
pub struct Envelope {
    #[serde(default)]
    pub id: Value,
    pub method: Option<String>,
}

#[derive(Deserialize)]
struct WithParams<P> {
    params: P,
}

pub fn params<P: DeserializeOwned>(body: &[u8]) -> Option<P> {
    serde_json::from_slice::<WithParams<P>>(body).ok().map(|call| call.params)
}

/// An error in Payme's form. The message is for people where the code says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    pub code: i64,
    pub message: Message,
    pub data: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Message {
    pub ru: &'static str,
    pub uz: &'static str,
    pub en: &'static str,
}

/// An id is echoed only in the forms JSON-RPC knows.
fn echoed(id: &Value) -> Value {
    match id {
        Value::Number(_) | Value::String(_) => id.clone(),
        _ => Value::Null,
    }
}

pub fn answered(id: &Value, result: &[u8]) -> Vec<u8> {
    let head = format!("{{\"jsonrpc\":\"2.0\",\"id\":{},\"result\":", echoed(id));
    [head.as_bytes(), result, b"}"].concat()
}

pub fn refused(id: &Value, error: &Error) -> Vec<u8> {
    let Message { ru, uz, en } = error.message;
    let body = json!({
        "jsonrpc": "2.0",
        "id": echoed(id),
        "error": {
            "code": error.code,
            "message": {"ru": ru, "uz": uz, "en": en},
            "data": error.data,
        },
    });
    body.to_string().into_bytes()
}
