//! Whole looks: what is repaired when, who writes nothing, and what of it all ends when.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use api::Kind;
use kube::{
    api::PartialObjectMeta,
    runtime::{controller::Action, watcher::Event},
};
use serde_json::{Value, json};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    applied,
    world::{World, service},
};
use crate::{
    agency::AGENCY_LABEL,
    every,
    host::SERVICES,
    kind::Applied,
    lead::{self, Term},
    run::{self, Operator},
};

const HOST: &str = "/apis/apps/v1/namespaces/justice/deployments/shared";
const LEASE: &str = "/apis/coordination.k8s.io/v1/namespaces/xizmat/leases/xizmat-operator";

pub async fn look(operator: &Arc<Operator>, name: &str) -> Action {
    let known = applied(Kind::ServiceDefinition, name, Some("justice"), json!({}));
    let object: PartialObjectMeta<Applied> = serde_json::from_value(json!({
        "apiVersion": api::API_VERSION, "kind": Kind::ServiceDefinition.name(), "metadata": known.metadata,
    }))
    .unwrap();
    run::look(operator.clone(), Kind::ServiceDefinition, Arc::new(object)).await.unwrap()
}

/// The watch of Deployments has told of all of them.
fn watched(operator: &Operator) {
    operator.memory.deployments.saw(&Event::Init);
    operator.memory.deployments.saw(&Event::InitDone);
}

/// A service that was admitted and has its host.
async fn hosted() -> (World, Arc<Operator>) {
    let world = World::default();
    let operator = world.operator();
    world.apply("copy", 1, service());
    look(&operator, "copy").await;
    assert!(world.server.get(HOST).is_some(), "{}", world.status("copy"));
    (world, operator)
}

fn memory_of(deployment: &Value) -> Value {
    deployment["spec"]["template"]["spec"]["containers"][0]["resources"]["limits"]["memory"].clone()
}

#[tokio::test]
async fn a_look_that_panics_is_tried_again_and_stops_no_other() {
    let world = World::default();
    let operator = world.operator();
    world.apply("copy", 1, service());
    world.apply("other", 1, service());
    world.platform.panic(true);
    assert_eq!(look(&operator, "copy").await, Action::requeue(Duration::from_secs(1)));
    assert_eq!(look(&operator, "copy").await, Action::requeue(Duration::from_secs(2)));
    assert_eq!(world.says("copy", "Ready"), "Panicked");
    world.platform.panic(false);
    look(&operator, "other").await;
    assert_eq!(world.says("other", "DefinitionValid"), "Admitted");
    look(&operator, "copy").await;
    assert_eq!(world.says("copy", "DefinitionValid"), "Admitted");
}

#[tokio::test]
async fn what_waits_for_approval_leaves_what_runs_and_is_published_by_itself_afterwards() {
    let (world, operator) = hosted().await;
    let revision = world.status("copy")["revision"].clone();
    let mut changed = service();
    changed["title"]["en"] = "Another title".into();
    world.apply("copy", 2, changed);
    world.platform.unapproved(true);
    look(&operator, "copy").await;
    assert_eq!(world.says("copy", "Ready"), "NotApproved");
    assert_eq!(world.says("copy", "Reconciling"), "NotApproved", "nobody has to mend anything");
    assert_eq!(world.status("copy")["revision"], revision, "what runs goes on");
    assert!(world.server.get(HOST).is_some());
    world.platform.unapproved(false);
    look(&operator, "copy").await;
    assert_eq!(world.says("copy", "DefinitionValid"), "Admitted");
}

#[tokio::test]
async fn where_something_else_hosts_a_service_its_status_says_that_nobody_follows_its_deployment() {
    let mut world = World::default();
    world.config.host_image = None;
    let operator = world.operator();
    world.apply("copy", 1, service());
    look(&operator, "copy").await;
    assert_eq!((world.says("copy", "Ready"), world.server.get(HOST)), ("Live".into(), None));
    assert_eq!(world.says("copy", "DeploymentFollowed"), "RunsInSharedHost");
    let mut silent = service();
    silent.as_object_mut().unwrap().shift_remove("deployment");
    world.apply("copy", 2, silent);
    look(&operator, "copy").await;
    assert_eq!(world.says("copy", "DeploymentFollowed"), "");
    let (hosted, _) = hosted().await;
    assert_eq!(hosted.says("copy", "DeploymentFollowed"), "");
}

#[tokio::test]
async fn services_that_come_together_are_brought_together_and_the_first_of_them_at_once() {
    let world = World::default();
    let operator = world.operator();
    watched(&operator);
    ["a", "b", "c"].into_iter().for_each(|name| world.apply(name, 1, service()));
    let runs = || world.server.get(HOST).unwrap()["metadata"]["annotations"][SERVICES].clone();
    look(&operator, "a").await;
    assert_eq!(runs(), "a");
    world.clock.advance(Duration::from_millis(100));
    for (name, again_s) in [("b", 1), ("c", 5)] {
        assert_eq!(look(&operator, name).await, Action::requeue(Duration::from_secs(again_s)));
        assert!(world.status(name).is_null(), "it says something when it is there");
    }
    assert_eq!(runs(), "a");
    world.clock.advance(Duration::from_secs(1));
    world.server.writes();
    look(&operator, "b").await;
    look(&operator, "c").await;
    assert_eq!((runs(), world.says("c", "Ready")), ("a,b,c".into(), "Starting".into()));
    let written = world.server.writes();
    assert_eq!(written.iter().filter(|write| *write == "PATCH deployments shared").count(), 1, "{written:?}");
}

#[tokio::test]
async fn what_came_with_others_stays_admitted_when_its_next_generation_is_refused_before_anything_was_said() {
    let world = World::default();
    let operator = world.operator();
    watched(&operator);
    ["a", "b"].into_iter().for_each(|name| world.apply(name, 1, service()));
    look(&operator, "a").await;
    look(&operator, "b").await;
    assert!(world.status("b").is_null());
    let mut wrong = service();
    wrong["levle"] = "hosted".into();
    world.apply("b", 2, wrong);
    world.clock.advance(Duration::from_secs(1));
    look(&operator, "b").await;
    assert_eq!((world.says("b", "Ready"), world.status("b")["revision"].is_string()), ("Invalid".into(), true));
    assert_eq!(world.server.get(HOST).unwrap()["metadata"]["annotations"][SERVICES], "a,b", "it runs");
}

#[tokio::test]
async fn before_anything_new_is_done_in_an_agencys_name_the_api_server_says_whose_the_namespace_is() {
    let world = World::default();
    let operator = world.operator();
    operator.memory.namespaces.saw(&Event::Apply(world.namespace()));
    world.server.put("/api/v1/namespaces/justice", json!({"metadata": {"labels": {AGENCY_LABEL: "health"}}}));
    world.apply("copy", 1, service());
    look(&operator, "copy").await;
    assert_eq!((world.says("copy", "Ready"), world.platform.asked("revision")), ("WrongAgency".into(), 0));
}

#[tokio::test]
async fn a_live_service_that_loses_its_copies_is_told_in_an_event_and_one_that_starts_is_not() {
    let (world, operator) = hosted().await;
    let copies_ready = |ready: i32| {
        let mut deployment = world.server.get(HOST).unwrap();
        let available = if ready > 0 { "True" } else { "False" };
        deployment["status"] = json!({
            "replicas": 1, "updatedReplicas": 1, "readyReplicas": ready, "availableReplicas": ready,
            "conditions": [{"type": "Available", "status": available}],
        });
        world.server.put(HOST, deployment);
    };
    assert_eq!((world.says("copy", "Ready"), world.server.reasons().len()), ("Starting".into(), 0));
    copies_ready(1);
    look(&operator, "copy").await;
    assert_eq!(world.says("copy", "Ready"), "Live");
    copies_ready(0);
    look(&operator, "copy").await;
    assert_eq!(world.says("copy", "Ready"), "Starting");
    assert!(world.server.reasons().contains(&"Starting".to_owned()), "{:?}", world.server.reasons());
}

#[tokio::test]
async fn a_look_at_what_stands_asks_the_api_server_for_nothing_but_the_definition() {
    let world = World::default();
    let operator = world.operator();
    watched(&operator);
    world.apply("copy", 1, service());
    look(&operator, "copy").await;
    look(&operator, "copy").await;
    operator.memory.namespaces.saw(&Event::Apply(world.namespace()));
    world.server.reads();
    world.server.writes();
    look(&operator, "copy").await;
    assert_eq!(world.server.reads(), ["servicedefinitions copy"]);
    assert_eq!(world.server.writes(), [""; 0]);
}

#[tokio::test]
async fn while_a_definition_is_refused_the_host_of_what_still_runs_is_kept_in_repair() {
    let (world, operator) = hosted().await;
    let mut wrong = service();
    wrong["levle"] = "hosted".into();
    world.apply("copy", 2, wrong);
    world.server.take(HOST);
    look(&operator, "copy").await;
    assert!(world.server.get(HOST).is_some());
    assert_eq!(
        (world.says("copy", "Ready"), world.says("copy", "WorkloadAvailable")),
        ("Invalid".into(), "Starting".into())
    );
    world.server.writes();
    assert_eq!(look(&operator, "copy").await, Action::requeue(Duration::from_secs(5)), "until it runs again");
    assert_eq!(world.server.writes(), [""; 0], "and nothing is written twice");
}

#[tokio::test]
async fn what_cannot_be_read_of_how_it_wants_to_run_changes_nothing_of_how_it_runs() {
    let world = World::default();
    let operator = world.operator();
    let mut before = service();
    before["deployment"]["resources"] = json!({"memory": "320Mi"});
    world.platform.admits(json!({"spec": before}));
    world.apply("copy", 1, before);
    look(&operator, "copy").await;
    let mut wrong = service();
    wrong["deployment"]["resources"] = json!({"memory": "much"});
    world.apply("copy", 2, wrong);
    world.server.take(HOST);
    look(&operator, "copy").await;
    assert_eq!(memory_of(&world.server.get(HOST).unwrap()), "320Mi");
    assert_eq!(world.says("copy", "Ready"), "Invalid");
}

#[tokio::test]
async fn hosts_are_repaired_while_the_platform_is_away_for_longer_than_anything_is_remembered() {
    let (world, operator) = hosted().await;
    world.platform.go_away();
    world.clock.advance(Duration::from_secs(3600));
    world.server.take(HOST);
    look(&operator, "copy").await;
    assert!(world.server.get(HOST).is_some());
    assert_eq!(
        (world.says("copy", "Ready"), world.says("copy", "DefinitionValid")),
        ("PlatformAway".into(), "Admitted".into())
    );
}

#[tokio::test]
async fn in_a_recovery_services_get_their_host_in_a_cluster_that_never_knew_them() {
    let world = World::default();
    let operator = world.operator();
    world.platform.recover(true);
    for name in ["copy", "divorce"] {
        world.apply(name, 1, service());
        look(&operator, name).await;
        assert_eq!(world.says(name, "Ready"), "PlatformRecovering");
    }
    look(&operator, "copy").await;
    let hosted = |world: &World| world.server.get(HOST).unwrap()["metadata"]["annotations"][SERVICES].clone();
    assert_eq!(hosted(&world), "copy,divorce", "none of them takes the other's place");
    assert_eq!(world.says("copy", "WorkloadAvailable"), "Starting");
    world.platform.recover(false);
    look(&operator, "copy").await;
    assert_eq!((world.says("copy", "DefinitionValid"), hosted(&world)), ("Admitted".into(), "copy,divorce".into()));
}

#[tokio::test]
async fn an_object_that_another_writes_over_and_over_is_put_right_seldom_until_it_is_left_alone() {
    let (world, operator) = hosted().await;
    let image = "/spec/template/spec/containers/0/image";
    let storm = |round: i64| {
        let mut deployment = world.server.get(HOST).unwrap();
        *deployment.pointer_mut(image).unwrap() = format!("else:{round}").into();
        deployment["metadata"]["generation"] = round.into();
        deployment["metadata"]["managedFields"] = json!([{"manager": "storm", "operation": "Update", "fieldsV1": {}}]);
        world.server.put(HOST, deployment);
    };
    world.server.writes();
    for round in 10..110 {
        storm(round);
        look(&operator, "copy").await;
    }
    let written = world.server.writes();
    let corrected = written.iter().filter(|write| *write == "PATCH deployments shared").count();
    assert!((10..=25).contains(&corrected), "{corrected}");
    assert_eq!(world.says("copy", "Ready"), "FoughtOver");
    let status = world.status("copy").to_string();
    assert!(status.contains("field manager `storm`"), "{status}");
    world.clock.advance(Duration::from_secs(120));
    look(&operator, "copy").await;
    assert_eq!(world.server.get(HOST).unwrap().pointer(image).unwrap(), "xizmat:1");
    look(&operator, "copy").await;
    assert_eq!(world.says("copy", "Ready"), "Starting");
}

/// Leads, or only looks, until something holds; then it is stopped, and answers within the time that a process is given.
async fn leading(operator: &Arc<Operator>, mut until: impl FnMut() -> bool) {
    let shutdown = CancellationToken::new();
    let leading = tokio::spawn(lead::lead(operator.clone(), shutdown.clone()));
    while !until() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    shutdown.cancel();
    tokio::time::timeout(Duration::from_secs(5), leading).await.unwrap().unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn in_read_only_mode_nothing_is_written_anywhere_and_the_log_says_what_would_be() {
    let mut world = World::default();
    world.config.read_only = true;
    let operator = world.operator();
    world.apply("copy", 1, service());
    let place = (Kind::ServiceDefinition, "justice".to_owned(), "copy".to_owned());
    leading(&operator, || operator.memory.said.get(&place, operator.clock.now()).is_some()).await;
    assert_eq!(world.server.writes(), [""; 0]);
    assert_eq!((world.server.get(LEASE), world.platform.was_told()), (None, false));
    let said = operator.memory.said.get(&place, operator.clock.now()).unwrap();
    assert!(said.contains("read-only") && said.contains("tell the platform"), "{said}");
    assert!(said.contains("start the host `shared` for copy"), "{said}");
}

#[tokio::test]
async fn a_preview_beside_the_operator_says_what_is_not_as_it_would_be() {
    let (mut world, _) = hosted().await;
    world.server.writes();
    world.config.read_only = true;
    world.config.host_image = Some("xizmat:2".to_owned());
    let preview = world.operator();
    let said = |name: &str| {
        let place = (Kind::ServiceDefinition, "justice".to_owned(), name.to_owned());
        preview.memory.said.get(&place, preview.clock.now()).unwrap()
    };
    look(&preview, "copy").await;
    assert!(said("copy").ends_with(" change Deployment `shared`"), "{}", said("copy"));
    world.server.take("/api/v1/namespaces/justice/services/shared");
    look(&preview, "copy").await;
    assert!(said("copy").contains("make Service `shared`"), "{}", said("copy"));
    assert_eq!(world.server.writes(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn the_lease_is_given_back_at_shutdown_also_while_a_look_does_not_end() {
    let world = World::default();
    let operator = world.operator();
    world.apply("copy", 1, service());
    world.platform.hang();
    leading(&operator, || world.platform.asked("revision") > 0).await;
    let lease = world.server.get(LEASE).unwrap();
    assert_eq!(lease["spec"]["holderIdentity"], "");
}

#[tokio::test(start_paused = true)]
async fn no_more_looks_are_under_way_than_are_allowed() {
    let mut world = World::default();
    world.config.at_once = 2;
    ["a", "b", "c", "d", "e"].into_iter().for_each(|name| world.apply(name, 1, service()));
    world.platform.hang();
    let term = Term { stop: CancellationToken::new(), looks: TaskTracker::new() };
    let watching = tokio::spawn(every::watch_kind(world.operator(), Kind::ServiceDefinition, term));
    while world.platform.asked("revision") < 2 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    tokio::time::sleep(Duration::from_secs(30)).await;
    assert_eq!(world.platform.asked("revision"), 2, "the others wait for their turn");
    watching.abort();
}

#[tokio::test(start_paused = true)]
async fn a_kind_that_the_cluster_does_not_know_is_waited_for_and_that_is_said() {
    let world = World::default();
    let operator = world.operator();
    world.server.knows("registries", false);
    let term = Term { stop: CancellationToken::new(), looks: TaskTracker::new() };
    let stop = term.stop.clone();
    let watching = tokio::spawn(every::watch_kind(operator, Kind::Registry, term));
    let lines = async |empty: bool| {
        while world.waits.lines().is_empty() != empty {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        world.waits.lines()
    };
    assert!(lines(false).await[0].starts_with("Registry: the cluster does not know this kind"));
    world.server.knows("registries", true);
    lines(true).await;
    stop.cancel();
    watching.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn watches_that_fail_do_not_hold_one_another_up() {
    let world = World::default();
    let term = Term { stop: CancellationToken::new(), looks: TaskTracker::new() };
    let stop = term.stop.clone();
    let watching = tokio::spawn(every::watch_kind(world.operator(), Kind::ServiceDefinition, term));
    let watches = async || {
        tokio::time::sleep(Duration::from_secs(30)).await;
        let asked: BTreeSet<String> =
            world.server.reads().into_iter().filter(|read| read.starts_with("watch ")).collect();
        asked
    };
    let all = watches().await;
    assert!(all.contains("watch servicedefinitions") && all.contains("watch secrets"), "{all:?}");
    world.server.break_watches();
    assert_eq!(watches().await, all, "each is begun anew, whatever the others do");
    stop.cancel();
    watching.await.unwrap();
}
