//! `set`: values of the data are computed, all from the data as it was before the step.

use api::{Set, Step};
use serde_json::{Map, Value};

use super::Flow;
use crate::{engine::Run, event::What, expr::Fault};

pub fn enter(run: &mut Run<'_>, step: &Step, values: &[Set]) -> Result<Flow, Fault> {
    let computed = compute(run, values)?;
    run.emit(What::ValuesSet { step: step.name.clone(), values: computed });
    Ok(Flow::next(step))
}

/// The values by their paths.
pub fn compute(run: &Run<'_>, values: &[Set]) -> Result<Map<String, Value>, Fault> {
    let mut computed = Map::new();
    for value in values {
        computed.insert(value.at.clone(), run.evaluate(&value.to, |value| Ok(value.to_json()))?);
    }
    Ok(computed)
}
