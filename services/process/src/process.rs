//! A definition made ready to run: its steps by name, its expressions compiled, its schema turned into a validator.

mod compile;
pub(crate) mod expressions;
pub mod office;

use std::{collections::BTreeMap, fmt};

use api::{Form, ServiceDefinition, Span, Start, Step, StepKind, Unit};
use jiff::civil::Date;
use kernel::{Hash, Time};
use serde_json::Value;

pub use compile::{CompileProblem, validator_for as compile_schema};

use crate::{
    Facts,
    calendar::civil_date,
    case::CaseState,
    expr::{Expr, Scope},
    start,
};

/// Drafts of a definition without `retention` are kept this long.
const DRAFTS_KEPT: Span = Span { amount: 30, unit: Unit::Days };

pub struct Process {
    definition: ServiceDefinition,
    revision: Hash,
    steps: BTreeMap<String, usize>,
    /// By source: every expression of a definition sees the same names.
    expressions: BTreeMap<String, Expr>,
    validator: jsonschema::Validator,
    start: String,
}

impl fmt::Debug for Process {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Process({}/{}, {})", self.agency(), self.service(), self.revision)
    }
}

impl Process {
    /// Compiles what `check` has admitted. Everything that keeps the definition from running is told at once.
    pub fn compile(definition: &ServiceDefinition) -> Result<Self, Vec<CompileProblem>> {
        compile::compile(definition)
    }

    pub fn definition(&self) -> &ServiceDefinition {
        &self.definition
    }

    pub fn revision(&self) -> Hash {
        self.revision
    }

    pub fn agency(&self) -> &str {
        &self.definition.spec.agency
    }

    pub fn service(&self) -> &str {
        &self.definition.metadata.name
    }

    /// The definition's start of this name.
    pub fn named_start(&self, name: &str) -> Option<&Start> {
        self.definition.spec.starts.iter().find(|start| start.name == name)
    }

    /// The step at which a case of this start begins; of an empty name, the service's own form. None where this revision has
    /// no such start.
    pub fn start_step(&self, start: &str) -> Option<&str> {
        if start.is_empty() {
            return Some(&self.start);
        }
        self.named_start(start).map(|start| start.step.as_str())
    }

    /// The step at which this case begins. What came on paper begins with the service's own form also where this revision names its
    /// start otherwise, or takes nothing in any more: somebody has applied already.
    pub fn first_step(&self, state: &CaseState) -> Option<&str> {
        match state.taken_in {
            Some(_) => Some(start::on_paper(&self.definition).map_or(self.start.as_str(), |start| start.step.as_str())),
            None => self.start_step(&state.start),
        }
    }

    /// The form with which this case begins.
    pub fn first_form(&self, state: &CaseState) -> Option<&Form> {
        self.form_at(self.first_step(state)?)
    }

    pub fn step(&self, name: &str) -> Option<&Step> {
        self.steps.get(name).and_then(|index| self.definition.steps().get(*index))
    }

    /// The form with which a case of this start begins.
    pub fn start_form(&self, start: &str) -> Option<&Form> {
        self.form_at(self.start_step(start)?)
    }

    fn form_at(&self, step: &str) -> Option<&Form> {
        match self.step(step)?.kind()? {
            StepKind::Form(form) => self.definition.form(form),
            _ => None,
        }
    }

    pub fn expression(&self, source: &str) -> Option<&Expr> {
        self.expressions.get(source)
    }

    pub fn schema(&self) -> &Value {
        const ANY: &Value = &Value::Bool(true);
        self.definition.spec.data.as_ref().map_or(ANY, |data| &data.schema)
    }

    /// The schema of one field, local references followed.
    pub fn field_schema(&self, at: &str) -> Option<&Value> {
        let mut schema = self.resolved(self.schema())?;
        for segment in at.split('.') {
            // Of a list: the value in each of its entries.
            if let Some(items) = schema.get("items") {
                schema = self.resolved(items)?;
            }
            schema = self.resolved(schema.get("properties")?.get(segment)?)?;
        }
        Some(schema)
    }

    fn resolved<'s>(&'s self, schema: &'s Value) -> Option<&'s Value> {
        let mut schema = schema;
        for _ in 0..16 {
            let Some(reference) = schema.get("$ref").and_then(Value::as_str) else {
                return Some(schema);
            };
            schema = self.schema().pointer(reference.strip_prefix('#')?)?;
        }
        None
    }

    /// First civil day on which applications follow this revision; none: from the moment it was published.
    pub fn effective_from(&self) -> Option<Date> {
        let effective = self.definition.spec.effective_from.as_ref()?;
        effective.date.parse().ok()
    }

    pub fn validator(&self) -> &jsonschema::Validator {
        &self.validator
    }

    pub fn drafts_kept(&self) -> Span {
        let retention = self.definition.spec.data.as_ref().and_then(|data| data.retention.as_ref());
        retention.map_or(DRAFTS_KEPT, |retention| retention.drafts)
    }
}

/// The revision an application submitted at `at` follows: of those in force, the one that came into force last, and of several
/// of one day the one published last. `published` is in the order of publishing.
pub fn in_force<'a>(published: impl IntoIterator<Item = &'a Process>, at: Time) -> Option<&'a Process> {
    let day = civil_date(at);
    let effective = |process: &&Process| process.effective_from().is_none_or(|from| from <= day);
    published.into_iter().filter(effective).max_by_key(|process| process.effective_from())
}

/// The parts of a scope that are made for one decision.
pub struct Surroundings {
    case: Value,
    applicant: Value,
}

impl Surroundings {
    pub fn of(state: &CaseState) -> Self {
        let submitted = state.submitted.map(|at| civil_date(at).to_string());
        let decision = state.decision().map(|decision| {
            serde_json::json!({"outcome": decision.outcome, "reasons": decision.reasons, "note": decision.note})
        });
        let mut case = serde_json::json!({
            "number": state.number,
            "submitted": submitted,
            "channel": state.channel,
            "submittedBy": state.sent_by(),
            "origin": state.origin.as_ref().map(|origin| serde_json::json!({"number": origin.number, "outcome": origin.outcome})),
            "language": state.language.tag(),
            "decision": decision,
            "office": state.office,
        });
        if let Some(fields) = case.as_object_mut() {
            fields.retain(|_, value| !value.is_null());
        }
        let mut applicant = serde_json::Map::new();
        if let Some(known) = &state.applicant {
            applicant.clone_from(&known.profile);
            if let Some(mandate) = &known.mandate {
                applicant.insert("mandate".to_owned(), Value::String(mandate.kind.clone()));
            }
        }
        Self { case, applicant: Value::Object(applicant) }
    }

    pub fn case(&self) -> &Value {
        &self.case
    }

    pub fn applicant(&self) -> &Value {
        &self.applicant
    }

    /// `data` apart from the state's, because a form looks at answers that are not saved yet.
    pub fn scope<'a>(&'a self, state: &'a CaseState, data: &'a Value, facts: &Facts<'a>) -> Scope<'a> {
        Scope {
            data,
            facts: &state.facts,
            case: &self.case,
            applicant: &self.applicant,
            now: facts.now,
            as_of: state.submitted.unwrap_or(facts.now),
            reference: facts.reference,
            calendar: facts.calendar,
            offices: facts.offices,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn the_day_of_submission_chooses_the_revision() {
        let dated = |title: &str, date: Option<&str>| {
            let mut definition = sample::definition();
            definition.spec.title.en = Some(title.to_owned());
            definition.spec.effective_from = date.map(|date| api::EffectiveFrom { date: date.to_owned(), act: None });
            Process::compile(&definition).unwrap()
        };
        let published = [
            dated("a", None),
            dated("b", Some("2026-11-24")),
            dated("c", Some("2027-01-01")),
            dated("d", Some("2026-11-24")),
        ];
        let chosen = |at: &str| in_force(&published, at.parse().unwrap()).unwrap().definition().title("en").to_owned();
        assert_eq!(chosen("2026-11-23T18:59:59Z"), "a");
        assert_eq!(chosen("2026-11-23T19:00:00Z"), "d");
        assert_eq!(chosen("2027-06-01T00:00:00Z"), "c");
    }

    #[test]
    fn everything_that_keeps_a_definition_from_running_is_told_at_once() {
        let mut definition = sample::definition();
        definition.spec.fees[0].amount = "ref.bhm * 0.1".into();
        let steps = &mut definition.spec.process.as_mut().unwrap().steps;
        steps[0].next = Some("nowhere".into());
        steps[1].set = None;
        let problems = Process::compile(&definition).unwrap_err();
        let told: Vec<(&str, &str)> = problems.iter().map(|problem| (problem.path.as_str(), problem.code)).collect();
        assert_eq!(
            told,
            [
                ("spec.fees[0].amount", "expr.double"),
                ("spec.process.steps[0].next", "process.unknown-step"),
                ("spec.process.steps[1]", "process.step-kind"),
            ]
        );
    }
}
