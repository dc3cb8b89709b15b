//! What the operator asks of the platform, as one port: the bus in the product, a scripted one in tests.

use api::Kind;
use async_trait::async_trait;
use bus::Bus;
use kernel::Failure;
use proto::register::v1::PublishRevisionReply;

use crate::provision;

#[async_trait]
pub trait Platform: Send + Sync {
    async fn agency(&self, agency: &str, resource: Vec<u8>) -> Result<Vec<String>, Failure>;
    async fn exchanged(&self, agency: &str, kind: Kind, resource: Vec<u8>) -> Result<Vec<String>, Failure>;
    async fn revision(&self, agency: &str, definition: Vec<u8>, draft: bool) -> Result<PublishRevisionReply, Failure>;
    /// On a trial platform a definition whose texts are not complete yet can be tried out.
    fn trial(&self) -> bool;
}

pub struct OverBus {
    bus: Bus,
    trial: bool,
}

impl OverBus {
    pub fn new(bus: Bus, trial: bool) -> Self {
        Self { bus, trial }
    }
}

#[async_trait]
impl Platform for OverBus {
    async fn agency(&self, agency: &str, resource: Vec<u8>) -> Result<Vec<String>, Failure> {
        provision::agency(&self.bus, agency, resource).await
    }

    async fn exchanged(&self, agency: &str, kind: Kind, resource: Vec<u8>) -> Result<Vec<String>, Failure> {
        provision::exchanged(&self.bus, agency, kind, resource).await
    }

    async fn revision(&self, agency: &str, definition: Vec<u8>, draft: bool) -> Result<PublishRevisionReply, Failure> {
        provision::revision(&self.bus, agency, definition, draft).await
    }

    fn trial(&self) -> bool {
        self.trial
    }
}
