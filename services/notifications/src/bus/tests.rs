//! The operations as callers meet them: one letter however often it is asked for, and an inbox for its owner only.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use async_trait::async_trait;
use bus::{Assurance, Call, Person};
use kernel::{CommandId, Hash, ManualClock, MessageId, PersonId, SeededRandom, Time};
use prost::Message;
use proto::notifications::v1::{ListInboxRequest, MarkReadRequest, SendRequest};
use serde_json::json;

use super::*;
use crate::{domain::text::tests::definition, store};

pub const CITIZEN: [u8; 16] = [3; 16];

struct One(Admitted);

#[async_trait]
impl Definitions for One {
    async fn find(&self, _revision: Hash) -> Result<Admitted, Failure> {
        Ok(self.0.clone())
    }
}

pub struct World {
    pub office: Office,
    pub clock: Arc<ManualClock>,
}

/// A platform on every engine.
pub async fn worlds() -> Vec<World> {
    let databases = testkit::databases(store::MIGRATIONS).await;
    databases.into_iter().map(|(_, database)| World::new(database)).collect()
}

impl World {
    fn new(database: sql::Database) -> Self {
        let clock = Arc::new(ManualClock::at(Time::from_seconds(1_800_000_000)));
        let random: Arc<dyn Random> = Arc::new(SeededRandom::new(7));
        let agency = api::Text { uz: Some("Adliya vazirligi".into()), ..api::Text::default() };
        let text = "{{ agency.title }}: {{ case.number }} tayyor.";
        let admitted = Admitted { definition: Arc::new(definition(text)), agency };
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let keys = testkit::folder().join(format!("keys-{}", NEXT.fetch_add(1, Ordering::Relaxed)));
        let office = Office {
            clock: clock.clone(),
            random: random.clone(),
            database,
            keys: Arc::new(Keys::open(keys, true, random)),
            revisions: Arc::new(One(admitted)),
            wake: Arc::default(),
        };
        Self { office, clock }
    }

    pub async fn send(&self, action: u8, number: &str) -> Result<proto::notifications::v1::SendReply, Failure> {
        send::handle(&self.office, call(request(action, number), None)).await
    }

    pub async fn inbox(&self, person: [u8; 16], after: &str, limit: i32) -> proto::notifications::v1::Inbox {
        let request = ListInboxRequest { limit, after: after.into() };
        list_inbox::handle(&self.office, call(request, Some(person))).await.unwrap()
    }
}

fn request(action: u8, number: &str) -> SendRequest {
    let case = proto::CaseRef {
        case_id: vec![5; 16],
        agency: "justice".into(),
        service: "copy".into(),
        revision: Hash::of(b"revision").to_vec(),
    };
    SendRequest {
        action: Some(proto::ActionRef { case: Some(case), action_id: vec![action; 32], ..Default::default() }),
        notification: "issued".into(),
        recipient: CITIZEN.to_vec(),
        language: "uz".into(),
        inputs: json!({"case": {"number": number}}).to_string().into_bytes(),
    }
}

fn call<Q: Message>(request: Q, person: Option<[u8; 16]>) -> Call<Q> {
    let person = person.map(|id| Person {
        id: PersonId::from_bytes(id),
        actor: PersonId::from_bytes(id),
        mandate: None,
        assurance: Assurance::Low,
        authenticated: Time::default(),
        command_id: CommandId::from_bytes([8; 16]),
        officer: false,
    });
    Call {
        body_hash: Hash::of(&request.encode_to_vec()),
        request,
        agency: "justice".into(),
        service: None,
        caller: "eservice".into(),
        speaks_for: None,
        message_id: MessageId::from_bytes([1; 16]),
        time: Time::default(),
        deadline: Time::default(),
        person,
    }
}

#[tokio::test]
async fn nobody_writes_in_the_case_of_another_agency() {
    for world in worlds().await {
        let mut tx = world.office.database.begin().await.unwrap();
        assert!(sql::case_log::claim(&mut tx, kernel::CaseId::from_bytes([5; 16]), "health").await.unwrap());
        tx.commit().await.unwrap();
        assert_eq!(world.send(1, "JUS-1").await.unwrap_err().code, "case.other-agency");
        assert!(world.inbox(CITIZEN, "", 0).await.messages.is_empty());
    }
}

#[tokio::test]
async fn a_repeated_action_sends_one_letter() {
    for world in worlds().await {
        let first = world.send(1, "JUS-1").await.unwrap();
        assert_eq!(first.channels, ["inbox", "sms", "email"]);
        assert_eq!(world.send(1, "JUS-1").await.unwrap(), first);
        assert_eq!(world.send(1, "JUS-2").await.unwrap_err().code, "action.other-body");
        let inbox = world.inbox(CITIZEN, "", 0).await;
        assert_eq!((inbox.messages.len(), inbox.unread), (1, 1));
        assert_eq!(inbox.messages[0].body, "Adliya vazirligi: JUS-1 tayyor.");
        assert_eq!(inbox.messages[0].delivery["inbox"], "delivered");
        assert_eq!(inbox.messages[0].delivery.get("email"), None);
    }
}

#[tokio::test]
async fn an_inbox_is_its_owners_only_and_pages_without_gaps() {
    for world in worlds().await {
        for number in 1..=5 {
            world.send(number, &format!("JUS-{number}")).await.unwrap();
        }
        let first = world.inbox(CITIZEN, "", 3).await;
        let second = world.inbox(CITIZEN, &first.next, 3).await;
        let seen: Vec<_> = first.messages.iter().chain(&second.messages).map(|message| &message.message_id).collect();
        assert_eq!((seen.len(), second.next.as_str()), (5, ""));
        let unique: std::collections::BTreeSet<_> = seen.iter().collect();
        assert_eq!(unique.len(), 5);

        assert!(world.inbox([4; 16], "", 0).await.messages.is_empty());
        let mark = MarkReadRequest { message_id: seen[0].clone() };
        let stranger = mark_read::handle(&world.office, call(mark.clone(), Some([4; 16]))).await.unwrap_err();
        let unknown = MarkReadRequest { message_id: vec![9; 16] };
        let unknown = mark_read::handle(&world.office, call(unknown, Some(CITIZEN))).await.unwrap_err();
        assert_eq!(stranger, unknown);
        for _ in 0..2 {
            mark_read::handle(&world.office, call(mark.clone(), Some(CITIZEN))).await.unwrap();
        }
        assert_eq!(world.inbox(CITIZEN, "", 0).await.unread, 4);
    }
}

#[tokio::test]
async fn what_a_message_says_is_not_in_the_database_in_clear() {
    for world in worlds().await {
        world.send(1, "JUS-SECRET").await.unwrap();
        let mut tx = world.office.database.read().await.unwrap();
        let row = tx.fetch_one("SELECT letter FROM message", sql::args![]).await.unwrap();
        let sealed = row.blob(0).unwrap();
        assert!(!sealed.windows(6).any(|window| window == b"SECRET"));
    }
}

#[tokio::test]
async fn an_erased_cases_letters_are_gone_and_are_not_sent_again() {
    for world in worlds().await {
        let event = erased(world.send(1, "JUS-1").await.map(|_| vec![vec![1; 32]]).unwrap());
        for _ in 0..2 {
            let mut tx = world.office.database.begin().await.unwrap();
            erase::take(&mut tx, &event).await.unwrap();
            tx.commit().await.unwrap();
        }
        let inbox = world.inbox(CITIZEN, "", 0).await;
        assert_eq!((inbox.messages.len(), inbox.unread), (0, 0));
        assert_eq!(world.send(1, "JUS-1").await.unwrap_err().code, "action.other-body", "the id stays taken");
        let mut tx = world.office.database.read().await.unwrap();
        let left =
            "SELECT (SELECT COUNT(*) FROM case_key) + (SELECT COUNT(*) FROM message) + (SELECT COUNT(*) FROM delivery)";
        assert_eq!(tx.fetch_one(left, sql::args![]).await.unwrap().int(0).unwrap(), 0);
    }
}

/// What the e-service tells when it destroyed the key of the only case here.
fn erased(actions: Vec<Vec<u8>>) -> bus::Event {
    let case =
        proto::CaseRef { case_id: vec![5; 16], agency: "justice".into(), service: "copy".into(), ..Default::default() };
    let told = proto::eservice::v1::CaseErased { case: Some(case), actions, ..Default::default() };
    bus::Event {
        producer: "eservice".into(),
        log: "platform".into(),
        name: "case-erased".into(),
        agency: "justice".into(),
        message_id: MessageId::from_bytes([2; 16]),
        epoch: 1,
        sequence: 1,
        case: Some((kernel::CaseId::from_bytes([5; 16]), 1)),
        time: Time::default(),
        body: told.encode_to_vec().into(),
        trace: None,
    }
}
