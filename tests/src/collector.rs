//! An OpenTelemetry collector of our own: takes OTLP over HTTP as any other would, and keeps every span.

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
    collector::trace::v1::{ExportTraceServiceRequest, ExportTraceServiceResponse},
    common::v1::{AnyValue, KeyValue, any_value::Value},
    trace::v1::span::SpanKind,
};
use prost::Message;

#[derive(Clone, Default)]
pub struct Collector {
    pub address: String,
    heard: Arc<Mutex<Vec<Span>>>,
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
        let collector = Self { address, heard: Arc::default() };
        let router = Router::new().route("/v1/traces", post(take)).layer(DefaultBodyLimit::disable());
        let router = router.with_state(collector.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        collector
    }

    pub fn spans(&self) -> Vec<Span> {
        self.heard.lock().expect("no holder of this lock panics").clone()
    }

    /// Waits until a span like this was told.
    pub async fn hears(&self, what: &str, fits: impl Fn(&Span) -> bool) -> Span {
        for _ in 0..100 {
            if let Some(span) = self.spans().into_iter().find(|span| fits(span)) {
                return span;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        panic!("nobody told of {what}; spans: {:?}", self.spans().iter().map(Span::place).collect::<Vec<_>>());
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

async fn take(State(collector): State<Collector>, headers: HeaderMap, body: Bytes) -> Result<Vec<u8>, StatusCode> {
    let kind = headers.get("content-type").and_then(|kind| kind.to_str().ok());
    if kind != Some("application/x-protobuf") {
        return Err(StatusCode::UNSUPPORTED_MEDIA_TYPE);
    }
    let request = ExportTraceServiceRequest::decode(body).map_err(|_| StatusCode::BAD_REQUEST)?;
    let mut heard = Vec::new();
    for told in request.resource_spans {
        let resource = texts(&told.resource.map(|resource| resource.attributes).unwrap_or_default());
        let process = resource.get("service.name").cloned().unwrap_or_default();
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
