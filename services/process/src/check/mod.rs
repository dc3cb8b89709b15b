//! Judges a definition before anybody runs it: every problem at once, each with its place and what to write instead.
//!
//! The command line, the register and the operator use this same code, so what passes here is what is admitted.
//! Nothing is read from disk: files come in as [`File`]s.

mod appeals;
mod data;
mod eligibility;
mod engineers;
mod entries;
mod evidence;
mod expressions;
mod fees;
mod findings;
mod folder;
mod format;
mod forms;
mod lists;
mod mandates;
mod names;
mod not_built;
mod offices;
mod opinions;
mod parallel;
mod parties;
mod passport;
mod questions;
mod recall;
mod references;
mod review;
mod rollout;
pub(crate) mod schema;
mod shape;
mod source;
mod starts;
mod steps;
mod structure;
mod submission;
mod tables;
mod templates;
#[cfg(test)]
mod tests;
mod texts;

use api::{Agency, Kind, Registry, Resource, ServiceDefinition};
use serde_json::Value;

use crate::prove;

pub(crate) use findings::Findings;
pub use findings::{Place, Problem, Severity, StoryStep};
pub use folder::{File, Folder};
pub use format::{Format, human, json, sarif};
pub use review::{Spoken, drafts as unreviewed, hash as hash_of_texts, spoken};
pub use source::{BYTES_ADVISED, BYTES_MAX};
pub use templates::{TemplateChecker, TemplateProblem, specimen};

/// What the check may know besides the definition itself.
#[derive(Clone, Copy, Default)]
pub struct Options<'a> {
    /// The agency that owns the folder or namespace.
    pub agency: Option<&'a Agency>,
    /// Registries whose contracts are known.
    pub registries: &'a [Registry],
    /// Names of reference values that expressions may read as `ref.…`. Empty: those this binary knows.
    pub reference_names: &'a [&'a str],
    /// Files beside the definition, with paths relative to it: `templates/certificate.typ`.
    pub files: &'a [File],
    /// Compiles templates. Without it they are only looked for.
    pub templates: Option<&'a dyn TemplateChecker>,
    /// States that the proof may look at, where somebody waits for the answer; what takes more is left to who checks without.
    pub states_max: Option<usize>,
}

/// What came of a check.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Every problem, in the order of the source.
    pub problems: Vec<Problem>,
    /// The definition with its templates inlined; there when its structure could be read.
    pub definition: Option<ServiceDefinition>,
    /// Any other resource that was read.
    pub resource: Option<Resource>,
    /// The resource as JSON with its templates inlined, as it is sent to the register.
    pub value: Option<Value>,
}

impl Report {
    /// Whether the definition can be tried out.
    pub fn runs(&self) -> bool {
        !self.problems.iter().any(|problem| problem.severity == Severity::Error)
    }

    /// Whether it can be published.
    pub fn publishes(&self) -> bool {
        !self.problems.iter().any(|problem| matches!(problem.severity, Severity::Error | Severity::Publish))
    }
}

/// Checks one YAML file: a definition, or an agency, registry or grant.
pub fn check(source: &str, file: &str, options: &Options<'_>) -> Report {
    let read = source::read(source, file);
    judge(read.value, read.findings, options)
}

/// Checks a definition that comes as JSON, as the register gets it; problems then have paths but no lines.
pub fn check_json(definition: &[u8], options: &Options<'_>) -> Report {
    let read = source::read_json(definition);
    judge(read.value, read.findings, options)
}

fn judge(value: Option<Value>, mut findings: Findings, options: &Options<'_>) -> Report {
    let Some(mut value) = value else { return findings.into_report(None, None) };
    let kind = match value.get("kind").and_then(Value::as_str) {
        Some(kind) => match Kind::parse(kind) {
            Some(kind) => kind,
            None => {
                let known = Kind::ALL.map(Kind::name);
                findings.error(
                    "definition.unknown-kind",
                    "kind",
                    format!("`{kind}` is not a kind of resource"),
                    names::instead(kind, known),
                );
                return findings.into_report(None, None);
            }
        },
        None => Kind::ServiceDefinition,
    };
    let shape = structure::walk(kind, &value, &mut findings);
    texts::check(&shape.texts, &mut findings);
    for unknown in &shape.unknown {
        structure::remove(&mut value, unknown);
    }
    folder::inline(&mut value, kind, options.files, &mut findings);
    if shape.broken {
        return findings.into_report(None, None);
    }
    match kind.read(value.clone()) {
        Ok(Resource::ServiceDefinition(definition)) => {
            rules(&definition, options, &mut findings);
            review::check(&definition, options.agency, &shape.texts, &mut findings);
            findings.into_report(Some(Resource::ServiceDefinition(definition)), Some(value))
        }
        Ok(resource) => {
            passport::check(&resource, &mut findings);
            findings.into_report(Some(resource), Some(value))
        }
        Err(error) => {
            findings.error("definition.unreadable", "", format!("the resource cannot be read: {error}"), String::new());
            findings.into_report(None, None)
        }
    }
}

fn rules(definition: &ServiceDefinition, options: &Options<'_>, findings: &mut Findings) {
    passport::check_service(definition, options, findings);
    not_built::check(definition, findings);
    recall::check(definition, findings);
    shape::check(definition, findings);
    steps::check(definition, findings);
    questions::check(definition, findings);
    opinions::check(definition, findings);
    references::check(definition, options, findings);
    starts::check(definition, findings);
    appeals::check(definition, findings);
    mandates::check(definition, options, findings);
    parties::check(definition, findings);
    submission::check(definition, findings);
    eligibility::check(definition, options, findings);
    lists::check(definition, options, findings);
    parallel::check(definition, findings);
    prove::check(definition, options, findings);
    if data::check(definition, findings) {
        forms::check(definition, options, findings);
        expressions::check(definition, options, findings);
        prove::values(definition, options, findings);
    }
    fees::check(definition, findings);
    rollout::check(definition, findings);
    templates::check(definition, options, findings);
}
