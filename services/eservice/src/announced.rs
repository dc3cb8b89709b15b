//! What agencies' own systems announce begins cases: read from the exchange, once for each service. What begins none is on record, by
//! name, in the service's agency; nothing is passed over while somebody who is needed for it is away.

use std::{
    collections::HashMap,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use boot::metrics;
use kernel::{CaseId, Failure, Hash, Language, MessageId, PersonId, Time, pinfl::Pinfl};
use process::{
    Command, announced,
    case::{Announced, Applicant},
};
use prost::Message;
use proto::{
    CaseRef, Event as _,
    eservice::v1::{BegunFromEvent, CaseNotBegun},
    exchange::v1::{AnnouncedEvent, ReadEventsRequest},
    identity::v1::ResolvePersonRequest,
};
use sql::outbox::Outgoing;

use crate::{
    bus::draft::{in_force, takes_applications},
    domain::{
        applicant::{self, Standing},
        text,
    },
    execute::{Order, act, new_case, no_answer, note, own_id},
    host::{Host, Reach},
    store::{
        events::{self, Reader},
        revisions,
    },
};

/// Between two looks.
const EVERY: Duration = Duration::from_secs(10);
/// After a failure: without a Grant, for example, it is the same for days.
const REST: Duration = Duration::from_secs(60);
const TOGETHER: i32 = 16;
/// Of what is announced to a service that is offered to a share of people, everybody has the same revision: this one's.
const NOBODY: [u8; 16] = [0; 16];
/// What came of an event, for whoever counts them.
const BEGUN: &str = "begun";
const NOT_BEGUN: &str = "not-begun";
/// Nobody signed in.
const ASSURANCE: &str = "none";

/// An event that begins cases of a service that runs here.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Way {
    agency: String,
    service: String,
    /// Whose system announces it.
    owner: String,
    event: String,
}

impl Way {
    fn hosted_service(&self) -> String {
        format!("{}/{}", self.agency, self.service)
    }
}

/// By which start of the revision in force such an event begins a case.
#[derive(Debug, Clone)]
struct Begins {
    start: String,
    title: Option<proto::Text>,
}

/// What is listened to now, and up to where it was read.
#[derive(Default)]
pub struct Ear {
    /// As of which news about revisions, and which day: a revision may come into force with a day.
    learned: Option<(u64, String)>,
    ways: Vec<(Way, Begins)>,
    places: HashMap<Way, i64>,
    /// Until when nobody asks again where something failed.
    rests: HashMap<Way, Time>,
}

pub fn run(kit: &boot::Kit, host: &Arc<Host>) {
    // Whoever watches sees the first one as a rise, too.
    for outcome in [BEGUN, NOT_BEGUN] {
        metrics::EVENTS.not_yet(&[outcome]);
    }
    let (host, shutdown) = (host.clone(), kit.shutdown.clone());
    kit.spawn("announced", move || {
        let (host, shutdown) = (host.clone(), shutdown.clone());
        async move {
            let mut ear = Ear::default();
            loop {
                tokio::select! {
                    () = shutdown.cancelled() => return Ok(()),
                    () = tokio::time::sleep(EVERY) => {}
                }
                if let Err(failure) = ear.listen(&host).await {
                    tracing::warn!(?failure, "agencies' events wait");
                }
            }
        }
    });
}

impl Ear {
    /// Takes whatever was announced since; says how many events were done with. One that waits holds up none of another name.
    pub async fn listen(&mut self, host: &Host) -> Result<usize, Failure> {
        if let Err(failure) = self.learn(host).await {
            tracing::warn!(?failure, "which events begin cases is asked again");
        }
        let (mut done, now) = (0, host.now());
        for (way, begins) in self.ways.clone() {
            if self.rests.get(&way).is_some_and(|until| now < *until) {
                continue;
            }
            match self.take(host, (&way, &begins)).await {
                Ok(taken) => done += taken,
                Err(failure) => {
                    let (service, event) = (way.hosted_service(), format!("{}/{}", way.owner, way.event));
                    tracing::warn!(%service, %event, ?failure, "an agency's events wait");
                    self.rests.insert(way, now.plus(REST));
                }
            }
        }
        Ok(done)
    }

    /// Which events begin cases here, by the revisions in force.
    async fn learn(&mut self, host: &Host) -> Result<(), Failure> {
        let today = process::calendar::civil_date(host.now()).to_string();
        let news = (host.revised.load(Ordering::Relaxed), today);
        if self.learned.as_ref() == Some(&news) {
            return Ok(());
        }
        let mut tx = host.database.read().await?;
        let services = revisions::services(&mut tx).await?;
        drop(tx);
        let mut ways = Vec::new();
        for (agency, service) in services.into_iter().filter(|(agency, service)| host.serves(agency, service)) {
            let Some(revision) = host.in_force(&agency, &service, nobody()).await? else { continue };
            let admitted = host.platform.revision(revision).await?;
            // Read and not made ready to run: a host may have hundreds of services, and few begin from events.
            let Ok(definition) = process::revision::read(&admitted.definition, revision) else { continue };
            ways.extend(announced::ways(&definition).map(|way| {
                let heard = Way {
                    agency: agency.clone(),
                    service: service.clone(),
                    owner: way.agency.to_owned(),
                    event: way.event.name.clone(),
                };
                let title = way.start.title.as_ref().map(text::to_proto);
                (heard, Begins { start: way.start.name.clone(), title })
            }));
        }
        self.ways = ways;
        self.learned = Some(news);
        Ok(())
    }

    async fn take(&mut self, host: &Host, (way, begins): (&Way, &Begins)) -> Result<usize, Failure> {
        let service = way.hosted_service();
        let reader = Reader { service: &service, agency: &way.owner, event: &way.event };
        let mut done = 0;
        loop {
            let after = self.place(host, way, reader).await?;
            let asked = ReadEventsRequest {
                agency: way.agency.clone(),
                service: way.service.clone(),
                owner: way.owner.clone(),
                name: way.event.clone(),
                after: after.unwrap_or(-1),
                limit: TOGETHER,
            };
            let told = host.platform.events(&asked).await?;
            if after.is_none() {
                // What was announced before the service began with it begins nothing.
                let mut tx = host.database.begin().await?;
                events::begin(&mut tx, reader, told.last).await?;
                tx.commit().await?;
                return Ok(done);
            }
            if told.events.is_empty() {
                return Ok(done);
            }
            for event in &told.events {
                begin(host, (way, begins), reader, event).await?;
                self.places.insert(way.clone(), event.place);
                done += 1;
            }
        }
    }

    /// The database is asked once: from then on this copy knows by itself, and one that is behind does nothing twice.
    async fn place(&mut self, host: &Host, way: &Way, reader: Reader<'_>) -> Result<Option<i64>, Failure> {
        if let Some(place) = self.places.get(way) {
            return Ok(Some(*place));
        }
        let mut tx = host.database.read().await?;
        let place = events::place(&mut tx, reader).await?;
        self.places.extend(place.map(|place| (way.clone(), place)));
        Ok(place)
    }
}

/// Begins the case, or says in the record, and to whoever leads the service, why there is none.
async fn begin(
    host: &Host,
    (way, begins): (&Way, &Begins),
    reader: Reader<'_>,
    event: &AnnouncedEvent,
) -> Result<(), Failure> {
    let case = case_of(way, event);
    let refused = match Box::pin(open(host, way, event, case)).await {
        Ok(()) => None,
        Err(failure) if waits(&failure) => return Err(failure),
        Err(failure) => Some(failure),
    };
    let mut tx = host.database.begin().await?;
    let is_first = events::advance(&mut tx, reader, event.place).await?;
    let outcome = if refused.is_none() { BEGUN } else { NOT_BEGUN };
    if let Some(failure) = refused.filter(|_| is_first) {
        tracing::warn!(service = reader.service, event = %way.event, code = %failure.code, "an event began no case");
        let mut lost = act("event.not-begun", host.now(), None, case, &way.agency);
        lost.detail = serde_json::json!({
            "service": way.service, "from": way.owner, "event": way.event, "id": event.id, "code": failure.code,
        })
        .to_string();
        note(&mut tx, lost).await?;
        sql::outbox::enqueue(&mut tx, &not_begun(host, (way, begins), event, &failure)).await?;
    }
    tx.commit().await?;
    if is_first {
        metrics::EVENTS.count(&[outcome]);
    }
    Ok(())
}

fn not_begun(host: &Host, (way, begins): (&Way, &Begins), event: &AnnouncedEvent, failure: &Failure) -> Outgoing {
    let told = CaseNotBegun {
        agency: way.agency.clone(),
        service: way.service.clone(),
        start: begins.start.clone(),
        title: begins.title.clone(),
        owner: way.owner.clone(),
        event: way.event.clone(),
        id: event.id.clone(),
        code: failure.code.to_string(),
        announced_us: event.time_us,
        time_us: host.now().micros(),
    };
    Outgoing {
        message_id: MessageId::derived(Hash::of_parts(&identity(b"case-not-begun", way, event))),
        name: CaseNotBegun::NAME.to_owned(),
        agency: way.agency.clone(),
        // There is none.
        case: None,
        time: host.now(),
        body: told.encode_to_vec(),
    }
}

/// What comes right without anybody changing the event is waited for; so is a service whose intake was stopped for now.
fn waits(failure: &Failure) -> bool {
    failure.kind.retry() || failure.code == "service.stopped"
}

/// One case for each event and service, however often it is heard.
fn case_of(way: &Way, event: &AnnouncedEvent) -> CaseId {
    CaseId::derived(Hash::of_parts(&identity(b"case-from-event", way, event)))
}

fn identity<'a>(kind: &'a [u8], way: &'a Way, event: &'a AnnouncedEvent) -> [&'a [u8]; 5] {
    let Way { agency, service, owner, event: _ } = way;
    [kind, agency.as_bytes(), service.as_bytes(), owner.as_bytes(), event.id.as_bytes()]
}

async fn open(host: &Host, way: &Way, event: &AnnouncedEvent, case_id: CaseId) -> Result<(), Failure> {
    if event.gone {
        let message = "The event waited too long to be read, and what it said is no longer kept.";
        return Err(Failure::not_found("start.event-gone", message));
    }
    let revision = in_force(host, &way.agency, &way.service, nobody()).await?;
    takes_applications(host, &way.agency, &way.service).await?;
    let service = host.service(&way.agency, revision, Reach::Platform).await?;
    let Some(taken) = announced::way(service.definition(), &way.owner, &way.event) else {
        return Err(process::start::late().into());
    };
    let said = announced::said(taken.event, &event.data)?;
    let pinfl = Pinfl::parse(announced::applicant(taken.event, &said).unwrap_or_default())?;
    let applicant = applicant_of(host, &pinfl, case_id).await?;
    let heard = Announced {
        agency: way.owner.clone(),
        event: way.event.clone(),
        id: event.id.clone(),
        at: Time::from_micros(event.time_us),
    };
    let start = taken.start.name.clone();
    let told = told(host, way, (case_id, revision), applicant.person, taken.start);
    let mut begun = act("case.begun", host.now(), None, case_id, &way.agency);
    begun.detail = serde_json::json!({
        "start": start, "channel": announced::CHANNEL, "from": way.owner, "event": way.event, "id": event.id,
    })
    .to_string();
    let parts = identity(b"announced", way, event);
    let order = Order {
        case_id,
        id: own_id("begin-from-event", &parts),
        request: None,
        opens: Some(new_case(host, case_id, &way.agency, &way.service, revision, applicant.person)?),
        numbered: true,
        acts: vec![begun],
        command: &|_, _, number| {
            Ok(Command::BeginFromEvent {
                case_id,
                applicant: applicant.clone(),
                language: Language::default(),
                number: number.unwrap_or_default().to_owned(),
                start: start.clone(),
                announced: heard.clone(),
                said: said.clone(),
            })
        },
        answer: &no_answer,
        outgoing: vec![told],
    };
    host.execute(&order).await.map(|_| ())
}

/// The applicant reads among "who looked at my data" that one agency told another about them.
fn told(
    host: &Host,
    way: &Way,
    (case_id, revision): (CaseId, Hash),
    applicant: PersonId,
    start: &api::Start,
) -> Outgoing {
    let id = MessageId::derived(Hash::of_parts(&[b"begun-from-event", case_id.as_bytes()]));
    let case = CaseRef {
        case_id: case_id.to_vec(),
        agency: way.agency.clone(),
        service: way.service.clone(),
        revision: revision.to_vec(),
    };
    let told = BegunFromEvent {
        case: Some(case),
        applicant: applicant.to_vec(),
        time_us: host.now().micros(),
        owner: way.owner.clone(),
        name: way.event.clone(),
        purpose: start.title.as_ref().map(text::to_proto),
        legal_basis: start.legal_basis.as_ref().map(|act| text::to_proto(&act.title)),
        cause: id.to_vec(),
    };
    Outgoing {
        message_id: id,
        name: BegunFromEvent::NAME.to_owned(),
        agency: way.agency.clone(),
        case: Some((case_id, 1)),
        time: host.now(),
        body: told.encode_to_vec(),
    }
}

/// Whoever the event names; under which name they are known is theirs to say, when they sign in.
async fn applicant_of(host: &Host, pinfl: &Pinfl, case_id: CaseId) -> Result<Applicant, Failure> {
    let named = ResolvePersonRequest {
        pinfl: pinfl.reveal().to_owned(),
        case_id: case_id.to_vec(),
        ..ResolvePersonRequest::default()
    };
    let known = host.platform.resolve(&named).await?;
    let person = PersonId::from_slice(&known.person)?;
    let standing = Standing { person, actor: person, mandate: None, assurance: ASSURANCE.to_owned() };
    Ok(applicant::applicant(standing, &known))
}

fn nobody() -> PersonId {
    PersonId::from_bytes(NOBODY)
}
