//! A host of one agency's e-services: admitted by its keys, walled into its agency, heard by those who follow every agency.

use std::{
    path::PathBuf,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use bus::{
    Bus, HostName, Log, Place, Service, Settings,
    keys::Key,
    subject::{Address, host_inbox_prefix},
};
use kernel::{CaseId, Failure, MessageId};
use nkeys::KeyPair;
use proto::{
    Event as _,
    eservice::v1::{CaseChanged, ReadStandingRequest, Standing, operations::READ_STANDING},
    exchange::v1::{
        IssueHostRequest, ReadHostKeysRequest, WithdrawHostRequest,
        operations::{ISSUE_HOST, READ_HOST_KEYS, WITHDRAW_HOST},
    },
    payments::v1::{IntentCaptured, RefundReply, RefundRequest, operations::REFUND},
};
use sql::{Database, cursor, outbox};

use super::{platform::Platform, walls::eventually};

const HERE: Address<'static> = Address { agency: "justice", service: Some("certificate") };

/// The keys of a host, which nobody else has.
struct Keys {
    user: KeyPair,
    signing: Key,
}

impl Keys {
    fn new(platform: &Platform) -> Self {
        Self { user: KeyPair::new_user(), signing: Key::generate(&*platform.kit.random) }
    }

    async fn admit(&self, platform: &Platform, services: &[&str]) -> Result<Settings, Failure> {
        let request = IssueHostRequest {
            agency: "justice".into(),
            host: "certificate".into(),
            services: services.iter().map(|name| (*name).to_owned()).collect(),
            nats_user: self.user.public_key(),
            signing_key: self.signing.public(),
        };
        let issued = platform.bus("operator").await.request(&ISSUE_HOST, "justice", &request).await?;
        let file = |name: &str, content: String| -> PathBuf {
            let path = platform.dir.path().join(name);
            std::fs::write(&path, content).unwrap();
            path
        };
        let credentials = crate::domain::claims::credentials(&issued.credentials_token, &self.user.seed().unwrap());
        Ok(Settings {
            credentials_file: file("host.creds", credentials),
            key_file: file("host.key", self.signing.to_text()),
            host: Some(HostName { agency: "justice".into(), name: "certificate".into() }),
            ..platform.provisioned.bus("eservice")
        })
    }
}

async fn connect(platform: &Platform, settings: &Settings) -> Bus {
    Bus::connect(settings, platform.kit.clock.clone(), platform.kit.random.clone()).await.unwrap()
}

async fn with_agency() -> Platform {
    let platform = Platform::start();
    platform.start_exchange().await;
    let operator = platform.bus("operator").await;
    platform.publish(&operator, "justice/agency.yaml", |_| {}).await.unwrap();
    platform
}

async fn serve_standing(platform: &Platform, bus: &Bus) {
    let service = Service::new("eservice")
        .for_agency("justice")
        .for_services(vec!["certificate".into()])
        .on(&READ_STANDING, |_| async { Ok(Standing { standing: "applicant".into() }) });
    bus.serve(service, &platform.kit).await.unwrap();
}

/// By address, and whom alone the caller speaks for.
type Asked = Arc<Mutex<Vec<(String, Option<String>)>>>;

/// Payments that says for which agencies it was asked to refund.
async fn refunds(platform: &Platform) -> Asked {
    let asked = Asked::default();
    let kept = asked.clone();
    let service = Service::new("payments").on(&REFUND, move |call: bus::Call<RefundRequest>| {
        kept.lock().unwrap().push((call.agency, call.speaks_for));
        async { Ok(RefundReply::default()) }
    });
    platform.bus("payments").await.serve(service, &platform.kit).await.unwrap();
    asked
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_serves_its_own_service_and_speaks_for_its_own_agency_alone() {
    let platform = with_agency().await;
    let keys = Keys::new(&platform);
    let settings = keys.admit(&platform, &["certificate"]).await.unwrap();
    let host = connect(&platform, &settings).await;
    serve_standing(&platform, &host).await;
    let asked = refunds(&platform).await;
    let signing = platform.bus("signing").await;

    let request = ReadStandingRequest::default();
    assert_eq!(signing.request(&READ_STANDING, HERE, &request).await.unwrap().standing, "applicant");
    let elsewhere = signing.request(&READ_STANDING, Address::service("justice", "passport"), &request).await;
    assert_eq!(elsewhere.unwrap_err().code, bus::NOT_RUNNING);

    host.request(&REFUND, "justice", &RefundRequest::default()).await.unwrap();
    assert!(
        host.request(&REFUND, "health", &RefundRequest::default()).await.is_err(),
        "NATS lets it through to nobody"
    );
    // Whoever steals the host's signing key and another role's connection still speaks for one agency only.
    let thief = Settings { key_file: settings.key_file.clone(), ..platform.provisioned.bus("eservice") };
    let thief = connect(&platform, &thief).await;
    let refused = thief.request(&REFUND, "health", &RefundRequest::default()).await.unwrap_err();
    assert_eq!(refused.code, "bus.signature");
    // Where no agency is named, its signature says whose host it is.
    host.request(&REFUND, "platform", &RefundRequest::default()).await.unwrap();
    platform.bus("eservice").await.request(&REFUND, "health", &RefundRequest::default()).await.unwrap();
    let told = [("justice", Some("justice")), ("platform", Some("justice")), ("health", None)];
    let told = told.map(|(address, alone)| (address.to_owned(), alone.map(str::to_owned)));
    assert_eq!(*asked.lock().unwrap(), told);

    // Another host of the agency cannot take its place in others' eyes.
    let inbox = host_inbox_prefix("eservice", "justice", "certificate");
    let raw = platform.raw(&settings.credentials_file, &inbox).await;
    for foreign in
        ["eservice.v1.read-standing.justice.passport.*", "eservice.v1.event.case-changed.*", "inbox.eservice.>"]
    {
        let mut heard = raw.subscribe(foreign).await.unwrap();
        raw.flush().await.unwrap();
        assert!(
            futures::FutureExt::now_or_never(futures::StreamExt::next(&mut heard)).flatten().is_none(),
            "{foreign}"
        );
    }

    let again = keys.admit(&platform, &["certificate"]).await.unwrap();
    assert_eq!(again, settings, "admitting again changes nothing");
    let withdrawn = WithdrawHostRequest { agency: "justice".into(), host: "certificate".into() };
    platform.bus("operator").await.request(&WITHDRAW_HOST, "justice", &withdrawn).await.unwrap();
    eventually(|| !host.is_connected()).await;
    let gone = signing.request(&READ_STANDING, HERE, &request).await;
    assert_eq!(gone.unwrap_err().code, bus::NOT_RUNNING);
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_of_hosts_are_told_in_pages_and_a_reader_of_an_older_release_is_told_all_at_once() {
    let platform = with_agency().await;
    let mut admitted = Vec::new();
    for _ in 0..3 {
        let keys = Keys::new(&platform);
        keys.admit(&platform, &[]).await.unwrap();
        admitted.push(keys.signing.public());
    }
    let reader = platform.bus("operator").await;
    let (mut asked, mut pages) = (ReadHostKeysRequest { limit: 2, ..ReadHostKeysRequest::default() }, Vec::new());
    loop {
        let told = reader.request(&READ_HOST_KEYS, "platform", &asked).await.unwrap();
        let last = told.keys.last().unwrap();
        (asked.after_us, asked.after_public) = (last.since_us, last.public.clone());
        pages.push(told.keys.into_iter().map(|key| key.public).collect::<Vec<_>>());
        if !told.more {
            break;
        }
    }
    assert_eq!(pages, [admitted[..2].to_vec(), admitted[2..].to_vec()], "in the order of their admission");
    let all = reader.request(&READ_HOST_KEYS, "platform", &ReadHostKeysRequest::default()).await.unwrap();
    let ended: Vec<bool> = all.keys.iter().map(|key| key.not_after_us != 0).collect();
    assert_eq!((ended, all.more), (vec![true, true, false], false), "those that ended are told, too");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_is_not_admitted_for_an_unknown_agency_or_under_a_key_that_is_none() {
    let platform = Platform::start();
    platform.start_exchange().await;
    let keys = Keys::new(&platform);
    assert_eq!(keys.admit(&platform, &[]).await.unwrap_err().code, "exchange.no-agency");
    let operator = platform.bus("operator").await;
    platform.publish(&operator, "justice/agency.yaml", |_| {}).await.unwrap();
    let good = IssueHostRequest {
        agency: "justice".into(),
        host: "certificate".into(),
        services: Vec::new(),
        nats_user: keys.user.public_key(),
        signing_key: keys.signing.public(),
    };
    for (bad, code) in [
        (IssueHostRequest { agency: "platform".into(), ..good.clone() }, "exchange.reserved-agency"),
        (IssueHostRequest { host: "a.b".into(), ..good.clone() }, "bus.name"),
        (IssueHostRequest { services: vec!["*".into()], ..good.clone() }, "bus.name"),
        (IssueHostRequest { nats_user: KeyPair::new_account().public_key(), ..good.clone() }, "exchange.host-keys"),
        (IssueHostRequest { signing_key: "short".into(), ..good.clone() }, "exchange.host-keys"),
    ] {
        assert_eq!(operator.request(&ISSUE_HOST, "justice", &bad).await.unwrap_err().code, code);
    }
    let portal = platform.bus("portal").await;
    assert!(portal.request(&ISSUE_HOST, "justice", &good).await.is_err(), "only the operator asks");
}

async fn database(platform: &Platform, name: &str) -> Database {
    Database::open(&sql::Settings::file(platform.dir.path().join(name)), &[]).await.unwrap()
}

async fn enqueue(platform: &Platform, database: &Database, name: &str, agency: &str) {
    enqueue_of(platform, database, name, agency, None).await;
}

async fn enqueue_of(platform: &Platform, database: &Database, name: &str, agency: &str, case: Option<(CaseId, i64)>) {
    let id = MessageId::new(&*platform.kit.clock, &*platform.kit.random);
    enqueue_as(platform, database, id, (name, agency), case).await;
}

async fn enqueue_as(
    platform: &Platform,
    database: &Database,
    message_id: MessageId,
    (name, agency): (&str, &str),
    case: Option<(CaseId, i64)>,
) {
    let mut tx = database.begin().await.unwrap();
    let message = outbox::Outgoing {
        message_id,
        name: name.into(),
        agency: agency.into(),
        case,
        time: platform.kit.clock.now(),
        body: Vec::new(),
    };
    outbox::enqueue(&mut tx, &message).await.unwrap();
    tx.commit().await.unwrap();
}

/// (log, agency, sequence) of what a consumer took.
type Taken = Arc<Mutex<Vec<(String, String, i64)>>>;

fn take(platform: &Platform, bus: &Bus, database: &Database, producer: &'static str) -> Taken {
    let taken = Taken::default();
    let kept = taken.clone();
    bus::consume(bus, database, &platform.kit, producer, move |_tx, event| {
        // What happened before the consumer came is taken by reading the log: also events of others may lie between.
        kept.lock().unwrap().push((event.log, event.agency, event.sequence));
        Box::pin(async { Ok(()) })
    });
    taken
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_hears_its_own_agency_whatever_lies_between() {
    let platform = with_agency().await;
    let host = connect(&platform, &Keys::new(&platform).admit(&platform, &[]).await.unwrap()).await;
    let payments = platform.bus("payments").await;
    let log = database(&platform, "payments.db").await;
    bus::relay::run(&payments, &log, Log::of("payments"), &platform.kit).await.unwrap();
    let sold = |agency: &'static str| enqueue(&platform, &log, IntentCaptured::NAME, agency);
    for agency in ["health", "justice", "health", "justice"] {
        sold(agency).await;
    }
    let own = database(&platform, "host.db").await;
    let taken = take(&platform, &host, &own, "payments");
    eventually(|| taken.lock().unwrap().len() == 2).await;
    for (agency, count) in [("justice", 3), ("health", 3), ("justice", 4), ("health", 4), ("justice", 5)] {
        sold(agency).await;
        eventually(|| taken.lock().unwrap().len() == count).await;
    }
    let seen: Vec<_> = taken.lock().unwrap().iter().map(|(_, agency, at)| (agency.clone(), *at)).collect();
    let wanted = [2, 4, 5, 7, 9].map(|at| ("justice".to_owned(), at));
    assert_eq!(seen, wanted);
    assert!(
        host.request(&proto::payments::v1::operations::OUTBOX_READ, "platform", &Default::default()).await.is_err()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_hosts_that_share_a_cursor_the_second_is_told_and_any_of_them_reads_an_event_again() {
    let platform = with_agency().await;
    let settings = Keys::new(&platform).admit(&platform, &[]).await.unwrap();
    let hosts = [connect(&platform, &settings).await, connect(&platform, &settings).await];
    let payments = platform.bus("payments").await;
    let log = database(&platform, "payments.db").await;
    bus::relay::run(&payments, &log, Log::of("payments"), &platform.kit).await.unwrap();
    let shared = database(&platform, "host.db").await;
    let (taken, passed) = (Arc::<Mutex<Vec<bus::Event>>>::default(), Arc::<AtomicUsize>::default());
    for host in &hosts {
        let (kept, counted) = (taken.clone(), passed.clone());
        let count = move || {
            counted.fetch_add(1, Ordering::SeqCst);
        };
        bus::consume_beside(host, &shared, &platform.kit, "payments", count, move |_tx, event| {
            kept.lock().unwrap().push(event);
            Box::pin(async { Ok(()) })
        });
    }
    enqueue(&platform, &log, IntentCaptured::NAME, "justice").await;
    eventually(|| taken.lock().unwrap().len() == 1).await;
    let before = passed.load(Ordering::SeqCst);
    for agency in ["health", "justice"] {
        enqueue(&platform, &log, IntentCaptured::NAME, agency).await;
    }
    eventually(|| taken.lock().unwrap().len() == 2 && passed.load(Ordering::SeqCst) > before).await;

    let event = taken.lock().unwrap()[1].clone();
    let (payments, place) = (Log::of("payments"), event.place());
    let again = async |place: &Place| bus::read_again(&hosts[0], &payments, place).await.unwrap();
    let found = again(&place).await.unwrap();
    assert_eq!((found.message_id, found.sequence, found.name), (event.message_id, 3, event.name));
    let unknown = Place { message_id: MessageId::from_bytes([9; 16]), ..place };
    assert!(again(&unknown).await.is_none());
    assert!(again(&Place { sequence: 2, ..place }).await.is_some_and(|found| found.agency == "justice"));
    let mut tx = log.begin().await.unwrap();
    let epoch = outbox::start_epoch(&mut tx).await.unwrap();
    tx.commit().await.unwrap();
    let found = again(&place).await.unwrap();
    assert_eq!((found.message_id, found.epoch), (event.message_id, epoch), "it is found in another epoch");
    assert!(again(&unknown).await.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn every_agencys_log_is_followed_beside_that_of_the_host_of_all() {
    let platform = with_agency().await;
    let host = connect(&platform, &Keys::new(&platform).admit(&platform, &[]).await.unwrap()).await;
    let all = platform.bus("eservice").await;
    let (own, shared) = (database(&platform, "host.db").await, database(&platform, "all.db").await);
    bus::relay::run(&host, &own, Log::named("eservice", "justice"), &platform.kit).await.unwrap();
    bus::relay::run(&all, &shared, Log::of("eservice"), &platform.kit).await.unwrap();
    let docket = platform.bus("docket").await;
    let index = database(&platform, "docket.db").await;
    let taken = take(&platform, &docket, &index, "eservice");
    for (database, agency) in [(&own, "justice"), (&shared, "health"), (&own, "justice"), (&own, "health")] {
        enqueue(&platform, database, CaseChanged::NAME, agency).await;
    }
    // What names another agency than the host's is published by nobody and held back by its own relay.
    eventually(|| taken.lock().unwrap().len() == 3).await;
    let mut seen = taken.lock().unwrap().clone();
    seen.sort();
    let row = |log: &str, agency: &str, at| (log.to_owned(), agency.to_owned(), at);
    assert_eq!(seen, [row("justice", "justice", 1), row("justice", "justice", 2), row("platform", "health", 1)]);
    let mut tx = index.read().await.unwrap();
    assert_eq!(cursor::all(&mut tx).await.unwrap(), ["eservice", "eservice/justice"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_host_speaks_of_a_case_that_another_agencys_log_spoke_of_first() {
    let platform = with_agency().await;
    let host = connect(&platform, &Keys::new(&platform).admit(&platform, &[]).await.unwrap()).await;
    let own = database(&platform, "host.db").await;
    bus::relay::run(&host, &own, Log::named("eservice", "justice"), &platform.kit).await.unwrap();
    let docket = platform.bus("docket").await;
    let index = database(&platform, "docket.db").await;
    let foreign = CaseId::from_bytes([1; 16]);
    let mut tx = index.begin().await.unwrap();
    assert!(sql::case_log::claim(&mut tx, foreign, "health").await.unwrap());
    tx.commit().await.unwrap();
    let taken = take(&platform, &docket, &index, "eservice");
    for case in [1, 2, 1, 2] {
        let case = CaseId::from_bytes([case; 16]);
        enqueue_of(&platform, &own, CaseChanged::NAME, "justice", Some((case, 1))).await;
    }
    eventually(|| taken.lock().unwrap().len() == 2).await;
    let seen: Vec<_> = taken.lock().unwrap().iter().map(|(_, _, at)| *at).collect();
    assert_eq!(seen, [2, 4]);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_host_makes_anothers_event_look_like_a_repetition() {
    let platform = with_agency().await;
    let host = connect(&platform, &Keys::new(&platform).admit(&platform, &[]).await.unwrap()).await;
    let all = platform.bus("eservice").await;
    let (own, shared) = (database(&platform, "host.db").await, database(&platform, "all.db").await);
    bus::relay::run(&host, &own, Log::named("eservice", "justice"), &platform.kit).await.unwrap();
    bus::relay::run(&all, &shared, Log::of("eservice"), &platform.kit).await.unwrap();
    let docket = platform.bus("docket").await;
    let index = database(&platform, "docket.db").await;
    let taken = take(&platform, &docket, &index, "eservice");
    // Ids of some events follow from the case, so that a host could know another's before it comes.
    let known = MessageId::from_bytes([9; 16]);
    enqueue_as(&platform, &own, known, (CaseChanged::NAME, "justice"), None).await;
    eventually(|| taken.lock().unwrap().len() == 1).await;
    enqueue_as(&platform, &shared, known, (CaseChanged::NAME, "health"), None).await;
    eventually(|| taken.lock().unwrap().len() == 2).await;
}
