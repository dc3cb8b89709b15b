//! `xizmat provision`: keys, credentials and databases of a platform on Kubernetes, in the Secrets of its namespace.
//!
//! What `up` makes in its data folder is made here with the same code in a folder that exists only while this runs. One
//! Secret keeps everything (`<release>-keys`); every reader gets another with its own files only.

mod certificate;
mod cluster;
mod databases;
mod folder;
mod plan;
#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, path::PathBuf};

use boot::{Kit, Stage, secrets::read_or_make_key};
use clap::Args;
use controller::secrets::{Files, Namespace};
use kernel::Failure;

use crate::serve::install_crypto;
use cluster::Asked;
use folder::Folder;
use plan::Plan;

#[derive(Args)]
pub struct Options {
    /// Namespace of the platform.
    #[arg(long)]
    namespace: String,
    /// First word of every object's name.
    #[arg(long, default_value = "xizmat")]
    release: String,
    /// A folder in memory: keys lie there while this runs.
    #[arg(long)]
    folder: PathBuf,
    /// Whose Secrets are written; may be repeated. Left out: every role's.
    #[arg(long = "role", value_name = "ROLE")]
    roles: Vec<String>,
    /// An agency whose keys are made before the services start; may be repeated.
    #[arg(long = "agency", value_name = "AGENCY")]
    agencies: Vec<String>,
    /// Address of a NATS server of a cluster, as the others reach it; repeated for each.
    #[arg(long = "nats-node", value_name = "HOST")]
    nats_nodes: Vec<String>,
    /// Folder in which NATS servers find `tls.crt`, `tls.key` and `ca.crt`. Left out: they speak to each other in plain.
    #[arg(long, value_name = "FOLDER")]
    nats_tls: Option<PathBuf>,
    /// A name or address under which NATS servers are reached; repeated for each. Left out: no certificate is made for them.
    #[arg(long = "nats-name", value_name = "HOST", requires = "nats_tls")]
    nats_names: Vec<String>,
    /// A file that holds the URL of a PostgreSQL role that may make databases and roles. Left out: no databases are made.
    #[arg(long)]
    administrator_url_file: Option<PathBuf>,
    #[command(flatten)]
    cluster: Asked,
    /// Databases are called `<prefix>_<service>`.
    #[arg(long, default_value = "xizmat")]
    database_prefix: String,
    /// Credentials for the API server. When left out: those of the pod, else the user's own.
    #[arg(long)]
    kubeconfig_file: Option<PathBuf>,
}

pub async fn run(options: Options) -> Result<(), Failure> {
    install_crypto();
    let plan = plan(&options)?;
    let kit = Kit::system(Stage::Trial);
    let namespace = Namespace::connect(&options.namespace, &plan.release, options.kubeconfig_file.as_deref()).await?;
    let folder = Folder::new(&options.folder);
    let kept = namespace.secret(&plan.kept()).await?;
    match &kept {
        Some(kept) => folder.restore(kept)?,
        None => nothing_was_lost(&namespace, &plan).await?,
    }
    let cluster = options.cluster.connect(&options.namespace, options.kubeconfig_file.as_deref()).await?;
    if let Some(cluster) = &cluster {
        // Before the passwords are kept that say that there were databases.
        options.cluster.put(cluster, &plan.release, kept.is_some_and(|kept| databases::were_made(&kept))).await?;
    }
    make(&folder, &plan, &kit)?;
    // First of all: a key that is in use is never lost.
    namespace.put_secret(&plan.kept(), folder.everything()?).await?;
    let administrator_url = match (&options.administrator_url_file, &cluster) {
        (Some(file), _) => Some(boot::secrets::read(file)?),
        (None, Some(cluster)) => Some(cluster::administrator_url(cluster).await?),
        (None, None) => None,
    };
    if let Some(administrator_url) = administrator_url {
        databases::make(&folder, &plan, &administrator_url, &options.database_prefix, &kit).await?;
    }
    for parcel in plan.parcels() {
        let files: Files = parcel
            .files
            .iter()
            .map(|(key, file)| Ok((key.clone(), folder.read(file)?)))
            .collect::<Result<_, Failure>>()?;
        println!("{} {}", parcel.name, files.keys().map(String::as_str).collect::<Vec<_>>().join(" "));
        namespace.put_secret(&parcel.name, files).await?;
    }
    let trusted = String::from_utf8_lossy(&folder.read(plan::TRUSTED_KEYS)?).into_owned();
    let mut texts = BTreeMap::from([("trusted-keys.json".to_owned(), trusted)]);
    if !plan.nats_names.is_empty() {
        let authority = String::from_utf8_lossy(&folder.read(certificate::AUTHORITY)?).into_owned();
        texts.insert("ca.crt".to_owned(), authority);
    }
    namespace.put_config_map(&format!("{}-trusted-keys", plan.release), texts).await
}

fn plan(options: &Options) -> Result<Plan, Failure> {
    let every = proto::permissions::ROLES;
    let roles = match options.roles.as_slice() {
        [] => every.to_vec(),
        named => every.iter().copied().filter(|role| named.iter().any(|name| name == role)).collect(),
    };
    if let Some(unknown) = options.roles.iter().find(|name| !every.contains(&name.as_str())) {
        let message = format!("There is no role `{unknown}`. There are: {}.", every.join(", "));
        return Err(Failure::invalid("provision.role", message));
    }
    for agency in &options.agencies {
        bus::subject::token(agency)?;
    }
    Ok(Plan {
        release: options.release.clone(),
        roles,
        agencies: options.agencies.clone(),
        nats_nodes: options.nats_nodes.clone(),
        databases: options.administrator_url_file.is_some() || options.cluster.is_wanted(),
        nats_tls: options.nats_tls.clone(),
        nats_names: options.nats_names.clone(),
    })
}

/// Without the keys, what is kept on volumes and in databases can never be read again: nobody makes others unasked.
async fn nothing_was_lost(namespace: &Namespace, plan: &Plan) -> Result<(), Failure> {
    for parcel in plan.parcels() {
        if namespace.secret(&parcel.name).await?.is_some() {
            let message = format!(
                "The Secret `{}` is there, but `{}`, which keeps all keys, is not. Restore it from your backup. To begin \
                 anew with other keys, delete every Secret, volume and database of the platform.",
                parcel.name,
                plan.kept()
            );
            return Err(Failure::conflict("provision.keys-lost", message));
        }
    }
    Ok(())
}

/// Makes every key and secret that is missing; existing ones stay.
fn make(folder: &Folder, plan: &Plan, kit: &Kit) -> Result<(), Failure> {
    let (clock, random) = (&*kit.clock, &*kit.random);
    let nats = folder.path("nats");
    // Where servers listen is said by the chart; only who signs is read from here.
    exchange::prepare(&nats, "0.0.0.0:4222", proto::permissions::ROLES, clock, random)?;
    exchange::prepare_cluster(&nats, &plan.nats_nodes, plan.nats_tls.as_deref(), random)?;
    certificate::make(folder, &plan.nats_names, kit)?;
    identity::provision(&folder.path("identity"), random)?;
    for file in plan.own_keys().into_iter().chain(databases::passwords(plan)) {
        read_or_make_key(&folder.path(&file), random)?;
    }
    Ok(())
}
