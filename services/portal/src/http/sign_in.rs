//! Leaving for identity and coming back: the only ways into a session.

use axum::{
    extract::{Query, State},
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Redirect, Response},
};
use kernel::{Failure, PersonId};
use serde::Deserialize;
use web::Cookie;

use super::{Portal, Shared, acting, fault::Refused, guard::SESSION, posted::Posted, provider::SignedIn, visit::Visit};
use crate::domain::{
    acting::{Principal, after_sign_in},
    sign_in::{Kind, Pending},
};

const SIGN_IN: Cookie = Cookie { name: "__Host-portal-sign-in" };

#[derive(Deserialize)]
pub struct Leaving {
    #[serde(default, rename = "as")]
    kind: String,
    #[serde(default)]
    then: String,
    #[serde(default)]
    level: String,
    /// At most so many seconds ago.
    age: Option<u32>,
}

/// `GET /sign-in?as=citizen&then=/applications&level=substantial`
pub async fn leave(State(portal): Shared, visit: Visit, Query(leaving): Query<Leaving>) -> Result<Response, Refused> {
    let kind = Kind::parse(&leaving.kind).unwrap_or(Kind::Citizen);
    let home = if kind == Kind::Officer { "/officer" } else { "/applications" };
    let then = if leaving.then.is_empty() { home } else { &leaving.then };
    let pending = Pending::new(kind, kind.level(&leaving.level), then, portal.random.as_ref()).at_most(leaving.age);
    let address = portal.provider.sign_in_address(&pending, visit.language).await?;
    let id = portal.sessions.begin_sign_in(&pending).await?;
    Ok(with_cookie(Redirect::to(&address).into_response(), SIGN_IN.set(&id, None)))
}

#[derive(Deserialize)]
pub struct Arriving {
    #[serde(default)]
    code: String,
    #[serde(default)]
    state: String,
    #[serde(default)]
    error: String,
}

/// `GET /signed-in`: counts only in the browser that left, and once.
pub async fn arrive(
    State(portal): Shared,
    visit: Visit,
    headers: HeaderMap,
    Query(arriving): Query<Arriving>,
) -> Result<Response, Refused> {
    let refuse = |why: &'static str| {
        Refused(Failure::forbidden("portal.sign-in-refused", "The sign-in did not work. Begin again.").with_detail(why))
    };
    let id = SIGN_IN.read(&headers).ok_or_else(|| refuse("no sign-in was begun here"))?;
    let pending = portal.sessions.take_sign_in(id).await?.ok_or_else(|| refuse("it was finished or is too old"))?;
    if !pending.is_answered_by(&arriving.state) {
        return Err(refuse("another state"));
    }
    if !arriving.error.is_empty() || arriving.code.is_empty() {
        // The person went back: they are where they were.
        return Ok(with_cookie(Redirect::to("/").into_response(), SIGN_IN.clear()));
    }
    let mut signed_in =
        portal.provider.redeem(&arriving.code, &pending).await.map_err(|failure| match failure.kind.retry() {
            true => Refused(failure),
            false => refuse("identity refused").with_cause(failure),
        })?;
    let person: PersonId = signed_in.claims.sub.parse()?;
    let named = if pending.kind == Kind::Citizen { principals(&portal, &signed_in).await } else { Vec::new() };
    let theirs = visit.session.as_ref().filter(|had| had.person == person && had.kind == pending.kind);
    let after = after_sign_in(theirs.map(|had| had.opened.acting.as_ref()), &named);
    signed_in.opened.represents = !named.is_empty();
    signed_in.opened.acting = after.acting;
    let before = visit.session.as_ref().and_then(|_| SESSION.read(&headers));
    let session = portal.sessions.start(person, pending.kind, &signed_in.opened, before).await?;
    let then = if after.asks { acting::asking(&pending.then) } else { pending.then };
    let response = with_cookie(Redirect::to(&then).into_response(), SIGN_IN.clear());
    Ok(with_cookie(response, SESSION.set(&session, None)))
}

/// For whom they may act. Whoever cannot be told acts for themselves.
async fn principals(portal: &Portal, signed_in: &SignedIn) -> Vec<Principal> {
    portal.provider.principals(&signed_in.opened.access_token).await.unwrap_or_else(|failure| {
        tracing::info!(code = %failure.code, "identity did not say for whom somebody may act");
        Vec::new()
    })
}

/// Ends the session here first; identity's is ended by the browser going there.
pub async fn sign_out(State(portal): Shared, visit: Visit, _: Posted) -> Result<Response, Refused> {
    let mut target = "/".to_owned();
    if let Some(session) = &visit.session {
        portal.sessions.end(session).await?;
        target = portal.provider.sign_out_address(&session.opened.id_token).await.unwrap_or(target);
    }
    Ok(with_cookie(Redirect::to(&target).into_response(), SESSION.clear()))
}

fn with_cookie(mut response: Response, cookie: HeaderValue) -> Response {
    response.headers_mut().append(header::SET_COOKIE, cookie);
    response
}

impl Refused {
    fn with_cause(mut self, cause: Failure) -> Self {
        self.0.detail = Some(format!("{cause:?}"));
        self
    }
}
