//! The objects an agency gets. Nothing is asked here.

use std::collections::BTreeMap;

use k8s_openapi::{
    api::core::v1::{LimitRange, LimitRangeItem, LimitRangeSpec, Namespace, ResourceQuota, ResourceQuotaSpec},
    apimachinery::pkg::{api::resource::Quantity, apis::meta::v1::ObjectMeta},
};

use super::validate::Sound;

/// Whose namespace it is. Only the operator and administrators of the cluster write labels of namespaces.
pub const AGENCY_LABEL: &str = "xizmat.dev/agency";
const POD_SECURITY: [&str; 3] = ["enforce", "audit", "warn"];

pub struct Wanted {
    pub namespace: Namespace,
    pub quota: ResourceQuota,
    pub limits: LimitRange,
}

pub fn build(agency: &Sound) -> Wanted {
    let mut labels = BTreeMap::from([(AGENCY_LABEL.to_owned(), agency.name.clone())]);
    for mode in POD_SECURITY {
        labels.insert(format!("pod-security.kubernetes.io/{mode}"), "restricted".to_owned());
    }
    let metadata = ObjectMeta { name: Some(agency.name.clone()), labels: Some(labels), ..ObjectMeta::default() };
    Wanted {
        namespace: Namespace { metadata, ..Namespace::default() },
        quota: ResourceQuota {
            metadata: own(agency, "agency"),
            spec: Some(ResourceQuotaSpec {
                // Resources of ours are not counted: until a new quota is first computed, the API server refuses all it counts.
                hard: Some(quantities(&[("requests.cpu", "16"), ("requests.memory", "32Gi"), ("pods", "200")])),
                ..ResourceQuotaSpec::default()
            }),
            ..ResourceQuota::default()
        },
        limits: LimitRange {
            metadata: own(agency, "agency"),
            spec: Some(LimitRangeSpec {
                limits: vec![LimitRangeItem {
                    type_: "Container".to_owned(),
                    default: Some(quantities(&[("cpu", "1"), ("memory", "256Mi")])),
                    default_request: Some(quantities(&[("cpu", "10m"), ("memory", "32Mi")])),
                    ..LimitRangeItem::default()
                }],
            }),
        },
    }
}

fn own(agency: &Sound, name: &str) -> ObjectMeta {
    ObjectMeta { name: Some(name.to_owned()), namespace: Some(agency.name.clone()), ..ObjectMeta::default() }
}

fn quantities(of: &[(&str, &str)]) -> BTreeMap<String, Quantity> {
    of.iter().map(|(name, amount)| (name.to_string(), Quantity(amount.to_string()))).collect()
}
