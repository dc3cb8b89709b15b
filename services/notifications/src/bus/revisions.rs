//! Definitions by the hash of their admitted revision, with the title of the agency that speaks in them.

use std::{sync::Arc, time::Duration};

use api::{Agency, ServiceDefinition, Text};
use async_trait::async_trait;
use kernel::{Failure, Hash, Kept};
use proto::register::v1::{ReadAgencyRequest, operations::READ_AGENCY};
use tokio::time::Instant;

/// Parsed definitions kept in memory; more are parsed again.
const PARSED_MAX: usize = 256;
const AGENCIES_MAX: usize = 1_024;
/// An agency's title changes rarely and may be a little old in a message.
const AGENCY_AGE_MAX: Duration = Duration::from_secs(600);

#[derive(Clone)]
pub struct Admitted {
    pub definition: Arc<ServiceDefinition>,
    pub agency: Text,
}

#[async_trait]
pub trait Definitions: Send + Sync {
    async fn find(&self, revision: Hash) -> Result<Admitted, Failure>;
}

pub struct Revisions {
    bus: bus::Bus,
    admitted: bus::Revisions,
    parsed: Kept<Hash, Arc<ServiceDefinition>>,
    agencies: Kept<String, (Instant, Text)>,
}

impl Revisions {
    pub fn new(bus: bus::Bus, database: sql::Database) -> Self {
        let admitted = bus::Revisions::new(bus.clone(), database);
        Self { bus, admitted, parsed: Kept::at_most(PARSED_MAX), agencies: Kept::at_most(AGENCIES_MAX) }
    }

    async fn definition(&self, revision: Hash) -> Result<Arc<ServiceDefinition>, Failure> {
        if let Some(known) = self.parsed.get(&revision) {
            return Ok(known);
        }
        let admitted = self.admitted.read(revision).await?;
        let definition: ServiceDefinition =
            serde_json::from_slice(&admitted.definition).map_err(|error| unreadable(&error))?;
        let definition = Arc::new(definition);
        self.parsed.put(revision, definition.clone());
        Ok(definition)
    }

    async fn agency(&self, agency: &str) -> Result<Text, Failure> {
        if let Some((read, title)) = self.agencies.get(agency)
            && read.elapsed() < AGENCY_AGE_MAX
        {
            return Ok(title);
        }
        let request = ReadAgencyRequest { agency: agency.to_owned() };
        let reply = self.bus.request(&READ_AGENCY, "platform", &request).await?;
        let resource: Agency = serde_json::from_slice(&reply.resource).map_err(|error| unreadable(&error))?;
        let title = resource.spec.title;
        self.agencies.put(agency.to_owned(), (Instant::now(), title.clone()));
        Ok(title)
    }
}

fn unreadable(error: &serde_json::Error) -> Failure {
    Failure::internal("notification.revision-unreadable", "The service's definition cannot be read.").with_detail(error)
}

#[async_trait]
impl Definitions for Revisions {
    async fn find(&self, revision: Hash) -> Result<Admitted, Failure> {
        let definition = self.definition(revision).await?;
        let agency = self.agency(&definition.spec.agency).await?;
        Ok(Admitted { definition, agency })
    }
}
