//! Makes an intent: the amount comes from the admitted revision's fee, less what the case paid for the step before.

use kernel::{Failure, IntentId, Money, PersonId, Time};

use super::Desk;
use crate::{
    domain::intent::{Case, Happening, Intent, Share, State, unreadable},
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

impl Desk {
    pub async fn create(&self, tx: &mut sql::Tx, order: Order, price: Price) -> Result<Intent, Failure> {
        let credit = self.credit(tx, &order).await?;
        let due = Money::uzs(price.amount.checked_sub(credit)?.minor.max(0));
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
            arithmetic: evidence(price.arithmetic, credit, due, &split),
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
        Ok(intent)
    }

    /// Money that earlier intents of the same case and fee brought and that was not given back.
    async fn credit(&self, tx: &mut sql::Tx, order: &Order) -> Result<Money, Failure> {
        let mut credit = Money::ZERO;
        for id in &order.credit {
            let earlier = store::intents::find(tx, *id).await?;
            let fits = |earlier: &Intent| earlier.case == order.case && earlier.fee == order.fee;
            if !earlier.is_some_and(|earlier| fits(&earlier)) {
                return Err(Failure::invalid(
                    "payment.foreign-credit",
                    "Only what this case paid for this fee can be credited.",
                ));
            }
            for share in store::ledger::held_by_agencies(tx, *id).await? {
                credit = credit.checked_add(Money::uzs(share.amount))?;
            }
        }
        Ok(credit)
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
fn evidence(mut arithmetic: serde_json::Value, credit: Money, due: Money, split: &[Share]) -> Vec<u8> {
    if let Some(object) = arithmetic.as_object_mut() {
        object.insert("due".into(), serde_json::json!(due));
        if !credit.is_zero() {
            object.insert("credit".into(), serde_json::json!(credit));
            object.insert("dueSplit".into(), serde_json::json!(split));
        }
    }
    arithmetic.to_string().into_bytes()
}
