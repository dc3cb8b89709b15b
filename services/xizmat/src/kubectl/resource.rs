//! A resource as the API server shows it to anybody: what was applied, and what the operator of any release says of it.

use std::sync::LazyLock;

use api::Kind;
use controller::kind;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use kube::{ResourceExt, core::Object};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Of the people.
pub const EVERYBODY: u32 = 100;
/// Enough of a hash to tell revisions apart by eye, as in the names of ServiceRevisions.
pub const SHORT: usize = 12;

pub type Applied = Object<Value, Status>;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Status {
    pub observed_generation: Option<i64>,
    pub conditions: Vec<Condition>,
    pub revision: Option<String>,
    pub active_revision: Option<String>,
    pub url: Option<String>,
    pub replicas: Option<i32>,
    pub ready_replicas: Option<i32>,
    pub open_cases: Option<u64>,
    pub revisions: Vec<Revision>,
    pub rollout: Option<Rollout>,
}

/// A revision that applications follow or cases still run on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Revision {
    pub revision: String,
    /// How many of a hundred people begin with it.
    pub share: u32,
    pub open_cases: u64,
    pub drafts: u64,
    pub effective_from: Option<String>,
}

/// A revision on its way to everybody.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Rollout {
    pub revision: String,
    /// What it is compared with.
    pub against: Option<String>,
    pub share: u32,
    pub step: String,
    pub since: String,
    pub cases: u64,
    /// The last step that was left; nothing at the first.
    pub judged: Option<bool>,
    pub message: String,
}

/// `justice/copy`, or `justice` for what belongs to the cluster.
pub fn full_name(applied: &Applied) -> String {
    match applied.namespace() {
        Some(namespace) => format!("{namespace}/{}", applied.name_any()),
        None => applied.name_any(),
    }
}

pub fn status(applied: &Applied) -> &Status {
    static NONE: LazyLock<Status> = LazyLock::new(Status::default);
    applied.status.as_ref().unwrap_or(&NONE)
}

pub fn condition<'a>(applied: &'a Applied, of: &str) -> Option<&'a Condition> {
    status(applied).conditions.iter().find(|condition| condition.type_ == of)
}

pub fn holds(applied: &Applied, of: &str) -> bool {
    condition(applied, of).is_some_and(|condition| condition.status == "True")
}

/// Nobody looked at it since it was changed last.
pub fn is_unseen(applied: &Applied) -> bool {
    status(applied).conditions.is_empty() || status(applied).observed_generation < applied.metadata.generation
}

/// As its author wrote it.
pub fn written(of: Kind, applied: &Applied) -> Value {
    kind::as_written(of, applied)
}

pub fn short(revision: &str) -> &str {
    revision.get(..SHORT).unwrap_or(revision)
}

/// `1 open case`, `3 open cases`.
pub fn count(number: u64, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

impl Rollout {
    /// What a person would ask first: how far, against what, and whether enough cases say that it is good.
    pub fn words(&self) -> String {
        let judged = match self.judged {
            None => "",
            Some(true) => ", the last step was judged",
            Some(false) => ", the last step was not judged",
        };
        let against = self.against.as_deref().map(|against| format!(" against {}", short(against))).unwrap_or_default();
        let cases = count(self.cases, "case", "cases");
        let message = if self.message.is_empty() { String::new() } else { format!(": {}", self.message) };
        format!("step {}, {} % of the people{against}, {cases}{judged}{message}", self.step, self.share)
    }
}
