//! What is there already: the agency's definitions and hosts, one host's keys, what the platform gives to every host.

use std::collections::BTreeMap;

use api::Kind;
use k8s_openapi::{
    ByteString,
    api::{
        apps::v1::Deployment,
        core::v1::{ConfigMap, PersistentVolumeClaim, Secret},
    },
};
use kube::{Api, ResourceExt, api::ListParams};

use super::{
    admitted,
    build::{HOST_LABEL, ISSUED, MANAGED, SERVICES, Site},
    key::Held,
    name::{self, SHARED},
    place::{Around, Host, Member, Stands},
    standing::Standing,
    validate::wish,
};
use crate::{
    config::Engine,
    ending,
    kind::Applied,
    outcome::{RECOVERING, Stopped},
    run::Operator,
};

/// One host and what it needs, as found.
pub struct Found {
    pub bus: Option<Bus>,
    /// URL and password.
    pub database: Option<(String, String)>,
    pub deployment: Option<Deployment>,
    pub trusted_keys: Option<String>,
    pub lookup_key: Option<ByteString>,
    /// Who signs the bus's certificate, where it is encrypted.
    pub authority: Option<String>,
    /// The agency's key in its namespace, and in the platform's.
    pub agency_key: Held,
    pub kept_key: Held,
    /// SQLite: the agency's volume is there.
    pub volume: bool,
    /// The cluster knows monitors.
    pub monitors: bool,
}

/// What a host proves itself with.
pub struct Bus {
    pub user_seed: String,
    pub signing_key: String,
    pub credentials: String,
    pub issued: String,
}

/// As many definitions that changed are read one by one; more of them in one list.
const FEW: usize = 8;
/// Names in one question; it has to fit into an address.
const AT_ONCE: usize = 50;

/// As much of an agency's namespace as matters to one service: a host of its own needs to know its neighbours only while it leaves
/// the shared one.
pub async fn around(operator: &Operator, site: &Site, name: &str) -> Result<Around, Stopped> {
    let both = [name.to_owned(), SHARED.to_owned()];
    let hosts = hosts(operator, site, &both).await?;
    with(operator, site, name, hosts).await
}

/// The same for one that goes: what a watch has not told yet would never be taken away.
pub async fn around_for_good(operator: &Operator, site: &Site, name: &str) -> Result<Around, Stopped> {
    let hosts = listed(operator, site, &[name.to_owned(), SHARED.to_owned()]).await?;
    with(operator, site, name, hosts).await
}

async fn with(
    operator: &Operator,
    site: &Site,
    name: &str,
    mut hosts: BTreeMap<String, Stands>,
) -> Result<Around, Stopped> {
    let going = goes(operator, &site.namespace).await?;
    let own = read(operator, site, name).await?;
    let shares = hosts.get(SHARED).is_some_and(|shared| shared.services.iter().any(|service| service == name));
    let dedicated = own.as_ref().is_none_or(|own| own.wish.dedicated) && site.engine == Engine::Postgresql;
    if dedicated && !shares {
        return Ok(Around { going, members: own.into_iter().collect(), hosts });
    }
    let members = members(operator, site).await?;
    let shared = hosts.get(SHARED).cloned().unwrap_or_default();
    let moves = |member: &&Member| match (shared.services.contains(&member.name), member.wish.dedicated) {
        // It may be settled in its own host.
        (true, dedicated) => dedicated,
        // It may have one, though it is only described from now on.
        (false, dedicated) => !dedicated && !member.wish.hosted,
    };
    let moving: Vec<String> = members.iter().filter(moves).map(|member| member.name.clone()).collect();
    for names in moving.chunks(AT_ONCE) {
        hosts.extend(self::hosts(operator, site, names).await?);
    }
    Ok(Around { going, members, hosts })
}

/// Nothing can be made in a namespace that is being deleted, and nothing be kept.
pub async fn goes(operator: &Operator, namespace: &str) -> Result<bool, Stopped> {
    if operator.memory.namespaces.owner(namespace).is_some() {
        return Ok(false);
    }
    let found = operator.namespace(namespace).await?;
    Ok(found.is_none_or(|found| found.metadata.deletion_timestamp.is_some()))
}

/// Every definition of the namespace.
async fn members(operator: &Operator, site: &Site) -> Result<Vec<Member>, Stopped> {
    let mut members = described(operator, site).await?;
    let now = operator.clock.now();
    for member in &mut members {
        // Who comes with others says so in its status only when it is there.
        member.admitted |= operator.memory.admitted.get(&member.uid, now).is_some();
    }
    Ok(members)
}

/// Only those that changed are read.
async fn described(operator: &Operator, site: &Site) -> Result<Vec<Member>, Stopped> {
    let neighbours = &operator.memory.neighbours;
    if let Some(within) = neighbours.within(&site.namespace)
        && within.unread.len() <= FEW
    {
        let mut members = within.members;
        for name in within.unread {
            members.extend(read(operator, site, &name).await?);
        }
        return Ok(members);
    }
    let all = operator.api(Kind::ServiceDefinition, Some(&site.namespace)).list(&ListParams::default()).await?;
    let mut members = Vec::new();
    for found in all.items {
        members.extend(remembered(operator, &found).await?);
    }
    Ok(members)
}

async fn read(operator: &Operator, site: &Site, name: &str) -> Result<Option<Member>, Stopped> {
    let found = operator.api(Kind::ServiceDefinition, Some(&site.namespace)).get_opt(name).await?;
    if found.is_none() {
        operator.memory.neighbours.is_gone(&site.namespace, name);
    }
    match found {
        Some(found) => remembered(operator, &found).await,
        None => Ok(None),
    }
}

/// Whoever reads or writes a definition spares its neighbours to read it.
pub async fn remembered(operator: &Operator, found: &Applied) -> Result<Option<Member>, Stopped> {
    let member = member(operator, found).await?;
    if let Some(member) = &member {
        operator.memory.neighbours.read(&found.metadata, member.clone());
    }
    Ok(member)
}

/// Nothing for one that can run nowhere, whatever it says.
async fn member(operator: &Operator, found: &Applied) -> Result<Option<Member>, Stopped> {
    let name = found.name_any();
    let wish = match wish(&name, &found.spec) {
        Ok(wish) => Some(wish),
        // One that cannot be run as it says is refused at its own look, and keeps what it has.
        Err(_) => match admitted::wish_of(operator, found).await? {
            Some(wish) => Some(wish),
            None => wish(&name, &serde_json::json!({})).ok(),
        },
    };
    let is_deleted = found.metadata.deletion_timestamp.is_some();
    let says = |reason: &str| found.status.as_ref().is_some_and(|status| status.says("Ready", reason));
    Ok(wish.map(|wish| Member {
        uid: found.uid().unwrap_or_default(),
        going: is_deleted && says(ending::ENDING),
        wish: if is_deleted && says(ending::KEEPING) { wish.only_kept() } else { wish },
        // What waits for the end of a recovery was admitted before, as far as anybody can tell.
        admitted: says(RECOVERING) || found.status.as_ref().is_some_and(|status| status.revision.is_some()),
        name,
    }))
}

/// Of these hosts those that are there: as long as anything proves it, its Deployment or its keys.
async fn hosts(operator: &Operator, site: &Site, names: &[String]) -> Result<BTreeMap<String, Stands>, Stopped> {
    match known(operator, site, names) {
        Some(hosts) => Ok(hosts),
        None => listed(operator, site, names).await,
    }
}

/// Nothing while a watch begins.
fn known(operator: &Operator, site: &Site, names: &[String]) -> Option<BTreeMap<String, Stands>> {
    let mut hosts = BTreeMap::new();
    for host in names {
        let held = operator.memory.holders.find(&site.namespace, host)?;
        let keys = held.map(|services| Stands { services, settled: false });
        let runs = operator.memory.deployments.find(&site.namespace, host)?;
        let runs = runs.map(|standing| Stands { settled: standing.settled(), services: standing.services });
        hosts.extend(runs.or(keys).map(|stands| (host.clone(), stands)));
    }
    Some(hosts)
}

async fn listed(operator: &Operator, site: &Site, names: &[String]) -> Result<BTreeMap<String, Stands>, Stopped> {
    let which = format!("{}={},{HOST_LABEL} in ({})", MANAGED.0, MANAGED.1, names.join(","));
    let own = ListParams::default().labels(&which);
    let mut hosts: BTreeMap<String, Stands> = BTreeMap::new();
    let secrets: Api<Secret> = Api::namespaced(operator.client.clone(), &site.namespace);
    for found in secrets.list_metadata(&own).await? {
        if let Some(host) = found.labels().get(HOST_LABEL) {
            hosts.entry(host.clone()).or_insert(Stands { services: services(&found), settled: false });
        }
    }
    let deployments: Api<Deployment> = Api::namespaced(operator.client.clone(), &site.namespace);
    for found in deployments.list(&own).await? {
        if let Some(host) = found.labels().get(HOST_LABEL) {
            let stands = Stands { services: services(&found), settled: Standing::of(&found).settled() };
            hosts.insert(host.clone(), stands);
        }
    }
    Ok(hosts)
}

/// Whether the namespace has no host but this one.
pub async fn is_last(operator: &Operator, site: &Site, host: &str) -> Result<bool, Stopped> {
    let which = format!("{}={},{HOST_LABEL},{HOST_LABEL}!={host}", MANAGED.0, MANAGED.1);
    let others = ListParams::default().labels(&which).limit(1);
    let secrets: Api<Secret> = Api::namespaced(operator.client.clone(), &site.namespace);
    let deployments: Api<Deployment> = Api::namespaced(operator.client.clone(), &site.namespace);
    Ok(secrets.list_metadata(&others).await?.items.is_empty()
        && deployments.list_metadata(&others).await?.items.is_empty())
}

pub fn services(of: &impl ResourceExt) -> Vec<String> {
    let written = of.annotations().get(SERVICES).map(String::as_str).unwrap_or_default();
    written.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

pub async fn host(operator: &Operator, site: &Site, host: &Host) -> Result<Found, Stopped> {
    let client = || operator.client.clone();
    let secrets: Api<Secret> = Api::namespaced(client(), &site.namespace);
    let deployments: Api<Deployment> = Api::namespaced(client(), &site.namespace);
    let volumes: Api<PersistentVolumeClaim> = Api::namespaced(client(), &site.namespace);
    let platform: Api<Secret> = Api::namespaced(client(), &site.platform);
    let shared: Api<ConfigMap> = Api::namespaced(client(), &site.platform);
    let config = &operator.config;
    let database = match secrets.get_opt(&name::database_access(&host.name)).await? {
        Some(found) => text(&found, "url").zip(text(&found, "password")),
        None => None,
    };
    let trusted = shared.get_opt(&config.trusted_keys_config_map).await?;
    let lookup = platform.get_opt(&config.lookup_key_secret).await?;
    Ok(Found {
        bus: secrets.get_opt(&name::bus(&host.name)).await?.as_ref().and_then(keys),
        database,
        deployment: deployments.get_opt(&host.name).await?,
        trusted_keys: trusted.and_then(|found| found.data?.remove("trusted-keys.json")),
        lookup_key: lookup.and_then(|found| found.data?.remove("lookup.key")),
        authority: config.bus.authority()?,
        agency_key: Held::of(secrets.get_opt(name::AGENCY_KEY).await?.as_ref(), &site.agency),
        kept_key: Held::of(platform.get_opt(&name::kept_key(&site.agency)).await?.as_ref(), &site.agency),
        volume: site.engine == Engine::Sqlite && volumes.get_metadata_opt(name::VOLUME).await?.is_some(),
        monitors: operator.knows_monitors().await?,
    })
}

/// A Secret that lacks a part is made anew.
fn keys(found: &Secret) -> Option<Bus> {
    Some(Bus {
        user_seed: text(found, "user.nk")?,
        signing_key: text(found, "signing.key")?,
        credentials: text(found, "bus.creds")?,
        issued: found.annotations().get(ISSUED).cloned().unwrap_or_default(),
    })
}

fn text(secret: &Secret, entry: &str) -> Option<String> {
    let found = secret.data.as_ref()?.get(entry)?;
    String::from_utf8(found.0.clone()).ok().filter(|text| !text.is_empty())
}
