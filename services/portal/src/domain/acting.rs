//! For whom somebody acts: themselves, or one of those whom identity names for their session.

use serde::{Deserialize, Serialize};

/// The kind of mandate by which somebody acts for a company.
pub const DIRECTOR: &str = "director";

/// Somebody who may be acted for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Principal {
    /// Opaque id.
    pub principal: String,
    /// The kind of mandate, as definitions name it.
    pub kind: String,
    pub name: String,
    /// Taxpayer number.
    #[serde(default)]
    pub tin: String,
}
