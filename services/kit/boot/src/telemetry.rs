//! Which click a log line belongs to, and logs as JSON lines on standard error (or plain for a person at a terminal).
//!
//! Levels by `XIZMAT_LOG`. What is logged holds no personal data; ids of traces are random. Where a collector is
//! configured, the same pieces of work under the same ids go there as spans, the same lines as log records, and what
//! `/metrics` shows (OTLP over HTTP).

mod collector;
mod line;
mod meter;
mod pieces;
mod records;
mod said;
mod work;

use std::io;

use kernel::{Failure, Trace};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tracing::{Instrument, Subscriber};
use tracing_subscriber::{
    EnvFilter, Layer, Registry,
    fmt::{self, MakeWriter, format::JsonFields},
    layer::SubscriberExt,
    registry::LookupSpan,
    util::SubscriberInitExt,
};

use collector::Collector;
pub use work::{Kind, Object, Work};

/// Where traces, log lines and metrics go besides standard error and `/metrics`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Address of an OpenTelemetry collector that takes OTLP over HTTP, such as `http://127.0.0.1:4318`: traces, log lines
    /// and metrics go there, too. Left out: nothing is sent.
    pub otlp_endpoint: Option<String>,
}

/// How a process tells what happens in it.
#[derive(Debug, Clone, Copy)]
pub struct Manner<'a> {
    /// What the process is, for the collector (`service.name`).
    pub name: &'a str,
    /// For a machine; else for a person at a terminal.
    pub json: bool,
}

/// Held for as long as the process tells anything.
#[derive(Default)]
pub struct Telling {
    collector: Option<Collector>,
}

impl Telling {
    /// Sends what was not sent yet; a collector that does not answer is not waited for.
    pub async fn stop(self) {
        if let Some(collector) = self.collector {
            collector.stop().await;
        }
    }
}

/// Installs the process's subscriber; a second call changes nothing. With a collector it needs a runtime around it. From then on
/// a panic is a log line, without what was put into its words.
pub fn start(manner: Manner<'_>, settings: &Settings) -> Result<Telling, Failure> {
    // A person at a terminal wants to hear only of trouble; a machine that collects logs gets what happened.
    let usual = if manner.json { "info,async_nats=warn,sqlx=warn" } else { "warn" };
    let filter = EnvFilter::try_from_env("XIZMAT_LOG").unwrap_or_else(|_| EnvFilter::new(usual));
    let endpoint = settings.otlp_endpoint.as_deref().filter(|endpoint| !endpoint.is_empty());
    let collector = endpoint.map(|endpoint| Collector::start(endpoint, manner.name)).transpose()?;
    let told = collector.as_ref().map(|collector| collector.pieces().and_then(collector.records()));
    let lines = if manner.json { json(io::stderr).boxed() } else { plain().boxed() };
    let _ = tracing_subscriber::registry().with(lines).with(told).with(filter).try_init();
    crate::panics::tell_without_values();
    Ok(Telling { collector })
}

/// One JSON object a line, with `role`, `trace_id` and `span_id` of the work in which it was written.
pub fn lines<W>(filter: EnvFilter, writer: W) -> impl Subscriber + for<'a> LookupSpan<'a> + Send + Sync
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    tracing_subscriber::registry().with(filter).with(json(writer))
}

fn json<S, W>(writer: W) -> impl Layer<S> + Send + Sync
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    fmt::layer().fmt_fields(JsonFields::new()).event_format(line::Line).with_writer(writer)
}

fn plain() -> impl Layer<Registry> + Send + Sync {
    fmt::layer().compact().with_target(false).with_writer(io::stderr)
}

/// The work at hand, gone on with on a task of its own: `tokio::spawn(telemetry::carried(work))`.
pub fn carried<T>(work: impl Future<Output = T>) -> impl Future<Output = T> {
    let trace = Trace::current();
    let work = async move {
        match trace {
            Some(trace) => trace.run(work).await,
            None => work.await,
        }
    };
    work.in_current_span()
}

#[cfg(test)]
mod tests;
