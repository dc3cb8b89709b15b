//! Closes an intent: at once, or when the provider that holds money for it has spoken. The verdict may be *captured*.

use kernel::{Failure, IntentId};

use super::{Desk, unknown_intent};
use crate::{
    domain::{
        attempt,
        intent::{Closing, Intent, Verdict},
    },
    store,
};

impl Desk {
    pub async fn close(&self, tx: &mut sql::Tx, id: IntentId, why: Closing) -> Result<Intent, Failure> {
        let mut intent = store::intents::lock(tx, id).await?.ok_or_else(unknown_intent)?;
        // The first reason stands: a lapse that waits for a provider does not become a withdrawal.
        let why = intent.closing.unwrap_or(why);
        self.judge(tx, &mut intent, why).await?;
        Ok(intent)
    }

    /// Called whenever a hold ended: a close that waited can be decided now.
    pub(super) async fn settle_closing(&self, tx: &mut sql::Tx, intent: &mut Intent) -> Result<(), Failure> {
        match intent.closing {
            Some(why) => self.judge(tx, intent, why).await,
            None => Ok(()),
        }
    }

    async fn judge(&self, tx: &mut sql::Tx, intent: &mut Intent, why: Closing) -> Result<(), Failure> {
        let attempts = store::attempts::of_intent(tx, intent.id).await?;
        let held = attempts.iter().any(|attempt| attempt.state.may_capture());
        match intent.close(why, held) {
            Verdict::Stands(_) => Ok(()),
            Verdict::Waits => {
                intent.closing = Some(why);
                store::intents::update(tx, intent).await
            }
            Verdict::Closed(state) => {
                intent.state = state;
                intent.closing = None;
                store::intents::update(tx, intent).await?;
                self.abandon(tx, attempts).await?;
                self.record(tx, intent, "payment.closed", intent.amount.minor).await?;
                self.announce_closed(tx, intent).await
            }
        }
    }

    /// Attempts that no provider took up end with their intent.
    pub(super) async fn abandon(&self, tx: &mut sql::Tx, attempts: Vec<attempt::Attempt>) -> Result<(), Failure> {
        for mut attempt in attempts {
            if attempt.state == attempt::State::Created
                && attempt.happen(attempt::Happening::Cancel, self.now()).is_ok()
            {
                store::attempts::update(tx, &attempt).await?;
            }
        }
        Ok(())
    }
}
