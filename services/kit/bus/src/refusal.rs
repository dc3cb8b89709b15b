//! Carries a refusal over the bus: its kind, stable code and public sentence, never its detail.

use async_nats::HeaderMap;
use kernel::{ErrorKind, Failure};
use serde::{Deserialize, Serialize};

use crate::header;

#[derive(Serialize, Deserialize)]
struct Wire {
    kind: ErrorKind,
    code: String,
    message: String,
}

pub fn write(failure: &Failure) -> String {
    let wire = Wire { kind: failure.kind, code: failure.code.to_string(), message: failure.message.clone() };
    serde_json::to_string(&wire).expect("a struct of texts is JSON")
}

/// The refusal in a reply's headers, when there is one.
pub fn read(headers: &HeaderMap) -> Option<Failure> {
    let text = header::text(headers, header::ERROR);
    if text.is_empty() {
        return None;
    }
    let malformed = || Failure::internal("bus.malformed-reply", "A service gave an answer that cannot be read.");
    Some(
        serde_json::from_str(text)
            .map_or_else(|_| malformed(), |wire: Wire| Failure::new(wire.kind, wire.code, wire.message)),
    )
}

/// Short text for `Nats-Service-Error`: what the `nats` command shows.
pub fn summary(failure: &Failure) -> async_nats::service::error::Error {
    async_nats::service::error::Error {
        status: failure.code.to_string(),
        code: usize::from(failure.kind.http_status()),
    }
}
