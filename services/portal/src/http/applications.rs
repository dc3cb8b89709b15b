//! My applications: the list, one application with its history and decision, its documents, and throwing a draft away.

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use bus::subject::PLATFORM;
use kernel::DocumentId;
use proto::{
    docket::v1::{self as docket, Entry},
    eservice::v1::{Case, CaseCommand, CaseReply, DiscardDraftRequest, Question, operations},
    notifications::v1::{CaseMessage, CaseMessages, ListCaseMessagesRequest, operations::LIST_CASE_MESSAGES},
    payments::v1::{CasePayment, CasePayments, ListCasePaymentsRequest, operations::LIST_CASE_PAYMENTS},
};
use serde::Deserialize;
use std::collections::BTreeMap;

use super::{
    Portal, Shared,
    attached::{Sealed, attached},
    behalf,
    fault::{self, Refused},
    frame::{Frame, hex, page, page_with},
    pages::Pages,
    pay::settled,
    posted::Posted,
    rating,
    start::ATTORNEY,
    submit::{ABOUT, ASKED, ERASED, any_case, read_case},
    thread,
    visit::{CasePlace, Citizen, Filling},
};
use crate::store::Session;

const ROWS: i32 = 50;
/// Applications in which somebody acts for the reader.
const REPRESENTED: &str = "/applications?represented=yes";

#[derive(Template)]
#[template(path = "applications.html")]
pub struct ApplicationsPage {
    pub f: Frame,
    pub entries: Vec<Entry>,
    pub stale: bool,
    pub pages: Pages,
    /// Only those are listed in which somebody acts for the reader.
    pub represented: bool,
    /// By case: for whom it is, where somebody acts for somebody else.
    pub behalf: BTreeMap<Vec<u8>, String>,
}

impl ApplicationsPage {
    pub fn for_whom(&self, entry: &Entry) -> Option<String> {
        let told = self.behalf.get(&entry.case_id).cloned();
        told.or_else(|| self.f.maybe("representation-", &entry.representation))
    }

    pub fn has_representative(&self) -> bool {
        self.entries.iter().any(|entry| entry.representation == "represented")
    }

    pub fn href(&self, entry: &Entry) -> String {
        href(entry)
    }

    /// Where the application stands, or the reader's own part in it.
    pub fn stands(&self, entry: &Entry) -> String {
        match entry.phase.as_str() {
            ASKED => self.f.named("asked-state-", &entry.status),
            phase => self.f.named("phase-", phase),
        }
    }
}

/// The page of an application, or of the reader's own part in another's.
pub fn href(entry: &Entry) -> String {
    let list = if entry.phase == ASKED { "asked" } else { "applications" };
    format!("/{list}/{}/{}/{}", entry.agency, entry.service, hex(&entry.case_id))
}

#[derive(Deserialize)]
pub struct Listed {
    #[serde(default)]
    after: String,
    /// `yes`: only where somebody acts for the reader.
    #[serde(default)]
    represented: String,
}

pub async fn list(
    State(portal): Shared,
    Citizen(visit, session): Citizen,
    Query(wanted): Query<Listed>,
) -> Result<Response, Refused> {
    let (case, version) = session.seen.map_or((Vec::new(), 0), |(case, version)| (case.to_vec(), version));
    let (after, represented) = (wanted.after.clone(), wanted.represented == "yes");
    let request = docket::ListApplicationsRequest {
        at_least_case: case,
        at_least_version: version,
        limit: ROWS,
        after,
        unfinished: false,
        represented,
    };
    let list = portal.services.read(&session, &docket::operations::LIST_APPLICATIONS, PLATFORM, &request).await?;
    let mut entries: Vec<Entry> = list.entries.into_iter().filter(|entry| entry.phase != "discarded").collect();
    let path = if represented { REPRESENTED } else { "/applications" };
    let pages = Pages::of(path, &wanted.after, &list.next);
    let behalf = behalf::names(&portal, &visit, &session, &mut entries).await;
    page(&ApplicationsPage { f: Frame::new(&portal, &visit), entries, stale: list.stale, pages, represented, behalf })
}

#[derive(Template)]
#[template(path = "application.html")]
pub struct ApplicationPage {
    pub f: Frame,
    pub case: Case,
    pub base: String,
    pub overdue: bool,
    /// What was paid, and what of it goes back.
    pub payments: Vec<CasePayment>,
    /// What was written to the reader about it, the newest first.
    pub messages: Vec<CaseMessage>,
    pub may_rate: bool,
    /// Somebody acts for the reader by a power of attorney.
    pub represented: bool,
}

impl ApplicationPage {
    /// Whether this has happened in the case.
    pub fn has(&self, code: &str) -> bool {
        self.case.timeline.iter().any(|row| row.code == code)
    }

    /// Another application for the same service, which this one began from or led to.
    pub fn other(&self, id: &[u8]) -> String {
        format!("/applications/{}/{}/{}", self.case.agency, self.case.service, hex(id))
    }

    pub fn document(&self, id: &[u8]) -> String {
        format!("{}/documents/{}", self.base, hex(id))
    }

    /// What a document says, as a page.
    pub fn readable(&self, id: &[u8]) -> String {
        format!("{}/readable/{}", self.base, hex(id))
    }

    pub fn id(&self, message: &CaseMessage) -> String {
        hex(&message.message_id)
    }

    /// The question that waits for an answer.
    pub fn asked(&self) -> Option<&Question> {
        thread::open(&self.case.questions)
    }
}

/// Nothing is left to see; whoever applied is told that, when and why.
#[derive(Template)]
#[template(path = "erased.html")]
pub struct ErasedPage {
    pub f: Frame,
    pub case: Case,
}

/// Whom an application is about reads that it is, and nothing of it.
#[derive(Template)]
#[template(path = "subject.html")]
pub struct SubjectPage {
    pub f: Frame,
    pub case: Case,
}

pub async fn track(
    State(portal): Shared,
    Citizen(visit, session): Citizen,
    Path((agency, service, case)): Path<(String, String, String)>,
) -> Result<Response, Refused> {
    let at = CasePlace::new(&agency, &service, &case)?;
    let case = any_case(&portal, &visit, &session, &at).await?;
    if case.phase == ASKED {
        return Ok(Redirect::to(&at.asked("")).into_response());
    }
    if case.phase == ABOUT {
        return page(&SubjectPage { f: Frame::new(&portal, &visit), case });
    }
    if case.phase == ERASED {
        return page_with(StatusCode::NOT_FOUND, &ErasedPage { f: Frame::new(&portal, &visit), case });
    }
    let mut case = settled(&portal, &session, case).await;
    // The newest first.
    case.timeline.reverse();
    let overdue = case.phase == "running" && case.due_us > 0 && case.due_us < portal.clock.now().micros();
    let payments = payments(&portal, &session, &case).await;
    let messages = messages(&portal, &session, &at).await;
    let represented = session.opened.acting.is_none() && is_represented(&case, &session.person.to_vec());
    let may_rate = rating::is_open(&portal, &case);
    let f = Frame::new(&portal, &visit);
    page(&ApplicationPage { f, base: at.path(""), overdue, payments, messages, may_rate, represented, case })
}

/// Whether somebody else than the reader acts in the case, by a power of attorney that still gives a right to it.
fn is_represented(case: &Case, reader: &[u8]) -> bool {
    let acting = case.representation.as_ref();
    acting.is_some_and(|acting| acting.kind == ATTORNEY && !acting.ended && acting.actor != reader)
}

/// The applicant takes the application back from whoever acts for them.
pub async fn end_representation(
    State(portal): Shared,
    Citizen(_, session): Citizen,
    Path((agency, service, case)): Path<(String, String, String)>,
    posted: Posted,
) -> Result<Response, Refused> {
    let at = CasePlace::new(&agency, &service, &case)?;
    let request = CaseCommand { case_id: at.case.to_vec(), version: posted.version()? };
    let command = posted.command()?;
    let reply: CaseReply =
        portal.services.command(&session, &operations::END_REPRESENTATION, at.host(), &request, command).await?;
    portal.sessions.note_seen(&session, at.case, reply.version).await?;
    Ok(Redirect::to(&at.path("")).into_response())
}

/// Money of the case as payments has it; while payments is away, the history alone tells. Nothing was asked of a draft.
async fn payments(portal: &Portal, session: &Session, case: &Case) -> Vec<CasePayment> {
    if case.phase == "draft" {
        return Vec::new();
    }
    let request = ListCasePaymentsRequest { case_id: case.case_id.clone() };
    let read = portal.services.read(session, &LIST_CASE_PAYMENTS, PLATFORM, &request).await;
    let listed = read.unwrap_or_else(|failure| {
        tracing::info!(code = %failure.code, "payments of a case are not shown");
        CasePayments::default()
    });
    listed.payments
}

/// What was written to the reader about it; while notifications is away, the inbox alone tells.
async fn messages(portal: &Portal, session: &Session, at: &CasePlace) -> Vec<CaseMessage> {
    let (agency, service) = (at.agency.clone(), at.service.clone());
    let request = ListCaseMessagesRequest { agency, service, case_id: at.case.to_vec() };
    let read = portal.services.read(session, &LIST_CASE_MESSAGES, PLATFORM, &request).await;
    let listed = read.unwrap_or_else(|failure| {
        tracing::info!(code = %failure.code, "messages of a case are not shown");
        CaseMessages::default()
    });
    listed.messages
}

#[derive(Template)]
#[template(path = "discard.html")]
pub struct DiscardPage {
    pub f: Frame,
    pub case: Case,
    pub base: String,
    /// An officer typed it: they say why.
    pub typed: bool,
    /// They sent none of the reasons.
    pub missing: bool,
}

pub async fn ask_discard(
    State(portal): Shared,
    Filling(visit, session): Filling,
    Path((agency, service, case)): Path<(String, String, String)>,
) -> Result<Response, Refused> {
    let at = CasePlace::new(&agency, &service, &case)?.filled_by(&session);
    let case = read_case(&portal, &visit, &session, &at).await?;
    if case.phase != "draft" {
        return Ok(Redirect::to(&at.path("")).into_response());
    }
    page(&DiscardPage { f: Frame::new(&portal, &visit), base: at.path(""), case, typed: at.typed, missing: false })
}

pub async fn discard(
    State(portal): Shared,
    Filling(visit, session): Filling,
    Path((agency, service, case)): Path<(String, String, String)>,
    posted: Posted,
) -> Result<Response, Refused> {
    let at = CasePlace::new(&agency, &service, &case)?.filled_by(&session);
    let (version, reason) = (posted.version()?, posted.control("_reason").trim().to_owned());
    let request = DiscardDraftRequest { case_id: at.case.to_vec(), version, reason };
    let command = posted.command()?;
    let sent = portal.services.command(&session, &operations::DISCARD_DRAFT, at.host(), &request, command).await;
    let reply: CaseReply = match sent {
        Err(failure) if failure.code == "paper.discard-reason" => {
            let case = read_case(&portal, &visit, &session, &at).await?;
            let (f, base) = (Frame::new(&portal, &visit), at.path(""));
            return page(&DiscardPage { f, base, case, typed: true, missing: true });
        }
        sent => sent?,
    };
    portal.sessions.note_seen(&session, at.case, reply.version).await?;
    Ok(Redirect::to(&at.list()).into_response())
}

/// Streams a sealed document as an attachment; the browser never runs it.
pub async fn download(
    State(portal): Shared,
    Citizen(_, session): Citizen,
    Path((agency, service, case, document)): Path<(String, String, String, String)>,
) -> Result<Response, Refused> {
    CasePlace::new(&agency, &service, &case)?;
    let document: DocumentId = document.parse().map_err(|_| fault::no_such_page())?;
    Ok(attached(portal, session, Sealed::Document(document)).await?)
}

/// The receipt of a payment or a refund, in the language in which the page is read.
pub async fn receipt(
    State(portal): Shared,
    Citizen(visit, session): Citizen,
    Path((agency, service, case, number)): Path<(String, String, String, String)>,
) -> Result<Response, Refused> {
    CasePlace::new(&agency, &service, &case)?;
    let of = PLATFORM.to_owned();
    Ok(attached(portal, session, Sealed::Receipt { of, number, language: visit.language }).await?)
}
