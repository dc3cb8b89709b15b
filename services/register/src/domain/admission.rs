//! Admission: a definition that passes the check becomes canonical bytes with a hash.

use api::{Agency, Resource, ServiceDefinition};
use kernel::{Failure, Hash};
use process::{
    check::{Options, Problem, Severity, TemplateChecker, check_json},
    revision::{canonical_bytes, canonical_json, hash_of},
};

/// How the check says that a language was not reviewed as it stands.
const UNREVIEWED: &str = "text.not-reviewed";

/// A definition that may be admitted.
#[derive(Debug)]
pub struct Admissible {
    pub definition: ServiceDefinition,
    /// RFC 8785 after our own defaulting.
    pub canonical: Vec<u8>,
    pub revision: Hash,
    /// Why an agency that publishes only what was approved does not publish it yet; nothing of another agency. What runs already
    /// runs on, so it is no reason to refuse the definition as such.
    pub unreviewed: Vec<Problem>,
}

/// Judges a definition of an agency. Problems come back when it is refused.
pub fn judge(
    bytes: &[u8],
    agency: &Agency,
    draft: bool,
    templates: &dyn TemplateChecker,
) -> Result<Admissible, Vec<Problem>> {
    let options = Options { agency: Some(agency), templates: Some(templates), ..Options::default() };
    let report = check_json(bytes, &options);
    let is_unreviewed = |problem: &&Problem| problem.code == UNREVIEWED && problem.severity == Severity::Publish;
    let unreviewed: Vec<Problem> = report.problems.iter().filter(is_unreviewed).cloned().collect();
    let mut others = report.problems.iter().filter(|problem| !is_unreviewed(problem));
    let accepted = if draft { report.runs() } else { others.all(|problem| problem.severity == Severity::Warning) };
    let definition = report.definition.filter(|_| accepted);
    let Some(definition) = definition else { return Err(report.problems) };
    let canonical = canonical_bytes(&definition).map_err(|error| unwritable(&error))?;
    Ok(Admissible { revision: hash_of(&canonical), canonical, definition, unreviewed })
}

fn unwritable(error: &dyn std::fmt::Display) -> Vec<Problem> {
    vec![Problem {
        code: "definition.not-canonical",
        file: String::new(),
        line: 0,
        column: 0,
        path: String::new(),
        message: format!("the definition has no canonical form: {error}"),
        help: "numbers must be exact in JSON".into(),
        severity: Severity::Error,
        story: Vec::new(),
    }]
}

/// Reads an Agency resource that somebody publishes as `agency`.
pub fn read_agency(bytes: &[u8], agency: &str) -> Result<(Agency, Vec<u8>), Failure> {
    let refused = |why: String| Failure::invalid("agency.refused", format!("The agency `{agency}` is refused: {why}."));
    let report = check_json(bytes, &Options::default());
    if let Some(problem) = report.problems.first().filter(|_| !report.runs()) {
        return Err(refused(format!("{}: {}", problem.path, problem.message)));
    }
    let Some(Resource::Agency(read)) = report.resource else { return Err(refused("it is not an Agency".into())) };
    if read.metadata.name != agency {
        return Err(refused(format!("it names itself `{}`", read.metadata.name)));
    }
    let value = serde_json::to_value(&read).map_err(|error| refused(error.to_string()))?;
    let canonical = canonical_json(&value).map_err(|error| refused(error.to_string()))?;
    Ok((*read, canonical))
}
