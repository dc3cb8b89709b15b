//! Makes an intent: the amount comes from the admitted revision's fee, less what the case paid for the step before. What the
//! case paid above it goes back.

use std::collections::BTreeSet;

use kernel::{Failure, IntentId, Money, PersonId, Time};

use super::{Desk, Wish};
use crate::{
    domain::{
        intent::{Case, Happening, Intent, Share, State, unreadable},
        refund::Refund,
    },
    store,
};

/// What an e-service asks for.
#[derive(Debug, Clone)]
pub struct Order {
    pub case: Case,
    pub step: String,
    pub fee: String,
    pub number: String,
    pub payer: PersonId,
    pub representative: Option<PersonId>,
    pub expires: Option<Time>,
    /// Intents of the case whose money stays with it: only the difference is due.
    pub credit: Vec<IntentId>,
}

/// What the revision says is due, with the arithmetic that led to it.
#[derive(Debug, Clone)]
pub struct Price {
    pub amount: Money,
    /// Beneficiaries and their shares, in the revision's order.
    pub shares: Vec<(String, u32)>,
    /// JSON.
    pub arithmetic: serde_json::Value,
}

/// What asking for a fee came to.
#[derive(Debug, Clone)]
pub struct Made {
    pub intent: Intent,
    /// Of earlier intents: what they hold above the fee.
    pub refunds: Vec<Refund>,
}

/// Money that an earlier intent of the case brought and that was not given back.
struct Credit {
    intent: Intent,
    held: i64,
}

impl Desk {
    /// Exactly one of two things follows from what was paid before: something is due, or something goes back.
    pub async fn create(&self, tx: &mut sql::Tx, order: Order, price: Price) -> Result<Made, Failure> {
        let credits = self.credits(tx, &order).await?;
        let mut credit = Money::ZERO;
        for earlier in &credits {
            credit = credit.checked_add(Money::uzs(earlier.held))?;
        }
        let open = price.amount.checked_sub(credit)?.minor;
        let (due, excess) = (Money::uzs(open.max(0)), Money::uzs(open.min(0).saturating_neg()));
        let now = self.now();
        let split = split(due, &price.shares);
        let mut intent = Intent {
            id: IntentId::new(&*self.clock, &*self.random),
            case: order.case,
            step: order.step,
            fee: order.fee,
            number: order.number,
            payer: order.payer,
            representative: order.representative,
            amount: due,
            arithmetic: evidence(price.arithmetic, (credit, due, excess), &split),
            split,
            state: State::Open,
            closing: None,
            expires: order.expires,
            created: now,
            captured: None,
        };
        // Nothing is due: waived, or what was paid before covers it. No provider ever sees such an intent.
        if due.is_zero() {
            intent.state = intent.state.after(Happening::Waive).ok_or_else(|| unreadable("a new intent"))?;
        }
        store::intents::insert(tx, &intent).await?;
        let refunds = self.give_back(tx, credits, excess.minor).await?;
        Ok(Made { intent, refunds })
    }

    /// What earlier intents of the same case and fee hold. They stay locked: nobody gives the same money back meanwhile.
    async fn credits(&self, tx: &mut sql::Tx, order: &Order) -> Result<Vec<Credit>, Failure> {
        // Named twice, it is still there once; one order of locks for everybody.
        let mut named: BTreeSet<IntentId> = order.credit.iter().copied().collect();
        // The case does not remember them, and whoever paid does.
        let restored = store::restored::count(tx, order.case.id, &order.fee, self.now()).await?;
        named.extend(&restored);
        let mut credits = Vec::new();
        for id in named {
            let earlier = store::intents::lock(tx, id).await?;
            // A draft may have moved on to another revision since.
            let fits =
                |earlier: &Intent| restored.contains(&id) || (earlier.case == order.case && earlier.fee == order.fee);
            let intent = earlier.filter(fits).ok_or_else(|| {
                Failure::invalid("payment.foreign-credit", "Only what this case paid for this fee can be credited.")
            })?;
            let shares = store::ledger::held_by_agencies(tx, id).await?;
            credits.push(Credit { intent, held: shares.iter().map(|share| share.amount).sum() });
        }
        Ok(credits)
    }

    /// The fee dropped. What was paid last goes back first: a difference that was paid on its own goes back whole, which
    /// every provider can do.
    async fn give_back(&self, tx: &mut sql::Tx, mut credits: Vec<Credit>, excess: i64) -> Result<Vec<Refund>, Failure> {
        credits.sort_by_key(|earlier| std::cmp::Reverse((earlier.intent.captured, earlier.intent.id)));
        let (mut left, mut refunds) = (excess, Vec::new());
        for earlier in credits {
            let part = left.min(earlier.held);
            if part > 0 {
                refunds.extend(self.refund(tx, earlier.intent.id, Wish::Exactly(part), "fee-dropped").await?);
                left -= part;
            }
        }
        Ok(refunds)
    }
}

fn split(due: Money, shares: &[(String, u32)]) -> Vec<Share> {
    let weights: Vec<u32> = shares.iter().map(|(_, share)| *share).collect();
    let parts = due.split_by_shares(&weights);
    let named =
        shares.iter().zip(parts).map(|((agency, _), part)| Share { agency: agency.clone(), amount: part.minor });
    named.collect()
}

/// The fee's own arithmetic; where the case paid before, also what was credited and how the rest is split.
fn evidence(
    mut arithmetic: serde_json::Value,
    (credit, due, excess): (Money, Money, Money),
    split: &[Share],
) -> Vec<u8> {
    if let Some(object) = arithmetic.as_object_mut() {
        object.insert("due".into(), serde_json::json!(due));
        if !credit.is_zero() {
            object.insert("credit".into(), serde_json::json!(credit));
            object.insert("dueSplit".into(), serde_json::json!(split));
        }
        if !excess.is_zero() {
            object.insert("givenBack".into(), serde_json::json!(excess));
        }
    }
    arithmetic.to_string().into_bytes()
}
