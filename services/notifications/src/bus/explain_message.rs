//! `explain-message`: why somebody got one of their messages, from the revision that it was written from.

use kernel::{Failure, Hash, Language, MessageId};
use proto::notifications::v1::{Act, ExplainMessageRequest, Explanation};
use serde_json::json;

use super::{Office, shown, unknown_message};
use crate::{
    domain::{
        text::{self, Writer},
        turn::class_name,
    },
    store::{
        deliveries,
        messages::{self, Message},
    },
};

pub async fn handle(office: &Office, call: bus::Call<ExplainMessageRequest>) -> Result<Explanation, Failure> {
    let person = call.person()?.id;
    let id = MessageId::from_slice(&call.request.message_id)?;
    let language = Language::parse(&call.request.language)?;
    let mut tx = office.database.read().await?;
    let message = messages::find(&mut tx, id).await?.filter(|message| message.recipient == person);
    let message = message.ok_or_else(unknown_message)?;
    let agency_key = office.keys.agency(&message.agency)?;
    let key = messages::existing_key(&mut tx, message.case, &agency_key).await?.ok_or_else(unknown_message)?;
    let letter = messages::open(&message, &key)?;
    let deliveries = deliveries::of_message(&mut tx, id).await?;
    drop(tx);
    let told = Explanation {
        title: letter.title,
        time_us: message.time.micros(),
        case_id: message.case.to_vec(),
        number: letter.number,
        agency: message.agency.clone(),
        service: message.service.clone(),
        class: class_name(message.weight.class).to_owned(),
        urgent: message.weight.urgent,
        language: message.language.clone(),
        channels: shown::channels(&deliveries),
        ..Explanation::default()
    };
    // What an older release wrote says what is known without its definition.
    match message.revision {
        Some(revision) => by_definition(office, &message, revision, language, told).await,
        None => Ok(told),
    }
}

async fn by_definition(
    office: &Office,
    message: &Message,
    revision: Hash,
    language: Language,
    told: Explanation,
) -> Result<Explanation, Failure> {
    let admitted = office.revisions.find(revision).await?;
    let (definition, tag) = (&*admitted.definition, language.tag());
    let agency = admitted.agency.in_language(tag);
    let inputs = json!({"case": {"number": told.number}});
    let writer = Writer { definition, language, agency, inputs: &inputs };
    // A reason that cannot be written is none; the rest of the answer stands.
    let reason = text::find(definition, &message.notification).and_then(|known| writer.why(known)).unwrap_or_default();
    let acts = definition
        .spec
        .legal_basis
        .iter()
        .map(|act| Act { title: act.title.in_language(tag).to_owned(), uri: act.uri.clone().unwrap_or_default() });
    Ok(Explanation {
        agency_title: agency.to_owned(),
        service_title: definition.spec.title.in_language(tag).to_owned(),
        reason,
        legal_basis: acts.collect(),
        ..told
    })
}
