//! What runs services in one namespace: Deployments of the operator, their pods, and what was told of them.

use std::collections::BTreeMap;

use controller::{MANAGED, SERVICES};
use k8s_openapi::api::{
    apps::v1::Deployment,
    core::v1::{Event, Pod},
};
use kernel::Failure;
use kube::ResourceExt;

use super::cluster::{Cluster, Missing};

/// What could be read of a namespace.
#[derive(Default)]
pub struct Surroundings {
    pub deployments: Vec<Deployment>,
    pub pods: Vec<Pod>,
    pub events: Vec<Event>,
}

/// What runs a service; two of them while it moves from one to the other.
pub struct Host<'a> {
    pub deployment: &'a Deployment,
    pub pods: Vec<&'a Pod>,
}

impl Surroundings {
    pub async fn read(cluster: &Cluster, namespace: &str, missing: &mut Missing) -> Result<Self, Failure> {
        let managed = format!("{}={}", MANAGED.0, MANAGED.1);
        let deployments: Vec<Deployment> = cluster.beside("deployments.apps", namespace, &managed, missing).await?;
        let pods = if deployments.is_empty() {
            Vec::new()
        } else {
            cluster.beside("pods", namespace, "app.kubernetes.io/name=eservice", missing).await?
        };
        let events = cluster.beside("events", namespace, "", missing).await?;
        Ok(Self { deployments, pods, events })
    }

    pub fn hosts_of(&self, service: &str) -> Vec<Host<'_>> {
        let runs = |deployment: &&Deployment| {
            let services = deployment.annotations().get(SERVICES);
            services.is_some_and(|services| services.split(',').any(|name| name == service))
        };
        let hosts = self.deployments.iter().filter(runs);
        hosts.map(|deployment| Host { deployment, pods: self.pods_of(deployment) }).collect()
    }

    fn pods_of(&self, deployment: &Deployment) -> Vec<&Pod> {
        let Some(wanted) = labels(deployment) else { return Vec::new() };
        let belongs = |pod: &&Pod| wanted.iter().all(|(label, value)| pod.labels().get(label) == Some(value));
        self.pods.iter().filter(belongs).collect()
    }

    /// What was told of an object, the latest first.
    pub fn told_of(&self, kind: &str, name: &str) -> Vec<&Event> {
        about(&self.events, kind, name)
    }
}

/// Labels of a Deployment's pods.
pub fn labels(deployment: &Deployment) -> Option<&BTreeMap<String, String>> {
    deployment.spec.as_ref()?.selector.match_labels.as_ref()
}

pub fn about<'a>(events: &'a [Event], kind: &str, name: &str) -> Vec<&'a Event> {
    let concerns = |event: &&Event| {
        let object = &event.involved_object;
        object.kind.as_deref() == Some(kind) && object.name.as_deref() == Some(name)
    };
    let mut found: Vec<&Event> = events.iter().filter(concerns).collect();
    found.sort_by_key(|event| std::cmp::Reverse(moment(event)));
    found
}

/// Microseconds; the several recorders of Kubernetes fill several fields.
fn moment(event: &Event) -> i64 {
    let series = event.series.as_ref().and_then(|series| series.last_observed_time.as_ref());
    let precise = series.or(event.event_time.as_ref()).map(|time| time.0.as_microsecond());
    let coarse = event.last_timestamp.as_ref().or(event.first_timestamp.as_ref()).map(|time| time.0.as_microsecond());
    precise.max(coarse).unwrap_or_default()
}
