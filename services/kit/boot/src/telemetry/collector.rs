//! The way to an OpenTelemetry collector: bounded queues, batches over HTTP, and one warning a minute when it is away.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use async_trait::async_trait;
use kernel::Failure;
use opentelemetry::{InstrumentationScope, KeyValue, logs::LoggerProvider};
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{LogExporter, Protocol, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::{
    Resource,
    logs::{self, BatchLogProcessor, SdkLoggerProvider},
    trace::{BatchConfigBuilder, BatchSpanProcessor, SpanProcessor},
};
use tokio::runtime::Handle;
use tracing::{instrument::WithSubscriber, subscriber::NoSubscriber};

use super::{meter::Meter, pieces::Pieces, records::Records};

/// Spans, and log lines, that wait; what comes on top is dropped, because memory is for cases.
const QUEUE_MAX: usize = 4096;
const TOGETHER: usize = 512;
const SEND_EVERY: Duration = Duration::from_secs(2);
const PATIENCE: Duration = Duration::from_secs(3);
/// What is left at shutdown may take this long.
const LAST: Duration = Duration::from_secs(3);
const WARN_EVERY: Duration = Duration::from_secs(60);

pub struct Collector {
    spans: Arc<BatchSpanProcessor>,
    lines: SdkLoggerProvider,
    meter: Meter,
}

impl Collector {
    pub fn start(endpoint: &str, name: &str) -> Result<Self, Failure> {
        let signals = ["traces", "logs", "metrics"].map(|signal| address(endpoint, signal));
        let [traces, lines, metrics] = signals;
        let client = Arc::new(Client::new(endpoint)?);
        let version = KeyValue::new("service.version", env!("CARGO_PKG_VERSION"));
        let resource = Resource::builder_empty().with_service_name(name.to_owned()).with_attribute(version).build();
        let about = resource.iter().map(|(name, value)| KeyValue::new(name.clone(), value.clone())).collect();
        Ok(Self {
            spans: Arc::new(spans(endpoint, traces?, client.clone(), &resource)?),
            lines: lines_to(endpoint, lines?, client.clone(), resource)?,
            meter: Meter::start(client, metrics?, about),
        })
    }

    pub fn pieces(&self) -> Pieces {
        Pieces { processor: self.spans.clone(), scope: InstrumentationScope::builder("xizmat").build() }
    }

    pub fn records(&self) -> Records {
        Records { logger: self.lines.logger("xizmat") }
    }

    pub async fn stop(self) {
        let Self { spans, lines, meter } = self;
        // They wait by blocking their thread; the runtime meanwhile sends.
        let spans = tokio::task::spawn_blocking(move || spans.shutdown_with_timeout(LAST));
        let lines = tokio::task::spawn_blocking(move || lines.shutdown_with_timeout(LAST));
        let (spans, lines, ()) = tokio::join!(spans, lines, meter.stop());
        if !matches!((spans, lines), (Ok(Ok(())), Ok(Ok(())))) {
            tracing::debug!("the last spans or log lines were not sent");
        }
    }
}

fn spans(
    endpoint: &str,
    address: String,
    client: Arc<Client>,
    resource: &Resource,
) -> Result<BatchSpanProcessor, Failure> {
    let exporter = SpanExporter::builder().with_http().with_endpoint(address).with_protocol(Protocol::HttpBinary);
    let exporter = exporter.with_timeout(PATIENCE).with_shared_http_client(client).build();
    let exporter = exporter.map_err(|error| refused(endpoint).with_detail(error))?;
    let batches = BatchConfigBuilder::default()
        .with_max_queue_size(QUEUE_MAX)
        .with_max_export_batch_size(TOGETHER)
        .with_scheduled_delay(SEND_EVERY)
        .build();
    let mut processor = BatchSpanProcessor::builder(exporter).with_batch_config(batches).build();
    processor.set_resource(resource);
    Ok(processor)
}

fn lines_to(
    endpoint: &str,
    address: String,
    client: Arc<Client>,
    resource: Resource,
) -> Result<SdkLoggerProvider, Failure> {
    let exporter = LogExporter::builder().with_http().with_endpoint(address).with_protocol(Protocol::HttpBinary);
    let exporter = exporter.with_timeout(PATIENCE).with_shared_http_client(client).build();
    let exporter = exporter.map_err(|error| refused(endpoint).with_detail(error))?;
    let batches = logs::BatchConfigBuilder::default()
        .with_max_queue_size(QUEUE_MAX)
        .with_max_export_batch_size(TOGETHER)
        .with_scheduled_delay(SEND_EVERY)
        .build();
    let processor = BatchLogProcessor::builder(exporter).with_batch_config(batches).build();
    Ok(SdkLoggerProvider::builder().with_log_processor(processor).with_resource(resource).build())
}

fn address(endpoint: &str, signal: &str) -> Result<String, Failure> {
    let url: reqwest::Url = endpoint.parse().map_err(|error| refused(endpoint).with_detail(error))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(refused(endpoint));
    }
    Ok(format!("{}/v1/{signal}", endpoint.trim_end_matches('/')))
}

fn refused(endpoint: &str) -> Failure {
    let message = format!(
        "\"{endpoint}\" is not the address of an OpenTelemetry collector. Write telemetry.otlp_endpoint such as \
         http://127.0.0.1:4318 (OTLP over HTTP)."
    );
    Failure::invalid("telemetry.endpoint", message)
}

/// Sends on our runtime, because the batches' own threads have none.
#[derive(Debug)]
pub struct Client {
    http: reqwest::Client,
    runtime: Handle,
    endpoint: String,
    warned: Mutex<Option<Instant>>,
}

impl Client {
    fn new(endpoint: &str) -> Result<Self, Failure> {
        let http = reqwest::Client::builder().timeout(PATIENCE).redirect(reqwest::redirect::Policy::none()).no_proxy();
        let http = http.build().map_err(|error| refused(endpoint).with_detail(error))?;
        let runtime = Handle::try_current().map_err(|error| {
            Failure::internal("telemetry.runtime", "Telling a collector needs a runtime.").with_detail(error)
        })?;
        Ok(Self { http, runtime, endpoint: endpoint.to_owned(), warned: Mutex::default() })
    }

    fn warn(&self, why: &dyn std::fmt::Display) {
        let mut warned = self.warned.lock().expect("no holder of this lock panics");
        if warned.is_none_or(|at| at.elapsed() > WARN_EVERY) {
            *warned = Some(Instant::now());
            tracing::warn!(collector = self.endpoint, %why, "telemetry does not reach its collector; the platform goes on");
        }
    }

    /// One message in the form in which collectors take every kind.
    pub async fn post(&self, address: &str, body: Vec<u8>) -> Result<(), HttpError> {
        let request = Request::post(address).header("content-type", "application/x-protobuf").body(body.into())?;
        self.send_bytes(request).await.map(|_| ())
    }
}

#[async_trait]
impl HttpClient for Client {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let http = self.http.clone();
        let sending = async move {
            let answer = http.execute(request.try_into()?).await?;
            let (status, headers) = (answer.status(), answer.headers().clone());
            let mut response = Response::new(answer.bytes().await?);
            *response.status_mut() = status;
            *response.headers_mut() = headers;
            Ok::<_, reqwest::Error>(response)
        };
        // What is written about telling is not told, or telling would never end.
        let outcome = self.runtime.spawn(sending.with_subscriber(NoSubscriber::new())).await?;
        match &outcome {
            Ok(response) if response.status().is_success() => {}
            Ok(response) => self.warn(&response.status()),
            // Without its address: that is said beside it.
            Err(error) => self.warn(&cause(error)),
        }
        Ok(outcome?)
    }
}

/// The innermost reason: "connection refused" rather than "error sending request".
fn cause(error: &reqwest::Error) -> String {
    let mut innermost: &dyn std::error::Error = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}
