//! Compiles a definition, telling everything that keeps it from running at once.

use std::{collections::BTreeMap, fmt};

use api::{ServiceDefinition, StartKind, Step, StepKind};

use super::{Process, expressions};
use crate::{
    expr::{self, Expr, Type, TypeEnv},
    reference::Reference,
    revision,
};

/// Why a definition cannot run, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompileProblem {
    /// `spec.process.steps[3].call.input.date`
    pub path: String,
    pub code: &'static str,
    pub message: String,
    /// Byte inside the expression, when it is one.
    pub offset: usize,
}

impl fmt::Display for CompileProblem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {} ({})", self.path, self.message, self.code)
    }
}

fn problem(path: impl Into<String>, code: &'static str, message: impl Into<String>) -> CompileProblem {
    CompileProblem { path: path.into(), code, message: message.into(), offset: 0 }
}

pub fn compile(definition: &ServiceDefinition) -> Result<Process, Vec<CompileProblem>> {
    let mut problems = Vec::new();
    let expressions = compile_expressions(definition, &mut problems);
    let steps = index_steps(definition, &mut problems);
    for (index, step) in definition.steps().iter().enumerate() {
        judge_step(definition, step, &format!("spec.process.steps[{index}]"), &steps, &mut problems);
    }
    let start = start_of(definition, &steps, &mut problems);
    let schema = definition.spec.data.as_ref().map(|data| &data.schema);
    let validator = validator_for(schema.unwrap_or(&serde_json::Value::Bool(true)));
    let validator = validator.map_err(|message| problems.push(problem("spec.data.schema", "data.schema", message)));
    let canonical = revision::canonical_bytes(definition)
        .map_err(|error| problems.push(problem("spec", "revision.canonical", error.to_string())));
    match (validator, canonical) {
        (Ok(validator), Ok(canonical)) if problems.is_empty() => Ok(Process {
            definition: definition.clone(),
            revision: revision::hash_of(&canonical),
            steps,
            expressions,
            validator,
            start,
        }),
        _ => Err(problems),
    }
}

/// Offline, formats on, patterns in linear time: what an agency writes can neither fetch nor backtrack.
pub fn validator_for(schema: &serde_json::Value) -> Result<jsonschema::Validator, String> {
    jsonschema::options()
        .with_draft(jsonschema::Draft::Draft202012)
        .should_validate_formats(true)
        .with_pattern_options(jsonschema::PatternOptions::regex())
        .build(schema)
        .map_err(|error| error.to_string())
}

fn compile_expressions(definition: &ServiceDefinition, problems: &mut Vec<CompileProblem>) -> BTreeMap<String, Expr> {
    let reference = Reference::standard();
    let env = TypeEnv::of_definition(definition, &reference.names());
    let mut compiled: BTreeMap<String, Expr> = BTreeMap::new();
    for place in expressions::of_definition(definition, &env, &|_| Type::Any) {
        let expression = match compiled.get(&*place.source) {
            Some(known) => known.clone(),
            None => match expr::compile(&place.source, &env) {
                Ok(expression) => expression,
                Err(wrong) => {
                    let (code, offset) = (wrong.code, wrong.offset);
                    problems.push(CompileProblem { path: place.path, code, message: wrong.message, offset });
                    continue;
                }
            },
        };
        if let Err(wrong) = expression.expect(&place.wanted) {
            problems.push(problem(&place.path, wrong.code, wrong.message));
        }
        compiled.insert(place.source.into_owned(), expression);
    }
    compiled
}

fn index_steps(definition: &ServiceDefinition, problems: &mut Vec<CompileProblem>) -> BTreeMap<String, usize> {
    let mut steps = BTreeMap::new();
    for (index, step) in definition.steps().iter().enumerate() {
        if steps.insert(step.name.clone(), index).is_some() || step.name.starts_with('@') {
            let message = format!("the step's name `{}` cannot be used, or is used twice", step.name);
            problems.push(problem(format!("spec.process.steps[{index}].name"), "process.step-name", message));
        }
    }
    steps
}

fn judge_step(
    definition: &ServiceDefinition,
    step: &Step,
    path: &str,
    steps: &BTreeMap<String, usize>,
    problems: &mut Vec<CompileProblem>,
) {
    for way in step.outgoing() {
        if !steps.contains_key(way.to) {
            let message = format!("there is no step `{}`", way.to);
            problems.push(problem(format!("{path}.{}", way.field), "process.unknown-step", message));
        }
    }
    let Some(kind) = step.kind() else {
        problems.push(problem(path, "process.step-kind", "a step has exactly one kind"));
        return;
    };
    let named = match kind {
        StepKind::Form(form) => definition.form(form).is_some(),
        StepKind::Payment(fee) => definition.fee(fee).is_some(),
        StepKind::Document(document) => definition.document(document).is_some(),
        StepKind::Notify(notification) => definition.notification(notification).is_some(),
        StepKind::Refund(names) => names.iter().all(|name| steps.contains_key(name)),
        StepKind::Signature(_) | StepKind::ForEach(_) | StepKind::Subprocess(_) => {
            let message = format!("the step kind `{}` is not built yet", kind.name());
            problems.push(problem(format!("{path}.{}", kind.name()), "process.not-built", message));
            true
        }
        _ => true,
    };
    if !named {
        let message = format!("the step names a {} that does not exist", kind.name());
        problems.push(problem(format!("{path}.{}", kind.name()), "process.unknown-part", message));
    }
    let ends = matches!(kind, StepKind::End(_) | StepKind::Task(_) | StepKind::Decide(_));
    if !ends && step.next.is_none() {
        problems.push(problem(format!("{path}.next"), "process.no-next", "the step has no `next`"));
    }
}

fn start_of(
    definition: &ServiceDefinition,
    steps: &BTreeMap<String, usize>,
    problems: &mut Vec<CompileProblem>,
) -> String {
    let by_form = definition.spec.starts.iter().find(|start| start.kind == StartKind::Form);
    let process = definition.spec.process.as_ref();
    let start = by_form.map(|start| &start.step).or(process.map(|process| &process.start));
    match start {
        Some(start) if steps.contains_key(start) => start.clone(),
        Some(start) => {
            let message = format!("there is no step `{start}`");
            problems.push(problem("spec.process.start", "process.unknown-step", message));
            start.clone()
        }
        None => {
            problems.push(problem("spec.process", "process.none", "the definition has no process to run"));
            String::new()
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_pattern_that_could_take_for_ever_is_no_schema() {
        let with = |pattern: &str| validator_for(&json!({"type": "string", "pattern": pattern}));
        for backtracking in ["(a)\\1", "(?=a)b", "(?<!a)b"] {
            assert!(with(backtracking).is_err(), "{backtracking}");
        }
        let nested = with("^(a+)+$").unwrap();
        let letters = "a".repeat(20_000);
        assert!(nested.is_valid(&json!(letters)), "what would backtrack elsewhere takes linear time here");
        assert!(!nested.is_valid(&json!(format!("{letters}b"))));
    }
}
