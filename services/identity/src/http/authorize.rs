//! `/authorize`: answers at once for who is signed in well enough, else begins a sign-in.

use std::sync::Arc;

use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use kernel::Failure;
use url::Url;

use super::{
    asking::{Asking, BROWSER},
    page,
    signed_in::answer,
};
use crate::{
    domain::authorize::{Prompt, Refused, Request, read},
    provider::Provider,
};

pub async fn ask(State(provider): State<Arc<Provider>>, asking: Asking) -> Response {
    let outcome = match read(&asking.fields, &provider.clients) {
        Ok(request) => proceed(&provider, &asking, &request).await,
        Err(Refused::Here(failure)) => Err(failure),
        Err(Refused::ToClient { redirect_uri, state, error, description }) => {
            refuse(&provider, &redirect_uri, &state, error, description)
        }
    };
    outcome.unwrap_or_else(|failure| page::failed(&provider, &asking, &failure))
}

async fn proceed(provider: &Provider, asking: &Asking, request: &Request) -> Result<Response, Failure> {
    let session = match &asking.browser {
        Some(browser) => provider.store.session(browser).await?,
        None => None,
    };
    if let Some(session) = session.filter(|session| request.is_answered_by(session, provider.clock.now())) {
        return answer(provider, &session, request).await;
    }
    if request.prompt == Prompt::None {
        let description = "nobody is signed in, or not at the level asked for";
        return refuse(provider, &request.redirect_uri, &request.state, "login_required", description);
    }
    if let web::Verdict::Refused(wait) = provider.beginnings.take(&[asking.network.as_bytes()]) {
        return page::wait(provider, request.language.unwrap_or(asking.language), wait.as_secs().max(1));
    }
    let (browser, new) = asking.browser_or_new(&*provider.random);
    let language = request.language.unwrap_or(asking.language);
    let flow = provider.store.begin_flow(&browser, request, language).await?;
    let mut response = see_other(&provider.address(&format!("/sign-in/{}", flow.text())));
    if new {
        response.headers_mut().append(header::SET_COOKIE, BROWSER.set(&browser, None));
    }
    Ok(response)
}

pub fn refuse(
    provider: &Provider,
    redirect_uri: &str,
    state: &str,
    error: &str,
    description: &str,
) -> Result<Response, Failure> {
    let fields = [("error", error), ("error_description", description), ("state", state), ("iss", &provider.issuer)];
    Ok(see_other(&with_fields(redirect_uri, &fields)?))
}

/// 303, so that what was posted to us is never posted onward (RFC 9700, 4.12).
pub fn see_other(to: &str) -> Response {
    (StatusCode::SEE_OTHER, [(header::LOCATION, to.to_owned())]).into_response()
}

pub fn with_fields(address: &str, fields: &[(&str, &str)]) -> Result<String, Failure> {
    let mut url = Url::parse(address).map_err(|error| {
        Failure::invalid("identity.redirect-mismatch", "The registered address is not an address.").with_detail(error)
    })?;
    for (name, value) in fields.iter().filter(|(name, value)| *name != "state" || !value.is_empty()) {
        url.query_pairs_mut().append_pair(name, value);
    }
    Ok(url.into())
}
