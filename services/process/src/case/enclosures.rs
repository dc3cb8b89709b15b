//! Files of a case's thread: they lie ready for a question or an answer, and go out with it.

use kernel::id::TaskId;
use serde::{Deserialize, Serialize};

use super::CaseState;
use crate::evidence::FileReference;

/// With what files are enclosed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "with", rename_all = "kebab-case")]
pub enum Enclosed {
    /// The next question of a task.
    Question { task: TaskId },
    /// The answer to a question that waits for one.
    Answer { number: u32 },
}

/// Files that lie ready.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Enclosure {
    pub of: Enclosed,
    pub files: Vec<FileReference>,
}

impl CaseState {
    /// What lies ready and was not sent yet.
    pub fn enclosed(&self, of: Enclosed) -> &[FileReference] {
        let found = self.enclosures.iter().find(|enclosure| enclosure.of == of);
        found.map(|enclosure| enclosure.files.as_slice()).unwrap_or_default()
    }

    pub(crate) fn enclose(&mut self, of: Enclosed, files: Vec<FileReference>) {
        self.enclosures.retain(|enclosure| enclosure.of != of);
        if !files.is_empty() {
            self.enclosures.push(Enclosure { of, files });
        }
    }

    /// Files that went out with a question or an answer.
    pub fn sent_files(&self) -> impl Iterator<Item = &FileReference> {
        self.questions.iter().flat_map(|question| {
            let answer = question.answer.iter().flat_map(|answer| &answer.files);
            question.files.iter().chain(answer)
        })
    }

    /// Every file of the thread, sent or lying ready.
    pub fn thread_files(&self) -> impl Iterator<Item = &FileReference> {
        self.sent_files().chain(self.enclosures.iter().flat_map(|enclosure| &enclosure.files))
    }
}
