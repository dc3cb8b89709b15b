//! The platform's own PostgreSQL where CloudNativePG runs it: one `Cluster`, as it is asked for and as its databases are reached.

use std::path::Path;

use k8s_openapi::api::core::v1::Secret;
use kernel::Failure;
use kube::{
    Api, Client,
    api::{Patch, PatchParams},
    core::{ApiResource, DynamicObject, GroupVersionKind},
};
use serde_json::{Map, Value};
use url::Url;

use crate::{
    Config, client,
    secrets::{MANAGER, metadata},
};

/// What CloudNativePG names after the Cluster: the Service of its primary, two Secrets, and the port of all of them.
const PRIMARY: &str = "rw";
const SUPERUSER: &str = "superuser";
const AUTHORITY: &str = "ca";
const PORT: u16 = 5432;

pub struct Cluster {
    clusters: Api<DynamicObject>,
    secrets: Api<Secret>,
    namespace: String,
    name: String,
}

impl Cluster {
    pub async fn connect(namespace: &str, name: &str, kubeconfig_file: Option<&Path>) -> Result<Self, Failure> {
        let config = Config { kubeconfig_file: kubeconfig_file.map(Path::to_owned), ..Config::default() };
        Ok(Self::of(&client::connect(&config).await?, namespace, name))
    }

    fn of(client: &Client, namespace: &str, name: &str) -> Self {
        Self {
            clusters: Api::namespaced_with(client.clone(), namespace, &clusters()),
            secrets: Api::namespaced(client.clone(), namespace),
            namespace: namespace.to_owned(),
            name: name.to_owned(),
        }
    }

    /// Asks for it as `spec` says; what others wrote beside it stays.
    pub async fn put(&self, release: &str, spec: Map<String, Value>) -> Result<(), Failure> {
        let wanted = wanted(&self.name, release, spec);
        let applied =
            self.clusters.patch(&self.name, &PatchParams::apply(MANAGER).force(), &Patch::Apply(wanted)).await;
        applied.map(drop).map_err(|error| self.refused(&error))
    }

    pub async fn exists(&self) -> Result<bool, Failure> {
        Ok(self.found().await?.is_some())
    }

    /// The URL of a role that may make databases and roles, once an instance takes connections.
    pub async fn administrator_url(&self) -> Result<String, Failure> {
        let Some(found) = self.found().await? else {
            let message = format!(
                "`{}` has no Cluster `{}`. Restore it from its backup, or let `helm upgrade` make it.",
                self.namespace, self.name
            );
            return Err(Failure::not_found("cloudnativepg.no-cluster", message));
        };
        if let Some(phase) = coming(&found.data) {
            return Err(self.waits(&phase));
        }
        let superuser = self.secret(SUPERUSER).await?;
        let authority = self.secret(AUTHORITY).await?;
        let told = (
            entry(superuser.as_ref(), "username"),
            entry(superuser.as_ref(), "password"),
            entry(authority.as_ref(), "ca.crt"),
        );
        let (Some(user), Some(password), Some(authority)) = told else {
            return Err(self.waits("without credentials yet"));
        };
        // The URL in the Secret names no database (`*`) and no authority.
        let host = format!("{}-{PRIMARY}.{}.svc", self.name, self.namespace);
        Ok(address(&host, &user, &password, &authority))
    }

    async fn found(&self) -> Result<Option<DynamicObject>, Failure> {
        match self.clusters.get(&self.name).await {
            Ok(found) => Ok(Some(found)),
            Err(kube::Error::Api(status)) if status.code == 404 && status.reason == "NotFound" => Ok(None),
            Err(error) => Err(self.refused(&error)),
        }
    }

    async fn secret(&self, suffix: &str) -> Result<Option<Secret>, Failure> {
        self.secrets.get_opt(&format!("{}-{suffix}", self.name)).await.map_err(|error| self.refused(&error))
    }

    fn waits(&self, phase: &str) -> Failure {
        let message = format!("Waiting for the Cluster `{}` of `{}` to be ready ({phase}).", self.name, self.namespace);
        Failure::unavailable("cloudnativepg.coming", message)
    }

    fn refused(&self, error: &kube::Error) -> Failure {
        let message = format!("The API server does not give or take the Cluster `{}`: {error}.", self.name);
        match error {
            // A plain text, whose reason is none of the API: nobody serves this kind.
            kube::Error::Api(status) if status.code == 404 => {
                let message = "This Kubernetes knows no `Cluster` of postgresql.cnpg.io: install CloudNativePG, or name a \
                               PostgreSQL of your own (`postgresql.administratorSecret`).";
                Failure::not_found("cloudnativepg.missing", message)
            }
            kube::Error::Api(status) if status.code < 500 => Failure::forbidden("cloudnativepg.refused", message),
            _ => Failure::unavailable("cloudnativepg.away", message),
        }
    }
}

fn clusters() -> ApiResource {
    ApiResource::from_gvk_with_plural(&GroupVersionKind::gvk("postgresql.cnpg.io", "v1", "Cluster"), "clusters")
}

/// Databases and roles are made by the superuser: a role that CloudNativePG manages loses every membership it does not know of,
/// and whoever makes a database for another role has to be a member of that.
fn wanted(name: &str, release: &str, mut spec: Map<String, Value>) -> DynamicObject {
    spec.insert("enableSuperuserAccess".to_owned(), Value::Bool(true));
    let mut cluster = DynamicObject::new(name, &clusters());
    cluster.metadata = metadata(name, release);
    cluster.data = Value::Object(Map::from_iter([("spec".to_owned(), Value::Object(spec))]));
    cluster
}

/// What it says of itself as long as no instance takes connections. One is enough: the others follow, and may be away.
fn coming(cluster: &Value) -> Option<String> {
    let status = &cluster["status"];
    if status["readyInstances"].as_u64().is_some_and(|ready| ready > 0) {
        return None;
    }
    Some(match (status["phase"].as_str(), status["phaseReason"].as_str().filter(|reason| !reason.is_empty())) {
        (Some(phase), Some(reason)) => format!("phase: {phase}, {reason}"),
        (Some(phase), None) => format!("phase: {phase}"),
        (None, _) => "CloudNativePG has not looked at it yet".to_owned(),
    })
}

fn entry(secret: Option<&Secret>, name: &str) -> Option<String> {
    let found = secret?.data.as_ref()?.get(name)?;
    String::from_utf8(found.0.clone()).ok().filter(|text| !text.is_empty())
}

/// Says by itself whom to believe: whoever gets it or one made after it needs no file beside it.
fn address(host: &str, user: &str, password: &str, authority: &str) -> String {
    let mut url =
        Url::parse(&format!("postgres://{host}:{PORT}/postgres")).expect("names of objects are names of hosts");
    url.set_username(user).and_then(|()| url.set_password(Some(password))).expect("an address with a host has users");
    url.query_pairs_mut().append_pair("sslmode", "verify-full").append_pair("sslrootcert", authority);
    url.into()
}

#[cfg(test)]
mod tests;
