//! A host with its clock, its scripted surroundings, and people who ask it for things.

use std::sync::Arc;

use bus::{Assurance, Call, Person};
use kernel::{CommandId, Hash, ManualClock, MessageId, PersonId, SeededRandom, Time};
use prost::Message;
use proto::eservice::v1::{
    CaseReply, DecideTaskRequest, OpenDraftReply, OpenDraftRequest, Page, ReadCaseRequest, ReadPageRequest,
    SavePageRequest, SubmitReply, SubmitRequest, Value,
};

use super::platform::{Scripted, amount};
use crate::{
    bus::{answers, case, draft, events, load, page, submit, task},
    host::Host,
    keys::Keys,
    perform, store, timers, upkeep,
};

/// A working day in November 2026, in the morning in Tashkent.
pub const MORNING: Time = Time::from_seconds(1_795_410_000);

#[derive(Clone)]
pub struct World {
    pub host: Arc<Host>,
    pub clock: Arc<ManualClock>,
    pub platform: Arc<Scripted>,
    random: Arc<SeededRandom>,
}

pub fn person(number: u8) -> PersonId {
    PersonId::from_bytes([number; 16])
}

pub const CITIZEN: u8 = 1;
pub const OFFICER: u8 = 99;
/// Appointed to the whole agency.
pub const LEAD: u8 = 98;
/// Of the same office; registries may name them.
pub const SPOUSE: u8 = 97;
/// Of another office.
pub const NUKUS: u8 = 96;
/// Of the same office as the first.
pub const COLLEAGUE: u8 = 100;
/// Leads that office.
pub const HEAD: u8 = 101;
/// Of another agency.
pub const EXPERT: u8 = 102;
/// Leads the whole agency.
pub const CHIEF: u8 = 103;
/// Head of the agency, and its lawyer.
pub const DIRECTOR: u8 = 105;
pub const LAWYER: u8 = 106;

impl World {
    pub async fn new(database: sql::Database) -> Self {
        let clock = Arc::new(ManualClock::at(MORNING));
        Self::around(database, clock, Scripted::new(person(OFFICER))).await
    }

    /// One whose cases two officers decide.
    pub async fn of_two(database: sql::Database) -> Self {
        Self::around(database, Arc::new(ManualClock::at(MORNING)), Scripted::of_two(person(OFFICER))).await
    }

    /// One whose cases no officer decides.
    pub async fn unreviewed(database: sql::Database) -> Self {
        Self::around(database, Arc::new(ManualClock::at(MORNING)), Scripted::unreviewed(person(OFFICER))).await
    }

    /// One where officers take in a foreigner's paper, too, and begin ex officio.
    pub async fn of_anybody(database: sql::Database) -> Self {
        Self::around(database, Arc::new(ManualClock::at(MORNING)), Scripted::of_anybody(person(OFFICER))).await
    }

    /// One where officers take in paper of which it is not known yet whose it is.
    pub async fn of_later(database: sql::Database) -> Self {
        Self::around(database, Arc::new(ManualClock::at(MORNING)), Scripted::of_later(person(OFFICER))).await
    }

    /// One whose cases announce what they grant.
    pub async fn emitting(database: sql::Database) -> Self {
        Self::around(database, Arc::new(ManualClock::at(MORNING)), Scripted::emitting(person(OFFICER))).await
    }

    /// One where an agency's event begins cases.
    pub async fn hearing(database: sql::Database) -> Self {
        Self::around(database, Arc::new(ManualClock::at(MORNING)), Scripted::hearing(person(OFFICER))).await
    }

    async fn around(database: sql::Database, clock: Arc<ManualClock>, platform: Scripted) -> Self {
        let world = Self::replica(database, clock, Arc::new(platform), 1);
        world.learns().await;
        world
    }

    /// The host knows what the register admitted and how it is placed.
    pub async fn learns(&self) {
        upkeep::learn(&self.host).await.unwrap();
        assert!(!upkeep::fetch_missing(&self.host).await.unwrap());
        assert!(!upkeep::read_placements(&self.host).await.unwrap());
    }

    /// The register places revisions anew, and the host hears of it.
    pub async fn placed(&self, revisions: Vec<proto::register::v1::PlacedRevision>, closed: &str) {
        let version = {
            let mut placement = self.platform.placement.lock().unwrap();
            placement.version += 1;
            placement.revisions = revisions;
            closed.clone_into(&mut placement.intake_reason);
            placement.version
        };
        let mut tx = self.host.database.begin().await.unwrap();
        store::placements::hear(&mut tx, "justice", "marriage-certificate-copy", version).await.unwrap();
        tx.commit().await.unwrap();
        assert!(!upkeep::read_placements(&self.host).await.unwrap());
        assert!(!upkeep::fetch_missing(&self.host).await.unwrap());
    }

    pub async fn load(&self, since: Time, kept: bool) -> proto::eservice::v1::Load {
        let request = proto::eservice::v1::ReadLoadRequest {
            agency: "justice".into(),
            service: "marriage-certificate-copy".into(),
            since_us: since.micros(),
            kept,
        };
        load::read(self.host.clone(), Call { person: None, ..self.call(CITIZEN, request) }).await.unwrap()
    }

    /// Another host over the same database.
    pub fn replica(database: sql::Database, clock: Arc<ManualClock>, platform: Arc<Scripted>, seed: u64) -> Self {
        Self::serving(&[], database, (clock, platform), seed)
    }

    /// A host that runs these services of the agency; of none: every one of every agency.
    pub fn serving(
        services: &[&str],
        database: sql::Database,
        (clock, platform): (Arc<ManualClock>, Arc<Scripted>),
        seed: u64,
    ) -> Self {
        let random = Arc::new(SeededRandom::new(seed));
        let folder = testkit::folder().join("agency-keys");
        let keys = Keys::open(folder, [7; 32], true, random.clone());
        let agency = (!services.is_empty()).then(|| "justice".to_owned());
        let services = services.iter().map(|&service| service.to_owned()).collect();
        let host = Host::new(database, clock.clone(), random.clone(), platform.clone(), keys).serving(agency, services);
        Self { host: Arc::new(host), clock, platform, random }
    }

    /// A call as the bus hands it over, after it verified caller, signature and person.
    pub fn call<Q: Message>(&self, who: u8, request: Q) -> Call<Q> {
        let command_id = CommandId::new(&*self.clock, &*self.random);
        Call {
            body_hash: Hash::of(&request.encode_to_vec()),
            request,
            agency: "justice".into(),
            service: None,
            caller: "portal".into(),
            speaks_for: None,
            message_id: MessageId::new(&*self.clock, &*self.random),
            time: MORNING,
            deadline: MORNING.plus(std::time::Duration::from_secs(5)),
            person: Some(Person {
                id: person(who),
                actor: person(who),
                mandate: None,
                assurance: Assurance::Substantial,
                authenticated: MORNING,
                command_id,
                officer: who >= NUKUS,
            }),
        }
    }

    pub fn read(&self, who: u8, case: &[u8]) -> Call<ReadCaseRequest> {
        self.call(who, ReadCaseRequest { case_id: case.to_vec(), language: "en".into() })
    }

    pub async fn open(&self, who: u8) -> OpenDraftReply {
        let request = OpenDraftRequest {
            agency: "justice".into(),
            service: "marriage-certificate-copy".into(),
            language: "en".into(),
            reuse: true,
            ..OpenDraftRequest::default()
        };
        draft::open(self.host.clone(), self.call(who, request)).await.unwrap()
    }

    pub async fn save(&self, who: u8, case: &[u8], page: &str, values: &[(&str, &str)]) -> String {
        let value = |(at, text): &(&str, &str)| Value { at: (*at).into(), text: (*text).into() };
        let request = SavePageRequest {
            case_id: case.to_vec(),
            page: page.into(),
            language: "en".into(),
            values: values.iter().map(value).collect(),
            disputed: Vec::new(),
            shown_hash: Box::pin(self.page(who, case, page)).await.shown_hash,
        };
        // Boxed: what stands inside one another here would not fit a test's stack.
        let reply = Box::pin(page::save(self.host.clone(), self.call(who, request))).await.unwrap();
        let wrong: Vec<_> = reply.page.iter().flat_map(|page| &page.fields).map(|field| &field.error_code).collect();
        assert!(reply.page.is_none(), "{page}: {wrong:?}");
        reply.next
    }

    pub async fn page(&self, who: u8, case: &[u8], page: &str) -> Page {
        let request = ReadPageRequest { case_id: case.to_vec(), page: page.into(), language: "en".into() };
        page::read(self.host.clone(), self.call(who, request)).await.unwrap()
    }

    /// Fills in and submits; gives the case and its number.
    pub async fn submitted(&self, who: u8) -> SubmitReply {
        let case = self.open(who).await.case_id;
        self.fill_in(who, &case).await;
        let request = self.submission(who, &case).await;
        submit::submit(self.host.clone(), self.call(who, request)).await.unwrap()
    }

    pub async fn fill_in(&self, who: u8, case: &[u8]) {
        self.save(who, case, "date", &[("marriage.date", "2012-06-16")]).await;
        self.save(who, case, "office", &[("marriage.office", "tashkent-yunusabad")]).await;
        self.save(who, case, "name", &[("formerName.changed", "false")]).await;
        self.save(who, case, "reason", &[("reason.kind", "lost")]).await;
        self.save(who, case, "benefit", &[("benefit.kind", "none")]).await;
        let next = self.save(who, case, "contact", &[("contact.phone", "+998901112233")]).await;
        assert_eq!(next, "", "all pages are answered");
    }

    pub async fn submission(&self, who: u8, case: &[u8]) -> SubmitRequest {
        let shown = answers::read(self.host.clone(), self.read(who, case)).await.unwrap();
        assert!(shown.incomplete.is_empty(), "{:?}", shown.incomplete);
        SubmitRequest {
            case_id: case.to_vec(),
            version: shown.version,
            shown_hash: shown.shown_hash,
            language: "en".into(),
            confirmed: Hash::of(b"I saw the original").to_vec(),
        }
    }

    pub async fn case(&self, who: u8, case: &[u8]) -> proto::eservice::v1::Case {
        case::read(self.host.clone(), self.read(who, case)).await.unwrap()
    }

    /// Performs and fires until nothing is due.
    pub async fn settle(&self) {
        for _ in 0..60 {
            let performed = perform::perform_due(&self.host, 8).await.unwrap();
            let fired = timers::fire_due(&self.host).await.unwrap();
            if performed + fired == 0 {
                return;
            }
        }
        panic!("it never comes to rest");
    }

    pub async fn paid(&self, case: &[u8]) {
        let intent = self.case(CITIZEN, case).await.intent;
        self.paid_by(case, &intent).await;
    }

    /// Payments says that an intent was captured.
    pub async fn paid_by(&self, case: &[u8], intent: &[u8]) {
        let captured = proto::payments::v1::IntentCaptured {
            case: Some(proto::CaseRef { case_id: case.to_vec(), agency: "justice".into(), ..Default::default() }),
            intent: intent.to_vec(),
            amount: Some(amount()),
            captured_us: MORNING.micros(),
        };
        let event = bus::Event {
            producer: "payments".into(),
            log: "platform".into(),
            name: "intent-captured".into(),
            agency: "justice".into(),
            message_id: MessageId::derived(Hash::of(intent)),
            epoch: 1,
            sequence: 1,
            case: Some((kernel::CaseId::from_slice(case).unwrap(), 1)),
            time: MORNING,
            body: captured.encode_to_vec().into(),
            trace: kernel::Trace::current(),
        };
        let mut tx = self.host.database.begin().await.unwrap();
        events::payment(&self.host, &mut tx, &event).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// The open task of a case, as the docket would know it.
    pub async fn open_task(&self, case: &[u8]) -> Vec<u8> {
        let mut tx = self.host.database.read().await.unwrap();
        let row = tx
            .fetch_one("SELECT task_id FROM case_tasks WHERE case_id = $1 AND closed IS NULL", sql::args![case])
            .await
            .unwrap();
        row.blob(0).unwrap()
    }

    pub async fn decide(&self, who: u8, request: DecideTaskRequest) -> Result<CaseReply, kernel::Failure> {
        task::decide(self.host.clone(), self.call(who, request)).await
    }

    /// What must hold whenever the world has come to rest.
    pub async fn nothing_is_left_behind(&self) {
        let mut tx = self.host.database.begin().await.unwrap();
        assert_eq!(store::cases::stuck(&mut tx, Time::from_micros(i64::MAX)).await.unwrap(), 0, "an open action");
        assert!(!store::laid_by::any(&mut tx).await.unwrap(), "something that was heard has not arrived");
        sql::audit::verify(&mut tx).await.unwrap();
        let head = sql::outbox::assign(&mut tx, 10_000).await.unwrap();
        let rows = tx.fetch_all("SELECT version FROM cases", sql::args![]).await.unwrap();
        let transitions: i64 = rows.iter().map(|row| row.int(0).unwrap()).sum();
        let told = "SELECT COUNT(*) FROM audit WHERE act IN ('case.opened', 'case.held', 'case.hold-ended', 'event.not-begun')
                    OR (act IN ('paper.taken-in', 'paper.discarded', 'paper.taken-over', 'paper.identified') AND detail NOT LIKE '%\"opening\":null%')
                    OR (act = 'case.begun' AND detail LIKE '%\"channel\":\"event\"%')";
        let told = tx.fetch_one(told, sql::args![]).await.unwrap().int(0).unwrap();
        assert_eq!(
            head.last,
            transitions + told,
            "one outgoing message a transition, an opening, a hold, and an event that began a case or none"
        );
        tx.commit().await.unwrap();
    }
}
