//! The office that is responsible for a case: found when the application is sent, and kept as it was then.

use serde::{Deserialize, Serialize};

/// What expressions read as `case.office`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseOffice {
    pub name: String,
    /// SOATO codes of the areas that it serves.
    pub soato: Vec<String>,
}
