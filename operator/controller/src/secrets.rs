//! Files of the platform as objects of one namespace: Secrets, and a ConfigMap for what everybody may read.

use std::{collections::BTreeMap, path::Path};

use k8s_openapi::{
    ByteString,
    api::core::v1::{ConfigMap, Secret},
};
use kernel::Failure;
use kube::{
    Api, Client,
    api::{ObjectMeta, Patch, PatchParams},
};

use crate::{Config, client};

/// What these objects hold is owned by whoever provisions, and by nobody else.
pub(crate) const MANAGER: &str = "xizmat-provision";

/// The content of an object: a name and the bytes of a file.
pub type Files = BTreeMap<String, Vec<u8>>;

pub struct Namespace {
    secrets: Api<Secret>,
    config_maps: Api<ConfigMap>,
    release: String,
}

impl Namespace {
    /// `release` is written on every object, so that people find what belongs together.
    pub async fn connect(name: &str, release: &str, kubeconfig_file: Option<&Path>) -> Result<Self, Failure> {
        let config = Config { kubeconfig_file: kubeconfig_file.map(Path::to_owned), ..Config::default() };
        Ok(Self::of(&client::connect(&config).await?, name, release))
    }

    fn of(client: &Client, name: &str, release: &str) -> Self {
        Self {
            secrets: Api::namespaced(client.clone(), name),
            config_maps: Api::namespaced(client.clone(), name),
            release: release.to_owned(),
        }
    }

    pub async fn secret(&self, name: &str) -> Result<Option<Files>, Failure> {
        let found = self.secrets.get_opt(name).await.map_err(|error| refused(name, &error))?;
        Ok(found.map(|secret| secret.data.unwrap_or_default().into_iter().map(|(key, bytes)| (key, bytes.0)).collect()))
    }

    /// Makes the Secret hold exactly these files.
    pub async fn put_secret(&self, name: &str, files: Files) -> Result<(), Failure> {
        let secret = secret(metadata(name, &self.release), files);
        let applied = self.secrets.patch(name, &PatchParams::apply(MANAGER).force(), &Patch::Apply(secret)).await;
        applied.map(drop).map_err(|error| refused(name, &error))
    }

    /// Nothing secret belongs into it.
    pub async fn put_config_map(&self, name: &str, texts: BTreeMap<String, String>) -> Result<(), Failure> {
        let map = ConfigMap { metadata: metadata(name, &self.release), data: Some(texts), ..ConfigMap::default() };
        let applied = self.config_maps.patch(name, &PatchParams::apply(MANAGER).force(), &Patch::Apply(map)).await;
        applied.map(drop).map_err(|error| refused(name, &error))
    }
}

/// Of whatever outlives the release.
pub(crate) fn metadata(name: &str, release: &str) -> ObjectMeta {
    // Helm leaves alone what is no part of a release; the annotation says so to people and to tools that prune.
    let keep = BTreeMap::from([("helm.sh/resource-policy".to_owned(), "keep".to_owned())]);
    ObjectMeta {
        name: Some(name.to_owned()),
        labels: Some(labels(release)),
        annotations: Some(keep),
        ..ObjectMeta::default()
    }
}

fn labels(release: &str) -> BTreeMap<String, String> {
    let labels = [
        ("app.kubernetes.io/name", "xizmat"),
        ("app.kubernetes.io/instance", release),
        ("app.kubernetes.io/managed-by", MANAGER),
    ];
    labels.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
}

fn secret(metadata: ObjectMeta, files: Files) -> Secret {
    Secret {
        metadata,
        type_: Some("Opaque".to_owned()),
        data: Some(files.into_iter().map(|(key, bytes)| (key, ByteString(bytes))).collect()),
        ..Secret::default()
    }
}

fn refused(name: &str, error: &kube::Error) -> Failure {
    let message = format!("The API server does not give or take `{name}`: {error}.");
    match error {
        kube::Error::Api(status) if status.code < 500 => Failure::forbidden("provision.refused", message),
        _ => Failure::unavailable("provision.refused", message),
    }
}
