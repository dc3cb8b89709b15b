//! An API server in memory: it keeps what it is given, says what was written, and judges nothing.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard},
};

use axum::http::{Method, Request, Response, StatusCode};
use kube::{Client, client::Body};
use serde_json::{Map, Value, json};
use tokio::sync::Notify;
use tower::Layer;

use crate::{Config, client::Asking};

/// Group and version, plural, namespace and name.
type Key = (String, String, String, String);

#[derive(Clone, Default)]
pub struct Server(Arc<Mutex<Kept>>, Arc<Notify>);

#[derive(Default)]
struct Kept {
    objects: BTreeMap<Key, Value>,
    versions: u64,
    writes: Vec<String>,
    reads: Vec<String>,
    /// Plurals of kinds that nobody installed.
    unknown: BTreeSet<String>,
}

impl Server {
    pub fn client(&self, config: &Config) -> Client {
        let server = self.clone();
        let answers = tower::service_fn(move |request: Request<Body>| {
            let server = server.clone();
            async move { server.answer(request).await }
        });
        Client::new(Asking::of(config).layer(answers), "xizmat")
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap()
    }

    pub fn knows(&self, plural: &str, known: bool) {
        let mut kept = self.kept();
        if known {
            kept.unknown.remove(plural)
        } else {
            kept.unknown.insert(plural.to_owned())
        };
    }

    /// Every watch that is open ends with an error.
    pub fn break_watches(&self) {
        self.1.notify_waiters();
    }

    /// As somebody else puts it there.
    pub fn put(&self, path: &str, mut object: Value) {
        let (key, _) = key_of(path);
        object["metadata"]["name"] = key.3.clone().into();
        let mut kept = self.kept();
        kept.write(key, object, None);
    }

    pub fn take(&self, path: &str) -> Option<Value> {
        self.kept().objects.remove(&key_of(path).0)
    }

    pub fn get(&self, path: &str) -> Option<Value> {
        self.kept().objects.get(&key_of(path).0).cloned()
    }

    /// Why events say that something happened.
    pub fn reasons(&self) -> Vec<String> {
        let kept = self.kept();
        let events = kept.objects.iter().filter(|(key, _)| key.1 == "events");
        events.filter_map(|(_, event)| Some(event["reason"].as_str()?.to_owned())).collect()
    }

    /// What was written since it was asked last: verb, plural and name.
    pub fn writes(&self) -> Vec<String> {
        std::mem::take(&mut self.kept().writes)
    }

    /// What was asked for since it was asked last: plural and name, or that it is watched.
    pub fn reads(&self) -> Vec<String> {
        std::mem::take(&mut self.kept().reads)
    }

    async fn answer(&self, request: Request<Body>) -> Result<Response<Body>, kube::Error> {
        let (head, body) = request.into_parts();
        if head.uri.query().is_some_and(|query| query.contains("watch=")) {
            let broken = self.1.notified();
            self.kept().reads.push(format!("watch {}", key_of(head.uri.path()).0.1));
            broken.await;
            let mut response = Response::new(Body::empty());
            *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
            return Ok(response);
        }
        let body: Value = serde_json::from_slice(&body.collect_bytes().await?).unwrap_or_default();
        let (key, sub) = key_of(head.uri.path());
        let mut kept = self.kept();
        if head.method == Method::GET {
            kept.reads.push(format!("{} {}", key.1, key.3));
        } else {
            let of = sub.as_deref().map(|sub| format!("/{sub}")).unwrap_or_default();
            kept.writes.push(format!("{} {}{of} {}", head.method, key.1, key.3));
        }
        let answer = match head.method {
            _ if key.1.is_empty() || kept.unknown.contains(&key.1) => None,
            Method::GET if key.3.is_empty() => Some(kept.list(&key)),
            Method::GET => kept.objects.get(&key).cloned(),
            Method::DELETE => kept.objects.remove(&key),
            Method::POST => {
                let name = body.pointer("/metadata/name").and_then(Value::as_str).unwrap_or("unnamed").to_owned();
                Some(kept.write((key.0, key.1, key.2, name), body, None))
            }
            _ => Some(kept.write(key, body, sub.as_deref())),
        };
        let missing = json!({
            "kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "NotFound", "message": "not there", "code": 404,
        });
        let status = if answer.is_some() { StatusCode::OK } else { StatusCode::NOT_FOUND };
        let mut response = Response::new(Body::from(answer.unwrap_or(missing).to_string().into_bytes()));
        *response.status_mut() = status;
        Ok(response)
    }
}

impl Kept {
    fn list(&self, (group, plural, namespace, _): &Key) -> Value {
        let is_in = |key: &Key| key.0 == *group && key.1 == *plural && (namespace.is_empty() || key.2 == *namespace);
        let items: Vec<&Value> = self.objects.iter().filter(|(key, _)| is_in(key)).map(|(_, object)| object).collect();
        json!({"kind": "List", "apiVersion": "v1", "metadata": {"resourceVersion": "1"}, "items": items})
    }

    fn write(&mut self, key: Key, body: Value, sub: Option<&str>) -> Value {
        self.versions += 1;
        let version = self.versions;
        let (name, namespace) = (key.3.clone(), key.2.clone());
        let at = key.clone();
        let object = self.objects.entry(key).or_insert_with(|| json!({"metadata": {"uid": format!("uid-{version}")}}));
        match sub {
            Some(sub) => object[sub] = body[sub].clone(),
            None => merge(object, body),
        }
        object["metadata"]["name"] = name.into();
        if !namespace.is_empty() {
            object["metadata"]["namespace"] = namespace.into();
        }
        object["metadata"]["resourceVersion"] = version.to_string().into();
        let written = object.clone();
        let is_held = written["metadata"]["finalizers"].as_array().is_some_and(|held| !held.is_empty());
        if !written["metadata"]["deletionTimestamp"].is_null() && !is_held {
            self.objects.remove(&at);
        }
        written
    }
}

fn merge(into: &mut Value, from: Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            for (key, value) in from {
                merge(into.entry(key).or_insert_with(|| Value::Object(Map::new())), value);
            }
        }
        (into, from) => *into = from,
    }
}

/// And the subresource. A collection has no name.
fn key_of(path: &str) -> (Key, Option<String>) {
    let mut parts: Vec<&str> = path.trim_matches('/').split('/').collect();
    let group: Vec<&str> = parts.drain(..parts.len().min(if path.starts_with("/api/") { 2 } else { 3 })).collect();
    let namespace =
        if parts.len() >= 3 && parts[0] == "namespaces" { parts.drain(..2).nth(1).unwrap_or_default() } else { "" };
    let part = |index: usize| parts.get(index).copied().unwrap_or_default().to_owned();
    ((group.join("/"), part(0), namespace.to_owned(), part(1)), parts.get(2).map(|&sub| sub.to_owned()))
}
