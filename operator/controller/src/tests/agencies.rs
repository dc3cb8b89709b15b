//! Looks at agencies: what nobody touched nobody asks for, and what somebody touched is put right.

use std::{sync::Arc, time::Duration};

use api::Kind;
use kube::runtime::controller::Action;
use serde_json::json;

use super::world::World;
use crate::run::{self, Operator};

const AGENCY: &str = "/apis/xizmat.dev/v1alpha1/agencies/justice";
const QUOTA: &str = "/api/v1/namespaces/justice/resourcequotas/agency";
const MINUTE: Duration = Duration::from_secs(60);

async fn look(world: &World, operator: &Arc<Operator>) -> Action {
    let known = serde_json::from_value(world.server.get(AGENCY).unwrap()).unwrap();
    run::look(operator.clone(), Kind::Agency, Arc::new(known)).await.unwrap()
}

/// An agency that was made, and its watches have told what there is.
async fn rests() -> (World, Arc<Operator>) {
    let world = World::default();
    let operator = world.operator();
    let title = json!({"uz": "A", "uz-Cyrl": "А", "kaa": "A", "ru": "А", "en": "A"});
    let metadata = json!({"uid": "u-1", "generation": 1});
    let agency = json!({
        "apiVersion": api::API_VERSION, "kind": Kind::Agency.name(), "metadata": metadata, "spec": {"title": title},
    });
    world.server.put(AGENCY, agency);
    ["Namespace", "ResourceQuota", "LimitRange", "Secret"].iter().for_each(|kind| operator.memory.at_rest.listed(kind));
    look(&world, &operator).await;
    look(&world, &operator).await;
    world.server.reads();
    world.server.writes();
    (world, operator)
}

#[tokio::test]
async fn an_agency_that_nobody_touched_costs_the_api_server_nothing() {
    let (world, operator) = rests().await;
    for _ in 0..9 {
        world.clock.advance(MINUTE);
        assert_eq!(look(&world, &operator).await, Action::requeue(MINUTE));
    }
    assert_eq!((world.server.reads(), world.server.writes()), (Vec::new(), Vec::new()));
    assert_eq!((world.platform.asked("agency"), world.platform.asked("seal")), (1, 1));
    world.clock.advance(MINUTE);
    look(&world, &operator).await;
    assert!(world.server.reads().contains(&"agencies justice".to_owned()), "now and then all of it is looked at");
    assert_eq!(world.server.writes(), [""; 0]);
}

#[tokio::test]
async fn what_is_taken_away_in_an_agencys_namespace_is_made_again_when_its_watch_tells_or_was_blind() {
    for tells in [true, false] {
        let (world, operator) = rests().await;
        world.server.take(QUOTA);
        look(&world, &operator).await;
        assert!(world.server.get(QUOTA).is_none(), "nobody has told");
        if tells {
            operator.memory.at_rest.touch("justice");
        } else {
            operator.memory.at_rest.listed("ResourceQuota");
        }
        look(&world, &operator).await;
        assert!(world.server.get(QUOTA).is_some());
    }
}

#[tokio::test]
async fn whatever_is_written_on_an_agency_has_it_looked_at_and_its_end_believes_no_watch() {
    let (world, operator) = rests().await;
    world.server.put(AGENCY, json!({"status": {"conditions": []}}));
    look(&world, &operator).await;
    assert!(world.server.reads().contains(&"agencies justice".to_owned()));
    look(&world, &operator).await;
    world.server.reads();
    world.server.put(AGENCY, json!({"metadata": {"deletionTimestamp": "2026-12-01T00:00:00Z"}}));
    look(&world, &operator).await;
    assert_eq!(world.platform.withdrawn(), ["Agency justice/justice"]);
    assert!(world.server.reads().contains(&"namespaces justice".to_owned()), "whose it is, the API server says");
    assert!(world.server.get("/api/v1/namespaces/justice/secrets/bus-credentials").is_none(), "nothing is left");
}

#[tokio::test]
async fn an_agency_that_may_not_publish_freely_yet_says_so_and_is_asked_about_until_it_may() {
    let (world, operator) = rests().await;
    let says = || {
        let agency = world.server.get(AGENCY).unwrap();
        let known = agency["status"]["conditions"].as_array().cloned().unwrap_or_default();
        let condition = known.into_iter().find(|known| known["type"] == "PublicationFree");
        let ready = agency["status"]["conditions"][0]["status"].clone();
        (condition.map(|known| known["message"].as_str().unwrap_or_default().to_owned()), ready)
    };
    world.platform.unfreed(true);
    let mut changed = world.server.get(AGENCY).unwrap();
    changed["metadata"]["generation"] = 2.into();
    world.server.put(AGENCY, changed);
    let asked = world.platform.asked("agency");
    for looks in 1..=2 {
        world.clock.advance(MINUTE);
        assert_eq!(look(&world, &operator).await, Action::requeue(MINUTE));
        let (waits, ready) = says();
        let waits = waits.expect("it says what it waits for");
        assert!(waits.contains("a `lawyer` and a `head`") && waits.contains("of `justice`"), "{waits}");
        assert_eq!(ready, "True", "everything else of it is done");
        assert_eq!(world.platform.asked("agency"), asked + looks);
    }
    world.platform.unfreed(false);
    world.clock.advance(MINUTE);
    look(&world, &operator).await;
    assert_eq!(says().0, None);
    world.clock.advance(MINUTE);
    look(&world, &operator).await;
    assert_eq!(world.platform.asked("agency"), asked + 3, "and then nobody is asked any more");
}
