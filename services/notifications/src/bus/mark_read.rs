//! `mark-read`: a person opened a message. Another's message and an unknown one look alike; repeating changes nothing.

use kernel::{Failure, MessageId};
use proto::{Empty, notifications::v1::MarkReadRequest};

use super::{Office, unknown_message};
use crate::store::messages;

pub async fn handle(office: &Office, call: bus::Call<MarkReadRequest>) -> Result<Empty, Failure> {
    let person = call.person()?.id;
    let id = MessageId::from_slice(&call.request.message_id)?;
    let mut tx = office.database.begin().await?;
    if !messages::mark_read(&mut tx, person, id, office.clock.now()).await? {
        return Err(unknown_message());
    }
    tx.commit().await?;
    Ok(Empty {})
}
