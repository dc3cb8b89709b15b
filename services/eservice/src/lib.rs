//! Hosts e-services: drafts, submissions, tasks and decisions of cases that run on admitted definitions.
//!
//! Every command is a person's, authorised here, and takes effect in one transaction with its events, timers, actions and
//! outgoing messages. What a case asks of other services is performed afterwards, from rows.

mod announced;
pub mod bus;
mod claims;
mod config;
pub mod domain;
mod execute;
mod gauges;
mod host;
mod keys;
mod laid_by;
mod leftovers;
mod lookout;
mod mandate;
mod perform;
mod recovery;
mod reissue;
mod retention;
pub mod scanner;
mod scanning;
pub mod store;
mod stuck;
#[cfg(test)]
mod tests;
mod timers;
mod upkeep;

use std::{sync::Arc, time::Duration};

use ::bus::Log;
pub use config::Config;
use kernel::Failure;
use sql::Database;

use crate::bus::platform::OverBus;
/// For those who host cases without a bus around them.
pub use crate::{
    host::Host, keys::Keys, lookout::run as look_out, perform::run as perform_actions, upkeep::run as keep_revisions,
};

pub const ROLE: &str = "eservice";

pub async fn start(kit: &boot::Kit, config: Config) -> Result<boot::Started, Failure> {
    let database = Database::open(&config.database, store::MIGRATIONS).await?;
    let connected = ::bus::Bus::connect(&config.bus, kit.clock.clone(), kit.random.clone()).await?;
    let lookup = boot::secrets::read_or_make_key(&config.lookup_key_file, &*kit.random)?;
    let trial = kit.stage == boot::Stage::Trial;
    let keys = Keys::open(config.agency_keys_dir.clone(), lookup, trial, kit.random.clone());
    let platform = Arc::new(OverBus::new(connected.clone(), database.clone()));
    let agency = connected.agency().map(str::to_owned);
    let host = Host::new(database.clone(), kit.clock.clone(), kit.random.clone(), platform, keys);
    let era = sql::recovery::era(&mut database.read().await?).await?;
    let claims_last = Duration::from_secs(config.claims_last_h.max(1).saturating_mul(3600));
    let host = host.serving(agency.clone(), config.services).in_era(era).with_claims_lasting(claims_last);
    let scanner = config.scanner.as_ref().map(|settings| scanner::Scanner::new(settings, kit.stage)).transpose()?;
    let host = Arc::new(host.with_scanner(scanner));
    let log = agency.map_or_else(|| Log::of(ROLE), |agency| Log::named(ROLE, &agency));
    let chain = bus::chain(&log, &database);
    let look_every = Duration::from_secs(config.look_every_s);
    ::bus::relay::run_looking_every(look_every, &connected, &database, log, kit).await?;
    bus::consume(&connected, kit, &host);
    lookout::run(kit, &host, look_every, Some(&connected));
    laid_by::run(kit, &host);
    upkeep::run(kit, &host);
    perform::run(kit, &host, config.actions_at_once);
    timers::run(kit, &host);
    gauges::run(kit, &host);
    retention::run(kit, &host);
    leftovers::run(kit, &host);
    scanning::run(kit, &host);
    claims::run(kit, &host);
    stuck::run(kit, &host);
    reissue::run(kit, &host);
    announced::run(kit, &host);
    connected.serve(bus::operations(&host), kit).await?;
    connected.serve(chain, kit).await?;
    Ok(boot::Started::default())
}
