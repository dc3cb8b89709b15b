//! Revisions of a service as status and ServiceRevisions name them: which there are, and which one applications follow.

use kernel::Failure;
use kube::{
    Api, ResourceExt,
    api::ListParams,
    core::{ApiResource, DynamicObject, GroupVersionKind},
};
use serde::{Deserialize, Serialize};

use super::{
    cluster::{Asked, Cluster, refusal},
    resource::{Applied, EVERYBODY, SHORT, condition, short, status},
};

/// A revision that is kept, as its ServiceRevision tells.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Kept {
    pub service: String,
    pub revision: String,
    pub admitted: String,
    pub effective_from: Option<String>,
    pub change: String,
}

/// Every revision of a service that somebody names, in full where it is known in full.
#[derive(Debug, Default, PartialEq)]
pub struct Known(Vec<String>);

/// Who may not read ServiceRevisions, and a platform that has none, still has what the status tells.
pub async fn kept(cluster: &Cluster, namespace: Option<&str>) -> Result<Vec<Kept>, Failure> {
    let named = GroupVersionKind::gvk(controller::kind::GROUP, controller::kind::VERSION, "ServiceRevision");
    let resource = ApiResource::from_gvk_with_plural(&named, "servicerevisions");
    let api: Api<DynamicObject> = match namespace {
        Some(namespace) => Api::namespaced_with(cluster.client.clone(), namespace, &resource),
        None => Api::all_with(cluster.client.clone(), &resource),
    };
    let asked = Asked { verb: "list", resource: "servicerevisions.xizmat.dev", namespace, name: None };
    match api.list(&ListParams::default()).await {
        Ok(list) => Ok(list.items.into_iter().filter_map(read).collect()),
        Err(kube::Error::Api(answer)) if answer.is_forbidden() || answer.is_not_found() => Ok(Vec::new()),
        Err(error) => Err(refusal(&error, asked)),
    }
}

fn read(object: DynamicObject) -> Option<Kept> {
    serde_json::from_value(object.data.get("spec")?.clone()).ok()
}

impl Known {
    pub async fn read(cluster: &Cluster, applied: &Applied) -> Result<Self, Failure> {
        let kept = kept(cluster, Some(&cluster.namespace)).await?;
        let name = applied.name_any();
        Ok(Self::of(applied, kept.into_iter().filter(|kept| kept.service == name).map(|kept| kept.revision)))
    }

    fn of(applied: &Applied, kept: impl Iterator<Item = String>) -> Self {
        let status = status(applied);
        let rollout =
            status.rollout.iter().flat_map(|rollout| [Some(rollout.revision.clone()), rollout.against.clone()]);
        let told = status.revisions.iter().map(|revision| revision.revision.clone());
        let named = [&status.revision, &status.active_revision].into_iter().flatten().cloned();
        let mut all: Vec<String> = Vec::new();
        for revision in kept.chain(told).chain(rollout.flatten()).chain(named).filter(|revision| !revision.is_empty()) {
            match all.iter_mut().find(|known| same(known, &revision)) {
                Some(known) if known.len() < revision.len() => *known = revision,
                Some(_) => {}
                None => all.push(revision),
            }
        }
        Self(all)
    }

    /// The one that is meant; a few digits could mean a revision that comes later.
    pub fn one(&self, wanted: &str) -> Result<String, Failure> {
        let found: Vec<&String> = self.0.iter().filter(|known| wanted.len() >= SHORT && same(known, wanted)).collect();
        if let [one] = found.as_slice() {
            return Ok((*one).clone());
        }
        let known: Vec<&str> = self.0.iter().map(|known| short(known)).collect();
        let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
        let message =
            format!("`{wanted}` is no revision of this service. Write {SHORT} or more digits of one of: {known}.");
        Err(Failure::invalid("kubectl.unknown-revision", message))
    }
}

fn same(one: &str, other: &str) -> bool {
    one.starts_with(other) || other.starts_with(one)
}

/// Everybody is offered it, and nothing stops them.
pub fn is_everybodys(applied: &Applied, revision: &str) -> bool {
    let status = status(applied);
    let stopped = condition(applied, "RolloutHealthy").is_some_and(|found| found.reason == "Stopped");
    let whole = match status.revisions.iter().find(|known| same(&known.revision, revision)) {
        Some(known) => known.share == EVERYBODY,
        None => {
            status.revisions.is_empty()
                && status.active_revision.as_deref().is_some_and(|active| same(active, revision))
        }
    };
    whole && !stopped
}

/// Nobody begins with it any more.
pub fn is_taken_back(applied: &Applied, revision: &str) -> bool {
    let status = status(applied);
    let offered = status.revisions.iter().any(|known| same(&known.revision, revision) && known.share > 0);
    let active = status.active_revision.as_deref().is_some_and(|active| same(active, revision));
    !offered && !active && !status.revisions.is_empty()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn applied(status: Value) -> Applied {
        let metadata = json!({"name": "copy", "namespace": "justice"});
        serde_json::from_value(json!({"metadata": metadata, "spec": {}, "status": status})).unwrap()
    }

    fn revision(letter: &str) -> String {
        letter.repeat(64)
    }

    #[test]
    fn a_revision_is_named_by_twelve_digits_and_meant_in_full() {
        let service = applied(json!({"revision": revision("b"), "activeRevision": "a".repeat(12)}));
        let known = Known::of(&service, [revision("a"), revision("c")].into_iter());
        assert_eq!(known.one(&"a".repeat(12)).unwrap(), revision("a"), "a name in full replaces the short one");
        assert_eq!(known.one(&revision("b")).unwrap(), revision("b"));
        for wrong in ["a", &"d".repeat(12), &format!("{}d", "a".repeat(12))] {
            let failure = known.one(wrong).unwrap_err();
            assert_eq!(failure.code, "kubectl.unknown-revision", "{wrong}");
            assert!(failure.message.ends_with("one of: aaaaaaaaaaaa, cccccccccccc, bbbbbbbbbbbb."), "{failure}");
        }
    }

    #[test]
    fn a_revision_is_everybodys_with_the_whole_share_and_taken_back_with_none() {
        let shares = |old: u32, new: u32| {
            applied(json!({"activeRevision": "a".repeat(12), "revisions": [
                {"revision": "a".repeat(12), "share": old}, {"revision": "b".repeat(12), "share": new}]}))
        };
        assert!(!is_everybodys(&shares(100, 25), &revision("b")) && !is_taken_back(&shares(100, 25), &revision("b")));
        assert!(is_everybodys(&shares(0, 100), &revision("b")));
        assert!(is_taken_back(&shares(100, 0), &revision("b")) && is_taken_back(&shares(100, 0), &revision("c")));
        assert!(!is_taken_back(&shares(0, 100), &revision("a")), "it still counts");
        let older = applied(json!({"activeRevision": "a".repeat(12)}));
        assert!(is_everybodys(&older, &revision("a")), "an operator that tells no shares");
    }

    #[test]
    fn a_service_that_an_alarm_stopped_is_nobodys() {
        let healthy = json!({"type": "RolloutHealthy", "status": "False", "reason": "Stopped", "message": "",
            "lastTransitionTime": "2026-11-29T10:00:00Z"});
        let revisions = json!([{"revision": "a".repeat(12), "share": 100}]);
        let service = applied(json!({"conditions": [healthy], "revisions": revisions}));
        assert!(!is_everybodys(&service, &revision("a")));
    }
}
