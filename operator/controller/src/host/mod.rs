//! What runs a service: a host of its own, or the one that its agency's services share.

mod access;
mod admitted;
mod amount;
mod apply;
mod build;
mod connections;
mod dereference;
mod key;
mod live;
mod name;
mod neighbours;
mod place;
mod preview;
mod remove;
mod status;
mod untouched;
mod validate;

pub use access::credentials_file;
pub use apply::{delete, write as put};
pub use build::{HOST_LABEL, ISSUED, MANAGED, SERVICES, Site, monitors};
pub use connections::{Connections, TOO_MANY};
pub use dereference::remembered;
pub use name::AUTHORITY;
pub use neighbours::Neighbours;
pub use preview::preview;
pub use untouched::Untouched;
pub use validate::wish;

use api::Kind;
use k8s_openapi::api::{apps::v1::Deployment, core::v1::Namespace};
use kube::Api;

use crate::{
    config::Engine,
    kind::Applied,
    outcome::{Hosting, State, Stopped},
    run::Operator,
};

/// Brings hosts and an admitted definition together; nothing when it needs none.
pub async fn reconcile(operator: &Operator, applied: &Applied, agency: &str) -> Result<Option<Hosting>, Stopped> {
    let Some(site) = operator.site(applied, agency) else { return Ok(None) };
    if let Some(hosting) = settled_alone(operator, &site, applied).await? {
        return Ok(Some(hosting));
    }
    // Services of an agency meet in its shared host: one look at a time.
    let _alone = operator.alone(&site.namespace).await;
    let name = applied.metadata.name.as_deref().unwrap_or_default();
    let around = dereference::around(operator, &site, name).await?;
    let Some(places) = place::place(name, &around, site.engine) else { return Ok(None) };
    if operator.config.read_only {
        return Ok(None);
    }
    let place::Places { host, then } = places;
    let (hosting, settled) = bring(operator, &site, &host).await?;
    if settled {
        match then {
            place::Then::Stay => operator.memory.hosts.stays(&site.namespace, &host.name),
            place::Then::Bring(other) => {
                bring(operator, &site, &other).await?;
            }
            // While its pods end it is still there: the change of its Deployment brings the next look.
            place::Then::Remove(other) => {
                remove::remove(operator, &site, &other).await?;
            }
        }
    }
    Ok(Some(hosting))
}

/// A service that is in a host of its own and nowhere else: who its neighbours are does not matter.
async fn settled_alone(operator: &Operator, site: &build::Site, applied: &Applied) -> Result<Option<Hosting>, Stopped> {
    let name = applied.metadata.name.clone().unwrap_or_default();
    // What it says may be what is refused.
    let Ok(wish) = wish(&name, &applied.spec) else { return Ok(None) };
    if site.engine != Engine::Postgresql
        || !wish.hosted
        || !wish.dedicated
        || !operator.holds(Kind::ServiceDefinition, applied)
    {
        return Ok(None);
    }
    let member = place::Member {
        uid: applied.metadata.uid.clone().unwrap_or_default(),
        going: false,
        admitted: true,
        name,
        wish,
    };
    let host = place::dedicated(&member);
    if !operator.memory.hosts.is_settled(&site.namespace, &host, operator.clock.now()) {
        return Ok(None);
    }
    Ok(untouched(operator, site, &host).await?.map(|(hosting, _)| hosting))
}

/// A host that stands as it was left, with what its Deployment says now.
async fn untouched(
    operator: &Operator,
    site: &build::Site,
    host: &place::Host,
) -> Result<Option<(Hosting, bool)>, Stopped> {
    let (memory, now) = (&operator.memory.hosts, operator.clock.now());
    if !memory.knows(&site.namespace, host, now) {
        return Ok(None);
    }
    let deployments: Api<Deployment> = Api::namespaced(operator.client.clone(), &site.namespace);
    let Some(deployment) = deployments.get_opt(&host.name).await? else { return Ok(None) };
    let Some(mut hosting) = memory.recall(&site.namespace, host, &deployment, now) else { return Ok(None) };
    status::runs(&mut hosting, &deployment);
    connections::tell_again(&mut hosting, site, host, operator.connections());
    Ok(Some((hosting, status::settled(&deployment))))
}

/// One host, as far as it gets; and whether all its copies are of today's making.
async fn bring(operator: &Operator, site: &build::Site, host: &place::Host) -> Result<(Hosting, bool), Stopped> {
    if let Some(stands) = untouched(operator, site, host).await? {
        return Ok(stands);
    }
    let touches = operator.memory.hosts.touches(&site.namespace, &host.name);
    let found = dereference::host(operator, site, host).await?;
    let mut hosting = status::before(host, &found);
    let access = match access::access(operator, site, host, &found, &mut hosting).await? {
        Some(access) => access,
        None => return Ok((hosting, false)),
    };
    let wanted = build::build(site, host, &access, found.monitors);
    let deployment = apply::apply(operator, site, wanted, found).await?;
    status::runs(&mut hosting, &deployment);
    // A database that is away is asked for again.
    if hosting.database.state == State::Holds {
        let (brought, now) = ((&hosting, &deployment), operator.clock.now());
        operator.memory.hosts.remember(&site.namespace, host, touches, brought, now);
    }
    Ok((hosting, status::settled(&deployment)))
}

/// Nothing can be made in a namespace that is being deleted, and nothing be kept.
pub async fn namespace_goes(operator: &Operator, applied: &Applied) -> Result<bool, Stopped> {
    let namespaces: Api<Namespace> = Api::all(operator.client.clone());
    let found = namespaces.get_metadata_opt(applied.metadata.namespace.as_deref().unwrap_or_default()).await?;
    Ok(found.is_none_or(|found| found.metadata.deletion_timestamp.is_some()))
}

/// Whether nothing of the definition runs any more, so that it may go. Its cases stay in the agency's database.
pub async fn finish(operator: &Operator, applied: &Applied, agency: &str) -> Result<bool, Stopped> {
    let Some(site) = operator.site(applied, agency) else { return Ok(true) };
    let _alone = operator.alone(&site.namespace).await;
    let name = applied.metadata.name.as_deref().unwrap_or_default();
    let around = dereference::around(operator, &site, name).await?;
    let place::Leaving { own, shared } = place::leave(name, &around, site.engine);
    let mut gone = true;
    if let Some(own) = own {
        gone &= remove::remove(operator, &site, &own).await?;
    }
    match shared {
        place::Then::Stay => {}
        // Nothing can be made in a namespace that goes; its other services go with it.
        place::Then::Bring(_) if around.going => {}
        place::Then::Bring(host) => {
            bring(operator, &site, &host).await?;
        }
        place::Then::Remove(host) => gone &= remove::remove(operator, &site, &host).await?,
    }
    Ok(gone)
}
