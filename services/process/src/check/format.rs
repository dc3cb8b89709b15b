//! Reports for people, for programs and for code scanners (SARIF 2.1.0).

use std::{collections::BTreeSet, fmt::Write as _};

use serde_json::{Value, json as value};

use super::findings::{Problem, Severity, StoryStep};

/// How a report is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// For people.
    #[default]
    Human,
    /// For programs.
    Json,
    /// For code scanners and editors.
    Sarif,
}

impl Format {
    /// From the name on the command line.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "human" => Some(Self::Human),
            "json" => Some(Self::Json),
            "sarif" => Some(Self::Sarif),
            _ => None,
        }
    }

    /// Writes the problems of any number of files.
    pub fn write(self, problems: &[Problem]) -> String {
        match self {
            Self::Human => human(problems),
            Self::Json => json(problems),
            Self::Sarif => sarif(problems),
        }
    }
}

/// One paragraph a problem, in the form that terminals and editors link.
pub fn human(problems: &[Problem]) -> String {
    let mut out = String::new();
    for problem in problems {
        let word = match problem.severity {
            Severity::Error => "error",
            Severity::Publish => "stops publishing",
            Severity::Warning => "advice",
        };
        let Problem { code, file, line, column, path, message, help, .. } = problem;
        let _ = writeln!(out, "{file}:{line}:{column}: {word}: {message} [{code}]");
        if !path.is_empty() {
            let _ = writeln!(out, "    at {path}");
        }
        for (number, told) in problem.story.iter().enumerate() {
            let how = if told.how.is_empty() { String::new() } else { format!(": {}", told.how) };
            let _ = writeln!(out, "    {}. {}{how}", number + 1, told.step);
        }
        if !help.is_empty() {
            let _ = writeln!(out, "    {help}");
        }
    }
    let count = |severity| problems.iter().filter(|problem| problem.severity == severity).count();
    let (errors, publish, advice) = (count(Severity::Error), count(Severity::Publish), count(Severity::Warning));
    let _ = writeln!(out, "{errors} errors, {publish} that stop publishing, {advice} pieces of advice");
    out
}

/// `{"problems": […]}`, one object a problem.
pub fn json(problems: &[Problem]) -> String {
    value!({ "problems": problems }).to_string()
}

/// Static Analysis Results Interchange Format 2.1.0 (OASIS).
pub fn sarif(problems: &[Problem]) -> String {
    let codes: BTreeSet<&str> = problems.iter().map(|problem| problem.code).collect();
    let rules: Vec<Value> = codes.into_iter().map(|code| value!({ "id": code })).collect();
    let results: Vec<Value> = problems.iter().map(result).collect();
    value!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": { "name": "xizmat check", "version": env!("CARGO_PKG_VERSION"), "rules": rules } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
    .to_string()
}

fn result(problem: &Problem) -> Value {
    let level = match problem.severity {
        Severity::Error => "error",
        Severity::Publish => "warning",
        Severity::Warning => "note",
    };
    let text = if problem.help.is_empty() {
        problem.message.clone()
    } else {
        format!("{}; {}", problem.message, problem.help)
    };
    let mut place = value!({ "artifactLocation": { "uri": problem.file } });
    if problem.line > 0 {
        place["region"] = value!({ "startLine": problem.line, "startColumn": problem.column.max(1) });
    }
    let mut result = value!({
        "ruleId": problem.code,
        "level": level,
        "message": { "text": text },
        "locations": [{ "physicalLocation": place, "logicalLocations": [{ "fullyQualifiedName": problem.path }] }],
    });
    if !problem.story.is_empty() {
        result["codeFlows"] = value!([{ "threadFlows": [{ "locations": flow(problem) }] }]);
    }
    result
}

/// The way of a case, step by step, as scanners show the way of a value.
fn flow(problem: &Problem) -> Vec<Value> {
    let step = |told: &StoryStep| {
        let text = if told.how.is_empty() { &told.step } else { &told.how };
        value!({ "location": {
            "physicalLocation": { "artifactLocation": { "uri": problem.file } },
            "logicalLocations": [{ "name": told.step }],
            "message": { "text": text },
        } })
    };
    problem.story.iter().map(step).collect()
}
