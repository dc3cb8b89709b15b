//! The objects of one host. Nothing is asked here.

mod network;
mod pod;
mod scale;
mod settings;
#[cfg(test)]
mod tests;

pub use network::monitors;

use std::collections::BTreeMap;

use k8s_openapi::{
    ByteString,
    api::{
        apps::v1::{Deployment, DeploymentSpec, DeploymentStrategy, RollingUpdateDeployment},
        autoscaling::v2::HorizontalPodAutoscaler,
        core::v1::{
            ConfigMap, PersistentVolumeClaim, PersistentVolumeClaimSpec, PodTemplateSpec, Secret, Service,
            ServiceAccount, VolumeResourceRequirements,
        },
        networking::v1::NetworkPolicy,
        policy::v1::PodDisruptionBudget,
    },
    apimachinery::pkg::{
        api::resource::Quantity,
        apis::meta::v1::{LabelSelector, ObjectMeta, OwnerReference},
        util::intstr::IntOrString,
    },
};
use kernel::Hash;
use kube::core::DynamicObject;

use super::{access::Access, name, place::Host};
use crate::{
    config::{Config, Engine},
    kind,
};

/// Told apart from everything else in the namespace, and watched.
pub const MANAGED: (&str, &str) = ("app.kubernetes.io/managed-by", "xizmat-operator");
/// Which definitions look again when the object changes.
pub const SERVICES: &str = "xizmat.dev/services";
pub const HOST_LABEL: &str = "xizmat.dev/host";
/// What the credentials were made for; another sum asks for new ones.
pub const ISSUED: &str = "xizmat.dev/issued";
/// Files that a pod reads once, so that other ones start other pods.
const READ: &str = "xizmat.dev/read";
const AGENCY_LABEL: &str = "xizmat.dev/agency";
const NAME: (&str, &str) = ("app.kubernetes.io/name", "eservice");
/// Health checks and metrics.
pub const HEALTH_PORT: i32 = 9090;
pub const HEALTH: &str = "health";
/// The pod's start and the first connection to bus and database.
const PROGRESS_S: i32 = 300;

/// Where the host is, and what every host of the agency has in common.
#[derive(Debug, Clone)]
pub struct Site {
    pub agency: String,
    pub namespace: String,
    pub production: bool,
    pub platform: String,
    pub image: String,
    pub pull_policy: String,
    pub nats_url: String,
    /// Hosts get to know who signs the bus's certificate.
    pub nats_authority: bool,
    pub otlp_endpoint: Option<String>,
    pub scanner: Option<String>,
    pub recovery: Option<String>,
    /// Under which name the platform is watched.
    pub instance: String,
    pub monitor_labels: BTreeMap<String, String>,
    pub engine: Engine,
    pub connections: u32,
    pub volume_size: String,
    pub volume_class: Option<String>,
}

/// Everything, under the name under which `apply` finds it.
pub struct Wanted {
    pub account: ServiceAccount,
    pub bus: Secret,
    /// PostgreSQL only.
    pub database: Option<Secret>,
    /// SQLite only; it stays when everything else goes.
    pub volume: Option<PersistentVolumeClaim>,
    pub settings: ConfigMap,
    pub trusted_keys: ConfigMap,
    pub lookup_key: Secret,
    /// Without a number of copies: that is written apart.
    pub deployment: Deployment,
    pub copies: i32,
    pub autoscaler: Option<HorizontalPodAutoscaler>,
    pub budget: PodDisruptionBudget,
    pub metrics: Service,
    /// Only where the cluster has monitors.
    pub monitor: Option<DynamicObject>,
    pub wall: NetworkPolicy,
}

impl Site {
    /// Nothing when this operator starts no hosts.
    pub fn of(config: &Config, agency: &str, namespace: &str, trial: bool) -> Option<Self> {
        Some(Self {
            agency: agency.to_owned(),
            namespace: namespace.to_owned(),
            production: !trial,
            platform: config.namespace.clone(),
            image: config.host_image.clone()?,
            pull_policy: config.host_image_pull_policy.clone(),
            nats_url: config.nats_url_for_hosts().to_owned(),
            nats_authority: config.bus.ca_file.is_some(),
            otlp_endpoint: config.host_otlp_endpoint.clone(),
            scanner: config.host_scanner.clone(),
            recovery: config.host_recovery.clone(),
            instance: config.instance.clone(),
            monitor_labels: config.host_monitor_labels.clone(),
            engine: config.database.kind,
            connections: config.database.connections,
            volume_size: config.database.volume_size.clone(),
            volume_class: config.database.volume_class.clone(),
        })
    }
}

pub fn build(site: &Site, host: &Host, access: &Access, monitors: bool) -> Wanted {
    let Access { credentials, user_seed, signing_key, issued, database, trusted_keys, authority, lookup_key } = access;
    let settings = settings::text(site, host);
    let database_url = database.as_ref().map(|(url, _)| url.as_str()).unwrap_or_default();
    let lookup = lookup_key.0.as_slice();
    let read = [settings.as_bytes(), credentials.as_bytes(), signing_key.as_bytes(), database_url.as_bytes(), lookup];
    let bus = [("user.nk", user_seed), ("bus.creds", credentials), ("signing.key", signing_key)];
    let mut trusted = vec![("trusted-keys.json", trusted_keys.as_str())];
    trusted.extend(authority.as_deref().map(|authority| (name::AUTHORITY, authority)));
    let mut bus = secret(own(site, host, name::bus(&host.name)), &bus.map(|(entry, text)| (entry, text.as_str())));
    bus.metadata.annotations.get_or_insert_default().insert(ISSUED.to_owned(), issued.clone());
    Wanted {
        account: ServiceAccount {
            metadata: own(site, host, host.name.clone()),
            automount_service_account_token: Some(false),
            ..ServiceAccount::default()
        },
        bus,
        database: database.as_ref().map(|(url, password)| {
            secret(own(site, host, name::database_access(&host.name)), &[("url", url), ("password", password)])
        }),
        volume: (site.engine == Engine::Sqlite).then(|| volume(site)),
        settings: config_map(own(site, host, name::settings(&host.name)), &[("settings.toml", &settings)]),
        trusted_keys: config_map(common(site, name::TRUSTED_KEYS), &trusted),
        lookup_key: Secret {
            data: Some(BTreeMap::from([("lookup.key".to_owned(), lookup_key.clone())])),
            ..secret(common(site, name::LOOKUP_KEY), &[])
        },
        deployment: deployment(site, host, &Hash::of_parts(&read).to_string()),
        copies: host.copies.min,
        autoscaler: scale::autoscaler(site, host),
        budget: scale::budget(site, host),
        metrics: network::metrics(site, host),
        monitor: monitors.then(|| network::monitor(site, host)),
        wall: network::wall(site, host, database_url),
    }
}

/// Made once: whoever loses it loses what the agency's cases say.
pub fn agency_key(site: &Site, key: &str) -> Secret {
    let entry = agency_key_entry(&site.agency);
    Secret { immutable: Some(true), ..secret(common(site, name::AGENCY_KEY), &[(&entry, key)]) }
}

/// The same, where it outlives the agency's namespace.
pub fn kept_key(site: &Site, key: &str) -> Secret {
    // Said to tools that prune what is no part of a release.
    let annotations = Some(texts(&[("helm.sh/resource-policy", "keep")]));
    let metadata = ObjectMeta {
        namespace: Some(site.platform.clone()),
        annotations,
        ..common(site, &name::kept_key(&site.agency))
    };
    Secret { metadata, ..agency_key(site, key) }
}

pub fn agency_key_entry(agency: &str) -> String {
    format!("{agency}.key")
}

fn deployment(site: &Site, host: &Host, read: &str) -> Deployment {
    let strategy = match site.engine {
        Engine::Postgresql => DeploymentStrategy {
            type_: Some("RollingUpdate".to_owned()),
            rolling_update: Some(RollingUpdateDeployment {
                max_surge: Some(IntOrString::Int(1)),
                max_unavailable: Some(IntOrString::Int(0)),
            }),
        },
        // A volume and a file have one user at a time.
        Engine::Sqlite => DeploymentStrategy { type_: Some("Recreate".to_owned()), rolling_update: None },
    };
    let annotations = BTreeMap::from([(READ.to_owned(), read.to_owned())]);
    let metadata =
        ObjectMeta { labels: Some(labels(site, host)), annotations: Some(annotations), ..ObjectMeta::default() };
    Deployment {
        metadata: own(site, host, host.name.clone()),
        spec: Some(DeploymentSpec {
            progress_deadline_seconds: Some(PROGRESS_S),
            revision_history_limit: Some(2),
            selector: selector(&host.name),
            strategy: Some(strategy),
            template: PodTemplateSpec { metadata: Some(metadata), spec: Some(pod::spec(site, host)) },
            ..DeploymentSpec::default()
        }),
        status: None,
    }
}

fn volume(site: &Site) -> PersistentVolumeClaim {
    let size = BTreeMap::from([("storage".to_owned(), Quantity(site.volume_size.clone()))]);
    PersistentVolumeClaim {
        metadata: common(site, name::VOLUME),
        spec: Some(PersistentVolumeClaimSpec {
            access_modes: Some(vec!["ReadWriteOnce".to_owned()]),
            resources: Some(VolumeResourceRequirements { requests: Some(size), limits: None }),
            storage_class_name: site.volume_class.clone(),
            ..PersistentVolumeClaimSpec::default()
        }),
        status: None,
    }
}

/// An object that goes with its host.
fn own(site: &Site, host: &Host, name: String) -> ObjectMeta {
    ObjectMeta {
        name: Some(name),
        namespace: Some(site.namespace.clone()),
        labels: Some(labels(site, host)),
        annotations: Some(BTreeMap::from([(SERVICES.to_owned(), host.services.join(","))])),
        owner_references: host.owner.as_ref().map(|(name, uid)| {
            vec![OwnerReference {
                api_version: format!("{}/{}", kind::GROUP, kind::VERSION),
                kind: api::Kind::ServiceDefinition.name().to_owned(),
                name: name.clone(),
                uid: uid.clone(),
                controller: Some(true),
                block_owner_deletion: Some(true),
            }]
        }),
        ..ObjectMeta::default()
    }
}

/// An object that the agency's hosts have in common.
fn common(site: &Site, name: &str) -> ObjectMeta {
    ObjectMeta {
        name: Some(name.to_owned()),
        namespace: Some(site.namespace.clone()),
        labels: Some(texts(&[MANAGED, ("app.kubernetes.io/part-of", "xizmat"), (AGENCY_LABEL, &site.agency)])),
        ..ObjectMeta::default()
    }
}

fn labels(site: &Site, host: &Host) -> BTreeMap<String, String> {
    let mut labels = common(site, "").labels.unwrap_or_default();
    labels.extend(texts(&[NAME, ("app.kubernetes.io/instance", &host.name), (HOST_LABEL, &host.name)]));
    labels
}

/// Never changes: a Deployment's selector cannot.
pub fn selector(host: &str) -> LabelSelector {
    LabelSelector { match_labels: Some(texts(&[NAME, (HOST_LABEL, host)])), match_expressions: None }
}

/// The same, as autoscalers read it.
pub fn selector_text(host: &str) -> String {
    format!("{}={},{HOST_LABEL}={host}", NAME.0, NAME.1)
}

fn texts(of: &[(&str, &str)]) -> BTreeMap<String, String> {
    of.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect()
}

fn secret(metadata: ObjectMeta, entries: &[(&str, &str)]) -> Secret {
    let data = entries.iter().map(|(entry, text)| (entry.to_string(), ByteString(text.as_bytes().to_vec())));
    Secret { metadata, data: Some(data.collect()), type_: Some("Opaque".to_owned()), ..Secret::default() }
}

fn config_map(metadata: ObjectMeta, entries: &[(&str, &str)]) -> ConfigMap {
    ConfigMap { metadata, data: Some(texts(entries)), ..ConfigMap::default() }
}
