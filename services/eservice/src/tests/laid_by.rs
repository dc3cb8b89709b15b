//! Two hosts over one database, each with a service of its own: what one hears about the other's cases is laid by for that one,
//! which takes it once. A file has one writer, so there is no such pair on SQLite.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use kernel::{CaseId, Hash, ManualClock, MessageId};
use prost::Message;
use proto::{
    CaseRef, Event as _,
    payments::v1::{IntentCaptured, IntentClosed, RefundSettled},
};
use sql::{Database, Settings, args, cursor, cursor::Position};

use super::{
    platform::{Scripted, amount},
    world::{CITIZEN, MORNING, OFFICER, World, person},
};
use crate::{
    bus::events,
    laid_by::{Round, take_all},
    store::{MIGRATIONS, cases, glance, laid_by, retention},
};

const COPY: &str = "marriage-certificate-copy";
const KEYED: &str = "justice/marriage-certificate-copy";

struct Hosts {
    settings: Settings,
    owner: Database,
    /// Runs the service whose cases are paid.
    own: World,
    /// Runs another one.
    other: World,
}

impl Hosts {
    async fn begin() -> Option<Self> {
        let found = testkit::stores().into_iter().find(|(engine, _)| *engine == "postgres");
        let settings = found?.1;
        Database::open(&settings, MIGRATIONS).await.unwrap();
        let owner = Database::open(&testkit::owned(&settings), MIGRATIONS).await.unwrap();
        let around = (Arc::new(ManualClock::at(MORNING)), Arc::new(Scripted::new(person(OFFICER))));
        *around.1.registry.lock().unwrap() = Some(serde_json::json!({"date": "2012-06-16"}));
        let own = Database::open(&testkit::limited(&settings, &[KEYED]), MIGRATIONS).await.unwrap();
        let own = World::serving(&[COPY], own, around.clone(), 1);
        own.learns().await;
        let other = Database::open(&testkit::limited(&settings, &["justice/other"]), MIGRATIONS).await.unwrap();
        let other = World::serving(&["other"], other, around, 2);
        Some(Self { settings, owner, own, other })
    }

    /// A case that waits for its fee: its id and its intent.
    async fn unpaid(&self, who: u8) -> (CaseId, Vec<u8>) {
        let case = self.own.submitted(who).await.case_id;
        self.own.settle().await;
        let view = self.own.case(who, &case).await;
        assert_eq!(view.status, "paying");
        (CaseId::from_slice(&case).unwrap(), view.intent)
    }

    /// Payments says something about a case: its log is longer by an event.
    fn says<E: proto::Event>(&self, case: CaseId, content: &E) -> bus::Event {
        let mut log = self.own.platform.payments.lock().unwrap();
        let sequence = i64::try_from(log.len()).unwrap() + 1;
        let event = bus::Event {
            producer: E::PRODUCER.into(),
            log: "platform".into(),
            name: E::NAME.into(),
            agency: "justice".into(),
            message_id: MessageId::derived(Hash::of(&sequence.to_be_bytes())),
            epoch: 1,
            sequence,
            case: Some((case, sequence)),
            time: MORNING,
            body: content.encode_to_vec().into(),
            trace: None,
        };
        log.push(event.clone());
        event
    }

    fn captured(&self, (case, intent): &(CaseId, Vec<u8>)) -> bus::Event {
        let (amount, intent) = (Some(amount()), intent.clone());
        self.says(*case, &IntentCaptured { case: of(*case), intent, amount, captured_us: MORNING.micros() })
    }

    fn closed(&self, (case, intent): &(CaseId, Vec<u8>)) -> bus::Event {
        self.says(*case, &IntentClosed { case: of(*case), intent: intent.clone(), state: "expired".into() })
    }

    fn refunded(&self, (case, intent): &(CaseId, Vec<u8>)) -> bus::Event {
        let (amount, intent) = (Some(amount()), intent.clone());
        self.says(*case, &RefundSettled { case: of(*case), intent, refund: vec![7; 16], amount })
    }

    async fn rows(&self) -> i64 {
        let mut tx = self.owner.read().await.unwrap();
        tx.fetch_one("SELECT COUNT(*) FROM events_laid_by", args![]).await.unwrap().int(0).unwrap()
    }

    async fn ends(&self) {
        assert_eq!(self.rows().await, 0, "nothing is left in the table");
        self.own.nothing_is_left_behind().await;
    }
}

fn of(case: CaseId) -> Option<CaseRef> {
    Some(CaseRef { case_id: case.to_vec(), agency: "justice".into(), service: COPY.into(), ..CaseRef::default() })
}

/// What a consumer does with an event: it takes effect with the cursor that hosts share, or somebody else took it.
async fn hears(world: &World, event: &bus::Event) -> bool {
    let mut tx = world.host.database.begin().await.unwrap();
    let from = cursor::read(&mut tx, "payments").await.unwrap();
    if event.sequence <= from.sequence {
        return false;
    }
    events::payment(&world.host, &mut tx, event).await.unwrap();
    let to = Position { epoch: event.epoch, sequence: event.sequence };
    if !cursor::advance(&mut tx, "payments", from, to).await.unwrap() {
        return false;
    }
    tx.commit().await.unwrap();
    true
}

/// How often something happened to a case.
async fn times(world: &World, case: CaseId, what: &str) -> usize {
    let mut tx = world.host.database.read().await.unwrap();
    let case = cases::read(&mut tx, &world.host.keys, case).await.unwrap().unwrap();
    let events = cases::events(&mut tx, &case).await.unwrap();
    events.iter().filter(|event| event.what.name() == what).count()
}

async fn sees_something_laid_by(world: &World) -> bool {
    let mut tx = world.host.database.read().await.unwrap();
    let serves = |agency: &str, service: &str| world.host.serves(agency, service);
    glance::read(&mut tx, world.host.now(), Duration::ZERO, serves).await.unwrap().laid_by
}

#[tokio::test]
async fn what_another_host_hears_of_a_payment_reaches_the_case_once() {
    let Some(hosts) = Hosts::begin().await else { return };
    let (paid, lapsed) = (hosts.unpaid(CITIZEN).await, hosts.unpaid(CITIZEN + 1).await);
    let copy = Database::open(&testkit::limited(&hosts.settings, &[KEYED]), MIGRATIONS).await.unwrap();
    let copy = World::serving(&[COPY], copy, (hosts.own.clock.clone(), hosts.own.platform.clone()), 3);
    for (case, event, what) in [
        (paid.0, hosts.captured(&paid), "payment-captured"),
        (lapsed.0, hosts.closed(&lapsed), "payment-closed"),
        (paid.0, hosts.refunded(&paid), "refunded"),
    ] {
        assert!(hears(&hosts.other, &event).await);
        assert!(!hears(&hosts.own, &event).await, "{what}: the cursor is past it");
        assert_eq!(times(&hosts.own, case, what).await, 0);
        let seen = (sees_something_laid_by(&hosts.own).await, sees_something_laid_by(&hosts.other).await);
        assert_eq!(seen, (true, false), "{what}: only the host of the service sees it");
        assert_eq!(take_all(&hosts.other.host).await.unwrap(), Round::default());
        let (one, two) = tokio::join!(take_all(&hosts.own.host), take_all(&copy.host));
        let (one, two) = (one.unwrap(), two.unwrap());
        assert_eq!((one.taken + two.taken, one.waiting + two.waiting), (1, 0), "{what}: by one of the copies");
        assert_eq!(times(&hosts.own, case, what).await, 1);
        hosts.own.settle().await;
    }
    // It has gone on to the officer.
    hosts.own.open_task(&paid.0.to_vec()).await;
    hosts.ends().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_hosts_that_hear_an_event_at_the_same_time_one_takes_it_and_nothing_is_lost() {
    let Some(hosts) = Hosts::begin().await else { return };
    for who in CITIZEN..CITIZEN + 4 {
        let unpaid = hosts.unpaid(who).await;
        let event = hosts.captured(&unpaid);
        let (own, other) = tokio::join!(hears(&hosts.own, &event), hears(&hosts.other, &event));
        assert!(own != other, "one of them took it");
        let taken = take_all(&hosts.own.host).await.unwrap().taken;
        assert_eq!((taken == 1, times(&hosts.own, unpaid.0, "payment-captured").await), (other, 1));
        hosts.own.settle().await;
    }
    hosts.ends().await;
}

#[tokio::test]
async fn what_was_laid_by_moves_with_its_service() {
    let Some(hosts) = Hosts::begin().await else { return };
    let (before, after) = (hosts.unpaid(CITIZEN).await, hosts.unpaid(CITIZEN + 1).await);
    assert!(hears(&hosts.other, &hosts.captured(&before)).await);
    let mut tx = hosts.owner.begin().await.unwrap();
    tx.execute("DELETE FROM role_services WHERE service = $1 AND role NOT IN (SELECT role FROM role_services WHERE service = 'justice/other')", args![KEYED])
        .await
        .unwrap();
    let gives =
        "INSERT INTO role_services (role, service) SELECT role, $1 FROM role_services WHERE service = 'justice/other'";
    tx.execute(gives, args![KEYED]).await.unwrap();
    tx.commit().await.unwrap();

    // The host that had it has not been started again: it still believes that the service is its own.
    let event = hosts.captured(&after);
    assert!(hears(&hosts.own, &event).await);
    assert_eq!(take_all(&hosts.own.host).await.unwrap(), Round::default(), "it sees none of it");
    assert_eq!(hosts.rows().await, 2);

    let around = (hosts.other.clock.clone(), hosts.other.platform.clone());
    let moved = World::serving(&["other", COPY], hosts.other.host.database.clone(), around, 4);
    assert_eq!(take_all(&moved.host).await.unwrap(), Round { taken: 2, waiting: 0 });
    for case in [before.0, after.0] {
        assert_eq!(times(&moved, case, "payment-captured").await, 1);
    }
    moved.settle().await;
    assert_eq!(hosts.rows().await, 0);
    moved.nothing_is_left_behind().await;
}

#[tokio::test]
async fn what_was_laid_by_waits_for_payments_which_alone_says_what_happened() {
    let Some(hosts) = Hosts::begin().await else { return };
    let unpaid = hosts.unpaid(CITIZEN).await;
    hosts.own.platform.payments_away.store(true, Ordering::SeqCst);
    for event in [hosts.captured(&unpaid), hosts.refunded(&unpaid)] {
        assert!(hears(&hosts.other, &event).await);
    }
    assert_eq!(take_all(&hosts.own.host).await.unwrap(), Round { taken: 0, waiting: 2 });
    hosts.own.platform.payments_away.store(false, Ordering::SeqCst);
    assert_eq!(take_all(&hosts.own.host).await.unwrap(), Round { taken: 2, waiting: 0 });
    for what in ["payment-captured", "refunded"] {
        assert_eq!(times(&hosts.own, unpaid.0, what).await, 1, "{what}: in the order in which they came");
    }
    hosts.own.settle().await;

    // A host with a hole may lay by whatever it likes.
    let other = hosts.unpaid(CITIZEN + 1).await;
    let invented = bus::Place { message_id: MessageId::from_bytes([9; 16]), epoch: 1, sequence: 9 };
    let mut tx = hosts.other.host.database.begin().await.unwrap();
    laid_by::lay(&mut tx, KEYED, other.0, ("payments", &invented), MORNING).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(take_all(&hosts.own.host).await.unwrap(), Round { taken: 1, waiting: 0 });
    assert_eq!(times(&hosts.own, other.0, "payment-captured").await, 0);
    hosts.ends().await;
}

/// What the relay does, and whether the case would be erased if it were due.
async fn is_busy(world: &World, case: CaseId) -> bool {
    let mut tx = world.host.database.begin().await.unwrap();
    sql::outbox::assign(&mut tx, 10_000).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = world.host.database.read().await.unwrap();
    retention::is_busy(&mut tx, case).await.unwrap()
}

#[tokio::test]
async fn a_case_is_not_erased_while_something_about_it_lies_by() {
    let Some(hosts) = Hosts::begin().await else { return };
    let paid = hosts.unpaid(CITIZEN).await;
    assert!(hears(&hosts.own, &hosts.captured(&paid)).await);
    hosts.own.settle().await;
    assert!(!is_busy(&hosts.own, paid.0).await);
    assert!(hears(&hosts.other, &hosts.refunded(&paid)).await);
    assert!(is_busy(&hosts.own, paid.0).await);
    take_all(&hosts.own.host).await.unwrap();
    assert!(!is_busy(&hosts.own, paid.0).await);
    hosts.ends().await;
}

#[tokio::test]
async fn an_event_about_a_case_that_nobody_has_is_not_kept_for_ever() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::new(database).await;
        let case = CaseId::from_bytes([5; 16]);
        let content = IntentClosed { case: of(case), intent: vec![6; 16], state: "expired".into() };
        let event = bus::Event {
            producer: "payments".into(),
            log: "platform".into(),
            name: IntentClosed::NAME.into(),
            agency: "justice".into(),
            message_id: MessageId::from_bytes([1; 16]),
            epoch: 1,
            sequence: 1,
            case: Some((case, 1)),
            time: MORNING,
            body: content.encode_to_vec().into(),
            trace: None,
        };
        assert!(hears(&world, &event).await, "{engine}: the log goes on");
        assert_eq!(take_all(&world.host).await.unwrap(), Round::default(), "{engine}");
        world.nothing_is_left_behind().await;
    }
}
