//! Files on their way to a form: begun, asked how far they are, gone on with, given up.

use std::sync::Arc;

use ::files::{
    pieces::{CASE_BYTES_MAX, Folder, PIECE_BYTES, hash_of},
    uploads,
};
use bus::Call;
use kernel::{Failure, Hash};
use process::evidence;
use proto::{
    Empty,
    eservice::v1::{BeginUploadRequest, Page, PutPiecesRequest, ReadUploadRequest, Upload},
};
use serde::{Deserialize, Serialize};
use sql::Tx;

use super::{
    command_id,
    files::{case_full, file_field, open, wrong_size},
};
use crate::{host::Host, store::cases::Case};

/// What is to come, as it is kept under the case's key.
#[derive(Serialize, Deserialize)]
struct Coming {
    page: String,
    at: String,
    name: String,
    size: u64,
}

impl Coming {
    fn of(upload: &uploads::Upload) -> Result<Self, Failure> {
        serde_json::from_slice(&upload.about).map_err(|error| {
            Failure::internal("file.upload-unreadable", "An upload could not be read. Send the file again.")
                .with_detail(error)
        })
    }

    fn written(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("texts and numbers can be written")
    }

    fn told(self, upload: Hash, pieces: i64, hash: Vec<u8>) -> Upload {
        let come = u64::try_from(pieces).unwrap_or_default().saturating_mul(PIECE_BYTES as u64).min(self.size);
        let [size, offset] = [self.size, come].map(|bytes| i64::try_from(bytes).unwrap_or(i64::MAX));
        Upload { id: upload.to_vec(), name: self.name, size, offset, hash }
    }
}

pub async fn begin(host: Arc<Host>, call: Call<BeginUploadRequest>) -> Result<Upload, Failure> {
    let person = call.person()?;
    let asked = &call.request;
    let (case, service) = open(&host, person, &asked.case_id, &call.agency).await?;
    let field = file_field(&host, &service, &case, &asked.page, &asked.at)?;
    let size = u64::try_from(asked.size).unwrap_or_default();
    if size == 0 || size > field.evidence.size.min(evidence::BYTES_MAX) {
        return Err(wrong_size());
    }
    let attached = evidence::of(&case.state.answers, &asked.at).len() as u64;
    if attached >= evidence::count_max(&service.process, &asked.at) {
        return Err(Failure::conflict("file.too-many", "This question takes no more files. Take one away first."));
    }
    let (page, at) = (asked.page.clone(), asked.at.clone());
    let coming = Coming { page, at, name: evidence::tidy_name(&asked.name, ""), size };
    let hosted = case.hosted_service();
    let folder = Folder { case: case.id, key: &case.key, hosted_service: &hosted };
    // The same command again is about the same upload.
    let id = case.key.address("upload", Hash::from_slice(&command_id(person))?);
    let mut tx = host.database.begin().await?;
    if folder.bytes(&mut tx).await?.saturating_add(size) > CASE_BYTES_MAX {
        return Err(case_full());
    }
    folder.begin_upload(&mut tx, id, &coming.written(), &*host.random, host.now()).await?;
    tx.commit().await?;
    Ok(coming.told(id, 0, hash_of(&[]).to_vec()))
}

pub async fn read(host: Arc<Host>, call: Call<ReadUploadRequest>) -> Result<Upload, Failure> {
    let asked = &call.request;
    let (case, _) = open(&host, call.person()?, &asked.case_id, &call.agency).await?;
    let hosted = case.hosted_service();
    let folder = Folder { case: case.id, key: &case.key, hosted_service: &hosted };
    let mut tx = host.database.read().await?;
    let (upload, coming) = found(&mut tx, &folder, &asked.id).await?;
    let pieces = folder.pieces_of(&mut tx, upload.id).await?;
    Ok(coming.told(upload.id, upload.pieces, hash_of(&pieces).to_vec()))
}

/// One that is not there any more has ended already.
pub async fn end(host: Arc<Host>, call: Call<ReadUploadRequest>) -> Result<Empty, Failure> {
    let asked = &call.request;
    let (case, _) = open(&host, call.person()?, &asked.case_id, &call.agency).await?;
    ended(&host, &case, &asked.id).await?;
    Ok(Empty {})
}

pub(super) async fn ended(host: &Host, case: &Case, id: &[u8]) -> Result<(), Failure> {
    let hosted = case.hosted_service();
    let folder = Folder { case: case.id, key: &case.key, hosted_service: &hosted };
    let mut tx = host.database.begin().await?;
    folder.end_upload(&mut tx, Hash::from_slice(id)?).await?;
    Ok(tx.commit().await?)
}

/// Stores the pieces that come next in an upload to their field.
pub(super) async fn put(
    host: &Host,
    tx: &mut Tx,
    folder: &Folder<'_>,
    asked: &PutPiecesRequest,
) -> Result<(), Failure> {
    let (upload, coming) = found(tx, folder, &asked.upload).await?;
    if (&coming.page, &coming.at) != (&asked.page, &asked.at) {
        return Err(no_such_upload());
    }
    if !fits(coming.size, asked.place, &asked.pieces) {
        let message = "A file has pieces of 262144 bytes, and no more of them than it was said to have.";
        return Err(Failure::invalid("file.pieces", message));
    }
    folder.put_at(tx, (upload.id, asked.place), &asked.pieces, &*host.random, host.now()).await
}

/// All are full but the last of the file.
fn fits(size: u64, place: i64, pieces: &[Vec<u8>]) -> bool {
    let before = u64::try_from(place).ok().and_then(|place| place.checked_mul(PIECE_BYTES as u64));
    let Some(mut come) = before else { return false };
    pieces.iter().all(|piece| {
        come = come.saturating_add(piece.len() as u64);
        come <= size && (piece.len() == PIECE_BYTES || come == size)
    })
}

/// Name and pieces of an upload to this field that has come whole.
pub(super) async fn whole(
    host: &Host,
    case: &Case,
    (page, at): (&str, &str),
    id: &[u8],
) -> Result<(String, Vec<Hash>), Failure> {
    let hosted = case.hosted_service();
    let folder = Folder { case: case.id, key: &case.key, hosted_service: &hosted };
    let mut tx = host.database.read().await?;
    let (upload, coming) = found(&mut tx, &folder, id).await?;
    if (coming.page.as_str(), coming.at.as_str()) != (page, at) {
        return Err(no_such_upload());
    }
    let pieces = folder.pieces_of(&mut tx, upload.id).await?;
    if (pieces.len() as u64) < coming.size.div_ceil(PIECE_BYTES as u64) {
        return Err(Failure::conflict("file.not-whole", "The file has not come whole. Go on where it stopped."));
    }
    Ok((coming.name, pieces))
}

async fn found(tx: &mut Tx, folder: &Folder<'_>, id: &[u8]) -> Result<(uploads::Upload, Coming), Failure> {
    let upload = folder.upload(tx, Hash::from_slice(id)?).await?.ok_or_else(no_such_upload)?;
    let coming = Coming::of(&upload)?;
    Ok((upload, coming))
}

fn no_such_upload() -> Failure {
    Failure::not_found("file.no-upload", "This upload has ended, or there is none. Send the file again.")
}

/// Says of each field of a page what has begun to come to it.
pub async fn tell(host: &Host, case: &Case, asked: &str, page: &mut Page) -> Result<(), Failure> {
    if !page.fields.iter().any(|field| field.kind == "files") {
        return Ok(());
    }
    let hosted = case.hosted_service();
    let folder = Folder { case: case.id, key: &case.key, hosted_service: &hosted };
    let mut tx = host.database.read().await?;
    for upload in folder.uploads(&mut tx).await?.iter().filter(|upload| upload.pieces > 0) {
        let coming = Coming::of(upload)?;
        let field = page.fields.iter_mut().find(|field| field.kind == "files" && field.at == coming.at);
        if let Some(field) = field.filter(|_| coming.page == asked) {
            field.uploads.push(coming.told(upload.id, upload.pieces, Vec::new()));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_full_but_the_last_and_end_where_the_file_was_said_to() {
        let (full, short) = (vec![0; PIECE_BYTES], vec![0; 5]);
        let size = PIECE_BYTES as u64 + 5;
        for (place, pieces, taken) in [
            (0, vec![full.clone(), short.clone()], true),
            (0, vec![full.clone()], true),
            (1, vec![short.clone()], true),
            (0, vec![short.clone()], false),
            (0, vec![short.clone(), full.clone()], false),
            (1, vec![full.clone()], false),
            (1, vec![vec![0; 4]], false),
            (2, vec![short], false),
            (-1, vec![full.clone()], false),
            (i64::MAX, vec![full.clone()], false),
        ] {
            assert_eq!(fits(size, place, &pieces), taken, "{place}, {}", pieces.len());
        }
        assert!(fits(PIECE_BYTES as u64, 0, &[full]), "the last may be full");
    }
}
