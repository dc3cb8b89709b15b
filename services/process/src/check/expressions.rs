//! Every expression parses, fits the data, gives what is needed at its place and stays under the cost bound.

use api::{CollectBy, Deadline, ServiceDefinition, StepKind};

use super::{Options, findings::Findings, names::instead, schema, source::join, starts};
use crate::{
    expr::{Expr, Type, TypeEnv, compile},
    reference::Reference,
    table,
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
    let mut judge = Judge { env: env.of_draft(), no_offices, lacking: Vec::new(), findings };
    judge.forms(definition);
    // A form is shown to whoever fills it in; what comes after it stands still where something is missing.
    judge.lacking = starts::may_lack(definition);
    if let Some(office) = definition.spec.process.as_ref().and_then(|process| process.office.as_deref()) {
        judge.one("spec.process.office", office, &Type::text());
    }
    judge.env = env;
    judge.fees(definition);
    judge.steps(definition);
}

impl Judge<'_> {
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

    fn forms(&mut self, definition: &ServiceDefinition) {
        for (form_index, form) in definition.spec.forms.iter().enumerate() {
            for (page_index, page) in form.pages.iter().enumerate() {
                let path = format!("spec.forms[{form_index}].pages[{page_index}]");
                if let Some(when) = &page.when {
                    self.one(&join(&path, "when"), when, &Type::Bool);
                }
                for (index, field) in page.fields.iter().enumerate() {
                    let path = format!("{path}.fields[{index}]");
                    if let Some(when) = &field.when {
                        self.one(&join(&path, "when"), when, &Type::Bool);
                    }
                    for (index, check) in field.check.iter().enumerate() {
                        self.one(&format!("{path}.check[{index}].that"), &check.that, &Type::Bool);
                    }
                }
            }
        }
    }

    fn fees(&mut self, definition: &ServiceDefinition) {
        for (index, fee) in definition.spec.fees.iter().enumerate() {
            let path = format!("spec.fees[{index}]");
            self.one(&join(&path, "amount"), &fee.amount, &Type::Money);
            for (index, waiver) in fee.waivers.iter().enumerate() {
                let path = format!("{path}.waivers[{index}]");
                self.one(&join(&path, "when"), &waiver.when, &Type::Bool);
                if let Some(amount) = &waiver.amount {
                    self.one(&join(&path, "amount"), amount, &Type::Money);
                }
            }
        }
    }

    fn steps(&mut self, definition: &ServiceDefinition) {
        for (index, step) in definition.steps().iter().enumerate() {
            let path = format!("spec.process.steps[{index}]");
            match step.kind() {
                Some(StepKind::Task(task)) => {
                    if let Some(office) = &task.office {
                        self.one(&join(&path, "task.office"), office, &Type::text());
                    }
                    for (index, term) in task.deadline.iter().flat_map(Deadline::terms).enumerate() {
                        if let Some(when) = &term.when {
                            self.one(&format!("{path}.task.deadline[{index}].when"), when, &Type::Bool);
                        }
                    }
                }
                Some(StepKind::Call(call)) => {
                    for (name, input) in &call.input {
                        self.one(&format!("{path}.call.input.{name}"), input, &Type::Any);
                    }
                }
                Some(StepKind::Decide(decide)) => self.decide(definition, &format!("{path}.decide"), decide),
                Some(StepKind::Wait(wait)) => {
                    if let Some(until) = &wait.until {
                        self.one(&join(&path, "wait.until"), until, &Type::Date);
                    }
                }
                Some(StepKind::Emit(emit)) => {
                    for (name, attribute) in &emit.attributes {
                        self.one(&format!("{path}.emit.attributes.{name}"), attribute, &Type::Any);
                    }
                }
                Some(StepKind::Set(values)) => {
                    for (index, set) in values.iter().enumerate() {
                        self.set(definition, &format!("{path}.set[{index}]"), set);
                    }
                }
                _ => {}
            }
        }
    }

    fn decide(&mut self, definition: &ServiceDefinition, path: &str, decide: &api::Decide) {
        for (index, case) in decide.cases.iter().enumerate() {
            self.one(&format!("{path}.cases[{index}].when"), &case.when, &Type::Bool);
        }
        let Some(table) = &decide.table else { return };
        let path = join(path, "table");
        for (index, input) in table.inputs.iter().enumerate() {
            self.one(&format!("{path}.inputs[{index}].is"), &input.is, &Type::Any);
        }
        let collected =
            table.collect.as_ref().map(|collect| self.collected(definition, &join(&path, "collect"), collect));
        let types = table::types(table, &self.env).unwrap_or_default();
        for (index, rule) in table.rules.iter().enumerate() {
            let path = format!("{path}.rules[{index}]");
            for (index, ((input, of), cell)) in table.inputs.iter().zip(&types).zip(&rule.when).enumerate() {
                if let Ok(Some(condition)) = table::condition(input, of, cell) {
                    self.one(&format!("{path}.when[{index}]"), &condition, &Type::Bool);
                }
            }
            for (index, set) in rule.set.iter().enumerate() {
                self.set(definition, &format!("{path}.set[{index}]"), set);
            }
            if let (Some(gives), Some(wanted)) = (&rule.gives, &collected) {
                self.one(&join(&path, "gives"), gives, wanted);
            }
        }
    }

    /// What each rule of a table that collects has to give.
    fn collected(&mut self, definition: &ServiceDefinition, path: &str, collect: &api::Collect) -> Type {
        let of = self.target(definition, path, &collect.at);
        match (collect.by, of) {
            (CollectBy::Sum, Type::Any) => Type::Decimal,
            (CollectBy::List, Type::Any) => Type::Any,
            (CollectBy::Sum, of @ (Type::Int | Type::Decimal)) => of,
            (CollectBy::List, Type::List { item, .. }) => (*item).clone(),
            (by, of) => {
                let wanted = if by == CollectBy::Sum { "a number" } else { "a list" };
                let message = format!("{wanted} is collected, but `{}` is {of}", collect.at);
                let help = "take another path, or write `by: list` or `by: sum`";
                self.findings.error("table.collect", &join(path, "at"), message, help);
                Type::Any
            }
        }
    }

    fn set(&mut self, definition: &ServiceDefinition, path: &str, set: &api::Set) {
        let wanted = self.target(definition, path, &set.at);
        self.one(&join(path, "to"), &set.to, &wanted);
    }

    /// The type of the value that is put at a path of the data.
    fn target(&mut self, definition: &ServiceDefinition, path: &str, at: &str) -> Type {
        match definition.spec.data.as_ref().map(|data| schema::at(&data.schema, at)) {
            Some(schema::Found::Schema(schema)) => Type::of_schema(schema),
            Some(schema::Found::Unknown { name, known }) => {
                self.findings.error(
                    "data.unknown-field",
                    &join(path, "at"),
                    format!("`{name}` is not in the data schema"),
                    instead(&name, known),
                );
                Type::Any
            }
            None => Type::Any,
        }
    }
}
