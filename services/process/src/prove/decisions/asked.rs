//! Where a definition decides: tables, cases, terms of a task, waivers, and what a form shows.

use api::{Deadline, Decide, Hit, ServiceDefinition, StepKind};

use super::judge::Order;
use crate::{
    expr::{Type, TypeEnv},
    table,
};

/// Rules that are tried together.
pub struct Asked {
    /// Where a problem of all of them is told.
    pub at: String,
    pub rules: Vec<Rule>,
    pub order: Order,
    pub rest: Rest,
    /// Before an application is sent, anything may still be missing.
    pub draft: bool,
}

pub struct Rule {
    pub at: String,
    /// As a message names it.
    pub name: String,
    /// Conditions that all must hold.
    pub when: Vec<String>,
    /// Something else besides must hold, which no expression says.
    pub and_more: bool,
}

/// What happens where no rule holds.
pub enum Rest {
    /// The case goes on here.
    Otherwise(String),
    /// Nothing is said of it.
    Open,
    /// Nothing follows, and that is meant so.
    Nothing,
}

/// Every decision of the definition, in its order.
pub fn of_definition(definition: &ServiceDefinition, env: &TypeEnv) -> Vec<Asked> {
    let mut asked = Vec::new();
    of_forms(definition, &mut asked);
    for (f, fee) in definition.spec.fees.iter().enumerate() {
        let at = format!("spec.fees[{f}].waivers");
        let rules = fee.waivers.iter().enumerate().map(|(w, waiver)| Rule {
            at: format!("{at}[{w}].when"),
            name: format!("the waiver {}", w + 1),
            when: vec![waiver.when.clone()],
            and_more: waiver.from.is_some(),
        });
        let rules = rules.collect();
        asked.push(Asked { at, rules, order: Order::Lenient, rest: Rest::Nothing, draft: false });
    }
    for (s, step) in definition.steps().iter().enumerate() {
        let path = format!("spec.process.steps[{s}]");
        match step.kind() {
            Some(StepKind::Decide(decide)) => asked.extend(of_decide(decide, &format!("{path}.decide"), env)),
            Some(StepKind::Task(task)) => {
                let at = format!("{path}.task.deadline");
                let terms = task.deadline.iter().flat_map(Deadline::terms).enumerate();
                let rules = terms.filter_map(|(t, term)| {
                    let (at, name) = (format!("{at}[{t}].when"), format!("the term {}", t + 1));
                    Some(Rule { at, name, when: vec![term.when.clone()?], and_more: false })
                });
                let rules = rules.collect();
                asked.push(Asked { at, rules, order: Order::Lenient, rest: Rest::Nothing, draft: false });
            }
            _ => {}
        }
    }
    asked
}

fn of_forms(definition: &ServiceDefinition, asked: &mut Vec<Asked>) {
    let mut alone = |at: String, name: String, when: Vec<String>| {
        let rules = vec![Rule { at: at.clone(), name, when, and_more: false }];
        asked.push(Asked { at, rules, order: Order::Lenient, rest: Rest::Nothing, draft: true });
    };
    for (f, form) in definition.spec.forms.iter().enumerate() {
        for (p, page) in form.pages.iter().enumerate() {
            let path = format!("spec.forms[{f}].pages[{p}]");
            if let Some(when) = &page.when {
                alone(format!("{path}.when"), format!("the page `{}`", page.key()), vec![when.clone()]);
            }
            for (i, field) in page.fields.iter().enumerate() {
                if let Some(when) = &field.when {
                    let both = page.when.iter().chain([when]).cloned().collect();
                    alone(format!("{path}.fields[{i}].when"), format!("the question `{}`", field.at), both);
                }
            }
        }
    }
}

fn of_decide(decide: &Decide, path: &str, env: &TypeEnv) -> Option<Asked> {
    let rest = match &decide.otherwise {
        Some(_) => Rest::Otherwise(format!("{path}.otherwise")),
        None => Rest::Open,
    };
    let Some(table) = &decide.table else {
        let rules = decide.cases.iter().enumerate().map(|(c, case)| Rule {
            at: format!("{path}.cases[{c}].when"),
            name: format!("the case {}", c + 1),
            when: vec![case.when.clone()],
            and_more: false,
        });
        return Some(Asked { at: path.to_owned(), rules: rules.collect(), order: Order::First, rest, draft: false });
    };
    let types: Vec<Type> = table::types(table, env).ok()?;
    let rules = table.rules.iter().enumerate().map(|(r, rule)| {
        let when = table::conditions(table, rule, &types).ok()?;
        let (at, name) = (format!("{path}.table.rules[{r}]"), format!("the rule `{}`", rule.name));
        Some(Rule { at, name, when, and_more: false })
    });
    let order = match table.hit {
        Hit::Unique => Order::Unique,
        Hit::First => Order::First,
        Hit::Collect => Order::Collect,
    };
    let rules = rules.collect::<Option<Vec<_>>>()?;
    Some(Asked { at: format!("{path}.table"), rules, order, rest, draft: false })
}
