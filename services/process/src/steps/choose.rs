//! `decide`: the first case that holds chooses the way.

use api::{Decide, Step};

use super::Flow;
use crate::{engine::Run, event::What, expr::Fault};

pub fn enter(run: &mut Run<'_>, step: &Step, decide: &Decide) -> Result<Flow, Fault> {
    let mut chosen = ("otherwise".to_owned(), &decide.otherwise);
    for (index, case) in decide.cases.iter().enumerate() {
        if run.evaluate(&case.when, |value| value.as_bool())? {
            chosen = (format!("cases[{index}]"), &case.next);
            break;
        }
    }
    let (rule, next) = chosen;
    run.emit(What::Chosen { step: step.name.clone(), rule, next: next.clone() });
    Ok(Flow::Leave { way: "next", to: Some(next.clone()) })
}
