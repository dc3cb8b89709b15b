//! Whom a person may act for in a service, as the registry that proves it says now: they choose a name instead of typing a number.

use std::sync::Arc;

use bus::Call;
use kernel::{CaseId, Failure};
use proto::{
    CaseRef,
    eservice::v1::{ListPrincipalsRequest, Principal, Principals},
};

use super::draft::in_force;
use crate::{
    domain::{applicant, intake, mandate::not_taken},
    host::{Host, Reach},
    mandate,
};

/// Children only: who gave a power of attorney is known by its number. Nobody chooses while they act for somebody already.
pub async fn list(host: Arc<Host>, call: Call<ListPrincipalsRequest>) -> Result<Principals, Failure> {
    let person = call.person()?;
    let asked = &call.request;
    if person.officer || person.mandate.is_some() {
        return Err(not_taken());
    }
    let revision = in_force(&host, &asked.agency, &asked.service, person.actor).await?;
    let service = host.service(&asked.agency, revision, Reach::Platform).await?;
    intake::assured(service.definition(), person.assurance.as_str())?;
    let case = CaseRef {
        // The question belongs to the draft that may follow; it has no case yet.
        case_id: CaseId::new(&*host.clock, &*host.random).to_vec(),
        agency: asked.agency.clone(),
        service: asked.service.clone(),
        revision: revision.to_vec(),
    };
    let children = mandate::children(&host, person, &service, case).await?;
    let principals = children.into_iter().map(|child| Principal {
        name: applicant::full_name([&child.family_name, &child.given_name, &child.patronymic]),
        record: child.number,
    });
    Ok(Principals { principals: principals.collect() })
}
