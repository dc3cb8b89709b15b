//! The Merchant API as Payme drives it: repeats, strangers, wrong amounts, timeouts, refunds.

use std::time::Duration;

use axum::http::Method;
use base64::{Engine, engine::general_purpose::STANDARD};
use kernel::{Clock, IntentId};
use serde_json::{Value, json};

use super::{Settings, merchant::Merchant};
use crate::{
    desk::{
        Wish,
        tests::{World, databases},
    },
    domain::{
        intent::{Closing, State},
        ledger::Account,
    },
    store,
};

const KEY: &str = "k&7:secret";

struct Shop {
    world: World,
    merchant: Merchant,
}

impl Shop {
    fn new(database: &sql::Database) -> Self {
        let world = World::new(database.clone());
        let merchant = Merchant::new(world.desk.clone(), database.clone(), Settings::default(), KEY);
        Self { world, merchant }
    }

    async fn raw(&self, key: &str, body: &[u8]) -> Vec<u8> {
        let basic = format!("Basic {}", STANDARD.encode(format!("Paycom:{key}")));
        self.merchant.answer(&Method::POST, Some(&basic), body).await
    }

    async fn call(&self, method: &str, params: Value) -> Value {
        let body = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params});
        serde_json::from_slice(&self.raw(KEY, body.to_string().as_bytes()).await).unwrap()
    }

    /// Calls twice, with time in between, and demands the same bytes.
    async fn twice(&self, method: &str, params: Value) -> Value {
        let body = json!({"jsonrpc": "2.0", "id": 9, "method": method, "params": params}).to_string();
        let first = self.raw(KEY, body.as_bytes()).await;
        self.world.clock.advance(Duration::from_secs(61));
        assert_eq!(self.raw(KEY, body.as_bytes()).await, first);
        serde_json::from_slice(&first).unwrap()
    }

    fn create(&self, id: &str, intent: IntentId, amount: i64) -> Value {
        let time = self.world.clock.now().millis();
        json!({"id": id, "time": time, "amount": amount, "account": {"order_id": intent.to_string()}})
    }
}

fn code(answer: &Value) -> i64 {
    answer["error"]["code"].as_i64().unwrap_or_default()
}

#[tokio::test]
async fn a_payment_goes_through_and_every_repeat_gets_the_same_bytes() {
    for database in databases().await.iter() {
        let shop = Shop::new(database);
        let intent = shop.world.intent(4_120_000).await;
        let account = json!({"order_id": intent.id.to_string()});
        let asked = shop.call("CheckPerformTransaction", json!({"amount": 4_120_000, "account": account})).await;
        assert_eq!(asked["result"]["allow"], true);
        let created = shop.twice("CreateTransaction", shop.create("t1", intent.id, 4_120_000)).await;
        assert_eq!(created["result"]["state"], 1);
        let performed = shop.twice("PerformTransaction", json!({"id": "t1"})).await;
        assert_eq!(performed["result"]["state"], 2);
        assert_eq!(performed["result"]["transaction"], created["result"]["transaction"]);
        let checked = shop.call("CheckTransaction", json!({"id": "t1"})).await;
        assert_eq!(checked["result"]["perform_time"], performed["result"]["perform_time"]);
        assert_eq!(checked["result"]["reason"], Value::Null);
        assert_eq!(shop.world.events().await, ["intent-captured"]);
        assert_eq!(shop.world.balance(&Account::Agency("land".into())).await, 1_236_000);
        let late = shop.call("CreateTransaction", shop.create("t2", intent.id, 4_120_000)).await;
        assert_eq!((code(&late), &late["error"]["data"]), (-31_051, &json!("order_id")));
    }
}

#[tokio::test]
async fn what_does_not_fit_is_refused_and_recorded() {
    for database in databases().await.iter() {
        let shop = Shop::new(database);
        let intent = shop.world.intent(500).await;
        let body = json!({"id": 1, "method": "CheckTransaction", "params": {"id": "t"}}).to_string();
        let refused = |bytes: Vec<u8>| code(&serde_json::from_slice(&bytes).unwrap());
        assert_eq!(refused(shop.raw("wrong", body.as_bytes()).await), -32_504);
        assert_eq!(refused(shop.merchant.answer(&Method::POST, None, body.as_bytes()).await), -32_504);
        assert_eq!(refused(shop.merchant.answer(&Method::GET, None, b"").await), -32_300);
        assert_eq!(refused(shop.raw(KEY, b"{\"id\":1,").await), -32_700);
        assert_eq!(refused(shop.raw(KEY, b"{\"id\":1}").await), -32_600);
        assert_eq!(code(&shop.call("Steal", json!({})).await), -32_601);
        assert_eq!(code(&shop.call("CheckTransaction", json!({"id": "none"})).await), -31_003);
        assert_eq!(code(&shop.call("CreateTransaction", shop.create("t", intent.id, 499)).await), -31_001);
        let unknown = IntentId::from_bytes([9; 16]);
        assert_eq!(code(&shop.call("CreateTransaction", shop.create("t", unknown, 500)).await), -31_050);
        let order = intent.id.to_string();
        let doubled = format!(
            "{{\"id\":1,\"method\":\"CheckPerformTransaction\",\"params\":{{\"amount\":1,\"amount\":500,\"account\":{{\"order_id\":\"{order}\"}}}}}}"
        );
        assert_eq!(refused(shop.raw(KEY, doubled.as_bytes()).await), -32_600);
        let float = json!({"amount": 500.0, "account": {"order_id": order}});
        assert_eq!(code(&shop.call("CheckPerformTransaction", float).await), -32_600);
        let mut tx = shop.world.database.read().await.unwrap();
        let outcomes = store::callbacks::outcomes(&mut tx, "payme").await.unwrap();
        assert_eq!(outcomes.len(), 8);
        assert_eq!(outcomes[4].1, "payment.amount-mismatch");
        assert!(outcomes.iter().all(|(_, outcome)| outcome != "answered"));
    }
}

#[tokio::test]
async fn strangers_are_counted_by_the_hour_and_write_no_rows_of_their_own() {
    for database in databases().await.iter() {
        let shop = Shop::new(database);
        for call in 0..25_u8 {
            let body = [call];
            let call = || shop.raw("wrong", &body);
            // At the same time: what comes during a write adds up.
            tokio::join!(call(), call(), call(), call());
        }
        shop.merchant.answer(&Method::GET, None, b"").await;
        shop.world.clock.advance(Duration::from_secs(3600));
        shop.raw("wrong", b"later").await;
        let mut tx = shop.world.database.read().await.unwrap();
        let counted = store::strangers::counts(&mut tx, "payme").await.unwrap();
        let expected = [("payment.callback-key", 100), ("payment.callback-malformed", 1), ("payment.callback-key", 1)];
        assert_eq!(counted, expected.map(|(outcome, calls)| (outcome.to_owned(), calls)));
        assert!(store::callbacks::outcomes(&mut tx, "payme").await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn one_transaction_at_a_time_and_a_new_one_after_a_decline() {
    for database in databases().await.iter() {
        let shop = Shop::new(database);
        let intent = shop.world.intent(500).await;
        shop.call("CreateTransaction", shop.create("t1", intent.id, 500)).await;
        assert_eq!(code(&shop.call("CreateTransaction", shop.create("t2", intent.id, 500)).await), -31_050);
        let other = shop.world.intent(500).await;
        assert_eq!(code(&shop.call("CreateTransaction", shop.create("t1", other.id, 500)).await), -31_050);
        let declined = shop.twice("CancelTransaction", json!({"id": "t1", "reason": 2})).await;
        assert_eq!(declined["result"]["state"], -1);
        assert_eq!(code(&shop.call("PerformTransaction", json!({"id": "t1"})).await), -31_008);
        let created = shop.call("CreateTransaction", shop.create("t2", intent.id, 500)).await;
        assert_eq!(created["result"]["state"], 1);
        assert_eq!(shop.world.state(intent.id).await, State::Open);
    }
}

#[tokio::test]
async fn a_transaction_older_than_twelve_hours_is_cancelled_and_a_waiting_close_gets_its_verdict() {
    for database in databases().await.iter() {
        let shop = Shop::new(database);
        let intent = shop.world.intent(500).await;
        shop.call("CreateTransaction", shop.create("t1", intent.id, 500)).await;
        let mut tx = shop.world.database.begin().await.unwrap();
        shop.world.desk.close(&mut tx, intent.id, Closing::Lapse).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(shop.world.state(intent.id).await, State::Open);
        shop.world.clock.advance(Duration::from_secs(43_200));
        assert_eq!(code(&shop.call("PerformTransaction", json!({"id": "t1"})).await), -31_008);
        let checked = shop.call("CheckTransaction", json!({"id": "t1"})).await;
        assert_eq!((&checked["result"]["state"], &checked["result"]["reason"]), (&json!(-1), &json!(4)));
        assert_eq!(shop.world.state(intent.id).await, State::Expired);
        assert_eq!(shop.world.events().await, ["intent-closed"]);
        assert_eq!(code(&shop.call("CreateTransaction", shop.create("t2", intent.id, 500)).await), -31_052);
    }
}

#[tokio::test]
async fn captured_money_goes_back_only_on_our_own_refund() {
    for database in databases().await.iter() {
        let shop = Shop::new(database);
        let intent = shop.world.intent(500).await;
        shop.call("CreateTransaction", shop.create("t1", intent.id, 500)).await;
        shop.call("PerformTransaction", json!({"id": "t1"})).await;
        let cancel = json!({"id": "t1", "reason": 5});
        assert_eq!(code(&shop.call("CancelTransaction", cancel.clone()).await), -31_007);
        let mut tx = shop.world.database.begin().await.unwrap();
        shop.world.desk.refund(&mut tx, intent.id, Wish::Everything, "refused").await.unwrap().unwrap();
        tx.commit().await.unwrap();
        let reversed = shop.twice("CancelTransaction", cancel).await;
        assert_eq!(reversed["result"]["state"], -2);
        assert_eq!(shop.world.events().await, ["intent-captured", "refund-settled"]);
        for account in [Account::RefundsPayable, Account::Agency("justice".into())] {
            assert_eq!(shop.world.balance(&account).await, 0);
        }
        let statement = shop.call("GetStatement", json!({"from": 0, "to": i64::MAX / 1_000_000})).await;
        let rows = statement["result"]["transactions"].as_array().unwrap();
        assert_eq!((rows.len(), &rows[0]["state"], &rows[0]["id"]), (1, &json!(-2), &json!("t1")));
        assert_eq!(rows[0]["account"]["order_id"], intent.id.to_string());
        let fiscal = json!({"id": "t1", "type": "PERFORM", "fiscal_data": {"receipt_id": 7}});
        assert_eq!(shop.twice("SetFiscalData", fiscal).await["result"]["success"], true);
    }
}
