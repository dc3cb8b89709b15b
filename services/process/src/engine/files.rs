//! Files of a form: attached once they lie with the host, and taken away again as long as the form is open.

use api::Evidence;
use kernel::Hash;

use super::{Run, moved::follow_revision};
use crate::{
    Refusal,
    event::What,
    evidence::{self, FileReference, Misfit},
    forms::{self, FileField},
};

/// The same file again changes nothing.
pub fn attach(run: &mut Run<'_>, page: &str, at: &str, file: &FileReference) -> Result<(), Refusal> {
    let place = open(run, page, at)?;
    fits(place.evidence, file)?;
    let mut files = evidence::of(&run.state.answers, at);
    if files.iter().any(|known| known.hash == file.hash) {
        return Ok(());
    }
    if files.len() as u64 >= evidence::count_max(run.process, at) {
        return Err(full());
    }
    files.push(file.clone());
    changed(run, &place, &files, Some(file.hash), None);
    Ok(())
}

pub fn fits(evidence: &Evidence, file: &FileReference) -> Result<(), Refusal> {
    match evidence::misfit(evidence, file) {
        Some(Misfit::Type) => {
            Err(Refusal::invalid("file.type", "The file is of another kind than this question takes."))
        }
        Some(Misfit::Size) => {
            Err(Refusal::invalid("file.size", "The file is empty or larger than this question takes."))
        }
        None => Ok(()),
    }
}

pub fn full() -> Refusal {
    Refusal::conflict("file.too-many", "This question takes no more files. Take one away first.")
}

/// One that is not there any more is gone already.
pub fn remove(run: &mut Run<'_>, page: &str, at: &str, file: Hash) -> Result<(), Refusal> {
    let place = open(run, page, at)?;
    let mut files = evidence::of(&run.state.answers, at);
    let before = files.len();
    files.retain(|known| known.hash != file);
    if files.len() < before {
        changed(run, &place, &files, None, Some(file));
    }
    Ok(())
}

fn open<'p>(run: &mut Run<'p>, page: &str, at: &str) -> Result<FileField<'p>, Refusal> {
    follow_revision(run, None);
    forms::file_field(run.process, &run.state, &run.facts, page, at)
        .ok_or_else(|| Refusal::stale("file.no-field", "The application does not ask for files here now."))
}

fn changed(
    run: &mut Run<'_>,
    place: &FileField<'_>,
    files: &[FileReference],
    attached: Option<Hash>,
    removed: Option<Hash>,
) {
    let answer = evidence::write(files);
    let at = place.field.at.clone();
    let mut answers = run.state.answers.clone();
    match &answer {
        Some(text) => answers.insert(at.clone(), text.clone()),
        None => answers.remove(&at),
    };
    let assessed = forms::assess_with(run.process, &run.state, &run.facts, place.form, &answers, &run.state.disputed);
    let data = assessed.data;
    run.emit(What::FilesChanged { page: place.page.clone(), at, answer, data, attached, removed });
}
