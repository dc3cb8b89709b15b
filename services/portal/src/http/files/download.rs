//! A file that was attached, piece by piece and as an attachment: no browser runs what somebody sent. An image is shown in a sandbox, on
//! a page of its own, and a PDF by the browser's own viewer; of anything else there are name and size.

use std::sync::Arc;

use askama::Template;
use axum::{
    body::{Body, Bytes},
    extract::{Path, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Redirect, Response},
};
use futures::{StreamExt, stream};
use kernel::{ErrorKind, Failure, Hash};
use proto::eservice::v1::{FilePiece, ReadFileRequest, operations};

use super::sending::PAUSES;
use crate::{
    http::{
        Portal, Shared,
        fault::{self, Refused},
        frame::{Frame, hex, page},
        officer::{TaskPlace, asks_for_a_reason},
        visit::{CasePlace, Filling, Officer, Visit},
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

/// The page on which somebody looks at an image.
#[derive(Template)]
#[template(path = "file_preview.html")]
pub struct PreviewPage {
    pub f: Frame,
    pub name: String,
    pub back: String,
    /// Where it is given as an attachment.
    pub file: String,
}

pub async fn own_preview(
    State(portal): Shared,
    Filling(visit, session): Filling,
    Path((agency, service, case, file)): Path<(String, String, String, String)>,
) -> Result<Response, Refused> {
    let case = CasePlace::new(&agency, &service, &case)?.filled_by(&session);
    let request = request(&case, &file, Vec::new())?;
    let first = piece(&portal, &session, &case, &request).await?;
    let back = case.path("");
    looked_at(portal, (visit, session), (case, back), request, first)
}

pub async fn preview(
    State(portal): Shared,
    Officer(visit, session): Officer,
    Path((agency, service, case, task, file)): Path<(String, String, String, String, String)>,
) -> Result<Response, Refused> {
    let place = TaskPlace::new((agency, service, case, task))?;
    let request = request(&place.at, &file, place.task.to_vec())?;
    let back = place.path();
    match piece(&portal, &session, &place.at, &request).await {
        Err(failure) if asks_for_a_reason(&failure).is_some() => Ok(Redirect::to(&back).into_response()),
        read => looked_at(portal, (visit, session), (place.at, back), request, read?),
    }
}

/// An image on a page of its own, a PDF as it is; there is no page for anything else.
fn looked_at(
    portal: Arc<Portal>,
    (visit, session): (Visit, Session),
    (case, back): (CasePlace, String),
    request: ReadFileRequest,
    first: FilePiece,
) -> Result<Response, Refused> {
    match As::shown(&first.kind) {
        Some(As::Image) => {
            let (f, file) = (Frame::new(&portal, &visit), format!("{back}/file/{}", hex(&request.id)));
            page(&PreviewPage { f, name: first.name, back, file })
        }
        Some(shown) => Ok(given((portal, session, case), request, first, shown)),
        None => Err(fault::no_such_page().into()),
    }
}

pub async fn own_image(
    State(portal): Shared,
    Filling(_, session): Filling,
    Path((agency, service, case, file)): Path<(String, String, String, String)>,
) -> Result<Response, Refused> {
    let case = CasePlace::new(&agency, &service, &case)?.filled_by(&session);
    let request = request(&case, &file, Vec::new())?;
    Ok(attached(portal, session, case, request, As::Image).await?)
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
    Document,
}

impl As {
    /// What every browser shows by itself.
    fn shown(kind: &str) -> Option<Self> {
        match kind {
            "image/jpeg" | "image/png" => Some(Self::Image),
            "application/pdf" => Some(Self::Document),
            _ => None,
        }
    }
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
    if shown != As::Attachment && As::shown(&first.kind) != Some(shown) {
        return Err(fault::no_such_page());
    }
    Ok(given((portal, session, case), request, first, shown))
}

/// All of a file whose first piece was read.
fn given(
    (portal, session, case): (Arc<Portal>, Session, CasePlace),
    request: ReadFileRequest,
    first: FilePiece,
    shown: As,
) -> Response {
    let size = first.size;
    let how = if shown == As::Attachment { "attachment" } else { "inline" };
    let headers = [
        (header::CONTENT_TYPE, kind(&first.kind)),
        (header::CONTENT_LENGTH, HeaderValue::from(size)),
        (header::CONTENT_DISPOSITION, disposition(how, &first.name)),
    ];
    let begun = (portal, session, case, request, size, Some(first));
    let pieces = stream::unfold(Some(begun), |state| async move {
        let (portal, session, case, mut request, left, first) = state?;
        let found = match first {
            Some(first) => Ok(first),
            None => next_piece(&portal, &session, &case, &request).await,
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
    match shown {
        As::Attachment => response,
        As::Image => web::alone(response),
        As::Document => web::viewed(response),
    }
}

/// What was begun is not given up because a host is away for a moment.
async fn next_piece(
    portal: &Portal,
    session: &Session,
    case: &CasePlace,
    request: &ReadFileRequest,
) -> Result<FilePiece, Failure> {
    for pause in PAUSES {
        match piece(portal, session, case, request).await {
            Err(failure) if failure.kind == ErrorKind::Unavailable => tokio::time::sleep(pause).await,
            outcome => return outcome,
        }
    }
    piece(portal, session, case, request).await
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
fn disposition(how: &'static str, name: &str) -> HeaderValue {
    let plain: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() || ".-_ ".contains(c) { c } else { '_' }).collect();
    let value = format!("{how}; filename=\"{plain}\"; filename*=UTF-8''{}", escaped(name));
    HeaderValue::from_str(&value).unwrap_or(HeaderValue::from_static(how))
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
        let value = disposition("attachment", "Маълумот \"1\".pdf");
        assert_eq!(
            value.to_str().unwrap(),
            "attachment; filename=\"________ _1_.pdf\"; \
             filename*=UTF-8''%D0%9C%D0%B0%D1%8A%D0%BB%D1%83%D0%BC%D0%BE%D1%82%20%221%22.pdf"
        );
        assert_eq!(kind("text/html\r\nx: y"), "application/octet-stream");
    }

    #[test]
    fn only_what_browsers_show_by_themselves_is_shown() {
        assert!(As::shown("image/png") == Some(As::Image) && As::shown("image/jpeg") == Some(As::Image));
        assert!(As::shown("application/pdf") == Some(As::Document));
        for other in ["image/tiff", "image/svg+xml", "text/html", ""] {
            assert!(As::shown(other).is_none(), "{other}");
        }
    }
}
