//! The operations as callers meet them: one letter however often it is asked for, and an inbox for its owner only.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU32, Ordering},
};

use async_trait::async_trait;
use bus::{Assurance, Call, Person};
use kernel::{CaseId, CommandId, Hash, ManualClock, MessageId, PersonId, SeededRandom, Time};
use prost::Message;
use proto::notifications::v1::{
    ExplainMessageRequest, Explanation, ListCaseMessagesRequest, ListInboxRequest, MarkReadRequest, Preferences,
    PreviewMessageRequest, ReadPreferencesRequest, ReadSpendingRequest, SendRequest,
};
use serde_json::json;

use super::*;
use crate::{
    domain::{return_path::ReturnPath, text::tests::definition},
    store,
};

pub const CITIZEN: [u8; 16] = [3; 16];
const OFFICER: [u8; 16] = [6; 16];
/// An officer who has not said why they look outside of their own queue.
const CURIOUS: [u8; 16] = [7; 16];

struct One(Admitted);

#[async_trait]
impl Definitions for One {
    async fn find(&self, _revision: Hash) -> Result<Admitted, Failure> {
        Ok(self.0.clone())
    }
}

/// Each revision says it in words of its own.
struct Each;

#[async_trait]
impl Definitions for Each {
    async fn find(&self, revision: Hash) -> Result<Admitted, Failure> {
        let first = revision == Hash::of(b"revision");
        let text = if first { "{{ case.number }} tayyor." } else { "{{ case.number }} hal qilindi." };
        Ok(Admitted { definition: Arc::new(definition(text)), agency: api::Text::default() })
    }
}

/// The host of the one case that there is.
struct Host;

#[async_trait]
impl Readers for Host {
    async fn admits(&self, place: &Place, officer: PersonId) -> Result<bool, Failure> {
        let known = (place.agency.as_str(), place.service.as_str()) == ("justice", "copy");
        match officer.to_vec() {
            curious if curious == CURIOUS => Err(Failure::forbidden("task.reason-needed", "Say why.")),
            officer => Ok(known && officer == OFFICER),
        }
    }
}

/// Everybody has the same number and the same address.
pub struct Everybody {
    pub email: Mutex<String>,
}

#[async_trait]
impl Contacts for Everybody {
    async fn of(&self, _person: PersonId, _case: Option<CaseId>) -> Result<Reach, Failure> {
        let email = self.email.lock().unwrap().clone();
        Ok(Reach { phone: "+998 90 111-22-33".to_owned().into(), email: email.into() })
    }
}

pub struct World {
    pub office: Office,
    pub clock: Arc<ManualClock>,
    pub everybody: Arc<Everybody>,
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
        let everybody = Arc::new(Everybody { email: Mutex::new("a@example.uz".into()) });
        let path = ReturnPath::new([5; 32], "bounces.example.uz").unwrap();
        let office = Office {
            clock: clock.clone(),
            random: random.clone(),
            database,
            keys: Arc::new(Keys::open(keys, true, random)),
            revisions: Arc::new(One(admitted)),
            readers: Arc::new(Host),
            contacts: everybody.clone(),
            returns: Some(Arc::new(Returns::new(path, 2).unwrap())),
            wake: Arc::default(),
        };
        Self { office, clock, everybody }
    }

    pub async fn send(&self, action: u8, number: &str) -> Result<proto::notifications::v1::SendReply, Failure> {
        self.tell(action, number, "issued").await
    }

    pub async fn tell(
        &self,
        action: u8,
        number: &str,
        notification: &str,
    ) -> Result<proto::notifications::v1::SendReply, Failure> {
        let request = SendRequest { notification: notification.into(), ..request(action, number) };
        send::handle(&self.office, call(request, None)).await
    }

    pub async fn prefer(&self, sms: bool, email: bool, language: &str) -> Result<Preferences, Failure> {
        let wanted = Preferences { sms, email, language: language.into(), ..Preferences::default() };
        save_preferences::handle(&self.office, call(wanted, Some(CITIZEN))).await
    }

    /// What a person reads of how they are told.
    pub async fn preferences(&self, person: [u8; 16]) -> Preferences {
        let asked = call(ReadPreferencesRequest {}, Some(person));
        read_preferences::handle(&self.office, asked).await.unwrap()
    }

    async fn why(&self, message: &[u8], person: [u8; 16]) -> Result<Explanation, Failure> {
        let request = ExplainMessageRequest { message_id: message.to_vec(), language: "uz".into() };
        explain_message::handle(&self.office, call(request, Some(person))).await
    }

    pub async fn count(&self, sql: &'static str) -> i64 {
        let mut tx = self.office.database.read().await.unwrap();
        tx.fetch_one(sql, sql::args![]).await.unwrap().int(0).unwrap()
    }

    /// Of the month, in parts and tiyin.
    pub async fn spent(&self, month: &str) -> Vec<(i64, i64, i64)> {
        let request = ReadSpendingRequest { month: month.into(), agency: "justice".into() };
        let spending = read_spending::handle(&self.office, call(request, None)).await.unwrap();
        let row = |row: &proto::notifications::v1::SpendingRow| {
            (row.messages, row.segments, row.cost.as_ref().unwrap().minor)
        };
        spending.rows.iter().map(row).collect()
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

fn by_officer<Q: Message>(request: Q, officer: [u8; 16]) -> Call<Q> {
    let call = call(request, Some(officer));
    Call { person: call.person.clone().map(|person| Person { officer: true, ..person }), ..call }
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
async fn a_messages_text_is_that_of_the_cases_revision_and_nothing_that_is_sent_along_takes_its_place() {
    for mut world in worlds().await {
        world.office.revisions = Arc::new(Each);
        let asked = |action, revision: &[u8]| {
            let mut asked = request(action, "JUS-1");
            asked.action.as_mut().unwrap().case.as_mut().unwrap().revision = Hash::of(revision).to_vec();
            let words = "Pul yuboring";
            let inputs = json!({"case": {"number": "JUS-1"}, "text": words, "body": words, "title": words});
            SendRequest { inputs: inputs.to_string().into_bytes(), ..asked }
        };
        for request in [asked(1, b"revision"), asked(2, b"a later one")] {
            send::handle(&world.office, call(request, None)).await.unwrap();
        }
        let inbox = world.inbox(CITIZEN, "", 0).await;
        let mut bodies: Vec<&str> = inbox.messages.iter().map(|message| message.body.as_str()).collect();
        bodies.sort_unstable();
        assert_eq!(bodies, ["JUS-1 hal qilindi.", "JUS-1 tayyor."]);
        let mut unheard = asked(3, b"revision");
        unheard.notification = "Pul yuboring".into();
        assert!(send::handle(&world.office, call(unheard, None)).await.is_err(), "no message of the revision");
    }
}

#[tokio::test]
async fn a_preview_reads_like_the_letter_and_nothing_of_it_is_kept() {
    for world in worlds().await {
        let SendRequest { action, notification, recipient, language, inputs } = request(1, "JUS-1");
        let case = action.unwrap().case;
        let asked = PreviewMessageRequest { case, notification, recipient, language, inputs };
        let shown = preview_message::handle(&world.office, call(asked.clone(), None)).await.unwrap();
        assert_eq!(shown.body, "Adliya vazirligi: JUS-1 tayyor.");
        assert!(world.inbox(CITIZEN, "", 0).await.messages.is_empty());
        let foreign = Call { agency: "health".into(), ..call(asked, None) };
        let refused = preview_message::handle(&world.office, foreign).await.unwrap_err();
        assert_eq!(refused.code, "notification.other-agency");
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

#[tokio::test]
async fn a_message_says_why_it_came_to_whom_it_came_and_to_nobody_else() {
    for world in worlds().await {
        let sent = world.send(1, "JUS-1").await.unwrap().message_id;
        let told = world.why(&sent, CITIZEN).await.unwrap();
        assert_eq!((told.number.as_str(), told.class.as_str(), told.urgent), ("JUS-1", "mandatory", false));
        assert_eq!((told.service_title.as_str(), told.agency_title.as_str()), ("Nusxa", "Adliya vazirligi"));
        assert_eq!(told.reason, "JUS-1 arizangiz hal qilindi.");
        assert_eq!(told.legal_basis[0].title, "Oila kodeksi, 15-modda");
        assert_eq!(told.channels[0].settled_us, world.clock.now().micros(), "the inbox had it at once");
        let stranger = world.why(&sent, [4; 16]).await.unwrap_err();
        assert_eq!(stranger, world.why(&[9; 16], CITIZEN).await.unwrap_err());
        assert_eq!(stranger.code, "notification.unknown-message");

        let mut tx = world.office.database.begin().await.unwrap();
        tx.execute("UPDATE message SET revision = NULL", sql::args![]).await.unwrap();
        tx.commit().await.unwrap();
        let older = world.why(&sent, CITIZEN).await.unwrap();
        assert_eq!((older.number.as_str(), older.service_title.as_str()), ("JUS-1", ""), "an older release wrote it");
    }
}

#[tokio::test]
async fn a_person_decides_for_themselves_how_they_are_told_and_the_record_says_that_they_did() {
    for world in worlds().await {
        let read = |call: Call<ReadPreferencesRequest>| {
            let office = world.office.clone();
            async move { read_preferences::handle(&office, call).await }
        };
        let first = read(call(ReadPreferencesRequest {}, Some(CITIZEN))).await.unwrap();
        assert_eq!((first.sms, first.email, first.language.as_str()), (true, true, ""), "nobody said anything yet");
        for _ in 0..2 {
            world.prefer(false, true, "ru").await.unwrap();
        }
        let kept = read(call(ReadPreferencesRequest {}, Some(CITIZEN))).await.unwrap();
        assert_eq!((kept.sms, kept.email, kept.language.as_str()), (false, true, "ru"));
        let acts = "SELECT COUNT(*) FROM audit WHERE act = 'preferences.changed'";
        assert_eq!(world.count(acts).await, 1, "what changes nothing is no act");
        assert_eq!(world.prefer(true, true, "de").await.unwrap_err().code, "language.unknown");

        let other = read(call(ReadPreferencesRequest {}, Some([4; 16]))).await.unwrap();
        assert!(other.sms, "another's are another's");
        let refused = read(by_officer(ReadPreferencesRequest {}, CITIZEN)).await.unwrap_err();
        assert_eq!(refused.code, "notification.own-preferences");
        let represented = call(Preferences { sms: true, ..Preferences::default() }, Some(CITIZEN));
        let person = represented.person.clone().map(|person| Person { actor: PersonId::from_bytes([4; 16]), ..person });
        let represented = Call { person, ..represented };
        let refused = save_preferences::handle(&world.office, represented).await.unwrap_err();
        assert_eq!(refused.code, "notification.own-preferences");

        world.tell(1, "JUS-1", "news").await.unwrap();
        assert_eq!(world.inbox(CITIZEN, "", 0).await.messages[0].body, "Новое здание", "in the language they chose");
    }
}

#[tokio::test]
async fn officers_of_a_case_see_what_was_written_and_everybody_else_learns_nothing() {
    for world in worlds().await {
        world.send(1, "JUS-1").await.unwrap();
        let request = |service: &str| ListCaseMessagesRequest {
            agency: "justice".into(),
            service: service.into(),
            case_id: CaseId::from_bytes([5; 16]).to_vec(),
        };
        let office = &world.office;
        let listed = list_case_messages::handle(office, by_officer(request("copy"), OFFICER)).await.unwrap();
        assert_eq!((listed.messages.len(), listed.messages[0].title.as_str()), (1, "Nusxa Bcc: x"));
        let channels: Vec<_> = listed.messages[0].channels.iter().map(|one| (&*one.channel, &*one.state)).collect();
        assert_eq!(channels, [("inbox", "delivered"), ("sms", "queued")]);
        assert!(listed.messages[0].body.is_empty(), "what it says is the applicant's");
        for refused in [by_officer(request("copy"), CITIZEN), by_officer(request("other"), OFFICER)] {
            let refused = list_case_messages::handle(office, refused).await.unwrap_err();
            assert_eq!(refused.code, "notification.unknown-case");
        }
        let curious = list_case_messages::handle(office, by_officer(request("copy"), CURIOUS)).await.unwrap_err();
        assert_eq!(curious.code, "task.reason-needed", "the portal asks why");
        assert_eq!(world.count("SELECT COUNT(*) FROM audit WHERE act = 'messages.read'").await, 1);
        assert_eq!(world.count("SELECT COUNT(*) FROM audit WHERE act = 'messages.refused'").await, 2);
    }
}

#[tokio::test]
async fn whoever_got_a_message_of_a_case_reads_it_beside_the_case_and_nobody_elses() {
    for world in worlds().await {
        world.send(1, "JUS-1").await.unwrap();
        let read = async |service: &str, person: [u8; 16]| {
            let request = ListCaseMessagesRequest {
                agency: "justice".into(),
                service: service.into(),
                case_id: CaseId::from_bytes([5; 16]).to_vec(),
            };
            list_case_messages::handle(&world.office, call(request, Some(person))).await.unwrap().messages
        };
        let own = read("copy", CITIZEN).await;
        assert_eq!(own.len(), 1);
        assert_eq!(own[0].body, world.inbox(CITIZEN, "", 0).await.messages[0].body, "as the inbox has it");
        assert!(!own[0].body.is_empty() && own[0].channels.iter().any(|one| one.channel == "sms"));
        // Not signed in as an officer; a stranger; another service's case.
        for (service, person) in [("copy", OFFICER), ("copy", [4; 16]), ("other", CITIZEN)] {
            assert!(read(service, person).await.is_empty(), "{service}");
        }
        assert_eq!(
            world.count("SELECT COUNT(*) FROM audit WHERE act LIKE 'messages.%'").await,
            0,
            "one's own is no look"
        );
    }
}
