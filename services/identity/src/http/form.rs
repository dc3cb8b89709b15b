//! Opens the sign-in a page belongs to, in the browser it was begun in.

use kernel::Failure;

use super::asking::Asking;
use crate::{
    provider::Provider,
    store::flows::{Flow, FlowId},
};

/// The flow of a page, in the language the person chose last.
pub async fn open(provider: &Provider, asking: &Asking, path: &str) -> Result<Flow, Failure> {
    let browser = asking.browser.as_deref().unwrap_or_default();
    let flow = match FlowId::parse(path) {
        Some(id) => provider.store.flow(id, browser).await?,
        None => None,
    };
    let mut flow = flow.ok_or_else(|| {
        Failure::not_found(
            "identity.flow-gone",
            "This sign-in page has expired, or cookies are switched off. Go back to the service and start again.",
        )
    })?;
    if asking.chosen && flow.language != asking.language {
        provider.store.set_flow_language(flow.id, asking.language).await?;
        flow.language = asking.language;
    }
    if asking.posted {
        asking.demand_own_form(provider, &flow.id.0)?;
    }
    Ok(flow)
}
