//! Ways out of the house: one port, an adapter for each kind of gateway.

pub mod email;
pub mod sms;

use std::sync::Arc;

use async_trait::async_trait;
use kernel::{Failure, MessageId};

use crate::{
    bus::Reach,
    domain::{
        delivery::{Fate, Outcome},
        text::Letter,
    },
};

#[async_trait]
pub trait Carrier: Send + Sync {
    /// Hands one letter over. Never fails otherwise than its outcome says.
    async fn send(&self, id: MessageId, letter: &Letter, reach: &Reach) -> Outcome;

    /// What became of a letter that was taken under this id.
    async fn fate(&self, gateway_id: &str) -> Result<Fate, Failure>;
}

/// The carriers that are configured.
#[derive(Default, Clone)]
pub struct Carriers {
    pub sms: Option<Arc<dyn Carrier>>,
    pub email: Option<Arc<dyn Carrier>>,
}

impl Carriers {
    pub fn of(&self, channel: &str) -> Option<&Arc<dyn Carrier>> {
        match channel {
            "sms" => self.sms.as_ref(),
            "email" => self.email.as_ref(),
            _ => None,
        }
    }
}
