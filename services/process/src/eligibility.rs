//! The check before the start: what a few answers mean by the definition's rules, with nothing of a case and nothing kept.

use std::{collections::BTreeMap, sync::Arc};

use api::{Eligibility, EligibilityQuestion, EligibilityRule};
use kernel::Time;
use serde_json::{Map, Value};

use crate::{
    calendar::Calendar,
    expr::{Fields, Scope, Type, TypeEnv, compile},
    reference::Reference,
};

/// The names that the rules of a check see: its own answers, and the values of the law.
pub fn names(eligibility: &Eligibility, reference_names: &[&str]) -> TypeEnv {
    let answers = eligibility.questions.iter().map(|question| (question.name.clone(), type_of(question))).collect();
    let references = reference_names.iter().map(|name| ((*name).to_owned(), Type::Money)).collect();
    TypeEnv::new([
        ("answers", Type::Object(Arc::new(Fields { fields: answers, open: false }))),
        ("ref", Type::Object(Arc::new(Fields { fields: references, open: false }))),
    ])
}

fn type_of(question: &EligibilityQuestion) -> Type {
    let longest = question.options.iter().map(|option| option.value.len() as u64).max();
    longest.map_or(Type::Bool, |max| Type::Text { max })
}

/// The rule that speaks; none where no rule holds, or one cannot be judged. As an error: names of questions that are not
/// answered, or with something that was not offered.
pub fn judge<'e>(
    eligibility: &'e Eligibility,
    answers: &BTreeMap<String, String>,
    now: Time,
) -> Result<Option<&'e EligibilityRule>, Vec<String>> {
    let mut given = Map::new();
    let mut unanswered = Vec::new();
    for question in &eligibility.questions {
        match answers.get(&question.name).and_then(|typed| value_of(question, typed)) {
            Some(value) => {
                given.insert(question.name.clone(), value);
            }
            None => unanswered.push(question.name.clone()),
        }
    }
    if !unanswered.is_empty() {
        return Err(unanswered);
    }
    let (reference, calendar, nothing) = (Reference::standard(), Calendar::standard(), Value::Null);
    let given = Value::Object(given);
    let scope = Scope {
        data: &given,
        facts: &nothing,
        case: &nothing,
        applicant: &nothing,
        now,
        as_of: now,
        reference: &reference,
        calendar: &calendar,
        offices: &[],
    };
    let env = names(eligibility, &reference.names());
    for rule in &eligibility.rules {
        match compile(&rule.when, &env).map(|condition| condition.holds(&scope)) {
            Ok(Ok(true)) => return Ok(Some(rule)),
            Ok(Ok(false)) => {}
            // Nobody is sent away by a rule that could not be read.
            _ => return Ok(None),
        }
    }
    Ok(None)
}

fn value_of(question: &EligibilityQuestion, typed: &str) -> Option<Value> {
    if !question.options.is_empty() {
        let offered = question.options.iter().find(|option| option.value == typed)?;
        return Some(Value::String(offered.value.clone()));
    }
    match typed {
        "true" => Some(Value::Bool(true)),
        "false" => Some(Value::Bool(false)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use api::EligibilityOutcome;
    use serde_json::json;

    use super::*;
    use crate::sample;

    fn check() -> Eligibility {
        serde_json::from_value(json!({
            "questions": [
                {"name": "bornHere", "label": {"en": "Born here?"}},
                {"name": "goods", "label": {"en": "Goods?"}, "options": [
                    {"value": "food", "label": {"en": "Food"}}, {"value": "arms", "label": {"en": "Arms"}},
                ]},
            ],
            "rules": [
                {"when": "answers.goods == 'arms'", "outcome": "not", "text": {"en": "Nobody may"}},
                {"when": "answers.bornHere", "outcome": "eligible", "text": {"en": "You may"}},
            ],
        }))
        .unwrap()
    }

    fn judged(answers: &[(&str, &str)]) -> Result<Option<EligibilityOutcome>, Vec<String>> {
        let answers = answers.iter().map(|(name, typed)| ((*name).to_owned(), (*typed).to_owned())).collect();
        judge(&check(), &answers, sample::tuesday()).map(|rule| rule.map(|rule| rule.outcome))
    }

    #[test]
    fn the_first_rule_that_holds_speaks_and_without_one_nobody_is_ruled_out() {
        let outcome = |born: &str, goods: &str| judged(&[("bornHere", born), ("goods", goods)]).unwrap();
        assert_eq!(outcome("true", "food"), Some(EligibilityOutcome::Eligible));
        assert_eq!(outcome("true", "arms"), Some(EligibilityOutcome::Not));
        assert_eq!(outcome("false", "food"), None);
    }

    #[test]
    fn what_was_not_offered_is_no_answer() {
        assert_eq!(judged(&[("bornHere", "true")]), Err(vec!["goods".to_owned()]));
        let hostile = judged(&[("bornHere", "1 == 1"), ("goods", "' || true || '"), ("other", "x")]);
        assert_eq!(hostile, Err(vec!["bornHere".to_owned(), "goods".to_owned()]));
    }
}
