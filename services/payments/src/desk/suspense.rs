//! Money that nobody is owed: it waits in suspense, goes back to the payer, or pays a payment that it belongs to.

use std::collections::BTreeSet;

use kernel::{AttemptId, Failure, IntentId};

use super::{Desk, unknown_intent};
use crate::{
    domain::{
        attempt::Attempt,
        intent::{Happening, Intent, unreadable},
        ledger,
        refund::Refund,
        suspense::{self, Suspense},
    },
    store::{self, findings::Finding, ledger::Cause},
};

impl Desk {
    /// The posting is made; what follows from it is that the money waits, or goes back at once where nothing is kept.
    pub(super) async fn set_aside(&self, tx: &mut sql::Tx, intent: &Intent, attempt: &Attempt) -> Result<(), Failure> {
        let now = self.now();
        let item = Suspense {
            attempt: attempt.id,
            intent: intent.id,
            agency: intent.case.agency.clone(),
            amount: attempt.amount,
            reason: intent.state,
            since: now,
            due: Some(now.plus(self.keep_suspense)),
        };
        store::suspense::insert(tx, &item).await?;
        self.record(tx, intent, "payment.suspended", item.amount).await?;
        let finding = Finding {
            code: "payment.money-after-close",
            intent: intent.id,
            about: attempt.id.to_vec(),
            amount: attempt.amount,
            repaired: true,
            note: "money arrived for a payment that was already decided; it goes back unless it is attached to another",
        };
        store::findings::record(tx, &finding, &intent.case, now).await?;
        if self.keep_suspense.is_zero() {
            self.give_back_suspense(tx, (intent, attempt), "late").await?;
        }
        Ok(())
    }

    /// Its time is over and nobody found anything else to do with it. `None`: somebody did meanwhile.
    pub async fn return_late(&self, tx: &mut sql::Tx, id: AttemptId) -> Result<Option<Refund>, Failure> {
        let (intent, attempt, item) = self.suspended(tx, id, None).await?;
        if item.due.is_none() {
            return Ok(None);
        }
        store::instructions::lapse(tx, &item, self.now()).await?;
        self.give_back_suspense(tx, (&intent, &attempt), "late").await.map(Some)
    }

    /// Two persons say that it goes back now.
    pub(super) async fn return_suspense(
        &self,
        tx: &mut sql::Tx,
        id: AttemptId,
        reason: &str,
    ) -> Result<Refund, Failure> {
        let (intent, attempt, item) = self.suspended(tx, id, None).await?;
        if item.due.is_none() {
            return Err(suspense::dealt_with());
        }
        self.give_back_suspense(tx, (&intent, &attempt), reason).await
    }

    async fn give_back_suspense(
        &self,
        tx: &mut sql::Tx,
        (intent, attempt): (&Intent, &Attempt),
        reason: &str,
    ) -> Result<Refund, Failure> {
        store::suspense::close(tx, attempt.id, None, self.now()).await?;
        let refund = self.new_refund((intent.id, attempt), attempt.amount, reason, true);
        self.book(tx, intent, attempt, refund, &ledger::refund_owed_from_suspense(attempt.amount)).await
    }

    /// Two persons say which open payment it belongs to: that one is paid, and what is above it goes back.
    pub(super) async fn attach(
        &self,
        tx: &mut sql::Tx,
        id: AttemptId,
        target: IntentId,
    ) -> Result<Option<Refund>, Failure> {
        let (intent, attempt, item) = self.suspended(tx, id, Some(target)).await?;
        let mut target = self.fitting(tx, &item, &intent, target).await?;
        let now = self.now();
        target.state = target.state.after(Happening::Capture).ok_or_else(|| unreadable("an open intent"))?;
        target.captured = Some(now);
        store::intents::update(tx, &target).await?;
        store::suspense::close(tx, id, Some(target.id), now).await?;
        let cause = Cause { intent: target.id, attempt: id, refund: None, time: now };
        store::ledger::post(tx, cause, &ledger::attached(&target.split)).await?;
        let begun = store::attempts::of_intent(tx, target.id).await?;
        self.abandon(tx, begun).await?;
        self.give_receipt(tx, &target, None, target.amount.minor).await?;
        self.announce_captured(tx, &target, now).await?;
        self.record(tx, &target, "payment.attached", target.amount.minor).await?;
        let extra = item.amount - target.amount.minor;
        if extra == 0 {
            return Ok(None);
        }
        let refund = self.new_refund((intent.id, &attempt), extra, "more-than-due", true);
        self.book(tx, &intent, &attempt, refund, &ledger::refund_owed_from_suspense(extra)).await.map(Some)
    }

    /// The payment that the money may pay. While a provider is at it, its word is waited for: nobody pays twice.
    pub(super) async fn fitting(
        &self,
        tx: &mut sql::Tx,
        item: &Suspense,
        came_for: &Intent,
        target: IntentId,
    ) -> Result<Intent, Failure> {
        let target = store::intents::find(tx, target).await?.ok_or_else(unknown_intent)?;
        suspense::fits(item, came_for.payer, &target, self.now())?;
        let attempts = store::attempts::of_intent(tx, target.id).await?;
        if attempts.iter().any(|attempt| attempt.state.may_capture()) {
            let message = "A provider is taking money for that payment just now. Wait for its word.";
            return Err(Failure::conflict("payment.in-progress", message));
        }
        Ok(target)
    }

    /// Locks the payment for which the money came, and the one that it is to pay, in one order for everybody; then reads what waits.
    async fn suspended(
        &self,
        tx: &mut sql::Tx,
        id: AttemptId,
        target: Option<IntentId>,
    ) -> Result<(Intent, Attempt, Suspense), Failure> {
        let seen = store::suspense::find(tx, id).await?.ok_or_else(suspense::unknown)?;
        for locked in [Some(seen.intent), target].into_iter().flatten().collect::<BTreeSet<_>>() {
            store::intents::lock(tx, locked).await?.ok_or_else(unknown_intent)?;
        }
        let intent = store::intents::find(tx, seen.intent).await?.ok_or_else(unknown_intent)?;
        let attempt = store::attempts::find(tx, id).await?.ok_or_else(suspense::unknown)?;
        let item = store::suspense::find(tx, id).await?.ok_or_else(suspense::unknown)?;
        Ok((intent, attempt, item))
    }
}
