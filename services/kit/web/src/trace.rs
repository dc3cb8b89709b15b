//! Where a trace begins: each request from outside is a click of its own, and one log line without anything about anyone.

use std::{sync::Arc, time::Instant};

use axum::{
    Router,
    body::Body,
    extract::{MatchedPath, Request, State},
    http::{Method, Response},
    middleware::{Next, from_fn_with_state},
};
use boot::telemetry;
use kernel::Random;

/// What a caller might say about traces: neither believed nor handed on.
const FOREIGN: [&str; 3] = ["traceparent", "tracestate", "baggage"];

#[derive(Clone)]
struct Edge {
    role: &'static str,
    random: Arc<dyn Random>,
}

/// The routes of a service's edge, each request to them in a new trace.
pub fn traced(router: Router, role: &'static str, random: Arc<dyn Random>) -> Router {
    router.layer(from_fn_with_state(Edge { role, random }, begin))
}

async fn begin(State(edge): State<Edge>, mut request: Request, next: Next) -> Response<Body> {
    for name in FOREIGN {
        request.headers_mut().remove(name);
    }
    telemetry::caused_by(None, edge.role, &*edge.random, answer(request, next)).await
}

async fn answer(request: Request, next: Next) -> Response<Body> {
    let method = known(request.method());
    // The pattern: a path itself may hold an id or what somebody typed.
    let route = request.extensions().get::<MatchedPath>().cloned();
    // How long it took is nobody's civil time.
    let begun = Instant::now();
    let response = next.run(request).await;
    let route = route.as_ref().map_or("(none)", MatchedPath::as_str);
    let duration_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
    tracing::info!(method, route, status = response.status().as_u16(), duration_ms, "request answered");
    response
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
    use kernel::{SeededRandom, Trace};
    use tower::ServiceExt;

    use super::*;

    const FORGED: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    async fn seen(router: &Router) -> Trace {
        let request = Request::get("/cases/17").header("traceparent", FORGED).header("baggage", "who=me");
        let answer = router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        let body = axum::body::to_bytes(answer.into_body(), 1000).await.unwrap();
        Trace::parse(std::str::from_utf8(&body).unwrap()).unwrap()
    }

    #[tokio::test]
    async fn each_request_begins_a_trace_and_what_its_sender_says_of_traces_is_dropped() {
        let page = async |headers: HeaderMap| {
            assert!(FOREIGN.iter().all(|name| !headers.contains_key(*name)));
            Trace::current().unwrap().to_string()
        };
        let router = Router::new().route("/cases/{case}", get(page));
        let router = traced(router, "portal", Arc::new(SeededRandom::new(1)));
        let (first, second) = (seen(&router).await, seen(&router).await);
        assert_ne!(first.trace_id(), second.trace_id());
        assert!(![first, second].contains(&Trace::parse(FORGED).unwrap()));
        assert!(!FORGED.contains(&first.trace_id()) && !FORGED.contains(&second.trace_id()));
    }
}
