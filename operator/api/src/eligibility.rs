//! A check before the start: a few questions that tell somebody whether the service is for them, before they sign in.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Choice, LegalBasis, Text};

/// Questions and the rules that judge their answers. Nobody has to take the check, and nothing of it is kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Eligibility {
    /// Questions in the order in which they are asked, all on one page.
    pub questions: Vec<EligibilityQuestion>,
    /// Rules in the order in which they are tried: the first that holds speaks. Where none does, the person is told that the
    /// check does not rule them out.
    pub rules: Vec<EligibilityRule>,
}

/// A question with a few answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EligibilityQuestion {
    /// Name that rules read, as in `answers.bornHere`.
    pub name: String,
    /// The question.
    pub label: Text,
    /// What helps to answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<Text>,
    /// Answers to choose from. When left out: yes or no.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<Choice>,
}

/// What certain answers mean.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EligibilityRule {
    /// CEL condition over `answers`: a yes-no question is true or false, another one the value of the chosen answer.
    pub when: String,
    /// What it means for the person.
    pub outcome: EligibilityOutcome,
    /// Why, in a sentence or two.
    pub text: Text,
    /// The law that says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub legal_basis: Option<LegalBasis>,
    /// What to do instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instead: Option<Text>,
}

/// What the check can tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum EligibilityOutcome {
    /// The person can apply.
    Eligible,
    /// Probably not: only an officer decides.
    Not,
}
