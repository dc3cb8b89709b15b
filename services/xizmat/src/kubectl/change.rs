//! Of what kind each difference of a definition is: running, presentation or law.

use api::ServiceDefinition;
use serde_json::Value;

use super::difference::Difference;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Running,
    Presentation,
    Law,
}

impl Kind {
    pub fn name(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Presentation => "presentation",
            Self::Law => "law",
        }
    }
}

/// The kinds of all differences, by path.
pub struct Kinds(Vec<(String, Kind)>);

impl Kinds {
    pub fn between(_before: &Value, _after: &ServiceDefinition, found: &[Difference]) -> Self {
        Self(found.iter().map(|difference| (difference.path.clone(), judge(&difference.path))).collect())
    }

    /// The strictest of what lies at the path, around it or inside it; what nobody judged is law.
    pub fn of(&self, path: &str) -> Kind {
        let near = self.0.iter().filter(|(known, _)| is_within(path, known) || is_within(known, path));
        near.map(|(_, kind)| *kind).max().unwrap_or(Kind::Law)
    }

    pub fn strictest(&self) -> Option<Kind> {
        self.0.iter().map(|(_, kind)| *kind).max()
    }
}

fn is_within(path: &str, part: &str) -> bool {
    path.strip_prefix(part).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

const LANGUAGES: [&str; 5] = ["uz", "uz-Cyrl", "kaa", "ru", "en"];

/// What is not clearly anything else is law.
fn judge(path: &str) -> Kind {
    let under = |part: &str| is_within(path, part);
    let text = LANGUAGES.iter().any(|language| path.ends_with(&format!(".{language}")));
    let bound = under("spec.legalBasis") || under("spec.documents") || path.contains(".declaration.");
    match () {
        () if under("spec.deployment") || under("spec.rollout") => Kind::Running,
        () if text && !bound => Kind::Presentation,
        () if under("spec.lifeEvents") || under("spec.audience") || under("spec.needs") => Kind::Presentation,
        () => Kind::Law,
    }
}
