//! Where a person can be reached: asked from identity each time and never kept.

use async_trait::async_trait;
use kernel::{CaseId, Failure, PersonId, Personal};
use proto::identity::v1::{ReadPersonRequest, operations::READ_CONTACTS};

#[derive(Debug, Clone, Default)]
pub struct Reach {
    pub phone: Personal<String>,
    pub email: Personal<String>,
}

impl Reach {
    /// Whether there is anything to write to.
    pub fn has(&self, channel: &str) -> bool {
        match channel {
            "sms" => !self.phone.reveal().is_empty(),
            "email" => !self.email.reveal().is_empty(),
            _ => true,
        }
    }
}

#[async_trait]
pub trait Contacts: Send + Sync {
    /// `case`: on whose behalf it is asked; none where a person looks for themselves.
    async fn of(&self, person: PersonId, case: Option<CaseId>) -> Result<Reach, Failure>;
}

pub struct BusContacts(bus::Bus);

impl BusContacts {
    pub fn new(bus: bus::Bus) -> Self {
        Self(bus)
    }
}

#[async_trait]
impl Contacts for BusContacts {
    async fn of(&self, person: PersonId, case: Option<CaseId>) -> Result<Reach, Failure> {
        let case_id = case.map(CaseId::to_vec).unwrap_or_default();
        let request = ReadPersonRequest { person: person.to_vec(), case_id };
        let contacts = self.0.request(&READ_CONTACTS, "platform", &request).await?;
        Ok(Reach { phone: contacts.phone.into(), email: contacts.email.into() })
    }
}
