//! What became of revisions, counted by outcome: in words that alerts and dashboards read.

use boot::metrics;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Became {
    /// Its step was judged by enough cases, and went on.
    Advanced,
    /// Its step went on with too few of them.
    NotJudged,
    /// It did badly and went back by itself.
    Returned,
    /// By order: for everybody, away, or taken again after a stop.
    Promoted,
    TakenBack,
    Reopened,
    /// It is law, and more fails under it.
    Alarmed,
    /// The same, and new applications are refused.
    Stopped,
}

impl Became {
    const ALL: [Self; 8] = [
        Self::Advanced,
        Self::NotJudged,
        Self::Returned,
        Self::Promoted,
        Self::TakenBack,
        Self::Reopened,
        Self::Alarmed,
        Self::Stopped,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Advanced => "advanced",
            Self::NotJudged => "not-judged",
            Self::Returned => "returned",
            Self::Promoted => "promoted",
            Self::TakenBack => "taken-back",
            Self::Reopened => "reopened",
            Self::Alarmed => "alarmed",
            Self::Stopped => "stopped",
        }
    }

    pub fn count(self) {
        metrics::ROLLOUTS.count(&[self.name()]);
    }
}

/// An alert sees the first return, too.
pub fn begin_to_count() {
    for became in Became::ALL {
        metrics::ROLLOUTS.not_yet(&[became.name()]);
    }
}
