//! What a document says, as a page: for screen readers and phones, beside the sealed PDF, which stays the original.

use std::sync::Arc;

use askama::Template;
use axum::{
    Router,
    extract::{Path, State},
    response::Response,
    routing::{get, post},
};
use bus::subject::PLATFORM;
use kernel::{DocumentId, Failure, Hash};
use proto::{
    eservice::v1::DocumentLink,
    signing::v1::{ReadDocumentRequest, Verdict, operations::READ_DOCUMENT},
};

use super::{
    Portal, Shared,
    fault::{self, Refused},
    frame::{Frame, page},
    posted::Posted,
    submit::read_case,
    verify::{self, VerdictPage},
    visit::{CasePlace, Citizen, Visit},
};

pub fn routes() -> Router<Arc<Portal>> {
    Router::new()
        .route("/verify/read", post(by_code))
        .route("/applications/{agency}/{service}/{case}/readable/{document}", get(of_application))
}

#[derive(Template)]
#[template(path = "twin.html")]
pub struct TwinPage {
    pub f: Frame,
    pub back: String,
    pub title: String,
    pub number: String,
    /// valid, revoked, superseded
    pub status: String,
    pub reason: String,
    pub superseded_by: String,
    /// Where the PDF is; empty for whoever holds it.
    pub pdf: String,
    /// Plain elements and escaped text: signing takes nothing else over from a template.
    pub html: String,
}

/// Of an application, for whoever may have its documents: signing judges.
async fn of_application(
    State(portal): Shared,
    Citizen(visit, session): Citizen,
    Path((agency, service, case, document)): Path<(String, String, String, String)>,
) -> Result<Response, Refused> {
    let at = CasePlace::new(&agency, &service, &case)?;
    let id: DocumentId = document.parse().map_err(|_| fault::no_such_page())?;
    let case = read_case(&portal, &visit, &session, &at).await?;
    let known = case.documents.into_iter().find(|known| known.document_id == id.to_vec());
    let DocumentLink { title, number, status, reason, superseded_by, .. } = known.ok_or_else(fault::no_such_page)?;
    let request = ReadDocumentRequest { document_id: id.to_vec(), offset: 0, twin: true };
    let read = portal.services.read(&session, &READ_DOCUMENT, PLATFORM, &request).await?;
    if Hash::of(&read.bytes).to_vec() != read.hash {
        return Err(damaged().into());
    }
    let (f, html) = (Frame::new(&portal, &visit), text(read.bytes)?);
    let (back, pdf) = (at.path(""), at.path(&format!("/documents/{id}")));
    page(&TwinPage { f, back, title, number, status, reason, superseded_by, pdf, html }).map(web::private)
}

/// For anybody who has number and code, and so the document: they compare.
async fn by_code(State(portal): Shared, visit: Visit, posted: Posted) -> Result<Response, Refused> {
    verify::limit(&portal, &visit)?;
    let (number, code) = verify::typed(&posted);
    let verdict = verify::ask(&portal, &visit, (&number, &code), true).await?;
    let f = verify::frame(&portal, &visit);
    if verdict.twin.is_empty() {
        return page(&VerdictPage { f, verdict, code: String::new() }).map(web::private);
    }
    let Verdict { kind: title, number, status, reason, superseded_by, twin, .. } = verdict;
    let (back, pdf, html) = ("/verify".to_owned(), String::new(), text(twin)?);
    page(&TwinPage { f, back, title, number, status, reason, superseded_by, pdf, html }).map(web::private)
}

fn text(bytes: Vec<u8>) -> Result<String, Failure> {
    String::from_utf8(bytes).map_err(|_| damaged())
}

fn damaged() -> Failure {
    Failure::internal("document.twin-damaged", "What the document says cannot be shown just now. Open the PDF.")
}
