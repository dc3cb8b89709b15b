//! Decision tables: what stands in a cell, and the condition over the input's expression that it means.
//!
//! A cell is turned into an expression, so that it is typed, bounded and evaluated like everything else that decides; what the
//! booklet says, what the proof judges and what the engine does come from the same reading.

mod cell;

use api::{Table, TableInput, TableRule};

pub use cell::{Cell, Constant, Relation, Test, read};

use crate::expr::{ExprProblem, Type, TypeEnv, compile};

/// The type of each input.
pub fn types(table: &Table, env: &TypeEnv) -> Result<Vec<Type>, ExprProblem> {
    table.inputs.iter().map(|input| compile(&input.is, env).map(|expr| expr.result().clone())).collect()
}

/// The conditions of a rule, one for each input that it asks about.
pub fn conditions(table: &Table, rule: &TableRule, types: &[Type]) -> Result<Vec<String>, String> {
    let cells = table.inputs.iter().zip(types).zip(&rule.when);
    cells.filter_map(|((input, of), cell)| condition(input, of, cell).transpose()).collect()
}

/// What one cell asks of its input; nothing where it takes whatever comes.
pub fn condition(input: &TableInput, of: &Type, cell: &str) -> Result<Option<String>, String> {
    Ok(read(cell)?.condition(&input.is, of))
}
