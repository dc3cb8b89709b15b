//! Officers: login and password, then a code from their authenticator; never one without the other.

use std::sync::Arc;

use axum::{
    extract::{Path, State},
    response::Response,
};
use kernel::{Failure, PersonId};

use super::{
    asking::Asking,
    authorize::see_other,
    form,
    page::{self, Code, Frame, Officer},
    password::{hold_back, owner},
    signed_in::complete,
};
use crate::{
    domain::session::{Assurance, Capacity, Method, Proof, Wanted},
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
    let outcome = first_factor(&provider, &path, &asking).await;
    outcome.unwrap_or_else(|failure| page::failed(&provider, &asking, &failure))
}

pub async fn show_code(State(provider): State<Arc<Provider>>, Path(path): Path<String>, asking: Asking) -> Response {
    let outcome = async {
        let flow = open(&provider, &asking, &path).await?;
        half_way(&flow)?;
        page::show(&code_page(&provider, &asking, &flow), &flow)
    };
    outcome.await.unwrap_or_else(|failure| page::failed(&provider, &asking, &failure))
}

pub async fn check_code(State(provider): State<Arc<Provider>>, Path(path): Path<String>, asking: Asking) -> Response {
    let outcome = second_factor(&provider, &path, &asking).await;
    outcome.unwrap_or_else(|failure| page::failed(&provider, &asking, &failure))
}

async fn open(provider: &Provider, asking: &Asking, path: &str) -> Result<Flow, Failure> {
    let flow = form::open(provider, asking, path).await?;
    if flow.request.wanted != Wanted::Officer {
        return Err(Failure::not_found("identity.flow-gone", "This page is for officers."));
    }
    Ok(flow)
}

async fn first_factor(provider: &Provider, path: &str, asking: &Asking) -> Result<Response, Failure> {
    let flow = open(provider, asking, path).await?;
    let mut page = form_page(provider, asking, &flow);
    let account = provider.store.seals.officer_account(asking.field("login"));
    let attempt = Attempt::new(&provider.store, account, &asking.network);
    if let Some(seconds) = hold_back(provider, &attempt).await? {
        return page::wait(provider, flow.language, seconds);
    }
    let Some(person) = owner(provider, asking, account, &flow).await? else {
        let message = page.frame.say.get("officer-refused");
        page.frame = page.frame.wrong("password", message);
        return page::show_again(&page, &flow);
    };
    provider.store.succeeded(&attempt).await?;
    provider.store.set_flow_officer(flow.id, Some(person)).await?;
    Ok(see_other(&provider.address(&format!("/sign-in/{path}/code"))))
}

async fn second_factor(provider: &Provider, path: &str, asking: &Asking) -> Result<Response, Failure> {
    let flow = open(provider, asking, path).await?;
    let person = half_way(&flow)?;
    let account = provider.store.seals.lookup("second-factor", &person.to_string());
    let attempt = Attempt::of_second_factor(&provider.store, account, &asking.network).await?;
    if let Some(seconds) = hold_back(provider, &attempt).await? {
        return page::wait(provider, flow.language, seconds);
    }
    if !provider.store.try_flow(flow.id).await? {
        provider.store.set_flow_officer(flow.id, None).await?;
        return Ok(see_other(&provider.address(&format!("/sign-in/{path}/officer"))));
    }
    if !provider.store.accept_totp(person, asking.field("code")).await? {
        provider.store.record_refusal(account, Method::PasswordTotp, &flow.request.client).await?;
        let mut page = code_page(provider, asking, &flow);
        let message = page.frame.say.get("code-refused");
        page.frame = page.frame.wrong("code", message);
        return page::show_again(&page, &flow);
    }
    provider.store.succeeded(&attempt).await?;
    demand_appointment(provider, person).await?;
    let proof =
        Proof { person, capacity: Capacity::Officer, assurance: Assurance::Substantial, method: Method::PasswordTotp };
    complete(provider, asking, &flow, proof).await
}

fn half_way(flow: &Flow) -> Result<PersonId, Failure> {
    flow.officer.ok_or_else(|| Failure::not_found("identity.flow-gone", "Give your login and password first."))
}

/// Whoever has no role in any office today is not an officer today.
async fn demand_appointment(provider: &Provider, person: PersonId) -> Result<(), Failure> {
    let now = provider.clock.now();
    let officer = provider.store.officer(person).await?;
    let appointed = officer.is_some_and(|officer| officer.appointments.iter().any(|role| role.is_in_force(now)));
    if appointed {
        return Ok(());
    }
    Err(Failure::forbidden(
        "identity.no-appointment",
        "You have no role in any office today. Ask your agency's administrator.",
    ))
}

fn form_page(provider: &Provider, asking: &Asking, flow: &Flow) -> Officer {
    Officer {
        frame: Frame::of_flow(provider, flow, "/officer", "officer-title"),
        action: provider.address(&format!("/sign-in/{}/officer", flow.id.text())),
        csrf: page::csrf(provider, asking.browser.as_deref().unwrap_or_default(), &flow.id.0),
        login: if asking.posted { asking.field("login").chars().take(100).collect() } else { String::new() },
    }
}

fn code_page(provider: &Provider, asking: &Asking, flow: &Flow) -> Code {
    Code {
        frame: Frame::of_flow(provider, flow, "/code", "code-title"),
        action: provider.address(&format!("/sign-in/{}/code", flow.id.text())),
        csrf: page::csrf(provider, asking.browser.as_deref().unwrap_or_default(), &flow.id.0),
    }
}
