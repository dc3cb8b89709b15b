//! Lends the checker and the booklet a compiler for document templates, which it may not depend on itself: the same confined worker that
//! renders them, because a template is hostile input also while it is only checked.

use std::time::Duration;

use kernel::Failure;
use process::check::{TemplateChecker, TemplateProblem};
use signing::worker::{Limits, Refusal, Workers};

/// A template that takes longer than this does not end.
const DEADLINE: Duration = Duration::from_secs(2);

pub struct Typst(Workers);

impl Typst {
    pub fn new() -> Result<Self, Failure> {
        let limits = Limits { deadline: DEADLINE, workers: 1, ..Limits::default() };
        Ok(Self(Workers::of_this_program(limits)?))
    }
}

impl TemplateChecker for Typst {
    fn check(&self, template: &str, inputs: &serde_json::Value) -> Result<(), Vec<TemplateProblem>> {
        let problem = |one: document::TemplateProblem| TemplateProblem {
            line: one.line,
            column: one.column,
            message: one.message,
        };
        let checked = self.0.check_with(template, inputs);
        checked.map_err(|problems| problems.into_iter().map(problem).collect())
    }

    fn read(&self, template: &str, inputs: &serde_json::Value) -> Result<Option<String>, String> {
        match self.0.twin(template, inputs, &document::sample_options(inputs)) {
            Ok(html) => String::from_utf8(html).map(Some).map_err(|error| error.to_string()),
            Err(Refusal::Template(_)) => Ok(None),
            Err(Refusal::Worker(failure)) => Err(failure.to_string()),
        }
    }
}
