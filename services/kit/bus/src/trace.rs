//! Hands the W3C trace context on from what is being handled to what it asks for.

use std::future::Future;

tokio::task_local! {
    static PARENT: Option<String>;
}

/// Runs `work` so that its requests carry this `traceparent`.
pub async fn within<T>(parent: Option<String>, work: impl Future<Output = T>) -> T {
    PARENT.scope(parent, work).await
}

/// The `traceparent` of what is being handled.
pub fn current() -> Option<String> {
    PARENT.try_with(Clone::clone).ok().flatten()
}
