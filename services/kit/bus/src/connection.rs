//! The connection of one role to the bus: its own credentials, inbox, signing key and the keys it trusts.

use std::{path::PathBuf, sync::Arc, time::Duration};

use async_nats::jetstream;
use boot::metrics;
use kernel::{Clock, Failure, Random, Time, id::MessageId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use crate::{
    assertion::PersonKeys,
    keys::{Key, TrustedKeys},
    replay::Seen,
    replicas::Replicas,
    subject,
};

/// The oldest server that keeps every filter and limit we send it.
const SERVER_VERSION_MIN: (i64, i64) = (2, 12);
const CONNECT_PAUSE_MAX: Duration = Duration::from_secs(2);

/// How one role reaches the bus.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Address of the NATS server, such as `nats://127.0.0.1:4222`, or of several, separated by commas: whichever answers is taken.
    /// `tls://…` is never reached unencrypted.
    pub url: String,
    /// Certificates of the authorities that may sign the server's (PEM). When named, the connection is encrypted whatever the
    /// address says; when left out, a server at `tls://…` has to be believed by this machine.
    pub ca_file: Option<PathBuf>,
    /// The role's NATS credentials.
    pub credentials_file: PathBuf,
    /// The role: its name in subjects, permissions and signatures.
    pub role: String,
    /// The role's own signing key.
    pub key_file: PathBuf,
    /// Public keys of every service, with their validity.
    pub trusted_keys_file: PathBuf,
    /// On how many servers each stream lies that the role keeps: 1, or 3 where they are a cluster. It is changed where it
    /// stands otherwise.
    pub replicas: Replicas,
    /// Where a role has hosts: which of them this is. It then speaks for one agency alone.
    pub host: Option<HostName>,
}

/// One host of an agency's e-services.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HostName {
    /// The agency whose services run there.
    pub agency: String,
    /// The host's name within the agency.
    pub name: String,
}

/// One role's place on the bus. Cheap to clone.
#[derive(Clone)]
pub struct Bus {
    inner: Arc<Inner>,
}

struct Inner {
    client: async_nats::Client,
    jetstream: jetstream::Context,
    role: String,
    /// Where a role has hosts: which of them this is. It speaks for one agency alone.
    host: Option<HostName>,
    replicas: Replicas,
    key: Key,
    trusted: TrustedKeys,
    seen: Seen,
    person_keys: PersonKeys,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    connections: watch::Receiver<u64>,
}

impl Bus {
    /// Connects; tries again until the server admits the role, and gives up only on files that are none and a server that is
    /// too old.
    pub async fn connect(settings: &Settings, clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Result<Self, Failure> {
        let role = subject::token(&settings.role)?.to_owned();
        let key = Key::read(&settings.key_file)?;
        let trusted = TrustedKeys::read(&settings.trusted_keys_file)?;
        settings.authority()?;
        let (connected, connections) = watch::channel(0_u64);
        if let Some(host) = &settings.host {
            subject::token(&host.agency)?;
            subject::token(&host.name)?;
        }
        let client = admitted(settings, &role, &connected).await?;
        let jetstream = jetstream::context::ContextBuilder::new().timeout(Duration::from_secs(5)).build(client.clone());
        let inner = Inner {
            client,
            jetstream,
            role,
            host: settings.host.clone(),
            replicas: settings.replicas,
            key,
            trusted,
            seen: Seen::default(),
            person_keys: PersonKeys::default(),
            clock,
            random,
            connections,
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    pub fn role(&self) -> &str {
        &self.inner.role
    }

    /// The agency that this process alone speaks for, where it is a host.
    pub fn agency(&self) -> Option<&str> {
        self.host().map(|host| host.agency.as_str())
    }

    pub(crate) fn host(&self) -> Option<&HostName> {
        self.inner.host.as_ref()
    }

    /// The NATS client itself, for what is not a message between services (the exchange's account claims).
    pub fn client(&self) -> &async_nats::Client {
        &self.inner.client
    }

    /// Whether the server can be reached now.
    pub fn is_connected(&self) -> bool {
        self.inner.client.connection_state() == async_nats::connection::State::Connected
    }

    pub(crate) fn replicas(&self) -> Replicas {
        self.inner.replicas
    }

    pub(crate) fn jetstream(&self) -> &jetstream::Context {
        &self.inner.jetstream
    }

    pub(crate) fn key(&self) -> &Key {
        &self.inner.key
    }

    /// Whose signatures count. The keeper of hosts' keys puts them in itself.
    pub fn trusted(&self) -> &TrustedKeys {
        &self.inner.trusted
    }

    pub(crate) fn seen(&self) -> &Seen {
        &self.inner.seen
    }

    pub(crate) fn person_keys(&self) -> &PersonKeys {
        &self.inner.person_keys
    }

    /// Changes with every connection that was made: what waited may have been missed.
    pub fn connections(&self) -> watch::Receiver<u64> {
        self.inner.connections.clone()
    }

    pub(crate) fn now(&self) -> Time {
        self.inner.clock.now()
    }

    pub(crate) fn random(&self) -> &dyn Random {
        &*self.inner.random
    }

    pub(crate) fn new_message_id(&self) -> MessageId {
        MessageId::new(&*self.inner.clock, &*self.inner.random)
    }
}

async fn admitted(
    settings: &Settings,
    role: &str,
    connected: &watch::Sender<u64>,
) -> Result<async_nats::Client, Failure> {
    let mut pause = Duration::from_millis(50);
    let mut attempts = 0_u32;
    loop {
        let refusal = match attempt(settings, role, connected).await {
            Ok(client) => {
                check_version(&client)?;
                return Ok(client);
            }
            Err(refusal) => refusal,
        };
        attempts += 1;
        if attempts.is_multiple_of(10) {
            tracing::warn!(role, url = settings.url, %refusal, "still waiting for the bus");
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 3 / 2).min(CONNECT_PAUSE_MAX);
    }
}

async fn attempt(
    settings: &Settings,
    role: &str,
    connected: &watch::Sender<u64>,
) -> Result<async_nats::Client, String> {
    let (connected, whose) = (connected.clone(), role.to_owned());
    let inbox = match &settings.host {
        Some(host) => subject::host_inbox_prefix(role, &host.agency, &host.name),
        None => subject::inbox_prefix(role),
    };
    settings
        .connect_options()
        .name(format!("xizmat {role}"))
        .custom_inbox_prefix(inbox)
        .connection_timeout(Duration::from_secs(5))
        .ping_interval(Duration::from_secs(10))
        .request_timeout(Some(Duration::from_secs(5)))
        .reconnect_delay_callback(|attempts| Duration::from_millis(100 * u64::try_from(attempts.min(20)).unwrap_or(20)))
        .event_callback(move |event| {
            let (connected, role) = (connected.clone(), whose.clone());
            async move {
                match event {
                    async_nats::Event::Connected => {
                        metrics::BUS_CONNECTED.set(&[&role], 1.0);
                        connected.send_modify(|count| *count += 1);
                    }
                    async_nats::Event::Disconnected => metrics::BUS_CONNECTED.set(&[&role], 0.0),
                    // Ended by ourselves: nobody misses it.
                    async_nats::Event::Closed => metrics::BUS_CONNECTED.forget(&[&role]),
                    other => tracing::debug!(%other, "bus connection"),
                }
            }
        })
        .credentials_file(&settings.credentials_file)
        .await
        .map_err(|error| format!("{}: {error}", settings.credentials_file.display()))?
        .connect(settings.servers())
        .await
        .map_err(|error| error.to_string())
}

fn check_version(client: &async_nats::Client) -> Result<(), Failure> {
    let (major, minor) = SERVER_VERSION_MIN;
    if client.is_server_compatible(major, minor, 0) {
        return Ok(());
    }
    let version = client.server_info().version;
    Err(Failure::invalid(
        "bus.server-too-old",
        format!(
            "The NATS server is {version}; Xizmat needs {major}.{minor} or newer, because older ones silently drop filters."
        ),
    ))
}
