//! Which click a log line belongs to, and logs as JSON lines on standard error (or plain for a person at a terminal).
//!
//! Levels by `XIZMAT_LOG`. What is logged holds no personal data; ids of traces are random.

mod line;

use std::{future::Future, io};

use kernel::{Random, Trace};
use tracing::{Instrument, Subscriber};
use tracing_subscriber::{
    EnvFilter,
    fmt::{self, MakeWriter, format::JsonFields},
    layer::SubscriberExt,
    util::SubscriberInitExt,
};

/// Installs the process's subscriber; a second call does nothing.
pub fn start(json: bool) {
    // A person at a terminal wants to hear only of trouble; a machine that collects logs gets what happened.
    let usual = if json { "info,async_nats=warn,sqlx=warn" } else { "warn" };
    let filter = EnvFilter::try_from_env("XIZMAT_LOG").unwrap_or_else(|_| EnvFilter::new(usual));
    let _ = if json {
        lines(filter, io::stderr).try_init()
    } else {
        let plain = fmt::layer().compact().with_target(false).with_writer(io::stderr);
        tracing_subscriber::registry().with(filter).with(plain).try_init()
    };
}

/// One JSON object a line, with `role`, `trace_id` and `span_id` of the work in which it was written.
pub fn lines<W>(filter: EnvFilter, writer: W) -> impl Subscriber + Send + Sync
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let layer = fmt::layer().fmt_fields(JsonFields::new()).event_format(line::Line).with_writer(writer);
    tracing_subscriber::registry().with(filter).with(layer)
}

/// Does `work` as a piece of the trace of its cause, or as the first of a new trace: its log lines, requests and
/// messages carry it.
pub async fn caused_by<T>(cause: Option<Trace>, role: &str, random: &dyn Random, work: impl Future<Output = T>) -> T {
    let trace = Trace::go_on(cause, random);
    // At the level of errors, so that no filter for lines takes away the ids of those that are left.
    let span = tracing::error_span!(
        "work",
        role,
        trace_id = trace.trace_id(),
        span_id = trace.span_id(),
        parent_id = cause.map(|cause| cause.span_id()),
    );
    trace.run(work).instrument(span).await
}

/// The same work on a task of its own: `tokio::spawn(telemetry::carried(work))`.
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
mod tests {
    use std::sync::{Arc, Mutex};

    use kernel::SeededRandom;

    use super::*;

    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

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
        caused_by(Some(cause), "signing", &random, work).await;
        tracing::warn!("outside");
        let written = String::from_utf8(kept.0.lock().unwrap().clone()).unwrap();
        let lines: Vec<serde_json::Value> = written.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(lines.len(), 2, "{written}");
        assert_eq!(lines[0]["message"], "on a task of its own");
        assert_eq!((&lines[0]["role"], &lines[0]["level"]), (&"signing".into(), &"WARN".into()));
        assert_eq!((&lines[0]["count"], &lines[0]["why"]), (&3.into(), &"a \"quote\"\n".into()));
        assert_eq!(lines[0]["trace_id"], cause.trace_id());
        assert_eq!(lines[0]["parent_id"], cause.span_id());
        assert_ne!(lines[0]["span_id"], cause.span_id());
        assert!(lines[1].get("trace_id").is_none());
    }
}
