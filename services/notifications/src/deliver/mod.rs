//! Carries queued messages out when their turn has come, asks for their fate, and lets the next channel take over where one
//! fails.

mod rules;

use std::{sync::Arc, time::Duration};

use boot::metrics::SMS_SEGMENTS;
use kernel::{Failure, Hash, Time, segments::Segments};
use tokio_util::sync::CancellationToken;

pub use rules::{Rules, Texting};

use crate::{
    bus::{Office, Reach},
    channels::Carriers,
    domain::{
        delivery::{FATE_MAX, Fate, Next, Note, Outcome, State, after, pause},
        turn::{Turn, turn},
    },
    store::{
        deliveries::{self, Delivery},
        messages::{self, Message},
        preferences, returned_mail,
        text_messages::{self, Try},
    },
};

const ROUND: Duration = Duration::from_secs(1);
const BATCH: usize = 64;
/// Longer than any carrier's patience: after it a sender is taken for dead.
const LEASE: Duration = Duration::from_secs(60);
/// How often what counts for nothing any more is forgotten.
const SWEEP: Duration = Duration::from_secs(3_600);

/// What carries messages out.
pub struct Sender {
    pub office: Office,
    pub carriers: Carriers,
    pub rules: Rules,
}

/// What came of handing a message over.
struct Handed {
    outcome: Outcome,
    /// Of a text message that was offered to the gateway: how long it was.
    segments: Option<Segments>,
    /// Of a letter whose return is told: where it was sent to, by a hash.
    address: Option<Hash>,
}

impl From<Outcome> for Handed {
    fn from(outcome: Outcome) -> Self {
        Self { outcome, segments: None, address: None }
    }
}

pub async fn run(sender: Arc<Sender>, shutdown: CancellationToken) -> Result<(), Failure> {
    let office = &sender.office;
    let mut swept: Option<Time> = None;
    while !shutdown.is_cancelled() {
        let now = office.clock.now();
        if swept.is_none_or(|last| now.since(last) >= SWEEP) {
            let mut tx = office.database.begin().await?;
            text_messages::forget(&mut tx, now).await?;
            returned_mail::forget(&mut tx, now).await?;
            tx.commit().await?;
            swept = Some(now);
        }
        // In the morning everything that waited is due at once: there is no pause while there is more.
        if sender.round().await? == BATCH {
            continue;
        }
        let next = office.clock.now().plus(ROUND);
        tokio::select! {
            () = office.clock.sleep_until(next) => {}
            () = office.wake.notified() => {}
            () = shutdown.cancelled() => {}
        }
    }
    Ok(())
}

impl Sender {
    /// One look at what is due, and how many that was; one delivery's failure does not stop the others.
    pub async fn round(&self) -> Result<usize, Failure> {
        let mut tx = self.office.database.read().await?;
        let due = deliveries::due(&mut tx, self.office.clock.now(), BATCH).await?;
        drop(tx);
        for delivery in &due {
            let outcome = match delivery.state {
                State::Sent => self.follow(delivery).await,
                _ => self.carry(delivery).await,
            };
            if let Err(failure) = outcome {
                tracing::warn!(message = %delivery.message, channel = delivery.channel, code = %failure.code, ?failure, "a delivery will be tried again");
            }
        }
        Ok(due.len())
    }

    async fn carry(&self, seen: &Delivery) -> Result<(), Failure> {
        let Some(message) = self.claim(seen).await? else { return Ok(()) };
        let handed = match seen.state {
            // A sender died while sending: whether the message left is unknown.
            State::Sending => Outcome::Lost.into(),
            _ => self.hand_over(seen, &message).await.unwrap_or_else(|failure| {
                tracing::warn!(message = %seen.message, code = %failure.code, ?failure, "a message could not be handed over");
                Outcome::Postponed.into()
            }),
        };
        self.conclude(seen, &message, handed).await
    }

    /// Takes a delivery up. `None`: somebody else has it, its turn has not come, or nobody wants it there.
    async fn claim(&self, seen: &Delivery) -> Result<Option<Message>, Failure> {
        let now = self.office.clock.now();
        let mut tx = self.office.database.begin().await?;
        let message = messages::find(&mut tx, seen.message).await?;
        let claimed = deliveries::claim(&mut tx, seen, State::Sending, now.plus(LEASE)).await?;
        let Some(message) = message.filter(|_| claimed) else { return Ok(None) };
        let turn = match seen.state {
            State::Queued => {
                let wanted = preferences::of(&mut tx, message.recipient).await?;
                turn(message.weight, &seen.channel, wanted, self.rules.quiet, now)
            }
            _ => Turn::Now,
        };
        match turn {
            Turn::Now => {}
            Turn::Later(morning) => {
                let waits = Delivery { next: morning.micros(), note: Note::Quiet, ..seen.clone() };
                deliveries::update(&mut tx, &waits).await?;
            }
            Turn::Unwanted => {
                let over = Delivery { state: State::Unneeded, next: 0, note: Note::Unwanted, ..seen.clone() };
                settle(&mut tx, &self.office, &over).await?;
            }
        }
        tx.commit().await?;
        Ok((turn == Turn::Now).then_some(message))
    }

    async fn hand_over(&self, delivery: &Delivery, message: &Message) -> Result<Handed, Failure> {
        let Some(carrier) = self.carriers.of(&delivery.channel) else { return Ok(Outcome::Refused.into()) };
        let reach = match self.office.contacts.of(message.recipient, Some(message.case)).await {
            Ok(reach) => reach,
            Err(failure) if failure.kind.retry() => return Ok(Outcome::Postponed.into()),
            Err(_) => return Ok(Outcome::Refused.into()),
        };
        let agency_key = self.office.keys.agency(&message.agency)?;
        let mut tx = self.office.database.read().await?;
        let key = messages::existing_key(&mut tx, message.case, &agency_key).await?;
        drop(tx);
        // The case was erased before its message left: nothing is left to say.
        let Some(key) = key else { return Ok(Outcome::Refused.into()) };
        let letter = messages::open(message, &key)?;
        let address = self.remembered(delivery, &reach);
        if let Some(address) = address
            && self.comes_back(message, address).await?
            && self.has_another(delivery, message, &reach).await?
        {
            return Ok(Outcome::Passed(Note::Unreachable).into());
        }
        let texting = self.rules.texting.as_ref().filter(|_| delivery.channel == "sms");
        if let Some(texting) = texting
            && let Some(free) = self.count(texting, delivery, &reach).await?
        {
            // What is urgent does not wait for a number while there is another way.
            let passed = message.weight.urgent && self.has_another(delivery, message, &reach).await?;
            let outcome = if passed { Outcome::Passed(Note::Limit) } else { Outcome::Limited(free) };
            return Ok(outcome.into());
        }
        let outcome = carrier.send(message.id, &letter, &reach).await;
        Ok(Handed { outcome, segments: texting.map(|_| Segments::of(&letter.short)), address })
    }

    /// Under which the address of a letter is remembered, where what comes back is told.
    fn remembered(&self, delivery: &Delivery, reach: &Reach) -> Option<Hash> {
        let returns = self.office.returns.as_ref().filter(|_| delivery.channel == "email")?;
        Some(returns.path.remembered(reach.email.reveal()))
    }

    /// Whether letters to this address came back, so often that the next one will.
    async fn comes_back(&self, message: &Message, address: Hash) -> Result<bool, Failure> {
        let Some(returns) = &self.office.returns else { return Ok(false) };
        let mut tx = self.office.database.read().await?;
        let now = self.office.clock.now();
        returned_mail::is_unreachable(&mut tx, message.recipient, address, returns.enough, now).await
    }

    /// Whether a channel takes over that will do: it has a way out, the person can be reached by it and has not switched it off.
    async fn has_another(&self, delivery: &Delivery, message: &Message, reach: &Reach) -> Result<bool, Failure> {
        let mut tx = self.office.database.read().await?;
        let Some(next) = deliveries::reserve(&mut tx, delivery).await? else { return Ok(false) };
        let wanted = preferences::of(&mut tx, message.recipient).await?;
        drop(tx);
        let turn = turn(message.weight, &next.channel, wanted, self.rules.quiet, self.office.clock.now());
        if turn == Turn::Unwanted || self.carriers.of(&next.channel).is_none() || !reach.has(&next.channel) {
            return Ok(false);
        }
        match self.remembered(&next, reach) {
            Some(address) => Ok(!self.comes_back(message, address).await?),
            None => Ok(true),
        }
    }

    /// Counts a text message before it leaves; `Some`: its number had its share until then.
    async fn count(&self, texting: &Texting, delivery: &Delivery, reach: &Reach) -> Result<Option<Time>, Failure> {
        let Some(number) = texting.counted(reach.phone.reveal()) else { return Ok(None) };
        let mut tx = self.office.database.begin().await?;
        let tried = Try { message: delivery.message, number, attempt: delivery.tries };
        let free = text_messages::count(&mut tx, tried, texting.limits, self.office.clock.now()).await?;
        tx.commit().await?;
        Ok(free)
    }

    async fn conclude(&self, seen: &Delivery, message: &Message, handed: Handed) -> Result<(), Failure> {
        let now = self.office.clock.now();
        let Handed { outcome, segments, address } = handed;
        let note = if let Outcome::Passed(why) = outcome { why } else { Note::None };
        let address = address.or(seen.address);
        let mut delivery = Delivery { tries: seen.tries + 1, note, address, ..seen.clone() };
        match after(&outcome, seen.tries, message.once, now) {
            Next::Again(at) => (delivery.state, delivery.next) = (State::Queued, at.micros()),
            Next::Wait(at) => {
                (delivery.state, delivery.next) = (State::Queued, at.micros());
                (delivery.tries, delivery.note) = (seen.tries, Note::Limit);
            }
            Next::Sent(ask) => {
                delivery.state = State::Sent;
                delivery.sent = now.micros();
                delivery.next = ask.map_or(0, Time::micros);
                if let Outcome::Accepted(id) = &outcome {
                    delivery.gateway_id.clone_from(id);
                }
            }
            Next::Fallback => {
                (delivery.state, delivery.next, delivery.settled) = (State::Failed, 0, now.micros());
            }
            Next::Unknown => (delivery.state, delivery.next) = (State::Unknown, 0),
        }
        let mut tx = self.office.database.begin().await?;
        let billed = segments.filter(|_| matches!(outcome, Outcome::Accepted(_)));
        if let Some(billed) = billed {
            let price = self.rules.texting.as_ref().and_then(|texting| texting.price);
            text_messages::spend(&mut tx, &message.agency, &message.service, billed, price, now).await?;
        }
        if segments.is_some() && matches!(outcome, Outcome::Refused | Outcome::Postponed) {
            text_messages::uncount(&mut tx, message.id, seen.tries).await?;
        }
        settle(&mut tx, &self.office, &delivery).await?;
        tx.commit().await?;
        if let Some(billed) = billed {
            SMS_SEGMENTS.add(&[billed.coding.as_str()], billed.count);
        }
        Ok(())
    }

    /// Asks what became of a message that a gateway took.
    async fn follow(&self, seen: &Delivery) -> Result<(), Failure> {
        let now = self.office.clock.now();
        let fate = match (self.carriers.of(&seen.channel), &seen.gateway_id) {
            (Some(carrier), Some(id)) => carrier.fate(id).await.unwrap_or(Fate::Pending),
            // A gateway that was taken away says nothing. Due all the time, what it took would keep everything else waiting.
            _ => Fate::Pending,
        };
        let mut delivery = Delivery { tries: seen.tries + 1, ..seen.clone() };
        match fate {
            Fate::Delivered => (delivery.state, delivery.next, delivery.settled) = (State::Delivered, 0, now.micros()),
            Fate::Undelivered => (delivery.state, delivery.next, delivery.settled) = (State::Failed, 0, now.micros()),
            Fate::Pending if now.since(Time::from_micros(seen.sent)) >= FATE_MAX => delivery.next = 0,
            Fate::Pending => delivery.next = now.plus(pause(delivery.tries)).micros(),
        }
        let mut tx = self.office.database.begin().await?;
        settle(&mut tx, &self.office, &delivery).await?;
        Ok(tx.commit().await?)
    }
}

/// Writes what came of a channel, and starts the next one where it failed or is not wanted.
async fn settle(tx: &mut sql::Tx, office: &Office, delivery: &Delivery) -> Result<(), Failure> {
    deliveries::update(tx, delivery).await?;
    hand_on(tx, office, delivery).await
}

/// Starts the next channel where one failed or is not wanted.
pub async fn hand_on(tx: &mut sql::Tx, office: &Office, delivery: &Delivery) -> Result<(), Failure> {
    let reserve = deliveries::reserve(tx, delivery).await?;
    match (delivery.state, delivery.note, reserve) {
        (State::Failed, _, Some(mut next)) | (_, Note::Unwanted, Some(mut next)) => {
            (next.state, next.next) = (State::Queued, office.clock.now().micros());
            deliveries::update(tx, &next).await?;
            office.wake.notify_one();
        }
        (State::Failed, _, None) => {
            tracing::warn!(code = "notification.undelivered", message = %delivery.message, channel = delivery.channel, "a message reached its recipient's inbox only");
        }
        (State::Delivered, _, Some(mut next)) => {
            next.state = State::Unneeded;
            deliveries::update(tx, &next).await?;
        }
        _ => {}
    }
    Ok(())
}

#[cfg(test)]
mod tests;
