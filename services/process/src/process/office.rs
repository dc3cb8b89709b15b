//! Which office is responsible for a case: as it was recorded, and of a draft as it would be if it were sent now.

use serde_json::Value;

use super::{Process, Surroundings};
use crate::{
    Facts,
    case::{CaseOffice, CaseState},
    expr::{self, Fault},
};

/// None where the definition names none, or no office of the agency is meant.
pub fn found(process: &Process, state: &CaseState, data: &Value, facts: &Facts<'_>) -> Option<CaseOffice> {
    let expression = process.expression(source(process)?)?;
    let surroundings = Surroundings::of(state);
    let scope = surroundings.scope(state, data, facts);
    let value = expression.eval(&scope).ok()?;
    let name = value.as_text().ok()?;
    let office = facts.offices.iter().find(|office| office.name == name)?;
    Some(CaseOffice { name: office.name.clone(), soato: office.soato.clone() })
}

/// The same for whoever shows a fee: once the application is sent, it does not change with the agency's offices.
pub fn of_case(process: &Process, state: &CaseState, facts: &Facts<'_>) -> Option<CaseOffice> {
    match state.submitted {
        Some(_) => state.office.clone(),
        None => found(process, state, &state.data, facts),
    }
}

/// To which office a task of this declaration comes if it is opened now; none: to any.
pub fn of_task(
    process: &Process,
    state: &CaseState,
    task: &api::Task,
    facts: &Facts<'_>,
) -> Result<Option<String>, Fault> {
    let Some(source) = &task.office else { return Ok(None) };
    let expression = process.expression(source);
    let expression =
        expression.ok_or_else(|| Fault::new("expr.unknown", "the expression is not part of this revision"))?;
    let surroundings = Surroundings::of(state);
    let scope = surroundings.scope(state, &state.data, facts);
    let value = expression.eval(&scope)?;
    match &value {
        expr::Value::Null => Ok(None),
        office => office.as_text().map(|name| Some(name.to_owned())),
    }
}

/// The expression, as the definition writes it.
pub fn source(process: &Process) -> Option<&str> {
    process.definition().spec.process.as_ref()?.office.as_deref()
}
