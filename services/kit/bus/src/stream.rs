//! JetStream as transport: a producer's stream and its consumers, made again whenever they are missing.

use std::time::Duration;

use async_nats::jetstream::{
    ErrorCode, consumer,
    context::{CreateStreamError, CreateStreamErrorKind},
    stream,
};
use boot::metrics;
use kernel::Failure;
use proto::permissions::EVENTS;

use crate::{Bus, subject};

/// Long enough for a consumer to come back by itself; the outbox is what keeps.
const MAX_AGE: Duration = Duration::from_secs(7 * 24 * 3600);
const CHECK_EVERY: Duration = Duration::from_secs(30);
const ACK_WAIT: Duration = Duration::from_secs(30);

/// `payments` → `PAYMENTS_EVENTS`
pub fn stream_name(producer: &str) -> String {
    format!("{}_EVENTS", producer.replace('-', "_").to_uppercase())
}

/// A role's durable consumer of any producer.
pub fn consumer_name(role: &str) -> String {
    role.to_owned()
}

/// The events of `producer` that `role` may consume.
pub fn events_for(producer: &str, role: &str) -> impl Iterator<Item = &'static str> {
    EVENTS
        .iter()
        .filter(move |(of, _, consumers)| *of == producer && consumers.contains(&role))
        .map(|(_, name, _)| *name)
}

fn consumers_of(producer: &str) -> Vec<&'static str> {
    let mut roles: Vec<_> = EVENTS
        .iter()
        .filter(|(of, ..)| *of == producer)
        .flat_map(|(_, _, consumers)| consumers.iter().copied())
        .collect();
    roles.sort_unstable();
    roles.dedup();
    roles
}

fn unavailable(error: impl std::fmt::Display) -> Failure {
    Failure::unavailable("bus.stream", "The bus cannot keep events now.").with_detail(error)
}

/// Keeps a stream there for producers that may not make it themselves.
pub fn keep(bus: &Bus, producer: &'static str, kit: &boot::Kit) {
    let (bus, shutdown) = (bus.clone(), kit.shutdown.clone());
    kit.spawn("stream", move || {
        let (bus, shutdown) = (bus.clone(), shutdown.clone());
        async move {
            let mut connections = bus.connections();
            loop {
                connections.mark_unchanged();
                ensure(&bus, producer).await?;
                tokio::select! {
                    () = shutdown.cancelled() => return Ok(()),
                    // Storage may be gone with a server.
                    _ = connections.changed() => {}
                    () = tokio::time::sleep(CHECK_EVERY) => {}
                }
            }
        }
    });
}

/// Makes the producer's stream and every consumer of it. The producer makes the consumers too, because whoever makes
/// one chooses what it sees.
pub async fn ensure(bus: &Bus, producer: &str) -> Result<(), Failure> {
    let config = stream::Config {
        name: stream_name(producer),
        subjects: vec![format!("{producer}.v1.event.*.*")],
        max_age: MAX_AGE,
        duplicate_window: Duration::from_secs(120),
        storage: stream::StorageType::File,
        discard: stream::DiscardPolicy::Old,
        deny_delete: true,
        num_replicas: usize::from(u8::from(bus.replicas())),
        ..stream::Config::default()
    };
    let made = make(bus, &config).await?;
    metrics::STREAM_COPIES_MISSING.set(&[producer], config.num_replicas.saturating_sub(copies(&made)) as f64);
    if made.config.subjects != config.subjects || made.config.max_age != config.max_age {
        return Err(unavailable("the server did not keep the stream's configuration"));
    }
    let stream = bus.jetstream().get_stream_no_info(&config.name).await.map_err(unavailable)?;
    for role in consumers_of(producer) {
        let filters: Vec<_> = events_for(producer, role).map(|name| subject::event(producer, name, "*")).collect();
        let wanted = consumer::pull::Config {
            durable_name: Some(consumer_name(role)),
            ack_policy: consumer::AckPolicy::Explicit,
            ack_wait: ACK_WAIT,
            max_ack_pending: 1000,
            filter_subjects: filters.clone(),
            // On as many servers as its stream, also when that changes.
            num_replicas: 0,
            ..consumer::pull::Config::default()
        };
        let made = stream.create_consumer(wanted).await.map_err(unavailable)?;
        let echoed = &made.cached_info().config;
        let one = filters.len() == 1 && echoed.filter_subject == filters[0];
        if echoed.filter_subjects != filters && !one {
            return Err(unavailable("the server dropped a consumer's filter"));
        }
    }
    Ok(())
}

/// Where servers are missing for as many copies as are wanted, there is one: events on one server come sooner than those that are
/// read from their producer's database. Whoever keeps the stream looks again.
async fn make(bus: &Bus, wanted: &stream::Config) -> Result<stream::Info, Failure> {
    let made = bus.jetstream().create_or_update_stream(wanted.clone()).await;
    let servers_are_missing = match &made {
        // A server that stands alone promises copies that nobody makes.
        Ok(made) => made.cluster.is_none(),
        Err(error) => says_that_servers_are_missing(error),
    };
    if wanted.num_replicas == 1 || !servers_are_missing {
        return made.map_err(unavailable);
    }
    tracing::warn!(
        stream = wanted.name,
        copies = wanted.num_replicas,
        "fewer servers of the bus know each other than this stream should lie on (`bus.replicas`): it lies on one until they do"
    );
    let one = stream::Config { num_replicas: 1, ..wanted.clone() };
    bus.jetstream().create_or_update_stream(one).await.map_err(unavailable)
}

fn says_that_servers_are_missing(error: &CreateStreamError) -> bool {
    let CreateStreamErrorKind::JetStream(told) = error.kind() else { return false };
    [ErrorCode::CLUSTER_NO_PEERS, ErrorCode::STREAM_REPLICAS_NOT_SUPPORTED].contains(&told.error_code())
}

/// On how many servers all of it lies.
fn copies(stream: &stream::Info) -> usize {
    let others = stream.cluster.iter().flat_map(|cluster| &cluster.replicas);
    1 + others.filter(|server| server.current && !server.offline).count()
}
