//! Every expression of a definition, with its place and the type that is needed there.

use std::borrow::Cow;

use api::{CollectBy, Deadline, Decide, ServiceDefinition, StepKind, Table};

use crate::{
    expr::{Type, TypeEnv},
    table,
};

pub struct Place<'a> {
    pub path: String,
    pub source: Cow<'a, str>,
    pub wanted: Type,
}

/// `env` tells the types of a table's inputs, by which its cells are read; `of_path` what has to come out where a value is put.
pub fn of_definition<'a>(
    definition: &'a ServiceDefinition,
    env: &TypeEnv,
    of_path: &dyn Fn(&str) -> Type,
) -> Vec<Place<'a>> {
    let before = of_forms(definition).into_iter().chain(of_office(definition));
    before.chain(of_fees(definition)).chain(of_steps(definition, env, of_path)).collect()
}

/// The office is found when an application is sent.
pub fn of_office(definition: &ServiceDefinition) -> Option<Place<'_>> {
    let office = definition.spec.process.as_ref()?.office.as_deref()?;
    Some(Place { path: "spec.process.office".to_owned(), source: office.into(), wanted: Type::text() })
}

fn add<'a>(places: &mut Vec<Place<'a>>, path: String, source: &'a str, wanted: Type) {
    places.push(Place { path, source: source.into(), wanted });
}

/// What is judged before an application is sent.
pub fn of_forms(definition: &ServiceDefinition) -> Vec<Place<'_>> {
    let mut found = Vec::new();
    let places = &mut found;
    for (f, form) in definition.spec.forms.iter().enumerate() {
        for (p, page) in form.pages.iter().enumerate() {
            let page_path = format!("spec.forms[{f}].pages[{p}]");
            if let Some(when) = &page.when {
                add(places, format!("{page_path}.when"), when, Type::Bool);
            }
            for (i, field) in page.fields.iter().enumerate() {
                let path = format!("{page_path}.fields[{i}]");
                if let Some(when) = &field.when {
                    add(places, format!("{path}.when"), when, Type::Bool);
                }
                for (c, check) in field.check.iter().enumerate() {
                    add(places, format!("{path}.check[{c}].that"), &check.that, Type::Bool);
                }
            }
        }
    }
    found
}

pub fn of_fees(definition: &ServiceDefinition) -> Vec<Place<'_>> {
    let mut found = Vec::new();
    let places = &mut found;
    for (f, fee) in definition.spec.fees.iter().enumerate() {
        let path = format!("spec.fees[{f}]");
        add(places, format!("{path}.amount"), &fee.amount, Type::Money);
        for (w, waiver) in fee.waivers.iter().enumerate() {
            add(places, format!("{path}.waivers[{w}].when"), &waiver.when, Type::Bool);
            if let Some(amount) = &waiver.amount {
                add(places, format!("{path}.waivers[{w}].amount"), amount, Type::Money);
            }
        }
    }
    found
}

pub fn of_steps<'a>(
    definition: &'a ServiceDefinition,
    env: &TypeEnv,
    of_path: &dyn Fn(&str) -> Type,
) -> Vec<Place<'a>> {
    let mut found = Vec::new();
    let places = &mut found;
    for (s, step) in definition.steps().iter().enumerate() {
        let path = format!("spec.process.steps[{s}]");
        for kind in step.kinds() {
            match kind {
                StepKind::Task(task) => {
                    if let Some(office) = &task.office {
                        add(places, format!("{path}.task.office"), office, Type::text());
                    }
                    for (t, term) in task.deadline.iter().flat_map(Deadline::terms).enumerate() {
                        if let Some(when) = &term.when {
                            add(places, format!("{path}.task.deadline[{t}].when"), when, Type::Bool);
                        }
                    }
                }
                StepKind::Call(call) => {
                    for (name, source) in &call.input {
                        add(places, format!("{path}.call.input.{name}"), source, Type::Any);
                    }
                }
                StepKind::Decide(decide) => of_decision(decide, &format!("{path}.decide"), (env, of_path), places),
                StepKind::Wait(wait) => {
                    if let Some(until) = &wait.until {
                        add(places, format!("{path}.wait.until"), until, Type::Date);
                    }
                }
                StepKind::Emit(emit) => {
                    for (name, source) in &emit.attributes {
                        add(places, format!("{path}.emit.attributes.{name}"), source, Type::Any);
                    }
                }
                StepKind::Set(values) => {
                    for (v, value) in values.iter().enumerate() {
                        add(places, format!("{path}.set[{v}].to"), &value.to, of_path(&value.at));
                    }
                }
                _ => {}
            }
        }
    }
    found
}

/// The types of a table's inputs, and what has to come out at a path.
type Types<'t> = (&'t TypeEnv, &'t dyn Fn(&str) -> Type);

fn of_decision<'a>(decide: &'a Decide, path: &str, known: Types<'_>, places: &mut Vec<Place<'a>>) {
    for (c, case) in decide.cases.iter().enumerate() {
        add(places, format!("{path}.cases[{c}].when"), &case.when, Type::Bool);
    }
    if let Some(table) = &decide.table {
        of_table(table, &format!("{path}.table"), known, places);
    }
}

fn of_table<'a>(table: &'a Table, path: &str, (env, of_path): Types<'_>, places: &mut Vec<Place<'a>>) {
    for (i, input) in table.inputs.iter().enumerate() {
        add(places, format!("{path}.inputs[{i}].is"), &input.is, Type::Any);
    }
    let gives_what = table.collect.as_ref().map_or(Type::Any, |collect| match (collect.by, of_path(&collect.at)) {
        (CollectBy::Sum, of @ (Type::Int | Type::Decimal)) => of,
        (CollectBy::List, Type::List { item, .. }) => (*item).clone(),
        _ => Type::Any,
    });
    // An input that has no type is told at its own place.
    let Ok(types) = table::types(table, env) else { return };
    for (r, rule) in table.rules.iter().enumerate() {
        let path = format!("{path}.rules[{r}]");
        for (i, ((input, of), cell)) in table.inputs.iter().zip(&types).zip(&rule.when).enumerate() {
            let Ok(Some(condition)) = table::condition(input, of, cell) else { continue };
            places.push(Place { path: format!("{path}.when[{i}]"), source: condition.into(), wanted: Type::Bool });
        }
        for (v, value) in rule.set.iter().enumerate() {
            add(places, format!("{path}.set[{v}].to"), &value.to, of_path(&value.at));
        }
        if let Some(gives) = &rule.gives {
            add(places, format!("{path}.gives"), gives, gives_what.clone());
        }
    }
}
