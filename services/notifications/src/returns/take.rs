//! What a report does: the next channel takes over, and an address to which letters do not get is known.

use bus::subject::PLATFORM;
use kernel::{Failure, Hash, MessageId, Time};
use serde_json::json;

use crate::{
    bus::Office,
    deliver::hand_on,
    domain::{
        delivery::{Note, State},
        report::Report,
        returns::Returns,
    },
    store::{
        deliveries::{self, Delivery},
        messages::{self, Message},
        returned_mail,
    },
};

const ACT: &str = "address.unreachable";

/// What came of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    Failed,
    Delayed,
    /// It was told before, or comes too late to matter.
    Repeated,
    /// The message is gone with its case.
    Unknown,
    /// Whoever sent the letter does not know yet that it left.
    TooEarly,
}

impl Taken {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Delayed => "delayed",
            Self::Repeated => "repeated",
            Self::Unknown => "unknown",
            Self::TooEarly => "early",
        }
    }
}

pub async fn take(office: &Office, returns: &Returns, id: MessageId, report: Report) -> Result<Taken, Failure> {
    let now = office.clock.now();
    let mut tx = office.database.begin().await?;
    let message = messages::find(&mut tx, id).await?;
    let letter = deliveries::of_message(&mut tx, id).await?.into_iter().find(|one| one.channel == "email");
    let (Some(message), Some(seen)) = (message, letter) else { return Ok(Taken::Unknown) };
    let taken = match (seen.state, report) {
        (State::Sending, _) => return Ok(Taken::TooEarly),
        (State::Sent | State::Unknown, Report::Delayed) if seen.note != Note::Delayed => {
            match deliveries::report(&mut tx, &seen, seen.state, Note::Delayed, seen.settled).await? {
                true => Taken::Delayed,
                false => return Ok(Taken::TooEarly),
            }
        }
        // Of one that is queued again an earlier try had left after all.
        (State::Sent | State::Unknown | State::Queued, Report::Failed { lasting }) => {
            if !deliveries::report(&mut tx, &seen, State::Failed, Note::Returned, now.micros()).await? {
                return Ok(Taken::TooEarly);
            }
            let over = Delivery { state: State::Failed, note: Note::Returned, next: 0, ..seen };
            if let Some(address) = over.address.filter(|_| lasting) {
                count(&mut tx, returns, &message, address, now).await?;
            }
            hand_on(&mut tx, office, &over).await?;
            Taken::Failed
        }
        _ => return Ok(Taken::Repeated),
    };
    tx.commit().await?;
    Ok(taken)
}

/// The last one that is needed is an act: from now on the address is passed over.
async fn count(
    tx: &mut sql::Tx,
    returns: &Returns,
    message: &Message,
    address: Hash,
    now: Time,
) -> Result<(), Failure> {
    let times = returned_mail::count(tx, message.recipient, address, now).await?;
    if times != i64::from(returns.enough) {
        return Ok(());
    }
    let act = sql::audit::Act {
        time: now,
        service_actor: Some("notifications".into()),
        act: ACT.to_owned(),
        subject: message.recipient.to_vec(),
        agency: PLATFORM.to_owned(),
        detail: json!({"channel": "email", "returned": times}).to_string(),
        ..sql::audit::Act::default()
    };
    Ok(sql::audit::append(tx, &act).await?)
}
