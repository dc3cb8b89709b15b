//! Names the files of a case as pages may name them: by addresses under the case's key. A page's address is seen by others than its
//! reader, and whoever has a document can tell the hash of its content.

use ::files::pieces::Folder;
use kernel::Hash;
use proto::eservice::v1::{File, Page, Section};

use crate::store::cases::Case;

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
