//! What is wrong with a template, with its place, in words its author understands.

use serde::{Deserialize, Serialize};
use typst::{
    World, WorldExt,
    diag::{Severity, SourceDiagnostic},
};

use crate::world::TemplateWorld;

/// Line and column count from 1; both are 0 where the problem has no place in the template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateProblem {
    pub line: u32,
    pub column: u32,
    pub message: String,
}

impl TemplateProblem {
    /// The template reads something that this case does not have.
    pub fn is_about_facts(&self) -> bool {
        self.message.starts_with("dictionary does not contain key")
            || self.message.starts_with("array index out of bounds")
            || self.message.starts_with("array is empty")
    }

    pub fn anywhere(message: impl Into<String>) -> Self {
        Self { line: 0, column: 0, message: message.into() }
    }
}

/// A template can produce thousands of problems; a person reads a few.
const PROBLEMS_MAX: usize = 20;

pub fn all(world: &TemplateWorld, diagnostics: &[SourceDiagnostic]) -> Vec<TemplateProblem> {
    let errors = diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error);
    errors.take(PROBLEMS_MAX).map(|diagnostic| one(world, diagnostic)).collect()
}

fn one(world: &TemplateWorld, diagnostic: &SourceDiagnostic) -> TemplateProblem {
    let (line, column) = place(world, diagnostic).unwrap_or_default();
    let mut message = diagnostic.message.to_string();
    for hint in &diagnostic.hints {
        message.push_str("; ");
        message.push_str(&hint.v);
    }
    TemplateProblem { line, column, message }
}

fn place(world: &TemplateWorld, diagnostic: &SourceDiagnostic) -> Option<(u32, u32)> {
    if diagnostic.span.id()? != world.main() {
        return None;
    }
    let range = world.range(diagnostic.span)?;
    let source = world.source(world.main()).ok()?;
    let (line, column) = source.lines().byte_to_line_column(range.start)?;
    Some((u32::try_from(line + 1).ok()?, u32::try_from(column + 1).ok()?))
}
