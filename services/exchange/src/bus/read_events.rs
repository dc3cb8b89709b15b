//! Tells a host what was announced and begins cases of its service: its own agency's events, and others' under a Grant that gives them.

use bus::Call;
use kernel::{Failure, sealed::CaseKey};
use proto::exchange::v1::{AnnouncedEvent, Events, ReadEventsRequest};
use serde_json::json;
use sql::audit;

use crate::{
    Exchange,
    domain::grant,
    store::{
        self,
        events::{self, Kept},
    },
};

/// The most of one answer, which the bus carries.
const TOGETHER_MAX: i32 = 16;

pub async fn handle(exchange: &Exchange, call: Call<ReadEventsRequest>) -> Result<Events, Failure> {
    let ReadEventsRequest { agency, service, owner, name, after, limit } = &call.request;
    for token in [service, owner, name] {
        bus::subject::token(token)?;
    }
    if *agency != call.agency {
        return Err(Failure::forbidden("exchange.other-agency", "A request speaks for its own agency only."));
    }
    let now = exchange.clock.now();
    let mut tx = exchange.database.quietly().read().await?;
    if owner != agency {
        let in_force = grant::in_force(store::grants::all(&mut tx).await?, now);
        if !in_force.iter().any(|version| version.agency == *owner && version.tells(agency, service, name)) {
            let message =
                "The agency has not granted this event to the service. Ask it for a Grant that names it in `events`.";
            return Err(Failure::forbidden("exchange.no-grant", message));
        }
    }
    let last = events::last(&mut tx, owner, name).await?;
    if *after < 0 || *after >= last {
        return Ok(Events { events: Vec::new(), last });
    }
    let limit = i64::from((*limit).clamp(1, TOGETHER_MAX));
    let kept = events::after(&mut tx, owner, name, *after, limit).await?;
    drop(tx);
    let told = kept.into_iter().map(|event| told(exchange, event)).collect::<Result<Vec<_>, _>>()?;
    if !told.is_empty() {
        let act = audit::Act {
            time: now,
            service_actor: Some(call.caller.clone()),
            act: "event.told".into(),
            subject: Vec::new(),
            agency: owner.clone(),
            detail: json!({"event": name, "to": agency, "service": service, "count": told.len()}).to_string(),
            ..audit::Act::default()
        };
        let mut tx = exchange.database.begin().await?;
        audit::append(&mut tx, &act).await?;
        tx.commit().await?;
    }
    Ok(Events { events: told, last })
}

fn told(exchange: &Exchange, event: Kept) -> Result<AnnouncedEvent, Failure> {
    let data = match &event.sealed {
        Some((key, content)) => CaseKey::unwrap(&exchange.data_key, key)?.open(content, event.id.as_bytes())?,
        None => Vec::new(),
    };
    Ok(AnnouncedEvent {
        place: event.place,
        id: event.id,
        time_us: event.taken.micros(),
        data,
        gone: event.sealed.is_none(),
    })
}
