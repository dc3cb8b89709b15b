//! Definitions by the hash of their admitted revision; the bus' own copies carry the register's signature.

use std::sync::Arc;

use api::ServiceDefinition;
use async_trait::async_trait;
use kernel::{Failure, Hash, Kept};

/// Parsed definitions kept in memory; more are parsed again.
const PARSED_MAX: usize = 256;

/// What judges money without knowing where definitions come from.
#[async_trait]
pub trait Definitions: Send + Sync {
    async fn find(&self, revision: Hash) -> Result<Arc<ServiceDefinition>, Failure>;
}

pub struct Revisions {
    admitted: bus::Revisions,
    parsed: Kept<Hash, Arc<ServiceDefinition>>,
}

impl Revisions {
    pub fn new(bus: bus::Bus, database: sql::Database) -> Self {
        Self { admitted: bus::Revisions::new(bus, database), parsed: Kept::at_most(PARSED_MAX) }
    }
}

#[async_trait]
impl Definitions for Revisions {
    async fn find(&self, revision: Hash) -> Result<Arc<ServiceDefinition>, Failure> {
        if let Some(known) = self.parsed.get(&revision) {
            return Ok(known);
        }
        let admitted = self.admitted.read(revision).await?;
        let definition: ServiceDefinition = serde_json::from_slice(&admitted.definition).map_err(|error| {
            Failure::internal("payment.revision-unreadable", "The service's definition cannot be read.")
                .with_detail(error)
        })?;
        let definition = Arc::new(definition);
        self.parsed.put(revision, definition.clone());
        Ok(definition)
    }
}
