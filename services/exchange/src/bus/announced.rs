//! Takes what an agency's own system announces, in the agency's own account: bounded, once under its id, with a receipt. Which cases it
//! begins, the hosts of e-services know, and read it from here.

use std::{sync::Arc, time::Duration};

use ::bus::subject;
use async_nats::{HeaderMap, Message};
use boot::Kit;
use futures::StreamExt;
use kernel::{ErrorKind, Failure, Hash, Time, sealed::CaseKey};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use sql::audit;

use crate::{
    Exchange,
    store::{
        self,
        events::{self, New},
    },
};

/// Where an agency's own system announces, within its own account.
pub const SUBJECT: &str = "announce";
/// Longest message.
const BYTES_MAX: usize = 48 * 1024;
/// Longest content: what begins a case is a few values.
const CONTENT_MAX: usize = 32 * 1024;
const ID_MAX: usize = 100;
/// Of one agency.
const PER_MINUTE: u32 = 600;
/// Before another try to listen.
const PAUSE: Duration = Duration::from_secs(1);

/// CloudEvents 1.0, as JSON; other attributes are the agency's own.
#[derive(Deserialize)]
struct CloudEvent {
    specversion: String,
    id: String,
    #[serde(rename = "type")]
    name: String,
    data: Map<String, Value>,
}

pub fn run(kit: &Kit, exchange: &Arc<Exchange>) {
    let (exchange, shutdown) = (exchange.clone(), kit.shutdown.clone());
    kit.spawn("announced", move || {
        let (exchange, shutdown) = (exchange.clone(), shutdown.clone());
        async move {
            tokio::select! {
                () = shutdown.cancelled() => Ok(()),
                () = listen(&exchange) => Ok(()),
            }
        }
    });
}

async fn listen(exchange: &Exchange) {
    loop {
        let heard = exchange.bus.client().queue_subscribe(format!("{SUBJECT}.*"), "exchange".to_owned()).await;
        match heard {
            Ok(mut heard) => {
                while let Some(message) = heard.next().await {
                    answer(exchange, message).await;
                }
            }
            Err(error) => tracing::warn!(%error, "agencies' events are not heard now"),
        }
        tokio::time::sleep(PAUSE).await;
    }
}

async fn answer(exchange: &Exchange, message: Message) {
    let agency = message.subject.as_str().strip_prefix(SUBJECT).and_then(|rest| rest.strip_prefix('.'));
    let agency = agency.unwrap_or_default().to_owned();
    let outcome = take(exchange, &agency, &message.payload).await;
    if let Err(failure) = &outcome {
        tracing::warn!(%agency, ?failure, "an event was not taken");
    }
    let Some(reply) = message.reply else { return };
    let (headers, body) = receipt(&outcome);
    if let Err(error) = exchange.bus.client().publish_with_headers(reply, headers, body.into()).await {
        tracing::info!(%agency, %error, "a receipt could not be sent: the agency announces it again");
    }
}

/// Keeps it, unless it was kept before; the same again gets the same receipt.
pub async fn take(exchange: &Exchange, agency: &str, body: &[u8]) -> Result<Value, Failure> {
    subject::token(agency)?;
    let event = read(body)?;
    let content = Value::Object(event.data).to_string().into_bytes();
    if content.len() > CONTENT_MAX {
        return Err(wrong("`data` is longer than 32 KiB: announce what begins a case, and nothing else."));
    }
    if !exchange.counts(Hash::of_parts(&[b"announced", agency.as_bytes()]), PER_MINUTE) {
        let message = "The agency announces too much in this minute. Announce it again in the next one.";
        return Err(Failure::new(ErrorKind::TooMany, "exchange.event-rate", message));
    }
    let hash = Hash::of_parts(&[b"announced", event.name.as_bytes(), &content]);
    // Another try of the same may be kept at this moment: then it is known at the second look.
    for _ in 0..2 {
        let mut tx = exchange.database.read().await?;
        if store::resources::agency(&mut tx, agency).await?.is_none() {
            return Err(Failure::forbidden("exchange.event-agency", "The agency has ended, or is not known."));
        }
        let known = events::known(&mut tx, agency, &event.id).await?;
        drop(tx);
        match known {
            Some((kept, at)) if kept == hash => return Ok(taken(&event.id, at)),
            Some(_) => {
                let message = "Another event was announced under this `id`. Give each event an id of its own.";
                return Err(Failure::conflict("exchange.event-other", message));
            }
            None => {}
        }
        let named = (event.name.as_str(), event.id.as_str());
        if let Some(at) = keep(exchange, agency, named, hash, &content).await? {
            return Ok(taken(&event.id, at));
        }
    }
    Err(Failure::unavailable("exchange.event-busy", "The event could not be kept now. Announce it again."))
}

/// When it was kept; none: its id was taken at this moment.
async fn keep(
    exchange: &Exchange,
    agency: &str,
    (name, id): (&str, &str),
    hash: Hash,
    content: &[u8],
) -> Result<Option<Time>, Failure> {
    let at = exchange.clock.now();
    let key = CaseKey::generate(&*exchange.random);
    let new = New {
        agency,
        name,
        id,
        hash,
        wrapped_key: key.wrap(&exchange.data_key, &*exchange.random),
        content: key.seal(content, id.as_bytes(), &*exchange.random),
        at,
    };
    let mut tx = exchange.database.begin().await?;
    let era = sql::recovery::era(&mut tx).await?;
    if !events::add(&mut tx, &new, era).await? {
        tx.rollback().await?;
        return Ok(None);
    }
    let act = audit::Act {
        time: at,
        service_actor: Some(agency.to_owned()),
        act: "event.announced".into(),
        subject: hash.to_vec(),
        agency: agency.to_owned(),
        detail: json!({"event": name}).to_string(),
        ..audit::Act::default()
    };
    audit::append(&mut tx, &act).await?;
    tx.commit().await?;
    Ok(Some(at))
}

fn wrong(why: &str) -> Failure {
    Failure::invalid("exchange.event-form", why)
}

fn read(body: &[u8]) -> Result<CloudEvent, Failure> {
    if body.len() > BYTES_MAX {
        return Err(wrong("The event is longer than 48 KiB."));
    }
    // The parser's own words could repeat a value.
    let event: CloudEvent = serde_json::from_slice(body).map_err(|_| {
        wrong("An event is CloudEvents 1.0 as JSON: `specversion`, `id`, `type`, and `data` as an object.")
    })?;
    let character = |c: char| c.is_ascii_alphanumeric() || "._:-".contains(c);
    if event.specversion != "1.0" {
        return Err(wrong("`specversion` is `1.0`."));
    }
    if event.id.is_empty() || event.id.len() > ID_MAX || !event.id.chars().all(character) {
        return Err(wrong("`id` has 1 to 100 letters, digits, dots, colons, hyphens and underscores."));
    }
    if event.name.len() > ID_MAX || subject::token(&event.name).is_err() {
        return Err(wrong("`type` is the name of the event: small letters, digits and hyphens."));
    }
    Ok(event)
}

fn taken(id: &str, at: Time) -> Value {
    json!({"id": id, "outcome": "taken", "taken": at.to_string()})
}

/// As NATS services answer: a refusal has its number and text in the headers, and its code in the body, too.
fn receipt(outcome: &Result<Value, Failure>) -> (HeaderMap, String) {
    let mut headers = HeaderMap::new();
    match outcome {
        Ok(receipt) => (headers, receipt.to_string()),
        Err(failure) => {
            let number = match failure.kind {
                ErrorKind::TooMany => "429",
                kind if kind.retry() => "503",
                ErrorKind::Conflict => "409",
                ErrorKind::Forbidden => "403",
                _ => "400",
            };
            headers.insert(async_nats::service::NATS_SERVICE_ERROR, failure.message.as_str());
            headers.insert(async_nats::service::NATS_SERVICE_ERROR_CODE, number);
            let refused = json!({"outcome": "refused", "code": failure.code, "message": failure.message});
            (headers, refused.to_string())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(event: &Value) -> Option<String> {
        read(event.to_string().as_bytes()).err().map(|failure| failure.code.into_owned())
    }

    #[test]
    fn an_event_is_a_cloud_event_with_an_id_and_a_name_that_are_parts_of_an_address() {
        let right = json!({"specversion": "1.0", "id": "birth:2026-7.1", "type": "child-born", "source": "/births",
            "data": {"mother": "Karimova"}});
        assert_eq!(code(&right), None);
        for (field, value) in [
            ("specversion", json!("0.3")),
            ("id", json!("")),
            ("id", json!("Karimova Nilufar")),
            ("id", json!("x".repeat(101))),
            ("type", json!("child.born")),
            ("type", json!("*")),
            ("type", json!("")),
            ("data", json!("Karimova")),
            ("data", Value::Null),
            ("data", json!({"mother": "Karimova".repeat(7_000)})),
        ] {
            let mut wrong = right.clone();
            wrong[field] = value;
            let refused = read(wrong.to_string().as_bytes()).err().unwrap();
            assert_eq!(refused.code, "exchange.event-form", "{field}");
            assert!(!refused.message.contains("Karimova"), "{field}");
        }
    }

    #[test]
    fn a_receipt_names_the_id_and_a_refusal_its_code() {
        let (headers, body) = receipt(&Ok(taken("e-1", Time::from_seconds(0))));
        assert!(headers.is_empty() && body.contains(r#""outcome":"taken""#) && body.contains("e-1"), "{body}");
        let (headers, body) = receipt(&Err(Failure::conflict("exchange.event-other", "Another.")));
        let number = headers.get(async_nats::service::NATS_SERVICE_ERROR_CODE).unwrap();
        assert_eq!(number.as_str(), "409");
        assert!(body.contains("exchange.event-other"), "{body}");
    }
}
