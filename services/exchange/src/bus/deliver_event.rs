//! Hands an event that a service emits to its agency's own system. Done is what the system acknowledged: kept, and never sent again.

use std::time::Duration;

use bus::{Call, header};
use kernel::{Failure, Hash, Time};
use proto::{CaseRef, Empty, exchange::v1::DeliverEventRequest};
use serde_json::{Value, json};
use sql::{Action, answers, audit};

use crate::Exchange;

/// Where an agency's own system listens, within its own account.
pub const SUBJECT: &str = "event";
const LIMIT: Duration = Duration::from_secs(3);

pub async fn handle(exchange: &Exchange, call: Call<DeliverEventRequest>) -> Result<Empty, Failure> {
    let request = &call.request;
    let action = request.action.clone().unwrap_or_default();
    let case = action.case.clone().unwrap_or_default();
    for name in [&request.name, &case.agency, &case.service] {
        bus::subject::token(name)?;
    }
    if case.agency != call.agency {
        return Err(Failure::forbidden("exchange.other-agency", "A request speaks for its own agency only."));
    }
    let id = Hash::from_slice(&action.action_id)?;
    let asked = Action::of_service(&case.agency, &case.service, &action.action_id);
    let mut tx = exchange.database.read().await?;
    let kept = answers::recall(&mut tx, asked, &call.body_hash).await?;
    drop(tx);
    if kept.is_some() {
        return Ok(Empty {});
    }
    send(exchange, &case, cloud_event(request, &case, id)?).await?;
    let now = exchange.clock.now();
    let mut tx = exchange.database.begin().await?;
    match answers::keep(&mut tx, asked, &call.body_hash, &[], now).await {
        Ok(()) => {}
        // Another try of the same was acknowledged at this moment.
        Err(sql::Error::Conflict(_)) => return Ok(Empty {}),
        Err(error) => return Err(error.into()),
    }
    let act = audit::Act {
        time: now,
        service_actor: Some(call.caller.clone()),
        act: "event.taken".into(),
        subject: case.case_id.clone(),
        agency: case.agency.clone(),
        detail: json!({"service": case.service, "event": request.name}).to_string(),
        ..audit::Act::default()
    };
    audit::append(&mut tx, &act).await?;
    tx.commit().await?;
    Ok(Empty {})
}

/// CloudEvents 1.0, as JSON. The id is the same however often it is sent.
fn cloud_event(request: &DeliverEventRequest, case: &CaseRef, id: Hash) -> Result<Value, Failure> {
    let attributes: Value = serde_json::from_slice(&request.attributes)
        .map_err(|_| Failure::invalid("exchange.event", "The attributes of an event are a JSON object."))?;
    Ok(json!({
        "specversion": "1.0",
        "id": id.to_string(),
        "source": format!("/services/{}/{}", case.agency, case.service),
        "type": request.name,
        "time": Time::from_micros(request.time_us).to_string(),
        "datacontenttype": "application/json",
        "data": attributes,
    }))
}

async fn send(exchange: &Exchange, case: &CaseRef, event: Value) -> Result<(), Failure> {
    let body = event.to_string().into_bytes();
    // The agency signs and reads its own subject; ours names the agency, too.
    let mut headers = exchange.bus.sign(SUBJECT, &body, LIMIT);
    headers.insert("Xizmat-Agency", case.agency.as_str());
    headers.insert("Xizmat-Service", case.service.as_str());
    let message = async_nats::Request::new().headers(headers).payload(body.into()).timeout(Some(LIMIT));
    let reply = exchange.bus.client().send_request(format!("{SUBJECT}.{}", case.agency), message).await;
    let unheard = |message: &str| Failure::unavailable("exchange.event-unheard", message);
    let reply = reply.map_err(|error| {
        unheard("The agency's own system does not take events now. It listens to `event` in its account.")
            .with_detail(error)
    })?;
    let headers = reply.headers.unwrap_or_default();
    match header::text(&headers, async_nats::service::NATS_SERVICE_ERROR_CODE) {
        "" => Ok(()),
        _ => Err(unheard("The agency's own system could not take the event.")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_told_as_a_cloud_event_with_nothing_of_the_case_but_its_attributes() {
        let case = CaseRef { agency: "justice".into(), service: "copy".into(), ..CaseRef::default() };
        let request = DeliverEventRequest {
            name: "copy-granted".into(),
            attributes: br#"{"office": "nukus"}"#.to_vec(),
            time_us: 1_795_410_000_000_000,
            ..DeliverEventRequest::default()
        };
        let told = cloud_event(&request, &case, Hash::from_bytes([1; 32])).unwrap();
        assert_eq!((&told["specversion"], &told["type"]), (&json!("1.0"), &json!("copy-granted")));
        assert_eq!((&told["source"], &told["data"]), (&json!("/services/justice/copy"), &json!({"office": "nukus"})));
        assert_eq!(told["id"], json!("01".repeat(32)));
        let wrong = DeliverEventRequest { attributes: b"{".to_vec(), ..request };
        assert_eq!(cloud_event(&wrong, &case, Hash::from_bytes([1; 32])).unwrap_err().code, "exchange.event");
    }
}
