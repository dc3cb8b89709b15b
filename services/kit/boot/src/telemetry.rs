//! Logs as JSON lines on standard error (or plain for a person at a terminal); levels by `XIZMAT_LOG`.

use tracing_subscriber::{EnvFilter, fmt, layer::SubscriberExt, util::SubscriberInitExt};

/// Installs the process's subscriber; a second call does nothing.
pub fn start(json: bool) {
    // A person at a terminal wants to hear only of trouble; a machine that collects logs gets what happened.
    let usual = if json { "info,async_nats=warn,sqlx=warn" } else { "warn" };
    let filter = EnvFilter::try_from_env("XIZMAT_LOG").unwrap_or_else(|_| EnvFilter::new(usual));
    let registry = tracing_subscriber::registry().with(filter);
    let _ = if json {
        registry.with(fmt::layer().json().flatten_event(true).with_writer(std::io::stderr)).try_init()
    } else {
        registry.with(fmt::layer().compact().with_target(false).with_writer(std::io::stderr)).try_init()
    };
}
