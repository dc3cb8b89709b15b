//! `list-case-messages`: what was written in a case and how it got there, for an officer of its tasks; for anybody else, what came to them.

use bus::{Person, subject::PLATFORM};
use kernel::{CaseId, Failure, PersonId, sealed::CaseKey};
use proto::notifications::v1::{CaseMessage, CaseMessages, ListCaseMessagesRequest};

use super::{Office, readers::Place, shown};
use crate::{
    domain::turn::class_name,
    store::{
        deliveries,
        messages::{self, Message},
    },
};

const LIMIT: i64 = 100;

pub async fn handle(office: &Office, call: bus::Call<ListCaseMessagesRequest>) -> Result<CaseMessages, Failure> {
    let person = call.person()?;
    let ListCaseMessagesRequest { agency, service, case_id } = call.request.clone();
    let place = Place { agency, service, case: CaseId::from_slice(&case_id)? };
    if !person.officer {
        return listed(office, &place, Some(person.id)).await;
    }
    if !office.readers.admits(&place, person.actor).await? {
        note(office, person, place.case, "messages.refused", PLATFORM).await?;
        return Err(Failure::not_found("notification.unknown-case", "There is no such case."));
    }
    note(office, person, place.case, "messages.read", &place.agency).await?;
    listed(office, &place, None).await
}

/// `to`: whose own messages they are, who reads them whole. Whoever got none learns no more: neither whether there is such a case.
async fn listed(office: &Office, place: &Place, to: Option<PersonId>) -> Result<CaseMessages, Failure> {
    let mut tx = office.database.read().await?;
    // The host named here vouches for its own cases only.
    let found = messages::of_case(&mut tx, place.case, (&place.agency, &place.service), to, LIMIT).await?;
    if found.is_empty() {
        return Ok(CaseMessages::default());
    }
    let agency_key = office.keys.agency(&place.agency)?;
    let Some(key) = messages::existing_key(&mut tx, place.case, &agency_key).await? else {
        return Ok(CaseMessages::default());
    };
    let mut listed = Vec::with_capacity(found.len());
    for message in &found {
        listed.push(show(&mut tx, message, &key, to.is_some()).await?);
    }
    Ok(CaseMessages { messages: listed })
}

async fn show(tx: &mut sql::Tx, message: &Message, key: &CaseKey, own: bool) -> Result<CaseMessage, Failure> {
    let deliveries = deliveries::of_message(tx, message.id).await?;
    let letter = messages::open(message, key)?;
    Ok(CaseMessage {
        message_id: message.id.to_vec(),
        title: letter.title,
        body: if own { letter.body } else { String::new() },
        time_us: message.time.micros(),
        class: class_name(message.weight.class).to_owned(),
        channels: shown::channels(&deliveries),
    })
}

async fn note(office: &Office, person: &Person, case: CaseId, act: &str, agency: &str) -> Result<(), Failure> {
    let mut tx = office.database.begin().await?;
    let act = sql::audit::Act {
        time: office.clock.now(),
        actor: Some(person.actor),
        service_actor: Some("portal".into()),
        act: act.to_owned(),
        subject: case.to_vec(),
        agency: agency.to_owned(),
        detail: serde_json::json!({"case": case}).to_string(),
        ..sql::audit::Act::default()
    };
    sql::audit::append(&mut tx, &act).await?;
    Ok(tx.commit().await?)
}
