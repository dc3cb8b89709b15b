//! What a fee is computed from; the same bytes are evaluated by the e-service to show a fee and by payments to ask for it.

use std::{collections::BTreeMap, fmt};

use kernel::{Time, id::IntentId};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    case::{CaseOffice, CaseState},
    process::Surroundings,
};

#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Inputs {
    pub data: Value,
    /// Paths (`data.…`, `facts.…`) whose value a registry gave, with `registry/operation`; what is not here is self-declared.
    #[serde(default)]
    pub sources: BTreeMap<String, String>,
    /// Facts from calls, by name; sourced by their nature.
    #[serde(default)]
    pub facts: Value,
    #[serde(default)]
    pub applicant: Map<String, Value>,
    /// Intents of this step whose money stays with the case: only the difference is due.
    #[serde(default)]
    pub credit: Vec<IntentId>,
    /// The office that is responsible for the case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub office: Option<CaseOffice>,
    /// Reference values are those of this day.
    pub as_of: Time,
}

/// Inputs are personal data.
impl fmt::Debug for Inputs {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Inputs(as of {}, {} credited)", self.as_of, self.credit.len())
    }
}

impl Inputs {
    /// What the case knows now. The data is the checked one; what a registry gave keeps its source.
    pub fn of_case(state: &CaseState, office: Option<CaseOffice>, credit: Vec<IntentId>) -> Self {
        let surroundings = Surroundings::of(state);
        let held = state.prefill.iter().filter(|(at, _)| !state.disputed.contains(*at));
        let sources = held.map(|(at, fact)| (format!("data.{at}"), fact.source.clone()));
        let facts = state.sources.iter().map(|(name, source)| (format!("facts.{name}"), source.source.clone()));
        Self {
            data: state.data.clone(),
            sources: sources.chain(facts).collect(),
            facts: state.facts.clone(),
            applicant: surroundings.applicant().as_object().cloned().unwrap_or_default(),
            credit,
            office,
            as_of: state.submitted.unwrap_or(state.changed),
        }
    }
}
