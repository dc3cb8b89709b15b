//! Gives money back: books it as owed at once, orders it from the provider, and settles when the provider confirms.

use kernel::{Failure, IntentId, RefundId};

use super::{Desk, unknown_intent};
use crate::{
    domain::{
        attempt::{self, Attempt},
        intent::{self, Intent, Share},
        ledger::{self, Account},
        provider::{RefundCapability, Stop},
        refund::{self, Refund, State},
        till::CASH,
    },
    store::{self, findings::Finding, ledger::Cause},
};

/// How much goes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// Everything captured and not yet refunded; nothing when there is nothing.
    Everything,
    /// Tiyin.
    Exactly(i64),
}

impl Desk {
    /// Books a refund. Two requests at once cannot give back more than there is: both lock the intent, and what each
    /// may take is what the ledger says is left. `None`: there was nothing to give back.
    pub async fn refund(
        &self,
        tx: &mut sql::Tx,
        id: IntentId,
        wish: Wish,
        reason: &str,
    ) -> Result<Option<Refund>, Failure> {
        let intent = store::intents::lock(tx, id).await?.ok_or_else(unknown_intent)?;
        let held = store::ledger::held_by_agencies(tx, id).await?;
        let left: i64 = held.iter().map(|share| share.amount).sum();
        let amount = match wish {
            Wish::Everything => left,
            Wish::Exactly(amount) => amount,
        };
        if amount == left {
            // Whatever was refused before goes back now, or is back.
            store::refused::forget(tx, id).await?;
        }
        if wish == Wish::Everything && left == 0 {
            return Ok(None);
        }
        let parts = refund::parts(amount, &held)?;
        let paid = paid_by(tx, id).await?;
        let refund = self.new_refund((id, &paid), amount, reason, false);
        self.book(tx, &intent, &paid, refund, &ledger::refund_owed(&parts)).await.map(Some)
    }

    pub(super) fn new_refund(
        &self,
        (intent, attempt): (IntentId, &Attempt),
        amount: i64,
        reason: &str,
        late: bool,
    ) -> Refund {
        Refund {
            id: RefundId::new(&*self.clock, &*self.random),
            intent,
            attempt: attempt.id,
            amount,
            state: State::Requested,
            reason: reason.to_owned(),
            from_suspense: late,
            tries: 0,
            created: self.now(),
            settled: None,
        }
    }

    pub(super) async fn book(
        &self,
        tx: &mut sql::Tx,
        intent: &Intent,
        attempt: &Attempt,
        mut refund: Refund,
        postings: &[ledger::Posting],
    ) -> Result<Refund, Failure> {
        let now = self.now();
        let whole = refund.amount == attempt.amount;
        let possible = match self.refunds_of(&attempt.provider)? {
            RefundCapability::None => false,
            RefundCapability::FullOnly => whole,
            RefundCapability::Partial => true,
        };
        if !possible {
            refund.state = State::ByHand;
        }
        store::refunds::insert(tx, &refund, possible.then_some(now)).await?;
        let cause = Cause { intent: intent.id, attempt: attempt.id, refund: Some(refund.id), time: now };
        store::ledger::post(tx, cause, postings).await?;
        self.record(tx, intent, "payment.refund-booked", refund.amount).await?;
        if !possible {
            self.by_hand(tx, intent, &refund).await?;
        }
        Ok(refund)
    }

    /// No provider gives cash back: what no counter reversed, the treasury pays.
    fn refunds_of(&self, provider: &str) -> Result<RefundCapability, Failure> {
        match provider {
            CASH => Ok(RefundCapability::None),
            provider => Ok(self.provider(provider)?.capabilities().refund),
        }
    }

    /// The provider will not do it: the money stays owed, and a person pays it out.
    pub async fn give_up_refund(&self, tx: &mut sql::Tx, intent: &Intent, refund: &mut Refund) -> Result<(), Failure> {
        refund.state = State::ByHand;
        store::refunds::update(tx, refund, None, None).await?;
        // As when it is settled: what came for one intent may have paid another.
        let other = if refund.intent == intent.id { None } else { store::intents::find(tx, refund.intent).await? };
        self.by_hand(tx, other.as_ref().unwrap_or(intent), refund).await
    }

    async fn by_hand(&self, tx: &mut sql::Tx, intent: &Intent, refund: &Refund) -> Result<(), Failure> {
        store::findings::record(tx, &owed_by_hand(refund), &intent.case, self.now()).await?;
        Ok(())
    }

    /// The provider gave the money back. Settling twice changes nothing.
    pub async fn settle_refund(
        &self,
        tx: &mut sql::Tx,
        intent: &Intent,
        attempt: &mut Attempt,
        refund: &mut Refund,
        reason: i64,
    ) -> Result<(), Stop> {
        if refund.state == State::Settled {
            return Ok(());
        }
        let now = self.now();
        // What came for one intent may have paid another: then it is that one's case that hears of it.
        let other = if refund.intent == intent.id { None } else { store::intents::lock(tx, refund.intent).await? };
        let intent = other.as_ref().unwrap_or(intent);
        if refund.amount == attempt.amount && attempt.happen(attempt::Happening::Reverse, now).is_ok() {
            attempt.reason = Some(reason);
            store::attempts::update(tx, attempt).await?;
        }
        refund.state = State::Settled;
        store::refunds::update(tx, refund, None, Some(now)).await?;
        let cause = Cause { intent: intent.id, attempt: attempt.id, refund: Some(refund.id), time: now };
        let postings = ledger::refund_paid(&attempt.provider, refund.amount);
        store::ledger::post(tx, cause, &postings).await?;
        self.tell_settled(tx, intent, refund).await?;
        Ok(())
    }

    /// What came by mistake never reached the case, so its way back does not concern it either.
    pub(super) async fn tell_settled(&self, tx: &mut sql::Tx, intent: &Intent, refund: &Refund) -> Result<(), Failure> {
        self.give_receipt(tx, intent, Some(refund.id), refund.amount).await?;
        self.record(tx, intent, "payment.refund-settled", refund.amount).await?;
        if !refund.from_suspense {
            self.announce_refunded(tx, intent, refund.id, refund.amount).await?;
        }
        Ok(())
    }

    /// What is left of an intent's money, by holder.
    pub async fn left(&self, tx: &mut sql::Tx, id: IntentId) -> Result<Vec<Share>, Failure> {
        store::ledger::held_by_agencies(tx, id).await
    }

    /// Owed to people and not yet paid back, over everything.
    pub async fn refunds_payable(&self, tx: &mut sql::Tx) -> Result<i64, Failure> {
        let balances = store::ledger::balances(tx, None).await?;
        let payable = balances.into_iter().find(|(account, _)| *account == Account::RefundsPayable);
        Ok(payable.map_or(0, |(_, amount)| amount))
    }
}

/// The attempt whose money decided the intent: one that waited in suspense, or the first of its own. A later one went to suspense.
async fn paid_by(tx: &mut sql::Tx, id: IntentId) -> Result<Attempt, Failure> {
    let attached = match store::suspense::attached_to(tx, id).await? {
        Some(attempt) => store::attempts::find(tx, attempt).await?,
        None => None,
    };
    if let Some(attempt) = attached {
        return Ok(attempt);
    }
    let own = store::attempts::of_intent(tx, id).await?;
    let paid = own.into_iter().filter(|attempt| attempt.state == attempt::State::Paid);
    paid.min_by_key(|attempt| attempt.paid)
        .ok_or_else(|| intent::unreadable("a captured intent without its paid attempt"))
}

/// The finding about money that a person has to pay out.
pub(super) fn owed_by_hand(refund: &Refund) -> Finding<'static> {
    Finding {
        code: "payment.refund-by-hand",
        intent: refund.intent,
        about: refund.id.to_vec(),
        amount: refund.amount,
        repaired: false,
        note: "the provider cannot give this amount back; it is owed and must be paid out",
    }
}
