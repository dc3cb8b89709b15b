//! Who reaches a host and whom it reaches: its metrics are asked for, and it asks bus, database, collector and name service.

use k8s_openapi::{
    api::{
        core::v1::{Service, ServicePort, ServiceSpec},
        networking::v1::{
            IPBlock, NetworkPolicy, NetworkPolicyEgressRule, NetworkPolicyIngressRule, NetworkPolicyPeer,
            NetworkPolicyPort, NetworkPolicySpec,
        },
    },
    apimachinery::pkg::{apis::meta::v1::LabelSelector, util::intstr::IntOrString},
};
use kube::core::{ApiResource, DynamicObject, GroupVersionKind};
use serde_json::json;
use url::{Host as Address, Url};

use super::{AGENCY_LABEL, HEALTH, HEALTH_PORT, HOST_LABEL, NAME, Site, own, selector, texts};
use crate::{HOST_ROLE, host::place::Host};

const NAMESPACE_NAME: &str = "kubernetes.io/metadata.name";
const DNS_PORT: i32 = 53;
/// As the chart has the platform's roles watched.
const WATCHED_EVERY: &str = "15s";

/// For metrics alone: requests come over the bus.
pub fn metrics(site: &Site, host: &Host) -> Service {
    Service {
        metadata: own(site, host, host.name.clone()),
        spec: Some(ServiceSpec {
            // An address of its own for every service of a country is more than a cluster has.
            cluster_ip: Some("None".to_owned()),
            selector: selector(&host.name).match_labels,
            ports: Some(vec![ServicePort {
                name: Some(HEALTH.to_owned()),
                port: HEALTH_PORT,
                target_port: Some(IntOrString::String(HEALTH.to_owned())),
                protocol: Some("TCP".to_owned()),
                ..ServicePort::default()
            }]),
            ..ServiceSpec::default()
        }),
        status: None,
    }
}

pub fn monitors() -> ApiResource {
    ApiResource::from_gvk_with_plural(
        &GroupVersionKind::gvk("monitoring.coreos.com", "v1", "ServiceMonitor"),
        "servicemonitors",
    )
}

/// Metrics bear the platform's own labels, so that its alerts and dashboard cover the host, and say whose host it is. The platform's
/// labels are given to them here: on the objects themselves they would say that the release made these, and whoever brings
/// releases in line with a repository would take them away.
pub fn monitor(site: &Site, host: &Host) -> DynamicObject {
    let mut monitor = DynamicObject::new(&host.name, &monitors());
    monitor.metadata = own(site, host, host.name.clone());
    let labels = monitor.metadata.labels.get_or_insert_default();
    for (name, value) in &site.monitor_labels {
        labels.entry(name.clone()).or_insert_with(|| value.clone());
    }
    let label = |name: &str, value: &str| json!({"targetLabel": name, "replacement": value});
    monitor.data = json!({"spec": {
        "selector": {"matchLabels": selector(&host.name).match_labels},
        "targetLabels": [AGENCY_LABEL, HOST_LABEL],
        "endpoints": [{
            "port": HEALTH, "path": "/metrics", "interval": WATCHED_EVERY,
            "relabelings": [
                label("app_kubernetes_io_instance", &site.instance),
                label("app_kubernetes_io_component", HOST_ROLE),
            ],
        }],
    }});
    monitor
}

pub fn wall(site: &Site, host: &Host, database_url: &str) -> NetworkPolicy {
    let asked = NetworkPolicyIngressRule { from: None, ports: Some(vec![port("TCP", HEALTH_PORT)]) };
    let names = NetworkPolicyEgressRule { to: None, ports: Some(vec![port("UDP", DNS_PORT), port("TCP", DNS_PORT)]) };
    let collector = site.otlp_endpoint.as_deref().unwrap_or_default();
    let servers = site.nats_url.split(',').map(|server| (server.trim(), 4222));
    let scanner = site.scanner.as_ref().map(|address| format!("tcp://{address}")).unwrap_or_default();
    let asks = servers.chain([(database_url, 5432), (collector, 4318), (scanner.as_str(), 3310)]);
    let mut egress = vec![names];
    egress.extend(asks.filter_map(|(url, usual)| way(url, usual, &site.namespace)));
    NetworkPolicy {
        metadata: own(site, host, host.name.clone()),
        spec: Some(NetworkPolicySpec {
            pod_selector: Some(LabelSelector {
                match_labels: Some(texts(&[NAME, (HOST_LABEL, &host.name)])),
                match_expressions: None,
            }),
            policy_types: Some(vec!["Ingress".to_owned(), "Egress".to_owned()]),
            ingress: Some(vec![asked]),
            egress: Some(egress),
        }),
    }
}

/// The way to an address, as narrow as its spelling allows; only host and port are looked at.
fn way(url: &str, usual: u16, own_namespace: &str) -> Option<NetworkPolicyEgressRule> {
    let url = Url::parse(url).ok()?;
    let to = match url.host()? {
        Address::Ipv4(address) => Some(block(format!("{address}/32"))),
        Address::Ipv6(address) => Some(block(format!("{address}/128"))),
        Address::Domain(name) => match name.parse::<std::net::Ipv4Addr>() {
            // Schemes that the URL standard does not know keep addresses as text.
            Ok(address) => Some(block(format!("{address}/32"))),
            Err(_) => namespace_of(name, own_namespace).map(in_namespace),
        },
    };
    let ports = Some(vec![port("TCP", url.port().unwrap_or(usual).into())]);
    Some(NetworkPolicyEgressRule { to: to.map(|peer| vec![peer]), ports })
}

/// Of a Service's name inside the cluster; a name from outside tells nothing.
fn namespace_of<'a>(name: &'a str, own: &'a str) -> Option<&'a str> {
    let parts: Vec<&str> = name.split('.').collect();
    match parts.as_slice() {
        [_service] => Some(own),
        [_service, namespace] | [_service, namespace, "svc"] | [_service, namespace, "svc", "cluster", "local"] => {
            Some(namespace)
        }
        _ => None,
    }
}

fn in_namespace(name: &str) -> NetworkPolicyPeer {
    let namespace_selector =
        Some(LabelSelector { match_labels: Some(texts(&[(NAMESPACE_NAME, name)])), match_expressions: None });
    NetworkPolicyPeer { namespace_selector, ..NetworkPolicyPeer::default() }
}

fn block(cidr: String) -> NetworkPolicyPeer {
    NetworkPolicyPeer { ip_block: Some(IPBlock { cidr, except: None }), ..NetworkPolicyPeer::default() }
}

fn port(protocol: &str, port: i32) -> NetworkPolicyPort {
    NetworkPolicyPort { protocol: Some(protocol.to_owned()), port: Some(IntOrString::Int(port)), end_port: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn to(url: &str) -> String {
        let rule = way(url, 4222, "justice").unwrap();
        let ports = serde_json::to_string(&rule.ports).unwrap();
        let to = rule.to.map_or("anywhere".to_owned(), |peers| serde_json::to_string(&peers).unwrap());
        format!("{to} {ports}")
    }

    #[test]
    fn a_host_reaches_no_more_than_the_address_it_was_told() {
        assert!(to("nats://nats.xizmat.svc:4222").contains(r#""kubernetes.io/metadata.name":"xizmat""#));
        assert!(to("nats://nats.xizmat.svc.cluster.local").contains(r#""port":4222"#));
        assert!(to("postgres://host:secret@10.1.2.3:5433/agency_justice").contains(r#""cidr":"10.1.2.3/32""#));
        assert!(to("postgres://host:secret@10.1.2.3:5433/agency_justice").contains(r#""port":5433"#));
        assert!(to("postgres://db.example.org/x").starts_with("anywhere"));
        assert_eq!(way("", 5432, "justice"), None, "no database to reach");
    }
}
