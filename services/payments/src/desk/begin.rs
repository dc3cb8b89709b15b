//! Starts an attempt: the payer is sent to a provider.

use kernel::{AttemptId, Failure, IntentId, Time};

use super::{Desk, unknown_intent};
use crate::{
    domain::{
        attempt::{Attempt, State},
        intent::Intent,
    },
    store,
};

impl Desk {
    /// An attempt that was never taken up is used again: pressing *pay* twice opens one.
    pub async fn begin(&self, tx: &mut sql::Tx, id: IntentId, provider: &str) -> Result<(Intent, Attempt), Failure> {
        self.provider(provider)?;
        let intent = store::intents::lock(tx, id).await?.ok_or_else(unknown_intent)?;
        let now = self.now();
        if !intent.takes_money(now) {
            return Err(Failure::conflict(
                "payment.closed",
                "This payment is no longer open. Look at the application to see where it stands.",
            ));
        }
        let attempts = store::attempts::of_intent(tx, id).await?;
        if attempts.iter().any(|attempt| attempt.state.may_capture()) {
            return Err(Failure::conflict(
                "payment.in-progress",
                "A payment is already on its way. Wait for its result; you will not be asked to pay twice.",
            ));
        }
        let waiting =
            attempts.into_iter().find(|attempt| attempt.state == State::Created && attempt.provider == provider);
        let attempt = match waiting {
            Some(attempt) => attempt,
            None => self.open_attempt(tx, &intent, provider).await?,
        };
        Ok((intent, attempt))
    }

    pub(super) async fn open_attempt(
        &self,
        tx: &mut sql::Tx,
        intent: &Intent,
        provider: &str,
    ) -> Result<Attempt, Failure> {
        let attempt = Attempt {
            id: AttemptId::new(&*self.clock, &*self.random),
            intent: intent.id,
            provider: provider.to_owned(),
            state: State::Created,
            transaction: None,
            provider_time: Time::default(),
            held: None,
            paid: None,
            ended: None,
            reason: None,
            amount: intent.amount.minor,
            created: self.now(),
        };
        store::attempts::insert(tx, &attempt).await?;
        Ok(attempt)
    }
}
