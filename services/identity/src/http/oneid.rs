//! To OneID and back: a link leads there (no form, so no `form-action` is in the way), a state that works once leads back.

use std::sync::Arc;

use axum::{
    extract::{Path, State},
    response::Response,
};
use kernel::Failure;

use super::{asking::Asking, authorize::see_other, form, page, signed_in::go_back};
use crate::{
    domain::{session::Wanted, token::Opaque},
    provider::Provider,
    upstream::Upstream,
};

pub async fn leave(State(provider): State<Arc<Provider>>, Path(path): Path<String>, asking: Asking) -> Response {
    let outcome = async {
        let flow = form::open(&provider, &asking, &path).await?;
        let upstream = upstream(&provider)?;
        if flow.request.wanted == Wanted::Officer {
            return Err(unfit());
        }
        let state = Opaque::new(&*provider.random);
        provider.store.send_flow_away(flow.id, state.reveal()).await?;
        Ok(see_other(upstream.address(state.reveal()).as_str()))
    };
    outcome.await.unwrap_or_else(|failure| page::failed(&provider, &asking, &failure))
}

pub async fn come_back(State(provider): State<Arc<Provider>>, asking: Asking) -> Response {
    let outcome = finish(&provider, &asking).await;
    outcome.unwrap_or_else(|failure| page::failed(&provider, &asking, &failure))
}

async fn finish(provider: &Provider, asking: &Asking) -> Result<Response, Failure> {
    let browser = asking.browser.as_deref().unwrap_or_default();
    let flow = provider.store.returned_flow(asking.field("state"), browser).await?.ok_or_else(unfit)?;
    let sign_in = provider.address(&format!("/sign-in/{}", flow.id.text()));
    if asking.field("code").is_empty() {
        // The person changed their mind, or OneID refused: they choose again.
        return Ok(see_other(&sign_in));
    }
    let facts = upstream(provider)?.identify(asking.field("code")).await?;
    let browser = Opaque::new(&*provider.random);
    let signing_in = asking.signing_in(&flow, &browser);
    let session = provider.store.sign_in_proofed(facts, flow.language, &signing_in).await?;
    go_back(provider, &session, &flow.request, &browser).await
}

fn upstream(provider: &Provider) -> Result<&dyn Upstream, Failure> {
    provider.upstream.as_deref().ok_or_else(unfit)
}

fn unfit() -> Failure {
    Failure::not_found(
        "identity.flow-gone",
        "This sign-in has expired or was begun in another browser. Go back to the service and start again.",
    )
}
