//! The docket: one index of cases, tasks and drafts over all e-services, and of what was done in every service. Built from events and
//! chains of acts, rebuilt by reading them; beside it stand what officers saved and the record of what they and auditors searched.

pub mod bus;
pub mod domain;
pub mod store;

use std::{path::PathBuf, sync::Arc};

use kernel::{Failure, sealed::AgencyKey};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sql::Database;

pub const ROLE: &str = "docket";

/// Settings of the docket.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where the index is kept. It is rebuilt when it is gone; officers' saved filters and the record of what they and auditors searched
    /// are not.
    pub database: sql::Settings,
    /// How the docket reaches the other services.
    pub bus: ::bus::Settings,
    /// This key wraps those of what officers type for a search (64 hexadecimal digits). Made when missing.
    pub reasons_key_file: PathBuf,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            database: sql::Settings::default(),
            bus: ::bus::Settings::default(),
            reasons_key_file: PathBuf::from("data/keys/reasons.key"),
        }
    }
}

pub async fn start(kit: &boot::Kit, config: Config) -> Result<boot::Started, Failure> {
    let database = Database::open(&config.database, store::MIGRATIONS).await?;
    let connected = ::bus::Bus::connect(&config.bus, kit.clock.clone(), kit.random.clone()).await?;
    let reasons = AgencyKey::from_bytes(boot::secrets::read_or_make_key(&config.reasons_key_file, &*kit.random)?);
    let docket = Arc::new(bus::Docket::new(kit, database, connected, reasons));
    bus::start(kit, &docket).await?;
    Ok(boot::Started::default())
}
