//! Holds, captures and ends a provider's transaction. The intent is locked first, so repeats and rivals take turns.

use std::time::Duration;

use kernel::{AttemptId, Failure, IntentId, Time};

use super::Desk;
use crate::{
    domain::{
        attempt::{self, Attempt},
        intent::{self, Intent},
        ledger,
        provider::{Refused, Stop},
    },
    store::{self, ledger::Cause},
};

/// How long we wait for the provider's next word before we ask.
const ASK_AFTER: Duration = Duration::from_secs(60);

/// A transaction as the provider opens it.
#[derive(Debug, Clone)]
pub struct Hold<'a> {
    pub provider: &'a str,
    pub transaction: &'a str,
    pub time: Time,
    pub intent: IntentId,
    /// Tiyin.
    pub amount: i64,
}

impl Desk {
    /// Whether money for this order would be taken now.
    pub async fn check(&self, tx: &mut sql::Tx, id: IntentId, amount: i64) -> Result<Intent, Stop> {
        let intent = store::intents::lock(tx, id).await?.ok_or(Refused::UnknownOrder)?;
        if intent.state == intent::State::Captured {
            return Err(Refused::AlreadyPaid.into());
        }
        if !intent.takes_money(self.now()) {
            return Err(Refused::Closed.into());
        }
        if intent.amount.minor != amount {
            return Err(Refused::Amount.into());
        }
        let attempts = store::attempts::of_intent(tx, id).await?;
        if attempts.iter().any(|attempt| attempt.state.may_capture()) {
            return Err(Refused::Busy.into());
        }
        Ok(intent)
    }

    /// Opens the provider's transaction. The caller has looked for the transaction's id before.
    pub async fn hold(&self, tx: &mut sql::Tx, hold: &Hold<'_>) -> Result<Attempt, Stop> {
        let intent = self.check(tx, hold.intent, hold.amount).await?;
        let now = self.now();
        let provider = self.provider(hold.provider)?;
        if now >= provider.hold_ends(hold.time, now) {
            return Err(Refused::TimedOut.into());
        }
        let begun = store::attempts::of_intent(tx, intent.id).await?;
        let waiting = begun
            .into_iter()
            .find(|attempt| attempt.state == attempt::State::Created && attempt.provider == hold.provider);
        // A provider's page can be opened again after a decline: that is another attempt of the same intent.
        let mut attempt = match waiting {
            Some(attempt) => attempt,
            None => self.open_attempt(tx, &intent, hold.provider).await?,
        };
        attempt.transaction = Some(hold.transaction.to_owned());
        attempt.provider_time = hold.time;
        attempt.happen(attempt::Happening::Hold, now).map_err(|_| Refused::State)?;
        store::attempts::update(tx, &attempt).await?;
        store::attempts::ask_at(tx, attempt.id, Some(now.plus(ASK_AFTER))).await?;
        Ok(attempt)
    }

    /// Locks the intent of a provider's transaction and reads the attempt anew under that lock.
    pub async fn locked(&self, tx: &mut sql::Tx, provider: &str, transaction: &str) -> Result<(Intent, Attempt), Stop> {
        let found = store::attempts::by_transaction(tx, provider, transaction).await?;
        let found = found.ok_or(Refused::UnknownTransaction)?;
        self.locked_attempt(tx, found.intent, found.id).await
    }

    pub(super) async fn locked_attempt(
        &self,
        tx: &mut sql::Tx,
        intent: IntentId,
        attempt: AttemptId,
    ) -> Result<(Intent, Attempt), Stop> {
        let intent = store::intents::lock(tx, intent).await?.ok_or(Refused::UnknownOrder)?;
        let attempt = store::attempts::find(tx, attempt).await?.ok_or(Refused::UnknownTransaction)?;
        Ok((intent, attempt))
    }

    /// The provider debited the payer. For an open intent that decides it; for a decided one the money goes to suspense, and
    /// from there back to the payer unless two finance officers find a payment that it belongs to.
    pub async fn capture(&self, tx: &mut sql::Tx, intent: &mut Intent, attempt: &mut Attempt) -> Result<(), Stop> {
        let now = self.now();
        attempt.happen(attempt::Happening::Capture, now).map_err(|_| Refused::State)?;
        store::attempts::update(tx, attempt).await?;
        store::attempts::ask_at(tx, attempt.id, None).await?;
        let cause = Cause { intent: intent.id, attempt: attempt.id, refund: None, time: now };
        match intent.state.after(intent::Happening::Capture) {
            Some(_) => {
                let postings = ledger::captured(&attempt.provider, &intent.split);
                self.paid(tx, intent, cause, &postings).await?;
            }
            None => {
                let postings = ledger::captured_late(&attempt.provider, attempt.amount);
                store::ledger::post(tx, cause, &postings).await?;
                self.set_aside(tx, intent, attempt).await?;
            }
        }
        Ok(())
    }

    /// The money of an open intent is there: it is booked, has its receipt, and the case hears of it.
    pub(super) async fn paid(
        &self,
        tx: &mut sql::Tx,
        intent: &mut Intent,
        cause: Cause,
        postings: &[ledger::Posting],
    ) -> Result<(), Failure> {
        let state = intent.state.after(intent::Happening::Capture);
        intent.state = state.ok_or_else(|| intent::unreadable("an open intent"))?;
        intent.closing = None;
        intent.captured = Some(cause.time);
        store::intents::update(tx, intent).await?;
        store::ledger::post(tx, cause, postings).await?;
        self.give_receipt(tx, intent, None, intent.amount.minor).await?;
        self.announce_captured(tx, intent, cause.time).await?;
        self.record(tx, intent, "payment.captured", intent.amount.minor).await
    }

    /// The transaction ended without money; a close that waited for it gets its verdict.
    pub async fn release(
        &self,
        tx: &mut sql::Tx,
        intent: &mut Intent,
        attempt: &mut Attempt,
        how: attempt::Happening,
        reason: i64,
    ) -> Result<(), Stop> {
        let now = self.now();
        attempt.happen(how, now).map_err(|_| Refused::State)?;
        attempt.reason = Some(reason);
        store::attempts::update(tx, attempt).await?;
        store::attempts::ask_at(tx, attempt.id, None).await?;
        self.settle_closing(tx, intent).await?;
        Ok(())
    }

    /// The provider may have debited without telling us: until it says so, nobody pays again.
    pub async fn doubt(&self, tx: &mut sql::Tx, attempt: &mut Attempt) -> Result<(), Stop> {
        attempt.happen(attempt::Happening::Doubt, self.now()).map_err(|_| Refused::State)?;
        store::attempts::update(tx, attempt).await?;
        Ok(())
    }

    pub(super) async fn record(
        &self,
        tx: &mut sql::Tx,
        intent: &Intent,
        act: &str,
        amount: i64,
    ) -> Result<(), Failure> {
        let act = sql::audit::Act {
            time: self.now(),
            actor: None,
            service_actor: Some("payments".into()),
            act: act.into(),
            subject: intent.id.to_vec(),
            agency: intent.case.agency.clone(),
            purpose: None,
            detail: serde_json::json!({"case": intent.case.id, "amount": amount, "currency": "UZS"}).to_string(),
        };
        Ok(sql::audit::append(tx, &act).await?)
    }
}
