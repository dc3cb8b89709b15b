//! Where private keys live: one port, so that a file today and an HSM tomorrow look alike to everything else.

mod file;

use std::sync::Arc;

use kernel::Failure;

use crate::domain::ca::Signature;

pub use file::{Files, Offline};

pub type Key = Arc<dyn Signature + Send + Sync>;

/// Name of the issuing authority's key.
pub const ISSUING: &str = "issuing";

/// Keys by name. A key never leaves its keeper; what comes out can only sign.
pub trait SealKeys: Send + Sync {
    /// `None`: there is no such key.
    fn open(&self, name: &str) -> Result<Option<Key>, Failure>;
    /// Makes a new key; refuses a name that is taken.
    fn make(&self, name: &str) -> Result<Key, Failure>;
}
