//! Each way in which a case begins can be taken: its form, its outcomes and what it takes over are there.

mod events;

use std::collections::BTreeSet;

use api::{FromCase, Identified, ServiceDefinition, Start, StartKind, Step, Unit};
use serde_json::Value;

use super::{
    findings::Findings,
    names::instead,
    schema::{self, Found},
};
use crate::start::{FACTS, is_beneath, on_paper};

/// Most paths that one start takes over.
const CARRY_MAX: usize = 100;

/// Judges every start by itself. That its step is there is judged with the other references.
pub fn check(definition: &ServiceDefinition, findings: &mut Findings) {
    for (index, start) in definition.spec.starts.iter().enumerate() {
        let path = format!("spec.starts[{index}]");
        let by_event = start.kind == StartKind::Event;
        if !by_event && definition.step(&start.step).is_some_and(|step| step.form.is_none()) {
            findings.error(
                "process.start-asks-nothing",
                &format!("{path}.step"),
                format!("the step `{}` is not a form", start.step),
                "begin with the form that the applicant fills in",
            );
        }
        match (start.kind, &start.from) {
            (StartKind::Case, Some(from)) => from_case(definition, start, from, &path, findings),
            (StartKind::Case, None) => findings.error(
                "start.from",
                &path,
                format!("the start `{}` does not say which cases it begins from", start.name),
                "write `from: {outcomes: [OUTCOME], within: 30 days}`",
            ),
            (StartKind::Officer, _) => by_officer(definition, start, &path, findings),
            _ => {}
        }
        events::check(definition, index, &path, findings);
        let of_officers = [
            ("role", start.role.is_some()),
            ("identifiedBy", !start.identified_by.is_empty()),
            ("exOfficio", start.ex_officio),
            ("notify", start.notify.is_some()),
        ];
        for (part, _) in of_officers.iter().filter(|(_, is_there)| *is_there && start.kind != StartKind::Officer) {
            findings.error(
                "start.role",
                &format!("{path}.{part}"),
                format!("no officer begins with `{}`", start.name),
                format!("take out `{part}`, or make it `kind: officer`"),
            );
        }
        if start.kind != StartKind::Case && (start.from.is_some() || !start.carry.is_empty()) {
            findings.error(
                "start.from",
                &path,
                format!("the start `{}` begins from no other case", start.name),
                "take out `from` and `carry`, or make it `kind: case`",
            );
        }
    }
}

/// What an officer takes in on paper is begun by those of one role, at the form with which everybody begins.
fn by_officer(definition: &ServiceDefinition, start: &Start, path: &str, findings: &mut Findings) {
    if start.title.is_none() {
        untitled(start, "“Application on paper”", path, findings);
    }
    if start.role.as_ref().is_none_or(|role| role.trim().is_empty()) {
        findings.error(
            "start.role",
            path,
            format!("the start `{}` does not say which officers take applications in", start.name),
            "write `role: ROLE`",
        );
    }
    let own = definition.spec.starts.iter().find(|own| own.kind == StartKind::Form);
    if own.is_some_and(|own| own.step != start.step) {
        findings.error(
            "start.step",
            &format!("{path}.step"),
            format!("an officer begins at `{}`, everybody else at another step", start.step),
            "begin with the form that people fill in themselves",
        );
    }
    if is_for_strangers(start) {
        nobody_answers(definition, start, findings);
    }
    told_later(start, path, findings);
}

/// Whoever is identified after the paper was taken in learns that the application is theirs. It is sent only then, so that nothing of
/// the process ever meets an applicant who is not known yet.
fn told_later(start: &Start, path: &str, findings: &mut Findings) {
    match (start.identified_by.contains(&Identified::NotYetKnown), &start.notify) {
        (true, None) => findings.error(
            "start.notify",
            &format!("{path}.identifiedBy"),
            "nothing tells whoever is identified later that the application is theirs",
            "write `notify: NOTIFICATION` beside it; it is sent with the application, which waits until two officers have identified them",
        ),
        (false, Some(_)) => findings.error(
            "start.notify",
            &format!("{path}.notify"),
            format!("nobody is identified later of those for whom an officer begins with `{}`", start.name),
            "take out `notify`, or add `notYetKnown` to `identifiedBy`",
        ),
        _ => {}
    }
}

/// What expressions may not read of an applicant without asking whether it is there: an officer may begin for somebody who has none.
pub fn may_lack(definition: &ServiceDefinition) -> Vec<&'static str> {
    let Some(start) = on_paper(definition).filter(|start| is_for_strangers(start)) else { return Vec::new() };
    let names: &[&'static str] = if start.ex_officio { &["name", "family_name", "given_name"] } else { &[] };
    ["pinfl", "birthDate", "sex"].iter().chain(names).copied().collect()
}

/// Whether it may begin for somebody whom identity does not know, or for nobody.
fn is_for_strangers(start: &Start) -> bool {
    start.ex_officio || start.identified_by.contains(&Identified::ForeignDocument)
}

/// Whoever has no account fills in no other form: the case would wait for them for ever.
fn nobody_answers(definition: &ServiceDefinition, start: &Start, findings: &mut Findings) {
    let begins = |name: &str| definition.spec.starts.iter().any(|start| start.step == name);
    for (index, step) in definition.steps().iter().enumerate() {
        if step.form.is_some() && step.who.is_none() && !begins(&step.name) {
            findings.error(
                "start.nobody-answers",
                &format!("spec.process.steps[{index}].form"),
                format!(
                    "an applicant for whom an officer began with `{}` may have no account to fill this in",
                    start.name
                ),
                "ask it in the first form, or take `exOfficio` and `foreignDocument` out of the start",
            );
        }
    }
}

fn untitled(start: &Start, such_as: &str, path: &str, findings: &mut Findings) {
    findings.error(
        "start.title",
        path,
        format!("nobody can tell what the start `{}` is for", start.name),
        format!("write under `title` what people press, such as {such_as}"),
    );
}

fn from_case(definition: &ServiceDefinition, start: &Start, from: &FromCase, path: &str, findings: &mut Findings) {
    if start.title.is_none() {
        untitled(start, "“Appeal this decision”", path, findings);
    }
    let ends: BTreeSet<&str> =
        definition.steps().iter().filter_map(|step| step.end.as_ref()).map(|end| end.outcome.as_str()).collect();
    if from.outcomes.is_empty() {
        let help = instead("", ends.iter().copied());
        findings.error("start.outcome", &format!("{path}.from.outcomes"), "no outcome is named", help);
    }
    for (index, outcome) in from.outcomes.iter().enumerate().filter(|(_, outcome)| !ends.contains(outcome.as_str())) {
        findings.error(
            "start.outcome",
            &format!("{path}.from.outcomes[{index}]"),
            format!("no case of this service ends with `{outcome}`"),
            instead(outcome, ends.iter().copied()),
        );
    }
    let shorter = |unit: Unit| matches!(unit, Unit::Seconds | Unit::Minutes | Unit::Hours);
    if from.within.is_some_and(|within| within.amount == 0 || shorter(within.unit)) {
        findings.error(
            "start.within",
            &format!("{path}.from.within"),
            "the time to begin is counted in whole days",
            "write for example `30 days` or `10 working days`",
        );
    }
    let refused = refusals(definition);
    if from.same_officers && from.outcomes.iter().any(|outcome| refused.contains(outcome.as_str())) {
        findings.error(
            "start.same-officers",
            &format!("{path}.from.sameOfficers"),
            "officers would judge complaints about their own refusals",
            "take out `sameOfficers`, or begin from what was granted alone",
        );
    }
    carry(definition, start, path, findings);
}

/// Outcomes to which a decision leads that needs a reason: before anybody else decides, and where others confirm it, whatever no decision
/// without a reason leads to.
fn refusals(definition: &ServiceDefinition) -> BTreeSet<&str> {
    let starts = definition.spec.process.iter().map(|process| process.start.as_str());
    let starts = starts.chain(definition.spec.starts.iter().map(|start| start.step.as_str())).collect();
    let (mut refused, mut granted) = (Vec::new(), Vec::new());
    for step in definition.steps() {
        refused.extend(decided(step, true));
    }
    for step in reached(definition, starts, unrefused) {
        granted.extend(decided(step, false));
    }
    let by_nobody = |step: &Step| step.task.is_none() && step.form.is_none();
    let mut at_once = ends(reached(definition, refused.clone(), |step| ways(step, by_nobody(step))));
    let confirmed = ends(reached(definition, refused, |step| ways(step, step.form.is_none())));
    let granted =
        ends(reached(definition, granted, |step| if step.form.is_none() { unrefused(step) } else { Vec::new() }));
    at_once.extend(confirmed.difference(&granted));
    at_once
}

/// Where what is decided in this step leads, with a reason or without one.
fn decided(step: &Step, with_reason: bool) -> impl Iterator<Item = &str> {
    let outcomes = step.task.iter().flat_map(|task| &task.outcomes);
    outcomes.filter(move |outcome| outcome.reasons.is_empty() != with_reason).map(|outcome| outcome.next.as_str())
}

fn ways(step: &Step, goes_on: bool) -> Vec<&str> {
    step.outgoing().into_iter().filter(|_| goes_on).map(|way| way.to).collect()
}

/// Its ways but for those of a refusal, and of what is undone after one.
fn unrefused(step: &Step) -> Vec<&str> {
    let refused: BTreeSet<&str> = decided(step, true).collect();
    let ways = step.outgoing().into_iter().filter(|way| way.field != "compensate");
    ways.map(|way| way.to).filter(|to| !refused.contains(to)).collect()
}

/// Steps to which a case can come from these by such ways.
fn reached<'d>(
    definition: &'d ServiceDefinition,
    mut open: Vec<&'d str>,
    ways: impl Fn(&'d Step) -> Vec<&'d str>,
) -> Vec<&'d Step> {
    let (mut met, mut steps) = (BTreeSet::new(), Vec::new());
    while let Some(name) = open.pop() {
        let Some(step) = definition.step(name).filter(|_| met.insert(name)) else { continue };
        open.extend(ways(step));
        steps.push(step);
    }
    steps
}

fn ends(steps: Vec<&Step>) -> BTreeSet<&str> {
    steps.into_iter().filter_map(|step| step.end.as_ref()).map(|end| end.outcome.as_str()).collect()
}

fn carry(definition: &ServiceDefinition, start: &Start, path: &str, findings: &mut Findings) {
    let nothing = Value::Null;
    let root = definition.spec.data.as_ref().map_or(&nothing, |data| &data.schema);
    let asked: BTreeSet<String> =
        definition.steps().iter().filter_map(|step| step.call.as_ref()).map(api::Call::fact).collect();
    let forms = definition.spec.forms.iter().flat_map(api::Form::fields).map(|(_, field)| field);
    let files: BTreeSet<&str> = forms.filter(|field| field.evidence.is_some()).map(|field| field.at.as_str()).collect();
    if start.carry.len() > CARRY_MAX {
        let message = format!("more than {CARRY_MAX} paths are taken over");
        findings.error("start.carry", &format!("{path}.carry"), message, "name the objects that they lie in");
        return;
    }
    for (index, name) in start.carry.iter().enumerate() {
        let place = format!("{path}.carry[{index}]");
        let mut wrong = |message: String, help: String| findings.error("start.carry", &place, message, help);
        if let Some(fact) = name.strip_prefix(FACTS) {
            if !asked.contains(fact) {
                let help = instead(fact, asked.iter().map(String::as_str));
                wrong(format!("no registry's answer is called `{fact}`"), help);
            }
        } else if let Found::Unknown { name: missing, known } = schema::at(root, name) {
            wrong(format!("the data schema has no `{missing}` in `{name}`"), instead(&missing, known));
        } else if let Some(file) = files.iter().find(|file| is_beneath(file, name)) {
            let message = format!("the files of `{file}` stay with the case that they were attached to");
            wrong(message, "name the other values one by one; files are attached anew".to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::check::{Options, check};

    #[test]
    fn whoever_refused_is_never_let_judge_the_complaint_and_whoever_granted_may_renew() {
        let judged = |sample: &str, outcome: &str| {
            let process = "  process:\n    start: apply\n    steps:\n";
            let from = format!("{{outcomes: [{outcome}], sameOfficers: true}}");
            let starts = format!(
                "  starts:\n    - {{name: apply, kind: form, step: apply}}\n    - {{name: again, kind: case, step: apply, title: {{en: Again}}, from: {from}}}\n{process}"
            );
            let source = sample.replacen(process, &starts, 1);
            let report = check(&source, "service.yaml", &Options::default());
            let told: Vec<_> = report.problems.iter().map(|problem| problem.code).collect();
            assert!(!told.contains(&"definition.unknown-field") && !told.contains(&"start.outcome"), "{told:?}");
            told.contains(&"start.same-officers")
        };
        let sample = crate::sample::SERVICE;
        assert!(judged(sample, "rejected"));
        assert!(!judged(sample, "granted"));
        // The same refusal, which somebody else confirms or overturns.
        let refuse = "text: {en: Too close to a school}}], next: ";
        let head = "      - name: head\n        task:\n          role: head\n          outcomes:\n            - {name: confirm, label: {en: Confirm}, next: undo}\n            - {name: overturn, label: {en: Overturn}, next: issue}\n      - {name: issue,";
        let confirmed = sample.replacen(&format!("{refuse}undo"), &format!("{refuse}head"), 1);
        let confirmed = confirmed.replacen("      - {name: issue,", head, 1);
        assert!(confirmed.contains("next: head") && confirmed.contains("name: overturn"));
        assert!(judged(&confirmed, "rejected"));
        assert!(!judged(&confirmed, "granted"));
    }
}
