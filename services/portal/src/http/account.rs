//! What the state told a person, and who looked at their data.

use std::collections::{BTreeMap, BTreeSet};

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse, Redirect, Response},
};
use bus::subject::{Address, PLATFORM};
use kernel::{ErrorKind, Failure, Language, MessageId};
use proto::{
    docket::v1::{ReadSearchReasonsRequest, operations::READ_SEARCH_REASONS},
    eservice::v1::{ReadReasonsRequest, operations::READ_REASONS},
    exchange::v1::{self as exchange, DataUseRow},
    notifications::v1::{self as notifications, ChannelState, Message},
    register::v1 as register,
};

use super::{
    Portal, Shared,
    catalogue::read_service,
    fault::{self, Refused},
    frame::{Frame, hex, page},
    pages::{Pages, Wanted},
    posted::Posted,
    visit::{Citizen, Visit},
};
use crate::store::Session;

const ROWS: i32 = 50;
/// Kind of a row: an officer looked for people and found the case.
const SEARCH: &str = "search";

#[derive(Template)]
#[template(path = "inbox.html")]
pub struct InboxPage {
    pub f: Frame,
    pub messages: Vec<Message>,
    pub unread: i64,
    pub pages: Pages,
}

impl InboxPage {
    pub fn case_href(&self, message: &Message) -> String {
        format!("/applications/{}/{}/{}", message.agency, message.service, hex(&message.case_id))
    }

    pub fn id(&self, message: &Message) -> String {
        hex(&message.message_id)
    }

    /// How each channel got on; notifications of an older release say it in a word each.
    pub fn channels(&self, message: &Message) -> Vec<ChannelState> {
        if !message.channels.is_empty() {
            return message.channels.clone();
        }
        let told = message.delivery.iter().map(|(channel, state)| ChannelState {
            channel: channel.clone(),
            state: state.clone(),
            ..ChannelState::default()
        });
        told.collect()
    }
}

pub async fn inbox(
    State(portal): Shared,
    Citizen(visit, session): Citizen,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Refused> {
    let request = notifications::ListInboxRequest { limit: ROWS, after: wanted.after.clone() };
    let inbox = portal.services.read(&session, &notifications::operations::LIST_INBOX, PLATFORM, &request).await?;
    let pages = Pages::of("/inbox", &wanted.after, &inbox.next);
    let (messages, unread) = (inbox.messages, i64::from(inbox.unread));
    page(&InboxPage { f: Frame::new(&portal, &visit), messages, unread, pages })
}

pub async fn mark_read(
    State(portal): Shared,
    Citizen(_, session): Citizen,
    Path(message): Path<String>,
    posted: Posted,
) -> Result<Response, Refused> {
    let message: MessageId = message.parse().map_err(|_| fault::no_such_page())?;
    let request = notifications::MarkReadRequest { message_id: message.to_vec() };
    portal
        .services
        .command(&session, &notifications::operations::MARK_READ, PLATFORM, &request, posted.command()?)
        .await?;
    Ok(Redirect::to("/inbox").into_response())
}

#[derive(Template)]
#[template(path = "data_use.html")]
pub struct DataUsePage {
    pub f: Frame,
    pub rows: Vec<DataUseRow>,
    pub pages: Pages,
}

impl DataUsePage {
    pub fn case_href(&self, row: &DataUseRow) -> String {
        format!("/applications/{}/{}/{}", row.owner, row.actor, hex(&row.case_id))
    }
}

pub async fn data_use(
    State(portal): Shared,
    Citizen(visit, session): Citizen,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Refused> {
    let request = exchange::ListDataUseRequest { limit: ROWS, after: wanted.after.clone() };
    let mut found = portal.services.read(&session, &exchange::operations::LIST_DATA_USE, PLATFORM, &request).await?;
    let f = Frame::new(&portal, &visit);
    with_reasons(&portal, &session, &mut found.rows).await;
    in_words(&portal, &visit, &f, &mut found.rows).await;
    page(&DataUsePage { f, rows: found.rows, pages: Pages::of("/data-use", &wanted.after, &found.next) })
}

/// Puts what officers typed in the place of the purpose. Told: what could not be asked for now.
pub(super) async fn with_reasons(portal: &Portal, session: &Session, rows: &mut [DataUseRow]) -> Option<Failure> {
    let openings = with_opening_reasons(portal, session, rows).await;
    let searches = with_search_reasons(portal, session, rows).await;
    openings.or(searches)
}

/// What was typed to open a case stays with it: it is asked for there, and gone when the case was erased.
async fn with_opening_reasons(portal: &Portal, session: &Session, rows: &mut [DataUseRow]) -> Option<Failure> {
    for row in rows.iter_mut().filter(|row| row.kind != "call") {
        row.purpose.clear();
    }
    let place = |row: &DataUseRow| (row.owner.clone(), row.actor.clone(), row.case_id.clone());
    let opened = rows.iter().filter(|row| row.reasoned && row.kind != SEARCH);
    let asked: BTreeSet<(String, String, Vec<u8>)> = opened.map(place).collect();
    let mut lacking = None;
    for (agency, service, case_id) in asked {
        let mut request = ReadReasonsRequest { case_id, before: 0 };
        let host = Address::service(&agency, &service);
        loop {
            let found = match portal.services.read(session, &READ_REASONS, host, &request).await {
                Ok(found) => found,
                Err(failure) => {
                    // Of an erased case nothing is kept, and of another's, in which they were asked, only whoever applies is told.
                    lacking = lacking.or(Some(failure).filter(|failure| failure.kind != ErrorKind::NotFound));
                    break;
                }
            };
            for reason in found.reasons {
                for row in rows.iter_mut().filter(|row| row.opening == reason.opening) {
                    row.purpose.clone_from(&reason.text);
                }
            }
            let lacks = |row: &DataUseRow| {
                row.reasoned && row.kind != SEARCH && row.purpose.is_empty() && row.case_id == request.case_id
            };
            if found.next == 0 || !rows.iter().any(lacks) {
                break;
            }
            request.before = found.next;
        }
    }
    lacking
}

/// What was typed to look for people stays with the docket.
async fn with_search_reasons(portal: &Portal, session: &Session, rows: &mut [DataUseRow]) -> Option<Failure> {
    let searches = rows.iter().filter(|row| row.kind == SEARCH && row.reasoned).map(|row| row.opening.clone());
    let request = ReadSearchReasonsRequest { searches: searches.collect() };
    if request.searches.is_empty() {
        return None;
    }
    let found = match portal.services.read(session, &READ_SEARCH_REASONS, PLATFORM, &request).await {
        Ok(found) => found,
        Err(failure) => return Some(failure),
    };
    for reason in found.reasons {
        for row in rows.iter_mut().filter(|row| row.kind == SEARCH && row.opening == reason.search) {
            row.purpose.clone_from(&reason.text);
        }
    }
    None
}

/// Agencies, the service and what was looked at by the names that people know; what has none keeps its own.
async fn in_words(portal: &Portal, visit: &Visit, f: &Frame, rows: &mut [DataUseRow]) {
    let mut agencies: BTreeMap<String, String> = BTreeMap::new();
    let mut services: BTreeMap<(String, String), String> = BTreeMap::new();
    let mut offices: BTreeMap<(String, String), String> = BTreeMap::new();
    for row in rows {
        // Another agency's officer opens a case that is not their agency's.
        let host = if row.kind == "call" || row.owner.is_empty() { &row.asking_agency } else { &row.owner };
        let service = (host.clone(), row.actor.clone());
        if !services.contains_key(&service)
            && let Ok(found) = read_service(portal, visit.language, &service.0, &service.1).await
        {
            for office in found.offices {
                offices.insert((service.0.clone(), office.name), office.title);
            }
            services.insert(service.clone(), found.card.unwrap_or_default().title);
        }
        if let Some(title) = offices.get(&(service.0.clone(), row.office.clone())) {
            row.office.clone_from(title);
        }
        // Of an opening, the owner is the agency whose case it is, and leads there.
        let owner = (row.kind == "call").then_some(&mut row.owner);
        for agency in [Some(&mut row.asking_agency), owner].into_iter().flatten() {
            if !agencies.contains_key(agency.as_str()) {
                let title = agency_title(portal, visit.language, agency).await;
                agencies.insert(agency.clone(), title.unwrap_or_else(|| agency.clone()));
            }
            agency.clone_from(&agencies[agency.as_str()]);
        }
        if let Some(title) = services.get(&service) {
            row.actor.clone_from(title);
        }
        let registry = f.own(&row.registry_title);
        if !registry.is_empty() {
            row.owner = registry;
        }
        for (field, title) in row.fields.iter_mut().zip(&row.field_titles) {
            let title = f.own(&Some(title.clone()));
            if !title.is_empty() {
                *field = title;
            }
        }
    }
}

async fn agency_title(portal: &Portal, language: Language, agency: &str) -> Option<String> {
    let request = register::ReadAgencyRequest { agency: agency.to_owned() };
    let found = portal.services.ask(&register::operations::READ_AGENCY, &request).await.ok()?;
    let resource: serde_json::Value = serde_json::from_slice(&found.resource).ok()?;
    let title = &resource["spec"]["title"];
    title[language.tag()].as_str().or(title["uz"].as_str()).map(str::to_owned)
}
