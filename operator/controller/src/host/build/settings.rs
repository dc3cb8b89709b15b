//! What the host's process reads at its start.

use serde_json::json;

use super::Site;
use crate::{
    config::Engine,
    host::{name, place::Host},
};

/// Folder of everything that a host reads, and of what it writes on SQLite.
pub const READS: &str = "/etc/xizmat";
pub const WRITES: &str = "/var/lib/xizmat";

pub fn text(site: &Site, host: &Host) -> String {
    let file = |name: &str| format!("{READS}/{name}");
    let database = match site.engine {
        Engine::Postgresql => json!({"url_file": file("database.url"), "max_connections": site.connections}),
        Engine::Sqlite => json!({"file": format!("{WRITES}/eservice.sqlite")}),
    };
    let mut bus = json!({
        "url": site.nats_url,
        "role": crate::HOST_ROLE,
        "host": {"agency": site.agency, "name": host.name},
        "credentials_file": file("bus.creds"),
        "key_file": file("signing.key"),
        "trusted_keys_file": file("trusted-keys.json"),
    });
    if site.nats_authority {
        bus["ca_file"] = json!(file(name::AUTHORITY));
    }
    let stage = if site.production { "production" } else { "trial" };
    let mut settings = json!({
        "stage": stage,
        "eservice": {
            "services": host.services,
            "agency_keys_dir": file("agencies"),
            "lookup_key_file": file("lookup.key"),
            "database": database,
            "bus": bus,
        },
    });
    if let Some(scanner) = &site.scanner {
        settings["eservice"]["scanner"] = json!({"stage": stage, "address": scanner});
    }
    if let Some(endpoint) = &site.otlp_endpoint {
        settings["telemetry"] = json!({"otlp_endpoint": endpoint});
    }
    if let Some(recovery) = site.recovery.as_ref().filter(|name| !name.is_empty()) {
        settings["recovery"] = json!(recovery);
    }
    boot::config::dump(&settings)
}
