//! Tells e-services what became of their intents, through the outbox of the same transaction.

use kernel::{Failure, MessageId, Money, RefundId, Time};
use prost::Message;
use proto::{
    Event,
    payments::v1::{IntentCaptured, IntentClosed, RefundSettled},
};

use super::Desk;
use crate::{domain::intent::Intent, store};

impl Desk {
    pub(super) async fn announce_captured(
        &self,
        tx: &mut sql::Tx,
        intent: &Intent,
        captured: Time,
    ) -> Result<(), Failure> {
        let event = IntentCaptured {
            case: Some(case_ref(intent)),
            intent: intent.id.to_vec(),
            amount: Some(money(intent.amount)),
            captured_us: captured.micros(),
        };
        self.announce(tx, intent, event).await
    }

    pub(super) async fn announce_closed(&self, tx: &mut sql::Tx, intent: &Intent) -> Result<(), Failure> {
        let event = IntentClosed {
            case: Some(case_ref(intent)),
            intent: intent.id.to_vec(),
            state: intent.state.as_str().to_owned(),
        };
        self.announce(tx, intent, event).await
    }

    pub(super) async fn announce_refunded(
        &self,
        tx: &mut sql::Tx,
        intent: &Intent,
        refund: RefundId,
        amount: i64,
    ) -> Result<(), Failure> {
        let event = RefundSettled {
            case: Some(case_ref(intent)),
            intent: intent.id.to_vec(),
            refund: refund.to_vec(),
            amount: Some(money(Money::uzs(amount))),
        };
        self.announce(tx, intent, event).await
    }

    async fn announce<E: Event>(&self, tx: &mut sql::Tx, intent: &Intent, event: E) -> Result<(), Failure> {
        let sequence = store::intents::next_case_sequence(tx, intent.case.id).await?;
        let message = sql::outbox::Outgoing {
            message_id: MessageId::new(&*self.clock, &*self.random),
            name: E::NAME.to_owned(),
            agency: intent.case.agency.clone(),
            case: Some((intent.case.id, sequence)),
            time: self.now(),
            body: Message::encode_to_vec(&event),
        };
        Ok(sql::outbox::enqueue(tx, &message).await?)
    }
}

pub fn case_ref(intent: &Intent) -> proto::CaseRef {
    proto::CaseRef {
        case_id: intent.case.id.to_vec(),
        agency: intent.case.agency.clone(),
        service: intent.case.service.clone(),
        revision: intent.case.revision.to_vec(),
    }
}

pub fn money(amount: Money) -> proto::Money {
    proto::Money { minor: amount.minor, currency: amount.currency.code().to_owned() }
}
