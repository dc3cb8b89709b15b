//! Serves a role's operations by the NATS micro-services protocol (ADR-32), so that `nats micro ls` sees them.

use std::{
    collections::HashMap,
    future::Future,
    panic::AssertUnwindSafe,
    sync::Arc,
    time::{Duration, Instant},
};

use async_nats::{HeaderMap, service::ServiceExt};
use boot::{
    metrics, panics,
    telemetry::{Kind, Work},
};
use bytes::Bytes;
use futures::{FutureExt, StreamExt};
use kernel::{BoxFuture, Failure, Hash, Time, id::MessageId};
use prost::Message;
use proto::Operation;
use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;

use crate::{
    Bus, Call, Person,
    assertion::{self, Meant},
    header,
    keys::refused,
    recovery, refusal, request,
    signature::{self, Signed},
    subject,
    suspicion::Suspicions,
};

/// Requests that one service works on at the same time; what comes on top is told to come back.
const CONCURRENT_MAX: usize = 512;
/// What is being answered at shutdown may end within this; a process stops within 5 s.
const DRAIN: Duration = Duration::from_secs(4);
const BODY_BYTES_MAX: usize = 1_000_000;

type Handler = Arc<dyn Fn(Admitted) -> BoxFuture<'static, Result<Bytes, Failure>> + Send + Sync>;

/// A request after everything about its sender was verified, its body not yet decoded.
struct Admitted {
    body: Bytes,
    body_hash: Hash,
    agency: String,
    service: Option<String>,
    caller: String,
    speaks_for: Option<String>,
    message_id: MessageId,
    time: Time,
    deadline: Time,
    person: Option<Person>,
}

struct Endpoint {
    name: &'static str,
    callers: &'static [&'static str],
    person: bool,
    hosted: bool,
    recovering: bool,
    handler: Handler,
}

/// The operations a role serves.
pub struct Service {
    role: &'static str,
    agency: Option<String>,
    services: Vec<String>,
    endpoints: Vec<Endpoint>,
    suspicions: Option<Suspicions>,
}

impl Service {
    pub fn new(role: &'static str) -> Self {
        Self { role, agency: None, services: Vec::new(), endpoints: Vec::new(), suspicions: None }
    }

    /// Keeps an audit row of each assertion that is refused; for every service that acts for persons.
    pub fn recording(mut self, database: &sql::Database) -> Self {
        self.suspicions = Some(Suspicions::new(database.clone()));
        self
    }

    /// Serves what is asked of one agency only.
    pub fn for_agency(mut self, agency: impl Into<String>) -> Self {
        self.agency = Some(agency.into());
        self
    }

    /// Serves what is asked of these services of the agency only; of every one where none is named.
    pub fn for_services(mut self, services: Vec<String>) -> Self {
        self.services = services;
        self
    }

    /// The subjects on which an operation is asked of us.
    fn subjects(&self, endpoint: &Endpoint) -> Vec<String> {
        let begin = format!("{}.v1.{}.{}", self.role, endpoint.name, self.agency.as_deref().unwrap_or("*"));
        match (endpoint.hosted, self.services.as_slice()) {
            (false, _) => vec![format!("{begin}.*")],
            (true, []) => vec![format!("{begin}.*.*")],
            (true, services) => services.iter().map(|service| format!("{begin}.{service}.*")).collect(),
        }
    }

    /// Adds an operation with its handler.
    pub fn on<Q, R, F, Fut>(mut self, operation: &Operation<Q, R>, handler: F) -> Self
    where
        Q: Message + Default + 'static,
        R: Message + 'static,
        F: Fn(Call<Q>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<R, Failure>> + Send + 'static,
    {
        debug_assert_eq!(operation.callee, self.role, "a role serves its own operations");
        let handler = Arc::new(handler);
        let decode_and_handle = move |admitted: Admitted| {
            let handler = handler.clone();
            let answer = async move {
                let call = decode(admitted)?;
                let reply = handler(call).await?;
                Ok(Bytes::from(reply.encode_to_vec()))
            };
            answer.boxed()
        };
        self.endpoints.push(Endpoint {
            name: operation.name,
            callers: operation.callers,
            person: operation.person,
            hosted: operation.hosted,
            recovering: operation.recovering,
            handler: Arc::new(decode_and_handle),
        });
        self
    }
}

fn decode<Q: Message + Default>(admitted: Admitted) -> Result<Call<Q>, Failure> {
    let request = Q::decode(admitted.body)
        .map_err(|error| Failure::invalid("bus.malformed-request", "The request cannot be read.").with_detail(error))?;
    Ok(Call {
        request,
        body_hash: admitted.body_hash,
        agency: admitted.agency,
        service: admitted.service,
        caller: admitted.caller,
        speaks_for: admitted.speaks_for,
        message_id: admitted.message_id,
        time: admitted.time,
        deadline: admitted.deadline,
        person: admitted.person,
    })
}

impl Bus {
    /// Serves until shutdown: subscriptions end first, requests in hand are answered, then it is over.
    ///
    /// Returns once every operation can be called.
    pub async fn serve(&self, mut service: Service, kit: &boot::Kit) -> Result<(), Failure> {
        let registered = self
            .client()
            .service_builder()
            .description(format!("Xizmat {}", service.role))
            .queue_group(service.role)
            .start(service.role, env!("CARGO_PKG_VERSION"))
            .await
            .map_err(|error| cannot_serve(&error))?;
        let shared = Arc::new(Shared {
            bus: self.clone(),
            places: Semaphore::new(CONCURRENT_MAX),
            working: TaskTracker::new(),
            suspicions: service.suspicions.take(),
            recovering: kit.recovering,
        });
        let listening = TaskTracker::new();
        for endpoint in std::mem::take(&mut service.endpoints) {
            let (subjects, endpoint) = (service.subjects(&endpoint), Arc::new(endpoint));
            for subject in subjects {
                let requests = registered
                    .endpoint_builder()
                    .name(endpoint.name)
                    .metadata(HashMap::from([("callers".into(), endpoint.callers.join(" "))]))
                    .add(subject)
                    .await
                    .map_err(|error| cannot_serve(&error))?;
                listening.spawn(listen(shared.clone(), endpoint.clone(), requests, kit.shutdown.clone()));
            }
        }
        listening.close();
        let flushed = self.client().flush().await;
        flushed.map_err(|error| cannot_serve(&error))?;
        tokio::spawn(async move {
            listening.wait().await;
            shared.working.close();
            if tokio::time::timeout(DRAIN, shared.working.wait()).await.is_err() {
                tracing::warn!(role = service.role, "requests were still open at shutdown");
            }
            let flushed = shared.bus.client().flush().await;
            let stopped = registered.stop().await;
            tracing::debug!(flushed = flushed.is_ok(), stopped = stopped.is_ok(), "no longer serving");
        });
        Ok(())
    }
}

fn cannot_serve(error: &dyn std::fmt::Display) -> Failure {
    Failure::unavailable("bus.unavailable", "The bus cannot be reached.").with_detail(error)
}

struct Shared {
    bus: Bus,
    places: Semaphore,
    working: TaskTracker,
    suspicions: Option<Suspicions>,
    recovering: bool,
}

async fn listen(
    shared: Arc<Shared>,
    endpoint: Arc<Endpoint>,
    mut requests: async_nats::service::endpoint::Endpoint,
    shutdown: tokio_util::sync::CancellationToken,
) {
    loop {
        let request = tokio::select! {
            () = shutdown.cancelled() => break,
            request = requests.next() => request,
        };
        let Some(request) = request else { return };
        let (shared_too, endpoint) = (shared.clone(), endpoint.clone());
        shared.working.spawn(async move { answer(&shared_too, &endpoint, request).await });
    }
    if requests.stop().await.is_err() {
        return;
    }
    // What the server had already handed over is still answered.
    while let Some(request) = requests.next().await {
        let (shared_too, endpoint) = (shared.clone(), endpoint.clone());
        shared.working.spawn(async move { answer(&shared_too, &endpoint, request).await });
    }
}

async fn answer(shared: &Shared, endpoint: &Endpoint, request: async_nats::service::Request) {
    let bus = &shared.bus;
    let message = &request.message;
    let empty = HeaderMap::new();
    let headers = message.headers.as_ref().unwrap_or(&empty);
    if !replies_to_caller(message) {
        tracing::warn!(operation = endpoint.name, "a request without a fitting reply subject is dropped");
        return;
    }
    // How long it took is nobody's civil time.
    let begun = Instant::now();
    let outcome = match shared.places.try_acquire() {
        Ok(_place) if shared.recovering && !endpoint.recovering => Err(logged(endpoint, message, recovery::refused())),
        Ok(_place) => match admit(bus, endpoint, message, headers).await {
            Ok(admitted) => {
                let name = format!("{}.{}", bus.role(), endpoint.name);
                let work = Work::new(Kind::Server, bus.role(), &name).because_of(header::trace(headers));
                work.run(bus.random(), handle(endpoint, message, admitted)).await
            }
            Err(failure) => {
                if let Some(suspicions) = &shared.suspicions {
                    suspicions.record(bus, message.subject.as_str(), headers, &failure).await;
                }
                Err(logged(endpoint, message, failure))
            }
        },
        Err(_) => {
            let busy = Failure::too_many("bus.busy", "The platform is very busy. Try again in a minute.");
            Err(logged(endpoint, message, busy))
        }
    };
    let came_to = outcome.as_ref().map_or_else(|failure| failure.kind.as_str(), |_| "ok");
    metrics::BUS.observe(&[bus.role(), endpoint.name, came_to], begun.elapsed());
    let asked = header::text(headers, header::MESSAGE_ID).parse().unwrap_or(MessageId::from_bytes([0; 16]));
    let (headers, reply) = sign_reply(bus, message.subject.as_str(), asked, outcome);
    if let Err(error) = request.respond_with_headers(reply, headers).await {
        tracing::warn!(operation = endpoint.name, %error, "a reply could not be sent");
    }
}

/// The reply must go to the caller's own inbox, so that nobody makes us publish where they may not.
fn replies_to_caller(message: &async_nats::Message) -> bool {
    let Some(parsed) = subject::parse_request(message.subject.as_str()) else {
        return false;
    };
    subject::is_inbox_of(parsed.caller, message.reply.as_ref().map_or("", |reply| reply.as_str()))
}

async fn handle(endpoint: &Endpoint, message: &async_nats::Message, admitted: Admitted) -> Result<Bytes, Failure> {
    let work = (endpoint.handler)(admitted);
    let outcome = AssertUnwindSafe(work).catch_unwind().await.unwrap_or_else(|panic| {
        let failure = Failure::internal("bus.panic", "Something went wrong on our side. Try again later.");
        Err(failure.with_detail(panics::words(&*panic)))
    });
    outcome.map_err(|failure| logged(endpoint, message, failure))
}

/// Lets a request in only when subject, signature, time, caller, deadline and person all fit.
async fn admit(
    bus: &Bus,
    endpoint: &Endpoint,
    message: &async_nats::Message,
    headers: &HeaderMap,
) -> Result<Admitted, Failure> {
    let subject = message.subject.as_str();
    let parsed = subject::parse_request(subject).ok_or_else(|| refused("its subject is malformed"))?;
    if message.payload.len() > BODY_BYTES_MAX {
        return Err(Failure::invalid("bus.too-large", "The message is too large."));
    }
    let (message_id, time) = request::stamp(headers).ok_or_else(|| refused("it is not stamped"))?;
    let deadline = header::text(headers, header::DEADLINE);
    let assertion = header::text(headers, header::ASSERTION);
    let body_hash = Hash::of(&message.payload);
    let signed = Signed { subject, message_id, time, body_hash, bound: &[deadline.as_bytes(), assertion.as_bytes()] };
    bus.know_signer(Some(headers)).await;
    let signer = signature::verify(bus.trusted(), header::text(headers, header::SIGNATURE), &signed)?;
    if signer.role != parsed.caller {
        return Err(refused("its sender is not the caller it names"));
    }
    if !signer.speaks_for(parsed.agency) {
        return Err(refused("its sender does not speak for that agency"));
    }
    if !endpoint.callers.contains(&parsed.caller) {
        return Err(Failure::forbidden("bus.caller", "This service may not ask for that."));
    }
    bus.seen().accept(message_id, time, bus.now())?;
    let deadline = deadline.parse().map_err(|_| refused("it has no deadline"))?;
    let deadline = Time::from_micros(deadline);
    if bus.now() > deadline {
        return Err(Failure::unavailable("bus.too-late", "The request came too late."));
    }
    let meant = Meant { audience: bus.role(), operation: endpoint.name, body_hash };
    let person = if endpoint.person { Some(assertion::verify(bus, assertion, meant).await?) } else { None };
    Ok(Admitted {
        body: message.payload.clone(),
        body_hash,
        agency: parsed.agency.to_owned(),
        service: parsed.service.map(str::to_owned),
        caller: parsed.caller.to_owned(),
        speaks_for: signer.scope.map(|scope| scope.agency),
        message_id,
        time,
        deadline,
        person,
    })
}

type Reply = Result<Bytes, async_nats::service::error::Error>;

fn sign_reply(bus: &Bus, subject: &str, asked: MessageId, outcome: Result<Bytes, Failure>) -> (HeaderMap, Reply) {
    let (message_id, time) = (bus.new_message_id(), bus.now());
    let error = outcome.as_ref().err().map(refusal::write).unwrap_or_default();
    let body = outcome.as_ref().map(Bytes::as_ref).unwrap_or_default();
    let signed =
        Signed { subject, message_id, time, body_hash: Hash::of(body), bound: &[asked.as_bytes(), error.as_bytes()] };
    let mut headers = HeaderMap::new();
    headers.insert(header::MESSAGE_ID, message_id.to_string());
    headers.insert(header::TIME, time.micros().to_string());
    headers.insert(header::SIGNATURE, signature::sign(bus.key(), &signed));
    if !error.is_empty() {
        headers.insert(header::ERROR, error);
    }
    (headers, outcome.map_err(|failure| refusal::summary(&failure)))
}

fn logged(endpoint: &Endpoint, message: &async_nats::Message, failure: Failure) -> Failure {
    let (operation, subject) = (endpoint.name, message.subject.as_str());
    if failure.kind == kernel::ErrorKind::Internal {
        tracing::error!(operation, subject, ?failure, "a request failed");
    } else {
        tracing::info!(operation, subject, ?failure, "a request was refused");
    }
    failure
}
