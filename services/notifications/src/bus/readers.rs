//! Whether an officer may see what was written in a case: the case's host decides, and keeps the opening.

use async_trait::async_trait;
use bus::subject::Address;
use kernel::{CaseId, ErrorKind, Failure, PersonId};
use proto::{
    Empty,
    eservice::v1::{AdmitReaderRequest, operations::ADMIT_READER},
};

/// A case and who keeps it.
#[derive(Debug, Clone)]
pub struct Place {
    pub agency: String,
    pub service: String,
    pub case: CaseId,
}

#[async_trait]
pub trait Readers: Send + Sync {
    async fn admits(&self, place: &Place, officer: PersonId) -> Result<bool, Failure>;
}

pub struct BusReaders(bus::Bus);

impl BusReaders {
    pub fn new(bus: bus::Bus) -> Self {
        Self(bus)
    }
}

#[async_trait]
impl Readers for BusReaders {
    async fn admits(&self, place: &Place, officer: PersonId) -> Result<bool, Failure> {
        let (case_id, officer) = (place.case.to_vec(), officer.to_vec());
        let request = AdmitReaderRequest { case_id, officer, ..AdmitReaderRequest::default() };
        match self.0.request(&ADMIT_READER, Address::service(&place.agency, &place.service), &request).await {
            Ok(Empty {}) => Ok(true),
            Err(failure) if failure.kind == ErrorKind::NotFound => Ok(false),
            Err(failure) => Err(failure),
        }
    }
}
