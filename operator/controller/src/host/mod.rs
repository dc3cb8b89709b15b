//! What runs a service: a host of its own, or the one that its agency's services share.

mod access;
mod admitted;
mod amount;
mod apply;
mod build;
mod connections;
mod deployments;
mod dereference;
mod holders;
mod joining;
mod key;
mod live;
mod name;
mod neighbours;
mod place;
mod preview;
mod remove;
mod standing;
mod status;
mod untouched;
mod validate;

pub use access::credentials_file;
pub use apply::{delete, write as put};
pub use build::{HOST_LABEL, ISSUED, MANAGED, SERVICES, Site, monitors};
pub use connections::{Connections, TOO_MANY};
pub use deployments::Deployments;
pub use dereference::{goes as namespace_goes, remembered};
pub use holders::Holders;
pub use joining::Joining;
pub use name::AUTHORITY;
pub use neighbours::Neighbours;
pub use preview::preview;
pub use status::{JOINING, STARTING};
pub use untouched::Untouched;
pub use validate::{UNFOLLOWED, says_how, wish};

use std::collections::HashSet;

use api::Kind;
use k8s_openapi::api::apps::v1::Deployment;
use kube::Api;
use standing::Standing;

use crate::{
    kind::Applied,
    outcome::{Hosting, State, Stopped},
    run::Operator,
    status::Status,
};

/// Brings hosts and an admitted definition together; nothing when it needs none.
pub async fn reconcile(operator: &Operator, applied: &Applied, agency: &str) -> Result<Option<Hosting>, Stopped> {
    let Some(site) = operator.site(applied, agency) else { return Ok(None) };
    let name = applied.metadata.name.as_deref().unwrap_or_default();
    // What it says may be what is refused.
    let wish = wish(name, &applied.spec).ok();
    if let Some(wish) = &wish {
        if let Some(hosting) = at_home(operator, &site, applied, wish).await? {
            return Ok(Some(hosting));
        }
        if waits_for_others(operator, &site, applied, wish) {
            return Ok(Some(status::joining()));
        }
    }
    // Services of an agency meet in its shared host: one look at a time.
    let _alone = operator.alone(&site.namespace).await;
    operator.memory.hosts.moves(&site.namespace, [name, name::SHARED], name);
    let around = dereference::around(operator, &site, name).await?;
    let Some(places) = place::place(name, &around, site.engine) else { return Ok(None) };
    if operator.config.read_only {
        return Ok(None);
    }
    let place::Places { host, then } = places;
    let (hosting, settled) = bring(operator, &site, &host).await?;
    match then {
        place::Then::Stay => {
            if let Some(wish) = &wish {
                operator.memory.hosts.stays(&site.namespace, &host.name, (name, wish));
            }
        }
        place::Then::Bring(other) if settled && has_arrived(operator, &site, &host.name).await? => {
            bring(operator, &site, &other).await?;
        }
        // While its pods end it is still there: the change of its Deployment brings the next look.
        place::Then::Remove(other) if settled && has_arrived(operator, &site, &host.name).await? => {
            remove::remove(operator, &site, &other).await?;
        }
        place::Then::Bring(_) | place::Then::Remove(_) => {}
    }
    Ok(Some(hosting))
}

/// A service that is where it wishes to be and nowhere else: who its neighbours are does not matter.
async fn at_home(
    operator: &Operator,
    site: &Site,
    applied: &Applied,
    wish: &validate::Wish,
) -> Result<Option<Hosting>, Stopped> {
    let name = applied.metadata.name.as_deref().unwrap_or_default();
    let home = if place::is_dedicated(wish, site.engine) { name } else { name::SHARED };
    let Some(host) = operator.memory.hosts.home(&site.namespace, home, (name, wish)) else { return Ok(None) };
    // Applied anew under the same name it owns nothing yet.
    let is_another = host.owner.as_ref().is_some_and(|(_, uid)| applied.metadata.uid.as_ref() != Some(uid));
    let goes = applied.metadata.deletion_timestamp.is_some();
    if is_another || goes || !wish.hosted || !operator.holds(Kind::ServiceDefinition, applied) {
        return Ok(None);
    }
    Ok(untouched(operator, site, &host).await?.map(|(hosting, _)| hosting))
}

/// Nothing was ever said of it, and others come to the same host.
fn waits_for_others(operator: &Operator, site: &Site, applied: &Applied, wish: &validate::Wish) -> bool {
    let is_new = applied.status.as_ref().is_none_or(Status::says_nothing);
    if !is_new || !wish.hosted || place::is_dedicated(wish, site.engine) || operator.config.read_only {
        return false;
    }
    let Some(shared) = operator.memory.deployments.find(&site.namespace, name::SHARED) else { return false };
    let there: HashSet<String> = shared.map(|standing| standing.services).unwrap_or_default().into_iter().collect();
    let name = applied.metadata.name.as_deref().unwrap_or_default();
    if there.contains(name) {
        return false;
    }
    let mut may_come = operator.memory.neighbours.sharing(&site.namespace, site.engine);
    may_come.retain(|name| !there.contains(name));
    let turns = operator.turns.on(Kind::ServiceDefinition, &site.namespace, may_come);
    let around = joining::Around { there: &there, turns: &turns };
    operator.memory.joining.waits(&site.namespace, name, &around, operator.clock.now())
}

/// A host that stands as it was left, with what its Deployment says now.
async fn untouched(operator: &Operator, site: &Site, host: &place::Host) -> Result<Option<(Hosting, bool)>, Stopped> {
    let (memory, now) = (&operator.memory.hosts, operator.clock.now());
    if !memory.knows(&site.namespace, host, now) {
        return Ok(None);
    }
    let Some(standing) = standing(operator, site, &host.name).await? else { return Ok(None) };
    let Some(mut hosting) = memory.recall(&site.namespace, host, &standing, now) else { return Ok(None) };
    status::runs(&mut hosting, &standing);
    connections::tell_again(&mut hosting, site, host, operator.connections());
    Ok(Some((hosting, standing.settled())))
}

/// Before anything is taken away elsewhere: a watch may be late.
async fn has_arrived(operator: &Operator, site: &Site, host: &str) -> Result<bool, Stopped> {
    Ok(asked(operator, site, host).await?.is_some_and(|standing| standing.settled()))
}

async fn standing(operator: &Operator, site: &Site, host: &str) -> Result<Option<Standing>, Stopped> {
    if let Some(standing) = operator.memory.deployments.find(&site.namespace, host) {
        return Ok(standing);
    }
    asked(operator, site, host).await
}

async fn asked(operator: &Operator, site: &Site, host: &str) -> Result<Option<Standing>, Stopped> {
    let deployments: Api<Deployment> = Api::namespaced(operator.client.clone(), &site.namespace);
    Ok(deployments.get_opt(host).await?.as_ref().map(Standing::of))
}

/// One host, as far as it gets; and whether all its copies are of today's making.
async fn bring(operator: &Operator, site: &Site, host: &place::Host) -> Result<(Hosting, bool), Stopped> {
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
    operator.memory.deployments.wrote(&deployment);
    let standing = Standing::of(&deployment);
    status::runs(&mut hosting, &standing);
    // A database that is away is asked for again.
    if hosting.database.state == State::Holds {
        let (brought, now) = ((&hosting, &standing), operator.clock.now());
        operator.memory.hosts.remember(&site.namespace, host, touches, brought, now);
    }
    Ok((hosting, standing.settled()))
}

/// Whether nothing of the definition runs any more, so that it may go. Its cases stay in the agency's database.
pub async fn finish(operator: &Operator, applied: &Applied, agency: &str) -> Result<bool, Stopped> {
    let Some(site) = operator.site(applied, agency) else { return Ok(true) };
    let _alone = operator.alone(&site.namespace).await;
    let name = applied.metadata.name.as_deref().unwrap_or_default();
    let around = dereference::around_for_good(operator, &site, name).await?;
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
