//! The configuration of every service, in one file with a section each.

use boot::Stage;
use kernel::Failure;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

const RECOVERY_CHARS_MAX: usize = 40;

/// Everything that can be configured.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Trial or production; fixed at the first start.
    pub stage: Stage,
    /// Production on SQLite is one machine without a replica: it must be wanted.
    pub sqlite_in_production: bool,
    /// Name of a recovery, such as `2026-11-29`: after any database was restored from a backup, every role starts with a new name
    /// here. It serves nobody until `xizmat recovery end`. Take it out then: a database that is new would begin it, too.
    pub recovery: String,
    pub telemetry: boot::telemetry::Settings,
    pub identity: identity::Config,
    pub register: register::Config,
    pub exchange: exchange::Config,
    pub payments: payments::Config,
    pub signing: signing::Config,
    pub notifications: notifications::Config,
    pub eservice: eservice::Config,
    pub docket: docket::Config,
    pub portal: portal::Config,
    pub operator: controller::Config,
}

impl Settings {
    /// What no platform of this stage may run with (each service compares its own endpoints besides). In production
    /// whoever serves may not change the schema: each database is told so.
    pub fn judge(&mut self) -> Result<(), Failure> {
        let production = self.stage == Stage::Production;
        let plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '-';
        if self.recovery.len() > RECOVERY_CHARS_MAX || !self.recovery.chars().all(plain) {
            let message = "recovery takes a name of at most 40 letters, digits and dashes, such as 2026-11-29.";
            return Err(Failure::invalid("config.recovery-name", message));
        }
        let mut on_sqlite = false;
        for database in [
            &mut self.identity.database,
            &mut self.register.database,
            &mut self.exchange.database,
            &mut self.payments.database,
            &mut self.signing.database,
            &mut self.notifications.database,
            &mut self.eservice.database,
            &mut self.docket.database,
            &mut self.portal.database,
        ] {
            on_sqlite |= database.file.is_some();
            database.separate_roles = production;
        }
        if production && on_sqlite && !self.sqlite_in_production {
            let message = "A production platform keeps its data in PostgreSQL (database.url_file). \
                           To run it on SQLite all the same, set sqlite_in_production = true.";
            return Err(Failure::invalid("config.sqlite-in-production", message));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn production_on_sqlite_must_be_wanted() {
        let mut settings = Settings { stage: Stage::Production, ..Settings::default() };
        settings.docket.database = sql::Settings::file("docket.sqlite");
        assert_eq!(settings.judge().unwrap_err().code, "config.sqlite-in-production");
        settings.sqlite_in_production = true;
        assert!(settings.judge().is_ok());
        assert!(Settings::default().judge().is_ok());
    }

    #[test]
    fn in_production_whoever_serves_may_not_change_the_schema() {
        for (stage, separate) in [(Stage::Production, true), (Stage::Trial, false)] {
            let mut settings = Settings { stage, sqlite_in_production: true, ..Settings::default() };
            settings.judge().unwrap();
            assert_eq!(settings.payments.database.separate_roles, separate);
        }
    }

    /// What the operator's snapshot says that a host is given.
    const OF_A_HOST: &str = include_str!(
        "../../../operator/controller/src/host/build/snapshots/\
         controller__host__build__tests__the_settings_of_a_host.snap"
    );

    #[test]
    fn a_host_reads_what_the_operator_writes_for_it() {
        let file = testkit::folder().join("host.toml");
        let (_, text) = OF_A_HOST.rsplit_once("---\n").unwrap();
        std::fs::write(&file, text).unwrap();
        let sources = boot::config::Sources { file: Some(&file), ..Default::default() };
        let settings: Settings = boot::config::load(&sources).unwrap();
        let host = settings.eservice.bus.host.unwrap();
        assert_eq!((host.agency.as_str(), host.name.as_str()), ("justice", "shared"));
        assert_eq!((settings.eservice.services.len(), settings.eservice.database.file), (2, None));
    }
}
