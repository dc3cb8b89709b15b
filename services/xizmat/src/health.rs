//! Health for whoever watches (`docs/api/health.yaml`): alive when it answers, ready when it can be given work.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use axum::{
    Router,
    extract::State,
    http::{Method, StatusCode, header},
    response::IntoResponse,
};
use boot::metrics;
use controller::Waits;
use serde_json::{Value, json};
use web::{Content, Described, operation};

const ABOUT: &str = "For a cluster's probes and for Prometheus, on an address of its own that is not for the public. \
    `docs/metrics.md` lists what is counted.";
const PLAIN: &str = "text/plain";

/// Ready is only who has been started, whatever the bus says.
#[derive(Clone, Default)]
pub struct Running {
    started: Arc<AtomicBool>,
    /// Of who can be given work all the same: the API server asks an operator that waits for the bus.
    waits: Option<Waits>,
}

impl Running {
    pub fn waiting(waits: Waits) -> Self {
        Self { waits: Some(waits), ..Self::default() }
    }

    pub fn started() -> Self {
        let running = Self::default();
        running.start();
        running
    }

    pub fn start(&self) {
        self.started.store(true, Ordering::Relaxed);
    }
}

pub fn router(running: Running) -> Router {
    routes().router().with_state(running)
}

/// The OpenAPI document.
pub fn document() -> Value {
    routes().document("Xizmat health", ABOUT, "/", json!({}))
}

fn routes() -> Described<Running> {
    let alive = operation(Method::GET, "/livez", "alive", "Whether the process answers.");
    let prepared = operation(Method::GET, "/readyz", "ready", "Whether the process can be given work.")
        .answers(
            200,
            "Every role of the process is connected to the bus. The operator is ready without it, and says what it waits for.",
            Content::text(PLAIN),
        )
        .answers(503, "It is still starting, or the roles that are not connected, by name.", Content::text(PLAIN));
    let counted =
        operation(Method::GET, "/metrics", "metrics", "What an operator watches, as Prometheus text (0.0.4).");
    Described::new()
        .machine(alive.answers(200, "It does.", Content::text(PLAIN)), async || "alive\n")
        .machine(prepared, ready)
        .machine(counted.answers(200, "Every family with its values.", Content::text(PLAIN)), count)
}

async fn ready(State(running): State<Running>) -> impl IntoResponse {
    if !running.started.load(Ordering::Relaxed) {
        return (StatusCode::SERVICE_UNAVAILABLE, "still starting\n".to_owned());
    }
    if let Some(waits) = running.waits {
        let lines: String = waits.lines().iter().map(|line| format!("waits for {line}\n")).collect();
        return (StatusCode::OK, format!("ready\n{lines}"));
    }
    let away = away();
    if !away.is_empty() {
        return (StatusCode::SERVICE_UNAVAILABLE, format!("not connected to the bus: {}\n", away.join(", ")));
    }
    (StatusCode::OK, "ready\n".to_owned())
}

/// The roles of this process that are not connected to the bus.
fn away() -> Vec<String> {
    let connected = metrics::BUS_CONNECTED.values();
    connected.into_iter().filter(|(_, value)| *value == 0.0).flat_map(|(labels, _)| labels).collect()
}

/// Waits until every role is on the bus: a connection that broke while others were being made is made again by itself, and
/// nobody may be told before that everything is ready.
pub async fn settled() {
    while !away().is_empty() {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

async fn count() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, metrics::CONTENT_TYPE)], metrics::text())
}

#[cfg(test)]
mod tests {
    use axum::body::{Body, to_bytes};
    use tower::ServiceExt;

    use super::*;

    async fn asked(path: &str, running: bool) -> (StatusCode, String) {
        asked_of(path, if running { Running::started() } else { Running::default() }).await
    }

    async fn asked_of(path: &str, running: Running) -> (StatusCode, String) {
        let request = axum::http::Request::get(path).body(Body::empty()).unwrap();
        let answer = router(running).oneshot(request).await.unwrap();
        let status = answer.status();
        (status, String::from_utf8(to_bytes(answer.into_body(), usize::MAX).await.unwrap().to_vec()).unwrap())
    }

    #[tokio::test]
    async fn a_process_is_ready_when_every_role_is_on_the_bus_and_says_which_is_not() {
        let away = |text: &str| (StatusCode::SERVICE_UNAVAILABLE, text.to_owned());
        assert_eq!(asked("/livez", false).await.0, StatusCode::OK);
        assert_eq!(asked("/readyz", false).await, away("still starting\n"));
        metrics::BUS_CONNECTED.set(&["payments"], 1.0);
        metrics::BUS_CONNECTED.set(&["docket"], 0.0);
        assert_eq!(asked("/readyz", true).await, away("not connected to the bus: docket\n"));
        let settling = tokio::spawn(settled());
        tokio::task::yield_now().await;
        assert!(!settling.is_finished(), "nobody is told that all is ready");
        metrics::BUS_CONNECTED.set(&["docket"], 1.0);
        settling.await.unwrap();
        assert_eq!(asked("/readyz", true).await, (StatusCode::OK, "ready\n".into()));
        let (status, text) = asked("/metrics", true).await;
        assert_eq!(status, StatusCode::OK);
        assert!(text.contains("xizmat_bus_connected{role=\"docket\"} 1\n"), "{text}");
    }

    #[tokio::test]
    async fn who_can_be_asked_while_it_waits_is_ready_and_says_for_what() {
        let waits = Waits::default();
        let running = Running::waiting(waits.clone());
        assert_eq!(asked_of("/readyz", running.clone()).await.0, StatusCode::SERVICE_UNAVAILABLE);
        running.start();
        waits.wait("the bus", "NATS does not answer");
        let ready = |text: &str| (StatusCode::OK, text.to_owned());
        assert_eq!(
            asked_of("/readyz", running.clone()).await,
            ready("ready\nwaits for the bus: NATS does not answer\n")
        );
        waits.came("the bus");
        assert_eq!(asked_of("/readyz", running).await, ready("ready\n"));
    }

    #[tokio::test]
    async fn every_described_address_answers() {
        let document = document();
        for path in document["paths"].as_object().unwrap().keys() {
            assert_ne!(asked(path, true).await.0, StatusCode::NOT_FOUND, "{path}");
        }
    }
}
