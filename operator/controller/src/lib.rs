//! The operator: makes live what agencies apply to Kubernetes, and says on each resource what became of it.
//!
//! A reconciler is a folder a kind, in five files: dereference → validate → build → apply → status. What it publishes goes
//! through the same messages as `xizmat up` sends (`provision`), so that both make the same platform.

mod agency;
pub mod certificate;
pub mod cloudnative;
mod config;
pub mod connect;
mod ending;
mod exchanged;
mod going;
mod host;
mod hosting;
mod judge;
pub mod kind;
mod lease;
mod memory;
mod outcome;
mod owner;
mod platform;
pub mod provision;
mod rollout;
mod run;
pub mod secrets;
mod service;
mod status;
#[cfg(test)]
mod tests;
mod watch;
mod webhook;

use std::sync::Arc;

pub use config::{Config, Database, Engine, Quota};
pub use host::{MANAGED, SERVICES};
use kernel::Failure;
pub use platform::{Databases, Definition, HostDatabase, Provided};

/// The role on the bus that provisions.
pub const ROLE: &str = "operator";
/// The one role that a host has there.
pub const HOST_ROLE: &str = "eservice";

/// Connects to the API server and the bus, waiting for whichever is away, and reconciles until shutdown.
///
/// `databases` are those of agencies on PostgreSQL, where the operator starts hosts that keep their cases there.
pub async fn start(
    kit: &boot::Kit,
    config: Config,
    databases: Option<Arc<dyn Databases>>,
) -> Result<boot::Started, Failure> {
    config.judge(kit.stage == boot::Stage::Production)?;
    let client = run::connect(&config).await?;
    webhook::start(kit, &client, &config).await?;
    let bus = bus::Bus::connect(&config.bus, kit.clock.clone(), kit.random.clone()).await?;
    let platform = Arc::new(platform::OverBus::new(bus, kit.stage == boot::Stage::Trial));
    run::all(kit, client, config, platform, databases);
    Ok(boot::Started::default())
}
