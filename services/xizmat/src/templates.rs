//! Lends the checker a compiler for document templates, which it may not depend on itself.

use process::check::{TemplateChecker, TemplateProblem};

pub struct Typst;

impl TemplateChecker for Typst {
    fn check(&self, template: &str, inputs: &serde_json::Value) -> Result<(), Vec<TemplateProblem>> {
        let problem = |one: document::TemplateProblem| TemplateProblem {
            line: one.line,
            column: one.column,
            message: one.message,
        };
        document::check_with(template, inputs).map_err(|problems| problems.into_iter().map(problem).collect())
    }
}
