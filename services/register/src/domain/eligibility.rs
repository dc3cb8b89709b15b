//! The check before the start as people read it: its questions, and what their answers mean, in one language.

use std::collections::BTreeMap;

use api::{Eligibility, EligibilityOutcome, EligibilityQuestion};
use kernel::Time;
use process::eligibility;
use proto::register::v1 as wire;

use super::page::{link, optional};

pub fn question(question: &EligibilityQuestion, language: &str) -> wire::EligibilityQuestion {
    let option = |choice: &api::Choice| wire::EligibilityOption {
        value: choice.value.clone(),
        label: choice.label.in_language(language).to_owned(),
        hint: optional(choice.hint.as_ref(), language),
    };
    wire::EligibilityQuestion {
        name: question.name.clone(),
        label: question.label.in_language(language).to_owned(),
        hint: optional(question.hint.as_ref(), language),
        options: question.options.iter().map(option).collect(),
    }
}

pub fn verdict(
    check: &Eligibility,
    answers: &BTreeMap<String, String>,
    (language, now): (&str, Time),
) -> wire::EligibilityVerdict {
    let rule = match eligibility::judge(check, answers, now) {
        Err(unanswered) => return wire::EligibilityVerdict { unanswered, ..Default::default() },
        Ok(None) => return wire::EligibilityVerdict { outcome: "unsure".to_owned(), ..Default::default() },
        Ok(Some(rule)) => rule,
    };
    let outcome = match rule.outcome {
        EligibilityOutcome::Eligible => "eligible",
        EligibilityOutcome::Not => "not",
    };
    wire::EligibilityVerdict {
        outcome: outcome.to_owned(),
        unanswered: Vec::new(),
        text: rule.text.in_language(language).to_owned(),
        legal_basis: rule.legal_basis.as_ref().map(|act| link(act, language)),
        instead: optional(rule.instead.as_ref(), language),
    }
}
