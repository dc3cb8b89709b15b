//! Health for whoever watches: alive when it answers, ready when the bus is reached.

use axum::{Router, http::StatusCode, routing::get};

pub fn router(bus: bus::Bus) -> Router {
    let ready = move || {
        let bus = bus.clone();
        async move {
            if bus.is_connected() {
                (StatusCode::OK, "ready\n")
            } else {
                (StatusCode::SERVICE_UNAVAILABLE, "the bus is not connected\n")
            }
        }
    };
    Router::new().route("/livez", get(async || "alive\n")).route("/readyz", get(ready))
}
