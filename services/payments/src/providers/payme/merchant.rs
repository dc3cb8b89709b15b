//! The HTTP edge of the Merchant API: always 200, the key checked in constant time, every call recorded or counted.

use std::sync::Arc;

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{Method, header},
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use kernel::{Failure, Hash};
use serde_json::Value;
use subtle::ConstantTimeEq;
use web::Described;

use super::{NAME, Settings, described, errors, methods, rpc};
use crate::{
    desk::Desk,
    domain::provider::Refused,
    store::{
        callbacks::{self, Callback},
        strangers::Strangers,
    },
};

pub(super) const BODY_BYTES_MAX: usize = 64 * 1024;
const CODE_BYTES_MAX: usize = 40;

pub struct Merchant {
    pub(super) desk: Desk,
    pub(super) settings: Settings,
    database: sql::Database,
    strangers: Strangers,
    /// Hash of login and key: comparing hashes hides also their lengths.
    secret: Hash,
}

/// Why a call is not answered with a result.
pub(super) enum Halt {
    Protocol(i64, Option<String>),
    Refused(Refused),
    Failed(Failure),
}

/// What a call came to.
struct Outcome {
    method: String,
    transaction: String,
    code: String,
    answer: Vec<u8>,
}

/// Routes relative to the callback prefix.
pub fn router(desk: Desk, database: sql::Database, settings: Settings, key: &str) -> Router {
    let merchant = Merchant::new(desk, database, settings, key);
    routes().router().with_state(Arc::new(merchant))
}

pub(super) fn routes() -> Described<Arc<Merchant>> {
    Described::new().machine(described::call(), receive)
}

async fn receive(State(merchant): State<Arc<Merchant>>, request: Request<Body>) -> Response {
    let (parts, body) = request.into_parts();
    let authorization =
        parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let answer = match to_bytes(body, BODY_BYTES_MAX).await {
        Ok(body) => {
            // A caller that hangs up must not stop a payment half-way.
            let work = async move { merchant.answer(&parts.method, authorization.as_deref(), &body).await };
            let work = tokio::spawn(boot::telemetry::carried(work));
            work.await.unwrap_or_else(|_| rpc::refused(&Value::Null, &errors::protocol(errors::SYSTEM, None)))
        }
        Err(_) => rpc::refused(&Value::Null, &errors::protocol(errors::PARSE, None)),
    };
    let kind = [(header::CONTENT_TYPE, "application/json; charset=utf-8"), (header::CACHE_CONTROL, "no-store")];
    (kind, answer).into_response()
}

impl Merchant {
    pub fn new(desk: Desk, database: sql::Database, settings: Settings, key: &str) -> Self {
        let secret = Hash::of_parts(&[settings.login.as_bytes(), key.as_bytes()]);
        let strangers = Strangers::new(database.clone());
        Self { desk, settings, database, strangers, secret }
    }

    /// Answers one call; whatever happens, the answer is Payme's own kind of JSON.
    pub async fn answer(&self, http: &Method, authorization: Option<&str>, body: &[u8]) -> Vec<u8> {
        let proven = authorization.is_some_and(|text| self.proves(text));
        let envelope = serde_json::from_slice::<rpc::Envelope>(body).ok();
        let id = envelope.as_ref().map_or(Value::Null, |envelope| envelope.id.clone());
        let method = envelope.as_ref().and_then(|call| call.method.clone());
        let halt = if *http != Method::POST {
            Some(errors::NOT_POST)
        } else if !proven {
            Some(errors::ACCESS)
        } else if envelope.is_none() {
            Some(errors::PARSE)
        } else if method.is_none() {
            Some(errors::FIELDS)
        } else {
            None
        };
        let method = method.unwrap_or_default();
        let outcome = match halt {
            Some(code) => self.halted(&id, &method, Halt::Protocol(code, None)),
            None => return self.perform(&id, &method, body).await,
        };
        if proven {
            self.record_alone(&outcome, body).await;
        } else {
            self.strangers.count(NAME, &outcome.code, body, self.desk.now()).await;
        }
        outcome.answer
    }

    /// Effect, stored answer and record of the call commit together, or none of them does.
    async fn perform(&self, id: &Value, method: &str, body: &[u8]) -> Vec<u8> {
        match self.attempt(id, method, body).await {
            Ok(answer) => answer,
            Err(failure) => {
                tracing::error!(provider = NAME, method = bounded(method), code = %failure.code, ?failure, "a provider's call failed");
                let outcome = self.halted(id, method, Halt::Failed(failure));
                self.record_alone(&outcome, body).await;
                outcome.answer
            }
        }
    }

    async fn attempt(&self, id: &Value, method: &str, body: &[u8]) -> Result<Vec<u8>, Failure> {
        let mut tx = self.database.begin().await?;
        let outcome = match methods::call(self, &mut tx, method, body).await {
            Ok(result) => Outcome {
                method: bounded(method),
                transaction: methods::transaction(body),
                code: "answered".into(),
                answer: rpc::answered(id, &result),
            },
            Err(Halt::Failed(failure)) => return Err(failure),
            // A refusal may have effects of its own: a transaction found too old is cancelled.
            Err(halt) => Outcome { transaction: methods::transaction(body), ..self.halted(id, method, halt) },
        };
        self.record(&mut tx, &outcome, body).await?;
        tx.commit().await?;
        Ok(outcome.answer)
    }

    fn halted(&self, id: &Value, method: &str, halt: Halt) -> Outcome {
        let (code, error) = match halt {
            Halt::Protocol(code, data) => {
                let name = match code {
                    errors::ACCESS => "payment.callback-key",
                    errors::SYSTEM => "payment.callback-failed",
                    _ => "payment.callback-malformed",
                };
                (name.to_owned(), errors::protocol(code, data))
            }
            Halt::Refused(refused) => (refused.code().to_owned(), errors::of(refused, self.settings.busy_code)),
            Halt::Failed(failure) => (failure.code.into_owned(), errors::protocol(errors::SYSTEM, None)),
        };
        tracing::info!(provider = NAME, method = bounded(method), code, "a provider's call was refused");
        Outcome { method: bounded(method), transaction: String::new(), code, answer: rpc::refused(id, &error) }
    }

    async fn record_alone(&self, outcome: &Outcome, body: &[u8]) {
        let work = async {
            let mut tx = self.database.begin().await?;
            self.record(&mut tx, outcome, body).await?;
            tx.commit().await.map_err(Failure::from)
        };
        if let Err(failure) = work.await {
            tracing::error!(provider = NAME, code = %failure.code, ?failure, "a provider's call could not be recorded");
        }
    }

    async fn record(&self, tx: &mut sql::Tx, outcome: &Outcome, body: &[u8]) -> Result<(), Failure> {
        let callback = Callback {
            provider: NAME,
            received: self.desk.now(),
            method: &outcome.method,
            transaction: &outcome.transaction,
            outcome: &outcome.code,
            body,
            answer: &outcome.answer,
        };
        callbacks::record(tx, &callback).await
    }

    /// HTTP Basic (RFC 7617), compared in constant time.
    fn proves(&self, authorization: &str) -> bool {
        let given =
            authorization.strip_prefix("Basic ").and_then(|text| STANDARD.decode(text.trim()).ok()).unwrap_or_default();
        let at = given.iter().position(|byte| *byte == b':').unwrap_or(given.len());
        let (login, key) = given.split_at(at);
        let hash = Hash::of_parts(&[login, key.get(1..).unwrap_or_default()]);
        bool::from(hash.as_bytes().ct_eq(self.secret.as_bytes()))
    }
}

/// A stranger's words enter records and logs only short and plain.
fn bounded(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).take(CODE_BYTES_MAX).collect()
}
