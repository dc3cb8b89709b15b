//! The docket: one index of cases, tasks and drafts over all e-services. Built from events, rebuilt by reading their logs; beside it
//! stand what officers saved and the record of what they searched.

pub mod bus;
pub mod domain;
pub mod store;

use std::sync::Arc;

use kernel::Failure;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sql::Database;

pub const ROLE: &str = "docket";

/// Settings of the docket.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where the index is kept. It is rebuilt when it is gone; officers' saved filters and the record of their searches are not.
    pub database: sql::Settings,
    /// How the docket reaches the other services.
    pub bus: ::bus::Settings,
}

pub async fn start(kit: &boot::Kit, config: Config) -> Result<boot::Started, Failure> {
    let database = Database::open(&config.database, store::MIGRATIONS).await?;
    let connected = ::bus::Bus::connect(&config.bus, kit.clock.clone(), kit.random.clone()).await?;
    let docket = Arc::new(bus::Docket::new(database, connected, kit.clock.clone()));
    bus::start(kit, &docket).await?;
    Ok(boot::Started::default())
}
