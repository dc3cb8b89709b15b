//! A check before the start is short, its rules read only its own answers, and whoever is told no hears by which law.

use std::collections::BTreeSet;

use api::{Eligibility, EligibilityOutcome, EligibilityQuestion, ServiceDefinition};

use super::{Options, data::is_field_name, findings::Findings};
use crate::{
    eligibility,
    expr::{Type, compile},
    reference::Reference,
};

const QUESTIONS_MAX: usize = 6;
const OPTIONS_MAX: usize = 10;
const RULES_MAX: usize = 20;
const PATH: &str = "spec.eligibility";

/// Judges the check, where there is one.
pub fn check(definition: &ServiceDefinition, options: &Options<'_>, findings: &mut Findings) {
    let Some(eligibility) = &definition.spec.eligibility else { return };
    let sizes =
        [("questions", eligibility.questions.len(), QUESTIONS_MAX), ("rules", eligibility.rules.len(), RULES_MAX)];
    for (list, length, max) in sizes {
        if length == 0 || length > max {
            findings.error(
                "eligibility.size",
                &format!("{PATH}.{list}"),
                format!("a check has 1 to {max} {list}"),
                "ask what decides for most people, and leave the rest to the form",
            );
        }
    }
    let mut names = BTreeSet::new();
    for (index, question) in eligibility.questions.iter().enumerate() {
        let path = format!("{PATH}.questions[{index}]");
        if !names.insert(&question.name) {
            let message = format!("`{}` is used twice", question.name);
            let help = "give one of them another name";
            findings.error("definition.duplicate-name", &format!("{path}.name"), message, help);
        }
        self::question(question, &path, findings);
    }
    rules(eligibility, options, findings);
}

fn question(question: &EligibilityQuestion, path: &str, findings: &mut Findings) {
    if !is_field_name(&question.name) {
        findings.error(
            "eligibility.name",
            &format!("{path}.name"),
            format!("rules cannot read `answers.{}`", question.name),
            "use letters and digits, beginning with a small letter: `bornHere`",
        );
    }
    let count = question.options.len();
    if count == 1 || count > OPTIONS_MAX {
        findings.error(
            "eligibility.size",
            &format!("{path}.options"),
            format!("a question has 2 to {OPTIONS_MAX} answers"),
            "leave `options` out where the answer is yes or no",
        );
    }
    let mut seen = BTreeSet::new();
    for (index, option) in question.options.iter().enumerate() {
        if !seen.insert(&option.value) {
            findings.error(
                "form.duplicate-option",
                &format!("{path}.options[{index}].value"),
                format!("`{}` is offered twice", option.value),
                "keep one",
            );
        }
    }
}

fn rules(eligibility: &Eligibility, options: &Options<'_>, findings: &mut Findings) {
    let standard = Reference::standard();
    let names = if options.reference_names.is_empty() { standard.names() } else { options.reference_names.to_vec() };
    let env = eligibility::names(eligibility, &names);
    for (index, rule) in eligibility.rules.iter().enumerate() {
        let path = format!("{PATH}.rules[{index}]");
        if let Err(problem) = compile(&rule.when, &env).and_then(|condition| condition.expect(&Type::Bool)) {
            findings.error(problem.code, &format!("{path}.when"), problem.message, String::new());
        }
        if rule.outcome == EligibilityOutcome::Not && rule.legal_basis.is_none() {
            findings.publish(
                "eligibility.no-legal-basis",
                &path,
                "whoever is told no must hear by which law",
                "add `legalBasis: {title: …, uri: …}`",
            );
        }
    }
}
