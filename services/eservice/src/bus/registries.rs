//! Which registries are asked: told before an application is begun, and as long as it is there.

use std::sync::Arc;

use bus::Call;
use kernel::{CaseId, Failure};
use proto::eservice::v1::{AskedRegistries, ListRegistriesRequest};

use super::{draft::in_force, noted, own, own_service};
use crate::{
    domain::{registries, text},
    host::{Host, Reach},
};

pub async fn list(host: Arc<Host>, call: Call<ListRegistriesRequest>) -> Result<AskedRegistries, Failure> {
    let person = call.person()?;
    let asked = &call.request;
    let service = if asked.case_id.is_empty() {
        let revision = in_force(&host, &asked.agency, &asked.service, person.actor).await?;
        host.service(&asked.agency, revision, Reach::Platform).await?
    } else {
        let case_id = CaseId::from_slice(&asked.case_id)?;
        let case = own(&host, person, case_id).await;
        let case = noted(&host, person, case_id, &call.agency, case).await?;
        own_service(&host, person, &case).await?
    };
    let language = text::language(&asked.language);
    let registries = registries::asked(service.definition(), |name| service.registry(name), language);
    Ok(AskedRegistries { registries })
}
