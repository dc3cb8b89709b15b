//! `/logout`: ends a session at the wish of a client that holds its ID token, else after the person confirms
//! (OpenID Connect RP-Initiated Logout 1.0).

use std::sync::Arc;

use axum::{extract::State, http::header, response::Response};
use kernel::{Failure, PersonId, SessionId};

use super::{
    asking::{Asking, BROWSER},
    authorize::{see_other, with_fields},
    page::{self, Frame, Leave},
};
use crate::{domain::token::IdToken, provider::Provider};

const PURPOSE: &[u8] = b"logout";

pub async fn leave(State(provider): State<Arc<Provider>>, asking: Asking) -> Response {
    let outcome = end(&provider, &asking).await;
    outcome.unwrap_or_else(|failure| page::failed(&provider, &asking, &failure))
}

async fn end(provider: &Provider, asking: &Asking) -> Result<Response, Failure> {
    let hint = asking.fields.get("id_token_hint").filter(|hint| !hint.is_empty());
    // An expired ID token still says which session is meant.
    let told = hint.and_then(|hint| provider.keys.verify::<IdToken>("JWT", &provider.issuer, hint));
    if let Some(told) = told {
        return end_for_client(provider, asking, &told).await;
    }
    if hint.is_some() {
        return Err(Failure::invalid("identity.logout-hint", "This sign-out link is not valid."));
    }
    let session = match &asking.browser {
        Some(browser) => provider.store.session(browser).await?,
        None => None,
    };
    let Some(session) = session else { return gone(provider, asking) };
    if asking.posted && asking.fields.contains_key("csrf") {
        asking.demand_own_form(provider, PURPOSE)?;
        provider.store.end_session(session.id, session.proof.person, "identity").await?;
        return gone(provider, asking);
    }
    page::plain(&Leave {
        frame: Frame::new(provider, asking.language, "/logout", "logout-title"),
        action: provider.address("/logout"),
        csrf: page::csrf(provider, asking.browser.as_deref().unwrap_or_default(), PURPOSE),
    })
}

async fn end_for_client(provider: &Provider, asking: &Asking, told: &IdToken) -> Result<Response, Failure> {
    let unfit = || Failure::invalid("identity.logout-hint", "This sign-out link is not valid.");
    let client = provider.client(&told.aud).ok_or_else(unfit)?;
    if asking.fields.get("client_id").is_some_and(|named| *named != client.id) {
        return Err(unfit());
    }
    let back = asking.field("post_logout_redirect_uri");
    if !back.is_empty() && !client.may_leave_to(back) {
        return Err(Failure::invalid(
            "identity.redirect-mismatch",
            "The application asked to be answered at an address that it has not registered.",
        ));
    }
    let (session, person): (SessionId, PersonId) = (told.sid.parse()?, told.sub.parse()?);
    provider.store.end_session(session, person, &client.id).await?;
    if back.is_empty() {
        return gone(provider, asking);
    }
    let mut response = see_other(&with_fields(back, &[("state", asking.field("state"))])?);
    response.headers_mut().append(header::SET_COOKIE, BROWSER.clear());
    Ok(response)
}

fn gone(provider: &Provider, asking: &Asking) -> Result<Response, Failure> {
    let mut response = page::say(provider, asking.language, "logged-out-title", "logged-out-text")?;
    response.headers_mut().append(header::SET_COOKIE, BROWSER.clear());
    Ok(response)
}
