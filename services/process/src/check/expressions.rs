//! Every expression parses, fits the data, gives what is needed at its place and stays under the cost bound.

use api::{ServiceDefinition, Set};

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
    judge.all(expressions::of_steps(definition, &|set| of_set(definition, set)));
}

impl Judge<'_> {
    fn all<'p>(&mut self, places: impl IntoIterator<Item = Place<'p>>) {
        for Place { path, source, wanted } in places {
            self.one(&path, source, &wanted);
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

/// The type of the data where a value is set; of what is not in the schema nothing is known.
fn of_set(definition: &ServiceDefinition, set: &Set) -> Type {
    match definition.spec.data.as_ref().map(|data| schema::at(&data.schema, &set.at)) {
        Some(Found::Schema(schema)) => Type::of_schema(schema),
        _ => Type::Any,
    }
}

/// A value is set only where the schema has one.
fn targets(definition: &ServiceDefinition, findings: &mut Findings) {
    let Some(data) = &definition.spec.data else { return };
    for (step_index, step) in definition.steps().iter().enumerate() {
        for (index, set) in step.set.iter().flatten().enumerate() {
            if let Found::Unknown { name, known } = schema::at(&data.schema, &set.at) {
                findings.error(
                    "data.unknown-field",
                    &format!("spec.process.steps[{step_index}].set[{index}].at"),
                    format!("`{name}` is not in the data schema"),
                    instead(&name, known),
                );
            }
        }
    }
}
