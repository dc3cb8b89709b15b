//! The tree of `status` from what was read. Nothing is asked here.

use std::collections::BTreeMap;

use api::Kind;
use k8s_openapi::api::core::v1::Pod;
use kube::ResourceExt;

use super::{
    host::{Host, Surroundings},
    resource::{Applied, EVERYBODY, Revision, condition, count, holds, is_unseen, short, status},
    tree::{Node, State},
    trouble,
};

/// What was read of some namespaces.
#[derive(Default)]
pub struct Picture {
    /// By name, as far as they may be read.
    pub agencies: BTreeMap<String, Applied>,
    pub services: Vec<Applied>,
    /// Registries, grants and requests for them.
    pub others: Vec<(Kind, Applied)>,
    /// By namespace.
    pub around: BTreeMap<String, Surroundings>,
}

impl Picture {
    pub fn all(&self) -> impl Iterator<Item = &Applied> {
        self.services.iter().chain(self.others.iter().map(|(_, applied)| applied))
    }
}

/// A tree an agency.
pub fn nodes(picture: &Picture) -> Vec<Node> {
    let mut roots = Vec::new();
    for (namespace, around) in &picture.around {
        let here = |applied: &&Applied| applied.namespace().as_deref() == Some(namespace);
        let mut root = Node::new("agency", namespace);
        if let Some(agency) = picture.agencies.get(namespace) {
            root = with_state(root, agency);
            root.below.extend(failing(agency, &[]));
        }
        root.below.extend(picture.services.iter().filter(here).map(|applied| service(applied, around)));
        for (kind, applied) in picture.others.iter().filter(|(_, applied)| here(&applied)) {
            let mut other = with_state(Node::new(word(*kind), applied.name_any()), applied);
            other.below.extend(failing(applied, &[]));
            root.below.push(other);
        }
        roots.push(root);
    }
    roots
}

fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::Registry => "registry",
        Kind::GrantRequest => "grant request",
        Kind::Grant => "grant",
        _ => "resource",
    }
}

fn with_state(node: Node, applied: &Applied) -> Node {
    let ready = condition(applied, "Ready");
    let (reason, message) = ready.map_or(("", ""), |ready| (ready.reason.as_str(), ready.message.as_str()));
    if applied.metadata.deletion_timestamp.is_some() {
        return node.is(State::Ending, "", message);
    }
    if let Some(paused) = condition(applied, "Paused").filter(|paused| paused.status == "True") {
        return node.is(State::Paused, "", &paused.message);
    }
    if is_unseen(applied) {
        return node.is(State::Unknown, "", "the operator has not seen the last change");
    }
    let state = if holds(applied, "Ready") { State::Ready } else { State::NotReady };
    node.is(state, reason, message)
}

/// Conditions that are summed up in the state.
const SUMMARY: [&str; 4] = ["Ready", "Reconciling", "Stalled", "Paused"];
/// Conditions that are told with the host.
const HOSTING: [&str; 3] = ["BusProvisioned", "DatabaseReady", "WorkloadAvailable"];

/// What does not hold, beside what the state and other nodes say.
fn failing(applied: &Applied, elsewhere: &[&str]) -> Vec<Node> {
    let told = |kind: &str| SUMMARY.contains(&kind) || elsewhere.contains(&kind);
    let conditions = status(applied).conditions.iter();
    let open = conditions.filter(|found| found.status != "True" && !told(&found.type_));
    open.map(|found| Node::new("condition", &found.type_).is(State::NotReady, &found.reason, &found.message)).collect()
}

fn service(applied: &Applied, around: &Surroundings) -> Node {
    let mut node = with_state(Node::new("service", applied.name_any()), applied);
    node.below.extend(failing(applied, &HOSTING));
    node.below.extend(rollout(applied));
    node.below.extend(revisions(applied));
    node.below.extend(hosts(applied, around));
    node
}

/// Once everybody has it, only a step that nobody could judge is still worth a word.
fn rollout(applied: &Applied) -> Option<Node> {
    let rollout = status(applied).rollout.as_ref()?;
    let told = rollout.share < EVERYBODY || rollout.judged == Some(false);
    told.then(|| Node::new("rollout", short(&rollout.revision)).says(rollout.words()))
}

fn revisions(applied: &Applied) -> Vec<Node> {
    let status = status(applied);
    if status.revisions.is_empty() {
        let active = status.active_revision.as_deref().unwrap_or_default();
        let admitted = status.revision.as_deref().map(short).filter(|admitted| *admitted != short(active));
        let active = (!active.is_empty()).then(|| Node::new("revision", short(active)).says("applications follow it"));
        let later = admitted.map(|admitted| Node::new("revision", admitted).says("admitted for later"));
        return active.into_iter().chain(later).collect();
    }
    let one = |revision: &Revision| {
        let follow = match revision.share {
            0 => "no new applications".to_owned(),
            share => format!("{share} %"),
        };
        let mut said = format!(
            "{follow}, {}, {}",
            count(revision.open_cases, "open case", "open cases"),
            count(revision.drafts, "draft", "drafts")
        );
        if let Some(from) = revision.effective_from.as_ref().filter(|from| !from.is_empty()) {
            said.push_str(&format!(", from {from}"));
        }
        Node::new("revision", short(&revision.revision)).says(said)
    };
    status.revisions.iter().map(one).collect()
}

/// Conditions of what runs it, under the words that people use.
const PARTS: [(&str, &str); 2] = [("BusProvisioned", "credentials"), ("DatabaseReady", "database")];

fn hosts(applied: &Applied, around: &Surroundings) -> Vec<Node> {
    let found = around.hosts_of(&applied.name_any());
    let mut nodes: Vec<Node> = found.iter().map(|host| self::host(host, around)).collect();
    let workload = condition(applied, "WorkloadAvailable");
    if nodes.is_empty() && workload.is_some() {
        nodes.push(Node::new("host", ""));
    }
    if let (Some(first), Some(workload)) = (nodes.first_mut(), workload) {
        let state = if workload.status == "True" { State::Ready } else { State::NotReady };
        *first = first.clone().is(state, &workload.reason, &workload.message);
        let parts = PARTS.iter().filter_map(|(kind, name)| {
            let condition = condition(applied, kind)?;
            let state = if condition.status == "True" { State::Ready } else { State::NotReady };
            Some(Node::new(name, "").is(state, &condition.reason, &condition.message))
        });
        first.below.splice(0..0, parts);
    }
    nodes
}

fn host(host: &Host<'_>, around: &Surroundings) -> Node {
    let name = host.deployment.name_any();
    let wanted = host.deployment.spec.as_ref().and_then(|spec| spec.replicas).unwrap_or(1);
    let ready = host.deployment.status.as_ref().and_then(|status| status.ready_replicas).unwrap_or_default();
    let mut deployment = Node::new("deployment", &name).says(format!("{ready} of {wanted} copies take requests"));
    if let Some(trouble) = trouble::of_deployment(host.deployment) {
        deployment = deployment.is(State::NotReady, &trouble.reason, &trouble.message);
    }
    let mut node = Node::new("host", name);
    node.below.push(deployment);
    node.below.extend(host.pods.iter().map(|one| pod(one, around)));
    node
}

fn pod(pod: &Pod, around: &Surroundings) -> Node {
    let node = Node::new("pod", pod.name_any());
    if pod.metadata.deletion_timestamp.is_some() {
        return node.is(State::Ending, "", "");
    }
    if let Some(trouble) = trouble::of_pod(pod, &around.events) {
        return node.is(State::NotReady, &trouble.reason, &trouble.message);
    }
    let place = pod.spec.as_ref().and_then(|spec| spec.node_name.as_deref());
    let place = place.map(|place| format!("on {place}")).unwrap_or_default();
    if trouble::is_ready(pod) {
        node.is(State::Ready, "", &place)
    } else {
        node.is(State::NotReady, "Starting", &place)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::kubectl::tree;

    /// Objects as the API server answered them, without what nobody reads here.
    fn answered(objects: &str) -> Picture {
        let mut all: Value = serde_json::from_str(objects).unwrap();
        let mut take = |part: &str| all[part].take();
        let around = Surroundings {
            deployments: serde_json::from_value(take("deployments")).unwrap(),
            pods: serde_json::from_value(take("pods")).unwrap(),
            events: serde_json::from_value(take("events")).unwrap(),
        };
        let agency: Applied = serde_json::from_value(take("agency")).unwrap();
        let request: Applied = serde_json::from_value(take("grantRequest")).unwrap();
        Picture {
            agencies: BTreeMap::from([("justice".to_owned(), agency)]),
            services: vec![serde_json::from_value(take("service")).unwrap()],
            others: vec![(Kind::GrantRequest, request)],
            around: BTreeMap::from([("justice".to_owned(), around)]),
        }
    }

    #[test]
    fn the_tree_of_an_agency_leads_to_the_pod_that_does_not_start() {
        let expected = "\
1 of 1 is not ready:
  marriage-certificate-copy not ready, Starting: 1 of 2 copies take requests.

agency justice  ready: Services, registries and grants in the namespace `justice` are this agency's.
├── service marriage-certificate-copy  not ready, Starting: 1 of 2 copies take requests.
│   ├── rollout 4c1f0d9a8b7e  step 1/3, 5 % of the people against b028d2635661, 7 cases: Waits for 20 cases.
│   ├── revision 4c1f0d9a8b7e  5 %, 7 open cases, 1 draft
│   ├── revision b028d2635661  100 %, 30 open cases, 4 drafts, from 2026-11-01
│   └── host shared  not ready, Starting: 1 of 2 copies take requests.
│       ├── credentials  ready: Issued for its services.
│       ├── database  ready
│       ├── deployment shared  1 of 2 copies take requests
│       ├── pod shared-5d9c-a1  ready: on node
│       └── pod shared-5d9c-b2  not ready, NotReady: Readiness probe failed: bus: connection refused
└── grant request marriages  ready: Recorded. The other agency decides by a grant of its own.
    └── condition Approved  not ready, NotGiven: `civil-status` has given nothing yet that gives all that is asked.
";
        assert_eq!(tree::draw(&nodes(&answered(include_str!("fixtures/justice.json")))), expected);
    }

    #[test]
    fn a_service_whose_operator_tells_no_shares_still_shows_what_applications_follow() {
        let status = json!({"revision": "c".repeat(64), "activeRevision": "b".repeat(12)});
        let metadata = json!({"name": "copy", "namespace": "justice"});
        let applied: Applied =
            serde_json::from_value(json!({"metadata": metadata, "spec": {}, "status": status})).unwrap();
        let told: Vec<(String, String)> =
            revisions(&applied).into_iter().map(|node| (node.name, node.message)).collect();
        let expected = [("b", "applications follow it"), ("c", "admitted for later")];
        assert_eq!(told, expected.map(|(letter, words)| (letter.repeat(12), words.to_owned())));
    }
}
