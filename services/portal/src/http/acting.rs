//! Whom somebody acts for: themselves, or a company that identity names; chosen after the sign-in, changed whenever they like.

use std::sync::Arc;

use askama::Template;
use axum::{
    Router,
    extract::{Query, State},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use serde::Deserialize;

use super::{
    Portal, Shared,
    fault::{self, Refused},
    frame::{Frame, page},
    posted::Posted,
    visit::Citizen,
};
use crate::domain::{acting::Principal, place::own_path};

const PLACE: &str = "/acting";
/// Whoever changed for whom they act sees what there is to do for them.
const AFTER: &str = "/applications";

pub fn routes() -> Router<Arc<Portal>> {
    Router::new().route(PLACE, get(offer).post(choose))
}

/// The page that asks first, and where it leads then.
pub fn asking(then: &str) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("then", then).finish();
    format!("{PLACE}?{query}")
}

#[derive(Template)]
#[template(path = "acting.html")]
pub struct ActingPage {
    pub f: Frame,
    pub principals: Vec<Principal>,
    pub then: String,
}

impl ActingPage {
    pub fn is_chosen(&self, principal: &Principal) -> bool {
        self.f.acts_for() == principal.principal
    }
}

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    then: String,
}

async fn offer(
    State(portal): Shared,
    Citizen(visit, session): Citizen,
    Query(asked): Query<Asked>,
) -> Result<Response, Refused> {
    let principals = portal.services.principals(&session).await?;
    page(&ActingPage { f: Frame::new(&portal, &visit), principals, then: after(&asked.then) })
}

/// Identity is asked again: a page that was open for long may name a company that is not the person's any more.
async fn choose(State(portal): Shared, Citizen(_, session): Citizen, posted: Posted) -> Result<Response, Refused> {
    let acting = match posted.control("_principal") {
        "" => None,
        id => {
            let mut named = portal.services.principals(&session).await?.into_iter();
            Some(named.find(|known| known.principal == id).ok_or_else(fault::no_such_page)?)
        }
    };
    portal.sessions.act_for(&session, acting).await?;
    Ok(Redirect::to(&after(posted.control("_then"))).into_response())
}

fn after(then: &str) -> String {
    if then.is_empty() { AFTER.to_owned() } else { own_path(then).to_owned() }
}
