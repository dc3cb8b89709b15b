//! Names of the headers that a message carries beside its body.

pub const MESSAGE_ID: &str = "Xizmat-Message-Id";
/// Microseconds since the epoch at which the sender signed.
pub const TIME: &str = "Xizmat-Time";
/// Detached Ed25519 JWS (RFC 7515 appendix F, RFC 7797) over what `signature` describes.
pub const SIGNATURE: &str = "Xizmat-Signature";
/// Microseconds since the epoch after which nobody waits for the reply.
pub const DEADLINE: &str = "Xizmat-Deadline";
/// The person's assertion for this one command.
pub const ASSERTION: &str = "Xizmat-Assertion";
/// A refusal as JSON: kind, code and public message.
pub const ERROR: &str = "Xizmat-Error";
/// W3C trace context of what caused the message. Not signed: it explains, nothing is decided by it.
pub const TRACE_PARENT: &str = "traceparent";

pub const PRODUCER: &str = "Xizmat-Producer";
/// Which of the producer's databases; absent where it has one.
pub const LOG: &str = "Xizmat-Log";
pub const EPOCH: &str = "Xizmat-Epoch";
pub const SEQUENCE: &str = "Xizmat-Sequence";
pub const CASE: &str = "Xizmat-Case";
pub const CASE_SEQUENCE: &str = "Xizmat-Case-Sequence";

/// CloudEvents 1.0, NATS binding, binary mode.
pub const CE_SPECVERSION: &str = "ce-specversion";
pub const CE_ID: &str = "ce-id";
pub const CE_SOURCE: &str = "ce-source";
pub const CE_TYPE: &str = "ce-type";
pub const CE_TIME: &str = "ce-time";
pub const CE_SUBJECT: &str = "ce-subject";
pub const CE_DATA_CONTENT_TYPE: &str = "ce-datacontenttype";

/// The trace that a message goes on with.
pub fn trace(headers: &async_nats::HeaderMap) -> Option<kernel::Trace> {
    kernel::Trace::parse(text(headers, TRACE_PARENT))
}

/// The text of a header, empty when it is not there.
pub fn text<'a>(headers: &'a async_nats::HeaderMap, name: &str) -> &'a str {
    headers.get(name).map_or("", async_nats::HeaderValue::as_str)
}
