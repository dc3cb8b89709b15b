//! What a look asks of a host's Deployment: who wrote it last, and how its copies are doing.

use std::collections::BTreeMap;

use k8s_openapi::api::apps::v1::{Deployment, DeploymentCondition};

use super::dereference::services;

/// Its controllers write it with every rollout.
const ROLLOUTS: &str = "deployment.kubernetes.io/revision";

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    pub marks: Marks,
    pub services: Vec<String>,
    /// Its controller has seen what was written last.
    pub observed: bool,
    pub wanted: i32,
    pub replicas: i32,
    pub updated: i32,
    pub ready: i32,
    pub available: i32,
    /// As many copies take requests as have to.
    pub is_available: bool,
    /// Why no progress is made, once the time for it is over.
    pub stuck: Option<String>,
}

/// What of a Deployment only we write, or somebody who is to be put right.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Marks {
    uid: Option<String>,
    generation: Option<i64>,
    going: bool,
    labels: Option<BTreeMap<String, String>>,
    annotations: BTreeMap<String, String>,
}

impl Standing {
    pub fn of(deployment: &Deployment) -> Self {
        let status = deployment.status.clone().unwrap_or_default();
        let conditions = status.conditions.unwrap_or_default();
        let holds = |kind: &str, value: &str| conditions.iter().find(|one| one.type_ == kind && one.status == value);
        let why = |condition: &DeploymentCondition| condition.message.clone().unwrap_or_default();
        let late = holds("Progressing", "False");
        Self {
            marks: marks(deployment),
            services: services(deployment),
            observed: status.observed_generation.is_some()
                && status.observed_generation >= deployment.metadata.generation,
            wanted: deployment.spec.as_ref().and_then(|spec| spec.replicas).unwrap_or(1),
            replicas: status.replicas.unwrap_or_default(),
            updated: status.updated_replicas.unwrap_or_default(),
            ready: status.ready_replicas.unwrap_or_default(),
            available: status.available_replicas.unwrap_or_default(),
            is_available: holds("Available", "True").is_some(),
            stuck: late.map(|late| why(conditions.iter().find(|one| one.type_ == "ReplicaFailure").unwrap_or(late))),
        }
    }

    /// Copies of this or the last making take requests.
    pub fn serves(&self) -> bool {
        self.is_available && self.ready > 0
    }

    /// Whether it says something else to whoever runs there. How many of them there are just now, while copies are replaced, does not.
    pub fn tells_else(&self, before: &Self) -> bool {
        let counts =
            |of: &Self| (of.updated == of.wanted && of.replicas == of.wanted).then_some((of.replicas, of.ready));
        let told = |of: &Self| (of.serves(), of.settled(), counts(of));
        told(self) != told(before)
            || self.stuck != before.stuck
            || self.marks != before.marks
            || self.services != before.services
    }

    /// Every copy is of the latest making and takes requests: what is moved here has arrived.
    pub fn settled(&self) -> bool {
        let wanted = self.wanted;
        let all = [self.updated, self.replicas, self.available].iter().all(|copies| *copies == wanted);
        self.observed && wanted > 0 && all && !self.marks.going
    }
}

fn marks(deployment: &Deployment) -> Marks {
    let metadata = &deployment.metadata;
    let mut annotations = metadata.annotations.clone().unwrap_or_default();
    annotations.remove(ROLLOUTS);
    Marks {
        uid: metadata.uid.clone(),
        generation: metadata.generation,
        going: metadata.deletion_timestamp.is_some(),
        labels: metadata.labels.clone(),
        annotations,
    }
}

/// Of a Deployment of two copies, in its third generation.
#[cfg(test)]
pub fn standing(status: serde_json::Value) -> Standing {
    let spec = serde_json::json!({"replicas": 2, "selector": {}, "template": {}});
    let deployment = serde_json::json!({"metadata": {"generation": 3}, "spec": spec, "status": status});
    Standing::of(&serde_json::from_value(deployment).unwrap())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_host_is_settled_when_all_copies_are_new_and_its_controller_has_seen_what_was_written() {
        let mut status = json!({
            "observedGeneration": 3, "replicas": 3, "updatedReplicas": 1, "readyReplicas": 2, "availableReplicas": 2,
        });
        assert!(!standing(status.clone()).settled(), "an old copy is still there");
        status["replicas"] = 2.into();
        status["updatedReplicas"] = 2.into();
        assert!(standing(status.clone()).settled());
        status["observedGeneration"] = 2.into();
        assert!(!standing(status).settled(), "the controller has not looked at what was just written");
    }

    #[test]
    fn how_many_copies_are_being_replaced_is_no_news_and_how_many_take_requests_is() {
        let status = |replicas: i32, updated: i32, ready: i32| {
            standing(json!({
                "observedGeneration": 3, "replicas": replicas, "updatedReplicas": updated, "readyReplicas": ready,
                "availableReplicas": ready, "conditions": [{"type": "Available", "status": "True"}],
            }))
        };
        assert!(!status(3, 1, 2).tells_else(&status(2, 0, 2)), "a third one comes");
        assert!(!status(3, 2, 3).tells_else(&status(3, 1, 2)));
        assert!(status(2, 2, 2).tells_else(&status(3, 2, 3)), "it has settled");
        assert!(status(2, 2, 1).tells_else(&status(2, 2, 2)), "one is lost");
        assert!(status(3, 1, 0).tells_else(&status(3, 1, 1)), "nobody is there");
    }
}
