//! Carries queued messages out, asks for their fate, and lets the next channel take over where one fails.

use std::{sync::Arc, time::Duration};

use kernel::{Failure, Time};
use tokio_util::sync::CancellationToken;

use crate::{
    bus::{Contacts, Office},
    channels::Carriers,
    domain::delivery::{FATE_MAX, Fate, Next, Outcome, State, after, pause},
    store::{
        deliveries::{self, Delivery},
        messages::{self, Message},
    },
};

const ROUND: Duration = Duration::from_secs(1);
const BATCH: i64 = 64;
/// Longer than any carrier's patience: after it a sender is taken for dead.
const LEASE: Duration = Duration::from_secs(60);

pub async fn run(
    office: Office,
    carriers: Arc<Carriers>,
    contacts: Arc<dyn Contacts>,
    shutdown: CancellationToken,
) -> Result<(), Failure> {
    while !shutdown.is_cancelled() {
        round(&office, &carriers, &*contacts).await?;
        let next = office.clock.now().plus(ROUND);
        tokio::select! {
            () = office.clock.sleep_until(next) => {}
            () = office.wake.notified() => {}
            () = shutdown.cancelled() => {}
        }
    }
    Ok(())
}

/// One look at everything that is due; one delivery's failure does not stop the others.
pub async fn round(office: &Office, carriers: &Carriers, contacts: &dyn Contacts) -> Result<(), Failure> {
    let mut tx = office.database.read().await?;
    let due = deliveries::due(&mut tx, office.clock.now(), BATCH).await?;
    drop(tx);
    for delivery in due {
        let outcome = match delivery.state {
            State::Sent => follow(office, carriers, &delivery).await,
            _ => carry(office, carriers, contacts, &delivery).await,
        };
        if let Err(failure) = outcome {
            tracing::warn!(message = %delivery.message, channel = delivery.channel, code = %failure.code, ?failure, "a delivery will be tried again");
        }
    }
    Ok(())
}

async fn carry(office: &Office, carriers: &Carriers, contacts: &dyn Contacts, seen: &Delivery) -> Result<(), Failure> {
    let now = office.clock.now();
    let mut tx = office.database.begin().await?;
    let message = messages::find(&mut tx, seen.message).await?;
    let claimed = deliveries::claim(&mut tx, seen, State::Sending, now.plus(LEASE)).await?;
    let Some(message) = message.filter(|_| claimed) else { return Ok(()) };
    tx.commit().await?;
    // A sender died while sending: whether the message left is unknown.
    let outcome = match seen.state {
        State::Sending => Outcome::Lost,
        _ => hand_over(office, carriers, contacts, seen, &message).await.unwrap_or_else(|failure| {
            tracing::warn!(message = %seen.message, code = %failure.code, ?failure, "a message could not be handed over");
            Outcome::Postponed
        }),
    };
    let now = office.clock.now();
    let mut delivery = Delivery { tries: seen.tries + 1, ..seen.clone() };
    match after(&outcome, seen.tries, message.once, now) {
        Next::Again(at) => (delivery.state, delivery.next) = (State::Queued, at.micros()),
        Next::Sent(ask) => {
            delivery.state = State::Sent;
            delivery.sent = now.micros();
            delivery.next = ask.map_or(0, Time::micros);
            if let Outcome::Accepted(id) = outcome {
                delivery.gateway_id = id;
            }
        }
        Next::Fallback => (delivery.state, delivery.next) = (State::Failed, 0),
        Next::Unknown => (delivery.state, delivery.next) = (State::Unknown, 0),
    }
    settle(office, &delivery).await
}

async fn hand_over(
    office: &Office,
    carriers: &Carriers,
    contacts: &dyn Contacts,
    delivery: &Delivery,
    message: &Message,
) -> Result<Outcome, Failure> {
    let Some(carrier) = carriers.of(&delivery.channel) else { return Ok(Outcome::Refused) };
    let reach = match contacts.of(message.recipient, message.case).await {
        Ok(reach) => reach,
        Err(failure) if failure.kind.retry() => return Ok(Outcome::Postponed),
        Err(_) => return Ok(Outcome::Refused),
    };
    let agency_key = office.keys.agency(&message.agency)?;
    let mut tx = office.database.read().await?;
    let key = messages::existing_key(&mut tx, message.case, &agency_key).await?;
    drop(tx);
    // The case was erased before its message left: nothing is left to say.
    let Some(key) = key else { return Ok(Outcome::Refused) };
    let letter = messages::open(message, &key)?;
    Ok(carrier.send(message.id, &letter, &reach).await)
}

/// Asks what became of a message that a gateway took.
async fn follow(office: &Office, carriers: &Carriers, seen: &Delivery) -> Result<(), Failure> {
    let now = office.clock.now();
    let (Some(carrier), Some(id)) = (carriers.of(&seen.channel), &seen.gateway_id) else { return Ok(()) };
    let fate = carrier.fate(id).await.unwrap_or(Fate::Pending);
    let mut delivery = Delivery { tries: seen.tries + 1, ..seen.clone() };
    match fate {
        Fate::Delivered => (delivery.state, delivery.next) = (State::Delivered, 0),
        Fate::Undelivered => (delivery.state, delivery.next) = (State::Failed, 0),
        Fate::Pending if now.since(Time::from_micros(seen.sent)) >= FATE_MAX => delivery.next = 0,
        Fate::Pending => delivery.next = now.plus(pause(delivery.tries)).micros(),
    }
    settle(office, &delivery).await
}

/// Writes what came of a channel, and starts the next one where it failed.
async fn settle(office: &Office, delivery: &Delivery) -> Result<(), Failure> {
    let mut tx = office.database.begin().await?;
    deliveries::update(&mut tx, delivery).await?;
    let others = deliveries::of_message(&mut tx, delivery.message).await?;
    let reserve = others.into_iter().find(|other| other.state == State::Reserve && other.place > delivery.place);
    match (delivery.state, reserve) {
        (State::Failed, Some(mut next)) => {
            (next.state, next.next) = (State::Queued, office.clock.now().micros());
            deliveries::update(&mut tx, &next).await?;
            office.wake.notify_one();
        }
        (State::Failed, None) => {
            tracing::warn!(code = "notification.undelivered", message = %delivery.message, channel = delivery.channel, "a message reached its recipient's inbox only");
        }
        (State::Delivered, Some(mut next)) => {
            next.state = State::Unneeded;
            deliveries::update(&mut tx, &next).await?;
        }
        _ => {}
    }
    tx.commit().await?;
    Ok(())
}

#[cfg(test)]
mod tests;
