//! The tester's hand on the registry: what goes wrong, and for how many questions.

use std::sync::{Arc, Mutex};

use axum::{Json, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use tokio_util::sync::DropGuard;

/// What goes wrong with the next questions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fault {
    #[default]
    None,
    /// Does not answer.
    Down,
    /// Answers after everybody has gone.
    Slow,
    /// Answers what its contract does not allow.
    Malformed,
    /// Holds no record.
    NotFound,
    /// Reports a failure of its own.
    Failing,
}

/// `{"fault": "down"}` lasts until it is changed; with `"times": 2` for two questions.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    fault: Fault,
    #[serde(default)]
    times: Option<u32>,
}

#[derive(Default)]
pub struct Switch(Mutex<Condition>);

#[derive(Debug, Clone, Copy, Default, Serialize)]
struct Condition {
    plan: Plan,
    asked: u64,
}

impl Switch {
    /// What goes wrong with the question that has just come.
    pub fn next(&self) -> Fault {
        let mut state = self.0.lock().expect("no holder of this lock panics");
        state.asked += 1;
        let fault = state.plan.fault;
        match &mut state.plan.times {
            Some(0) | None => {}
            Some(times) => *times -= 1,
        }
        if state.plan.times == Some(0) {
            state.plan = Plan::default();
        }
        fault
    }
}

/// The switch as the routes hold it: when they go, the registry ends.
pub struct Control {
    switch: Arc<Switch>,
    _running: DropGuard,
}

impl Control {
    pub fn new(switch: Arc<Switch>, running: DropGuard) -> Self {
        Self { switch, _running: running }
    }
}

pub async fn show(State(control): State<Arc<Control>>) -> Json<serde_json::Value> {
    let state = *control.switch.0.lock().expect("no holder of this lock panics");
    Json(serde_json::json!({"fault": state.plan.fault, "times": state.plan.times, "asked": state.asked}))
}

pub async fn set(State(control): State<Arc<Control>>, Json(plan): Json<Plan>) -> StatusCode {
    control.switch.0.lock().expect("no holder of this lock panics").plan = plan;
    StatusCode::NO_CONTENT
}
