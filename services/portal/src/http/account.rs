//! What the state told a person, and who looked at their data.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use bus::subject::PLATFORM;
use kernel::MessageId;
use proto::{
    exchange::v1::{self as exchange, DataUseRow},
    notifications::v1::{self as notifications, Message},
};

use super::{
    Shared,
    fault::{self, Refused},
    frame::{Frame, hex, page},
    posted::Posted,
    visit::Citizen,
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
    let found = portal.services.read(&session, &exchange::operations::LIST_DATA_USE, PLATFORM, &request).await?;
    page(&DataUsePage { f: Frame::new(&portal, &visit), rows: found.rows })
}
