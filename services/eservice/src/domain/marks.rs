//! What of a transition tells how its revision fares: that pages were answered, steps entered and left, and what failed.

use process::{
    case::Waiting,
    event::{Event, What},
};

/// One such thing. Names are the definition's own words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// Number of the case's event.
    pub sequence: u64,
    pub kind: Kind,
    pub name: String,
    pub at: kernel::Time,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Opened,
    Page,
    Submitted,
    Entered,
    Left,
    FailedExpression,
    FailedCall,
}

impl Kind {
    const ALL: [Self; 7] = [
        Self::Opened,
        Self::Page,
        Self::Submitted,
        Self::Entered,
        Self::Left,
        Self::FailedExpression,
        Self::FailedCall,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Page => "page",
            Self::Submitted => "submitted",
            Self::Entered => "entered",
            Self::Left => "left",
            Self::FailedExpression => "failed-expression",
            Self::FailedCall => "failed-call",
        }
    }

    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// Of events whose first has this number.
pub fn of(events: &[Event], first: u64) -> Vec<Mark> {
    let marks = events.iter().zip(first..).filter_map(|(event, sequence)| {
        let (kind, name) = mark(&event.what)?;
        Some(Mark { sequence, kind, name: name.to_owned(), at: event.at })
    });
    marks.collect()
}

fn mark(what: &What) -> Option<(Kind, &str)> {
    match what {
        What::DraftOpened { .. } => Some((Kind::Opened, "")),
        What::AnswersSaved { page, complete: true, .. } => Some((Kind::Page, page)),
        What::Submitted { .. } | What::Begun { .. } => Some((Kind::Submitted, "")),
        What::StepEntered { step, .. } => Some((Kind::Entered, step)),
        What::StepLeft { step, way, .. } if matches!(way.as_str(), "onError" | "onUnavailable") => {
            Some((Kind::FailedCall, step))
        }
        What::StepLeft { step, .. } => Some((Kind::Left, step)),
        // The code says what it was: `expr.missing`, `call.not-found`, …
        What::Waits { waiting: Waiting::Attention { code }, .. } if code.starts_with("expr.") => {
            Some((Kind::FailedExpression, code))
        }
        What::Waits { waiting: Waiting::Attention { code }, .. } => Some((Kind::FailedCall, code)),
        _ => None,
    }
}
