//! `read-intent`: the payer's own view. Another's intent and an unknown one look alike.

use kernel::{Failure, IntentId};
use proto::payments::v1::{IntentView, Provider, ReadIntentRequest};

use super::{Office, reply, standing::may_pay};
use crate::{
    desk::{case_ref, unknown_intent},
    domain::attempt::{Attempt, State},
    store,
};

pub async fn handle(office: &Office, call: bus::Call<ReadIntentRequest>) -> Result<IntentView, Failure> {
    let person = call.person()?;
    let id = IntentId::from_slice(&call.request.intent)?;
    let mut tx = office.database.read().await?;
    let intent = store::intents::find(&mut tx, id).await?;
    drop(tx);
    let intent = intent.ok_or_else(unknown_intent)?;
    if !may_pay(office, &intent, person).await? {
        return Err(unknown_intent());
    }
    let mut tx = office.database.read().await?;
    let attempts = store::attempts::of_intent(&mut tx, id).await?;
    let providers = office.desk.providers.values().map(|provider| Provider {
        name: provider.name().to_owned(),
        title: provider.title().to_owned(),
        trial: provider.trial(),
    });
    Ok(IntentView {
        intent: Some(reply(&intent)),
        providers: providers.collect(),
        attempt: standing(&attempts).to_owned(),
        expires_us: intent.expires.map_or(0, kernel::Time::micros),
        case: Some(case_ref(&intent)),
    })
}

/// What the payer's page has to say: money on its way first, else the newest attempt.
fn standing(attempts: &[Attempt]) -> &'static str {
    let newest = attempts.iter().max_by_key(|attempt| (attempt.state.may_capture(), attempt.created));
    match newest.map(|attempt| attempt.state) {
        Some(State::Created) => "started",
        Some(State::Held) => "held",
        Some(State::Declined) => "declined",
        Some(State::Unknown) => "unknown",
        Some(State::Paid | State::Cancelled | State::Reversed) | None => "none",
    }
}
