//! Messages to people: an inbox for everybody, and SMS or e-mail where they can be reached, in their language, from the
//! texts of the admitted revision.

pub mod bus;
pub mod channels;
pub mod deliver;
pub mod domain;
mod keys;
pub mod returns;
pub mod store;

use std::{path::PathBuf, sync::Arc};

use boot::Stage;
use kernel::Failure;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    bus::{BusContacts, BusReaders, Office, Revisions},
    channels::{Carriers, email, sms},
    deliver::{Rules, Sender, Texting},
    domain::{limits::Limits, quiet::Quiet},
    keys::Keys,
    returns::Door,
};

/// Configuration of notifications.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Where messages are kept.
    pub database: sql::Settings,
    /// How notifications reaches the bus.
    pub bus: ::bus::Settings,
    /// Folder with one key file an agency (`justice.key`), outside the database. In a trial a missing key is made at first
    /// use; in production it is made at provisioning.
    pub agency_keys_dir: PathBuf,
    /// Hours in which nobody is woken by what can wait.
    pub quiet: Quiet,
    /// Under this key the numbers that text messages went to are counted; they are not kept. Made when missing.
    pub numbers_key_file: PathBuf,
    /// SMS gateway; left out: no text messages.
    pub sms: Option<sms::Settings>,
    /// Mail server; left out: no e-mail.
    pub email: Option<email::Settings>,
    /// Under this key letters get return addresses that nobody can make up, and the addresses that they went to are remembered;
    /// they are not kept. Made when missing.
    pub bounces_key_file: PathBuf,
    /// Where letters come back that could not be delivered; left out: nobody hears of them.
    pub bounces: Option<returns::Settings>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            database: sql::Settings::default(),
            bus: ::bus::Settings::default(),
            agency_keys_dir: PathBuf::from("data/keys/notifications"),
            quiet: Quiet::default(),
            numbers_key_file: PathBuf::from("data/keys/numbers.key"),
            sms: None,
            email: None,
            bounces_key_file: PathBuf::from("data/keys/bounces.key"),
            bounces: None,
        }
    }
}

pub async fn start(kit: &boot::Kit, config: Config) -> Result<boot::Started, Failure> {
    let database = sql::Database::open(&config.database, store::MIGRATIONS).await?;
    let mut carriers = Carriers::default();
    let mut rules = Rules { quiet: config.quiet.check()?, texting: None };
    if let Some(settings) = config.sms {
        same_stage(settings.stage, kit.stage)?;
        rules.texting = Some(Texting {
            limits: Limits { per_hour: settings.per_hour, per_day: settings.per_day }.check()?,
            price: settings.segment_tiyin,
            numbers_key: boot::secrets::read_or_make_key(&config.numbers_key_file, &*kit.random)?,
        });
        carriers.sms = Some(Arc::new(sms::Eskiz::new(settings)?));
    }
    let returns = match &config.bounces {
        Some(bounces) => {
            let key = boot::secrets::read_or_make_key(&config.bounces_key_file, &*kit.random)?;
            Some(Arc::new(bounces.returns(key)?))
        }
        None => None,
    };
    if let Some(settings) = config.email {
        same_stage(settings.stage, kit.stage)?;
        carriers.email = Some(Arc::new(email::Smtp::new(&settings, returns.clone())?));
    }
    let bus = ::bus::Bus::connect(&config.bus, kit.clock.clone(), kit.random.clone()).await?;
    let make = kit.stage == Stage::Trial;
    let office = Office {
        clock: kit.clock.clone(),
        random: kit.random.clone(),
        keys: Arc::new(Keys::open(config.agency_keys_dir, make, kit.random.clone())),
        revisions: Arc::new(Revisions::new(bus.clone(), database.clone())),
        readers: Arc::new(BusReaders::new(bus.clone())),
        contacts: Arc::new(BusContacts::new(bus.clone())),
        returns: returns.clone(),
        wake: Arc::default(),
        database,
    };
    bus::serve(&bus, &office, kit).await?;
    if let Some((bounces, returns)) = config.bounces.zip(returns) {
        let door = Arc::new(Door::open(bounces.listen, office.clone(), returns).await?);
        let shutdown = kit.shutdown.clone();
        kit.spawn("notifications-returns", move || {
            let (door, shutdown) = (door.clone(), shutdown.clone());
            async move { door.run(shutdown).await }
        });
    }
    let sender = Arc::new(Sender { office, carriers, rules });
    let shutdown = kit.shutdown.clone();
    kit.spawn("notifications-deliver", move || deliver::run(sender.clone(), shutdown.clone()));
    Ok(boot::Started::default())
}

/// A trial gateway on a production platform would tell nobody anything; the other way round it would write to real people.
fn same_stage(endpoint: Stage, platform: Stage) -> Result<(), Failure> {
    if endpoint == platform {
        return Ok(());
    }
    Err(Failure::invalid(
        "notification.stage-mismatch",
        "A message gateway is configured for another stage (trial, production) than the platform.",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn production_refuses_a_trial_gateway_and_one_in_the_clear() {
        assert!(same_stage(Stage::Production, Stage::Production).is_ok());
        for (endpoint, platform) in [(Stage::Trial, Stage::Production), (Stage::Production, Stage::Trial)] {
            assert_eq!(same_stage(endpoint, platform).unwrap_err().code, "notification.stage-mismatch");
        }
        let working = sms::Settings { stage: Stage::Production, ..sms::Settings::default() };
        assert!(sms::Eskiz::new(working.clone()).is_ok());
        let plain = sms::Settings { url: "http://localhost:9000/sms".into(), ..working };
        assert_eq!(sms::Eskiz::new(plain).err().unwrap().code, "notification.sms-plain");
    }
}
