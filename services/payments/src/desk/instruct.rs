//! Two persons move money: what one finance officer asked for is done when another one confirms it.

use kernel::{CommandId, Failure, IntentId, PersonId};

use super::{Desk, Wish, unknown_intent};
use crate::{
    domain::{
        instruction::{Decision, Instruction, Kind, Verdict},
        intent::{Intent, unreadable},
        refund, suspense,
    },
    store,
};

impl Desk {
    /// The first person. What could not be done now is refused now; nothing moves. An amount of 0 asks for everything.
    pub async fn instruct(&self, tx: &mut sql::Tx, mut given: Instruction) -> Result<Instruction, Failure> {
        let intent = store::intents::lock(tx, given.intent).await?.ok_or_else(unknown_intent)?;
        let waiting = store::instructions::waiting_for(tx, intent.id).await?;
        if waiting.iter().any(|other| other.suspense == given.suspense) {
            let message = "Something was asked for this money already. Have it confirmed or withdrawn first.";
            return Err(Failure::conflict("payment.instruction-waits", message));
        }
        given.amount = self.judged(tx, &intent, &given).await?;
        store::instructions::insert(tx, &given).await?;
        self.note_instruction(tx, "payment.instructed", &given, Some(given.by)).await?;
        Ok(given)
    }

    /// What it is about, in tiyin, when it can be done.
    async fn judged(&self, tx: &mut sql::Tx, intent: &Intent, given: &Instruction) -> Result<i64, Failure> {
        let Some(id) = given.suspense else {
            let held = store::ledger::held_by_agencies(tx, intent.id).await?;
            let left: i64 = held.iter().map(|share| share.amount).sum();
            let amount = if given.amount == 0 { left } else { given.amount };
            refund::parts(amount, &held)?;
            return Ok(amount);
        };
        let item = store::suspense::find(tx, id).await?.ok_or_else(suspense::unknown)?;
        if item.due.is_none() {
            return Err(suspense::dealt_with());
        }
        match given.target {
            Some(target) => Ok(self.fitting(tx, &item, intent, target).await?.amount.minor),
            None => Ok(item.amount),
        }
    }

    /// The second person: the movement, the verdict and the audit row in one transaction.
    pub async fn confirm_instruction(
        &self,
        tx: &mut sql::Tx,
        id: CommandId,
        by: PersonId,
    ) -> Result<Instruction, Failure> {
        let given = self.instruction_locked(tx, id).await?;
        given.confirmable_by(by)?;
        let reason = given.why.reason.as_str();
        let refund = match (given.kind, given.suspense, given.target) {
            (Kind::Refund, None, None) => self.refund(tx, given.intent, Wish::Exactly(given.amount), reason).await?,
            (Kind::Return, Some(attempt), None) => Some(self.return_suspense(tx, attempt, reason).await?),
            (Kind::Attach, Some(attempt), Some(target)) => self.attach(tx, attempt, target).await?,
            _ => return Err(unreadable("instruction")),
        };
        let refund = refund.map(|refund| refund.id);
        let decision = Decision { verdict: Verdict::Confirmed, by: Some(by), refund, time: self.now() };
        self.decided(tx, &given, decision, "payment.instruction-confirmed").await?;
        Ok(given)
    }

    /// Nothing moves: whoever asked thought better of it, or somebody else did.
    pub async fn withdraw_instruction(
        &self,
        tx: &mut sql::Tx,
        id: CommandId,
        by: PersonId,
    ) -> Result<Instruction, Failure> {
        let given = self.instruction_locked(tx, id).await?;
        let decision = Decision { verdict: Verdict::Withdrawn, by: Some(by), refund: None, time: self.now() };
        self.decided(tx, &given, decision, "payment.instruction-withdrawn").await?;
        Ok(given)
    }

    /// Nobody confirmed it in its time: nothing moves, and it may be asked for anew.
    pub async fn lapse_instruction(&self, tx: &mut sql::Tx, id: CommandId) -> Result<(), Failure> {
        let given = self.instruction_locked(tx, id).await?;
        let decision = Decision { verdict: Verdict::Lapsed, by: None, refund: None, time: self.now() };
        self.decided(tx, &given, decision, "payment.instruction-lapsed").await
    }

    /// Locks the payments that it is about, in one order for everybody: of two who decide at once, one does.
    async fn instruction_locked(&self, tx: &mut sql::Tx, id: CommandId) -> Result<Instruction, Failure> {
        let given = store::instructions::find(tx, id).await?.ok_or_else(unknown_instruction)?;
        let mut concerned: Vec<IntentId> = [Some(given.intent), given.target].into_iter().flatten().collect();
        concerned.sort();
        for intent in concerned {
            store::intents::lock(tx, intent).await?.ok_or_else(unknown_intent)?;
        }
        if store::instructions::is_decided(tx, id).await? {
            return Err(decided_before());
        }
        Ok(given)
    }

    async fn decided(
        &self,
        tx: &mut sql::Tx,
        given: &Instruction,
        decision: Decision,
        act: &str,
    ) -> Result<(), Failure> {
        if !store::instructions::decide(tx, given.id, &decision).await? {
            return Err(decided_before());
        }
        self.note_instruction(tx, act, given, decision.by).await
    }

    /// The note stays out: it may say more than an audit row should keep.
    async fn note_instruction(
        &self,
        tx: &mut sql::Tx,
        act: &str,
        given: &Instruction,
        by: Option<PersonId>,
    ) -> Result<(), Failure> {
        let intent = store::intents::find(tx, given.intent).await?.ok_or_else(unknown_intent)?;
        let detail = serde_json::json!({
            "case": intent.case.id,
            "instruction": given.id.to_string(), "kind": given.kind.as_str(), "amount": given.amount, "currency": "UZS",
            "reason": given.why.reason, "target": given.target.map(|target| target.to_string()),
        });
        let act = sql::audit::Act {
            time: self.now(),
            actor: by,
            service_actor: by.is_none().then(|| "payments".to_owned()),
            act: act.to_owned(),
            subject: given.intent.to_vec(),
            agency: given.agency.clone(),
            detail: detail.to_string(),
            ..sql::audit::Act::default()
        };
        Ok(sql::audit::append(tx, &act).await?)
    }
}

/// Another agency's, an unknown and a forbidden one look alike.
pub fn unknown_instruction() -> Failure {
    Failure::not_found("payment.unknown-instruction", "There is nothing like that to be confirmed, or it is not yours.")
}

fn decided_before() -> Failure {
    let message = "This was confirmed or withdrawn before. Look at the list again.";
    Failure::conflict("payment.instruction-decided", message)
}
