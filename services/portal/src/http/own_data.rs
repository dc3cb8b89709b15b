//! A copy of everything about a person, made while it is sent: what each service tells them, and nothing that is kept here.

use std::{collections::VecDeque, sync::Arc};

use askama::Template;
use axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use bus::subject::PLATFORM;
use futures::{StreamExt, stream};
use kernel::{Failure, Language};
use proto::{
    Empty,
    docket::v1::{self as docket, Entry},
    eservice::v1::{Answers, Asked, Case, OfficerNotes, ReadCaseRequest, operations},
    exchange::v1 as exchange,
    identity::v1::operations::READ_OWN_RECORD,
    notifications::v1::{self as notifications, ReadPreferencesRequest, operations::READ_PREFERENCES},
    payments::v1::{CasePayment, ListCasePaymentsRequest, operations::LIST_CASE_PAYMENTS},
};
use serde_json::{Value, json};
use web::Verdict;

use super::{
    Portal, Shared,
    account::with_reasons,
    fault::{self, Refused},
    frame::{Frame, hex, page},
    posted::Posted,
    submit::{ASKED, ERASED},
    visit::{CasePlace, Citizen},
};
use crate::{domain::copy, store::Session};

const PLACE: &str = "/account/data";
const ROWS: i32 = 50;
/// Of each list: whoever has more is told that the copy is not whole.
const PAGES_MAX: u32 = 400;
/// What is never in a copy, in the words of the page: it stands in the file, too, so that nobody takes it for more than it is.
const LEFT_OUT: [&str; 7] = [
    "own-data-others",
    "own-data-files",
    "own-data-officers",
    "own-data-opinions",
    "own-data-reasons",
    "own-data-acts",
    "own-data-proof",
];

pub fn routes() -> Router<Arc<Portal>> {
    Router::new().route(PLACE, get(offer).post(take))
}

#[derive(Template)]
#[template(path = "own_data.html")]
pub struct OwnDataPage {
    pub f: Frame,
}

impl OwnDataPage {
    pub fn left_out(&self) -> Vec<String> {
        LEFT_OUT.iter().map(|key| self.f.t(key)).collect()
    }
}

pub async fn offer(State(portal): Shared, Citizen(visit, _): Citizen) -> Result<Response, Refused> {
    page(&OwnDataPage { f: Frame::new(&portal, &visit) })
}

pub async fn take(
    State(portal): Shared,
    Citizen(visit, session): Citizen,
    posted: Posted,
) -> Result<Response, Refused> {
    // Whoever changed meanwhile for whom they act, in another window, looks whose data this is.
    if posted.control("_for") != session.opened.acts_for() {
        return Ok(Redirect::to(PLACE).into_response());
    }
    let person = match portal.services.read(&session, &READ_OWN_RECORD, PLATFORM, &Empty {}).await {
        Ok(person) => person,
        // They come back to the page and ask again.
        Err(failure) if failure.code == "identity.sign-in-again" => {
            return Ok(Redirect::to(&format!("/sign-in?as=citizen&then={PLACE}&age=300")).into_response());
        }
        Err(failure) => return Err(failure.into()),
    };
    if let Verdict::Refused(_) = portal.limits.copy_for(session.person) {
        return Err(fault::too_many_copies().into());
    }
    let head =
        format!("{{\n\"made\": {},\n\"person\": {},\n", copy::time(portal.clock.now().micros()), copy::person(&person));
    let left_out = OwnDataPage { f: Frame::new(&portal, &visit) }.left_out();
    let (language, jobs) = (visit.language, jobs(head));
    let copying = Copying { portal, session, language, jobs, left_out, first: true, whole: true };
    let parts = stream::unfold(copying, |mut copying| async move {
        let job = copying.jobs.pop_front()?;
        let part = copying.perform(job).await;
        Some((Ok::<_, std::io::Error>(Bytes::from(part)), copying))
    });
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"my-data.json\"")),
    ];
    Ok((headers, Body::from_stream(parts.fuse())).into_response())
}

/// What is still to be written, in its order.
enum Job {
    Text(String),
    Preferences,
    /// A list begins.
    List(&'static str),
    /// From this place on, and how many pages came before.
    Applications(String, u32),
    Application(Box<Entry>),
    Messages(String, u32),
    Looks(String, u32),
    End,
}

fn jobs(head: String) -> VecDeque<Job> {
    VecDeque::from([
        Job::Text(head),
        Job::Preferences,
        Job::List("applications"),
        Job::Applications(String::new(), 0),
        Job::Text("],\n".to_owned()),
        Job::List("messages"),
        Job::Messages(String::new(), 0),
        Job::Text("],\n".to_owned()),
        Job::List("dataUse"),
        Job::Looks(String::new(), 0),
        Job::Text("],\n".to_owned()),
        Job::End,
    ])
}

/// A copy under way: at most one page of a list, or one case, is in memory.
struct Copying {
    portal: Arc<Portal>,
    session: Session,
    language: Language,
    jobs: VecDeque<Job>,
    left_out: Vec<String>,
    /// Nothing of the list has been written yet.
    first: bool,
    /// Everything that was asked for was answered.
    whole: bool,
}

impl Copying {
    async fn perform(&mut self, job: Job) -> String {
        match job {
            Job::Text(text) => text,
            Job::Preferences => self.preferences().await,
            Job::List(name) => {
                self.first = true;
                format!("\"{name}\": [")
            }
            Job::Applications(after, pages) => self.applications(after, pages).await,
            Job::Application(entry) => {
                let value = self.application(&entry).await;
                self.item(&value)
            }
            Job::Messages(after, pages) => self.messages(after, pages).await,
            Job::Looks(after, pages) => self.looks(after, pages).await,
            Job::End => format!("\"leftOut\": {},\n\"whole\": {}\n}}\n", json!(self.left_out), self.whole),
        }
    }

    fn item(&mut self, value: &Value) -> String {
        let comma = if std::mem::take(&mut self.first) { "" } else { "," };
        format!("{comma}\n{value}")
    }

    /// What could not be read stands in its place, so that nobody takes the copy for whole.
    fn lacking(&mut self, failure: &Failure) -> Value {
        tracing::info!(code = %failure.code, "a copy of a person's data lacks something");
        self.whole = false;
        json!({"notRead": failure.code})
    }

    /// The next page of a list, which is read before whatever comes after the list.
    fn then(&mut self, next: String, pages: u32, job: fn(String, u32) -> Job) {
        if next.is_empty() {
            return;
        }
        if pages + 1 < PAGES_MAX {
            self.jobs.push_front(job(next, pages + 1));
        } else {
            self.whole = false;
        }
    }

    /// Everybody's are their own: whoever acts for somebody else chose nothing for them.
    async fn preferences(&mut self) -> String {
        if !self.session.opened.acts_for().is_empty() {
            return String::new();
        }
        let services = &self.portal.services;
        let read = services.read(&self.session, &READ_PREFERENCES, PLATFORM, &ReadPreferencesRequest {}).await;
        let value = read.map_or_else(|failure| self.lacking(&failure), |wanted| copy::preferences(&wanted));
        format!("\"preferences\": {value},\n")
    }

    /// Their own: in what they did for somebody else, the data is that person's.
    async fn applications(&mut self, after: String, pages: u32) -> String {
        let request = docket::ListApplicationsRequest { limit: ROWS, after, ..Default::default() };
        let services = &self.portal.services;
        let read = services.read(&self.session, &docket::operations::LIST_APPLICATIONS, PLATFORM, &request).await;
        match read {
            Ok(list) => {
                self.then(list.next, pages, Job::Applications);
                let own = list.entries.into_iter().filter(|entry| entry.representation != "acting");
                for entry in own.rev() {
                    self.jobs.push_front(Job::Application(Box::new(entry)));
                }
                String::new()
            }
            Err(failure) => self.refused(&failure),
        }
    }

    fn refused(&mut self, failure: &Failure) -> String {
        let value = self.lacking(failure);
        self.item(&value)
    }

    async fn application(&mut self, entry: &Entry) -> Value {
        let Ok(at) = CasePlace::new(&entry.agency, &entry.service, &hex(&entry.case_id)) else { return Value::Null };
        let (session, language) = (&self.session, self.language.tag().to_owned());
        let request = ReadCaseRequest { case_id: entry.case_id.clone(), language };
        let services = &self.portal.services;
        if entry.phase == ASKED {
            let read: Result<Asked, Failure> =
                services.read(session, &operations::READ_ASKED, at.host(), &request).await;
            return match read {
                Ok(asked) => copy::asked(&asked, &format!("{}{}", self.portal.config.base_url, at.asked(""))),
                Err(failure) => {
                    let lacking = self.lacking(&failure);
                    copy::listed(entry, lacking)
                }
            };
        }
        let read: Result<Case, Failure> = services.read(session, &operations::READ_CASE, at.host(), &request).await;
        let case = match read {
            Ok(case) => case,
            Err(failure) => {
                let lacking = self.lacking(&failure);
                return copy::listed(entry, lacking);
            }
        };
        if case.phase == ERASED {
            return copy::erased(&case);
        }
        let answers: Result<Answers, Failure> =
            services.read(session, &operations::READ_ANSWERS, at.host(), &request).await;
        let notes: Result<OfficerNotes, Failure> =
            services.read(session, &operations::READ_NOTES, at.host(), &request).await;
        let paid = ListCasePaymentsRequest { case_id: entry.case_id.clone() };
        let payments = services.read(session, &LIST_CASE_PAYMENTS, PLATFORM, &paid).await;
        let address = format!("{}{}", self.portal.config.base_url, at.path(""));
        let notes = notes.map_or_else(|failure| self.lacking(&failure), |found| copy::notes(&found));
        let answers = answers.map_or_else(|failure| self.lacking(&failure), |answers| copy::answers(&answers));
        let payments: Result<Vec<CasePayment>, Failure> = payments.map(|found| found.payments);
        let payments = payments.map_or_else(|failure| self.lacking(&failure), |found| copy::payments(&found));
        copy::application(&case, &address, [answers, notes, payments])
    }

    async fn messages(&mut self, after: String, pages: u32) -> String {
        let request = notifications::ListInboxRequest { limit: ROWS, after };
        let services = &self.portal.services;
        let read = services.read(&self.session, &notifications::operations::LIST_INBOX, PLATFORM, &request).await;
        match read {
            Ok(inbox) => {
                self.then(inbox.next, pages, Job::Messages);
                let base_url = self.portal.config.base_url.clone();
                inbox.messages.iter().map(|message| self.item(&copy::message(message, &base_url))).collect()
            }
            Err(failure) => self.refused(&failure),
        }
    }

    async fn looks(&mut self, after: String, pages: u32) -> String {
        let request = exchange::ListDataUseRequest { limit: ROWS, after };
        let services = &self.portal.services;
        let read = services.read(&self.session, &exchange::operations::LIST_DATA_USE, PLATFORM, &request).await;
        match read {
            Ok(mut found) => {
                self.then(found.next, pages, Job::Looks);
                let failed = with_reasons(&self.portal, &self.session, &mut found.rows).await;
                let language = self.language;
                let rows: String = found.rows.iter().map(|row| self.item(&copy::look(row, language))).collect();
                let lacking = failed.map(|failure| self.refused(&failure)).unwrap_or_default();
                rows + &lacking
            }
            Err(failure) => self.refused(&failure),
        }
    }
}
