//! The first sign-in page: which way a person wants to prove who they are.

use std::sync::Arc;

use axum::{
    extract::{Path, State},
    response::Response,
};
use kernel::Failure;

use super::{
    asking::Asking,
    authorize::see_other,
    form,
    page::{self, Choose, Frame},
};
use crate::{domain::session::Wanted, provider::Provider};

pub async fn show(State(provider): State<Arc<Provider>>, Path(path): Path<String>, asking: Asking) -> Response {
    let outcome = choose(&provider, &path, &asking).await;
    outcome.unwrap_or_else(|failure| page::failed(&provider, &asking, &failure))
}

async fn choose(provider: &Provider, path: &str, asking: &Asking) -> Result<Response, Failure> {
    let flow = form::open(provider, asking, path).await?;
    if flow.request.wanted == Wanted::Officer {
        return Ok(see_other(&provider.address(&format!("/sign-in/{path}/officer"))));
    }
    let base = provider.address(&format!("/sign-in/{path}"));
    let frame = Frame::of_flow(provider, &flow, "", "choose-title");
    let page = Choose {
        oneid: provider.upstream.is_some().then(|| format!("{base}/oneid")),
        password: (flow.request.wanted == Wanted::Low).then(|| format!("{base}/password")),
        frame,
    };
    page::show(&page, &flow)
}
