//! What the state told a person, and who looked at their data.

use std::collections::BTreeMap;

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use bus::subject::PLATFORM;
use kernel::{Language, MessageId};
use proto::{
    exchange::v1::{self as exchange, DataUseRow},
    notifications::v1::{self as notifications, Message},
    register::v1 as register,
};

use super::{
    Portal, Shared,
    catalogue::read_service,
    fault::{self, Refused},
    frame::{Frame, hex, page},
    posted::Posted,
    visit::{Citizen, Visit},
};

const ROWS: i32 = 50;

#[derive(Template)]
#[template(path = "inbox.html")]
pub struct InboxPage {
    pub f: Frame,
    pub messages: Vec<Message>,
    pub unread: i64,
}

impl InboxPage {
    pub fn case_href(&self, message: &Message) -> String {
        format!("/applications/{}/{}", message.agency, hex(&message.case_id))
    }

    pub fn id(&self, message: &Message) -> String {
        hex(&message.message_id)
    }

    /// Channels in a fixed order with how delivery went.
    pub fn delivery(&self, message: &Message) -> Vec<(String, String)> {
        let mut found: Vec<_> = message.delivery.iter().map(|(name, state)| (name.clone(), state.clone())).collect();
        found.sort();
        found.retain(|(name, _)| name != "inbox");
        found
    }
}

pub async fn inbox(State(portal): Shared, Citizen(visit, session): Citizen) -> Result<Response, Refused> {
    let request = notifications::ListInboxRequest { limit: ROWS, after: String::new() };
    let inbox = portal.services.read(&session, &notifications::operations::LIST_INBOX, PLATFORM, &request).await?;
    page(&InboxPage { f: Frame::new(&portal, &visit), messages: inbox.messages, unread: i64::from(inbox.unread) })
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
}

pub async fn data_use(State(portal): Shared, Citizen(visit, session): Citizen) -> Result<Response, Refused> {
    let request = exchange::ListDataUseRequest { limit: ROWS, after: String::new() };
    let mut found = portal.services.read(&session, &exchange::operations::LIST_DATA_USE, PLATFORM, &request).await?;
    let f = Frame::new(&portal, &visit);
    in_words(&portal, &visit, &f, &mut found.rows).await;
    page(&DataUsePage { f, rows: found.rows })
}

/// Agencies, the service and what was looked at by the names that people know; what has none keeps its own.
async fn in_words(portal: &Portal, visit: &Visit, f: &Frame, rows: &mut [DataUseRow]) {
    let mut agencies: BTreeMap<String, String> = BTreeMap::new();
    let mut services: BTreeMap<(String, String), String> = BTreeMap::new();
    for row in rows {
        let service = (row.asking_agency.clone(), row.actor.clone());
        if !services.contains_key(&service)
            && let Ok(found) = read_service(portal, visit.language, &service.0, &service.1).await
        {
            services.insert(service.clone(), found.card.unwrap_or_default().title);
        }
        for agency in [&mut row.asking_agency, &mut row.owner] {
            if !agencies.contains_key(agency.as_str()) {
                let title = agency_title(portal, visit.language, agency).await;
                agencies.insert(agency.clone(), title.unwrap_or_else(|| agency.clone()));
            }
            agency.clone_from(&agencies[agency.as_str()]);
        }
        if let Some(title) = services.get(&service) {
            row.actor.clone_from(title);
        }
        for field in &mut row.fields {
            *field = f.named("registry-field-", &*field);
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
