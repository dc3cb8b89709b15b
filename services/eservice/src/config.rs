//! What an e-service host is told at its start.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Settings of an e-service host.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where cases are kept.
    pub database: sql::Settings,
    /// How the host reaches the other services.
    pub bus: bus::Settings,
    /// Folder with one key file an agency (`justice.key`, 64 hexadecimal digits), outside the database. In a trial a
    /// missing key is made at first use; in production it is made at provisioning.
    pub agency_keys_dir: PathBuf,
    /// Key of the look-up hashes by which the desk finds a case (64 hexadecimal digits); made at first start.
    pub lookup_key_file: PathBuf,
    /// Services of the host's agency that it serves; empty: every one. Without `bus.host` it serves every agency.
    pub services: Vec<String>,
    /// Actions performed at the same time.
    pub actions_at_once: usize,
    /// How long an officer has a task that they took or were given, in hours by the civil clock; at least one.
    pub claims_last_h: u64,
    /// How often a host with nothing to do looks into its database, in seconds: what another copy left when it died without a
    /// word is found then. What a living copy does is told over the bus.
    pub look_every_s: u64,
    /// What checks the files that people attach, before anybody reads them; left out: nothing does. Once it is there, files that
    /// were attached before are checked, too, and nobody reads them until then.
    pub scanner: Option<crate::scanner::Settings>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            database: sql::Settings::default(),
            bus: bus::Settings::default(),
            agency_keys_dir: PathBuf::from("data/keys/agencies"),
            lookup_key_file: PathBuf::from("data/keys/lookup.key"),
            services: Vec::new(),
            actions_at_once: 16,
            claims_last_h: 4,
            look_every_s: 300,
            scanner: None,
        }
    }
}
