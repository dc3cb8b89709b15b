//! Where a person can be reached: asked from identity for each delivery and never kept.

use async_trait::async_trait;
use kernel::{CaseId, Failure, PersonId, Personal};
use proto::identity::v1::{ReadPersonRequest, operations::READ_CONTACTS};

#[derive(Debug, Clone, Default)]
pub struct Reach {
    pub phone: Personal<String>,
    pub email: Personal<String>,
}

#[async_trait]
pub trait Contacts: Send + Sync {
    async fn of(&self, person: PersonId, case: CaseId) -> Result<Reach, Failure>;
}

pub struct BusContacts(bus::Bus);

impl BusContacts {
    pub fn new(bus: bus::Bus) -> Self {
        Self(bus)
    }
}

#[async_trait]
impl Contacts for BusContacts {
    async fn of(&self, person: PersonId, case: CaseId) -> Result<Reach, Failure> {
        let request = ReadPersonRequest { person: person.to_vec(), case_id: case.to_vec() };
        let contacts = self.0.request(&READ_CONTACTS, "platform", &request).await?;
        Ok(Reach { phone: contacts.phone.into(), email: contacts.email.into() })
    }
}
