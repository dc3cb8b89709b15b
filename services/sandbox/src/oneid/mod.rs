//! OneID's counterpart: speaks the protocol of `sso.egov.uz` for fictional citizens, and fails on demand.

mod control;
mod page;
mod state;
#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use axum::{
    Json, Router,
    extract::{Form, Query, State},
    http::{StatusCode, header},
    response::{Html, IntoResponse, Response},
    routing::{get, post},
};
use kernel::{Clock, Random};
use serde_json::{Value, json};
use url::Url;

use control::Fault;
use state::{Company, Counterpart, Person};

/// What the counterpart knows about the platform that calls it.
pub struct Settings {
    pub client_id: String,
    pub client_secret: String,
    /// Addresses a citizen may be sent back to.
    pub redirect_uris: Vec<String>,
    pub clock: Arc<dyn Clock>,
    pub random: Arc<dyn Random>,
}

/// Longer than the platform waits.
const SLOW: Duration = Duration::from_secs(15);

type Fields = BTreeMap<String, String>;
type Shared = State<Arc<Counterpart>>;

/// Mounted under `/oneid`.
pub fn router(settings: Settings) -> Router {
    let counterpart = Arc::new(Counterpart::new(settings));
    Router::new()
        .route("/sso/oauth/Authorization.do", get(show).post(answer))
        .route("/sign-in", post(sign_in))
        .route("/control", get(control::show).post(control::set))
        .route("/companies/control", post(control::change_companies))
        .route("/persons/control", post(control::add_persons))
        .with_state(counterpart)
}

fn field<'f>(fields: &'f Fields, name: &str) -> &'f str {
    fields.get(name).map(String::as_str).unwrap_or_default()
}

fn wrong(text: &str) -> Response {
    (StatusCode::BAD_REQUEST, Html(page::message(text))).into_response()
}

/// What a browser sees: who do you want to be?
async fn show(State(counterpart): Shared, Query(fields): Query<Fields>) -> Response {
    if field(&fields, "response_type") != "one_code" {
        return wrong("response_type must be one_code");
    }
    if field(&fields, "client_id") != counterpart.settings.client_id {
        return wrong("client_id is not known");
    }
    if !counterpart.knows_address(field(&fields, "redirect_uri")) {
        return wrong("redirect_uri is not registered");
    }
    Html(page::sign_in(counterpart.persons(), &fields)).into_response()
}

async fn sign_in(State(counterpart): Shared, Form(fields): Form<Fields>) -> Response {
    let redirect_uri = field(&fields, "redirect_uri");
    let known = counterpart.knows_address(redirect_uri);
    let Some(mut address) = Url::parse(redirect_uri).ok().filter(|_| known) else {
        return wrong("redirect_uri is not registered");
    };
    let state = field(&fields, "state");
    if field(&fields, "person").is_empty() {
        address.query_pairs_mut().append_pair("error", "access_denied").append_pair("state", state);
    } else {
        let Some(code) = counterpart.begin(field(&fields, "person"), redirect_uri) else {
            return wrong("this citizen is not known");
        };
        address.query_pairs_mut().append_pair("code", &code).append_pair("state", state);
    }
    (StatusCode::SEE_OTHER, [(header::LOCATION, address.to_string())]).into_response()
}

/// What the platform asks over its own connection.
async fn answer(State(counterpart): Shared, Form(fields): Form<Fields>) -> Response {
    let secret = field(&fields, "client_secret") == counterpart.settings.client_secret;
    if !secret || field(&fields, "client_id") != counterpart.settings.client_id {
        return refuse(StatusCode::UNAUTHORIZED, "invalid_client");
    }
    match field(&fields, "grant_type") {
        "one_authorization_code" => redeem(&counterpart, &fields),
        "one_access_token_identify" => identify(&counterpart, &fields).await,
        "one_log_out" => {
            let ended = counterpart.end(field(&fields, "access_token"));
            Json(json!({ "ret_cd": if ended { "0" } else { "1" } })).into_response()
        }
        _ => refuse(StatusCode::BAD_REQUEST, "unsupported_grant_type"),
    }
}

fn redeem(counterpart: &Counterpart, fields: &Fields) -> Response {
    if counterpart.strikes(Fault::ExpiredCode) {
        return refuse(StatusCode::BAD_REQUEST, "invalid_grant");
    }
    let redeemed = counterpart.redeem(field(fields, "code"), field(fields, "redirect_uri"));
    let Some((access_token, refresh_token)) = redeemed else {
        return refuse(StatusCode::BAD_REQUEST, "invalid_grant");
    };
    let lasts_until = counterpart.settings.clock.now().plus(state::TOKEN_LIFE);
    Json(json!({
        "scope": counterpart.settings.client_id,
        "expires_in": lasts_until.millis().to_string(),
        "token_type": "bearer",
        "refresh_token": refresh_token,
        "access_token": access_token,
    }))
    .into_response()
}

async fn identify(counterpart: &Counterpart, fields: &Fields) -> Response {
    if counterpart.strikes(Fault::Slow) {
        counterpart.settings.clock.sleep_until(counterpart.settings.clock.now().plus(SLOW)).await;
    }
    if counterpart.strikes(Fault::Down) {
        return StatusCode::BAD_GATEWAY.into_response();
    }
    if counterpart.strikes(Fault::Refuse) {
        return Json(json!({ "ret_cd": "1", "pin": null })).into_response();
    }
    let Some(person) = counterpart.person_of(field(fields, "access_token")) else {
        return refuse(StatusCode::UNAUTHORIZED, "invalid_token");
    };
    let mut identified = identified(&person, &counterpart.companies_of(&person));
    if counterpart.strikes(Fault::WrongPin) {
        identified["pin"] = json!(with_wrong_check_digit(&person.pinfl));
    }
    Json(identified).into_response()
}

/// The fields of OneID's answer for a natural person.
fn identified(person: &Person, companies: &[Company]) -> Value {
    let full_name = format!("{} {} {}", person.family_name, person.given_name, person.patronymic).to_uppercase();
    let companies = companies.iter().map(|company| {
        json!({ "is_basic": company.basic, "le_tin": company.tin, "tin": company.tin, "le_name": company.name, "acron_UZ": company.name })
    });
    json!({
        "valid": "true",
        "validation_method": ["1"],
        "auth_method": "LOGINPASSMETHOD",
        "user_type": "I",
        "user_id": person.key,
        "pin": person.pinfl,
        "full_name": full_name,
        "first_name": person.given_name,
        "sur_name": person.family_name,
        "mid_name": person.patronymic,
        "pport_no": person.passport,
        "birth_date": person.birth_date,
        "mob_phone_no": person.phone,
        "email": person.email,
        "per_adr": person.address,
        "legal_info": companies.collect::<Vec<_>>(),
        "ret_cd": "0",
    })
}

fn with_wrong_check_digit(pinfl: &str) -> String {
    let (body, digit) = pinfl.split_at(pinfl.len() - 1);
    let digit = digit.parse::<u8>().unwrap_or_default();
    format!("{body}{}", (digit + 1) % 10)
}

fn refuse(status: StatusCode, error: &str) -> Response {
    (status, Json(json!({ "error": error }))).into_response()
}
