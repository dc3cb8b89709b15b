//! Settles a refund that no provider makes, once two treasurers have said by which payment order it was paid.

use kernel::{Failure, PersonId, RefundId};

use super::{Desk, refund::owed_by_hand, unknown_intent, unknown_refund};
use crate::{
    domain::{
        intent::Intent,
        ledger,
        payout::{self, Entry, PaymentOrder},
        refund::{Refund, State},
    },
    store::{self, ledger::Cause, payouts::Act},
};

/// What a treasurer typed.
#[derive(Debug, Clone, Copy)]
pub struct Typed<'a> {
    pub number: &'a str,
    pub date: &'a str,
}

impl Desk {
    /// The first of two persons. What is entered again takes the place of what was entered before.
    pub async fn enter_payout(
        &self,
        tx: &mut sql::Tx,
        id: RefundId,
        typed: Typed<'_>,
        by: PersonId,
    ) -> Result<Refund, Failure> {
        let (intent, refund, order) = self.by_hand_locked(tx, id, typed).await?;
        let agency = &intent.case.agency;
        if store::payouts::is_used(tx, agency, &order).await? {
            return Err(used());
        }
        let entry = Entry { order, by };
        store::payouts::insert(tx, (id, agency), Act::Entered, &entry, self.now()).await?;
        self.note_payout(tx, &intent, "payment.payout-entered", &refund, &entry).await?;
        Ok(refund)
    }

    /// The second person: posting, finding, case and audit row in one transaction.
    pub async fn confirm_payout(
        &self,
        tx: &mut sql::Tx,
        id: RefundId,
        typed: Typed<'_>,
        by: PersonId,
    ) -> Result<Refund, Failure> {
        let (intent, mut refund, order) = self.by_hand_locked(tx, id, typed).await?;
        let entered = store::payouts::entered(tx, id).await?;
        payout::confirmable(entered.as_ref(), &order, by)?;
        let (now, entry) = (self.now(), Entry { order, by });
        if !store::payouts::insert(tx, (id, &intent.case.agency), Act::Confirmed, &entry, now).await? {
            return Err(used());
        }
        refund.state = State::Settled;
        store::refunds::update(tx, &refund, None, Some(now)).await?;
        let cause = Cause { intent: intent.id, attempt: refund.attempt, refund: Some(id), time: now };
        let postings = ledger::refund_paid_by_hand(&intent.case.agency, refund.amount);
        store::ledger::post(tx, cause, &postings).await?;
        store::findings::close(tx, &owed_by_hand(&refund), now).await?;
        self.note_payout(tx, &intent, "payment.payout-confirmed", &refund, &entry).await?;
        self.tell_settled(tx, &intent, &refund).await?;
        Ok(refund)
    }

    /// Locks the intent and reads the refund anew under that lock: of two who confirm at once, one settles.
    async fn by_hand_locked(
        &self,
        tx: &mut sql::Tx,
        id: RefundId,
        typed: Typed<'_>,
    ) -> Result<(Intent, Refund, PaymentOrder), Failure> {
        let seen = store::refunds::find(tx, id).await?.ok_or_else(unknown_refund)?;
        let intent = store::intents::lock(tx, seen.intent).await?.ok_or_else(unknown_intent)?;
        let refund = store::refunds::find(tx, id).await?.ok_or_else(unknown_refund)?;
        if refund.state != State::ByHand {
            let message = "This refund does not wait for a payment order. Look at the list of those that do.";
            return Err(Failure::conflict("payment.refund-not-by-hand", message));
        }
        let order = PaymentOrder::checked(typed.number, typed.date, refund.created, self.now())?;
        Ok((intent, refund, order))
    }

    async fn note_payout(
        &self,
        tx: &mut sql::Tx,
        intent: &Intent,
        name: &str,
        refund: &Refund,
        entry: &Entry,
    ) -> Result<(), Failure> {
        let detail = serde_json::json!({
            "case": intent.case.id, "refund": refund.id.to_string(), "amount": refund.amount, "currency": "UZS",
            "order": entry.order.number, "date": entry.order.date,
        });
        let act = sql::audit::Act {
            time: self.now(),
            actor: Some(entry.by),
            service_actor: None,
            act: name.into(),
            subject: intent.id.to_vec(),
            agency: intent.case.agency.clone(),
            purpose: None,
            detail: detail.to_string(),
        };
        Ok(sql::audit::append(tx, &act).await?)
    }
}

fn used() -> Failure {
    let message =
        "Another refund was settled with this payment order. One order pays one refund: look at its number and date.";
    Failure::conflict("payment.order-used", message)
}
