//! The objects of hosts, whole: a change of what the operator makes shows in a snapshot.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::*;
use crate::{
    config::Database,
    host::validate::{AMOUNTS, Amounts, COPIES, Copies},
};

fn site(engine: Engine) -> Site {
    let config = Config {
        host_image: Some("registry.example.org/xizmat:0.1.0".into()),
        host_nats_url: "nats://nats.xizmat.svc:4222".into(),
        database: Database { kind: engine, ..Database::default() },
        ..Config::default()
    };
    Site::of(&config, "justice", "justice", true).unwrap()
}

fn dedicated() -> Host {
    let amounts = Amounts { memory_kept: true, ..AMOUNTS };
    Host {
        name: "copy".into(),
        services: vec!["copy".into()],
        owner: Some(("copy".into(), "0000-uid".into())),
        copies: Copies { min: 2, max: 10 },
        amounts,
    }
}

fn shared() -> Host {
    Host {
        name: name::SHARED.into(),
        services: vec!["copy".into(), "divorce".into()],
        owner: None,
        copies: COPIES,
        amounts: AMOUNTS,
    }
}

fn access(engine: Engine) -> Access {
    let url = "postgres://agency_justice_copy:secret@postgres.data.svc:5432/agency_justice";
    Access {
        credentials: "the credentials".into(),
        user_seed: "the seed".into(),
        signing_key: "the key".into(),
        issued: "what for".into(),
        database: (engine == Engine::Postgresql).then(|| (url.into(), "secret".into())),
        trusted_keys: "[]".into(),
        authority: None,
        lookup_key: ByteString(b"00".to_vec()),
    }
}

/// Every object by its field, as the API server gets it.
fn objects(wanted: Wanted) -> Value {
    let Wanted {
        account,
        bus,
        database,
        volume,
        settings,
        trusted_keys,
        lookup_key,
        deployment,
        copies,
        autoscaler,
        budget,
        metrics,
        monitor,
        wall,
    } = wanted;
    fn plain(object: impl Serialize) -> Value {
        serde_json::to_value(object).unwrap()
    }
    let all = [
        ("account", plain(account)),
        ("bus", plain(bus)),
        ("database", plain(database)),
        ("volume", plain(volume)),
        ("settings", plain(settings)),
        ("trusted_keys", plain(trusted_keys)),
        ("lookup_key", plain(lookup_key)),
        ("deployment", plain(deployment)),
        ("copies", plain(copies)),
        ("autoscaler", plain(autoscaler)),
        ("budget", plain(budget)),
        ("metrics", plain(metrics)),
        ("monitor", plain(monitor)),
        ("wall", plain(wall)),
    ];
    Value::Object(Map::from_iter(all.map(|(field, object)| (field.to_owned(), object))))
}

fn made(engine: Engine, host: &Host, monitors: bool) -> Value {
    objects(build(&site(engine), host, &access(engine), monitors))
}

#[test]
fn a_service_alone_on_postgresql() {
    insta::assert_json_snapshot!(made(Engine::Postgresql, &dedicated(), true));
}

#[test]
fn services_that_share_on_sqlite() {
    insta::assert_json_snapshot!(made(Engine::Sqlite, &Host { copies: Copies { min: 1, max: 1 }, ..shared() }, false));
}

#[test]
fn the_settings_of_a_host() {
    insta::assert_snapshot!(settings::text(&site(Engine::Postgresql), &shared()));
}

#[test]
fn an_agency_key_cannot_be_changed_and_belongs_to_no_definition() {
    let key = agency_key(&site(Engine::Postgresql), "00ff");
    assert_eq!((key.immutable, key.metadata.owner_references), (Some(true), None));
    let kept = kept_key(&site(Engine::Postgresql), "00ff");
    assert_eq!((kept.immutable, kept.data.as_ref()), (Some(true), key.data.as_ref()));
    assert_eq!(
        (kept.metadata.namespace.as_deref(), kept.metadata.name.as_deref()),
        (Some("xizmat"), Some("agency-key-justice"))
    );
    assert_eq!(key.data.unwrap()["justice.key"].0, b"00ff");
}

#[test]
fn what_many_share_goes_with_none_of_them() {
    for (field, object) in made(Engine::Postgresql, &shared(), true).as_object().unwrap() {
        assert_eq!(object["metadata"].get("ownerReferences"), None, "{field}");
    }
    let kept = made(Engine::Sqlite, &dedicated(), false);
    assert_eq!(kept["volume"]["metadata"].get("ownerReferences"), None, "the cases outlive the service");
}

#[test]
fn a_pod_has_the_least_rights() {
    let pod = &made(Engine::Postgresql, &dedicated(), false)["deployment"]["spec"]["template"]["spec"];
    let container = &pod["containers"][0];
    assert_eq!(pod["automountServiceAccountToken"], false);
    assert_eq!(pod["enableServiceLinks"], false);
    assert_eq!(pod["securityContext"]["runAsUser"], 65532);
    assert_eq!(pod["securityContext"]["seccompProfile"]["type"], "RuntimeDefault");
    let expected = json!({
        "allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true, "runAsNonRoot": true,
        "capabilities": {"drop": ["ALL"]},
    });
    assert_eq!(container["securityContext"], expected);
    assert_eq!(container.get("env"), None, "secrets are files");
}

#[test]
fn other_secrets_or_services_start_other_pods_and_nothing_else_does() {
    let read = |access: Access, host: &Host| {
        let built = build(&site(Engine::Postgresql), host, &access, false);
        built.deployment.spec.unwrap().template.metadata.unwrap().annotations.unwrap()[READ].clone()
    };
    let same = read(access(Engine::Postgresql), &shared());
    assert_eq!(same, read(access(Engine::Postgresql), &Host { copies: Copies { min: 5, max: 9 }, ..shared() }));
    let renewed = Access { credentials: "others".into(), ..access(Engine::Postgresql) };
    assert_ne!(same, read(renewed, &shared()));
    let fewer = Host { services: vec!["copy".into()], ..shared() };
    assert_ne!(same, read(access(Engine::Postgresql), &fewer));
    let trusted = Access { trusted_keys: "[1]".into(), ..access(Engine::Postgresql) };
    assert_eq!(same, read(trusted, &shared()), "trusted keys are read again while it runs");
}

#[test]
fn a_host_gets_who_signs_the_bus_certificate_and_another_signer_starts_no_other_pods() {
    let site = Site { nats_url: "tls://nats.xizmat.svc:4222".into(), nats_authority: true, ..site(Engine::Postgresql) };
    let made = |signer: &str| {
        let access = Access { authority: Some(signer.into()), ..access(Engine::Postgresql) };
        objects(build(&site, &shared(), &access, false))
    };
    let of_first = made("first");
    assert_eq!(of_first["trusted_keys"]["data"]["ca.crt"], "first");
    let settings = of_first["settings"]["data"]["settings.toml"].as_str().unwrap();
    assert!(settings.contains("url = \"tls://nats.xizmat.svc:4222\""), "{settings}");
    assert!(settings.contains("ca_file = \"/etc/xizmat/ca.crt\""), "{settings}");
    let pod = &of_first["deployment"]["spec"]["template"];
    assert_eq!(pod["spec"]["volumes"][0]["projected"]["sources"][1]["configMap"]["items"][1]["path"], "ca.crt");
    assert_eq!(pod, &made("second")["deployment"]["spec"]["template"], "it is read with each connection");
}

#[test]
fn the_number_of_copies_is_not_part_of_the_deployment() {
    let built = build(&site(Engine::Postgresql), &dedicated(), &access(Engine::Postgresql), false);
    assert_eq!(built.deployment.spec.unwrap().replicas, None);
    assert_eq!((built.copies, built.autoscaler.unwrap().spec.unwrap().max_replicas), (2, 10));
    let fixed = build(&site(Engine::Postgresql), &shared(), &access(Engine::Postgresql), false);
    assert!(fixed.autoscaler.is_none(), "there is nothing to decide");
}

#[test]
fn a_monitor_is_found_by_the_cluster_and_its_metrics_by_the_platform_s_alerts() {
    let labels = [("release", "prometheus"), ("app.kubernetes.io/managed-by", "somebody")];
    let labels = labels.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    let site = Site { instance: "my".into(), monitor_labels: labels, ..site(Engine::Postgresql) };
    let monitor = objects(build(&site, &dedicated(), &access(Engine::Postgresql), true))["monitor"].take();
    assert_eq!(monitor["metadata"]["labels"]["release"], "prometheus");
    assert_eq!(monitor["metadata"]["labels"]["app.kubernetes.io/managed-by"], MANAGED.1, "what marks our own stays");
    assert_eq!(monitor["metadata"]["labels"]["app.kubernetes.io/instance"], "copy", "the release did not make it");
    let spec = &monitor["spec"];
    assert_eq!(spec["targetLabels"], json!(["xizmat.dev/agency", "xizmat.dev/host"]));
    let given = &spec["endpoints"][0]["relabelings"][0];
    assert_eq!(*given, json!({"targetLabel": "app_kubernetes_io_instance", "replacement": "my"}));
}

#[test]
fn a_host_tells_its_traces_where_it_is_told_to_and_may_go_there() {
    let told = Site { otlp_endpoint: Some("http://collector.watch.svc:4318".into()), ..site(Engine::Postgresql) };
    assert!(
        settings::text(&told, &shared()).contains("[telemetry]\notlp_endpoint = \"http://collector.watch.svc:4318\"")
    );
    let restored = Site { recovery: Some("2026-11-29".into()), ..site(Engine::Postgresql) };
    assert!(settings::text(&restored, &shared()).contains("recovery = \"2026-11-29\""));
    let wall = build(&told, &shared(), &access(Engine::Postgresql), false).wall.spec.unwrap();
    assert_eq!(wall.egress.unwrap().len(), 4, "names, bus, database, collector");
}

#[test]
fn a_host_may_go_to_each_of_the_bus_s_servers() {
    let site = Site { nats_url: "tls://10.0.0.1:4222, tls://10.0.0.2:4333".into(), ..site(Engine::Postgresql) };
    let egress = objects(build(&site, &shared(), &access(Engine::Postgresql), false))["wall"]["spec"]["egress"].take();
    let reached =
        |number: usize| json!([egress[number]["to"][0]["ipBlock"]["cidr"], egress[number]["ports"][0]["port"]]);
    assert_eq!([reached(1), reached(2)], [json!(["10.0.0.1/32", 4222]), json!(["10.0.0.2/32", 4333])]);
}

#[test]
fn hosts_are_told_of_the_scanner_of_files_and_reach_it() {
    let told = Site { scanner: Some("clamd.guard.svc:3310".into()), ..site(Engine::Postgresql) };
    let text = settings::text(&told, &shared());
    assert!(text.contains("[eservice.scanner]") && text.contains("address = \"clamd.guard.svc:3310\""), "{text}");
    let wall = objects(build(&told, &shared(), &access(Engine::Postgresql), false))["wall"].to_string();
    assert!(wall.contains("3310") && wall.contains("guard"), "{wall}");
}
