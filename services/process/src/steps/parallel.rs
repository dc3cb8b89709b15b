//! `parallel`: branches run at once and meet at the step's `next`; all must arrive, or the first is enough.

use std::collections::BTreeSet;

use api::{Join, Parallel, Step, StepKind};

use super::Flow;
use crate::{
    case::{TokenId, Waiting},
    engine::Run,
};

pub fn enter(run: &mut Run<'_>, token: TokenId, step: &Step, parallel: &Parallel) -> Flow {
    if parallel.branches.is_empty() {
        return Flow::next(step);
    }
    let mut open = BTreeSet::new();
    for branch in &parallel.branches {
        let made = run.make_token(Some(token));
        run.go(made, &branch.start);
        open.insert(made);
    }
    run.set_timeout(token, step);
    run.wait(token, Waiting::Branches { open });
    Flow::Waits
}

/// A branch has reached the meeting point of the token that forked.
pub fn branch_arrived(run: &mut Run<'_>, fork: TokenId, step: &Step) {
    let join = match step.kind() {
        Some(StepKind::Parallel(parallel)) => parallel.join,
        _ => Join::All,
    };
    let open = match run.token(fork).map(|token| &token.waiting) {
        Some(Waiting::Branches { open }) => open.clone(),
        _ => return,
    };
    if join == Join::All && !open.is_empty() {
        return;
    }
    let mut left = Vec::new();
    for branch in open {
        left.extend(run.drop_token(branch, fork));
    }
    run.inherit(fork, left, step.next.as_deref());
    run.leave(fork, "next", step.next.as_deref());
}
