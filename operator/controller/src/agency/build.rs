//! The objects an agency gets. Nothing is asked here.

use std::collections::BTreeMap;

use api::Engineer;
use k8s_openapi::{
    ByteString,
    api::{
        core::v1::{LimitRange, LimitRangeItem, LimitRangeSpec, Namespace, ResourceQuota, ResourceQuotaSpec, Secret},
        rbac::v1::{RoleBinding, RoleRef, Subject},
    },
    apimachinery::pkg::{api::resource::Quantity, apis::meta::v1::ObjectMeta},
};

use super::{dereference::Credentials, validate::Sound};
use crate::{
    config::Config,
    host::{AUTHORITY, ISSUED, MANAGED, credentials_file},
};

/// Whose namespace it is. Only the operator and administrators of the cluster write labels of namespaces.
pub const AGENCY_LABEL: &str = "xizmat.dev/agency";
/// What the agency's own system connects with. Engineers cannot read it.
pub const CREDENTIALS: &str = "bus-credentials";
/// What its pods may take: the quota, and what a container gets that asks for nothing.
pub const LIMITS: &str = "agency";
/// Who writes what is the agency's. The operator has the right to bindings of this name alone.
pub const ENGINEERS: &str = "xizmat-engineer";
const RBAC: &str = "rbac.authorization.k8s.io";
const POD_SECURITY: [&str; 3] = ["enforce", "audit", "warn"];

pub struct Wanted {
    pub namespace: Namespace,
    pub quota: ResourceQuota,
    pub limits: LimitRange,
    /// None where there is no role to give.
    pub engineers: Option<RoleBinding>,
}

pub fn build(agency: &Sound, config: &Config) -> Wanted {
    let mut labels = BTreeMap::from([(AGENCY_LABEL.to_owned(), agency.name.clone())]);
    for mode in POD_SECURITY {
        labels.insert(format!("pod-security.kubernetes.io/{mode}"), "restricted".to_owned());
    }
    let metadata = ObjectMeta { name: Some(agency.name.clone()), labels: Some(labels), ..ObjectMeta::default() };
    Wanted {
        namespace: Namespace { metadata, ..Namespace::default() },
        quota: ResourceQuota {
            metadata: own(agency, LIMITS),
            spec: Some(ResourceQuotaSpec {
                // Resources of ours are not counted: until a new quota is first computed, the API server refuses all it counts.
                hard: Some(quantities(&[
                    ("requests.cpu", &config.quota.cpu),
                    ("requests.memory", &config.quota.memory),
                    ("pods", &config.quota.pods.to_string()),
                ])),
                ..ResourceQuotaSpec::default()
            }),
            ..ResourceQuota::default()
        },
        limits: LimitRange {
            metadata: own(agency, LIMITS),
            spec: Some(LimitRangeSpec {
                limits: vec![LimitRangeItem {
                    type_: "Container".to_owned(),
                    default: Some(quantities(&[("cpu", "1"), ("memory", "256Mi")])),
                    default_request: Some(quantities(&[("cpu", "10m"), ("memory", "32Mi")])),
                    ..LimitRangeItem::default()
                }],
            }),
        },
        engineers: config.engineer_role.as_deref().map(|role| engineers(agency, role)),
    }
}

/// Also without anybody in it: then whoever is named no longer has nothing left.
fn engineers(agency: &Sound, role: &str) -> RoleBinding {
    let subject = |engineer: &Engineer| {
        let (kind, name) = match (&engineer.user, &engineer.group) {
            (Some(user), _) => ("User", user),
            (None, group) => ("Group", group.as_ref()?),
        };
        Some(Subject {
            api_group: Some(RBAC.to_owned()),
            kind: kind.to_owned(),
            name: name.clone(),
            ..Subject::default()
        })
    };
    RoleBinding {
        metadata: own(agency, ENGINEERS),
        role_ref: RoleRef { api_group: RBAC.to_owned(), kind: "ClusterRole".to_owned(), name: role.to_owned() },
        subjects: Some(agency.engineers.iter().filter_map(subject).collect()),
    }
}

/// As any client of NATS reads it; without a seed where the key is the agency's own, with who signs the bus's certificate
/// where it is encrypted.
pub fn credentials(agency: &Sound, issued: &Credentials, authority: Option<String>) -> Secret {
    let Credentials { token, seed, issued } = issued;
    let mut data = BTreeMap::from([("user.jwt".to_owned(), token.clone())]);
    if let Some(seed) = seed {
        data.insert("user.nk".to_owned(), seed.clone());
        data.insert("bus.creds".to_owned(), credentials_file(token, seed));
    }
    if let Some(authority) = authority {
        data.insert(AUTHORITY.to_owned(), authority);
    }
    let annotations = Some(BTreeMap::from([(ISSUED.to_owned(), issued.clone())]));
    // As the watch of the operator's Secrets finds it.
    let labels = Some(BTreeMap::from([(MANAGED.0.to_owned(), MANAGED.1.to_owned())]));
    Secret {
        metadata: ObjectMeta { annotations, labels, ..own(agency, CREDENTIALS) },
        data: Some(data.into_iter().map(|(name, text)| (name, ByteString(text.into_bytes()))).collect()),
        type_: Some("Opaque".to_owned()),
        ..Secret::default()
    }
}

fn own(agency: &Sound, name: &str) -> ObjectMeta {
    ObjectMeta { name: Some(name.to_owned()), namespace: Some(agency.name.clone()), ..ObjectMeta::default() }
}

fn quantities(of: &[(&str, &str)]) -> BTreeMap<String, Quantity> {
    of.iter().map(|(name, amount)| (name.to_string(), Quantity(amount.to_string()))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn agency(engineers: Vec<Engineer>) -> Sound {
        Sound { name: "justice".into(), resource: Vec::new(), engineers, nats_key: None }
    }

    fn config(role: Option<&str>) -> Config {
        Config { engineer_role: role.map(str::to_owned), ..Config::default() }
    }

    #[test]
    fn engineers_get_the_one_role_in_their_own_namespace() {
        let tool = "system:serviceaccount:flux-system:justice";
        let named = vec![
            Engineer { user: Some("dilnoza".into()), group: None },
            Engineer { user: Some(tool.into()), group: None },
            Engineer { user: None, group: Some("justice-engineers".into()) },
        ];
        let binding = build(&agency(named), &config(Some("engineer"))).engineers.unwrap();
        assert_eq!(binding.metadata.namespace.as_deref(), Some("justice"));
        assert_eq!((binding.role_ref.kind.as_str(), binding.role_ref.name.as_str()), ("ClusterRole", "engineer"));
        let subjects: Vec<_> =
            binding.subjects.iter().flatten().map(|one| (one.kind.as_str(), one.name.as_str())).collect();
        assert_eq!(subjects, [("User", "dilnoza"), ("User", tool), ("Group", "justice-engineers")]);
        let nobody = build(&agency(Vec::new()), &config(Some("engineer"))).engineers.unwrap();
        assert_eq!(nobody.subjects, Some(Vec::new()), "who was named before is taken out");
        assert!(build(&agency(Vec::new()), &config(None)).engineers.is_none());
    }

    #[test]
    fn a_secret_holds_no_seed_that_is_the_agencys_own() {
        let issued = |seed: Option<&str>| Credentials {
            token: "token".into(),
            seed: seed.map(str::to_owned),
            issued: "sum".into(),
        };
        let entries = |seed, authority: Option<&str>| {
            let secret = credentials(&agency(Vec::new()), &issued(seed), authority.map(str::to_owned));
            let labels = secret.metadata.labels.unwrap();
            assert_eq!(labels.get(MANAGED.0).map(String::as_str), Some(MANAGED.1), "it is watched");
            secret.data.unwrap().into_keys().collect::<Vec<_>>()
        };
        assert_eq!(entries(Some("seed"), None), ["bus.creds", "user.jwt", "user.nk"]);
        assert_eq!(entries(None, None), ["user.jwt"]);
        assert_eq!(entries(None, Some("who signs")), ["ca.crt", "user.jwt"]);
    }
}
