//! How many copies there are, and how many may be missing.

use k8s_openapi::{
    api::{
        autoscaling::v2::{
            CrossVersionObjectReference, HorizontalPodAutoscaler, HorizontalPodAutoscalerSpec, MetricSpec,
            MetricTarget, ResourceMetricSource,
        },
        policy::v1::{PodDisruptionBudget, PodDisruptionBudgetSpec},
    },
    apimachinery::pkg::{api::resource::Quantity, util::intstr::IntOrString},
};

use super::{Site, own, selector};
use crate::host::{amount::Cpu, place::Host};

/// Of what a copy may use, in per cent: an idle host asks for so little that a share of its request means nothing.
const BUSY: u64 = 70;

/// Only where there is something to decide.
pub fn autoscaler(site: &Site, host: &Host) -> Option<HorizontalPodAutoscaler> {
    if host.copies.max <= host.copies.min {
        return None;
    }
    let busy = Cpu((host.amounts.cpu.0 * BUSY / 100).max(1)).text();
    Some(HorizontalPodAutoscaler {
        metadata: own(site, host, host.name.clone()),
        spec: Some(HorizontalPodAutoscalerSpec {
            min_replicas: Some(host.copies.min),
            max_replicas: host.copies.max,
            scale_target_ref: CrossVersionObjectReference {
                api_version: Some("apps/v1".to_owned()),
                kind: "Deployment".to_owned(),
                name: host.name.clone(),
            },
            metrics: Some(vec![MetricSpec {
                type_: "Resource".to_owned(),
                resource: Some(ResourceMetricSource {
                    name: "cpu".to_owned(),
                    target: MetricTarget {
                        type_: "AverageValue".to_owned(),
                        average_value: Some(Quantity(busy)),
                        ..MetricTarget::default()
                    },
                }),
                ..MetricSpec::default()
            }]),
            behavior: None,
        }),
        status: None,
    })
}

/// One at a time; a node with the only copy can still be emptied.
pub fn budget(site: &Site, host: &Host) -> PodDisruptionBudget {
    PodDisruptionBudget {
        metadata: own(site, host, host.name.clone()),
        spec: Some(PodDisruptionBudgetSpec {
            max_unavailable: Some(IntOrString::Int(1)),
            selector: Some(selector(&host.name)),
            unhealthy_pod_eviction_policy: Some("AlwaysAllow".to_owned()),
            min_available: None,
        }),
        status: None,
    }
}
