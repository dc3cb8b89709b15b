//! What happens by itself: lapses, enquiries after lost calls, refunds to their end, money without a service.

use std::sync::Arc;

use ::bus::recovery::Keeper;
use api::ServiceDefinition;
use async_trait::async_trait;
use kernel::{CaseId, Clock, Failure, Hash};
use serde_json::json;

mod closings;

use super::*;
use crate::{
    bus::{Definitions, Recovered},
    desk::{
        Wish,
        tests::{World, databases},
    },
    domain::{
        attempt,
        intent::{Case, Intent, State},
        ledger::Account,
        provider::{RefundAnswer, Standing},
    },
    store::{self, endings::Ending},
};

struct One(Arc<ServiceDefinition>);

#[async_trait]
impl Definitions for One {
    async fn find(&self, _revision: Hash) -> Result<Arc<ServiceDefinition>, Failure> {
        Ok(self.0.clone())
    }
}

fn definition() -> ServiceDefinition {
    let text = json!({"en": "x"});
    serde_json::from_value(json!({
        "apiVersion": "xizmat.dev/v1alpha1", "kind": "ServiceDefinition", "metadata": {"name": "copy"},
        "spec": {
            "title": text, "agency": "justice",
            "fees": [{"name": "duty", "amount": "money('10')", "to": [{"agency": "justice", "share": 1}]}],
            "process": {"start": "granted", "steps": [
                {"name": "granted", "end": {"outcome": "granted", "delivers": ["certificate"]}},
                {"name": "lapsed", "end": {"outcome": "lapsed"}},
            ]},
        },
    }))
    .unwrap()
}

fn office(world: &World) -> Office {
    Office {
        desk: world.desk.clone(),
        database: world.database.clone(),
        revisions: Arc::new(One(Arc::new(definition()))),
        law: Arc::new(crate::bus::Law::standard()),
        standings: Arc::new(crate::bus::Acting::Nobody),
        officers: Arc::new(crate::bus::treasurer::Listed::default()),
        receipts: Arc::new(crate::bus::Echo),
        agreements: Arc::new(crate::bus::Agreed::default()),
        return_origins: Arc::default(),
        keep_restored: std::time::Duration::from_secs(30 * 86_400),
        rates: Arc::default(),
    }
}

async fn ended(world: &World, case: CaseId, outcome: &str, delivered: &[&str]) {
    let ending = Ending {
        case,
        revision: Hash::of(b"revision"),
        outcome: outcome.into(),
        delivered: delivered.iter().map(|name| (*name).to_owned()).collect(),
    };
    let now = world.clock.now();
    let mut tx = world.database.begin().await.unwrap();
    store::endings::insert(&mut tx, &ending, now, now.plus(Duration::from_secs(300))).await.unwrap();
    tx.commit().await.unwrap();
}

async fn codes(world: &World) -> Vec<String> {
    store::findings::codes(&mut world.database.read().await.unwrap()).await.unwrap()
}

#[tokio::test]
async fn an_intent_lapses_when_its_time_is_over() {
    for database in databases().await {
        let world = World::new(database);
        let intent = world.intent(500).await;
        round(&office(&world)).await.unwrap();
        assert_eq!(world.state(intent.id).await, State::Open);
        world.clock.advance(Duration::from_secs(3 * 86_400));
        round(&office(&world)).await.unwrap();
        round(&office(&world)).await.unwrap();
        assert_eq!(world.state(intent.id).await, State::Expired);
        assert_eq!(world.events().await, ["intent-closed"]);
    }
}

#[tokio::test]
async fn a_debit_that_was_never_completed_is_found_by_asking() {
    for database in databases().await {
        let world = World::new(database);
        let intent = world.intent(500).await;
        world.hold(&intent, "t1").await;
        *world.provider.standing.lock().unwrap() = Standing::Debited;
        world.clock.advance(Duration::from_secs(61));
        round(&office(&world)).await.unwrap();
        assert_eq!(world.attempt("t1").await.state, attempt::State::Unknown);
        // In doubt nothing is let go, however long it takes.
        world.clock.advance(Duration::from_secs(86_400));
        round(&office(&world)).await.unwrap();
        assert_eq!(world.attempt("t1").await.state, attempt::State::Unknown);
        *world.provider.standing.lock().unwrap() = Standing::Paid;
        world.clock.advance(Duration::from_secs(61));
        round(&office(&world)).await.unwrap();
        assert_eq!(world.state(intent.id).await, State::Captured);
        assert_eq!(codes(&world).await, ["payment.completed-by-enquiry"]);
        assert_eq!(world.events().await, ["intent-captured"]);
    }
}

#[tokio::test]
async fn money_that_was_debited_after_the_timeout_goes_back() {
    for database in databases().await {
        let world = World::new(database);
        let intent = world.intent(500).await;
        world.hold(&intent, "t1").await;
        world.clock.advance(Duration::from_secs(43_200));
        round(&office(&world)).await.unwrap();
        assert_eq!(world.attempt("t1").await.state, attempt::State::Cancelled);
        world.clock.advance(Duration::from_secs(3 * 86_400));
        *world.provider.standing.lock().unwrap() = Standing::Paid;
        round(&office(&world)).await.unwrap();
        assert_eq!(world.state(intent.id).await, State::Expired);
        *world.provider.refund.lock().unwrap() = RefundAnswer::Settled;
        round(&office(&world)).await.unwrap();
        assert_eq!(world.attempt("t1").await.state, attempt::State::Reversed);
        assert_eq!(world.balance(&Account::ProviderClearing("payme".into())).await, 0);
        assert_eq!(world.events().await, ["intent-closed"]);
    }
}

/// As many as one round takes up, each held by the provider.
async fn a_batch_is_held(world: &World) {
    for number in 0..BATCH {
        let intent = world.intent(500).await;
        world.hold(&intent, &format!("before-{number}")).await;
    }
}

async fn all_attempts(world: &World, change: &'static str) {
    let mut tx = world.database.begin().await.unwrap();
    assert_eq!(tx.execute(change, sql::args![]).await.unwrap(), u64::try_from(BATCH).unwrap());
    tx.commit().await.unwrap();
    world.clock.advance(Duration::from_secs(1));
}

#[tokio::test]
async fn a_hold_is_let_go_in_its_time_however_many_others_are_in_doubt() {
    for database in databases().await {
        let world = World::new(database);
        a_batch_is_held(&world).await;
        all_attempts(&world, "UPDATE attempt SET state = 'unknown'").await;
        let intent = world.intent(500).await;
        world.hold(&intent, "t1").await;
        world.clock.advance(Duration::from_secs(43_200));
        round(&office(&world)).await.unwrap();
        assert_eq!(world.attempt("t1").await.state, attempt::State::Cancelled);
        assert_eq!(world.attempt("before-0").await.state, attempt::State::Unknown);
    }
}

#[tokio::test]
async fn what_a_provider_that_is_gone_left_behind_keeps_nobody_else_waiting() {
    for database in databases().await {
        let world = World::new(database);
        a_batch_is_held(&world).await;
        all_attempts(&world, "UPDATE attempt SET provider = 'gone'").await;
        let intent = world.intent(500).await;
        world.hold(&intent, "t1").await;
        *world.provider.standing.lock().unwrap() = Standing::Paid;
        world.clock.advance(Duration::from_secs(61));
        for _ in 0..2 {
            round(&office(&world)).await.unwrap();
        }
        assert_eq!(world.state(intent.id).await, State::Captured, "its provider was asked");
    }
}

#[tokio::test]
async fn refunds_that_nobody_can_order_keep_no_other_waiting() {
    for database in databases().await {
        let world = World::new(database);
        let refunded = async |transaction: &str| {
            let intent = world.paid(500, transaction).await;
            let mut tx = world.database.begin().await.unwrap();
            world.desk.refund(&mut tx, intent.id, Wish::Everything, "refused").await.unwrap();
            tx.commit().await.unwrap();
        };
        for number in 0..BATCH {
            refunded(&format!("before-{number}")).await;
        }
        all_attempts(&world, "UPDATE attempt SET provider = 'gone'").await;
        refunded("t1").await;
        *world.provider.refund.lock().unwrap() = RefundAnswer::Settled;
        for _ in 0..2 {
            round(&office(&world)).await.unwrap();
        }
        assert_eq!(world.attempt("t1").await.state, attempt::State::Reversed);
        assert_eq!(world.balance(&Account::RefundsPayable).await, 500 * BATCH, "the others are owed");
    }
}

#[tokio::test]
async fn money_for_a_service_that_was_not_delivered_is_given_back() {
    for database in databases().await {
        let world = World::new(database);
        let mut intents = Vec::new();
        for transaction in ["served", "refused", "dropped"] {
            let intent = world.intent(500).await;
            world.hold(&intent, transaction).await;
            world.capture(transaction).await;
            intents.push(intent);
        }
        ended(&world, intents[0].case.id, "granted", &["certificate"]).await;
        ended(&world, intents[1].case.id, "lapsed", &[]).await;
        ended(&world, intents[2].case.id, "granted", &[]).await;
        let mut tx = world.database.begin().await.unwrap();
        world.desk.refund(&mut tx, intents[1].id, Wish::Everything, "refused").await.unwrap();
        tx.commit().await.unwrap();
        world.clock.advance(Duration::from_secs(299));
        round(&office(&world)).await.unwrap();
        assert!(codes(&world).await.is_empty());
        world.clock.advance(Duration::from_secs(1));
        *world.provider.refund.lock().unwrap() = RefundAnswer::Settled;
        round(&office(&world)).await.unwrap();
        assert_eq!(codes(&world).await, ["payment.not-delivered"]);
        world.clock.advance(Duration::from_secs(7_200));
        round(&office(&world)).await.unwrap();
        assert_eq!(world.attempt("served").await.state, attempt::State::Paid);
        assert_eq!(world.attempt("refused").await.state, attempt::State::Reversed);
        assert_eq!(world.attempt("dropped").await.state, attempt::State::Reversed);
        assert_eq!(world.balance(&Account::RefundsPayable).await, 0);
    }
}

#[tokio::test]
async fn a_refund_that_the_provider_refuses_stays_owed_and_is_reported() {
    for database in databases().await {
        let world = World::new(database);
        let intent = world.intent(500).await;
        world.hold(&intent, "t1").await;
        world.capture("t1").await;
        let mut tx = world.database.begin().await.unwrap();
        world.desk.refund(&mut tx, intent.id, Wish::Everything, "refused").await.unwrap();
        tx.commit().await.unwrap();
        *world.provider.refund.lock().unwrap() = RefundAnswer::Refused("error -31007".into());
        round(&office(&world)).await.unwrap();
        round(&office(&world)).await.unwrap();
        assert_eq!(codes(&world).await, ["payment.refund-by-hand"]);
        assert_eq!(world.balance(&Account::RefundsPayable).await, 500);
    }
}

fn forgotten(code: &str, intent: &Intent) -> proto::Ruling {
    proto::Ruling {
        code: code.into(),
        case_id: intent.case.id.to_vec(),
        thing: intent.id.to_vec(),
        ..proto::Ruling::default()
    }
}

#[tokio::test]
async fn what_a_case_forgot_that_it_paid_counts_when_it_asks_again_and_goes_back_otherwise() {
    for database in databases().await {
        let world = World::new(database);
        let (office, keeper) = (office(&world), Recovered(office(&world)));
        let mut paid = Vec::new();
        for transaction in ["asked", "forgotten", "lost"] {
            paid.push(world.paid(500, transaction).await);
        }
        let open = world.intent(500).await;
        for intent in [&paid[0], &paid[1], &open] {
            let ruling = forgotten("recovery.payment-unknown", intent);
            keeper.put_right(&ruling).await.unwrap();
            keeper.put_right(&ruling).await.unwrap();
        }
        keeper.put_right(&forgotten("recovery.payment-without-case", &paid[2])).await.unwrap();
        assert_eq!(world.state(open.id).await, State::Cancelled, "nobody pays it any more");
        assert_eq!(codes(&world).await, ["payment.restored"; 3]);
        // The draft has moved on to another revision since.
        let case = Case { revision: Hash::of(b"newer"), ..paid[0].case.clone() };
        for _ in 0..2 {
            let again = world.intent_of(case.clone(), 500, Vec::new()).await;
            assert_eq!((again.state, again.amount), (State::Waived, kernel::Money::ZERO), "it is paid");
        }
        *world.provider.refund.lock().unwrap() = RefundAnswer::Settled;
        let reversed = async || {
            let mut reversed = Vec::new();
            for transaction in ["asked", "forgotten", "lost"] {
                reversed.push(world.attempt(transaction).await.state == attempt::State::Reversed);
            }
            reversed
        };
        round(&office).await.unwrap();
        round(&office).await.unwrap();
        assert_eq!(reversed().await, [false, false, true], "nobody can ask for a case that is gone");
        world.clock.advance(Duration::from_secs(30 * 86_400));
        round(&office).await.unwrap();
        round(&office).await.unwrap();
        assert_eq!(reversed().await, [false, true, true]);
        let open = store::findings::open(&mut world.database.read().await.unwrap()).await.unwrap();
        assert!(open.is_empty(), "{open:?}");
    }
}

#[tokio::test]
async fn an_end_in_a_life_that_was_lost_is_forgotten_and_the_next_one_counts() {
    for database in databases().await {
        let world = World::new(database);
        let (office, keeper) = (office(&world), Recovered(office(&world)));
        let intent = world.paid(500, "t1").await;
        ended(&world, intent.case.id, "granted", &["certificate"]).await;
        keeper.put_right(&forgotten("recovery.ending-unknown", &intent)).await.unwrap();
        ended(&world, intent.case.id, "lapsed", &[]).await;
        world.clock.advance(Duration::from_secs(300));
        *world.provider.refund.lock().unwrap() = RefundAnswer::Settled;
        round(&office).await.unwrap();
        round(&office).await.unwrap();
        assert_eq!(codes(&world).await, ["payment.not-delivered"]);
    }
}
