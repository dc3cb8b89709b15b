//! Where a trace begins: each request from outside is a click of its own, and one log line without anything about anyone.

use std::{sync::Arc, time::Instant};

use axum::{
    Router,
    body::Body,
    extract::{MatchedPath, Request, State},
    http::{Method, Response, StatusCode},
    middleware::{Next, from_fn_with_state},
};
use boot::{
    metrics,
    telemetry::{Kind, Work},
};
use kernel::{Random, Trace};
use tracing::Span;

/// What a caller might say about traces: not believed and not handed on.
const FOREIGN: [&str; 3] = [TRACE_PARENT, "tracestate", "baggage"];
/// W3C trace context over HTTP.
pub const TRACE_PARENT: &str = "traceparent";

#[derive(Clone)]
struct Edge {
    role: &'static str,
    random: Arc<dyn Random>,
}

/// The routes of a service's edge, each request to them in a new trace.
pub fn traced(router: Router, role: &'static str, random: Arc<dyn Random>) -> Router {
    router.layer(from_fn_with_state(Edge { role, random }, begin))
}

/// What a caller says its request belongs to. Nobody believes it before the caller has proved to be one of ours.
#[derive(Debug, Clone, Copy)]
pub struct ClaimedTrace(pub Trace);

async fn begin(State(edge): State<Edge>, mut request: Request, next: Next) -> Response<Body> {
    let claimed = request.headers().get(TRACE_PARENT).and_then(|value| Trace::parse(value.to_str().ok()?));
    for name in FOREIGN {
        request.headers_mut().remove(name);
    }
    if let Some(claimed) = claimed {
        request.extensions_mut().insert(ClaimedTrace(claimed));
    }
    let method = known(request.method());
    // The pattern: a path itself may hold an id or what somebody typed.
    let route = request.extensions().get::<MatchedPath>().cloned();
    let route = route.as_ref().map_or("(none)", MatchedPath::as_str);
    let name = format!("{method} {route}");
    let work = Work::new(Kind::Server, edge.role, &name);
    work.run(&*edge.random, answer(edge.role, method, route, request, next)).await
}

async fn answer(role: &str, method: &str, route: &str, request: Request, next: Next) -> Response<Body> {
    // How long it took is nobody's civil time.
    let begun = Instant::now();
    let response = next.run(request).await;
    let (took, status) = (begun.elapsed(), response.status());
    metrics::HTTP.observe(&[role, method, route, class(status)], took);
    let duration_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    Span::current().record("status", status.as_u16());
    tracing::info!(method, route, status = status.as_u16(), duration_ms, "request answered");
    response
}

fn class(status: StatusCode) -> &'static str {
    match status.as_u16() / 100 {
        2 => "2xx",
        3 => "3xx",
        4 => "4xx",
        5 => "5xx",
        _ => "(other)",
    }
}

/// A method may be any word.
fn known(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "(other)",
    }
}

#[cfg(test)]
mod tests {
    use axum::{http::HeaderMap, routing::get};
    use kernel::SeededRandom;
    use tower::ServiceExt;

    use super::*;

    const FORGED: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    async fn seen(router: &Router) -> Trace {
        let request = Request::get("/cases/of-somebody").header("traceparent", FORGED).header("baggage", "who=me");
        let answer = router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        let body = axum::body::to_bytes(answer.into_body(), 1000).await.unwrap();
        Trace::parse(std::str::from_utf8(&body).unwrap()).unwrap()
    }

    #[tokio::test]
    async fn each_request_begins_a_trace_and_what_its_sender_says_of_traces_is_dropped() {
        let page = async |claimed: axum::Extension<ClaimedTrace>, headers: HeaderMap| {
            assert!(FOREIGN.iter().all(|name| !headers.contains_key(*name)));
            assert_eq!(claimed.0.0, Trace::parse(FORGED).unwrap(), "kept apart for whoever knows the caller");
            Trace::current().unwrap().to_string()
        };
        let router = Router::new().route("/cases/{case}", get(page));
        let router = traced(router, "portal", Arc::new(SeededRandom::new(1)));
        let (first, second) = (seen(&router).await, seen(&router).await);
        assert_ne!(first.trace_id(), second.trace_id());
        assert!(![first, second].contains(&Trace::parse(FORGED).unwrap()));
        assert!(!FORGED.contains(&first.trace_id()) && !FORGED.contains(&second.trace_id()));
        let counted = metrics::HTTP.text();
        let line = "xizmat_http_request_seconds_count{role=\"portal\",method=\"GET\",route=\"/cases/{case}\",status=\"2xx\"} 2";
        assert!(counted.contains(line) && !counted.contains("of-somebody"), "{counted}");
    }
}
