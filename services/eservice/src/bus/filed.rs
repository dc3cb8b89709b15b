//! Names the files of a case as pages may name them, and says which of them may be read.
//!
//! Pages name them by addresses under the case's key: a page's address is seen by others than its reader, and whoever has a document
//! can tell the hash of its content.

use std::collections::BTreeMap;

use ::files::{
    judged::{self, Judged},
    pieces::Folder,
};
use kernel::{CaseId, Failure, Hash};
use proto::eservice::v1::{File, Page, Question, Section, TaskPage};

use crate::{host::Host, store::cases::Case};

/// The address of a file of the case.
pub fn address(case: &Case, file: Hash) -> Hash {
    Folder { case: case.id, key: &case.key, hosted_service: &case.hosted_service() }.file_address(file)
}

/// Puts the address in the place of the hash in every file that is told.
pub fn name<'a>(case: &Case, files: impl IntoIterator<Item = &'a mut File>) {
    for file in files {
        // What is no hash is of nothing that lies here.
        file.id = Hash::from_slice(&file.id).map(|hash| address(case, hash).to_vec()).unwrap_or_default();
    }
}

pub fn of_page(page: &mut Page) -> impl Iterator<Item = &mut File> {
    page.fields.iter_mut().flat_map(|field| &mut field.files)
}

pub fn of_sections(sections: &mut [Section]) -> impl Iterator<Item = &mut File> {
    sections.iter_mut().flat_map(|section| &mut section.rows).flat_map(|row| &mut row.files)
}

/// Of an officer's page: of answers, of the thread, and ready for the next question.
pub fn of_task(page: &mut TaskPage) -> impl Iterator<Item = &mut File> {
    let ready = page.enclosing.iter_mut().flat_map(|field| &mut field.files);
    of_sections(&mut page.sections).chain(of_thread(&mut page.questions)).chain(ready)
}

/// Of a thread: what was sent, and what lies ready.
pub fn of_thread(questions: &mut [Question]) -> impl Iterator<Item = &mut File> {
    questions.iter_mut().flat_map(|question| {
        let ready = question.enclosing.iter_mut().flat_map(|field| &mut field.files);
        question.files.iter_mut().chain(&mut question.answer_files).chain(ready)
    })
}

/// Says of files that have their addresses which of them nobody reads now.
pub async fn judge<'a>(
    host: &Host,
    case: CaseId,
    files: impl IntoIterator<Item = &'a mut File>,
) -> Result<(), Failure> {
    let files: Vec<&mut File> = files.into_iter().collect();
    if files.is_empty() {
        return Ok(());
    }
    let known = found(host, case).await?;
    for file in files {
        let found = Hash::from_slice(&file.id).ok().and_then(|id| known.get(&id).copied()).flatten();
        state(host, found).clone_into(&mut file.state);
    }
    Ok(())
}

/// Empty: it may be read.
fn state(host: &Host, found: Option<Judged>) -> &'static str {
    match found {
        Some(Judged::Harmful) => "harmful",
        None if host.scanner.is_some() => "checking",
        None | Some(Judged::Clean) => "",
    }
}

/// Refuses a file that nobody reads now.
pub async fn readable(host: &Host, case: CaseId, address: Hash) -> Result<(), Failure> {
    let mut tx = host.database.read().await?;
    refused(state(host, judged::of_file(&mut tx, case, address).await?)).map_or(Ok(()), Err)
}

/// What was found in the files of a case, by their addresses.
pub type Found = BTreeMap<Hash, Option<Judged>>;

pub async fn found(host: &Host, case: CaseId) -> Result<Found, Failure> {
    let mut tx = host.database.read().await?;
    Ok(judged::of_case(&mut tx, case).await?)
}

/// Refuses an application in which a file is shown that nobody reads; one that nobody asks for any more keeps nothing back.
pub fn all_readable(host: &Host, found: &Found, case: &Case, sections: &[Section]) -> Result<(), Failure> {
    let rows = sections.iter().flat_map(|section| &section.rows);
    let hashes = rows.flat_map(|row| &row.files).filter_map(|file| Hash::from_slice(&file.id).ok());
    each_readable(host, found, case, hashes)
}

/// Nor is anything sent with files that nobody reads.
pub fn each_readable(
    host: &Host,
    found: &Found,
    case: &Case,
    hashes: impl Iterator<Item = Hash>,
) -> Result<(), Failure> {
    let of = |hash: Hash| found.get(&address(case, hash)).copied().flatten();
    let states: Vec<&str> = hashes.map(|hash| state(host, of(hash))).collect();
    let worst = ["harmful", "checking"].into_iter().find(|state| states.contains(state));
    worst.and_then(refused).map_or(Ok(()), Err)
}

fn refused(state: &str) -> Option<Failure> {
    match state {
        "harmful" => Some(Failure::conflict(
            "file.harmful",
            "An attached file held harmful software and was destroyed. Take it away, and attach a clean one.",
        )),
        "checking" => Some(Failure::conflict(
            "file.being-checked",
            "An attached file is still being checked for harmful software. Try again in a minute.",
        )),
        _ => None,
    }
}
