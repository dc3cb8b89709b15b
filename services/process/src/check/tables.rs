//! A decision has cases or a table; a table's rules answer for each of its inputs, and say what follows as its hit policy wants it.

use api::{Decide, Hit, Table, TableRule};

use super::findings::Findings;
use crate::table;

/// Judges what a `decide` step is made of.
pub fn decide(decide: &Decide, path: &str, findings: &mut Findings) {
    match (&decide.table, decide.cases.is_empty()) {
        (None, true) => findings.error(
            "step.no-cases",
            &format!("{path}.cases"),
            "there is nothing to decide",
            "add a case or a `table`, or go there directly with `next`",
        ),
        (Some(_), false) => findings.error(
            "table.and-cases",
            &format!("{path}.cases"),
            "cases and a table cannot both decide",
            "make each case a rule of the table, or make two steps of it",
        ),
        (Some(table), true) => self::table(table, &format!("{path}.table"), findings),
        (None, false) => {}
    }
}

fn table(table: &Table, path: &str, findings: &mut Findings) {
    if table.inputs.is_empty() || table.rules.is_empty() {
        findings.error(
            "table.empty",
            path,
            "a table looks at something and has rules",
            "write `inputs: [{is: EXPRESSION}]` and `rules: [{name: NAME, when: [CELL], next: STEP}]`",
        );
    }
    if (table.hit == Hit::Collect) != table.collect.is_some() {
        findings.error(
            "table.collect",
            &format!("{path}.collect"),
            "`collect` and `hit: collect` belong together",
            "write `collect: {at: PATH, by: sum, next: STEP}`, or take another `hit`",
        );
    }
    for (index, rule) in table.rules.iter().enumerate() {
        let path = format!("{path}.rules[{index}]");
        if rule.when.len() != table.inputs.len() {
            findings.error(
                "table.cells",
                &format!("{path}.when"),
                format!("the rule has {} cells, the table {} inputs", rule.when.len(), table.inputs.len()),
                "write a cell for each input, in their order; `-` where it does not matter",
            );
        }
        for (index, cell) in rule.when.iter().enumerate() {
            if let Err(wrong) = table::read(cell) {
                findings.error(
                    "table.cell",
                    &format!("{path}.when[{index}]"),
                    wrong,
                    "write for example `-`, `< 18`, `18..65`, `\"a\", \"b\"`, `true` or `2026-01-31`",
                );
            }
        }
        consequence(table, rule, &path, findings);
    }
}

/// A rule says where it goes; one of several that count says what it gives.
fn consequence(table: &Table, rule: &TableRule, path: &str, findings: &mut Findings) {
    let (message, help) = match table.hit {
        Hit::Collect if rule.gives.is_none() || rule.next.is_some() || !rule.set.is_empty() => (
            format!("of `{}` only what it gives counts: all rules that hold count together", rule.name),
            "write `gives: EXPRESSION`, and where the step goes under `collect`",
        ),
        Hit::Unique | Hit::First if rule.next.is_none() || rule.gives.is_some() => (
            format!("the rule `{}` does not say where it goes, or gives what nobody collects", rule.name),
            "write `next: STEP` and, where values follow, `set: [{at: PATH, to: EXPRESSION}]`",
        ),
        _ => return,
    };
    findings.error("table.consequence", path, message, help);
}
