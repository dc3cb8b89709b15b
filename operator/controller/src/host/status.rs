//! How far a host has got, in facts for the definition's conditions.

use k8s_openapi::api::apps::v1::{Deployment, DeploymentCondition};

use super::{build, dereference::Found, place::Host};
use crate::outcome::{Fact, Hosting};

/// Before anything was done: what runs already keeps running.
pub fn before(host: &Host, found: &Found) -> Hosting {
    let mut hosting = Hosting {
        bus: Fact::coming("NotIssued", "The host has no credentials yet."),
        database: Fact::coming("NotProvided", "The host has no database yet."),
        workload: Fact::coming("NotStarted", "Nothing runs yet."),
        replicas: 0,
        ready: 0,
        selector: build::selector_text(&host.name),
    };
    if let Some(deployment) = &found.deployment {
        runs(&mut hosting, deployment);
    }
    hosting
}

pub fn runs(hosting: &mut Hosting, deployment: &Deployment) {
    let wanted = wanted(deployment);
    let status = deployment.status.clone().unwrap_or_default();
    let ready = status.ready_replicas.unwrap_or_default();
    hosting.replicas = status.replicas.unwrap_or_default();
    hosting.ready = ready;
    let counted = format!("{ready} of {wanted} copies take requests.");
    hosting.workload = if observed(deployment) && holds(deployment, "Available") && ready > 0 {
        // The number moves with every node that is maintained; it stands in `readyReplicas`.
        Fact::holds("Available", "Copies take requests.")
    } else if condition(deployment, "Progressing").is_some_and(|found| found.status == "False") {
        let why = condition(deployment, "ReplicaFailure").or(condition(deployment, "Progressing"));
        let why = why.and_then(|found| found.message.clone()).unwrap_or_default();
        Fact::stuck("NotStarting", format!("{counted} {why}"))
    } else {
        Fact::coming("Starting", counted)
    };
}

/// Every copy is of the latest making and takes requests: what is moved here has arrived.
pub fn settled(deployment: &Deployment) -> bool {
    let status = deployment.status.clone().unwrap_or_default();
    let wanted = wanted(deployment);
    observed(deployment)
        && wanted > 0
        && status.updated_replicas == Some(wanted)
        && status.replicas == Some(wanted)
        && status.available_replicas == Some(wanted)
        && deployment.metadata.deletion_timestamp.is_none()
}

fn wanted(deployment: &Deployment) -> i32 {
    deployment.spec.as_ref().and_then(|spec| spec.replicas).unwrap_or(1)
}

fn observed(deployment: &Deployment) -> bool {
    let observed = deployment.status.as_ref().and_then(|status| status.observed_generation);
    observed.is_some() && observed >= deployment.metadata.generation
}

fn holds(deployment: &Deployment, kind: &str) -> bool {
    condition(deployment, kind).is_some_and(|found| found.status == "True")
}

fn condition<'a>(deployment: &'a Deployment, kind: &str) -> Option<&'a DeploymentCondition> {
    deployment.status.as_ref()?.conditions.as_ref()?.iter().find(|found| found.type_ == kind)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::outcome::State;

    fn deployment(status: serde_json::Value) -> Deployment {
        let spec = json!({"replicas": 2, "selector": {}, "template": {}});
        let metadata = json!({"generation": 3});
        serde_json::from_value(json!({"metadata": metadata, "spec": spec, "status": status})).unwrap()
    }

    fn told(status: serde_json::Value) -> Fact {
        let nothing = Fact::coming("", "");
        let mut hosting = Hosting {
            bus: nothing.clone(),
            database: nothing.clone(),
            workload: nothing,
            replicas: 0,
            ready: 0,
            selector: String::new(),
        };
        runs(&mut hosting, &deployment(status));
        hosting.workload
    }

    #[test]
    fn a_host_is_available_when_a_copy_takes_requests_and_settled_when_all_are_new() {
        let available = json!([{"type": "Available", "status": "True"}]);
        let rolling = json!({
            "observedGeneration": 3, "replicas": 3, "updatedReplicas": 1, "readyReplicas": 2, "availableReplicas": 2,
            "conditions": available,
        });
        assert_eq!(told(rolling.clone()).state, State::Holds);
        assert!(!settled(&deployment(rolling)), "an old copy is still there");
        let all = json!({
            "observedGeneration": 3, "replicas": 2, "updatedReplicas": 2, "readyReplicas": 2, "availableReplicas": 2,
            "conditions": available,
        });
        assert!(settled(&deployment(all.clone())));
        let mut unseen = deployment(all);
        unseen.metadata.generation = Some(4);
        assert!(!settled(&unseen), "the controller has not looked at what was just written");
    }

    #[test]
    fn a_host_that_does_not_start_says_why() {
        let late = json!([{"type": "Progressing", "status": "False", "message": "deadline exceeded"}]);
        let fact = told(json!({"observedGeneration": 3, "replicas": 2, "conditions": late}));
        assert_eq!(
            (fact.state, fact.message.as_str()),
            (State::Stuck, "0 of 2 copies take requests. deadline exceeded")
        );
        assert_eq!(told(json!({"observedGeneration": 3})).state, State::Coming);
    }
}
