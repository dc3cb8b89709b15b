//! The port to a provider of proofed identities; OneID is the first behind it.

pub mod oneid;

use async_trait::async_trait;
use kernel::Failure;
use url::Url;

use crate::domain::person::Facts;

/// Sends a person away to prove who they are, and learns the answer directly from the provider.
#[async_trait]
pub trait Upstream: Send + Sync {
    /// Where the browser is sent; `state` comes back with it.
    fn address(&self, state: &str) -> Url;

    /// Turns the code that came back into facts, over our own connection to the provider.
    async fn identify(&self, code: &str) -> Result<Facts, Failure>;
}
