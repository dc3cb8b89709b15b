//! Definitions by the hash of their admitted revision, with the title of the agency that speaks in them.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use api::{Agency, ServiceDefinition, Text};
use async_trait::async_trait;
use kernel::{Failure, Hash};
use proto::register::v1::{ReadAgencyRequest, operations::READ_AGENCY};
use tokio::time::Instant;

const KEPT_MAX: usize = 256;
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
    parsed: Mutex<HashMap<Hash, Arc<ServiceDefinition>>>,
    agencies: Mutex<HashMap<String, (Instant, Text)>>,
}

impl Revisions {
    pub fn new(bus: bus::Bus, database: sql::Database) -> Self {
        let admitted = bus::Revisions::new(bus.clone(), database);
        Self { bus, admitted, parsed: Mutex::default(), agencies: Mutex::default() }
    }

    async fn definition(&self, revision: Hash) -> Result<Arc<ServiceDefinition>, Failure> {
        let known = self.parsed.lock().expect("no holder of this lock panics").get(&revision).cloned();
        if let Some(known) = known {
            return Ok(known);
        }
        let admitted = self.admitted.read(revision).await?;
        let definition: ServiceDefinition =
            serde_json::from_slice(&admitted.definition).map_err(|error| unreadable(&error))?;
        let definition = Arc::new(definition);
        let mut parsed = self.parsed.lock().expect("no holder of this lock panics");
        if parsed.len() >= KEPT_MAX {
            parsed.clear();
        }
        parsed.insert(revision, definition.clone());
        Ok(definition)
    }

    async fn agency(&self, agency: &str) -> Result<Text, Failure> {
        let known = self.agencies.lock().expect("no holder of this lock panics").get(agency).cloned();
        if let Some((read, title)) = known
            && read.elapsed() < AGENCY_AGE_MAX
        {
            return Ok(title);
        }
        let request = ReadAgencyRequest { agency: agency.to_owned() };
        let reply = self.bus.request(&READ_AGENCY, "platform", &request).await?;
        let resource: Agency = serde_json::from_slice(&reply.resource).map_err(|error| unreadable(&error))?;
        let title = resource.spec.title;
        let mut agencies = self.agencies.lock().expect("no holder of this lock panics");
        agencies.insert(agency.to_owned(), (Instant::now(), title.clone()));
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
