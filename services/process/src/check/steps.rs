//! Each step is of exactly one kind and says where it goes, no more and no less.

use api::{Deadline, OnDeadline, ServiceDefinition, Span, Step, StepKind, Task, Wait};

use super::{findings::Findings, tables};

/// Most attempts of a retry.
const ATTEMPTS_MAX: u32 = 20;

/// Judges every step by itself.
pub fn check(definition: &ServiceDefinition, findings: &mut Findings) {
    for (index, step) in definition.steps().iter().enumerate() {
        let path = format!("spec.process.steps[{index}]");
        let kinds = step.kinds();
        match kinds.as_slice() {
            [] => findings.error("step.no-kind", &path, format!("the step `{}` does nothing", step.name), "give it one of form, task, payment, call, decide, document, notify, wait, refund, emit, parallel, set, end"),
            [kind] => one(step, kind, &path, findings),
            several => {
                let names: Vec<_> = several.iter().map(StepKind::name).collect();
                findings.error("step.several-kinds", &path, format!("the step `{}` is {} at once", step.name, names.join(" and ")), "make a step of each");
            }
        }
    }
}

fn one(step: &Step, kind: &StepKind<'_>, path: &str, findings: &mut Findings) {
    next(step, kind, path, findings);
    waiting(step, kind, path, findings);
    match kind {
        StepKind::Task(task) => {
            outcomes(task, path, findings);
            terms(task, path, findings);
        }
        StepKind::Decide(decide) => tables::decide(decide, &format!("{path}.decide"), findings),
        StepKind::Wait(wait) => exactly_one(wait, path, findings),
        StepKind::Refund([]) => {
            findings.error(
                "step.no-payments",
                &format!("{path}.refund"),
                "no payment is named",
                "name the payment steps that are paid back",
            );
        }
        StepKind::Parallel(parallel) if parallel.branches.len() < 2 => {
            findings.error(
                "step.few-branches",
                &format!("{path}.parallel.branches"),
                "there are fewer than two branches",
                "add a branch, or do without `parallel`",
            );
        }
        StepKind::Parallel(parallel) => {
            for (index, branch) in parallel.branches.iter().enumerate() {
                if step.next.as_ref() == Some(&branch.start) {
                    findings.error(
                        "step.empty-branch",
                        &format!("{path}.parallel.branches[{index}].start"),
                        format!("the branch `{}` ends where it begins: nothing is done in it", branch.name),
                        "let it begin with a step of its own, or remove it",
                    );
                }
            }
        }
        StepKind::Set([]) => {
            findings.error(
                "step.no-values",
                &format!("{path}.set"),
                "nothing is set",
                "write `set: [{at: PATH, to: EXPRESSION}]`",
            );
        }
        _ => {}
    }
    if let Some(retry) = &step.retry
        && (retry.attempts == 0 || retry.attempts > ATTEMPTS_MAX)
    {
        findings.error(
            "step.attempts",
            &format!("{path}.retry.attempts"),
            format!("{} attempts are not possible", retry.attempts),
            format!("write a number from 1 to {ATTEMPTS_MAX}"),
        );
    }
}

/// Ends, tasks and decisions have no `next`; all others need one.
fn next(step: &Step, kind: &StepKind<'_>, path: &str, findings: &mut Findings) {
    let elsewhere = match kind {
        StepKind::End(_) => Some("the case is over here"),
        StepKind::Task(_) => Some("each outcome says where it goes"),
        StepKind::Decide(_) => Some("each case says where it goes"),
        _ => None,
    };
    match (elsewhere, &step.next) {
        (Some(why), Some(_)) => findings.error(
            "step.useless-next",
            &format!("{path}.next"),
            format!("`next` of `{}` is never followed: {why}", step.name),
            "remove it",
        ),
        (None, None) => findings.error(
            "step.no-next",
            path,
            format!("the step `{}` does not say where it goes", step.name),
            "add `next`",
        ),
        _ => {}
    }
}

fn waiting(step: &Step, kind: &StepKind<'_>, path: &str, findings: &mut Findings) {
    let call = matches!(kind, StepKind::Call(_));
    if step.timeout.is_some()
        && step.on_timeout.is_none()
        && !(call && step.on_unavailable.is_some())
        && !matches!(kind, StepKind::End(_))
    {
        findings.error(
            "step.timeout-to-nowhere",
            &format!("{path}.timeout"),
            format!("the time of `{}` can be over, but nothing says what then", step.name),
            if call { "add `onUnavailable`" } else { "add `onTimeout`" },
        );
    }
    if step.on_timeout.is_some() && step.timeout.is_none() {
        findings.error(
            "step.no-timeout",
            &format!("{path}.onTimeout"),
            "`onTimeout` is never followed without `timeout`",
            "add `timeout`, for example `3 days`",
        );
    }
    let only_calls = [("onNotFound", step.on_not_found.is_some()), ("onUnavailable", step.on_unavailable.is_some())];
    for (field, _) in only_calls.iter().filter(|(_, set)| *set && !call) {
        findings.error(
            "step.only-call",
            &format!("{path}.{field}"),
            format!("`{field}` belongs to a `call`"),
            "remove it",
        );
    }
    if matches!(kind, StepKind::End(_))
        && (step.timeout.is_some() || step.on_error.is_some() || step.compensate.is_some() || step.retry.is_some())
    {
        findings.error(
            "step.end-is-the-end",
            path,
            format!("the step `{}` ends the case: nothing can follow it", step.name),
            "remove `timeout`, `retry`, `onError` and `compensate`",
        );
    }
    if matches!(kind, StepKind::Task(_)) && step.compensate.is_some() {
        findings.error(
            "step.task-compensate",
            &format!("{path}.compensate"),
            format!(
                "the task `{}` is left by an outcome, and `compensate` undoes only what is left by `next`",
                step.name
            ),
            "remove it, and give `compensate` to the step that does what the outcome decided",
        );
    }
    if call && step.timeout.as_ref().and_then(Span::seconds).is_some_and(|seconds| seconds > 3_600) {
        findings.warn(
            "step.long-call",
            &format!("{path}.timeout"),
            "a citizen waits while a registry is asked for more than an hour",
            "let the case go on with `onUnavailable`",
        );
    }
}

fn outcomes(task: &Task, path: &str, findings: &mut Findings) {
    let path = format!("{path}.task");
    if task.outcomes.is_empty() {
        findings.error(
            "task.no-outcomes",
            &format!("{path}.outcomes"),
            "the officer can decide nothing",
            "list the outcomes, for example approve, refuse, return",
        );
    }
    let silent = match task.on_deadline {
        OnDeadline::Escalate => None,
        OnDeadline::Approve => Some("approve"),
        OnDeadline::Refuse => Some("refuse"),
    };
    if let Some(outcome) = silent.filter(|name| !task.outcomes.iter().any(|outcome| outcome.name == *name)) {
        findings.error(
            "task.no-silent-outcome",
            &format!("{path}.onDeadline"),
            format!("there is no outcome `{outcome}` to take"),
            "name an outcome so, or write `onDeadline: escalate`",
        );
    }
    if task.on_deadline != OnDeadline::Escalate && task.deadline.is_none() {
        findings.error(
            "task.no-deadline",
            &format!("{path}.onDeadline"),
            "there is no deadline",
            "add `deadline`, for example `2 working days`",
        );
    }
    for (index, outcome) in task.outcomes.iter().enumerate() {
        for (at, reason) in outcome.reasons.iter().enumerate() {
            if outcome.reasons[..at].iter().any(|other| other.code == reason.code) {
                findings.error(
                    "task.duplicate-reason",
                    &format!("{path}.outcomes[{index}].reasons[{at}].code"),
                    format!("the reason `{}` is listed twice", reason.code),
                    "keep one",
                );
            }
        }
    }
}

/// Every case gets its time, and every entry some case.
fn terms(task: &Task, path: &str, findings: &mut Findings) {
    let Some(Deadline::ByCase(terms)) = &task.deadline else { return };
    let path = format!("{path}.task.deadline");
    let help = "end the list with `{is: …}` without `when`, for example `{is: 3 working days}`";
    let Some((last, before)) = terms.split_last() else {
        return findings.error("task.deadline-open", &path, "the list of deadlines is empty", help);
    };
    if last.when.is_some() {
        let at = format!("{path}[{}]", before.len());
        findings.error("task.deadline-open", &at, "there is no deadline where none of the conditions holds", help);
    }
    for (index, _) in before.iter().enumerate().filter(|(_, term)| term.when.is_none()) {
        findings.error(
            "task.deadline-unreached",
            &format!("{path}[{index}]"),
            "this entry always holds: what stands after it never counts",
            "give it a `when`, or let it be the last",
        );
    }
}

fn exactly_one(wait: &Wait, path: &str, findings: &mut Findings) {
    let set = [wait.span.is_some(), wait.until.is_some(), wait.event.is_some(), wait.message.is_some()];
    if set.iter().filter(|set| **set).count() != 1 {
        findings.error(
            "step.wait",
            &format!("{path}.wait"),
            "a wait is for exactly one thing",
            "write one of `for`, `until`, `event`, `message`",
        );
    }
}
