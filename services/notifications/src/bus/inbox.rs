//! A person's own messages.

use std::sync::Arc;

use ::bus::Call;
use kernel::{Failure, MessageId, Time};
use proto::{
    Empty,
    notifications::v1::{Inbox, ListInboxRequest, MarkReadRequest, Message as Shown},
};

use super::Post;
use crate::store::{self, Message};

const ROWS_MAX: i64 = 50;

pub async fn list(post: Arc<Post>, call: Call<ListInboxRequest>) -> Result<Inbox, Failure> {
    let person = call.person()?.id;
    let before = match call.request.after.as_str() {
        "" => Time::from_micros(i64::MAX),
        after => {
            let micros = after
                .parse()
                .map_err(|_| Failure::invalid("inbox.after", "The page to continue from is malformed."))?;
            Time::from_micros(micros)
        }
    };
    let limit = i64::from(call.request.limit).clamp(1, ROWS_MAX);
    let mut tx = post.database.read().await?;
    let messages = store::inbox(&mut tx, person, before, limit).await?;
    let unread = store::unread(&mut tx, person).await?;
    let full = i64::try_from(messages.len()).is_ok_and(|count| count == limit);
    let next = messages.last().filter(|_| full).map(|last| last.time.micros().to_string());
    let mut shown = Vec::with_capacity(messages.len());
    for message in messages {
        let deliveries = store::of_message(&mut tx, message.message_id).await?;
        let states = deliveries.into_iter().map(|one| (one.channel, one.state));
        shown.push(show(&post, message, states.collect())?);
    }
    Ok(Inbox { messages: shown, unread: i32::try_from(unread).unwrap_or(i32::MAX), next: next.unwrap_or_default() })
}

fn show(post: &Post, message: Message, delivery: std::collections::BTreeMap<String, String>) -> Result<Shown, Failure> {
    let text = post.vault.open(message.message_id, "text", &message.sealed)?;
    let unreadable =
        |error| Failure::internal("notification.unreadable", "A message cannot be read.").with_detail(error);
    let (title, body, _short): (String, String, String) = serde_json::from_str(&text).map_err(unreadable)?;
    Ok(Shown {
        message_id: message.message_id.to_vec(),
        case_id: message.case_id.to_vec(),
        title,
        body,
        time_us: message.time.micros(),
        read: message.read.is_some(),
        agency: message.agency,
        service: message.service,
        delivery,
    })
}

pub async fn mark_read(post: Arc<Post>, call: Call<MarkReadRequest>) -> Result<Empty, Failure> {
    let person = call.person()?.id;
    let message_id = MessageId::from_slice(&call.request.message_id)?;
    let mut tx = post.database.begin().await?;
    if !store::mark_read(&mut tx, message_id, person, post.clock.now()).await? {
        return Err(Failure::not_found("inbox.unknown", "There is no such message."));
    }
    tx.commit().await?;
    Ok(Empty {})
}
