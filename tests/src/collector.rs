//! An OpenTelemetry collector of our own: takes OTLP over HTTP as any other would, and keeps what it is told.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, State},
    http::{HeaderMap, StatusCode},
    routing::post,
};
use opentelemetry_proto::tonic::{
    collector::{
        logs::v1::{ExportLogsServiceRequest, ExportLogsServiceResponse},
        metrics::v1::{ExportMetricsServiceRequest, ExportMetricsServiceResponse},
        trace::v1::{ExportTraceServiceRequest, ExportTraceServiceResponse},
    },
    common::v1::{AnyValue, KeyValue, any_value::Value},
    resource::v1::Resource,
    trace::v1::span::SpanKind,
};
use prost::Message;

use crate::patience::Patience;

#[derive(Clone, Default)]
pub struct Collector {
    pub address: String,
    heard: Arc<Mutex<Vec<Span>>>,
    lines: Arc<Mutex<Vec<Line>>>,
    metrics: Arc<Mutex<Vec<Metric>>>,
}

/// A log line as a process told it.
#[derive(Debug, Clone)]
pub struct Line {
    pub process: String,
    pub target: String,
    pub level: String,
    pub message: String,
    pub trace: String,
    pub span: String,
    pub attributes: BTreeMap<String, String>,
}

/// A family as a process told it, with all of its points as text.
#[derive(Debug, Clone)]
pub struct Metric {
    pub process: String,
    pub name: String,
    pub points: String,
}

/// What a process told of one piece of work.
#[derive(Debug, Clone)]
pub struct Span {
    /// `service.name` of the process.
    pub process: String,
    pub name: String,
    pub kind: SpanKind,
    pub trace: String,
    pub id: String,
    pub parent: String,
    pub attributes: BTreeMap<String, String>,
    /// Name and attributes of each.
    pub events: Vec<(String, BTreeMap<String, String>)>,
}

impl Collector {
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = format!("http://{}", listener.local_addr().expect("it is bound"));
        let collector = Self { address, ..Self::default() };
        let router = Router::new()
            .route("/v1/traces", post(take_spans))
            .route("/v1/logs", post(take_lines))
            .route("/v1/metrics", post(take_metrics))
            .layer(DefaultBodyLimit::disable())
            .with_state(collector.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        collector
    }

    pub fn spans(&self) -> Vec<Span> {
        self.heard.lock().expect("no holder of this lock panics").clone()
    }

    pub fn lines(&self) -> Vec<Line> {
        self.lines.lock().expect("no holder of this lock panics").clone()
    }

    pub fn metrics(&self) -> Vec<Metric> {
        self.metrics.lock().expect("no holder of this lock panics").clone()
    }

    /// Waits until a span like this was told.
    pub async fn hears(&self, what: &str, fits: impl Fn(&Span) -> bool) -> Span {
        let patience = Patience::default();
        while patience.lasts() {
            if let Some(span) = self.spans().into_iter().find(|span| fits(span)) {
                return span;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        panic!("nobody told of {what}; spans: {:?}", self.spans().iter().map(Span::place).collect::<Vec<_>>());
    }

    /// Waits until a line with this message was told.
    pub async fn hears_line(&self, message: &str) -> Line {
        let patience = Patience::default();
        while patience.lasts() {
            if let Some(line) = self.lines().into_iter().find(|line| line.message == message) {
                return line;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        panic!("nobody wrote {message:?}")
    }

    /// Waits until a process told of this family.
    pub async fn hears_of(&self, process: &str, family: &str) {
        let patience = Patience::default();
        while !self.metrics().iter().any(|metric| metric.name == family && metric.process == process) {
            assert!(patience.lasts(), "{process} told nothing of {family}");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    /// The span and what caused it, back to the first.
    pub fn ancestry(&self, span: &Span) -> Vec<Span> {
        let all = self.spans();
        let mut line = vec![span.clone()];
        while let Some(parent) = line.last().and_then(|last| all.iter().find(|one| one.id == last.parent)) {
            assert_eq!(parent.trace, span.trace, "one trace from the first to the last");
            line.push(parent.clone());
        }
        line
    }
}

impl Span {
    pub fn role(&self) -> &str {
        self.attributes.get("role").map_or("", String::as_str)
    }

    /// Whose work it is and which.
    pub fn place(&self) -> String {
        format!("{} {}", self.role(), self.name)
    }

    /// Everything that is said, as text.
    pub fn words(&self) -> String {
        format!("{self:?}")
    }
}

fn read<M: Message + Default>(headers: &HeaderMap, body: Bytes) -> Result<M, StatusCode> {
    let kind = headers.get("content-type").and_then(|kind| kind.to_str().ok());
    if kind != Some("application/x-protobuf") {
        return Err(StatusCode::UNSUPPORTED_MEDIA_TYPE);
    }
    M::decode(body).map_err(|_| StatusCode::BAD_REQUEST)
}

fn process_of(resource: Option<Resource>) -> String {
    let resource = texts(&resource.map(|resource| resource.attributes).unwrap_or_default());
    resource.get("service.name").cloned().unwrap_or_default()
}

async fn take_lines(
    State(collector): State<Collector>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Vec<u8>, StatusCode> {
    let request: ExportLogsServiceRequest = read(&headers, body)?;
    let mut heard = Vec::new();
    for told in request.resource_logs {
        let process = process_of(told.resource);
        for scope in told.scope_logs {
            let target = scope.scope.map(|scope| scope.name).unwrap_or_default();
            heard.extend(scope.log_records.into_iter().map(|record| Line {
                process: process.clone(),
                target: target.clone(),
                level: record.severity_text,
                message: text(record.body.as_ref()),
                trace: hex(&record.trace_id),
                span: hex(&record.span_id),
                attributes: texts(&record.attributes),
            }));
        }
    }
    collector.lines.lock().expect("no holder of this lock panics").extend(heard);
    Ok(ExportLogsServiceResponse::default().encode_to_vec())
}

async fn take_metrics(
    State(collector): State<Collector>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Vec<u8>, StatusCode> {
    let request: ExportMetricsServiceRequest = read(&headers, body)?;
    let mut heard = Vec::new();
    for told in request.resource_metrics {
        let process = process_of(told.resource);
        for metric in told.scope_metrics.into_iter().flat_map(|scope| scope.metrics) {
            heard.push(Metric { process: process.clone(), points: format!("{:?}", metric.data), name: metric.name });
        }
    }
    collector.metrics.lock().expect("no holder of this lock panics").extend(heard);
    Ok(ExportMetricsServiceResponse::default().encode_to_vec())
}

async fn take_spans(
    State(collector): State<Collector>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Vec<u8>, StatusCode> {
    let request: ExportTraceServiceRequest = read(&headers, body)?;
    let mut heard = Vec::new();
    for told in request.resource_spans {
        let process = process_of(told.resource);
        for span in told.scope_spans.into_iter().flat_map(|scope| scope.spans) {
            heard.push(Span {
                process: process.clone(),
                kind: span.kind(),
                trace: hex(&span.trace_id),
                id: hex(&span.span_id),
                parent: hex(&span.parent_span_id),
                attributes: texts(&span.attributes),
                events: span.events.into_iter().map(|event| (event.name, texts(&event.attributes))).collect(),
                name: span.name,
            });
        }
    }
    collector.heard.lock().expect("no holder of this lock panics").extend(heard);
    Ok(ExportTraceServiceResponse::default().encode_to_vec())
}

fn hex(id: &[u8]) -> String {
    id.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn texts(attributes: &[KeyValue]) -> BTreeMap<String, String> {
    attributes.iter().map(|field| (field.key.clone(), text(field.value.as_ref()))).collect()
}

fn text(value: Option<&AnyValue>) -> String {
    match value.and_then(|value| value.value.as_ref()) {
        Some(Value::StringValue(text)) => text.clone(),
        Some(Value::IntValue(number)) => number.to_string(),
        Some(Value::BoolValue(truth)) => truth.to_string(),
        Some(Value::DoubleValue(number)) => number.to_string(),
        other => format!("{other:?}"),
    }
}
