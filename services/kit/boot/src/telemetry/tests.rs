//! What a log line says of its click, and that a collector hears the same under the same ids, or costs nothing.

use std::{
    io,
    sync::{Arc, Mutex},
    time::Duration,
};

use kernel::SeededRandom;
use opentelemetry::{
    InstrumentationScope,
    logs::{AnyValue, LoggerProvider, Severity},
    trace::Status,
};
use opentelemetry_proto::tonic::{
    common::v1::any_value::Value as Told,
    metrics::v1::{metric::Data, number_data_point::Value as Number},
};
use opentelemetry_sdk::{
    error::OTelSdkResult,
    logs::{LogProcessor, SdkLogRecord, SdkLoggerProvider},
    trace::{SpanData, SpanProcessor},
};
use tracing_subscriber::layer::SubscriberExt;

use super::*;
use crate::metrics::{self, Family};

#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl Kept {
    fn lines(&self) -> Vec<serde_json::Value> {
        let written = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
        written.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

impl io::Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_line_says_who_wrote_it_and_to_which_click_it_belongs() {
    let kept = Kept::default();
    let writer = kept.clone();
    let subscriber = lines(EnvFilter::new("warn"), move || writer.clone());
    let _installed = tracing::subscriber::set_default(subscriber);
    let random = SeededRandom::new(1);
    let cause = Trace::start(&random);
    let work = async {
        let inner = carried(async { tracing::warn!(count = 3, why = %"a \"quote\"\n", "on a task of its own") });
        tokio::spawn(inner).await.unwrap();
        tracing::info!("below the filter");
    };
    Work::new(Kind::Internal, "signing", "seal").because_of(Some(cause)).run(&random, work).await;
    tracing::warn!("outside");
    let lines = kept.lines();
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert_eq!(lines[0]["message"], "on a task of its own");
    assert_eq!((&lines[0]["role"], &lines[0]["level"]), (&"signing".into(), &"WARN".into()));
    assert_eq!((&lines[0]["count"], &lines[0]["why"]), (&3.into(), &"a \"quote\"\n".into()));
    assert_eq!((&lines[0]["trace_id"], &lines[0]["work"]), (&cause.trace_id().into(), &"seal".into()));
    assert_eq!(lines[0]["parent_id"], cause.span_id());
    assert_ne!(lines[0]["span_id"], cause.span_id());
    assert!(lines[1].get("trace_id").is_none());
}

#[tokio::test]
async fn work_about_an_object_names_it_in_every_line() {
    let kept = Kept::default();
    let writer = kept.clone();
    let _installed = tracing::subscriber::set_default(lines(EnvFilter::new("warn"), move || writer.clone()));
    let object = Object { kind: "ServiceDefinition", namespace: Some("justice"), name: "copy" };
    let work = async { tracing::warn!("tried again") };
    Work::new(Kind::Internal, "operator", "reconcile").on(object).run(&SeededRandom::new(1), work).await;
    let whole = Object { kind: "Agency", namespace: None, name: "justice" };
    let work = async { tracing::warn!("tried again") };
    Work::new(Kind::Internal, "operator", "reconcile").on(whole).run(&SeededRandom::new(2), work).await;
    let lines = kept.lines();
    let (line, of_cluster) = (&lines[0], &lines[1]);
    assert_eq!((&line["work"], &line["kind"]), (&"reconcile".into(), &"ServiceDefinition".into()));
    assert_eq!((&line["namespace"], &line["name"]), (&"justice".into(), &"copy".into()));
    assert_eq!((of_cluster.get("namespace"), &of_cluster["name"]), (None, &"justice".into()));
}

#[derive(Debug, Clone, Default)]
struct Heard(Arc<Mutex<Vec<SpanData>>>);

impl SpanProcessor for Heard {
    fn on_start(&self, _span: &mut opentelemetry_sdk::trace::Span, _context: &opentelemetry::Context) {}

    fn on_end(&self, span: SpanData) {
        self.0.lock().unwrap().push(span);
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _timeout: Duration) -> OTelSdkResult {
        Ok(())
    }
}

#[derive(Debug, Clone, Default)]
struct Noted(Arc<Mutex<Vec<SdkLogRecord>>>);

impl LogProcessor for Noted {
    fn emit(&self, record: &mut SdkLogRecord, _scope: &InstrumentationScope) {
        self.0.lock().unwrap().push(record.clone());
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }
}

/// A record as the JSON line that says the same: whatever the line does not say would stand out.
fn line_of(record: &SdkLogRecord) -> serde_json::Value {
    let value = |any: &AnyValue| match any {
        AnyValue::Int(number) => (*number).into(),
        AnyValue::Boolean(truth) => (*truth).into(),
        AnyValue::String(text) => text.as_str().into(),
        other => panic!("{other:?}"),
    };
    let mut line = serde_json::Map::new();
    line.insert("level".into(), record.severity_text().unwrap().into());
    line.insert("target".into(), record.target().unwrap().as_ref().into());
    line.insert("message".into(), value(record.body().unwrap()));
    if let Some(context) = record.trace_context() {
        line.insert("trace_id".into(), context.trace_id.to_string().into());
        line.insert("span_id".into(), context.span_id.to_string().into());
    }
    line.extend(record.attributes_iter().map(|(name, any)| (name.to_string(), value(any))));
    line.into()
}

#[tokio::test]
async fn a_log_record_says_what_its_json_line_says_and_nothing_else() {
    let (kept, noted) = (Kept::default(), Noted::default());
    let writer = kept.clone();
    let provider = SdkLoggerProvider::builder().with_log_processor(noted.clone()).build();
    let records = records::Records { logger: provider.logger("xizmat") };
    let subscriber = lines(EnvFilter::new("info"), move || writer.clone()).with(records);
    let _installed = tracing::subscriber::set_default(subscriber);
    let random = SeededRandom::new(1);
    let inner = async {
        tracing::info!(operation = "refund", count = 3, done = true, "asked");
        tracing::Span::current().record("status", 503);
        tracing::error!(role = "somebody else", why = ?Some(1), "r\"aw\n");
        tracing::debug!("below the filter");
    };
    let outer = async {
        tracing::warn!("before");
        Work::new(Kind::Server, "payments", "payments.refund").because_of(Trace::current()).run(&random, inner).await;
    };
    Work::new(Kind::Consumer, "eservice", "event").run(&random, outer).await;
    tracing::warn!("outside");
    let mut lines = kept.lines();
    for line in &mut lines {
        assert!(line.as_object_mut().unwrap().remove("timestamp").is_some());
    }
    let noted = noted.0.lock().unwrap();
    assert_eq!(noted.iter().map(line_of).collect::<Vec<_>>(), lines);
    assert_eq!(noted.len(), 4);
    assert_eq!((&lines[1]["work"], &lines[2]["status"]), (&"payments.refund".into(), &503.into()));
    assert_eq!(noted[2].severity_number(), Some(Severity::Error));
    assert!(noted.iter().all(|record| record.timestamp().is_some()));
}

#[test]
fn a_collector_hears_of_the_families_what_a_scraper_reads() {
    static ASKED: Family = Family::new(metrics::Kind::Histogram, "asked_seconds", "Asked.", &["role", "outcome"]);
    static OPEN: Family = Family::new(metrics::Kind::Gauge, "open", "Open.", &["operation"]);
    static RETURNED: Family = Family::new(metrics::Kind::Counter, "returned_total", "Returned.", &[]);
    static NEVER: Family = Family::new(metrics::Kind::Gauge, "never", "Never.", &[]);
    ASKED.observe(&["portal", "ok"], Duration::from_millis(30));
    ASKED.observe(&["portal", "ok"], Duration::from_millis(40));
    ASKED.observe(&["portal", "ok"], Duration::from_secs(60));
    OPEN.set(&["refund"], 3.0);
    RETURNED.count(&[]);
    let teller = meter::Teller { resource: vec![opentelemetry::KeyValue::new("service.name", "portal")], begun_ns: 5 };
    let mut told = teller.tells(&[&ASKED, &OPEN, &RETURNED, &NEVER], 9).resource_metrics.remove(0);
    assert_eq!(told.resource.unwrap().attributes[0].key, "service.name");
    let metrics = told.scope_metrics.remove(0).metrics;
    let names: Vec<&str> = metrics.iter().map(|metric| metric.name.as_str()).collect();
    assert_eq!(names, ["asked_seconds", "open", "returned_total"], "what counted nothing is not told");
    let Some(Data::Histogram(asked)) = &metrics[0].data else { panic!("{:?}", metrics[0]) };
    let point = &asked.data_points[0];
    assert_eq!((asked.aggregation_temporality, point.start_time_unix_nano, point.time_unix_nano), (2, 5, 9));
    assert_eq!((point.count, point.sum), (3, Some(60.07)));
    assert_eq!(point.explicit_bounds.len() + 1, point.bucket_counts.len());
    assert_eq!(point.bucket_counts, [0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 1], "between the bounds, not up to them");
    let labels: Vec<_> =
        point.attributes.iter().map(|label| (&*label.key, label.value.clone().unwrap().value)).collect();
    let text = |words: &str| Some(Told::StringValue(words.into()));
    assert_eq!(labels, [("role", text("portal")), ("outcome", text("ok"))]);
    let Some(Data::Gauge(open)) = &metrics[1].data else { panic!("{:?}", metrics[1]) };
    assert_eq!(open.data_points[0].value, Some(Number::AsDouble(3.0)));
    let Some(Data::Sum(returned)) = &metrics[2].data else { panic!("{:?}", metrics[2]) };
    assert!(returned.is_monotonic && returned.aggregation_temporality == 2, "it only grows, counted since the start");
    let point = &returned.data_points[0];
    assert_eq!((point.start_time_unix_nano, point.value), (5, Some(Number::AsDouble(1.0))));
}

#[tokio::test]
async fn a_span_has_the_ids_of_its_log_lines_and_says_what_they_say() {
    let (kept, heard) = (Kept::default(), Heard::default());
    let (writer, processor) = (kept.clone(), Arc::new(heard.clone()));
    let pieces = pieces::Pieces { processor, scope: InstrumentationScope::builder("xizmat").build() };
    let _installed =
        tracing::subscriber::set_default(lines(EnvFilter::new("info"), move || writer.clone()).with(pieces));
    let random = SeededRandom::new(1);
    let inner = async {
        for _ in 0..100 {
            tracing::info!(operation = "refund", "asked");
        }
        tracing::Span::current().record("status", 503);
    };
    let outer = async {
        Work::new(Kind::Server, "payments", "payments.refund").because_of(Trace::current()).run(&random, inner).await;
    };
    Work::new(Kind::Consumer, "eservice", "event").run(&random, outer).await;
    drop(tracing::info_span!("a library's own").entered());
    let heard = heard.0.lock().unwrap();
    assert_eq!(heard.len(), 2, "a span of somebody else's is not ours to tell");
    let (refund, event) = (&heard[0], &heard[1]);
    let line = &kept.lines()[0];
    assert_eq!(line["trace_id"], refund.span_context.trace_id().to_string());
    assert_eq!(line["span_id"], refund.span_context.span_id().to_string());
    assert_eq!(line["parent_id"], refund.parent_span_id.to_string());
    assert_eq!(refund.parent_span_id, event.span_context.span_id());
    assert_eq!(refund.span_context.trace_id(), event.span_context.trace_id());
    assert_eq!((refund.name.as_ref(), event.name.as_ref()), ("payments.refund", "event"));
    assert!(matches!(refund.status, Status::Error { .. }) && event.status == Status::Unset);
    let attributes: Vec<String> =
        refund.attributes.iter().map(|field| format!("{}={}", field.key, field.value)).collect();
    assert_eq!(attributes, ["role=payments", "status=503"]);
    assert_eq!((refund.events.len(), refund.events.dropped_count), (32, 68));
    assert_eq!(refund.events[0].name, "asked");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_collector_that_is_away_costs_one_warning_and_bounded_memory() {
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", nobody.local_addr().unwrap());
    drop(nobody);
    let kept = Kept::default();
    let writer = kept.clone();
    let collector = Collector::start(&endpoint, "test").unwrap();
    // Everybody's, since the warning is written on a thread of the runtime; but what other tests of this process
    // warn of is no matter of the collector's.
    let filter = EnvFilter::new("off,boot::telemetry=warn");
    let subscriber = lines(filter, move || writer.clone()).with(collector.pieces()).with(collector.records());
    tracing::subscriber::set_global_default(subscriber).unwrap();
    let random = SeededRandom::new(1);
    // If work waited for its telling, or the end did, this would take hours.
    let work = async {
        for _ in 0..20_000 {
            let work = async { tracing::warn!(target: "boot::telemetry::work", "done") };
            Work::new(Kind::Internal, "test", "work").run(&random, work).await;
        }
        Telling { collector: Some(collector) }.stop().await;
    };
    tokio::time::timeout(Duration::from_secs(300), work).await.expect("nothing waits for a collector");
    let (done, warnings): (Vec<_>, Vec<_>) = kept.lines().into_iter().partition(|line| line["message"] == "done");
    assert_eq!(done.len(), 20_000);
    assert_eq!(warnings.len(), 1, "for spans, lines and metrics together: {warnings:?}");
    assert_eq!(warnings[0]["collector"], endpoint);
}

#[tokio::test]
async fn an_address_that_is_none_is_refused_with_what_to_write() {
    for endpoint in ["collector:4318", "grpc://collector", "/v1"] {
        let settings = Settings { otlp_endpoint: Some(endpoint.into()) };
        let refused = start(Manner { name: "test", json: true }, &settings).err().unwrap();
        assert_eq!(refused.code, "telemetry.endpoint", "{endpoint}");
        assert!(refused.message.contains("http://127.0.0.1:4318"));
    }
}
