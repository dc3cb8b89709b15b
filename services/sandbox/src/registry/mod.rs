//! Agencies' own systems: NATS clients with their agency's credentials that serve its registry, and fail on demand.

mod archive;
mod control;
mod court;
mod notary;

use std::{collections::HashMap, path::PathBuf, sync::Arc, time::Duration};

use async_nats::{
    Client, ConnectOptions, HeaderMap,
    service::{ServiceExt, endpoint::Endpoint, error::Error as ServiceError},
};
use axum::{Router, routing::get};
use futures::StreamExt;
use serde::{Deserialize, Serialize};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

pub use archive::Archive;
use control::{Fault, Switch};
pub use court::Court;
pub use notary::Notary;

/// Longer than the exchange waits.
const SLOW: Duration = Duration::from_secs(15);
const RECONNECT: Duration = Duration::from_secs(1);

/// What an agency holds, and what it answers about it.
pub trait Records: Send + Sync + 'static {
    fn registry(&self) -> &'static str;
    fn operations(&self) -> &'static [&'static str];
    fn answer(&self, operation: &str, question: &[u8]) -> Result<Vec<u8>, archive::Refusal>;
}

/// How the agency's system reaches the bus.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Address of the NATS server.
    pub nats_url: String,
    /// Who signs its certificate; then the connection is encrypted.
    pub ca_file: Option<PathBuf>,
    /// The agency's own credentials, as the exchange wrote them; waited for when they are not there yet.
    pub credentials_file: PathBuf,
}

/// Starts the agency's system in the background; it ends when the routes are dropped.
pub fn start(settings: Settings, records: Arc<dyn Records>) -> Router {
    let switch = Arc::new(Switch::default());
    let stop = CancellationToken::new();
    let control = Arc::new(control::Control::new(switch.clone(), stop.clone().drop_guard()));
    tokio::spawn(async move {
        tokio::select! {
            () = stop.cancelled() => {}
            () = run(settings, records, switch) => {}
        }
    });
    Router::new().route("/", get(control::show).post(control::set)).with_state(control)
}

async fn run(settings: Settings, records: Arc<dyn Records>, switch: Arc<Switch>) {
    loop {
        match serve(&settings, &records, &switch).await {
            Ok(()) => tracing::warn!("the registry's subscriptions ended; it connects again"),
            Err(error) => tracing::debug!(error, "the registry cannot connect yet"),
        }
        tokio::time::sleep(RECONNECT).await;
    }
}

async fn connect(settings: &Settings, name: &str) -> Result<Client, String> {
    let mut options = ConnectOptions::new().require_tls(settings.ca_file.is_some());
    if let Some(file) = &settings.ca_file {
        options = options.add_root_certificates(file.clone());
    }
    options
        .name(name)
        .custom_inbox_prefix("inbox.agent")
        .credentials_file(&settings.credentials_file)
        .await
        .map_err(|error| format!("{}: {error}", settings.credentials_file.display()))?
        .connect(settings.nats_url.as_str())
        .await
        .map_err(|error| error.to_string())
}

async fn serve(settings: &Settings, records: &Arc<dyn Records>, switch: &Arc<Switch>) -> Result<(), String> {
    let registry = records.registry();
    let client = connect(settings, registry).await?;
    let service =
        client.service_builder().start(registry, env!("CARGO_PKG_VERSION")).await.map_err(|error| error.to_string())?;
    let mut endpoints = JoinSet::new();
    for &operation in records.operations() {
        let endpoint = service
            .endpoint_builder()
            .name(operation)
            .metadata(HashMap::from([("format".into(), "application/json".into())]))
            .add(format!("registry.{registry}.{operation}"))
            .await
            .map_err(|error| error.to_string())?;
        let (records, switch) = (records.clone(), switch.clone());
        endpoints.spawn(answer_all(endpoint, operation, records, switch));
    }
    tracing::info!(registry, "an agency's system serves its registry");
    while let Some(ended) = endpoints.join_next().await {
        ended.map_err(|error| error.to_string())?;
    }
    Ok(())
}

async fn answer_all(mut requests: Endpoint, operation: &'static str, records: Arc<dyn Records>, switch: Arc<Switch>) {
    while let Some(request) = requests.next().await {
        let (records, switch) = (records.clone(), switch.clone());
        tokio::spawn(async move {
            let answer = match switch.next() {
                Fault::None => records.answer(operation, &request.message.payload),
                // Says nothing, as a system that is down.
                Fault::Down => return,
                Fault::Slow => {
                    tokio::time::sleep(SLOW).await;
                    records.answer(operation, &request.message.payload)
                }
                Fault::Malformed => Ok(br#"{"date": 7, "unexpected": true}"#.to_vec()),
                Fault::NotFound => Err(archive::Refusal::NotFound),
                Fault::Failing => Err(archive::Refusal::Failing),
            };
            let answer = answer
                .map(Into::into)
                .map_err(|refusal| ServiceError { status: refusal.status().to_owned(), code: refusal.code() });
            if let Err(error) = request.respond_with_headers(answer, HeaderMap::new()).await {
                tracing::warn!(%error, "an answer could not be sent");
            }
        });
    }
}
