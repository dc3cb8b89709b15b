//! Channels in their order and at their time: what works ends it, what fails hands over, what is lost is repeated or left,
//! what can wait for the morning does, and no number is flooded.

use std::{collections::VecDeque, sync::Mutex};

use async_trait::async_trait;
use kernel::{Clock, MessageId};
use proto::notifications::v1::ChannelState;

use super::*;
use crate::{
    bus::tests::{CITIZEN, World, worlds},
    channels::Carrier,
    domain::{limits::Limits, quiet::Quiet, report::Report, text::Letter},
    returns::tests::came_back,
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

    /// Whatever comes.
    fn taking(number: usize) -> Arc<Self> {
        Self::new(std::iter::repeat_n(Outcome::Accepted(None), number))
    }

    fn given(&self) -> usize {
        self.given.lock().unwrap().len()
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

fn sender(world: &World, sms: &Arc<Scripted>, email: &Arc<Scripted>) -> Sender {
    let limits = Limits { per_hour: 2, per_day: 3 };
    Sender {
        office: world.office.clone(),
        carriers: Carriers { sms: Some(sms.clone()), email: Some(email.clone()) },
        rules: Rules {
            quiet: Quiet::default(),
            texting: Some(Texting { limits, price: Some(5_000), numbers_key: [9; 32] }),
        },
    }
}

async fn pass(world: &World, sender: &Sender) {
    sender.round().await.unwrap();
    world.clock.advance(Duration::from_secs(1_801));
}

/// How the newest message stands on a channel.
async fn channel(world: &World, name: &str) -> Option<ChannelState> {
    let inbox = world.inbox(CITIZEN, "", 0).await;
    inbox.messages[0].channels.iter().find(|one| one.channel == name).cloned()
}

async fn standing(world: &World, name: &str) -> Option<String> {
    let state = channel(world, name).await.map(|one| one.state);
    let older = world.inbox(CITIZEN, "", 0).await.messages[0].delivery.get(name).cloned();
    assert_eq!(older, state.clone().filter(|state| state != "off"), "portals of an older release read the same");
    state
}

fn at(text: &str) -> Time {
    text.parse().unwrap()
}

/// A message that left nothing to be done; nothing of it is due any more.
async fn nothing_is_due(world: &World) {
    let mut tx = world.office.database.read().await.unwrap();
    assert!(deliveries::due(&mut tx, Time::from_micros(i64::MAX), 10).await.unwrap().is_empty());
}

#[tokio::test]
async fn what_the_first_channel_delivers_the_second_does_not_send() {
    for world in worlds().await {
        let sms = Scripted::new([Outcome::Postponed, Outcome::Accepted(Some("7".into()))]);
        let sender = sender(&world, &sms, &Scripted::new([]));
        world.send(1, "JUS-1").await.unwrap();
        pass(&world, &sender).await;
        assert_eq!(standing(&world, "sms").await.as_deref(), Some("queued"));
        let taken = world.clock.now().micros();
        pass(&world, &sender).await;
        assert_eq!(standing(&world, "sms").await.as_deref(), Some("sent"));
        *sms.fate.lock().unwrap() = Fate::Delivered;
        let delivered = world.clock.now().micros();
        pass(&world, &sender).await;
        pass(&world, &sender).await;
        assert_eq!(standing(&world, "sms").await.as_deref(), Some("delivered"));
        let receipt = channel(&world, "sms").await.unwrap();
        assert_eq!((receipt.sent_us, receipt.settled_us), (taken, delivered), "people read when");
        assert_eq!(standing(&world, "email").await, None);
        assert_eq!(*sms.given.lock().unwrap(), ["Ariza JUS-1 tayyor.", "Ariza JUS-1 tayyor."]);
        nothing_is_due(&world).await;
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
            let sender = sender(&world, &sms, &email);
            world.send(u8::from(undelivered) + 1, "JUS-1").await.unwrap();
            for _ in 0..3 {
                pass(&world, &sender).await;
            }
            assert_eq!(standing(&world, "sms").await.as_deref(), Some("failed"));
            assert!(channel(&world, "sms").await.unwrap().settled_us > 0);
            assert_eq!(standing(&world, "email").await.as_deref(), Some("sent"));
            assert_eq!(email.given(), 1);
        }
        nothing_is_due(&world).await;
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
        let sender = sender(&world, &sms, &Scripted::new([]));
        pass(&world, &sender).await;
        assert_eq!(sms.given(), 0);
        pass(&world, &sender).await;
        pass(&world, &sender).await;
        assert_eq!(standing(&world, "sms").await.as_deref(), Some("sent"));
    }
}

#[tokio::test]
async fn nobody_is_woken_by_what_can_wait_for_the_morning() {
    for world in worlds().await {
        let (sms, email) = (Scripted::taking(3), Scripted::new([]));
        let sender = sender(&world, &sms, &email);
        // 22:00 in Tashkent.
        world.clock.set(at("2027-01-15T17:00:00Z"));
        world.send(1, "JUS-1").await.unwrap();
        sender.round().await.unwrap();
        assert_eq!(sms.given(), 0);
        let waits = channel(&world, "sms").await.unwrap();
        let morning = at("2027-01-16T03:00:00Z");
        assert_eq!((&*waits.state, &*waits.waits, waits.until_us), ("queued", "quiet", morning.micros()));
        assert_eq!(channel(&world, "inbox").await.unwrap().state, "delivered", "the inbox does not wait");
        world.tell(2, "JUS-1", "alarm").await.unwrap();
        sender.round().await.unwrap();
        assert_eq!(*sms.given.lock().unwrap(), ["Bugun oxirgi kun"], "what is urgent comes at night, too");

        world.clock.set(at("2027-01-16T02:59:59Z"));
        sender.round().await.unwrap();
        assert_eq!(sms.given(), 1);
        world.clock.set(morning);
        sender.round().await.unwrap();
        assert_eq!(sms.given(), 2);
        nothing_is_due(&world).await;
    }
}

#[tokio::test]
async fn what_is_informative_goes_only_where_it_is_wanted_and_what_is_mandatory_goes_anyway() {
    for world in worlds().await {
        let (sms, email) = (Scripted::taking(1), Scripted::taking(1));
        let sender = sender(&world, &sms, &email);
        world.tell(1, "JUS-1", "news").await.unwrap();
        // Whoever changes their mind before it leaves is heard.
        world.prefer(false, true, "").await.unwrap();
        sender.round().await.unwrap();
        sender.round().await.unwrap();
        assert_eq!((sms.given(), email.given()), (0, 1), "the next channel takes over");
        assert_eq!(standing(&world, "sms").await.as_deref(), Some("off"));
        world.clock.advance(Duration::from_secs(1));
        world.prefer(false, false, "").await.unwrap();
        world.tell(2, "JUS-1", "news").await.unwrap();
        sender.round().await.unwrap();
        sender.round().await.unwrap();
        assert_eq!((sms.given(), email.given()), (0, 1));
        assert_eq!(standing(&world, "inbox").await.as_deref(), Some("delivered"), "the inbox has it in any case");
        world.clock.advance(Duration::from_secs(1));
        world.send(3, "JUS-1").await.unwrap();
        sender.round().await.unwrap();
        assert_eq!(sms.given(), 1, "a decision comes whatever they prefer");
        nothing_is_due(&world).await;
    }
}

#[tokio::test]
async fn what_is_urgent_does_not_stand_behind_what_was_due_before() {
    for world in worlds().await {
        let sms = Scripted::taking(2);
        let sender = sender(&world, &sms, &Scripted::new([]));
        world.send(1, "JUS-1").await.unwrap();
        world.clock.advance(Duration::from_secs(60));
        world.tell(2, "JUS-1", "alarm").await.unwrap();
        assert_eq!(sender.round().await.unwrap(), 2);
        assert_eq!(*sms.given.lock().unwrap(), ["Bugun oxirgi kun", "Ariza JUS-1 tayyor."]);
        nothing_is_due(&world).await;
    }
}

#[tokio::test]
async fn a_number_that_had_its_share_waits_and_its_owner_reads_why() {
    for world in worlds().await {
        let sms = Scripted::taking(3);
        let sender = sender(&world, &sms, &Scripted::new([]));
        let begun = world.clock.now();
        for action in 1..=3 {
            world.send(action, "JUS-1").await.unwrap();
            sender.round().await.unwrap();
            world.clock.advance(Duration::from_secs(60));
        }
        assert_eq!(sms.given(), 2);
        let waits = channel(&world, "sms").await.unwrap();
        let free = begun.plus(Duration::from_secs(3_600));
        assert_eq!((&*waits.state, &*waits.waits, waits.until_us), ("queued", "limit", free.micros()));
        world.clock.set(free);
        sender.round().await.unwrap();
        assert_eq!((sms.given(), standing(&world, "sms").await.as_deref()), (3, Some("sent")));

        let mut tx = world.office.database.read().await.unwrap();
        let rows = tx.fetch_all("SELECT number FROM text_sent", sql::args![]).await.unwrap();
        drop(tx);
        assert_eq!(rows.len(), 3);
        for row in rows {
            let number = row.blob(0).unwrap();
            assert_eq!(number.len(), 32, "a hash, no number");
        }
        let mut tx = world.office.database.begin().await.unwrap();
        text_messages::forget(&mut tx, free.plus(Duration::from_secs(86_400))).await.unwrap();
        let left = tx.fetch_one("SELECT COUNT(*) FROM text_sent", sql::args![]).await.unwrap();
        assert_eq!(left.int(0).unwrap(), 0, "a day later it is forgotten");
        tx.commit().await.unwrap();
        nothing_is_due(&world).await;
    }
}

#[tokio::test]
async fn only_what_the_gateway_took_is_counted_as_sent_and_as_spent() {
    for world in worlds().await {
        let refused = [Outcome::Postponed, Outcome::Postponed, Outcome::Postponed];
        let sms = Scripted::new(refused.into_iter().chain([Outcome::Accepted(None)]));
        let sender = sender(&world, &sms, &Scripted::new([]));
        world.send(1, "JUS-1").await.unwrap();
        assert!(world.spent("2027-01").await.is_empty());
        for _ in 0..4 {
            sender.round().await.unwrap();
            world.clock.advance(Duration::from_secs(120));
        }
        assert_eq!(sms.given(), 4, "what never left does not use up the number's share");
        assert_eq!(world.spent("2027-01").await, [(1, 1, 5_000)]);
        assert!(world.spent("2027-02").await.is_empty());
        nothing_is_due(&world).await;
    }
}

#[tokio::test]
async fn what_a_gateway_took_that_is_there_no_more_keeps_nothing_else_waiting() {
    for world in worlds().await {
        let sms = Scripted::new([Outcome::Accepted(Some("7".into()))]);
        let sender = sender(&world, &sms, &Scripted::new([]));
        world.send(1, "JUS-1").await.unwrap();
        sender.round().await.unwrap();
        let without = Sender { carriers: Carriers::default(), ..sender };
        world.clock.advance(Duration::from_secs(5));
        without.round().await.unwrap();
        let mut tx = world.office.database.read().await.unwrap();
        let due = deliveries::due(&mut tx, world.clock.now(), 10).await.unwrap();
        drop(tx);
        assert!(due.is_empty(), "it gives way: {due:?}");
        world.clock.advance(FATE_MAX);
        without.round().await.unwrap();
        assert_eq!(standing(&world, "sms").await.as_deref(), Some("sent"));
        nothing_is_due(&world).await;
    }
}

#[tokio::test]
async fn what_is_urgent_does_not_wait_for_a_number_that_had_its_share() {
    for world in worlds().await {
        let (sms, email) = (Scripted::taking(2), Scripted::taking(1));
        let sender = sender(&world, &sms, &email);
        for action in 1..=2 {
            world.send(action, "JUS-1").await.unwrap();
            sender.round().await.unwrap();
            world.clock.advance(Duration::from_secs(60));
        }
        world.tell(3, "JUS-1", "code").await.unwrap();
        for _ in 0..2 {
            sender.round().await.unwrap();
        }
        assert_eq!((sms.given(), email.given()), (2, 1), "at once, by the next channel");
        let passed = channel(&world, "sms").await.unwrap();
        assert_eq!((&*passed.state, &*passed.why, &*passed.waits), ("failed", "limit", ""));
        assert_eq!(standing(&world, "email").await.as_deref(), Some("sent"));
        nothing_is_due(&world).await;
    }
}

#[tokio::test]
async fn what_is_urgent_waits_for_its_number_where_no_other_channel_would_carry_it() {
    for world in worlds().await {
        let (sms, silent) = (Scripted::taking(4), Scripted::new([]));
        let sender = sender(&world, &sms, &silent);
        let begun = world.clock.now();
        for action in 1..=2 {
            world.send(action, "JUS-1").await.unwrap();
            sender.round().await.unwrap();
        }
        world.clock.advance(Duration::from_secs(60));
        // The first has no other channel, the second's is not configured, the third's has no address to write to.
        let without = Sender {
            carriers: Carriers { email: None, ..sender.carriers.clone() },
            ..self::sender(&world, &sms, &silent)
        };
        for (action, name, carrying, email) in
            [(3, "alarm", &sender, "a@example.uz"), (4, "code", &without, "a@example.uz"), (5, "code", &sender, "")]
        {
            *world.everybody.email.lock().unwrap() = email.into();
            world.tell(action, "JUS-1", name).await.unwrap();
            carrying.round().await.unwrap();
            let waits = channel(&world, "sms").await.unwrap();
            assert_eq!((&*waits.state, &*waits.waits, &*waits.why), ("queued", "limit", ""), "{action}");
            world.clock.advance(Duration::from_secs(60));
        }
        world.clock.set(begun.plus(Duration::from_secs(3_600)));
        sender.round().await.unwrap();
        assert_eq!((sms.given(), silent.given()), (3, 0), "a third within the day, no fourth");
    }
}

#[tokio::test]
async fn an_address_to_which_letters_do_not_get_is_passed_over_until_it_is_another_one_or_a_month_has_passed() {
    for world in worlds().await {
        let (sms, email) = (Scripted::taking(20), Scripted::taking(20));
        let sender = Sender { rules: Rules { quiet: Quiet::default(), texting: None }, ..sender(&world, &sms, &email) };
        let mut action = 0;
        let mut tell = async |name: &str| {
            action += 1;
            world.clock.advance(Duration::from_secs(60));
            let told = world.tell(action, "JUS-1", name).await.unwrap();
            for _ in 0..3 {
                sender.round().await.unwrap();
            }
            MessageId::from_slice(&told.message_id).unwrap()
        };
        for _ in 0..2 {
            assert!(!world.preferences(CITIZEN).await.email_returned);
            let letter = tell("letter").await;
            came_back(&world, letter, Report::Failed { lasting: true }).await;
            sender.round().await.unwrap();
        }
        assert_eq!((email.given(), sms.given()), (2, 2), "each went on by the next channel");
        assert!(world.preferences(CITIZEN).await.email_returned, "and the person reads why");
        assert!(!world.preferences([4; 16]).await.email_returned, "nobody else does");

        tell("letter").await;
        assert_eq!((email.given(), sms.given()), (2, 3), "passed over");
        let passed = channel(&world, "email").await.unwrap();
        assert_eq!((&*passed.state, &*passed.why), ("failed", "unreachable"));
        tell("only-letter").await;
        assert_eq!((email.given(), sms.given()), (3, 3), "where there is no other way it is tried");

        *world.everybody.email.lock().unwrap() = "new@example.uz".into();
        assert!(!world.preferences(CITIZEN).await.email_returned);
        tell("letter").await;
        assert_eq!((email.given(), sms.given()), (4, 3), "another address");

        *world.everybody.email.lock().unwrap() = "a@example.uz".into();
        world.clock.advance(crate::domain::returns::FORGOTTEN_AFTER);
        tell("letter").await;
        assert_eq!((email.given(), sms.given()), (5, 3), "a month later");
        assert_eq!(world.count("SELECT COUNT(*) FROM audit WHERE act = 'address.unreachable'").await, 1);
        let mut tx = world.office.database.begin().await.unwrap();
        returned_mail::forget(&mut tx, world.clock.now()).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(world.count("SELECT COUNT(*) FROM returned_mail").await, 0, "it is forgotten");
        nothing_is_due(&world).await;
    }
}
