//! The tester's hand: what the next payments do, the flow of time, and what was said so far.

use std::{sync::Arc, time::Duration};

use axum::{Json, extract::State};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Payme, pay,
    receipt::{Failure, state},
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// Failures of the next payments, one each.
    #[serde(default)]
    next: Vec<Failure>,
    /// Seconds by which Payme's clock is put forward.
    #[serde(default)]
    advance_s: u64,
    /// Complete every payment that is late now.
    #[serde(default)]
    complete: bool,
}

pub async fn show(State(payme): State<Arc<Payme>>) -> Json<Value> {
    let receipts: Vec<_> = payme.receipts().values().cloned().collect();
    let planned: Vec<_> = payme.planned().iter().copied().collect();
    Json(json!({"now_ms": payme.now_ms(), "planned": planned, "receipts": receipts}))
}

pub async fn change(State(payme): State<Arc<Payme>>, Json(change): Json<Change>) -> Json<Value> {
    payme.planned().extend(change.next);
    payme.clock.shift(Duration::from_secs(change.advance_s));
    if change.complete {
        let late: Vec<String> = payme
            .receipts()
            .values()
            .filter(|receipt| receipt.state == state::WITHDRAWING && receipt.failure.is_late())
            .map(|receipt| receipt.id.clone())
            .collect();
        for id in late {
            pay::complete(&payme, &id).await;
        }
    }
    show(State(payme)).await
}
