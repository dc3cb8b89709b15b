//! The pod of a host: no right that it does not need, files instead of variables, and an end within seconds.

use std::collections::BTreeMap;

use k8s_openapi::{
    api::core::v1::{
        Capabilities, ConfigMapProjection, Container, ContainerPort, EmptyDirVolumeSource, HTTPGetAction, KeyToPath,
        PersistentVolumeClaimVolumeSource, PodSecurityContext, PodSpec, Probe, ProjectedVolumeSource,
        ResourceRequirements, SeccompProfile, SecretProjection, SecurityContext, TopologySpreadConstraint, Volume,
        VolumeMount, VolumeProjection,
    },
    apimachinery::pkg::{api::resource::Quantity, util::intstr::IntOrString},
};

use super::{
    HEALTH, HEALTH_PORT, Site, selector,
    settings::{READS, WRITES},
};
use crate::{
    config::Engine,
    host::{name, place::Host, validate::Amounts},
};

/// The image's own user.
const USER: i64 = 65532;
/// A host stops within five seconds by itself.
const GRACE_S: i64 = 10;
/// The files belong to root; the pod's group reads them.
const GROUP_READS: i32 = 0o440;
/// What an idle host needs.
const IDLE: (&str, &str) = ("25m", "64Mi");
const SPREAD: [&str; 2] = ["kubernetes.io/hostname", "topology.kubernetes.io/zone"];

pub fn spec(site: &Site, host: &Host) -> PodSpec {
    PodSpec {
        service_account_name: Some(host.name.clone()),
        automount_service_account_token: Some(false),
        // A namespace of many services would fill the environment of each of them.
        enable_service_links: Some(false),
        termination_grace_period_seconds: Some(GRACE_S),
        security_context: Some(PodSecurityContext {
            run_as_non_root: Some(true),
            run_as_user: Some(USER),
            run_as_group: Some(USER),
            fs_group: Some(USER),
            fs_group_change_policy: Some("OnRootMismatch".to_owned()),
            seccomp_profile: Some(SeccompProfile { type_: "RuntimeDefault".to_owned(), localhost_profile: None }),
            ..PodSecurityContext::default()
        }),
        topology_spread_constraints: Some(SPREAD.map(|over| spread(host, over)).to_vec()),
        containers: vec![container(site, host)],
        volumes: Some(volumes(site, host)),
        ..PodSpec::default()
    }
}

fn container(site: &Site, host: &Host) -> Container {
    let settings = format!("{READS}/settings.toml");
    let health = format!("0.0.0.0:{HEALTH_PORT}");
    let arguments = ["serve", "eservice", "--config", &settings, "--health", &health];
    Container {
        name: "eservice".to_owned(),
        image: Some(site.image.clone()),
        image_pull_policy: Some(site.pull_policy.clone()),
        args: Some(arguments.map(str::to_owned).to_vec()),
        ports: Some(vec![ContainerPort {
            name: Some(HEALTH.to_owned()),
            container_port: HEALTH_PORT,
            protocol: Some("TCP".to_owned()),
            ..ContainerPort::default()
        }]),
        resources: Some(resources(&host.amounts)),
        // A process that waits for the bus is alive: nothing gets better by another one.
        startup_probe: Some(probe("/livez", 1, 60)),
        readiness_probe: Some(probe("/readyz", 5, 2)),
        liveness_probe: Some(probe("/livez", 10, 6)),
        security_context: Some(SecurityContext {
            allow_privilege_escalation: Some(false),
            read_only_root_filesystem: Some(true),
            run_as_non_root: Some(true),
            capabilities: Some(Capabilities { add: None, drop: Some(vec!["ALL".to_owned()]) }),
            ..SecurityContext::default()
        }),
        volume_mounts: Some(mounts(site)),
        ..Container::default()
    }
}

fn probe(path: &str, every_s: i32, failures: i32) -> Probe {
    Probe {
        http_get: Some(HTTPGetAction {
            path: Some(path.to_owned()),
            port: IntOrString::String(HEALTH.to_owned()),
            ..HTTPGetAction::default()
        }),
        period_seconds: Some(every_s),
        timeout_seconds: Some(3),
        failure_threshold: Some(failures),
        ..Probe::default()
    }
}

/// What the author named is kept free for each copy; else an idle host's need is.
fn resources(amounts: &Amounts) -> ResourceRequirements {
    let Amounts { cpu, memory, cpu_kept, memory_kept } = amounts;
    let kept = |named: bool, limit: &str, idle: &str| if named { limit.to_owned() } else { idle.to_owned() };
    let limits = (cpu.text(), memory.text());
    let requests = (kept(*cpu_kept, &limits.0, IDLE.0), kept(*memory_kept, &limits.1, IDLE.1));
    let amounts = |(cpu, memory): (String, String)| {
        Some(BTreeMap::from([("cpu".to_owned(), Quantity(cpu)), ("memory".to_owned(), Quantity(memory))]))
    };
    ResourceRequirements { limits: amounts(limits), requests: amounts(requests), claims: None }
}

/// Copies of one release stand apart where the cluster has room for it.
fn spread(host: &Host, over: &str) -> TopologySpreadConstraint {
    TopologySpreadConstraint {
        max_skew: 1,
        topology_key: over.to_owned(),
        when_unsatisfiable: "ScheduleAnyway".to_owned(),
        label_selector: Some(selector(&host.name)),
        match_label_keys: Some(vec!["pod-template-hash".to_owned()]),
        ..TopologySpreadConstraint::default()
    }
}

fn volumes(site: &Site, host: &Host) -> Vec<Volume> {
    let agency_key = format!("{}.key", site.agency);
    let in_folder = format!("agencies/{agency_key}");
    let mut trusted = vec!["trusted-keys.json"];
    trusted.extend(site.nats_authority.then_some(name::AUTHORITY));
    let mut reads = vec![
        from_config(name::settings(&host.name), &["settings.toml"]),
        from_config(name::TRUSTED_KEYS.to_owned(), &trusted),
        from_secret(name::bus(&host.name), &[("bus.creds", "bus.creds"), ("signing.key", "signing.key")]),
        from_secret(name::LOOKUP_KEY.to_owned(), &[("lookup.key", "lookup.key")]),
        from_secret(name::AGENCY_KEY.to_owned(), &[(&agency_key, &in_folder)]),
    ];
    if site.engine == Engine::Postgresql {
        reads.push(from_secret(name::database_access(&host.name), &[("url", "database.url")]));
    }
    let sources = ProjectedVolumeSource { default_mode: Some(GROUP_READS), sources: Some(reads) };
    let mut volumes = vec![
        Volume { name: "reads".to_owned(), projected: Some(sources), ..Volume::default() },
        Volume {
            name: "scratch".to_owned(),
            empty_dir: Some(EmptyDirVolumeSource { medium: None, size_limit: Some(Quantity("64Mi".to_owned())) }),
            ..Volume::default()
        },
    ];
    if site.engine == Engine::Sqlite {
        let claim = PersistentVolumeClaimVolumeSource { claim_name: name::VOLUME.to_owned(), read_only: None };
        volumes.push(Volume { name: "cases".to_owned(), persistent_volume_claim: Some(claim), ..Volume::default() });
    }
    volumes
}

fn mounts(site: &Site) -> Vec<VolumeMount> {
    let at = |name: &str, path: &str, read_only: Option<bool>| VolumeMount {
        name: name.to_owned(),
        mount_path: path.to_owned(),
        read_only,
        ..VolumeMount::default()
    };
    let mut mounts = vec![at("reads", READS, Some(true)), at("scratch", "/tmp", None)];
    if site.engine == Engine::Sqlite {
        mounts.push(at("cases", WRITES, None));
    }
    mounts
}

fn from_secret(name: String, entries: &[(&str, &str)]) -> VolumeProjection {
    let items = Some(entries.iter().map(|(entry, path)| entry_at(entry, path)).collect());
    let secret = Some(SecretProjection { name, items, optional: None });
    VolumeProjection { secret, ..VolumeProjection::default() }
}

fn from_config(name: String, entries: &[&str]) -> VolumeProjection {
    let items = Some(entries.iter().map(|entry| entry_at(entry, entry)).collect());
    let config_map = Some(ConfigMapProjection { name, items, optional: None });
    VolumeProjection { config_map, ..VolumeProjection::default() }
}

fn entry_at(entry: &str, path: &str) -> KeyToPath {
    KeyToPath { key: entry.to_owned(), path: path.to_owned(), mode: None }
}
