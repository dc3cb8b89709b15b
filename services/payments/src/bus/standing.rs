//! Who may look at an intent and pay it: the payer, and who acts for them in the case as long as the case says so.

use std::time::Duration;

use async_trait::async_trait;
use bus::{Bus, Person, subject::Address};
use kernel::{Failure, PersonId};
use proto::{
    eservice::v1::{ReadStandingRequest, operations::READ_STANDING},
    identity::v1::Officer,
};

use super::Office;
use crate::domain::intent::{Case, Intent};

/// For somebody whom payments does not know, the answer comes before the page that asks loses its patience.
const BRIEFLY: Duration = Duration::from_secs(2);
const PATIENTLY: Duration = Duration::from_secs(5);

/// What a person is in a case now.
#[async_trait]
pub trait Standings: Send + Sync {
    /// `applicant`, `representative` or `none`.
    async fn standing(&self, case: &Case, person: PersonId, patience: Duration) -> Result<String, Failure>;
    /// Whether an officer is anything in a case, or named in it.
    async fn concerns(&self, case: &Case, officer: (PersonId, &Officer)) -> Result<bool, Failure>;
}

pub struct OverBus(pub Bus);

#[async_trait]
impl Standings for OverBus {
    async fn standing(&self, case: &Case, person: PersonId, patience: Duration) -> Result<String, Failure> {
        let (case_id, person) = (case.id.to_vec(), person.to_vec());
        let request = ReadStandingRequest { case_id, person, ..ReadStandingRequest::default() };
        let host = Address::service(&case.agency, &case.service);
        Ok(self.0.request_within(&READ_STANDING, host, &request, patience).await?.standing)
    }

    async fn concerns(&self, case: &Case, (person, officer): (PersonId, &Officer)) -> Result<bool, Failure> {
        let (case_id, person) = (case.id.to_vec(), person.to_vec());
        let (party, party_key) = (officer.party.clone(), officer.party_key.clone());
        let directs = officer.directs.clone();
        let request = ReadStandingRequest { case_id, person, party, party_key, directs };
        let host = Address::service(&case.agency, &case.service);
        Ok(self.0.request_within(&READ_STANDING, host, &request, PATIENTLY).await?.standing != "none")
    }
}

/// Somebody acts for every payer, nobody does, every case names somebody, or the cases' host is away.
#[cfg(test)]
pub enum Acting {
    Only(PersonId),
    Nobody,
    Names([u8; 32]),
    Away,
}

#[cfg(test)]
#[async_trait]
impl Standings for Acting {
    async fn standing(&self, _: &Case, person: PersonId, _: Duration) -> Result<String, Failure> {
        let standing = |acts: bool| Ok(if acts { "representative" } else { "none" }.to_owned());
        match self {
            Self::Only(acting) => standing(*acting == person),
            Self::Nobody | Self::Names(_) => standing(false),
            Self::Away => Err(Failure::unavailable("bus.unavailable", "Nobody answers.")),
        }
    }

    async fn concerns(&self, case: &Case, (person, officer): (PersonId, &Officer)) -> Result<bool, Failure> {
        match self {
            Self::Names(party) => Ok(officer.party == party.to_vec()),
            _ => Ok(self.standing(case, person, PATIENTLY).await? != "none"),
        }
    }
}

/// That the case's host is away is told only to whom payments itself knows in the case: to anybody else the intent would be
/// one that exists. Of what an older release made it knows the payer only; without an answer anybody else is a stranger.
pub async fn may_pay(office: &Office, intent: &Intent, person: &Person) -> Result<bool, Failure> {
    if person.officer || intent.payer == person.id {
        return Ok(intent.payer == person.id);
    }
    let represents = |patience| async move {
        Ok(office.standings.standing(&intent.case, person.id, patience).await? == "representative")
    };
    match intent.representative {
        Some(acting) if acting == person.id => represents(PATIENTLY).await,
        Some(_) => Ok(false),
        None => Ok(represents(BRIEFLY).await.unwrap_or_else(|failure: Failure| {
            tracing::info!(intent = %intent.id, ?failure, "a case could not be asked about a payer: refused");
            false
        })),
    }
}
