//! Channels in their order: what works ends it, what fails hands over, what is lost is repeated or left.

use std::{collections::VecDeque, sync::Mutex};

use async_trait::async_trait;
use kernel::{CaseId, Clock, MessageId, PersonId};

use super::*;
use crate::{
    bus::{
        Reach,
        tests::{CITIZEN, World, worlds},
    },
    channels::Carrier,
    domain::text::Letter,
};

/// A carrier that does what a test tells it to do, and keeps what it was given.
struct Scripted {
    outcomes: Mutex<VecDeque<Outcome>>,
    fate: Mutex<Fate>,
    given: Mutex<Vec<String>>,
}

impl Scripted {
    fn new(outcomes: impl IntoIterator<Item = Outcome>) -> Arc<Self> {
        let outcomes = Mutex::new(outcomes.into_iter().collect());
        Arc::new(Self { outcomes, fate: Mutex::new(Fate::Pending), given: Mutex::default() })
    }
}

#[async_trait]
impl Carrier for Scripted {
    async fn send(&self, _id: MessageId, letter: &Letter, _reach: &Reach) -> Outcome {
        self.given.lock().unwrap().push(letter.short.clone());
        self.outcomes.lock().unwrap().pop_front().unwrap()
    }

    async fn fate(&self, _gateway_id: &str) -> Result<Fate, Failure> {
        Ok(*self.fate.lock().unwrap())
    }
}

struct Anybody;

#[async_trait]
impl Contacts for Anybody {
    async fn of(&self, _person: PersonId, _case: CaseId) -> Result<Reach, Failure> {
        Ok(Reach::default())
    }
}

async fn turn(world: &World, carriers: &Carriers) {
    round(&world.office, carriers, &Anybody).await.unwrap();
    world.clock.advance(Duration::from_secs(1_801));
}

async fn standing(world: &World, channel: &str) -> Option<String> {
    let inbox = world.inbox(CITIZEN, "", 0).await;
    inbox.messages[0].delivery.get(channel).cloned()
}

fn carriers(sms: &Arc<Scripted>, email: &Arc<Scripted>) -> Carriers {
    Carriers { sms: Some(sms.clone()), email: Some(email.clone()) }
}

#[tokio::test]
async fn what_the_first_channel_delivers_the_second_does_not_send() {
    for world in worlds().await {
        let sms = Scripted::new([Outcome::Postponed, Outcome::Accepted(Some("7".into()))]);
        let email = Scripted::new([]);
        let carriers = carriers(&sms, &email);
        world.send(1, "JUS-1").await.unwrap();
        turn(&world, &carriers).await;
        assert_eq!(standing(&world, "sms").await.as_deref(), Some("queued"));
        turn(&world, &carriers).await;
        assert_eq!(standing(&world, "sms").await.as_deref(), Some("sent"));
        *sms.fate.lock().unwrap() = Fate::Delivered;
        turn(&world, &carriers).await;
        turn(&world, &carriers).await;
        assert_eq!(standing(&world, "sms").await.as_deref(), Some("delivered"));
        assert_eq!(standing(&world, "email").await, None);
        assert_eq!(*sms.given.lock().unwrap(), ["Ariza JUS-1 tayyor.", "Ariza JUS-1 tayyor."]);
    }
}

#[tokio::test]
async fn a_refused_or_undelivered_text_message_goes_by_mail() {
    for world in worlds().await {
        for undelivered in [false, true] {
            let first = if undelivered { Outcome::Accepted(Some("7".into())) } else { Outcome::Refused };
            let sms = Scripted::new([first]);
            *sms.fate.lock().unwrap() = Fate::Undelivered;
            let email = Scripted::new([Outcome::Accepted(None)]);
            let carriers = carriers(&sms, &email);
            world.send(u8::from(undelivered) + 1, "JUS-1").await.unwrap();
            for _ in 0..3 {
                turn(&world, &carriers).await;
            }
            assert_eq!(standing(&world, "sms").await.as_deref(), Some("failed"));
            assert_eq!(standing(&world, "email").await.as_deref(), Some("sent"));
            assert_eq!(email.given.lock().unwrap().len(), 1);
        }
    }
}

#[tokio::test]
async fn a_delivery_whose_sender_died_is_taken_up_after_its_lease() {
    for world in worlds().await {
        world.send(1, "JUS-1").await.unwrap();
        let now = world.clock.now();
        let mut tx = world.office.database.begin().await.unwrap();
        let due = deliveries::due(&mut tx, now, 10).await.unwrap();
        assert!(deliveries::claim(&mut tx, &due[0], State::Sending, now.plus(LEASE)).await.unwrap());
        assert!(!deliveries::claim(&mut tx, &due[0], State::Sending, now.plus(LEASE)).await.unwrap());
        tx.commit().await.unwrap();
        let sms = Scripted::new([Outcome::Accepted(None)]);
        let carriers = carriers(&sms, &Scripted::new([]));
        turn(&world, &carriers).await;
        assert!(sms.given.lock().unwrap().is_empty());
        turn(&world, &carriers).await;
        turn(&world, &carriers).await;
        assert_eq!(standing(&world, "sms").await.as_deref(), Some("sent"));
    }
}
