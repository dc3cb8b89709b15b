//! `send`: writes the letter from the admitted revision, puts it into the inbox and queues the other channels. A repeat of
//! the action sends nothing twice.

use kernel::{CaseId, ErrorKind, Failure, Hash, Language, MessageId, PersonId};
use prost::Message as _;
use proto::{
    CaseRef,
    notifications::v1::{SendReply, SendRequest},
};
use serde_json::Value;

use super::{Office, revisions::Admitted};
use crate::{
    domain::{
        delivery::{Note, State, channel_name},
        text::{self, Writer},
        turn::Weight,
    },
    store::{
        deliveries::{self, Delivery},
        messages::{self, Message},
        preferences,
    },
};

pub async fn handle(office: &Office, call: bus::Call<SendRequest>) -> Result<SendReply, Failure> {
    let request = &call.request;
    let malformed =
        || Failure::invalid("notification.malformed-request", "The request must name its case and its action.");
    let action = request.action.as_ref().ok_or_else(malformed)?;
    let case = action.case.as_ref().ok_or_else(malformed)?;
    if action.action_id.len() != 32 {
        return Err(malformed());
    }
    let revision = Hash::from_slice(&case.revision)?;
    let admitted = own(office, &call.agency, case).await?;
    let definition = &*admitted.definition;
    let notification = text::find(definition, &request.notification)?;
    let recipient = PersonId::from_slice(&request.recipient)?;
    let language = language(office, recipient, &request.language).await?;
    let inputs: Value = serde_json::from_slice(&request.inputs).map_err(|_| malformed())?;
    let agency = admitted.agency.in_language(language.tag());
    let letter = Writer { definition, language, agency, inputs: &inputs }.write(notification)?;

    let now = office.clock.now();
    let mut message = Message {
        id: MessageId::new(&*office.clock, &*office.random),
        case: CaseId::from_slice(&case.case_id)?,
        recipient,
        agency: case.agency.clone(),
        service: case.service.clone(),
        notification: notification.name.clone(),
        language: language.tag().to_owned(),
        once: notification.delivery == api::Delivery::AtMostOnce,
        weight: Weight { class: notification.class, urgent: notification.urgent },
        revision: Some(revision),
        time: now,
        read: false,
        sealed: Vec::new(),
    };
    let agency_key = office.keys.agency(&case.agency)?;
    let asked = sql::Action::of_service(&case.agency, &case.service, &action.action_id);
    let mut tx = office.database.begin().await?;
    sql::case_log::hold(&mut tx, message.case, &case.agency).await?;
    if let Some(kept) = sql::answers::recall(&mut tx, asked, &call.body_hash).await? {
        return SendReply::decode(kept.as_slice()).map_err(|error| {
            Failure::internal("notification.unreadable-row", "A kept answer cannot be read.").with_detail(error)
        });
    }
    let key = messages::case_key(&mut tx, message.case, &case.agency, &agency_key, &*office.random).await?;
    message.sealed = messages::seal(&letter, message.id, &key, &*office.random);
    messages::insert(&mut tx, &message).await?;
    let channels = queue(&mut tx, &message, notification).await?;
    let answer = SendReply { message_id: message.id.to_vec(), channels };
    let kept = sql::answers::keep(&mut tx, asked, &call.body_hash, &answer.encode_to_vec(), now).await;
    kept.map_err(|error| match Failure::from(error) {
        failure if failure.kind == ErrorKind::Conflict => {
            Failure::unavailable("notification.twin", "The same action is being performed. Repeat the request.")
        }
        failure => failure,
    })?;
    tx.commit().await?;
    office.wake.notify_one();
    Ok(answer)
}

/// The revision of the case, when it is of the service that asks.
pub async fn own(office: &Office, agency: &str, case: &CaseRef) -> Result<Admitted, Failure> {
    let admitted = office.revisions.find(Hash::from_slice(&case.revision)?).await?;
    let definition = &*admitted.definition;
    let own = agency == case.agency && definition.spec.agency == case.agency;
    if !own || definition.metadata.name != case.service {
        return Err(Failure::forbidden(
            "notification.other-agency",
            "A request speaks for its own agency and service only.",
        ));
    }
    Ok(admitted)
}

/// The person's own, if they said one; else that of the application.
pub async fn language(office: &Office, recipient: PersonId, asked: &str) -> Result<Language, Failure> {
    let asked = Language::parse(asked)?;
    let mut tx = office.database.read().await?;
    Ok(preferences::of(&mut tx, recipient).await?.language.unwrap_or(asked))
}

/// The inbox has it at once; of the other channels the first starts, the rest stand by.
async fn queue(tx: &mut sql::Tx, message: &Message, notification: &api::Notification) -> Result<Vec<String>, Failure> {
    let mut names = Vec::new();
    for (place, channel) in (0_i64..).zip(text::channels(notification)) {
        let now = message.time.micros();
        let (state, next, settled) = match place {
            0 => (State::Delivered, 0, now),
            1 => (State::Queued, now, 0),
            _ => (State::Reserve, 0, 0),
        };
        let delivery = Delivery {
            message: message.id,
            place,
            channel: channel_name(channel).to_owned(),
            state,
            tries: 0,
            next,
            gateway_id: None,
            sent: 0,
            note: Note::None,
            settled,
            address: None,
        };
        deliveries::insert(tx, &delivery).await?;
        names.push(delivery.channel);
    }
    Ok(names)
}
