//! What services may ask about persons and officers, each question recorded.

mod appoint;
mod colleagues;
mod lookup;
mod read;
mod recovery;
mod resolve;

use std::sync::Arc;

use ::bus::{Bus, Service, Settings};
use boot::Kit;
use kernel::Failure;
use proto::identity::v1::{Keys, operations};

use crate::provider::Provider;

#[cfg(test)]
pub(crate) use appoint::appoint;
#[cfg(test)]
pub(crate) use colleagues::list as list_colleagues;
#[cfg(test)]
pub(crate) use lookup::hash as hash_lookup;
#[cfg(test)]
pub(crate) use read::{contacts, officer, person};
#[cfg(test)]
pub(crate) use resolve::person as resolve;

pub async fn serve(kit: &Kit, settings: &Settings, provider: Arc<Provider>) -> Result<(), Failure> {
    let bus = Bus::connect(settings, kit.clock.clone(), kit.random.clone()).await?;
    let [keys, persons, resolving, contacts, officers] = std::array::from_fn(|_| provider.clone());
    let [colleagues, lookups, appointing] = std::array::from_fn(|_| provider.clone());
    let service = Service::new("identity")
        .on(&operations::READ_KEYS, move |_| {
            let (jwks, issuer) = (keys.keys.jwks().to_string(), keys.issuer.clone());
            async move { Ok(Keys { jwks, issuer }) }
        })
        .on(&operations::READ_PERSON, move |call| {
            let provider = persons.clone();
            async move { read::person(&provider, &call.request, &call.caller, &call.agency).await }
        })
        .on(&operations::RESOLVE_PERSON, move |call| {
            let provider = resolving.clone();
            async move { resolve::person(&provider, call.request, &call.caller).await }
        })
        .on(&operations::READ_CONTACTS, move |call| {
            let provider = contacts.clone();
            async move { read::contacts(&provider, &call.request, &call.caller, &call.agency).await }
        })
        .on(&operations::READ_OFFICER, move |call| {
            let provider = officers.clone();
            async move { read::officer(&provider, &call.request).await }
        })
        .on(&operations::LIST_COLLEAGUES, move |call| {
            let provider = colleagues.clone();
            async move { colleagues::list(&provider, &call.request).await }
        })
        .on(&operations::HASH_LOOKUP, move |call| {
            let provider = lookups.clone();
            async move { lookup::hash(&provider, &call.request) }
        })
        .on(&operations::APPOINT_OFFICER, move |call| {
            let provider = appointing.clone();
            async move { appoint::appoint(&provider, call.request, &call.caller).await }
        });
    let recovering = (&operations::READ_RECOVERY, &operations::END_RECOVERY);
    let (database, clock) = (provider.store.database.clone(), provider.clock.clone());
    let keeper = Arc::new(recovery::Recovered(provider));
    let service = ::bus::recovery::answering(service, recovering, &database, &clock, keeper);
    bus.serve(service, kit).await
}
