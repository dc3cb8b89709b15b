//! What services may ask about persons and officers, each question recorded.

mod appoint;
mod colleagues;
mod find;
mod lookup;
mod read;
mod recovery;
mod resolve;
mod staff;

use std::sync::Arc;

use ::bus::{Bus, Service, Settings};
use boot::Kit;
use kernel::Failure;
use proto::identity::v1::{Keys, operations};

use crate::provider::Provider;

/// The role's name on the bus.
const ROLE: &str = "identity";

#[cfg(test)]
pub(crate) use appoint::appoint;
#[cfg(test)]
pub(crate) use colleagues::list as list_colleagues;
#[cfg(test)]
pub(crate) use find::person as find;
#[cfg(test)]
pub(crate) use lookup::hash as hash_lookup;
#[cfg(test)]
pub(crate) use read::{contacts, officer, own, person};
#[cfg(test)]
pub(crate) use resolve::person as resolve;

pub async fn serve(kit: &Kit, settings: &Settings, provider: Arc<Provider>) -> Result<(), Failure> {
    let bus = Bus::connect(settings, kit.clock.clone(), kit.random.clone()).await?;
    let database = provider.store.database.clone();
    ::bus::relay::run(&bus, &database, ::bus::Log::of(ROLE), kit).await?;
    let [keys, persons, resolving, contacts, officers] = std::array::from_fn(|_| provider.clone());
    let [finding, colleagues, lookups, appointing, owning] = std::array::from_fn(|_| provider.clone());
    let service = Service::new(ROLE)
        .recording(&database)
        .on(&operations::READ_KEYS, move |_| {
            let (jwks, issuer) = (keys.keys.jwks().to_string(), keys.issuer.clone());
            async move { Ok(Keys { jwks, issuer }) }
        })
        .on(&operations::READ_PERSON, move |call| {
            let provider = persons.clone();
            async move { read::person(&provider, &call.request, &call.caller, &call.agency).await }
        })
        .on(&operations::READ_OWN_RECORD, move |call| {
            let provider = owning.clone();
            async move { read::own(&provider, &call).await }
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
        .on(&operations::FIND_PERSON, move |call| {
            let provider = finding.clone();
            async move { find::person(&provider, &call.request, &call.caller).await }
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
    let service = staffing(service, staff::Desk { provider: provider.clone(), bus: bus.clone() });
    let recovering = (&operations::READ_RECOVERY, &operations::END_RECOVERY);
    let clock = provider.clock.clone();
    let keeper = Arc::new(recovery::Recovered(provider));
    let service = ::bus::audit::answering(service, &operations::AUDIT_READ, &database);
    let service = ::bus::recovery::answering(service, recovering, &database, &clock, keeper);
    bus.serve(service, kit).await
}

/// What an agency's administrators ask and order.
fn staffing(service: Service, desk: staff::Desk) -> Service {
    let desk = Arc::new(desk);
    macro_rules! with {
        ($handler:path) => {{
            let desk = desk.clone();
            move |call| {
                let desk = desk.clone();
                async move { $handler(&desk, call).await }
            }
        }};
    }
    service
        .on(&operations::LIST_STAFF, with!(staff::list))
        .on(&operations::INVITE_OFFICER, with!(staff::invite))
        .on(&operations::GIVE_ROLE, with!(staff::give_role))
        .on(&operations::END_ROLE, with!(staff::end_role))
        .on(&operations::NAME_SUBSTITUTE, with!(staff::name_substitute))
        .on(&operations::END_SUBSTITUTE, with!(staff::end_substitute))
        .on(&operations::END_ACCESS, with!(staff::end_access))
        .on(&operations::READ_UNSTAFFED, with!(staff::unstaffed))
}
