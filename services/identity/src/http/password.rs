//! PINFL and password: assurance `low`, and nothing that tells whether an account exists.

use std::{sync::Arc, time::Duration};

use axum::{
    extract::{Path, State},
    response::Response,
};
use kernel::{Failure, Hash, PersonId, Personal, pinfl::Pinfl};

use super::{
    asking::Asking,
    form,
    page::{self, Frame, Password},
    signed_in::complete,
};
use crate::{
    domain::{
        attempts::Verdict,
        session::{Assurance, Capacity, Method, Proof, Wanted},
    },
    provider::Provider,
    store::{attempts::Attempt, flows::Flow},
};

pub async fn show(State(provider): State<Arc<Provider>>, Path(path): Path<String>, asking: Asking) -> Response {
    let outcome = async {
        let flow = open(&provider, &asking, &path).await?;
        page::show(&form_page(&provider, &asking, &flow), &flow)
    };
    outcome.await.unwrap_or_else(|failure| page::failed(&provider, &asking, &failure))
}

pub async fn check(State(provider): State<Arc<Provider>>, Path(path): Path<String>, asking: Asking) -> Response {
    let outcome = sign_in(&provider, &path, &asking).await;
    outcome.unwrap_or_else(|failure| page::failed(&provider, &asking, &failure))
}

/// A password alone is `low`: whoever asked for more is never offered this page.
async fn open(provider: &Provider, asking: &Asking, path: &str) -> Result<Flow, Failure> {
    let flow = form::open(provider, asking, path).await?;
    if flow.request.wanted != Wanted::Low {
        return Err(Failure::forbidden(
            "identity.password-too-weak",
            "A password is not enough for this service. Sign in with OneID.",
        ));
    }
    Ok(flow)
}

async fn sign_in(provider: &Provider, path: &str, asking: &Asking) -> Result<Response, Failure> {
    let flow = open(provider, asking, path).await?;
    let page = form_page(provider, asking, &flow);
    let say = page.frame.say;
    let pinfl = match Pinfl::parse(asking.field("pinfl")) {
        Ok(pinfl) => pinfl,
        Err(_) => return again(page, "pinfl", say.get("password-pinfl-wrong"), &flow),
    };
    if asking.field("password").is_empty() {
        return again(page, "password", say.get("password-missing"), &flow);
    }
    let account = provider.store.seals.citizen_account(pinfl.reveal());
    let attempt = Attempt::new(&provider.store, account, &asking.network);
    if let Some(seconds) = hold_back(provider, &attempt).await? {
        return page::wait(provider, flow.language, seconds);
    }
    let Some(person) = owner(provider, asking, account, &flow).await? else {
        return again(page, "password", say.get("password-refused"), &flow);
    };
    provider.store.succeeded(&attempt).await?;
    let proof = Proof { person, capacity: Capacity::Citizen, assurance: Assurance::Low, method: Method::Password };
    complete(provider, asking, &flow, proof).await
}

/// Whose password was typed. An unknown account costs the same time as a wrong password, and both are recorded.
pub async fn owner(
    provider: &Provider,
    asking: &Asking,
    account: Hash,
    flow: &Flow,
) -> Result<Option<PersonId>, Failure> {
    let stored = provider.store.password(account).await?;
    let (person, phc) = stored.map(|stored| (stored.person, stored.phc)).unzip();
    let typed = Personal::new(asking.field("password").to_owned());
    let right = provider.passwords.verify(typed, phc).await?;
    let person = person.filter(|_| right);
    if person.is_none() {
        provider.store.record_refusal(account, Method::Password, &flow.request.client).await?;
    }
    Ok(person)
}

/// Pauses an attempt, or says for how many seconds it must not be made at all.
pub async fn hold_back(provider: &Provider, attempt: &Attempt) -> Result<Option<u64>, Failure> {
    match provider.store.attempt(attempt).await? {
        Verdict::Wait(wait) => Ok(Some(wait.as_secs().max(1))),
        Verdict::Go { pause } => {
            if pause > Duration::ZERO {
                provider.clock.sleep_until(provider.clock.now().plus(pause)).await;
            }
            Ok(None)
        }
    }
}

fn form_page(provider: &Provider, asking: &Asking, flow: &Flow) -> Password {
    let base = provider.address(&format!("/sign-in/{}", flow.id.text()));
    Password {
        frame: Frame::of_flow(provider, flow, "/password", "password-title"),
        action: format!("{base}/password"),
        back: base,
        csrf: page::csrf(provider, asking.browser.as_deref().unwrap_or_default(), &flow.id.0),
        // Kept only in the answer to what was just typed, never in an address.
        pinfl: if asking.posted { asking.field("pinfl").chars().take(20).collect() } else { String::new() },
    }
}

fn again(mut page: Password, field: &'static str, message: String, flow: &Flow) -> Result<Response, Failure> {
    page.frame = page.frame.wrong(field, message);
    page::show_again(&page, flow)
}
