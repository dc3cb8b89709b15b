//! The configuration of every service, in one file with a section each.

use boot::Stage;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Everything that can be configured.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Trial or production; fixed at the first start.
    pub stage: Stage,
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
