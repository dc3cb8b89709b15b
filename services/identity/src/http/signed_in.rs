//! The end of every way to sign in: a new browser value, a code for the client, and back to where the person came from.

use axum::{http::header, response::Response};
use kernel::Failure;

use super::{
    asking::{Asking, BROWSER},
    authorize::{see_other, with_fields},
};
use crate::{
    domain::{
        authorize::Request,
        session::{Proof, Session},
        token::Opaque,
    },
    provider::Provider,
    store::flows::Flow,
};

pub async fn complete(provider: &Provider, asking: &Asking, flow: &Flow, proof: Proof) -> Result<Response, Failure> {
    let browser = Opaque::new(&*provider.random);
    let signing_in = asking.signing_in(flow, &browser);
    let session = provider.store.sign_in(proof, &signing_in).await?;
    go_back(provider, &session, &flow.request, &browser).await
}

/// The browser's value is renewed at every sign-in, so that nobody signs in into a value that somebody else planted.
pub async fn go_back(
    provider: &Provider,
    session: &Session,
    request: &Request,
    browser: &Opaque,
) -> Result<Response, Failure> {
    let mut response = answer(provider, session, request).await?;
    response.headers_mut().append(header::SET_COOKIE, BROWSER.set(browser.reveal(), None));
    Ok(response)
}

pub async fn answer(provider: &Provider, session: &Session, request: &Request) -> Result<Response, Failure> {
    let code = provider.store.issue_code(session, request).await?;
    let fields = [("code", code.reveal()), ("state", &request.state), ("iss", &provider.issuer)];
    Ok(see_other(&with_fields(&request.redirect_uri, &fields)?))
}
