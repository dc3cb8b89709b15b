//! `kubectl xizmat status`: agency → service → revisions → host → pods, each with its state and the reason for it.

use std::{
    collections::{BTreeMap, BTreeSet},
    process::ExitCode,
};

use api::Kind;
use clap::Args;
use kernel::Failure;
use kube::{Api, ResourceExt};
use serde::Serialize;

use super::{
    cluster::{Asked, Cluster, Missing},
    host::Surroundings,
    output::Output,
    picture::{self, Picture},
    resource::Applied,
    tree::{self, Node},
};

#[derive(Args)]
pub struct Options {
    /// One service; left out: all of the namespace, with registries and grants.
    name: Option<String>,
    #[command(flatten)]
    output: Output,
}

/// As programs read it.
#[derive(Serialize)]
struct Answer<'a> {
    items: &'a [Node],
    /// Rights that were missing to show more.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    missing: &'a [String],
}

pub async fn run(cluster: &Cluster, options: &Options) -> Result<ExitCode, Failure> {
    let mut missing = Missing::default();
    let picture = read(cluster, options.name.as_deref(), &mut missing).await?;
    let roots = picture::nodes(&picture);
    options.output.print(&Answer { items: &roots, missing: missing.rights() }, || {
        let mut words = if roots.is_empty() { nothing(cluster) } else { tree::draw(&roots) };
        if let Some(sentence) = missing.sentence() {
            words.push_str(&format!("\n{sentence}\n"));
        }
        words
    });
    Ok(ExitCode::SUCCESS)
}

fn nothing(cluster: &Cluster) -> String {
    let place = if cluster.everywhere { "cluster".to_owned() } else { format!("namespace `{}`", cluster.namespace) };
    format!(
        "Nobody applied a service in the {place}. `kubectl xizmat render FOLDER | kubectl apply --server-side -f -` applies \
         one; `-A` looks in every namespace.\n"
    )
}

async fn read(cluster: &Cluster, name: Option<&str>, missing: &mut Missing) -> Result<Picture, Failure> {
    let place = (!cluster.everywhere).then_some(cluster.namespace.as_str());
    let mut picture = Picture::default();
    match name {
        Some(name) => picture.services.push(cluster.definition(name).await?),
        None => {
            picture.services = cluster.list(Kind::ServiceDefinition, place).await?;
            for kind in [Kind::Registry, Kind::GrantRequest, Kind::Grant] {
                picture.others.extend(cluster.list(kind, place).await?.into_iter().map(|applied| (kind, applied)));
            }
        }
    }
    let namespaces: BTreeSet<String> = picture.all().filter_map(ResourceExt::namespace).collect();
    for namespace in &namespaces {
        let around = Surroundings::read(cluster, namespace, missing).await?;
        picture.around.insert(namespace.clone(), around);
    }
    picture.agencies = agencies(cluster, &namespaces, missing).await?;
    Ok(picture)
}

/// Each namespace is the agency's of the same name; who may not read agencies still sees what is below them.
async fn agencies(
    cluster: &Cluster,
    namespaces: &BTreeSet<String>,
    missing: &mut Missing,
) -> Result<BTreeMap<String, Applied>, Failure> {
    let mut found = BTreeMap::new();
    let api: Api<Applied> = Api::all_with(cluster.client.clone(), &controller::kind::resource(Kind::Agency));
    for namespace in namespaces {
        let asked = Asked { verb: "get", resource: "agencies.xizmat.dev", namespace: None, name: Some(namespace) };
        if let Some(Some(agency)) = missing.or_note(api.get_opt(namespace).await, asked)? {
            found.insert(namespace.clone(), agency);
        }
    }
    Ok(found)
}
