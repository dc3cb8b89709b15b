//! The configuration of every service, in one file with a section each.

use boot::Stage;
use kernel::Failure;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Everything that can be configured.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Trial or production; fixed at the first start.
    pub stage: Stage,
    /// Production on SQLite is one machine without a replica: it must be wanted.
    pub sqlite_in_production: bool,
    pub identity: identity::Config,
    pub register: register::Config,
    pub exchange: exchange::Config,
    pub payments: payments::Config,
    pub signing: signing::Config,
    pub notifications: notifications::Config,
    pub eservice: eservice::Config,
    pub docket: docket::Config,
    pub portal: portal::Config,
}

impl Settings {
    /// What no platform of this stage may run with (each service compares its own endpoints besides).
    pub fn judge(&self) -> Result<(), Failure> {
        let databases = [
            &self.identity.database,
            &self.register.database,
            &self.exchange.database,
            &self.payments.database,
            &self.signing.database,
            &self.notifications.database,
            &self.eservice.database,
            &self.docket.database,
            &self.portal.database,
        ];
        let on_sqlite = databases.iter().any(|database| database.file.is_some());
        if self.stage == Stage::Production && on_sqlite && !self.sqlite_in_production {
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
        assert_eq!(settings.judge().unwrap_err().code, "config.sqlite-in-production");
        settings.sqlite_in_production = true;
        assert!(settings.judge().is_ok());
        assert!(Settings::default().judge().is_ok());
    }
}
