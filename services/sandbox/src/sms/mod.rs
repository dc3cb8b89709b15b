//! An SMS gateway of Eskiz's form: a token, a message, its status; it keeps what was sent, and fails when told to.

use std::sync::{Arc, Mutex, MutexGuard};

use axum::{
    Form, Json, Router,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::{get, patch, post},
};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// What the next messages meet, one each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Failure {
    /// 503: nothing was taken.
    Down,
    /// 422: the number is wrong.
    Refuse,
    /// Taken, but the answer is not JSON.
    LostAnswer,
    /// Taken, and later undeliverable.
    Undeliverable,
    /// Taken; its receipt comes when it is told to.
    Unsettled,
    /// The token is not accepted.
    TokenExpired,
}

/// States of a receipt (SMPP 3.4, 5.2.28).
const ACCEPTED: &str = "ACCEPTD";
const DELIVERED: &str = "DELIVRD";
const UNDELIVERABLE: &str = "UNDELIV";

#[derive(Debug, Clone, Serialize)]
struct Sent {
    id: String,
    mobile_phone: String,
    message: String,
    from: String,
    status: &'static str,
}

#[derive(Default)]
struct Gateway {
    sent: Mutex<Vec<Sent>>,
    planned: Mutex<Vec<Failure>>,
    tokens: Mutex<Vec<String>>,
}

impl Gateway {
    fn sent(&self) -> MutexGuard<'_, Vec<Sent>> {
        self.sent.lock().expect("no holder of this lock panics")
    }

    fn planned(&self) -> MutexGuard<'_, Vec<Failure>> {
        self.planned.lock().expect("no holder of this lock panics")
    }

    fn tokens(&self) -> MutexGuard<'_, Vec<String>> {
        self.tokens.lock().expect("no holder of this lock panics")
    }

    fn next_failure(&self) -> Option<Failure> {
        let mut planned = self.planned();
        (!planned.is_empty()).then(|| planned.remove(0))
    }

    fn admits(&self, headers: &HeaderMap) -> bool {
        let given = headers.get("authorization").and_then(|value| value.to_str().ok());
        let token = given.and_then(|text| text.strip_prefix("Bearer "));
        token.is_some_and(|token| self.tokens().iter().any(|known| known == token))
    }
}

/// Routes relative to `/eskiz`: the gateway under `/api`, the tester's hand under `/control`.
pub fn router() -> Router {
    Router::new()
        .route("/api/auth/login", post(login))
        .route("/api/auth/refresh", patch(refresh))
        .route("/api/message/sms/send", post(send))
        .route("/api/message/sms/status_by_id/{id}", get(status))
        .route("/control", post(plan))
        .route("/control/messages", get(messages))
        .with_state(Arc::<Gateway>::default())
}

#[derive(Deserialize)]
struct Login {
    email: String,
    password: String,
}

async fn login(State(gateway): State<Arc<Gateway>>, Form(login): Form<Login>) -> Response {
    if login.email.is_empty() || login.password.is_empty() {
        return refused(StatusCode::UNAUTHORIZED, "Invalid credentials");
    }
    Json(json!({"message": "token_generated", "data": {"token": new_token(&gateway)}, "token_type": "bearer"}))
        .into_response()
}

fn new_token(gateway: &Gateway) -> String {
    let token = kernel::Hash::from_bytes(kernel::bytes(&boot::OsRandom)).to_string();
    gateway.tokens().push(token.clone());
    token
}

async fn refresh(State(gateway): State<Arc<Gateway>>, headers: HeaderMap) -> Response {
    if !gateway.admits(&headers) {
        return refused(StatusCode::UNAUTHORIZED, "Expired");
    }
    Json(json!({"message": "token_generated", "data": {"token": new_token(&gateway)}, "token_type": "bearer"}))
        .into_response()
}

#[derive(Deserialize)]
struct Message {
    mobile_phone: String,
    message: String,
    #[serde(default)]
    from: String,
}

async fn send(State(gateway): State<Arc<Gateway>>, headers: HeaderMap, Json(message): Json<Message>) -> Response {
    if !gateway.admits(&headers) {
        return refused(StatusCode::UNAUTHORIZED, "Expired");
    }
    let failure = gateway.next_failure();
    match failure {
        Some(Failure::Down) => return refused(StatusCode::SERVICE_UNAVAILABLE, "Try later"),
        Some(Failure::Refuse) => return refused(StatusCode::UNPROCESSABLE_ENTITY, "Invalid phone number"),
        Some(Failure::TokenExpired) => {
            gateway.tokens().clear();
            return refused(StatusCode::UNAUTHORIZED, "Expired");
        }
        Some(Failure::LostAnswer | Failure::Undeliverable | Failure::Unsettled) | None => {}
    }
    let mut sent = gateway.sent();
    let id = format!("sandbox-{}", sent.len() + 1);
    sent.push(Sent {
        id: id.clone(),
        mobile_phone: message.mobile_phone,
        message: message.message,
        from: message.from,
        status: match failure {
            Some(Failure::Undeliverable) => UNDELIVERABLE,
            Some(Failure::Unsettled) => ACCEPTED,
            _ => DELIVERED,
        },
    });
    if failure == Some(Failure::LostAnswer) {
        return (StatusCode::OK, "<html>gateway</html>").into_response();
    }
    Json(json!({"id": id, "message": "Waiting for SMS provider", "status": "waiting"})).into_response()
}

async fn status(State(gateway): State<Arc<Gateway>>, headers: HeaderMap, Path(id): Path<String>) -> Response {
    if !gateway.admits(&headers) {
        return refused(StatusCode::UNAUTHORIZED, "Expired");
    }
    let known = gateway.sent().iter().find(|sent| sent.id == id).cloned();
    match known {
        Some(sent) => {
            Json(json!({"status": "success", "data": {"id": sent.id, "status": sent.status}})).into_response()
        }
        None => refused(StatusCode::NOT_FOUND, "Not found"),
    }
}

fn refused(status: StatusCode, message: &str) -> Response {
    (status, Json(json!({"status": "error", "message": message}))).into_response()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Plan {
    #[serde(default)]
    next: Vec<Failure>,
    /// What becomes of all that is not settled: delivered, or not.
    #[serde(default)]
    receipts: Option<bool>,
}

async fn plan(State(gateway): State<Arc<Gateway>>, Json(plan): Json<Plan>) -> StatusCode {
    gateway.planned().extend(plan.next);
    if let Some(delivered) = plan.receipts {
        for sent in gateway.sent().iter_mut().filter(|sent| sent.status == ACCEPTED) {
            sent.status = if delivered { DELIVERED } else { UNDELIVERABLE };
        }
    }
    StatusCode::NO_CONTENT
}

async fn messages(State(gateway): State<Arc<Gateway>>) -> Response {
    let sent = gateway.sent().clone();
    Json(json!({"messages": sent})).into_response()
}
