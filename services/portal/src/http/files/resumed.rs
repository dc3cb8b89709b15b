//! Files that a page's script sends in parts, in the shape of tus 1.0: an upload is begun, asked how much of it has come, and gone on
//! with from there. What has come lies with the host; nothing is kept here.

use axum::{
    body::{Body, BodyDataStream},
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Redirect, Response},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use futures::{StreamExt, TryStreamExt};
use kernel::{CommandId, Failure, Hash};
use proto::{
    Empty,
    eservice::v1::{BeginUploadRequest, ReadUploadRequest, Upload, operations},
};

use super::{
    FieldPlace, Parts, is_elsewhere,
    sending::{DRAIN_PATIENCE, PIECE_BYTES, Pace, Sending, Stopped},
};
use crate::{
    http::{
        Portal, Shared,
        fault::{self, Refused},
        frame::hex,
        posted::{Posted, check_token},
        visit::{Filling, Visit},
    },
    locales::TEXTS,
    store::Session,
};

/// A field, and the upload to it.
type UploadParts = (String, String, String, String, String, String);

struct UploadPlace {
    field: FieldPlace,
    id: Hash,
}

impl UploadPlace {
    fn new((agency, service, case, page, at, id): UploadParts, session: &Session) -> Result<Self, Refused> {
        let id = id.parse::<Hash>().map_err(|_| fault::no_such_page())?;
        Ok(Self { field: FieldPlace::new((agency, service, case, page, at), session)?, id })
    }

    fn request(&self) -> ReadUploadRequest {
        ReadUploadRequest { case_id: self.field.case.case.to_vec(), id: self.id.to_vec() }
    }

    async fn read(&self, portal: &Portal, session: &Session) -> Result<Upload, Failure> {
        portal.services.read(session, &operations::READ_UPLOAD, self.field.case.host(), &self.request()).await
    }
}

pub async fn begin(
    State(portal): Shared,
    Filling(visit, session): Filling,
    Path(parts): Path<Parts>,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    let place = FieldPlace::new(parts, &session)?;
    prove(&session, &headers)?;
    let request = BeginUploadRequest {
        case_id: place.case.case.to_vec(),
        page: place.page.clone(),
        at: place.at.clone(),
        name: name_of(&headers),
        size: number(&headers, "upload-length").ok_or_else(malformed)?,
    };
    let command = CommandId::new(portal.clock.as_ref(), portal.random.as_ref());
    let host = place.case.host();
    let begun = portal.services.command(&session, &operations::BEGIN_UPLOAD, host, &request, command).await;
    let upload: Upload = match begun {
        Ok(upload) => upload,
        Err(failure) => return said(&visit, failure.into()),
    };
    let to = format!("{}/uploads/{}", place.path(), hex(&upload.id));
    Ok((StatusCode::CREATED, [("location", to), ("upload-offset", upload.offset.to_string())]).into_response())
}

pub async fn standing(
    State(portal): Shared,
    Filling(_, session): Filling,
    Path(parts): Path<UploadParts>,
) -> Result<Response, Refused> {
    let upload = UploadPlace::new(parts, &session)?.read(&portal, &session).await?;
    let headers = [
        ("upload-offset", upload.offset.to_string()),
        ("upload-length", upload.size.to_string()),
        // Whoever chooses a file anew sees whether it is the one that began to come.
        ("upload-hash", hex(&upload.hash)),
    ];
    Ok((StatusCode::OK, headers).into_response())
}

/// Takes what comes next. Full pieces count though the rest of the request is cut off; with the last of them the file is attached.
pub async fn go_on(
    State(portal): Shared,
    Filling(visit, session): Filling,
    Path(parts): Path<UploadParts>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refused> {
    let place = UploadPlace::new(parts, &session)?;
    let mut coming = body.into_data_stream();
    match taken(&portal, &session, &place, &headers, &mut coming).await {
        Ok(offset) => Ok((StatusCode::NO_CONTENT, [("upload-offset", offset.to_string())]).into_response()),
        Err(stopped) => {
            let _ = tokio::time::timeout(DRAIN_PATIENCE, drain(&mut coming)).await;
            said(&visit, stopped)
        }
    }
}

async fn taken(
    portal: &Portal,
    session: &Session,
    place: &UploadPlace,
    headers: &HeaderMap,
    coming: &mut BodyDataStream,
) -> Result<i64, Stopped> {
    prove(session, headers).map_err(Stopped::Refused)?;
    let offset = number(headers, "upload-offset").ok_or_else(malformed).map_err(Stopped::Refused)?;
    let upload = place.read(portal, session).await?;
    if upload.offset != offset {
        return Err(another_part().into());
    }
    rest(portal, session, place, &upload, coming).await
}

/// Gives how many bytes of the upload have come then.
async fn rest(
    portal: &Portal,
    session: &Session,
    place: &UploadPlace,
    upload: &Upload,
    coming: &mut BodyDataStream,
) -> Result<i64, Stopped> {
    let piece = i64::try_from(PIECE_BYTES).unwrap_or(i64::MAX);
    let mut sending = Sending::new(portal, session, &place.field).of(place.id, upload.offset / piece);
    let mut left = u64::try_from(upload.size - upload.offset).unwrap_or_default();
    let mut pace = Pace::begin();
    loop {
        match pace.next(coming.try_next()).await {
            Ok(Some(chunk)) => {
                pace.came(chunk.len());
                left = left.checked_sub(chunk.len() as u64).ok_or(Stopped::Said("files-wrong-size"))?;
                sending.push(&chunk).await?;
            }
            Ok(None) if left == 0 => break,
            // Cut off, or too slow for one request: there will be another.
            Ok(None) | Err(_) => return Ok(sending.flush().await?),
        }
    }
    // Of a file that had come whole before only the last answer was lost: its offset is its end.
    if upload.offset < upload.size {
        sending.close().await?;
    }
    sending.attach(String::new()).await?;
    Ok(upload.size)
}

/// Without a script an upload can be given up, too.
pub async fn give_up(
    State(portal): Shared,
    Filling(_, session): Filling,
    Path(parts): Path<UploadParts>,
    posted: Posted,
) -> Result<Response, Refused> {
    let place = UploadPlace::new(parts, &session)?;
    let (host, request) = (place.field.case.host(), place.request());
    let Empty {} =
        portal.services.command(&session, &operations::END_UPLOAD, host, &request, posted.command()?).await?;
    Ok(Redirect::to(&place.field.path()).into_response())
}

/// A sentence that the script shows, or a refusal after which it opens the page anew.
fn said(visit: &Visit, stopped: Stopped) -> Result<Response, Refused> {
    match stopped {
        Stopped::Said(key) => Ok((StatusCode::UNPROCESSABLE_ENTITY, TEXTS.get(visit.language, key)).into_response()),
        Stopped::Refused(Refused(failure)) if is_elsewhere(&failure) => Ok(StatusCode::GONE.into_response()),
        Stopped::Refused(refused) => Err(refused),
    }
}

/// The session's own pages only: a script of theirs shows the token in a header.
fn prove(session: &Session, headers: &HeaderMap) -> Result<(), Refused> {
    let shown = headers.get("x-form-token").and_then(|shown| shown.to_str().ok());
    check_token(&session.opened.form_token, shown.unwrap_or_default())
}

/// The name that it is given (`filename`, in base64), as tus has it.
fn name_of(headers: &HeaderMap) -> String {
    let told = headers.get("upload-metadata").and_then(|told| told.to_str().ok()).unwrap_or_default();
    let name = told.split(',').find_map(|pair| pair.trim().strip_prefix("filename "));
    let name = name.and_then(|name| STANDARD.decode(name.trim()).ok()).unwrap_or_default();
    String::from_utf8_lossy(&name).into_owned()
}

fn number(headers: &HeaderMap, name: &str) -> Option<i64> {
    let number = headers.get(name)?.to_str().ok()?.parse::<i64>().ok()?;
    (0..=i64::from(u32::MAX)).contains(&number).then_some(number)
}

fn malformed() -> Refused {
    Refused(Failure::invalid(
        "portal.upload",
        "An upload says how long it is, and each part of it where it begins, in whole bytes. Open the page again.",
    ))
}

fn another_part() -> Failure {
    Failure::conflict(
        "portal.upload-offset",
        "Another part of this file comes next. Ask how much of it has come, and go on from there.",
    )
}

/// Reads on without keeping anything.
async fn drain(coming: &mut BodyDataStream) {
    while let Some(Ok(_)) = coming.next().await {}
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    #[test]
    fn a_name_comes_in_any_script_and_what_cannot_be_read_is_none() {
        let named = |told: &str| name_of(&headers(&[("upload-metadata", told)]));
        let encoded = STANDARD.encode("Маълумотнома 1.pdf");
        assert_eq!(named(&format!("kind eA==,filename {encoded}")), "Маълумотнома 1.pdf");
        for nothing in ["", "filename", "filename ?", "file bmFtZQ=="] {
            assert_eq!(named(nothing), "", "{nothing}");
        }
        assert_eq!(name_of(&HeaderMap::new()), "");
    }

    #[test]
    fn offsets_are_whole_bytes() {
        let read = |value: &str| number(&headers(&[("upload-offset", value)]), "upload-offset");
        assert_eq!((read("0"), read("262144")), (Some(0), Some(262_144)));
        for wrong in ["-1", "1.5", "x", "", "99999999999"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
        assert_eq!(number(&HeaderMap::new(), "upload-offset"), None);
    }
}
