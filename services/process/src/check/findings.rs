//! Problems as they are found, and the places in the source that they belong to.

use std::collections::{BTreeSet, HashMap};

use api::Resource;
use serde::Serialize;
use serde_json::Value;

use super::Report;

/// How much is told before the rest is only counted.
const PROBLEMS_MAX: usize = 1_000;

/// What a problem stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Nothing can be run.
    Error,
    /// It can be tried out, not published.
    Publish,
    /// Advice.
    Warning,
}

/// Something wrong, where it is, and what to write instead.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Stable name: `definition.unknown-field`.
    pub code: &'static str,
    /// File as it was given.
    pub file: String,
    /// Line from 1; 0 when the definition came without lines.
    pub line: u32,
    /// Column from 1; 0 when the definition came without lines.
    pub column: u32,
    /// Path of the field: `spec.process.steps[3].next`.
    pub path: String,
    /// What is wrong, in a plain sentence.
    pub message: String,
    /// What to write instead; may be empty.
    pub help: String,
    /// What it stops.
    pub severity: Severity,
    /// How a case comes to it, step by step; empty where the place says enough.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub story: Vec<StoryStep>,
}

/// One step on the way of a case to a problem.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StoryStep {
    /// Name of the step.
    pub step: String,
    /// What happens there; empty where the step just does its work.
    pub how: String,
}

/// A line and column, both from 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Line from 1.
    pub line: u32,
    /// Column from 1.
    pub column: u32,
}

/// Places of every value and every key of a source, by path.
#[derive(Debug, Default)]
pub struct Places {
    values: HashMap<String, Place>,
    keys: HashMap<String, Place>,
}

impl Places {
    pub(super) fn add_value(&mut self, path: &str, place: Place) {
        self.values.insert(path.to_owned(), place);
    }

    pub(super) fn add_key(&mut self, path: &str, place: Place) {
        self.keys.insert(path.to_owned(), place);
    }

    /// The value at the path, else its nearest enclosing one.
    fn value(&self, path: &str) -> Place {
        let mut path = path;
        loop {
            if let Some(place) = self.values.get(path) {
                return *place;
            }
            if path.is_empty() {
                return Place::default();
            }
            path = path.rfind(['.', '[']).map_or("", |end| &path[..end]);
        }
    }
}

/// Collects problems of one file.
#[derive(Debug, Default)]
pub struct Findings {
    file: String,
    pub(super) places: Places,
    problems: Vec<Problem>,
    seen: BTreeSet<(&'static str, String)>,
    untold: usize,
    /// Of the next problem.
    story: Vec<StoryStep>,
}

impl Findings {
    pub(crate) fn new(file: &str) -> Self {
        Self { file: file.to_owned(), ..Self::default() }
    }

    /// Stops everything.
    pub(crate) fn error(
        &mut self,
        code: &'static str,
        path: &str,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.add(Severity::Error, code, path, message.into(), help.into());
    }

    /// Stops publishing.
    pub(crate) fn publish(
        &mut self,
        code: &'static str,
        path: &str,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.add(Severity::Publish, code, path, message.into(), help.into());
    }

    /// Stops nothing.
    pub(crate) fn warn(&mut self, code: &'static str, path: &str, message: impl Into<String>, help: impl Into<String>) {
        self.add(Severity::Warning, code, path, message.into(), help.into());
    }

    /// The next problem is told with this story.
    pub(crate) fn along(&mut self, story: Vec<StoryStep>) {
        self.story = story;
    }

    /// A problem with the name of a field rather than with its value.
    pub(super) fn key_error(
        &mut self,
        code: &'static str,
        path: &str,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        let place = self.places.keys.get(path).copied().unwrap_or_else(|| self.places.value(path));
        self.push(Severity::Error, code, path, place, message.into(), help.into());
    }

    /// A problem at a place that has no path of its own.
    pub(super) fn error_at(
        &mut self,
        code: &'static str,
        path: &str,
        place: Place,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.push(Severity::Error, code, path, place, message.into(), help.into());
    }

    /// A problem in a file beside the definition, such as a template.
    pub(super) fn error_in(
        &mut self,
        file: &str,
        code: &'static str,
        path: &str,
        place: Place,
        message: impl Into<String>,
    ) {
        let before = self.problems.len();
        self.push(Severity::Error, code, path, place, message.into(), String::new());
        let beside = self.file.rfind('/').map_or("", |end| &self.file[..=end]);
        for problem in &mut self.problems[before..] {
            problem.file = format!("{beside}{file}");
        }
    }

    fn add(&mut self, severity: Severity, code: &'static str, path: &str, message: String, help: String) {
        let place = self.places.value(path);
        self.push(severity, code, path, place, message, help);
    }

    fn push(
        &mut self,
        severity: Severity,
        code: &'static str,
        path: &str,
        place: Place,
        message: String,
        help: String,
    ) {
        let story = std::mem::take(&mut self.story);
        if self.is_full() {
            self.untold += 1;
            return;
        }
        if !self.seen.insert((code, format!("{path}\n{message}"))) {
            return;
        }
        self.problems.push(Problem {
            code,
            file: self.file.clone(),
            line: place.line,
            column: place.column,
            path: path.to_owned(),
            message,
            help,
            severity,
            story,
        });
    }

    /// Nothing more will be told: help need not be worked out.
    pub(crate) fn is_full(&self) -> bool {
        self.problems.len() >= PROBLEMS_MAX
    }

    pub(crate) fn has_errors(&self) -> bool {
        self.problems.iter().any(|problem| problem.severity == Severity::Error)
    }

    pub(crate) fn into_report(mut self, resource: Option<Resource>, value: Option<Value>) -> Report {
        if self.untold > 0 {
            let untold = self.untold;
            self.problems.truncate(PROBLEMS_MAX - 1);
            self.untold = 0;
            self.error(
                "definition.too-many-problems",
                "",
                format!("{untold} more problems are not shown"),
                "mend these first",
            );
        }
        self.problems.sort_by(|a, b| (a.line, a.column, &a.path, a.code).cmp(&(b.line, b.column, &b.path, b.code)));
        let (definition, resource) = match resource {
            Some(Resource::ServiceDefinition(definition)) => (Some(*definition), None),
            other => (None, other),
        };
        Report { problems: self.problems, definition, resource, value }
    }
}
