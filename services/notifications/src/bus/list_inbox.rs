//! `list-inbox`: a person's own messages, newest first, with how each channel got on.

use kernel::{Failure, MessageId, Time};
use proto::notifications::v1::{Inbox, ListInboxRequest, Message as Shown};

use super::{Office, shown};
use crate::{
    domain::turn::class_name,
    store::{
        deliveries,
        messages::{self, Message},
    },
};

const LIMIT_MAX: i64 = 100;

pub async fn handle(office: &Office, call: bus::Call<ListInboxRequest>) -> Result<Inbox, Failure> {
    let person = call.person()?.id;
    let limit = match i64::from(call.request.limit) {
        0 => 20,
        limit => limit.clamp(1, LIMIT_MAX),
    };
    let before = position(&call.request.after)?;
    let mut tx = office.database.read().await?;
    let mut found = messages::of_person(&mut tx, person, before, limit + 1).await?;
    let more = found.len() > usize::try_from(limit).unwrap_or(usize::MAX);
    if more {
        found.pop();
    }
    let next = found.last().filter(|_| more).map(cursor).unwrap_or_default();
    let mut listed = Vec::with_capacity(found.len());
    for message in &found {
        if let Some(message) = show(office, &mut tx, message).await? {
            listed.push(message);
        }
    }
    let unread = messages::unread(&mut tx, person).await?;
    Ok(Inbox { messages: listed, unread: i32::try_from(unread).unwrap_or(i32::MAX), next })
}

/// `None`: the case's key was destroyed, and with it what the message said.
async fn show(office: &Office, tx: &mut sql::Tx, message: &Message) -> Result<Option<Shown>, Failure> {
    let agency_key = office.keys.agency(&message.agency)?;
    let Some(key) = messages::existing_key(tx, message.case, &agency_key).await? else { return Ok(None) };
    let letter = messages::open(message, &key)?;
    let deliveries = deliveries::of_message(tx, message.id).await?;
    Ok(Some(Shown {
        message_id: message.id.to_vec(),
        case_id: message.case.to_vec(),
        title: letter.title,
        body: letter.body,
        time_us: message.time.micros(),
        read: message.read,
        agency: message.agency.clone(),
        service: message.service.clone(),
        delivery: shown::words(&deliveries),
        class: class_name(message.weight.class).to_owned(),
        channels: shown::channels(&deliveries),
    }))
}

fn cursor(message: &Message) -> String {
    format!("{}-{}", message.time.micros(), message.id)
}

fn position(after: &str) -> Result<Option<(Time, MessageId)>, Failure> {
    if after.is_empty() {
        return Ok(None);
    }
    let read = || {
        let (time, id) = after.split_once('-')?;
        Some((Time::from_micros(time.parse().ok()?), id.parse().ok()?))
    };
    read().map(Some).ok_or_else(|| Failure::invalid("notification.cursor", "Start again from the first page."))
}
