//! `decide`: the first case that holds, or the rules of a table, choose the way.

use api::{Collect, CollectBy, Decide, Hit, Step, Table, TableRule};
use serde_json::{Map, Value};

use super::{Flow, set};
use crate::{
    engine::Run,
    event::{Chosen, What},
    expr::{self, Fault, Type},
    table,
};

pub fn enter(run: &mut Run<'_>, step: &Step, decide: &Decide) -> Result<Flow, Fault> {
    if let Some(table) = &decide.table {
        return by_table(run, step, table, decide.otherwise.as_ref());
    }
    for (index, case) in decide.cases.iter().enumerate() {
        if run.evaluate(&case.when, |value| value.as_bool())? {
            return Ok(goes(run, step, by(format!("cases[{index}]")), &case.next));
        }
    }
    otherwise(run, step, Chosen::default(), decide.otherwise.as_ref())
}

fn by(rule: String) -> Chosen {
    Chosen { rule, ..Chosen::default() }
}

fn goes(run: &mut Run<'_>, step: &Step, chosen: Chosen, next: &str) -> Flow {
    run.emit(What::Chosen(Chosen { step: step.name.clone(), next: next.to_owned(), ..chosen }));
    Flow::Leave { way: "next", to: Some(next.to_owned()) }
}

fn otherwise(run: &mut Run<'_>, step: &Step, chosen: Chosen, to: Option<&String>) -> Result<Flow, Fault> {
    let to = to.ok_or_else(|| Fault::new("decide.no-rule", "no rule says what follows from this"))?;
    Ok(goes(run, step, Chosen { rule: "otherwise".to_owned(), ..chosen }, to))
}

fn by_table(run: &mut Run<'_>, step: &Step, table: &Table, to: Option<&String>) -> Result<Flow, Fault> {
    let (mut inputs, mut types) = (Vec::new(), Vec::new());
    for input in &table.inputs {
        inputs.push(run.evaluate(&input.is, |value| Ok(value.to_json()))?);
        types.push(run.process.expression(&input.is).map_or(Type::Any, |expression| expression.result().clone()));
    }
    let mut fired: Vec<&TableRule> = Vec::new();
    for rule in &table.rules {
        if holds(run, table, rule, &types)? {
            fired.push(rule);
            if table.hit == Hit::First {
                break;
            }
        }
    }
    let chosen = Chosen {
        rule: "table".to_owned(),
        fired: fired.iter().map(|rule| rule.name.clone()).collect(),
        articles: fired.iter().filter_map(|rule| rule.article.clone()).collect(),
        inputs,
        ..Chosen::default()
    };
    match (table.hit, fired.as_slice(), &table.collect) {
        (_, [], _) => otherwise(run, step, chosen, to),
        (Hit::Collect, several, Some(collect)) => {
            let values = Map::from_iter([(collect.at.clone(), collected(run, several, collect)?)]);
            let flow = goes(run, step, chosen, &collect.next);
            run.emit(What::ValuesSet { step: step.name.clone(), values });
            Ok(flow)
        }
        (Hit::Unique | Hit::First, [only], _) => {
            let values = set::compute(run, &only.set)?;
            let next = only.next.as_ref();
            let next = next.ok_or_else(|| Fault::new("decide.no-way", "the rule does not say where it goes"))?;
            let flow = goes(run, step, chosen, next);
            if !values.is_empty() {
                run.emit(What::ValuesSet { step: step.name.clone(), values });
            }
            Ok(flow)
        }
        _ => Err(Fault::new("decide.several-rules", "more than one rule of the table holds")),
    }
}

/// As of conditions that are joined: one that does not hold is enough, even where another cannot be judged.
fn holds(run: &Run<'_>, table: &Table, rule: &TableRule, types: &[Type]) -> Result<bool, Fault> {
    let conditions = table::conditions(table, rule, types).map_err(|wrong| Fault::new("decide.cell", wrong))?;
    let mut failed = Ok(true);
    for condition in conditions {
        match run.evaluate(&condition, |value| value.as_bool()) {
            Ok(true) => {}
            Ok(false) => return Ok(false),
            Err(fault) => failed = Err(fault),
        }
    }
    failed
}

fn collected(run: &Run<'_>, fired: &[&TableRule], collect: &Collect) -> Result<Value, Fault> {
    let given = fired.iter().filter_map(|rule| rule.gives.as_ref());
    match collect.by {
        CollectBy::List => given.map(|source| run.evaluate(source, |value| Ok(value.to_json()))).collect(),
        CollectBy::Sum => {
            let mut total = expr::Value::Int(0);
            for source in given {
                total = run.evaluate(source, |value| expr::add(&total, &value.as_number()?))?;
            }
            Ok(total.to_json())
        }
    }
}
