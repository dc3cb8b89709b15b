//! The methods of the Merchant API over the desk. Answers that change something are stored and repeated byte for byte.

use kernel::{IntentId, Time};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    NAME, REASON_TIMEOUT, errors,
    merchant::{Halt, Merchant},
    rpc,
};
use crate::{
    desk::Hold,
    domain::{
        attempt::{Attempt, Happening, State},
        intent::Intent,
        provider::{Refused, Stop},
    },
    store::{
        self,
        answers::{self, Call},
    },
};

const CREATE: &str = "CreateTransaction";
const PERFORM: &str = "PerformTransaction";
const CANCEL: &str = "CancelTransaction";
/// A transaction can end twice only if the provider debited after we let it go: each end has its own answer.
const REVERSE: &str = "CancelTransaction after payment";
const TRANSACTION_BYTES_MAX: usize = 64;

impl From<Stop> for Halt {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::Refused(refused) => Self::Refused(refused),
            Stop::Failed(failure) => Self::Failed(failure),
        }
    }
}

impl From<kernel::Failure> for Halt {
    fn from(failure: kernel::Failure) -> Self {
        Self::Failed(failure)
    }
}

type Answer = Result<Vec<u8>, Halt>;

#[derive(Deserialize)]
struct Check {
    amount: i64,
    account: Account,
}

#[derive(Deserialize)]
struct Create {
    id: String,
    time: i64,
    amount: i64,
    account: Account,
}

#[derive(Deserialize)]
struct Account {
    #[serde(default)]
    order_id: Value,
}

#[derive(Deserialize)]
struct Named {
    id: String,
}

#[derive(Deserialize)]
struct Cancel {
    id: String,
    reason: i64,
}

#[derive(Deserialize)]
struct Statement {
    from: i64,
    to: i64,
}

#[derive(Deserialize)]
struct FiscalData {
    id: String,
    #[serde(rename = "type")]
    kind: String,
    fiscal_data: serde_json::Map<String, Value>,
}

pub(super) async fn call(merchant: &Merchant, tx: &mut sql::Tx, method: &str, body: &[u8]) -> Answer {
    match method {
        "CheckPerformTransaction" => check_perform(merchant, tx, read(body)?).await,
        CREATE => create(merchant, tx, read(body)?).await,
        PERFORM => perform(merchant, tx, read(body)?).await,
        CANCEL => cancel(merchant, tx, read(body)?).await,
        "CheckTransaction" => check(merchant, tx, read(body)?).await,
        "GetStatement" => statement(tx, read(body)?).await,
        "SetFiscalData" => {
            let data = rpc::params(body).ok_or(Halt::Protocol(errors::FISCAL_FIELDS, None))?;
            fiscal(merchant, tx, data).await
        }
        _ => Err(Halt::Protocol(errors::METHOD, Some(method.to_owned()))),
    }
}

fn read<P: serde::de::DeserializeOwned>(body: &[u8]) -> Result<P, Halt> {
    rpc::params(body).ok_or(Halt::Protocol(errors::FIELDS, None))
}

/// The transaction a call is about, for its record.
pub(super) fn transaction(body: &[u8]) -> String {
    rpc::params::<Named>(body).map(|named| named.id).filter(|id| id.len() <= TRANSACTION_BYTES_MAX).unwrap_or_default()
}

fn order(account: &Account) -> Result<IntentId, Halt> {
    let id = account.order_id.as_str().and_then(|text| text.parse().ok());
    id.ok_or(Halt::Refused(Refused::UnknownOrder))
}

async fn check_perform(merchant: &Merchant, tx: &mut sql::Tx, params: Check) -> Answer {
    let intent = merchant.desk.check(tx, order(&params.account)?, params.amount).await?;
    let mut result = json!({"allow": true});
    if let Some(detail) = fiscal_detail(merchant, &intent) {
        result["detail"] = detail;
    }
    Ok(result.to_string().into_bytes())
}

fn fiscal_detail(merchant: &Merchant, intent: &Intent) -> Option<Value> {
    let fiscal = merchant.settings.fiscal.as_ref()?;
    Some(json!({
        "receipt_type": 0,
        "items": [{
            "title": fiscal.title,
            "price": intent.amount.minor,
            "count": 1,
            "code": fiscal.code,
            "package_code": fiscal.package_code,
            "vat_percent": fiscal.vat_percent,
        }],
    }))
}

async fn create(merchant: &Merchant, tx: &mut sql::Tx, params: Create) -> Answer {
    if params.id.is_empty() || params.id.len() > TRANSACTION_BYTES_MAX {
        return Err(Halt::Protocol(errors::FIELDS, None));
    }
    let desk = &merchant.desk;
    let intent = order(&params.account)?;
    // Locked before the look-up: the second of two equal calls waits for the first and then finds its transaction.
    let mut held = store::intents::lock(tx, intent).await?.ok_or(Halt::Refused(Refused::UnknownOrder))?;
    let known = store::attempts::by_transaction(tx, NAME, &params.id).await?;
    if let Some(mut attempt) = known {
        if attempt.intent != intent {
            return Err(Halt::Refused(Refused::UnknownOrder));
        }
        if attempt.amount != params.amount {
            return Err(Halt::Refused(Refused::Amount));
        }
        if !attempt.state.may_capture() {
            return Err(Halt::Refused(Refused::State));
        }
        expire(merchant, tx, &mut held, &mut attempt).await?;
        return repeat(tx, &attempt, CREATE, created(&attempt), desk.now()).await;
    }
    let hold = Hold {
        provider: NAME,
        transaction: &params.id,
        time: Time::from_millis(params.time),
        intent,
        amount: params.amount,
    };
    let attempt = desk.hold(tx, &hold).await?;
    repeat(tx, &attempt, CREATE, created(&attempt), desk.now()).await
}

async fn perform(merchant: &Merchant, tx: &mut sql::Tx, params: Named) -> Answer {
    let desk = &merchant.desk;
    let (mut intent, mut attempt) = desk.locked(tx, NAME, &params.id).await?;
    match attempt.state {
        State::Paid => {}
        State::Held | State::Unknown => {
            expire(merchant, tx, &mut intent, &mut attempt).await?;
            desk.capture(tx, &mut intent, &mut attempt).await?;
        }
        State::Created | State::Declined | State::Cancelled | State::Reversed => {
            return Err(Halt::Refused(Refused::State));
        }
    }
    let result = json!({
        "transaction": attempt.id.to_string(),
        "perform_time": millis(attempt.paid),
        "state": 2,
    });
    repeat(tx, &attempt, PERFORM, result, desk.now()).await
}

async fn cancel(merchant: &Merchant, tx: &mut sql::Tx, params: Cancel) -> Answer {
    let desk = &merchant.desk;
    let (mut intent, mut attempt) = desk.locked(tx, NAME, &params.id).await?;
    match attempt.state {
        State::Held | State::Unknown => {
            // 2 and 3: the debit failed; everything else is a change of mind or a timeout.
            let how = match params.reason {
                2 | 3 => Happening::Decline,
                _ => Happening::Cancel,
            };
            desk.release(tx, &mut intent, &mut attempt, how, params.reason).await?;
        }
        State::Paid => {
            // Money of a captured intent goes back on our own order only, never on somebody's press in a cabinet.
            let refund = store::refunds::reversing(tx, attempt.id, attempt.amount).await?;
            let mut refund = refund.ok_or(Halt::Refused(Refused::NotRefundable))?;
            desk.settle_refund(tx, &intent, &mut attempt, &mut refund, params.reason).await?;
        }
        State::Cancelled | State::Declined | State::Reversed => {}
        State::Created => return Err(Halt::Refused(Refused::State)),
    }
    let result = json!({
        "transaction": attempt.id.to_string(),
        "cancel_time": millis(attempt.ended),
        "state": state(&attempt),
    });
    let method = match attempt.state {
        State::Reversed => REVERSE,
        _ => CANCEL,
    };
    repeat(tx, &attempt, method, result, desk.now()).await
}

async fn check(merchant: &Merchant, tx: &mut sql::Tx, params: Named) -> Answer {
    let (_, attempt) = merchant.desk.locked(tx, NAME, &params.id).await?;
    Ok(times(&attempt).to_string().into_bytes())
}

async fn statement(tx: &mut sql::Tx, params: Statement) -> Answer {
    let (from, to) = (Time::from_millis(params.from), Time::from_millis(params.to));
    let attempts = store::attempts::statement(tx, NAME, from, to).await?;
    let rows = attempts.iter().map(|attempt| {
        let mut row = times(attempt);
        row["id"] = json!(attempt.transaction);
        row["time"] = json!(attempt.provider_time.millis());
        row["amount"] = json!(attempt.amount);
        row["account"] = json!({"order_id": attempt.intent.to_string()});
        row
    });
    let rows: Vec<Value> = rows.collect();
    Ok(json!({"transactions": rows}).to_string().into_bytes())
}

async fn fiscal(merchant: &Merchant, tx: &mut sql::Tx, params: FiscalData) -> Answer {
    if !matches!(params.kind.as_str(), "PERFORM" | "CANCEL") {
        return Err(Halt::Protocol(errors::FISCAL_FIELDS, None));
    }
    let known = store::attempts::by_transaction(tx, NAME, &params.id).await?;
    if known.is_none() {
        return Err(Halt::Protocol(errors::FISCAL_NOT_FOUND, None));
    }
    let call = Call { provider: NAME, transaction: &params.id, method: &params.kind };
    let data = Value::Object(params.fiscal_data).to_string();
    answers::keep_fiscal(tx, call, data.as_bytes(), merchant.desk.now()).await?;
    Ok(json!({"success": true}).to_string().into_bytes())
}

/// A transaction that outlived its twelve hours is cancelled where it is met; the caller is told that its state forbids.
async fn expire(merchant: &Merchant, tx: &mut sql::Tx, intent: &mut Intent, attempt: &mut Attempt) -> Result<(), Halt> {
    let desk = &merchant.desk;
    let held = attempt.held.unwrap_or(attempt.created);
    let ends = desk.provider(NAME)?.hold_ends(attempt.provider_time, held);
    if attempt.state != State::Held || desk.now() < ends {
        return Ok(());
    }
    desk.release(tx, intent, attempt, Happening::Cancel, REASON_TIMEOUT).await?;
    Err(Halt::Refused(Refused::TimedOut))
}

/// The stored answer, or this one, which is then stored.
async fn repeat(tx: &mut sql::Tx, attempt: &Attempt, method: &str, result: Value, now: Time) -> Answer {
    let call = Call { provider: NAME, transaction: attempt.transaction.as_deref().unwrap_or_default(), method };
    if let Some(stored) = answers::recall(tx, call).await? {
        return Ok(stored);
    }
    let answer = result.to_string().into_bytes();
    answers::keep(tx, call, &answer, now).await?;
    Ok(answer)
}

fn created(attempt: &Attempt) -> Value {
    json!({
        "create_time": millis(attempt.held),
        "transaction": attempt.id.to_string(),
        "state": 1,
    })
}

fn times(attempt: &Attempt) -> Value {
    let state = state(attempt);
    let over = state < 0;
    json!({
        "create_time": millis(attempt.held),
        "perform_time": millis(attempt.paid),
        "cancel_time": if over { millis(attempt.ended) } else { 0 },
        "transaction": attempt.id.to_string(),
        "state": state,
        "reason": attempt.reason.filter(|_| over),
    })
}

fn state(attempt: &Attempt) -> i64 {
    match attempt.state {
        State::Created | State::Held | State::Unknown => 1,
        State::Paid => 2,
        State::Cancelled | State::Declined => -1,
        State::Reversed => -2,
    }
}

fn millis(time: Option<Time>) -> i64 {
    time.map_or(0, Time::millis)
}
