//! Who may look at an intent and pay it: the payer, and who acts for them in the case as long as the case says so.

use async_trait::async_trait;
use bus::{Bus, Person, subject::Address};
use kernel::{Failure, PersonId};
use proto::eservice::v1::{ReadStandingRequest, operations::READ_STANDING};

use super::Office;
use crate::domain::intent::{Case, Intent};

/// What a person is in a case now.
#[async_trait]
pub trait Standings: Send + Sync {
    /// `applicant`, `representative` or `none`.
    async fn standing(&self, case: &Case, person: PersonId) -> Result<String, Failure>;
}

pub struct OverBus(pub Bus);

#[async_trait]
impl Standings for OverBus {
    async fn standing(&self, case: &Case, person: PersonId) -> Result<String, Failure> {
        let request = ReadStandingRequest { case_id: case.id.to_vec(), person: person.to_vec() };
        let host = Address::service(&case.agency, &case.service);
        Ok(self.0.request(&READ_STANDING, host, &request).await?.standing)
    }
}

/// Somebody acts for every payer, or nobody does.
#[cfg(test)]
pub struct Acting(pub Option<PersonId>);

#[cfg(test)]
#[async_trait]
impl Standings for Acting {
    async fn standing(&self, _: &Case, person: PersonId) -> Result<String, Failure> {
        Ok(if self.0 == Some(person) { "representative" } else { "none" }.to_owned())
    }
}

pub async fn may_pay(office: &Office, intent: &Intent, person: &Person) -> Result<bool, Failure> {
    if person.officer || intent.payer == person.id {
        return Ok(intent.payer == person.id);
    }
    Ok(office.standings.standing(&intent.case, person.id).await? == "representative")
}
