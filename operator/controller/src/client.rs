//! How the operator asks the API server: never more often in a second than it may, and in read-only mode nothing but questions.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use axum::http::{Method, Request};
use futures::future::{BoxFuture, FutureExt};
use kernel::Failure;
use kube::{
    Client,
    client::{Body, ClientBuilder},
};
use tokio::time::{Instant, Sleep, sleep};
use tower::{BoxError, Layer, Service};

use crate::{Config, connect};

const PERIOD: Duration = Duration::from_secs(1);

/// The pod's account, the user's own configuration, or a file.
pub async fn connect(config: &Config) -> Result<Client, Failure> {
    let wrong = |error: String| {
        let message = "The Kubernetes API server is not known. Give `operator.kubeconfig_file`, or run in a pod.";
        Failure::invalid("operator.no-cluster", message).with_detail(error)
    };
    let found = connect::configuration(config.kubeconfig_file.as_deref(), None).await.map_err(wrong)?;
    let stack = ClientBuilder::try_from(found).map_err(|error| wrong(error.to_string()))?;
    Ok(stack.with_layer(&Asking::of(config)).build())
}

/// What every request goes through before it is sent.
#[derive(Clone, Copy)]
pub struct Asking {
    per_second: u32,
    read_only: bool,
}

impl Asking {
    pub fn of(config: &Config) -> Self {
        Self { per_second: config.requests_per_second.max(1), read_only: config.read_only }
    }
}

impl<S> Layer<S> for Asking {
    type Service = Asked<S>;

    fn layer(&self, inner: S) -> Asked<S> {
        Asked {
            inner,
            asking: *self,
            left: self.per_second,
            until: Instant::now() + PERIOD,
            pause: Box::pin(sleep(PERIOD)),
        }
    }
}

pub struct Asked<S> {
    inner: S,
    asking: Asking,
    /// Requests that this second still has.
    left: u32,
    until: Instant,
    pause: Pin<Box<Sleep>>,
}

impl<S> Asked<S> {
    fn begin(&mut self, now: Instant) {
        self.left = self.asking.per_second;
        self.until = now + PERIOD;
    }
}

impl<S> Service<Request<Body>> for Asked<S>
where
    S: Service<Request<Body>>,
    S::Error: Into<BoxError>,
    S::Response: Send + 'static,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<S::Response, BoxError>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        if self.left == 0 {
            ready!(self.pause.as_mut().poll(context));
            self.begin(Instant::now());
        }
        self.inner.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let now = Instant::now();
        if now >= self.until {
            self.begin(now);
        }
        self.left = self.left.saturating_sub(1);
        if self.left == 0 {
            self.pause.as_mut().reset(self.until);
        }
        if self.asking.read_only && !matches!(*request.method(), Method::GET | Method::HEAD) {
            let refused = format!("operator.read-only: {} {} is not sent", request.method(), request.uri().path());
            return futures::future::ready(Err(refused.into())).boxed();
        }
        self.inner.call(request).map(|answer| answer.map_err(Into::into)).boxed()
    }
}

#[cfg(test)]
mod tests {
    use axum::http::Response;
    use k8s_openapi::api::core::v1::ConfigMap;
    use kube::{
        Api,
        api::{DeleteParams, ListParams, ObjectMeta, Patch, PatchParams, PostParams},
    };
    use std::sync::{Arc, Mutex};

    use super::*;

    /// A client of an API server that knows one object and writes down what it is asked.
    fn asked(config: &Config) -> (Client, Arc<Mutex<Vec<Method>>>) {
        let seen: Arc<Mutex<Vec<Method>>> = Arc::default();
        let noted = seen.clone();
        let server = tower::service_fn(move |request: Request<Body>| {
            noted.lock().unwrap().push(request.method().clone());
            let object = serde_json::json!({
                "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "resourceVersion": "1"}, "items": [],
            });
            let answer = Response::new(Body::from(object.to_string().into_bytes()));
            futures::future::ready(Ok::<_, BoxError>(answer))
        });
        (Client::new(Asking::of(config).layer(server), "xizmat"), seen)
    }

    #[tokio::test]
    async fn in_read_only_mode_nothing_but_questions_reaches_the_api_server() {
        let (client, seen) = asked(&Config { read_only: true, ..Config::default() });
        let maps: Api<ConfigMap> = Api::namespaced(client, "xizmat");
        maps.get("a").await.unwrap();
        let named = ConfigMap {
            metadata: ObjectMeta { name: Some("a".into()), ..ObjectMeta::default() },
            ..ConfigMap::default()
        };
        let refused = maps.create(&PostParams::default(), &named).await.unwrap_err().to_string();
        assert!(refused.contains("operator.read-only: POST"), "{refused}");
        let patch = Patch::Apply(&named);
        assert!(maps.patch("a", &PatchParams::apply("x").force(), &patch).await.is_err());
        assert!(maps.patch_status("a", &PatchParams::apply("x").force(), &patch).await.is_err());
        assert!(maps.replace("a", &PostParams::default(), &named).await.is_err());
        assert!(maps.delete("a", &DeleteParams::default()).await.is_err());
        assert!(maps.delete_collection(&DeleteParams::default(), &ListParams::default()).await.is_err());
        assert_eq!(*seen.lock().unwrap(), [Method::GET]);
    }

    #[tokio::test(start_paused = true)]
    async fn no_second_has_more_requests_than_it_may() {
        let (client, seen) = asked(&Config { requests_per_second: 3, ..Config::default() });
        let maps: Api<ConfigMap> = Api::namespaced(client, "xizmat");
        let begun = Instant::now();
        for _ in 0..7 {
            maps.get("a").await.unwrap();
        }
        assert_eq!(seen.lock().unwrap().len(), 7);
        assert!(begun.elapsed() >= PERIOD * 2, "{:?}", begun.elapsed());
        tokio::time::sleep(PERIOD * 5).await;
        let again = Instant::now();
        maps.get("a").await.unwrap();
        assert_eq!(again.elapsed(), Duration::ZERO, "a quiet time is not made up for, and costs nothing");
    }
}
