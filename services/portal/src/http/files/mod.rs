//! Files of an application: attached on a page of their own that needs no script, and goes on with one where it was cut off; taken
//! away, and given back as attachments.

mod download;
mod resumed;
mod sending;
mod upload;

use std::sync::Arc;

use askama::Template;
use axum::{
    Router,
    extract::{DefaultBodyLimit, Path, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
    routing::{get, head, post},
};
#[cfg(test)]
pub use download::PreviewPage;
use kernel::{Failure, Hash};
use proto::eservice::v1::{CaseReply, Field, Page, ReadPageRequest, RemoveFileRequest, operations};

use super::{
    Portal, Shared,
    fault::{self, Refused},
    frame::{Frame, page_with},
    posted::Posted,
    visit::{CasePlace, Filling, Visit},
};
use crate::{assets, domain::place, store::Session};

/// What a browser may send at once; how much of it is taken the question says.
const SENT_BYTES_MAX: usize = 256 * 1024 * 1024;

/// Where somebody fills in an application: a citizen their own, an officer one that came on paper.
const FILLED: [&str; 2] =
    ["/applications/{agency}/{service}/{case}", "/officer/applications/{agency}/{service}/{case}"];

pub fn routes() -> Router<Arc<Portal>> {
    let tasks = Router::new()
        .route("/officer/tasks/{agency}/{service}/{case}/{task}/file/{file}", get(download::of_task))
        .route("/officer/tasks/{agency}/{service}/{case}/{task}/file/{file}/preview", get(download::preview))
        .route("/officer/tasks/{agency}/{service}/{case}/{task}/file/{file}/image", get(download::image));
    FILLED.into_iter().fold(tasks, |routes, base| routes.merge(filled(base)))
}

fn filled(base: &str) -> Router<Arc<Portal>> {
    let taken = post(upload::take).layer(DefaultBodyLimit::max(SENT_BYTES_MAX));
    let field = format!("{base}/files/{{page}}/{{at}}");
    Router::new()
        .route(&field, get(show).merge(taken))
        .route(&format!("{field}/remove"), post(remove))
        .route(&format!("{field}/uploads"), post(resumed::begin))
        .route(&format!("{field}/uploads/{{upload}}"), head(resumed::standing).patch(resumed::go_on))
        .route(&format!("{field}/uploads/{{upload}}/remove"), post(resumed::give_up))
        .route(&format!("{base}/file/{{file}}"), get(download::own))
        .route(&format!("{base}/file/{{file}}/preview"), get(download::own_preview))
        .route(&format!("{base}/file/{{file}}/image"), get(download::own_image))
}

#[derive(Template)]
#[template(path = "files.html")]
pub struct FilesPage {
    pub f: Frame,
    pub service_title: String,
    pub field: Field,
    /// The case.
    pub base: String,
    /// The question to which the files belong.
    pub back: String,
    pub action: String,
    /// Key of what is wrong with what was sent; empty when nothing is.
    pub error: &'static str,
}

impl FilesPage {
    /// Only this page needs it.
    pub fn script(&self) -> &'static str {
        assets::UPLOAD
    }

    pub fn accept(&self) -> String {
        self.field.types.join(",")
    }

    /// What people call these kinds.
    pub fn kinds(&self) -> String {
        let kind = |media_type: &String| match media_type.as_str() {
            "application/pdf" => "PDF".to_owned(),
            "image/jpeg" => "JPEG".to_owned(),
            "image/png" => "PNG".to_owned(),
            "image/tiff" => "TIFF".to_owned(),
            other => other.to_owned(),
        };
        self.field.types.iter().map(kind).collect::<Vec<_>>().join(", ")
    }

    pub fn is_full(&self) -> bool {
        i32::try_from(self.field.files.len()).unwrap_or(i32::MAX) >= self.field.files_max
    }
}

/// Agency, service, case, page and field of an address.
type Parts = (String, String, String, String, String);

/// A field that is a file, as addresses name it.
struct FieldPlace {
    case: CasePlace,
    page: String,
    at: String,
}

impl FieldPlace {
    fn new((agency, service, case, page, at): Parts, session: &Session) -> Result<Self, Refused> {
        if !place::is_name(&page) || !place::is_field(&at) {
            return Err(fault::no_such_page().into());
        }
        Ok(Self { case: CasePlace::new(&agency, &service, &case)?.filled_by(session), page, at })
    }

    fn path(&self) -> String {
        self.case.path(&format!("files/{}/{}", self.page, self.at))
    }
}

async fn show(
    State(portal): Shared,
    Filling(visit, session): Filling,
    Path(parts): Path<Parts>,
) -> Result<Response, Refused> {
    let place = FieldPlace::new(parts, &session)?;
    let (shown, field) = read(&portal, &visit, &session, &place).await?;
    render(&portal, &visit, &place, shown.service_title, field, "")
}

/// The page as the e-service shows it now, and the field on it.
async fn read(portal: &Portal, visit: &Visit, session: &Session, place: &FieldPlace) -> Result<(Page, Field), Refused> {
    let request = ReadPageRequest {
        case_id: place.case.case.to_vec(),
        page: place.page.clone(),
        language: visit.language.tag().into(),
    };
    let mut shown: Page = portal.services.read(session, &operations::READ_PAGE, place.case.host(), &request).await?;
    let index = shown.fields.iter().position(|field| field.at == place.at && field.kind == "files");
    let field = index.map(|index| shown.fields.swap_remove(index)).ok_or_else(fault::no_such_page)?;
    Ok((shown, field))
}

fn render(
    portal: &Portal,
    visit: &Visit,
    place: &FieldPlace,
    service_title: String,
    field: Field,
    error: &'static str,
) -> Result<Response, Refused> {
    let mut f = Frame::new(portal, visit);
    // What was sent has no address of its own.
    f.place = place.path();
    let status = if error.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let (base, back) = (place.case.path(""), place.case.path(&format!("pages/{}", place.page)));
    page_with(status, &FilesPage { f, service_title, field, base, back, action: place.path(), error }).map(web::asking)
}

async fn remove(
    State(portal): Shared,
    Filling(_, session): Filling,
    Path(parts): Path<Parts>,
    posted: Posted,
) -> Result<Response, Refused> {
    let place = FieldPlace::new(parts, &session)?;
    let file: Hash = posted.control("_file").parse().map_err(|_| fault::no_such_page())?;
    let request = RemoveFileRequest {
        case_id: place.case.case.to_vec(),
        page: place.page.clone(),
        at: place.at.clone(),
        id: file.to_vec(),
    };
    let host = place.case.host();
    let sent = portal.services.command(&session, &operations::REMOVE_FILE, host, &request, posted.command()?).await;
    let reply: CaseReply = match sent {
        Ok(reply) => reply,
        Err(failure) if is_elsewhere(&failure) => return Ok(Redirect::to(&place.case.path("")).into_response()),
        Err(failure) => return Err(failure.into()),
    };
    portal.sessions.note_seen(&session, place.case.case, reply.version).await?;
    Ok(Redirect::to(&place.path()).into_response())
}

/// The application does not ask for this any more: it was sent, or answered otherwise, in another window.
fn is_elsewhere(failure: &Failure) -> bool {
    matches!(failure.code.as_ref(), "file.no-field" | "form.page-not-found" | "form.page-unknown")
}
