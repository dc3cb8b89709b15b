//! What an expression speaks of, by the names that people see: questions of forms, answers of registries, the law's values.

use api::{EligibilityQuestion, Field, Text};

use super::{
    Words,
    phrases::{Phrase, rule},
};
use crate::expr::Type;

impl<'a> Words<'a> {
    /// The question that asks for a value of the data.
    fn field(&self, at: &str) -> Option<&'a Field> {
        self.definition.spec.forms.iter().find_map(|form| form.field(at))
    }

    /// The question of the check before the start whose answer has this name.
    fn asked(&self, name: &str) -> Option<&'a EligibilityQuestion> {
        self.definition.spec.eligibility.as_ref()?.questions.iter().find(|question| question.name == name)
    }

    /// A question's label, as it stands inside a sentence.
    pub fn label(&self, field: &'a Field) -> &'a str {
        self.inside(&field.label)
    }

    fn inside(&self, label: &'a Text) -> &'a str {
        self.text(label).trim().trim_end_matches(['?', ':', '.'])
    }

    /// What people see for an answer that they choose.
    pub(super) fn option(&self, path: &str, value: &str) -> Option<String> {
        let options = match path.split_once('.')? {
            ("data", at) => &self.field(at)?.options,
            ("answers", name) => &self.asked(name)?.options,
            _ => return None,
        };
        let option = options.iter().find(|option| option.value == value)?;
        Some(self.quoted(self.text(&option.label)))
    }

    /// A path by the name that people know; what nobody is asked for keeps the name that the data gives it.
    pub fn named(&self, path: &str) -> String {
        let (root, rest) = path.split_once('.').unwrap_or((path, ""));
        let known = match root {
            "data" if !rest.is_empty() => Some(self.quoted(self.field(rest).map_or(rest, |field| self.label(field)))),
            "ref" if rest == "bhm" => Some(self.say(&rule::BASE_AMOUNT, &[])),
            "answers" => self.asked(rest).map(|question| self.quoted(self.inside(&question.label))),
            "facts" => self.fact(rest),
            "applicant" => applicant(rest).map(|phrase| self.say(phrase, &[])),
            "case" => case(rest).map(|phrase| self.say(phrase, &[])),
            _ => None,
        };
        known.unwrap_or_else(|| self.quoted(path))
    }

    fn fact(&self, path: &str) -> Option<String> {
        let (fact, field) = path.split_once('.').unwrap_or((path, ""));
        let mut calls = self.definition.steps().iter().filter_map(|step| step.call.as_ref());
        calls.find(|call| call.fact() == fact).map(|call| self.answered(&call.registry, field))
    }

    /// A date is before another one, not less than it.
    pub(super) fn is_date(&self, path: &str) -> bool {
        let mut parts = path.split('.');
        let mut of = parts.next().and_then(|root| self.env.variables.get(root));
        for part in parts {
            of = match of {
                Some(Type::Object(fields)) => fields.fields.get(part),
                _ => None,
            };
        }
        matches!(of, Some(Type::Date))
    }
}

fn applicant(field: &str) -> Option<&'static Phrase> {
    Some(match field {
        "name" => &rule::APPLICANT_NAME,
        "family_name" => &rule::APPLICANT_FAMILY_NAME,
        "given_name" => &rule::APPLICANT_GIVEN_NAME,
        "patronymic" => &rule::APPLICANT_PATRONYMIC,
        "pinfl" => &rule::APPLICANT_PINFL,
        "tin" => &rule::APPLICANT_TIN,
        "birthDate" => &rule::APPLICANT_BIRTH_DATE,
        "sex" => &rule::APPLICANT_SEX,
        "phone" => &rule::APPLICANT_PHONE,
        "email" => &rule::APPLICANT_EMAIL,
        "address" => &rule::APPLICANT_ADDRESS,
        "mandate" => &rule::APPLICANT_MANDATE,
        _ => return None,
    })
}

fn case(field: &str) -> Option<&'static Phrase> {
    Some(match field {
        "number" => &rule::CASE_NUMBER,
        "submitted" => &rule::CASE_SUBMITTED,
        "channel" => &rule::CASE_CHANNEL,
        "submittedBy" => &rule::CASE_SUBMITTED_BY,
        "language" => &rule::CASE_LANGUAGE,
        "decision" | "decision.outcome" => &rule::CASE_DECISION,
        "decision.reasons" => &rule::CASE_REASONS,
        "decision.note" => &rule::CASE_NOTE,
        "office" | "office.name" => &rule::CASE_OFFICE,
        "office.soato" => &rule::CASE_AREAS,
        _ => return None,
    })
}
