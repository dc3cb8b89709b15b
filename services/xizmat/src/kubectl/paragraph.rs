//! The paragraph of `why`: what is the matter, where it comes from, what still serves, and what to do. Nothing is asked here.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use kube::ResourceExt;

use super::{
    cluster::Missing,
    host::Surroundings,
    resource::{Applied, EVERYBODY, condition, full_name, holds, is_unseen, short, status},
    trouble::{self, Trouble},
};

pub struct Facts<'a> {
    pub applied: &'a Applied,
    pub around: &'a Surroundings,
    pub leader: Leader,
    /// Why the webhook does not answer, when it does not.
    pub webhook_away: Option<String>,
    pub missing: &'a Missing,
}

/// Which operator holds the lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Leader {
    NotAsked,
    Nobody,
    Is(String),
}

const RETRIED: &str = "It is tried again by itself; while it lasts, the log of the operator says more (`kubectl logs --namespace \
                       PLATFORM deployment/RELEASE-operator`).";
const MEND: &str = "Mend what is named and apply it again; `xizmat check FOLDER` tells every problem with its line, and \
                    `kubectl xizmat plan FOLDER` asks the cluster before anything changes.";

pub fn write(facts: &Facts<'_>) -> String {
    let mut said = matter(facts);
    said.extend(rollout(facts));
    if let Some(away) = &facts.webhook_away {
        said.push(format!(
            "Besides, the webhook that judges what is applied does not answer ({away}); until it does, some changes are \
             refused."
        ));
    }
    said.extend(facts.missing.sentence());
    said.into_iter().map(|sentence| in_one_line(&sentence)).collect::<Vec<_>>().join(" ")
}

fn matter(facts: &Facts<'_>) -> Vec<String> {
    let applied = facts.applied;
    let name = full_name(applied);
    if let Some(since) = &applied.metadata.deletion_timestamp {
        return going(facts, &name, &since.0.to_string());
    }
    if holds(applied, "Paused") {
        let mut said = vec![
            format!(
                "`{name}` is paused: a person keeps the operator away from it, what runs keeps running, and what is changed waits."
            ),
            format!("`kubectl xizmat resume {}` lets it go on.", applied.name_any()),
        ];
        said.extend(troubles(facts));
        return said;
    }
    if is_unseen(applied) {
        return unseen(facts, &name);
    }
    let Some(ready) = condition(applied, "Ready") else {
        return vec![format!(
            "`{name}` says nothing about being Ready. An operator of another release may look after it."
        )];
    };
    if ready.status == "True" {
        let follows = status(applied)
            .active_revision
            .as_deref()
            .map(|active| format!("Applications follow revision {}.", short(active)));
        return [format!("`{name}` is Ready: {}", ready.message)]
            .into_iter()
            .chain(follows)
            .chain(troubles(facts))
            .collect();
    }
    not_ready(facts, &name, ready)
}

fn going(facts: &Facts<'_>, name: &str, since: &str) -> Vec<String> {
    let mut said =
        vec![format!("`{name}` is being removed since {since}, and waits until what runs it has ended its work.")];
    if holds(facts.applied, "Paused") {
        let resume = format!("`kubectl xizmat resume {}`", facts.applied.name_any());
        said.push(format!("It is paused, so that nobody lets it go: {resume} lets the operator go on."));
    }
    let open = status(facts.applied).open_cases.unwrap_or_default();
    if open > 0 {
        said.push(format!(
            "{} on it; they run to their end first when it is annotated `xizmat.dev/end-cases=true`.",
            if open == 1 { "1 case is open".to_owned() } else { format!("{open} cases are open") }
        ));
    }
    said.extend(
        condition(facts.applied, "Ready").map(|ready| ready.message.clone()).filter(|message| !message.is_empty()),
    );
    said.extend(troubles(facts));
    said
}

fn unseen(facts: &Facts<'_>, name: &str) -> Vec<String> {
    let seen = status(facts.applied).observed_generation;
    let generation = facts.applied.metadata.generation.unwrap_or_default();
    let mut said = vec![match seen {
        // Until the first look the API server says -1.
        Some(seen) if seen > 0 => {
            format!("`{name}` was changed (generation {generation}), and the operator has seen only generation {seen}.")
        }
        _ => format!("No operator has looked at `{name}` yet."),
    }];
    said.push(match &facts.leader {
        Leader::Is(holder) => {
            format!("The operator `{holder}` leads: it should take seconds; when it does not, its log says why.")
        }
        Leader::Nobody => "No operator holds its lease: none runs, or none reaches the API server. Look at its pods \
                           (`kubectl get pods --all-namespaces --selector app.kubernetes.io/component=operator`)."
            .to_owned(),
        Leader::NotAsked => "Ask the platform's administrators whether the operator runs, when this lasts.".to_owned(),
    });
    said
}

fn not_ready(facts: &Facts<'_>, name: &str, ready: &Condition) -> Vec<String> {
    let Condition { reason, message, last_transition_time, .. } = ready;
    let mut said = vec![format!("`{name}` is not Ready since {} ({reason}): {message}", last_transition_time.0)];
    let applied = facts.applied;
    // A host is mended elsewhere than in the definition.
    let stalled =
        holds(applied, "Stalled") && !of_host(applied).any(|part| part.status != "True" && part.reason == *reason);
    if !stalled {
        said.extend(first_missing(applied, message));
        said.extend(troubles(facts));
    }
    let runs = status(applied).ready_replicas.unwrap_or_default() > 0;
    if let Some(active) =
        status(applied).active_revision.as_deref().filter(|_| runs && !message.contains("keeps running"))
    {
        said.push(format!("Revision {} keeps serving meanwhile.", short(active)));
    }
    let told = facts.around.told_of("ServiceDefinition", &applied.name_any());
    let warned = told.iter().find(|event| event.type_.as_deref() == Some("Warning"));
    let warning = warned.and_then(|event| event.message.as_deref()).filter(|warning| !covers(message, warning));
    said.extend(warning.map(|warning| format!("The last warning about it: {warning}")));
    let retried = matches!(
        reason.as_str(),
        "PlatformAway"
            | "PlatformRecovering"
            | "ClusterRefused"
            | "Panicked"
            | "BusRefused"
            | "DatabaseAway"
            | "NoCluster"
    );
    // Of a revision that was taken back the operator says itself what to do.
    let taken_back = matches!(reason.as_str(), "RolledBack" | "Returned");
    if stalled && !taken_back {
        said.push(MEND.to_owned());
    } else if retried {
        said.push(RETRIED.to_owned());
    }
    said
}

/// The conditions of the host in the order in which they come about; the others often follow from the first.
fn of_host(applied: &Applied) -> impl Iterator<Item = &Condition> {
    ["BusProvisioned", "DatabaseReady", "WorkloadAvailable"]
        .into_iter()
        .filter_map(move |part| condition(applied, part))
}

fn first_missing(applied: &Applied, told: &str) -> Option<String> {
    let missing = of_host(applied).find(|condition| condition.status != "True")?;
    (!missing.message.is_empty() && missing.message != told)
        .then(|| format!("{} is False ({}): {}", missing.type_, missing.reason, missing.message))
}

/// What stands in the way of pods, each trouble once with all the pods that have it.
fn troubles(facts: &Facts<'_>) -> Vec<String> {
    let mut said = Vec::new();
    for host in facts.around.hosts_of(&facts.applied.name_any()) {
        if let Some(Trouble { reason, message, remedy }) = trouble::of_deployment(host.deployment) {
            said.push(format!(
                "Its Deployment `{}` makes no pods ({reason}): {message}. {remedy}",
                host.deployment.name_any()
            ));
        }
        let mut found: Vec<(Trouble, Vec<String>)> = Vec::new();
        for pod in &host.pods {
            let Some(trouble) = trouble::of_pod(pod, &facts.around.events) else { continue };
            match found.iter_mut().find(|(known, _)| *known == trouble) {
                Some((_, pods)) => pods.push(pod.name_any()),
                None => found.push((trouble, vec![pod.name_any()])),
            }
        }
        for (Trouble { reason, message, remedy }, pods) in found {
            let (word, waits) = if pods.len() == 1 { ("Pod", "waits") } else { ("Pods", "wait") };
            said.push(format!("{word} `{}` {waits} ({reason}): {} {remedy}", pods.join("`, `"), sentence(&message)));
        }
    }
    said
}

fn rollout(facts: &Facts<'_>) -> Vec<String> {
    let mut said = Vec::new();
    if let Some(rollout) = status(facts.applied).rollout.as_ref().filter(|rollout| rollout.share < EVERYBODY) {
        said.push(format!("Revision {} is being brought in: {}", short(&rollout.revision), rollout.words()));
    }
    let healthy = condition(facts.applied, "RolloutHealthy").filter(|healthy| healthy.status == "False");
    if let Some(unhealthy) = healthy {
        said.push(format!("RolloutHealthy is False ({}): {}", unhealthy.reason, sentence(&unhealthy.message)));
    }
    said
}

/// Events hold the beginning of a long message.
fn covers(message: &str, part: &str) -> bool {
    message.starts_with(part.trim_end())
}

fn sentence(text: &str) -> String {
    let text = text.trim();
    if text.is_empty() || text.ends_with(['.', '!', '?']) { text.to_owned() } else { format!("{text}.") }
}

/// A list of problems, one a line, becomes part of the paragraph.
fn in_one_line(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    sentence(&lines.join("; "))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn said(condition: &str, status: &str, reason: &str, message: &str) -> Value {
        let at = "2026-11-29T10:00:00Z";
        json!({"type": condition, "status": status, "reason": reason, "message": message, "lastTransitionTime": at})
    }

    /// A definition of generation 2 that was looked at, with a host of one pod.
    fn told(changes: Value, pod: Value) -> String {
        let metadata = json!({"name": "copy", "namespace": "justice", "generation": 2});
        let status = json!({"observedGeneration": 2, "activeRevision": "b".repeat(12)});
        let mut whole = json!({"metadata": metadata, "spec": {}, "status": status});
        merge(&mut whole, &changes);
        let applied: Applied = serde_json::from_value(whole).unwrap();
        let labels = json!({"xizmat.dev/host": "copy"});
        let deployment = json!({
            "metadata": {"name": "copy", "annotations": {"xizmat.dev/services": "copy"}},
            "spec": {"selector": {"matchLabels": labels}, "template": {}},
        });
        let pod = json!({"metadata": {"name": "copy-1", "labels": labels}, "status": pod});
        let around = Surroundings {
            deployments: vec![serde_json::from_value(deployment).unwrap()],
            pods: vec![serde_json::from_value(pod).unwrap()],
            events: Vec::new(),
        };
        let missing = Missing::default();
        write(&Facts {
            applied: &applied,
            around: &around,
            leader: Leader::Nobody,
            webhook_away: None,
            missing: &missing,
        })
    }

    fn merge(whole: &mut Value, changes: &Value) {
        match changes {
            Value::Object(fields) => fields.iter().for_each(|(name, change)| merge(&mut whole[name.as_str()], change)),
            change => *whole = change.clone(),
        }
    }

    #[test]
    fn a_host_that_does_not_start_is_explained_by_its_pod_with_what_to_do() {
        let conditions = json!([
            said("Ready", "False", "NotStarting", "0 of 1 copies take requests."),
            said("WorkloadAvailable", "False", "NotStarting", "0 of 1 copies take requests."),
            said("Stalled", "True", "NotStarting", "0 of 1 copies take requests."),
        ]);
        let waiting = json!({"waiting": {"reason": "ImagePullBackOff", "message": "Back-off pulling image"}});
        let container = json!({"name": "eservice", "image": "registry.example/xizmat:9", "imageID": "", "ready": false,
            "restartCount": 0, "state": waiting});
        let paragraph = told(json!({"status": {"conditions": conditions}}), json!({"containerStatuses": [container]}));
        let expected = "`justice/copy` is not Ready since 2026-11-29T10:00:00Z (NotStarting): 0 of 1 copies take requests. \
                        Pod `copy-1` waits (ImagePullBackOff): registry.example/xizmat:9: Back-off pulling image. Push the \
                        image to where the nodes pull from, or name one that is there (`image.repository` and `image.tag` \
                        of the chart).";
        assert_eq!(paragraph, expected);
    }

    #[test]
    fn a_refused_definition_is_told_with_every_problem_and_what_keeps_running() {
        let problems =
            "spec.fees[0]: no such fee (fee.unknown)\nspec.title: no text (text.missing)\nRevision b keeps running.";
        let conditions = json!([said("Ready", "False", "Invalid", problems), said("Stalled", "True", "Invalid", "")]);
        let paragraph = told(json!({"status": {"conditions": conditions, "readyReplicas": 1}}), json!({}));
        assert!(
            paragraph.contains("(fee.unknown); spec.title: no text (text.missing); Revision b keeps running. Mend")
        );
        assert!(!paragraph.contains("keeps serving"), "said once: {paragraph}");
    }

    #[test]
    fn a_change_that_nobody_has_seen_leads_to_the_operator() {
        let ready = json!([said("Ready", "True", "Live", "Citizens find it.")]);
        let changed = json!({"metadata": {"generation": 3}, "status": {"conditions": ready}});
        let paragraph = told(changed, json!({}));
        assert!(
            paragraph
                .starts_with("`justice/copy` was changed (generation 3), and the operator has seen only generation 2.")
        );
        assert!(paragraph.contains("No operator holds its lease"));
        let new = told(json!({"status": {"observedGeneration": null}}), json!({}));
        assert!(new.starts_with("No operator has looked at `justice/copy` yet."));
        assert_eq!(told(json!({"status": {"observedGeneration": -1}}), json!({})), new, "as the API server begins it");
    }

    #[test]
    fn a_paused_one_a_ready_one_and_one_that_goes_are_told_as_what_they_are() {
        let ready = said("Ready", "True", "Live", "Citizens find it in the portal.");
        let paragraph = told(json!({"status": {"conditions": [ready]}}), json!({}));
        assert_eq!(
            paragraph,
            "`justice/copy` is Ready: Citizens find it in the portal. Applications follow revision bbbbbbbbbbbb."
        );
        let paused =
            told(json!({"status": {"conditions": [ready, said("Paused", "True", "Annotated", "")]}}), json!({}));
        assert!(paused.contains("`kubectl xizmat resume copy`"));
        let going = json!({"metadata": {"deletionTimestamp": "2026-11-29T11:00:00Z"},
            "status": {"openCases": 2, "conditions": [ready]}});
        assert!(told(going, json!({})).contains("2 cases are open on it"));
    }
}
