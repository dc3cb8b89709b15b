//! Which events tell a reader of the case something: whoever read it before such a one has not read the case as it is.

use kernel::id::PersonId;

use super::What;

impl What {
    /// Whether somebody who read the case before this would read it otherwise now. Who works on it, what the host has to do and
    /// when is nothing of that, nor is what the reader did themselves.
    pub fn is_news_to(&self, reader: PersonId) -> bool {
        match self {
            Self::TaskClaimed { .. }
            | Self::TaskReleased { .. }
            | Self::TaskAssigned { .. }
            | Self::TaskEscalated { .. }
            | Self::RefundRefused { .. }
            // Nobody reads them before they are sent.
            | Self::EnclosuresChanged { .. }
            // No page shows them.
            | Self::SubjectNamed { .. }
            | Self::SubjectKnown { .. }
            | Self::VerdictKept(_)
            | Self::DocumentUnwanted(_)
            | Self::ActionRequested { .. }
            | Self::ActionRetried { .. }
            | Self::ActionClosed { .. }
            | Self::TimerSet { .. }
            | Self::TimerCancelled { .. }
            | Self::TimerFired { .. } => false,
            Self::QuestionAsked { officer, .. }
            | Self::QuestionTakenBack { officer, .. }
            | Self::NoteAdded { officer, .. }
            | Self::OpinionRequested { officer, .. }
            | Self::OpinionGiven { officer, .. }
            | Self::TaskProposed { officer, .. } => *officer != reader,
            _ => true,
        }
    }
}
