//! Notes for colleagues: whoever works on an application of their own agency writes down what the next one has to know.

use kernel::{
    ErrorKind,
    id::{PersonId, TaskId},
};

use super::{Run, questions, tasks};
use crate::{Refusal, event::What};

const TEXT_MAX: usize = 2_000;
/// Of one case: notes are no place for a log.
const NOTES_MAX: usize = 100;

pub fn add(run: &mut Run<'_>, task: TaskId, officer: PersonId, text: &str) -> Result<(), Refusal> {
    let known = tasks::open(run, task)?;
    tasks::takes_no_part(run, officer)?;
    if run.state.is_foreign(&known) {
        let message = "Only officers of the service's own agency write notes about its applications.";
        return Err(Refusal::new(ErrorKind::Forbidden, "note.foreign", message));
    }
    let text = questions::plain(text);
    if text.is_empty() {
        return Err(Refusal::invalid("note.empty", "Write something: the note is empty."));
    }
    if text.chars().count() > TEXT_MAX {
        return Err(Refusal::invalid("note.too-long", format!("A note has at most {TEXT_MAX} characters.")));
    }
    if run.state.notes.len() >= NOTES_MAX {
        let message = format!("An application has at most {NOTES_MAX} notes. Nothing can be added.");
        return Err(Refusal::conflict("note.too-many", message));
    }
    run.emit(What::NoteAdded { task, text, officer });
    Ok(())
}
