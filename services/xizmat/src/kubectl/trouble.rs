//! Why a pod or a Deployment does not get on, in a person's words, and what usually helps.

use k8s_openapi::api::{
    apps::v1::Deployment,
    core::v1::{ContainerStatus, Event, Pod, PodStatus},
};
use kube::ResourceExt;

use super::host::about;

/// What stands in the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// One word, Kubernetes' own where it has one.
    pub reason: String,
    pub message: String,
    /// What to do about it.
    pub remedy: &'static str,
}

impl Trouble {
    fn new(reason: &str, message: impl Into<String>, remedy: &'static str) -> Self {
        Self { reason: reason.to_owned(), message: message.into().trim().to_owned(), remedy }
    }
}

const IMAGE: &str = "Push the image to where the nodes pull from, or name one that is there (`image.repository` and `image.tag` \
                     of the chart).";
const CRASHES: &str = "Its last words are in the logs: `kubectl xizmat logs --previous`.";
const NO_MEMORY: &str = "Give each copy more memory: `spec.deployment.resources.memory`.";
const NO_ROOM: &str =
    "Add a node or free one, or ask for less: `spec.deployment.resources` and `spec.deployment.replicas`.";
const NO_QUOTA: &str = "The agency's quota is used up: ask for less with `spec.deployment`, or ask the platform's \
                        administrators for more.";
const CONFIGURATION: &str =
    "Restore the Secret or ConfigMap that is named; what the operator made itself it makes again.";
const LOGS: &str = "Its logs say what it waits for: `kubectl xizmat logs`.";
const DESCRIBE: &str = "`kubectl describe pods` says more.";

/// Nothing, when the pod takes requests, ends, or is simply starting.
pub fn of_pod(pod: &Pod, events: &[Event]) -> Option<Trouble> {
    let status = pod.status.as_ref()?;
    if pod.metadata.deletion_timestamp.is_some() {
        return None;
    }
    if status.phase.as_deref() == Some("Failed") {
        let reason = status.reason.as_deref().unwrap_or("Failed");
        return Some(Trouble::new(reason, status.message.clone().unwrap_or_default(), DESCRIBE));
    }
    let told = about(events, "Pod", &pod.name_any());
    not_placed(status)
        .or_else(|| containers(status).find_map(of_container))
        .or_else(|| not_made(status, &told))
        .or_else(|| {
            let running = containers(status).any(|one| one.state.as_ref().is_some_and(|state| state.running.is_some()));
            let unhealthy = told.iter().find(|event| event.reason.as_deref() == Some("Unhealthy"))?;
            let message = unhealthy.message.clone().unwrap_or_default();
            (running && !is_ready(pod)).then(|| Trouble::new("NotReady", message, LOGS))
        })
}

pub fn is_ready(pod: &Pod) -> bool {
    let conditions = pod.status.iter().flat_map(|status| status.conditions.iter().flatten());
    conditions.into_iter().any(|condition| condition.type_ == "Ready" && condition.status == "True")
}

/// What keeps a Deployment from making pods at all.
pub fn of_deployment(deployment: &Deployment) -> Option<Trouble> {
    let conditions = deployment.status.as_ref()?.conditions.as_ref()?;
    let failure = conditions.iter().find(|found| found.type_ == "ReplicaFailure" && found.status == "True")?;
    let message = failure.message.clone().unwrap_or_default();
    let remedy = if message.contains("exceeded quota") { NO_QUOTA } else { DESCRIBE };
    Some(Trouble::new(failure.reason.as_deref().unwrap_or("ReplicaFailure"), message, remedy))
}

fn containers(status: &PodStatus) -> impl Iterator<Item = &ContainerStatus> {
    let first = status.init_container_statuses.iter().flatten();
    first.chain(status.container_statuses.iter().flatten())
}

fn not_placed(status: &PodStatus) -> Option<Trouble> {
    let conditions = status.conditions.as_ref()?;
    let placed =
        conditions.iter().find(|condition| condition.type_ == "PodScheduled" && condition.status == "False")?;
    Some(Trouble::new("Pending", placed.message.clone().unwrap_or_default(), NO_ROOM))
}

fn of_container(container: &ContainerStatus) -> Option<Trouble> {
    let waiting = container.state.as_ref()?.waiting.as_ref()?;
    let reason = waiting.reason.as_deref().unwrap_or_default();
    let message = waiting.message.clone().unwrap_or_default();
    let ended = container.last_state.as_ref().and_then(|state| state.terminated.as_ref());
    Some(match reason {
        "ContainerCreating" | "PodInitializing" | "" => return None,
        "ErrImagePull" | "ImagePullBackOff" | "ErrImageNeverPull" | "InvalidImageName" => {
            let named =
                if message.contains(&container.image) { String::new() } else { format!("{}: ", container.image) };
            Trouble::new(reason, format!("{named}{message}"), IMAGE)
        }
        "CrashLoopBackOff" => match ended {
            Some(ended) if ended.reason.as_deref() == Some("OOMKilled") => {
                Trouble::new("OOMKilled", "It used more memory than it may and was ended.", NO_MEMORY)
            }
            Some(ended) => {
                let said = ended.message.as_deref().map(|said| format!(": {said}")).unwrap_or_default();
                let message = format!("It ends by itself with code {}{said}, and is started again.", ended.exit_code);
                Trouble::new(reason, message, CRASHES)
            }
            None => Trouble::new(reason, message, CRASHES),
        },
        "CreateContainerConfigError" => Trouble::new(reason, message, CONFIGURATION),
        _ => Trouble::new(reason, message, DESCRIBE),
    })
}

/// A container that is being made for long says why only in events.
fn not_made(status: &PodStatus, told: &[&Event]) -> Option<Trouble> {
    let making = containers(status).any(|one| one.state.as_ref().is_some_and(|state| state.waiting.is_some()));
    let warned = told.iter().find(|event| event.type_.as_deref() == Some("Warning")).filter(|_| making)?;
    let reason = warned.reason.as_deref().unwrap_or("Waiting");
    let remedy = if reason == "FailedMount" { CONFIGURATION } else { DESCRIBE };
    Some(Trouble::new(reason, warned.message.clone().unwrap_or_default(), remedy))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn pod(status: Value) -> Pod {
        serde_json::from_value(json!({"metadata": {"name": "copy-1"}, "status": status})).unwrap()
    }

    fn container(state: Value, last: Value) -> Value {
        json!({
            "name": "eservice", "image": "registry.example/xizmat:9", "imageID": "", "ready": false, "restartCount": 4,
            "state": state, "lastState": last,
        })
    }

    fn waiting(reason: &str, message: &str, last: Value) -> Option<Trouble> {
        let state = json!({"waiting": {"reason": reason, "message": message}});
        of_pod(&pod(json!({"phase": "Pending", "containerStatuses": [container(state, last)]})), &[])
    }

    #[test]
    fn a_pod_without_a_node_tells_what_the_scheduler_says() {
        let placed = json!([{"type": "PodScheduled", "status": "False", "reason": "Unschedulable",
            "message": "0/1 nodes are available: 1 Insufficient memory."}]);
        let found = of_pod(&pod(json!({"phase": "Pending", "conditions": placed})), &[]).unwrap();
        assert_eq!((found.reason.as_str(), found.remedy), ("Pending", NO_ROOM));
        assert_eq!(found.message, "0/1 nodes are available: 1 Insufficient memory.");
    }

    #[test]
    fn an_image_that_cannot_be_pulled_is_named() {
        let found = waiting("ImagePullBackOff", "Back-off pulling image", json!({})).unwrap();
        assert_eq!(found.message, "registry.example/xizmat:9: Back-off pulling image");
        assert_eq!(found.remedy, IMAGE);
    }

    #[test]
    fn a_process_that_ends_again_and_again_is_told_from_one_without_memory() {
        let ended = |reason: &str| json!({"terminated": {"exitCode": 1, "reason": reason}});
        let crash = waiting("CrashLoopBackOff", "back-off 40s", ended("Error")).unwrap();
        assert_eq!(crash.message, "It ends by itself with code 1, and is started again.");
        assert_eq!(waiting("CrashLoopBackOff", "back-off 40s", ended("OOMKilled")).unwrap().remedy, NO_MEMORY);
    }

    #[test]
    fn a_pod_that_is_only_starting_or_ending_is_no_trouble() {
        assert_eq!(waiting("ContainerCreating", "", json!({})), None);
        let state = json!({"waiting": {"reason": "CrashLoopBackOff"}});
        let mut ending = pod(json!({"containerStatuses": [container(state, json!({}))]}));
        ending.metadata.deletion_timestamp = serde_json::from_value(json!("2026-11-29T10:00:00Z")).unwrap();
        assert_eq!(of_pod(&ending, &[]), None);
    }

    #[test]
    fn what_only_events_say_is_found_there_the_latest_first() {
        let event = |reason: &str, message: &str, at: &str| -> Event {
            serde_json::from_value(json!({
                "metadata": {}, "involvedObject": {"kind": "Pod", "name": "copy-1"}, "type": "Warning",
                "reason": reason, "message": message, "lastTimestamp": at,
            }))
            .unwrap()
        };
        let events = [
            event("FailedMount", "secret \"old\" not found", "2026-11-29T10:00:00Z"),
            event("FailedMount", "secret \"agency-key\" not found", "2026-11-29T10:01:00Z"),
        ];
        let state = json!({"waiting": {"reason": "ContainerCreating"}});
        let made = pod(json!({"phase": "Pending", "containerStatuses": [container(state, json!({}))]}));
        assert_eq!(of_pod(&made, &events).unwrap().message, "secret \"agency-key\" not found");
    }

    #[test]
    fn a_quota_that_is_used_up_is_told_of_the_deployment() {
        let message = "pods \"copy-x\" is forbidden: exceeded quota: agency, requested: pods=1";
        let conditions =
            json!([{"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": message}]);
        let deployment = json!({"metadata": {"name": "copy"}, "status": {"conditions": conditions}});
        let found = of_deployment(&serde_json::from_value(deployment).unwrap()).unwrap();
        assert_eq!((found.reason.as_str(), found.remedy), ("FailedCreate", NO_QUOTA));
    }
}
