//! What a changed definition changes: nothing that people see, how it is presented, or the law that it carries out.
//!
//! How a revision may be brought in follows from it: a presentation by shares of the people, a law for everybody at once. What
//! is not clearly presentation is law.

mod differences;
mod form;
mod named;
mod service;
mod step;
#[cfg(test)]
mod tests;

use api::ServiceDefinition;

use differences::Differences;

/// What a difference touches, from the mildest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// How it runs and how it is brought in: nothing that people see.
    Running,
    /// Texts, layout, order: what people see, not what is decided.
    Presentation,
    /// Fees, rules, deadlines, access, documents, data asked, steps: what the law says.
    Law,
}

/// What became of a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// Only the new definition has it.
    Added,
    /// Only the old definition has it.
    Removed,
    /// Both have it, with another content.
    Changed,
    /// Both have it, at another place.
    Moved,
}

/// One part that is not the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Where in the new definition, for example `spec.fees[0].amount`; of what was removed, where in the old one.
    pub path: String,
    /// What it touches.
    pub kind: Kind,
    /// What became of the part.
    pub what: What,
}

/// Every difference between two definitions of a service.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// In the order of a definition's parts.
    pub differences: Vec<Difference>,
}

impl Kind {
    /// From the mildest.
    pub const ALL: [Self; 3] = [Self::Running, Self::Presentation, Self::Law];

    /// As the register and a ServiceRevision say it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Presentation => "presentation",
            Self::Law => "law",
        }
    }

    /// From what the register says.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

impl What {
    /// As people read it in a list of differences.
    pub fn name(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Changed => "changed",
            Self::Moved => "moved",
        }
    }
}

impl Change {
    /// The strictest of all differences; nothing when there is none.
    pub fn kind(&self) -> Option<Kind> {
        self.differences.iter().map(|difference| difference.kind).max()
    }

    /// Differences of one kind.
    pub fn of(&self, kind: Kind) -> impl Iterator<Item = &Difference> {
        self.differences.iter().filter(move |difference| difference.kind == kind)
    }
}

/// Every difference between what was in force and what shall be.
pub fn classify(old: &ServiceDefinition, new: &ServiceDefinition) -> Change {
    let mut differences = Differences::default();
    service::definition(old, new, &mut differences);
    let mut found = differences.into_found();
    // What none of the comparisons saw is no presentation.
    if found.is_empty() && old != new {
        found.push(Difference { path: String::new(), kind: Kind::Law, what: What::Changed });
    }
    Change { differences: found }
}
