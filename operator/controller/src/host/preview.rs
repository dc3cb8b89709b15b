//! What would be done to hosts, in words: for an operator that only looks.

use std::fmt::Debug;

use k8s_openapi::{NamespaceResourceScope, api::autoscaling::v2::HorizontalPodAutoscaler};
use kube::{Api, Resource, ResourceExt};
use serde::{Serialize, de::DeserializeOwned};

use super::{
    access,
    apply::{is_so, plain},
    build::{self, Site, Wanted, monitors},
    dereference,
    place::{self, Around, Host, Places, Then},
};
use crate::{config::Engine, kind::Applied, outcome::Stopped, run::Operator};

/// Nothing where everything is as it should be.
pub async fn preview(operator: &Operator, applied: &Applied, agency: &str) -> Result<Vec<String>, Stopped> {
    let Some(site) = operator.site(applied, agency) else { return Ok(Vec::new()) };
    let name = applied.metadata.name.as_deref().unwrap_or_default();
    let around = dereference::around(operator, &site, name).await?;
    let Some(places) = place::place(name, &around, site.engine) else { return Ok(Vec::new()) };
    let mut would = moves(&places, &around);
    let found = dereference::host(operator, &site, &places.host).await?;
    let known = |access: &access::Access| site.engine == Engine::Sqlite || access.database.is_some();
    match access::as_found(&found).filter(known) {
        Some(access) => {
            let wanted = build::build(&site, &places.host, &access, found.monitors);
            would.extend(unlike(operator, &site, wanted).await?);
        }
        None => would.push(format!("give the host `{}` its keys and make its objects", places.host.name)),
    }
    Ok(would)
}

fn moves(Places { host, then }: &Places, around: &Around) -> Vec<String> {
    let runs = |host: &Host| host.services.join(", ");
    let mut would = Vec::new();
    match around.hosts.get(&host.name) {
        None => would.push(format!("start the host `{}` for {}", host.name, runs(host))),
        Some(stands) if stands.services != host.services => {
            would.push(format!("let the host `{}` run {}", host.name, runs(host)));
        }
        Some(_) => {}
    }
    match then {
        Then::Stay => {}
        Then::Bring(other) => would.push(format!("leave {} to the host `{}`", runs(other), other.name)),
        Then::Remove(other) => would.push(format!("take the host `{other}` away")),
    }
    would
}

async fn unlike(operator: &Operator, site: &Site, wanted: Wanted) -> Result<Vec<String>, Stopped> {
    let Wanted {
        account,
        bus,
        database,
        volume,
        settings,
        trusted_keys,
        lookup_key,
        deployment,
        copies: _,
        autoscaler,
        budget,
        metrics,
        monitor,
        wall,
    } = wanted;
    let mut would = vec![
        one(operator, site, &account).await?,
        one(operator, site, &bus).await?,
        one(operator, site, &settings).await?,
        one(operator, site, &trusted_keys).await?,
        one(operator, site, &lookup_key).await?,
        one(operator, site, &wall).await?,
        one(operator, site, &deployment).await?,
        one(operator, site, &budget).await?,
        one(operator, site, &metrics).await?,
    ];
    if let Some(database) = &database {
        would.push(one(operator, site, database).await?);
    }
    if let Some(volume) = &volume {
        // One that is there is never changed.
        would.push(one(operator, site, volume).await?.filter(|words| words.starts_with(MAKE)));
    }
    match &autoscaler {
        Some(autoscaler) => would.push(one(operator, site, autoscaler).await?),
        None => {
            let api: Api<HorizontalPodAutoscaler> = Api::namespaced(operator.client.clone(), &site.namespace);
            let name = deployment.name_any();
            let stands = api.get_metadata_opt(&name).await?;
            would.push(stands.map(|_| format!("delete HorizontalPodAutoscaler `{name}`")));
        }
    }
    if let Some(monitor) = &monitor {
        let api = Api::namespaced_with(operator.client.clone(), &site.namespace, &monitors());
        would.push(words(api, monitor).await?);
    }
    Ok(would.into_iter().flatten().collect())
}

async fn one<K>(operator: &Operator, site: &Site, wanted: &K) -> Result<Option<String>, Stopped>
where
    K: Resource<DynamicType = (), Scope = NamespaceResourceScope> + Clone + Serialize + DeserializeOwned + Debug,
{
    words(Api::namespaced(operator.client.clone(), &site.namespace), wanted).await
}

const MAKE: &str = "make";

async fn words<K>(api: Api<K>, wanted: &K) -> Result<Option<String>, Stopped>
where
    K: Resource + Clone + Serialize + DeserializeOwned + Debug,
{
    let (name, plain) = (wanted.name_any(), plain(wanted));
    let verb = match api.get_opt(&name).await? {
        Some(stands) if is_so(&plain, &stands) => return Ok(None),
        Some(_) => "change",
        None => MAKE,
    };
    let kind = plain.get("kind").and_then(|kind| kind.as_str()).unwrap_or("object");
    Ok(Some(format!("{verb} {kind} `{name}`")))
}
