//! The register: admits revisions of services by checking and signing them, and lets people find what was admitted.

mod bus;
mod domain;
mod store;

use std::sync::Arc;

use kernel::Failure;
use process::check::TemplateChecker;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use store::MIGRATIONS;

/// How the register keeps what it admitted and reaches the bus.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Admitted revisions, agencies and the search index.
    pub database: sql::Settings,
    /// The role's place on the bus. Its key signs admissions.
    pub bus: ::bus::Settings,
}

/// Starts the register. Templates are compiled by `templates` before a revision is admitted.
pub async fn start(
    kit: &boot::Kit,
    config: Config,
    templates: Arc<dyn TemplateChecker>,
) -> Result<boot::Started, Failure> {
    let database = sql::Database::open(&config.database, MIGRATIONS).await?;
    let bus = ::bus::Bus::connect(&config.bus, kit.clock.clone(), kit.random.clone()).await?;
    bus::start(kit, bus, database, templates).await?;
    Ok(boot::Started::default())
}
