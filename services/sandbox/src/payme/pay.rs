//! What happens when somebody presses a button on the page: check, create, debit, perform, as well or badly as planned.

use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use axum::{
    Form,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use kernel::{Hash, bytes};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Payme, TIMEOUT_MS,
    merchant::Answer,
    page,
    receipt::{Failure, Order, Receipt, state},
};

/// The debit failed.
const REASON_DEBIT: i64 = 2;
const REASON_EXECUTION: i64 = 3;
const REASON_TIMEOUT: i64 = 4;
const REASON_REFUND: i64 = 5;
/// How long the merchant is told again and again that it was paid.
const PURSUE: Duration = Duration::from_secs(2);

#[derive(Deserialize)]
pub struct Press {
    order: String,
    action: String,
    #[serde(default)]
    failure: Option<Failure>,
}

pub async fn pay(State(payme): State<Arc<Payme>>, Form(press): Form<Press>) -> Response {
    let Some(order) = Order::read(&press.order) else {
        return (StatusCode::BAD_REQUEST, page::broken()).into_response();
    };
    let planned = || payme.planned().pop_front();
    let chosen = press.failure.filter(|failure| *failure != Failure::None);
    let failure = match press.action.as_str() {
        "close" => return Redirect::to(&order.return_url).into_response(),
        "decline" => Failure::Decline,
        _ => chosen.or_else(planned).unwrap_or_default(),
    };
    let receipt = open(&payme, &order, failure);
    match run(&payme, &receipt).await {
        Ok(()) => Redirect::to(&order.return_url).into_response(),
        Err(answer) => page::refused(&order, &answer).into_response(),
    }
}

fn open(payme: &Payme, order: &Order, failure: Failure) -> Receipt {
    let unique = Hash::of(&bytes::<32>(&boot::OsRandom)).to_string();
    let receipt = Receipt {
        id: unique[..24].to_owned(),
        account: order.account.clone(),
        amount: order.amount,
        create_time: payme.now_ms(),
        state: state::CREATED,
        reason: None,
        failure,
        exchanges: Vec::new(),
    };
    payme.receipts().insert(receipt.id.clone(), receipt.clone());
    receipt
}

/// Ends in an answer of the merchant that a person has to see, or in nothing of the kind.
async fn run(payme: &Arc<Payme>, receipt: &Receipt) -> Result<(), Answer> {
    let (id, failure) = (receipt.id.as_str(), receipt.failure);
    let amount = if failure == Failure::OtherAmount { receipt.amount + 100 } else { receipt.amount };
    let order = json!({"amount": amount, "account": receipt.account});
    let checked = payme.call(id, failure, "CheckPerformTransaction", order).await;
    if !checked.is_result() {
        return Err(give_up(payme, id, checked));
    }
    payme.change(id, |receipt| receipt.state = state::CREATING);
    if failure == Failure::Reordered {
        payme.call(id, failure, "PerformTransaction", json!({"id": id})).await;
    }
    let created = create(payme, receipt, amount).await;
    if !created.is_result() {
        return Err(give_up(payme, id, created));
    }
    payme.change(id, |receipt| receipt.state = state::WITHDRAWING);
    match failure {
        Failure::Decline => {
            cancel(payme, id, REASON_DEBIT).await;
        }
        Failure::DebitWithoutCompletion => payme.change(id, |receipt| receipt.state = state::PAID),
        late if late.is_late() => {
            let (payme, id) = (Arc::clone(payme), id.to_owned());
            tokio::spawn(async move {
                tokio::time::sleep(Duration::from_secs(payme.settings.late_after_s)).await;
                complete(&payme, &id).await;
            });
        }
        _ => complete(payme, id).await,
    }
    if failure == Failure::Reordered {
        create(payme, receipt, amount).await;
    }
    Ok(())
}

async fn create(payme: &Payme, receipt: &Receipt, amount: i64) -> Answer {
    let params = json!({
        "id": receipt.id, "time": receipt.create_time, "amount": amount, "account": receipt.account,
    });
    payme.call(&receipt.id, receipt.failure, "CreateTransaction", params).await
}

/// The debit is done: the merchant is told until it answers; a merchant that refuses gets nothing.
pub(super) async fn complete(payme: &Arc<Payme>, id: &str) {
    let Some(receipt) = payme.receipt(id).filter(|receipt| receipt.state == state::WITHDRAWING) else { return };
    if receipt.failure == Failure::LateWithoutCompletion {
        return payme.change(id, |receipt| receipt.state = state::PAID);
    }
    payme.change(id, |receipt| receipt.state = state::CLOSING);
    let params = json!({"id": id});
    match payme.call(id, receipt.failure, "PerformTransaction", params.clone()).await {
        Answer::Result => payme.change(id, |receipt| receipt.state = state::PAID),
        Answer::Error(..) => {
            cancel(payme, id, REASON_EXECUTION).await;
        }
        Answer::Nothing => {
            let (payme, id) = (Arc::downgrade(payme), id.to_owned());
            tokio::spawn(async move { pursue(payme, id, params).await });
        }
    }
}

async fn pursue(payme: Weak<Payme>, id: String, params: Value) {
    loop {
        tokio::time::sleep(PURSUE).await;
        let Some(payme) = payme.upgrade() else { return };
        if payme.receipt(&id).is_none_or(|receipt| receipt.state != state::CLOSING) {
            return;
        }
        match payme.call(&id, Failure::None, "PerformTransaction", params.clone()).await {
            Answer::Result => return payme.change(&id, |receipt| receipt.state = state::PAID),
            Answer::Error(..) => {
                cancel(&payme, &id, REASON_EXECUTION).await;
                return;
            }
            Answer::Nothing => {}
        }
    }
}

/// Orders the merchant to cancel; true when it agreed.
async fn cancel(payme: &Payme, id: &str, reason: i64) -> bool {
    let answer = payme.call(id, Failure::None, "CancelTransaction", json!({"id": id, "reason": reason})).await;
    let agreed = answer.is_result();
    payme.change(id, |receipt| {
        if agreed || receipt.state < state::PAID {
            receipt.state = state::CANCELLED;
            receipt.reason = Some(reason);
        }
    });
    agreed
}

/// A merchant's own refund: the money goes back once the merchant has confirmed.
pub(super) async fn refund(payme: Weak<Payme>, id: String) {
    loop {
        {
            let Some(payme) = payme.upgrade() else { return };
            if payme.receipt(&id).is_none_or(|receipt| receipt.state != state::CANCELLING) {
                return;
            }
            let params = json!({"id": id, "reason": REASON_REFUND});
            match payme.call(&id, Failure::None, "CancelTransaction", params).await {
                Answer::Result => {
                    return payme.change(&id, |receipt| {
                        receipt.state = state::CANCELLED;
                        receipt.reason = Some(REASON_REFUND);
                    });
                }
                Answer::Error(..) => return payme.change(&id, |receipt| receipt.state = state::PAID),
                Answer::Nothing => {}
            }
        }
        tokio::time::sleep(PURSUE).await;
    }
}

fn give_up(payme: &Payme, id: &str, answer: Answer) -> Answer {
    payme.change(id, |receipt| receipt.state = state::CANCELLED);
    answer
}

/// Cancels what was created and not performed within twelve hours of Payme's own clock.
pub(super) async fn grow_old(payme: Weak<Payme>) {
    loop {
        {
            let Some(payme) = payme.upgrade() else { return };
            let oldest = payme.now_ms() - TIMEOUT_MS;
            let old: Vec<String> = payme
                .receipts()
                .values()
                .filter(|receipt| receipt.state == state::WITHDRAWING && receipt.create_time <= oldest)
                .map(|receipt| receipt.id.clone())
                .collect();
            for id in old {
                cancel(&payme, &id, REASON_TIMEOUT).await;
            }
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}
