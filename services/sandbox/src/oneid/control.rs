//! `/oneid/control`: plans failures, such as `{"fault": "slow", "times": 1}`. `/oneid/companies/control`: whom a person speaks
//! for from now on, such as `{"person": "malika", "companies": []}`. `/oneid/persons/control`: who else can sign in from now on, a
//! list of persons as `data/persons.json` has them; PINFLs with a wrong check digit are refused, and more than 100,000 persons.

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    Shared,
    state::{Company, Person},
};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fault {
    /// OneID says that the citizen was not confirmed.
    Refuse,
    /// The code came too late.
    ExpiredCode,
    /// The answer takes longer than the platform waits.
    Slow,
    /// A gateway in front of OneID answers 502.
    Down,
    /// The PINFL has a wrong check digit.
    WrongPin,
}

#[derive(Deserialize)]
pub struct Plan {
    fault: Fault,
    #[serde(default = "once")]
    times: u32,
}

fn once() -> u32 {
    1
}

pub async fn show(State(counterpart): Shared) -> Response {
    let planned = counterpart.planned();
    let planned = planned.iter().filter(|(_, times)| *times > 0);
    let planned: Vec<_> = planned.map(|(fault, times)| json!({ "fault": fault, "times": times })).collect();
    Json(json!({ "planned": planned })).into_response()
}

pub async fn set(State(counterpart): Shared, Json(plan): Json<Plan>) -> Response {
    counterpart.plan(plan.fault, plan.times);
    show(State(counterpart)).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    person: String,
    companies: Vec<Company>,
}

pub async fn change_companies(State(counterpart): Shared, Json(change): Json<Change>) -> StatusCode {
    if counterpart.change_companies(&change.person, change.companies) {
        StatusCode::NO_CONTENT
    } else {
        StatusCode::NOT_FOUND
    }
}

pub async fn add_persons(State(counterpart): Shared, Json(newcomers): Json<Vec<Person>>) -> StatusCode {
    if counterpart.welcome(newcomers) { StatusCode::NO_CONTENT } else { StatusCode::UNPROCESSABLE_ENTITY }
}
