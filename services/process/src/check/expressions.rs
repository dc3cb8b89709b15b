//! Every expression parses, fits the data, gives what is needed at its place and stays under the cost bound.

use api::{Collect, CollectBy, ServiceDefinition, Set, StepKind};

use super::{
    Options,
    findings::Findings,
    names::instead,
    schema::{self, Found},
    starts,
};
use crate::{
    expr::{Expr, Type, TypeEnv, compile},
    process::expressions::{self, Place},
    reference::Reference,
};

/// What an agency without offices cannot answer.
const OFFICE_FOR: &str = "officeFor";

struct Judge<'a> {
    env: TypeEnv,
    /// The agency is known to have no offices.
    no_offices: bool,
    /// What the applicant may not have.
    lacking: Vec<&'static str>,
    findings: &'a mut Findings,
}

/// Judges every expression of the definition.
pub fn check(definition: &ServiceDefinition, options: &Options<'_>, findings: &mut Findings) {
    let standard = Reference::standard();
    let names = if options.reference_names.is_empty() { standard.names() } else { options.reference_names.to_vec() };
    let env = TypeEnv::of_definition(definition, &names);
    let no_offices = options.agency.is_some_and(|agency| agency.spec.offices.is_empty());
    targets(definition, findings);
    let mut judge = Judge { env: env.of_draft(), no_offices, lacking: Vec::new(), findings };
    judge.all(expressions::of_forms(definition));
    // A form is shown to whoever fills it in; what comes after it stands still where something is missing.
    judge.lacking = starts::may_lack(definition);
    judge.all(expressions::of_office(definition));
    judge.env = env;
    judge.all(expressions::of_fees(definition));
    let steps = expressions::of_steps(definition, &judge.env, &|at| of_path(definition, at));
    judge.all(steps);
}

impl Judge<'_> {
    fn all<'p>(&mut self, places: impl IntoIterator<Item = Place<'p>>) {
        for Place { path, source, wanted } in places {
            self.one(&path, &source, &wanted);
        }
    }

    fn one(&mut self, path: &str, source: &str, wanted: &Type) {
        let judged = compile(source, &self.env).and_then(|expr| expr.expect(wanted).map(|()| expr));
        match judged {
            Err(problem) => self.findings.error(problem.code, path, problem.message, String::new()),
            Ok(expr) if self.no_offices && expr.calls(OFFICE_FOR) => self.findings.error(
                "expr.no-offices",
                path,
                "the agency has no offices, so that none serves this place",
                "list them in agency.yaml, or leave `office` out",
            ),
            Ok(expr) => self.guarded(path, &expr),
        }
    }

    /// What the applicant may not have is read only where the expression asks for it.
    fn guarded(&mut self, path: &str, expr: &Expr) {
        let source: String = expr.source().split_whitespace().collect();
        for field in &self.lacking {
            let read = format!("applicant.{field}");
            if expr.reads().contains(&read) && !source.contains(&format!("has({read})")) {
                self.findings.error(
                    "start.lacks",
                    path,
                    format!("`{read}` is not there where an officer begins for nobody or for a foreigner"),
                    format!("ask first: `has({read})`; or take `exOfficio` and `foreignDocument` out of the start"),
                );
            }
        }
    }
}

/// The type of the data where a value is put; of what is not in the schema nothing is known.
fn of_path(definition: &ServiceDefinition, at: &str) -> Type {
    match definition.spec.data.as_ref().map(|data| schema::at(&data.schema, at)) {
        Some(Found::Schema(schema)) => Type::of_schema(schema),
        _ => Type::Any,
    }
}

/// A value is put only where the schema has one.
fn targets(definition: &ServiceDefinition, findings: &mut Findings) {
    for (index, step) in definition.steps().iter().enumerate() {
        let path = format!("spec.process.steps[{index}]");
        sets(definition, &path, step.set.iter().flatten(), findings);
        let Some(StepKind::Decide(decide)) = step.kind() else { continue };
        let Some(table) = &decide.table else { continue };
        for (index, rule) in table.rules.iter().enumerate() {
            sets(definition, &format!("{path}.decide.table.rules[{index}]"), &rule.set, findings);
        }
        if let Some(collect) = &table.collect {
            collected(definition, &format!("{path}.decide.table.collect.at"), collect, findings);
        }
    }
}

fn sets<'s>(
    definition: &ServiceDefinition,
    path: &str,
    sets: impl IntoIterator<Item = &'s Set>,
    findings: &mut Findings,
) {
    for (index, set) in sets.into_iter().enumerate() {
        is_there(definition, &format!("{path}.set[{index}].at"), &set.at, findings);
    }
}

fn is_there(definition: &ServiceDefinition, path: &str, at: &str, findings: &mut Findings) {
    let Some(data) = &definition.spec.data else { return };
    if let Found::Unknown { name, known } = schema::at(&data.schema, at) {
        let message = format!("`{name}` is not in the data schema");
        findings.error("data.unknown-field", path, message, instead(&name, known));
    }
}

/// A sum is a number, and a list a list.
fn collected(definition: &ServiceDefinition, path: &str, collect: &Collect, findings: &mut Findings) {
    is_there(definition, path, &collect.at, findings);
    let of = of_path(definition, &collect.at);
    let wanted = match (collect.by, &of) {
        (_, Type::Any) | (CollectBy::Sum, Type::Int | Type::Decimal) | (CollectBy::List, Type::List { .. }) => return,
        (CollectBy::Sum, _) => "a number",
        (CollectBy::List, _) => "a list",
    };
    let message = format!("{wanted} is collected, but `{}` is {of}", collect.at);
    findings.error("table.collect", path, message, "take another path, or write `by: list` or `by: sum`");
}
