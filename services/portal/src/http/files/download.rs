//! A file that was attached, piece by piece and as an attachment: no browser runs what somebody sent. Only an image is shown, to an
//! officer, on a page of its own and in a sandbox.

use std::sync::Arc;

use askama::Template;
use axum::{
    body::{Body, Bytes},
    extract::{Path, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Redirect, Response},
};
use futures::{StreamExt, stream};
use kernel::{Failure, Hash};
use proto::eservice::v1::{FilePiece, ReadFileRequest, operations};

use crate::{
    http::{
        Portal, Shared,
        fault::{self, Refused},
        frame::{Frame, page},
        officer::{TaskPlace, asks_for_a_reason},
        visit::{CasePlace, Filling, Officer},
    },
    store::Session,
};

pub async fn own(
    State(portal): Shared,
    Filling(_, session): Filling,
    Path((agency, service, case, file)): Path<(String, String, String, String)>,
) -> Result<Response, Refused> {
    let case = CasePlace::new(&agency, &service, &case)?.filled_by(&session);
    let request = request(&case, &file, Vec::new())?;
    Ok(attached(portal, session, case, request, As::Attachment).await?)
}

/// Where a reason is needed first, the task's page asks for it.
pub async fn of_task(
    State(portal): Shared,
    Officer(_, session): Officer,
    Path((agency, service, case, task, file)): Path<(String, String, String, String, String)>,
) -> Result<Response, Refused> {
    let place = TaskPlace::new((agency, service, case, task))?;
    let request = request(&place.at, &file, place.task.to_vec())?;
    match attached(portal, session, place.at.clone(), request, As::Attachment).await {
        Err(failure) if asks_for_a_reason(&failure).is_some() => Ok(Redirect::to(&place.path()).into_response()),
        outcome => Ok(outcome?),
    }
}

/// The page on which an officer looks at an image.
#[derive(Template)]
#[template(path = "file_preview.html")]
pub struct PreviewPage {
    pub f: Frame,
    pub name: String,
    pub task: String,
    /// Where it is given as an attachment.
    pub file: String,
}

pub async fn preview(
    State(portal): Shared,
    Officer(visit, session): Officer,
    Path((agency, service, case, task, file)): Path<(String, String, String, String, String)>,
) -> Result<Response, Refused> {
    let place = TaskPlace::new((agency, service, case, task))?;
    let request = request(&place.at, &file, place.task.to_vec())?;
    let first = match piece(&portal, &session, &place.at, &request).await {
        Err(failure) if asks_for_a_reason(&failure).is_some() => {
            return Ok(Redirect::to(&place.path()).into_response());
        }
        read => read?,
    };
    if !is_image(&first.kind) {
        return Err(fault::no_such_page().into());
    }
    let (f, task) = (Frame::new(&portal, &visit), place.path());
    page(&PreviewPage { f, name: first.name, file: format!("{task}/file/{file}"), task })
}

pub async fn image(
    State(portal): Shared,
    Officer(_, session): Officer,
    Path((agency, service, case, task, file)): Path<(String, String, String, String, String)>,
) -> Result<Response, Refused> {
    let place = TaskPlace::new((agency, service, case, task))?;
    let request = request(&place.at, &file, place.task.to_vec())?;
    Ok(attached(portal, session, place.at, request, As::Image).await?)
}

#[derive(Clone, Copy, PartialEq)]
enum As {
    Attachment,
    Image,
}

/// What every browser shows as an image; a PDF is a program in a way, and stays an attachment.
fn is_image(kind: &str) -> bool {
    matches!(kind, "image/jpeg" | "image/png")
}

fn request(case: &CasePlace, file: &str, task_id: Vec<u8>) -> Result<ReadFileRequest, Refused> {
    let id: Hash = file.parse().map_err(|_| fault::no_such_page())?;
    Ok(ReadFileRequest { case_id: case.case.to_vec(), id: id.to_vec(), place: 0, task_id, permit: Vec::new() })
}

async fn attached(
    portal: Arc<Portal>,
    session: Session,
    case: CasePlace,
    request: ReadFileRequest,
    shown: As,
) -> Result<Response, Failure> {
    let first = piece(&portal, &session, &case, &request).await?;
    if shown == As::Image && !is_image(&first.kind) {
        return Err(fault::no_such_page());
    }
    let size = first.size;
    let headers = [
        (header::CONTENT_TYPE, kind(&first.kind)),
        (header::CONTENT_LENGTH, HeaderValue::from(size)),
        (
            header::CONTENT_DISPOSITION,
            if shown == As::Image { HeaderValue::from_static("inline") } else { disposition(&first.name) },
        ),
    ];
    let begun = (portal, session, case, request, size, Some(first));
    let pieces = stream::unfold(Some(begun), |state| async move {
        let (portal, session, case, mut request, left, first) = state?;
        let found = match first {
            Some(first) => Ok(first),
            None => piece(&portal, &session, &case, &request).await,
        };
        match found {
            Ok(piece) if piece.bytes.is_empty() => None,
            Ok(piece) => {
                let left = left - i64::try_from(piece.bytes.len()).unwrap_or(i64::MAX);
                request.place += 1;
                request.permit = piece.permit;
                let more = (left > 0).then_some((portal, session, case, request, left, None));
                Some((Ok(Bytes::from(piece.bytes)), more))
            }
            // The length was promised: the browser sees that the file is not whole.
            Err(failure) => Some((Err(std::io::Error::other(failure)), None)),
        }
    });
    // Whoever reads the body may ask once more after its end.
    let response = (headers, Body::from_stream(pieces.fuse())).into_response();
    Ok(if shown == As::Image { web::alone(response) } else { response })
}

async fn piece(
    portal: &Portal,
    session: &Session,
    case: &CasePlace,
    request: &ReadFileRequest,
) -> Result<FilePiece, Failure> {
    portal.services.read(session, &operations::READ_FILE, case.host(), request).await
}

/// What the host found it to be; nothing that it did not.
fn kind(kind: &str) -> HeaderValue {
    HeaderValue::from_str(kind).unwrap_or(HeaderValue::from_static("application/octet-stream"))
}

/// The name as it was given (RFC 6266), and for older programs what of it is ASCII.
fn disposition(name: &str) -> HeaderValue {
    let plain: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() || ".-_ ".contains(c) { c } else { '_' }).collect();
    let value = format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{}", escaped(name));
    HeaderValue::from_str(&value).unwrap_or(HeaderValue::from_static("attachment"))
}

fn escaped(name: &str) -> String {
    let escape = |byte: u8| match byte {
        byte if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    };
    name.bytes().map(escape).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_reaches_the_browser_in_any_script_and_cannot_end_the_header() {
        let value = disposition("Маълумот \"1\".pdf");
        assert_eq!(
            value.to_str().unwrap(),
            "attachment; filename=\"________ _1_.pdf\"; \
             filename*=UTF-8''%D0%9C%D0%B0%D1%8A%D0%BB%D1%83%D0%BC%D0%BE%D1%82%20%221%22.pdf"
        );
        assert_eq!(kind("text/html\r\nx: y"), "application/octet-stream");
    }
}
