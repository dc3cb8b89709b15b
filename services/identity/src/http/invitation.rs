//! Where a newly appointed officer chooses a password and pairs an authenticator, once.

use std::sync::Arc;

use axum::{
    extract::{Path, State},
    http::{StatusCode, header},
    response::Response,
};
use kernel::{Failure, Personal, bytes};

use super::{
    account,
    asking::{Asking, BROWSER},
    page::{self, Frame, Invited},
    password::hold_back,
};
use crate::{
    domain::password::acceptable,
    provider::Provider,
    store::{attempts::Attempt, invitations::Invitation},
};

const PURPOSE: &[u8] = b"invitation";

pub async fn show(State(provider): State<Arc<Provider>>, Path(token): Path<String>, asking: Asking) -> Response {
    let outcome = async {
        let invitation = open(&provider, &token, &asking).await?;
        let (browser, new) = asking.browser_or_new(&*provider.random);
        let mut response = page::plain(&form_page(&provider, &asking, &browser, &token, invitation))?;
        if new {
            response.headers_mut().append(header::SET_COOKIE, BROWSER.set(&browser, None));
        }
        Ok(response)
    };
    outcome.await.unwrap_or_else(|failure| page::failed(&provider, &asking, &failure))
}

pub async fn accept(State(provider): State<Arc<Provider>>, Path(token): Path<String>, asking: Asking) -> Response {
    let outcome = enrol(&provider, &token, &asking).await;
    outcome.unwrap_or_else(|failure| page::failed(&provider, &asking, &failure))
}

async fn enrol(provider: &Provider, token: &str, asking: &Asking) -> Result<Response, Failure> {
    let invitation = open(provider, token, asking).await?;
    asking.demand_own_form(provider, PURPOSE)?;
    if let Err(failure) = acceptable(asking.field("password"), &invitation.totp_secret) {
        return again(provider, asking, token, invitation, "password", |frame| frame.say.failure(&failure));
    }
    let account = provider.store.seals.lookup("second-factor", &invitation.person.to_string());
    let attempt = Attempt::of_second_factor(&provider.store, account, &asking.network).await?;
    if let Some(seconds) = hold_back(provider, &attempt).await? {
        return page::wait(provider, asking.language, seconds);
    }
    if !provider.store.accept_totp(invitation.person, asking.field("code")).await? {
        return again(provider, asking, token, invitation, "code", |frame| frame.say.get("code-refused"));
    }
    provider.store.succeeded(&attempt).await?;
    let password = Personal::new(asking.field("password").to_owned());
    let phc = provider.passwords.hash(password, bytes(&*provider.random)).await?;
    if !provider.store.accept_invitation(token, &invitation, phc).await? {
        return Err(gone());
    }
    page::say(provider, asking.language, "invitation-done-title", "invitation-done-text")
}

/// Whoever invites an officer holds the address, too: where identities are proofed, it opens for the invited person alone.
async fn open(provider: &Provider, token: &str, asking: &Asking) -> Result<Invitation, Failure> {
    let invitation = provider.store.invitation(token).await?.ok_or_else(gone)?;
    if !invitation.proof || provider.upstream.is_none() {
        return Ok(invitation);
    }
    match account::proofed(provider, asking).await? {
        Some(session) if session.proof.person == invitation.person => Ok(invitation),
        _ => Err(Failure::unauthenticated(
            "identity.invitation-proof",
            "Sign in to the portal with OneID as yourself, then open this address again within 15 minutes.",
        )),
    }
}

fn gone() -> Failure {
    Failure::not_found(
        "identity.invitation-gone",
        "This invitation has been used or has expired. Ask your agency's administrator for a new one.",
    )
}

fn again(
    provider: &Provider,
    asking: &Asking,
    token: &str,
    invitation: Invitation,
    field: &'static str,
    message: impl FnOnce(&Frame) -> String,
) -> Result<Response, Failure> {
    let browser = asking.browser.as_deref().unwrap_or_default();
    let mut page = form_page(provider, asking, browser, token, invitation);
    let message = message(&page.frame);
    page.frame = page.frame.wrong(field, message);
    let mut response = page::plain(&page)?;
    *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    Ok(response)
}

fn form_page(provider: &Provider, asking: &Asking, browser: &str, token: &str, invitation: Invitation) -> Invited {
    let path = format!("/invitation/{token}");
    Invited {
        frame: Frame::new(provider, asking.language, &path, "invitation-title"),
        action: provider.address(&path),
        csrf: page::csrf(provider, browser, PURPOSE),
        name: invitation.display_name,
        // In groups of four: it may be typed by hand.
        secret: invitation.totp_secret.as_bytes().chunks(4).map(String::from_utf8_lossy).collect::<Vec<_>>().join(" "),
    }
}
