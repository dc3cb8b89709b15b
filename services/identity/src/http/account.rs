//! Where a citizen whom a provider has just proofed sets a password for later.

use std::{sync::Arc, time::Duration};

use axum::{extract::State, http::StatusCode, response::Response};
use kernel::{Failure, Personal, bytes};

use super::{
    asking::Asking,
    page::{self, Account, Frame},
};
use crate::{
    domain::{
        password::acceptable,
        session::{Assurance, Capacity, Session},
    },
    provider::Provider,
};

const PURPOSE: &[u8] = b"account";
/// A password is set only shortly after the proof: a browser left open is not enough.
const FRESH: Duration = Duration::from_secs(15 * 60);

pub async fn show(State(provider): State<Arc<Provider>>, asking: Asking) -> Response {
    let outcome = async {
        demand_proofed(&provider, &asking).await?;
        page::plain(&form_page(&provider, &asking))
    };
    outcome.await.unwrap_or_else(|failure| page::failed(&provider, &asking, &failure))
}

pub async fn change(State(provider): State<Arc<Provider>>, asking: Asking) -> Response {
    let outcome = set(&provider, &asking).await;
    outcome.unwrap_or_else(|failure| page::failed(&provider, &asking, &failure))
}

async fn set(provider: &Provider, asking: &Asking) -> Result<Response, Failure> {
    let session = demand_proofed(provider, asking).await?;
    asking.demand_own_form(provider, PURPOSE)?;
    let unknown = || Failure::not_found("identity.person-unknown", "The person is not known.");
    let person = provider.store.person(session.proof.person).await?.ok_or_else(unknown)?;
    let pinfl = person.facts.pinfl.reveal();
    if let Err(failure) = acceptable(asking.field("password"), pinfl) {
        let mut page = form_page(provider, asking);
        let message = page.frame.say.failure(&failure);
        page.frame = page.frame.wrong("password", message);
        let mut response = page::plain(&page)?;
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
        return Ok(response);
    }
    let password = Personal::new(asking.field("password").to_owned());
    let phc = provider.passwords.hash(password, bytes(&*provider.random)).await?;
    let account = provider.store.seals.citizen_account(pinfl);
    provider.store.set_password(account, person.id, phc).await?;
    page::say(provider, asking.language, "account-done-title", "account-done-text")
}

async fn demand_proofed(provider: &Provider, asking: &Asking) -> Result<Session, Failure> {
    proofed(provider, asking).await?.ok_or_else(|| {
        Failure::unauthenticated(
            "identity.proof-needed",
            "Sign in with OneID first; then set your password within 15 minutes.",
        )
    })
}

/// Whom a provider proofed in this browser a moment ago.
pub(super) async fn proofed(provider: &Provider, asking: &Asking) -> Result<Option<Session>, Failure> {
    let browser = asking.browser.as_deref().unwrap_or_default();
    let session = provider.store.session(browser).await?;
    Ok(session.filter(|session| {
        session.proof.capacity == Capacity::Citizen
            && session.proof.assurance >= Assurance::Substantial
            && provider.clock.now().since(session.authenticated) < FRESH
    }))
}

fn form_page(provider: &Provider, asking: &Asking) -> Account {
    Account {
        frame: Frame::new(provider, asking.language, "/account", "account-title"),
        action: provider.address("/account"),
        csrf: page::csrf(provider, asking.browser.as_deref().unwrap_or_default(), PURPOSE),
    }
}
