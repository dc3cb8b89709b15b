//! An API server with a few objects: it keeps what is written, and in which order.

use std::{
    collections::BTreeMap,
    convert::Infallible,
    sync::{Arc, Mutex, MutexGuard},
};

use axum::{
    body::Body,
    http::{Method, Request, Response, StatusCode},
};
use kube::Client;
use serde_json::{Value, json};
use tower::service_fn;

/// What is asked for as a whole; every other path is that of one object.
const LISTS: [&str; 4] = ["servicedefinitions", "registries", "grants", "grantrequests"];

#[derive(Clone, Default)]
pub struct Cluster(Arc<Mutex<Kept>>);

#[derive(Default)]
pub struct Kept {
    /// By their paths.
    pub objects: BTreeMap<String, Value>,
    /// Verb and path of each write.
    pub writes: Vec<String>,
    /// Reasons of events.
    pub events: Vec<String>,
}

impl Cluster {
    pub fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap()
    }

    pub fn put(&self, path: &str, object: Value) {
        self.kept().objects.insert(path.to_owned(), object);
    }

    pub fn client(&self) -> Client {
        let cluster = self.clone();
        let service = service_fn(move |request: Request<kube::client::Body>| {
            let cluster = cluster.clone();
            async move {
                let (parts, body) = request.into_parts();
                let body = body.collect_bytes().await.unwrap();
                let body = serde_json::from_slice(&body).unwrap_or_default();
                let (status, answer) = match cluster.kept().answer(&parts.method, parts.uri.path(), body) {
                    Some(answer) => (StatusCode::OK, answer),
                    None => (StatusCode::NOT_FOUND, not_found()),
                };
                Ok::<_, Infallible>(Response::builder().status(status).body(Body::from(answer.to_string())).unwrap())
            }
        });
        Client::new(service, "default")
    }
}

impl Kept {
    fn answer(&mut self, method: &Method, path: &str, body: Value) -> Option<Value> {
        match *method {
            Method::GET if LISTS.iter().any(|list| path.ends_with(&format!("/{list}"))) => Some(self.list(path)),
            Method::GET => self.objects.get(path).cloned(),
            Method::POST => {
                self.events.push(body["reason"].as_str().unwrap_or_default().to_owned());
                Some(body)
            }
            Method::DELETE => {
                self.writes.push(format!("DELETE {path}"));
                self.objects.remove(path)?;
                Some(json!({"apiVersion": "v1", "kind": "Status", "metadata": {}, "status": "Success"}))
            }
            _ => {
                self.writes.push(format!("{method} {path}"));
                Some(self.patch(path.trim_end_matches("/status"), &body))
            }
        }
    }

    fn list(&self, path: &str) -> Value {
        let within = format!("{path}/");
        let items: Vec<_> = self.objects.iter().filter(|(at, _)| at.starts_with(&within)).map(|(_, one)| one).collect();
        json!({"apiVersion": "v1", "kind": "List", "metadata": {}, "items": items})
    }

    /// As far as the operator writes: what is not there is made, and what is deleted goes with its last finalizer.
    fn patch(&mut self, path: &str, body: &Value) -> Value {
        let object = self.objects.entry(path.to_owned()).or_insert_with(|| body.clone());
        for part in ["spec", "status"] {
            if !body[part].is_null() {
                object[part] = body[part].clone();
            }
        }
        if !body["metadata"]["finalizers"].is_null() {
            object["metadata"]["finalizers"] = body["metadata"]["finalizers"].clone();
        }
        let patched = object.clone();
        let is_held = patched["metadata"]["finalizers"].as_array().is_some_and(|held| !held.is_empty());
        if !patched["metadata"]["deletionTimestamp"].is_null() && !is_held {
            self.objects.remove(path);
        }
        patched
    }
}

fn not_found() -> Value {
    json!({
        "apiVersion": "v1", "kind": "Status", "metadata": {}, "status": "Failure",
        "reason": "NotFound", "code": 404, "message": "not found",
    })
}
