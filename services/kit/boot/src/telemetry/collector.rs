//! The way to an OpenTelemetry collector: a bounded queue, batches over HTTP, and one warning a minute when it is away.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use async_trait::async_trait;
use kernel::Failure;
use opentelemetry::{InstrumentationScope, KeyValue};
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::{
    Resource,
    trace::{BatchConfigBuilder, BatchSpanProcessor, SpanProcessor},
};
use tokio::runtime::Handle;

use super::pieces::Pieces;

/// Spans that wait; what comes on top is dropped, because memory is for cases.
const QUEUE_MAX: usize = 4096;
const TOGETHER: usize = 512;
const SEND_EVERY: Duration = Duration::from_secs(2);
const PATIENCE: Duration = Duration::from_secs(3);
/// What is left at shutdown may take this long.
const LAST: Duration = Duration::from_secs(3);
const WARN_EVERY: Duration = Duration::from_secs(60);

pub struct Collector {
    processor: Arc<BatchSpanProcessor>,
}

impl Collector {
    pub fn start(endpoint: &str, name: &str) -> Result<Self, Failure> {
        let address = traces_address(endpoint)?;
        let client = Client::new(endpoint)?;
        let exporter = SpanExporter::builder().with_http().with_endpoint(address).with_protocol(Protocol::HttpBinary);
        let exporter = exporter.with_timeout(PATIENCE).with_http_client(client).build();
        let exporter = exporter.map_err(|error| refused(endpoint).with_detail(error))?;
        let batches = BatchConfigBuilder::default()
            .with_max_queue_size(QUEUE_MAX)
            .with_max_export_batch_size(TOGETHER)
            .with_scheduled_delay(SEND_EVERY)
            .build();
        let mut processor = BatchSpanProcessor::builder(exporter).with_batch_config(batches).build();
        let version = KeyValue::new("service.version", env!("CARGO_PKG_VERSION"));
        let resource = Resource::builder_empty().with_service_name(name.to_owned()).with_attribute(version).build();
        processor.set_resource(&resource);
        Ok(Self { processor: Arc::new(processor) })
    }

    pub fn pieces(&self) -> Pieces {
        Pieces { processor: self.processor.clone(), scope: InstrumentationScope::builder("xizmat").build() }
    }

    pub async fn stop(self) {
        // It waits by blocking its thread; the runtime meanwhile sends.
        let stopping = tokio::task::spawn_blocking(move || self.processor.shutdown_with_timeout(LAST));
        if !matches!(stopping.await, Ok(Ok(()))) {
            tracing::debug!("the last traces were not sent");
        }
    }
}

fn traces_address(endpoint: &str) -> Result<String, Failure> {
    let url: reqwest::Url = endpoint.parse().map_err(|error| refused(endpoint).with_detail(error))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(refused(endpoint));
    }
    Ok(format!("{}/v1/traces", endpoint.trim_end_matches('/')))
}

fn refused(endpoint: &str) -> Failure {
    let message = format!(
        "\"{endpoint}\" is not the address of an OpenTelemetry collector. Write telemetry.otlp_endpoint such as \
         http://127.0.0.1:4318 (OTLP over HTTP)."
    );
    Failure::invalid("telemetry.endpoint", message)
}

/// Sends on our runtime, because the batches' own thread has none.
#[derive(Debug)]
struct Client {
    http: reqwest::Client,
    runtime: Handle,
    endpoint: String,
    warned: Mutex<Option<Instant>>,
}

impl Client {
    fn new(endpoint: &str) -> Result<Self, Failure> {
        let http = reqwest::Client::builder().timeout(PATIENCE).redirect(reqwest::redirect::Policy::none()).no_proxy();
        let http = http.build().map_err(|error| refused(endpoint).with_detail(error))?;
        let runtime = Handle::try_current()
            .map_err(|error| Failure::internal("telemetry.runtime", "Traces need a runtime.").with_detail(error))?;
        Ok(Self { http, runtime, endpoint: endpoint.to_owned(), warned: Mutex::default() })
    }

    fn warn(&self, why: &dyn std::fmt::Display) {
        let mut warned = self.warned.lock().expect("no holder of this lock panics");
        if warned.is_none_or(|at| at.elapsed() > WARN_EVERY) {
            *warned = Some(Instant::now());
            tracing::warn!(collector = self.endpoint, %why, "traces do not reach their collector; the platform goes on");
        }
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
        let outcome = self.runtime.spawn(sending).await?;
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
