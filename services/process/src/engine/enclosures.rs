//! Files of the thread: enclosed while a question can be asked or answered, and forgotten when nothing comes of it.

use std::collections::BTreeSet;

use kernel::{
    Hash,
    id::{PersonId, TaskId},
};

use super::{Run, files, questions};
use crate::{
    Refusal,
    case::Enclosed,
    event::What,
    evidence::{self, ENCLOSED_MAX, FileReference},
};

/// The same file again changes nothing.
pub fn enclose(run: &mut Run<'_>, of: Enclosed, file: &FileReference, by: PersonId) -> Result<(), Refusal> {
    admit(run, of, by)?;
    files::fits(&evidence::enclosed(), file)?;
    let mut enclosed = run.state.enclosed(of).to_vec();
    if enclosed.iter().any(|known| known.hash == file.hash) {
        return Ok(());
    }
    if enclosed.len() >= ENCLOSED_MAX {
        return Err(files::full());
    }
    enclosed.push(file.clone());
    changed(run, of, enclosed, Some(file.hash), BTreeSet::new());
    Ok(())
}

/// One that is not there any more is gone already.
pub fn remove(run: &mut Run<'_>, of: Enclosed, file: Hash, by: PersonId) -> Result<(), Refusal> {
    admit(run, of, by)?;
    let mut enclosed = run.state.enclosed(of).to_vec();
    let before = enclosed.len();
    enclosed.retain(|known| known.hash != file);
    if enclosed.len() < before {
        changed(run, of, enclosed, None, BTreeSet::from([file]));
    }
    Ok(())
}

/// Whether a question can be asked in the task by this officer, or the question waits for its answer.
fn admit(run: &Run<'_>, of: Enclosed, by: PersonId) -> Result<(), Refusal> {
    match of {
        Enclosed::Question { task } => questions::may_ask(run, task, by).map(|_| ()),
        Enclosed::Answer { number } => questions::open(run, number).map(|_| ()),
    }
}

/// Nothing of the kind will be sent any more.
pub fn forget(run: &mut Run<'_>, of: Enclosed) {
    let removed: BTreeSet<Hash> = run.state.enclosed(of).iter().map(|file| file.hash).collect();
    if !removed.is_empty() {
        changed(run, of, Vec::new(), None, removed);
    }
}

/// The task is about to be closed.
pub fn forget_of_task(run: &mut Run<'_>, task: TaskId) {
    forget(run, Enclosed::Question { task });
    if let Some(number) = run.state.open_question(task).map(|question| question.number) {
        forget(run, Enclosed::Answer { number });
    }
}

fn changed(
    run: &mut Run<'_>,
    of: Enclosed,
    files: Vec<FileReference>,
    attached: Option<Hash>,
    removed: BTreeSet<Hash>,
) {
    run.emit(What::EnclosuresChanged { of, files, attached, removed });
}
