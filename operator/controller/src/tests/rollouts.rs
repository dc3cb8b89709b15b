//! Whole looks at a service that has another revision than before: a step goes on or back, a law alarms and stays, and what the
//! register did not hear is told it again.

use std::{sync::Arc, time::Duration};

use kernel::{Clock, Hash};
use process::calendar::civil_date;
use proto::{
    eservice::v1::{Figures, RevisionLoad},
    register::v1::PlacedRevision,
};
use serde_json::{Value, json};

use super::{
    looks::look,
    world::{World, service},
};
use crate::run::Operator;

const OLD: &[u8] = br#"{"spec":"old"}"#;
const NEW: &[u8] = br#"{"spec":"new"}"#;
const NEWER: &[u8] = br#"{"spec":"newer"}"#;
const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(86_400);

/// A revision that was admitted so long ago, and has had its share since then.
fn placed(world: &World, change: &str, share: i32, ago: Duration) -> PlacedRevision {
    let at_us = world.clock.now().minus(ago).micros();
    let change = change.to_owned();
    PlacedRevision { admitted_us: at_us, placed_us: at_us, share, change, ..PlacedRevision::default() }
}

/// A service with an old revision that everybody has, and a new one since this moment.
fn brought_in(change: &str, share: i32, rollout: Value) -> (World, Arc<Operator>) {
    let world = World::default();
    let operator = world.operator();
    let (new, old) = (placed(&world, change, share, Duration::ZERO), placed(&world, "first", 100, 100 * DAY));
    world.platform.places(vec![(new, NEW.to_vec()), (old, OLD.to_vec())]);
    let mut spec = service();
    spec["rollout"] = rollout;
    world.apply("copy", 1, spec);
    (world, operator)
}

fn law(on_bad_health: &str) -> (World, Arc<Operator>) {
    brought_in("law", 100, json!({"steps": ["100%"], "onBadHealth": on_bad_health}))
}

fn by_steps() -> (World, Arc<Operator>) {
    brought_in("presentation", 5, json!({"steps": ["5%", "25%", "100%"], "minCases": 20, "maxWait": "3 days"}))
}

/// Of the applications that began on a revision: how many were submitted, and in how many a call failed.
fn load(revision: &[u8], begun: i64, submitted: i64, failed_calls: i64) -> RevisionLoad {
    let figures = Some(Figures { drafts_opened: begun, submitted, failed_calls, ..Figures::default() });
    RevisionLoad { revision: Hash::of(revision).to_vec(), figures, ..RevisionLoad::default() }
}

fn calls_fail(world: &World) {
    world.platform.fare(vec![load(NEW, 200, 190, 60), load(OLD, 200, 190, 2)]);
}

fn health(world: &World) -> String {
    world.says("copy", "RolloutHealthy")
}

/// What the condition says in words.
fn words(world: &World) -> String {
    let conditions = world.status("copy")["conditions"].as_array().cloned().unwrap_or_default();
    let found = conditions.into_iter().find(|known| known["type"] == "RolloutHealthy");
    found.map(|known| known["message"].as_str().unwrap_or_default().to_owned()).unwrap_or_default()
}

fn was_told(world: &World, reason: &str) -> bool {
    world.server.reasons().iter().any(|told| told == reason)
}

#[tokio::test]
async fn a_law_that_fails_more_than_the_one_before_alarms_and_stays() {
    let (world, operator) = law("alarm");
    calls_fail(&world);
    for _ in 0..3 {
        look(&operator, "copy").await;
        assert_eq!(health(&world), "Alarm", "{}", words(&world));
        assert!(words(&world).contains("failed calls: 60 of 200, before 2 of 200"), "{}", words(&world));
        world.clock.advance(MINUTE);
    }
    assert!(was_told(&world, "RolloutAlarm"));
    assert_eq!((world.platform.asked("place"), world.platform.asked("set_intake")), (0, 0));
    assert_eq!(world.platform.shares()[0].0, 100, "never back by itself");
}

#[tokio::test]
async fn with_stop_new_applications_are_refused_until_somebody_promotes() {
    let (world, operator) = law("stop");
    calls_fail(&world);
    look(&operator, "copy").await;
    assert_eq!((health(&world), world.platform.closed()), ("Stopped".into(), "unhealthy".into()));
    assert!(words(&world).contains("New applications are stopped."), "{}", words(&world));
    world.clock.advance(MINUTE);
    look(&operator, "copy").await;
    assert_eq!((health(&world), world.platform.asked("set_intake")), ("Stopped".into(), 1));
    world.annotate("copy", "xizmat.dev/promote", &Hash::of(NEW).to_string());
    look(&operator, "copy").await;
    assert_eq!((health(&world), world.platform.closed()), ("Complete".into(), String::new()));
    assert_eq!(world.platform.asked("place"), 0);
}

#[tokio::test]
async fn with_stop_new_applications_are_taken_again_under_another_law() {
    let (world, operator) = law("stop");
    calls_fail(&world);
    look(&operator, "copy").await;
    assert_eq!(world.platform.closed(), "unhealthy");
    world.clock.advance(MINUTE);
    let better = placed(&world, "law", 100, Duration::ZERO);
    let (new, old) = (placed(&world, "law", 100, MINUTE), placed(&world, "first", 100, 100 * DAY));
    world.platform.places(vec![(better, NEWER.to_vec()), (new, NEW.to_vec()), (old, OLD.to_vec())]);
    look(&operator, "copy").await;
    assert_eq!((health(&world), world.platform.closed()), ("Complete".into(), String::new()));
}

#[tokio::test]
async fn an_alarm_whose_stop_did_not_arrive_is_told_and_made_again() {
    let (world, operator) = law("stop");
    calls_fail(&world);
    world.platform.fail_once("set_intake");
    look(&operator, "copy").await;
    assert_eq!((health(&world), world.platform.closed()), ("Alarm".into(), String::new()));
    assert!(words(&world).contains("could not be stopped yet"), "{}", words(&world));
    world.clock.advance(MINUTE);
    look(&operator, "copy").await;
    assert_eq!((health(&world), world.platform.closed()), ("Stopped".into(), "unhealthy".into()));
    assert!(words(&world).contains("New applications are stopped."), "{}", words(&world));
}

#[tokio::test]
async fn an_alarm_is_looked_for_from_the_laws_day_on() {
    let (world, operator) = law("alarm");
    let tomorrow = civil_date(world.clock.now().plus(DAY)).to_string();
    let later = PlacedRevision { effective_from: tomorrow, ..placed(&world, "law", 100, 10 * DAY) };
    world.platform.places(vec![(later, NEW.to_vec()), (placed(&world, "first", 100, 100 * DAY), OLD.to_vec())]);
    calls_fail(&world);
    look(&operator, "copy").await;
    assert_eq!(health(&world), "Complete", "it does not count yet");
    world.clock.advance(DAY);
    look(&operator, "copy").await;
    assert_eq!(health(&world), "Alarm", "however long ago it was admitted");
}

#[tokio::test]
async fn a_return_that_did_not_arrive_is_made_again() {
    let (world, operator) = by_steps();
    world.platform.fare(vec![load(NEW, 16, 0, 0), load(OLD, 400, 300, 0)]);
    world.platform.fail_once("place");
    look(&operator, "copy").await;
    assert_eq!((world.platform.asked("place"), world.platform.shares()[0].0), (1, 5));
    assert!(!was_told(&world, "RolloutReturned"), "it did not");
    world.clock.advance(MINUTE);
    look(&operator, "copy").await;
    let (share, reason) = world.platform.shares().swap_remove(0);
    assert_eq!((world.platform.asked("place"), share), (2, 0));
    assert_eq!(reason, "applications that were not submitted: 16 of 16, before 100 of 400");
    assert_eq!(world.says("copy", "Ready"), "Returned");
    assert!(was_told(&world, "RolloutReturned"));
}

#[tokio::test]
async fn a_step_that_enough_cases_judged_reaches_more_people() {
    let (world, operator) = by_steps();
    world.platform.fare(vec![load(NEW, 27, 20, 0), load(OLD, 400, 300, 0)]);
    look(&operator, "copy").await;
    assert_eq!(world.platform.shares()[0], (25, "judged by 20 cases".to_owned()));
    assert_eq!(world.status("copy")["rollout"]["judged"], true);
    assert!(was_told(&world, "RolloutAdvanced"));
}

#[tokio::test]
async fn after_the_longest_wait_it_goes_on_and_says_not_judged() {
    let (world, operator) = by_steps();
    world.platform.fare(vec![load(NEW, 9, 7, 0), load(OLD, 400, 300, 0)]);
    look(&operator, "copy").await;
    assert_eq!(
        (world.platform.shares()[0].0, world.platform.asked("place")),
        (5, 0),
        "too few cases, and time is left"
    );
    world.clock.advance(3 * DAY);
    look(&operator, "copy").await;
    assert_eq!(world.platform.shares()[0], (25, "not judged: 7 of 20 cases in 3 days".to_owned()));
    assert_eq!(world.status("copy")["rollout"]["judged"], false);
    assert!(was_told(&world, "RolloutNotJudged") && !was_told(&world, "RolloutAdvanced"));
}

#[tokio::test]
async fn while_no_host_answers_no_step_follows() {
    let (world, operator) = by_steps();
    world.platform.silence();
    world.clock.advance(10 * DAY);
    look(&operator, "copy").await;
    assert_eq!((world.platform.shares()[0].0, world.platform.asked("place")), (5, 0));
    let message = world.status("copy")["rollout"]["message"].to_string();
    assert!(message.contains("cannot be asked"), "{message}");
}
