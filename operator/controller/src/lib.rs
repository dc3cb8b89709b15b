//! The operator: makes live what agencies apply to Kubernetes, and says on each resource what became of it.
//!
//! A reconciler is a folder a kind, in five files: dereference → validate → build → apply → status. What it publishes goes
//! through the same messages as `xizmat up` sends (`provision`), so that both make the same platform.

mod agency;
mod breaker;
mod cause;
pub mod certificate;
mod client;
pub mod cloudnative;
mod config;
pub mod connect;
mod counts;
mod drift;
mod ending;
mod event;
mod every;
mod exchanged;
mod going;
mod host;
mod hosting;
mod judge;
pub mod kind;
mod lead;
mod lease;
mod memory;
mod namespaces;
mod outcome;
mod owner;
mod platform;
mod preview;
pub mod provision;
mod reach;
mod rollout;
mod run;
pub mod secrets;
mod service;
mod status;
#[cfg(test)]
mod tests;
mod turns;
mod waits;
mod watch;
mod webhook;

use std::sync::Arc;

pub use config::{Config, Database, Engine, Quota};
pub use host::{MANAGED, SERVICES};
use kernel::Failure;
pub use platform::{Databases, Definition, HostDatabase, Provided};
pub use waits::Waits;
pub use webhook::Version;

/// The role on the bus that provisions.
pub const ROLE: &str = "operator";
/// The one role that a host has there.
pub const HOST_ROLE: &str = "eservice";

/// Reconciles until shutdown. What is away is waited for in the background, and `waits` says what that is: the webhook answers and
/// hosts are kept in repair meanwhile.
///
/// `databases` are those of agencies on PostgreSQL, where the operator starts hosts that keep their cases there.
pub async fn start(
    kit: &boot::Kit,
    config: Config,
    databases: Option<Arc<dyn Databases>>,
    waits: &Waits,
) -> Result<boot::Started, Failure> {
    let client = answering(kit, &config, webhook::OTHERS).await?;
    let reached = reach::Reached::begin(kit, &config.bus, waits);
    let platform = platform::OverBus::new(reached, kit.stage == boot::Stage::Trial, config.read_only);
    run::all(kit, client, config, Arc::new(platform), databases, waits.clone());
    Ok(boot::Started::default())
}

/// Answers the API server and does nothing else, with versions of the resources that no release serves: so that what a further one
/// will meet can be tried before there is one.
pub async fn answer(kit: &boot::Kit, config: &Config, others: &'static [Version]) -> Result<(), Failure> {
    answering(kit, config, others).await.map(drop)
}

async fn answering(kit: &boot::Kit, config: &Config, others: &'static [Version]) -> Result<kube::Client, Failure> {
    config.judge(kit.stage == boot::Stage::Production)?;
    let client = client::connect(config).await?;
    webhook::start(kit, &client, config, others).await?;
    Ok(client)
}
