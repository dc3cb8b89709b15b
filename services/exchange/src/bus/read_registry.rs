//! A registry as its owner published it: whoever shows facts of it calls them by their owner's names.

use bus::Call;
use kernel::Failure;
use proto::exchange::v1::{ReadRegistryRequest, Registry};

use crate::{Exchange, store};

pub async fn handle(exchange: &Exchange, call: Call<ReadRegistryRequest>) -> Result<Registry, Failure> {
    let asked = &call.request;
    let mut tx = exchange.database.read().await?;
    let resource = store::resources::published(&mut tx, &asked.owner, &asked.registry).await?;
    let unknown = || Failure::not_found("exchange.no-registry", "There is no such registry.");
    Ok(Registry { resource: resource.ok_or_else(unknown)? })
}
