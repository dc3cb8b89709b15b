//! The exchange: NATS accounts and their walls, grants between agencies, and calls of registries with evidence.

pub mod accounts;
pub mod agents;
mod bus;
pub mod domain;
mod evidence;
pub mod keys;
pub mod permissions;
pub mod provision;
mod servers;
mod store;

#[cfg(test)]
mod tests;

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{Arc, Mutex},
};

use ::bus::Bus;
use accounts::{Accounts, Quota};
use domain::grant::RATE_WINDOW;
use kernel::{Clock, Failure, Hash, Random, Time, sealed::AgencyKey};
use keys::Folder;
pub use provision::{Provisioned, prepare, prepare_cluster};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sql::Database;

/// Settings of the exchange.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// How the exchange reaches the bus.
    pub bus: ::bus::Settings,
    /// Where accounts, grants and the record of calls are kept.
    pub database: sql::Settings,
    /// Folder of keys that were made at provisioning and are only read: the operator's, the system's and the platform's
    /// accounts' (`accounts`), the credentials that push claims (`users`) and the key that seals kept answers. What is not
    /// in it is looked for, and made, in `folder`.
    pub keys_dir: Option<PathBuf>,
    /// Folder of the operator's and the accounts' keys and of the key that seals kept answers.
    pub folder: PathBuf,
    /// Connections that the systems of one agency may have at the same time.
    pub agency_connections: u32,
    /// Subjects that each of those connections may listen to.
    pub agency_subscriptions: u32,
    /// For how many days a question to a registry and its answer can be proved, at least 365; the end of its case ends that
    /// earlier. That it was asked stays.
    pub evidence_kept_days: u32,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            bus: ::bus::Settings::default(),
            database: sql::Settings::default(),
            keys_dir: None,
            folder: PathBuf::new(),
            agency_connections: 100,
            agency_subscriptions: 1_000,
            evidence_kept_days: 3653,
        }
    }
}

/// What every operation stands on.
pub(crate) struct Exchange {
    pub database: Database,
    pub folder: Folder,
    pub bus: Bus,
    pub accounts: Arc<Accounts>,
    pub clock: Arc<dyn Clock>,
    pub random: Arc<dyn Random>,
    pub stage: boot::Stage,
    pub data_key: AgencyKey,
    /// Calls of the current minute under each grant, and what each agency announced in it.
    pub rates: Mutex<HashMap<Hash, (Time, u32)>>,
}

impl Exchange {
    /// Counts one more of this kind; false where there were `most` in this minute.
    pub fn counts(&self, kind: Hash, most: u32) -> bool {
        let now = self.clock.now();
        let mut rates = self.rates.lock().expect("no holder of this lock panics");
        let entry = rates.entry(kind).or_insert((now, 0));
        if now.since(entry.0) >= RATE_WINDOW || now < entry.0 {
            *entry = (now, 0);
        }
        let counts = entry.1 < most;
        entry.1 += u32::from(counts);
        counts
    }
}

/// Pushes the accounts, then serves. The other roles are admitted from the first push on.
pub async fn start(kit: &boot::Kit, config: Config) -> Result<boot::Started, Failure> {
    let evidence_kept = evidence::kept(&config)?;
    let database = Database::open(&config.database, store::MIGRATIONS).await?;
    let folder = Folder::open(&config.folder)?.with_given(config.keys_dir.clone());
    let data_key = boot::secrets::read_or_make_key(&folder.file("data.key"), &*kit.random)?;
    let quota = Quota { connections: config.agency_connections, subscriptions: config.agency_subscriptions };
    let accounts = Accounts::start(kit, &config.bus, &folder, &database, quota).await?;
    let bus = Bus::connect(&config.bus, kit.clock.clone(), kit.random.clone()).await?;
    let exchange = Arc::new(Exchange {
        database,
        folder,
        bus: bus.clone(),
        accounts,
        clock: kit.clock.clone(),
        random: kit.random.clone(),
        stage: kit.stage,
        data_key: AgencyKey::from_bytes(data_key),
        rates: Mutex::default(),
    });
    bus::hosts::trust(&exchange).await?;
    ::bus::keep_stream(&exchange.bus, permissions::HOSTS_ROLE, kit);
    bus::follow(&exchange, kit);
    evidence::run(kit, &exchange, evidence_kept);
    bus::announced::run(kit, &exchange);
    bus.serve(bus::service(&exchange), kit).await?;
    Ok(boot::Started::default())
}
