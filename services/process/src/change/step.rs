//! The process: where it goes is law; what an officer and the applicant read about it is presentation.

use api::{End, Outcome, Process, Step, Task};

use super::differences::Differences;

pub fn process(out: &mut Differences, old: &Process, new: &Process) {
    let Process { start, office, steps } = old;
    out.law("spec.process.start", start, &new.start);
    out.law("spec.process.office", office, &new.office);
    out.named("spec.process.steps", steps, &new.steps, |step| &step.name, step);
}

fn step(out: &mut Differences, path: &str, old: &Step, new: &Step) {
    let Step {
        name: _,
        form,
        task,
        payment,
        call,
        decide,
        document,
        signature,
        notify,
        wait,
        refund,
        emit,
        parallel,
        for_each,
        subprocess,
        set,
        end,
        who,
        invite,
        on_declined,
        next,
        timeout,
        on_timeout,
        on_not_found,
        on_unavailable,
        retry,
        on_error,
        compensate,
    } = old;
    let at = |field: &str| format!("{path}.{field}");
    out.law(at("form"), form, &new.form);
    out.part(&at("task"), task, &new.task, |out, old, new| self::task(out, &at("task"), old, new));
    out.law(at("payment"), payment, &new.payment);
    // Also what it is for: the citizen reads it as the ground on which the state looked at their data.
    out.law(at("call"), call, &new.call);
    out.law(at("decide"), decide, &new.decide);
    out.law(at("document"), document, &new.document);
    out.law(at("signature"), signature, &new.signature);
    out.law(at("notify"), notify, &new.notify);
    out.law(at("wait"), wait, &new.wait);
    out.law(at("refund"), refund, &new.refund);
    out.law(at("emit"), emit, &new.emit);
    out.law(at("parallel"), parallel, &new.parallel);
    out.law(at("forEach"), for_each, &new.for_each);
    out.law(at("subprocess"), subprocess, &new.subprocess);
    out.law(at("set"), set, &new.set);
    out.part(&at("end"), end, &new.end, |out, old, new| self::end(out, &at("end"), old, new));
    out.law(at("who"), who, &new.who);
    out.law(at("invite"), invite, &new.invite);
    out.law(at("onDeclined"), on_declined, &new.on_declined);
    out.law(at("next"), next, &new.next);
    out.law(at("timeout"), timeout, &new.timeout);
    out.law(at("onTimeout"), on_timeout, &new.on_timeout);
    out.law(at("onNotFound"), on_not_found, &new.on_not_found);
    out.law(at("onUnavailable"), on_unavailable, &new.on_unavailable);
    out.law(at("retry"), retry, &new.retry);
    out.law(at("onError"), on_error, &new.on_error);
    out.law(at("compensate"), compensate, &new.compensate);
}

fn task(out: &mut Differences, path: &str, old: &Task, new: &Task) {
    let Task { title, agency, office, role, deadline, on_deadline, four_eyes, shows: _, questions, outcomes } = old;
    let at = |field: &str| format!("{path}.{field}");
    out.presentation(at("title"), title, &new.title);
    out.law(at("agency"), agency, &new.agency);
    out.law(at("office"), office, &new.office);
    out.law(at("role"), role, &new.role);
    out.law(at("deadline"), deadline, &new.deadline);
    out.law(at("onDeadline"), on_deadline, &new.on_deadline);
    out.law(at("fourEyes"), four_eyes, &new.four_eyes);
    out.law(at("questions"), questions, &new.questions);
    // What an officer sees (`shows`) follows from the forms too and is judged with them.
    out.named(&at("outcomes"), outcomes, &new.outcomes, |outcome| &outcome.name, outcome);
}

fn outcome(out: &mut Differences, path: &str, old: &Outcome, new: &Outcome) {
    let Outcome { name: _, label, reasons, next } = old;
    out.presentation(format!("{path}.label"), label, &new.label);
    // Grounds of a decision, which may be appealed.
    out.law(format!("{path}.reasons"), reasons, &new.reasons);
    out.law(format!("{path}.next"), next, &new.next);
}

fn end(out: &mut Differences, path: &str, old: &End, new: &End) {
    let End { outcome, label, delivers } = old;
    out.law(format!("{path}.outcome"), outcome, &new.outcome);
    out.presentation(format!("{path}.label"), label, &new.label);
    out.law(format!("{path}.delivers"), delivers, &new.delivers);
}
