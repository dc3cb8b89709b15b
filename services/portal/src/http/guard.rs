//! Stands before every page: who asks, how often, from where, in which language; and turns refusals into pages.

use std::{sync::Arc, time::Duration};

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use kernel::{Clock, Failure, PersonId};
use web::{Cookie, Limiter, Rate, Verdict};

use crate::domain::{place, sign_in::Kind};

use super::{
    Portal,
    fault::{self, Refused},
    visit::Visit,
};

pub const SESSION: Cookie = Cookie { name: "__Host-portal" };
pub const LANGUAGE: Cookie = Cookie { name: "__Host-portal-language" };
const A_YEAR: Duration = Duration::from_secs(365 * 24 * 3600);

/// How often one sender may ask. A network may hold a whole office, a session is one person.
pub struct Limits {
    network: Limiter,
    session: Limiter,
    pub verification: Limiter,
    /// Copies of everything about one person: each asks every service that knows them.
    copies: Limiter,
}

impl Limits {
    pub fn new(clock: &Arc<dyn Clock>) -> Self {
        let limiter =
            |burst, every_ms| Limiter::new(Rate { burst, every: Duration::from_millis(every_ms) }, clock.clone());
        Self {
            network: limiter(300, 50),
            session: limiter(120, 200),
            verification: limiter(10, 6_000),
            copies: limiter(3, 2 * 3600 * 1000),
        }
    }

    /// One more copy; each person has a limit of their own.
    pub fn copy_for(&self, person: PersonId) -> Verdict {
        self.copies.take(&[person.as_bytes()])
    }
}

pub async fn guard(State(portal): State<Arc<Portal>>, mut request: Request, next: Next) -> Response {
    let headers = request.headers();
    let preference = web::negotiate(request.uri().query(), LANGUAGE.read(headers), headers);
    let address = web::client_address(request.extensions(), headers, web::Hops(portal.config.trusted_hops));
    let mut visit = Visit {
        language: preference.language,
        reads: matches!(*request.method(), Method::GET | Method::HEAD),
        place: place_of(&request),
        address,
        session: None,
        menu: Vec::new(),
    };
    let admitted = admit(&portal, &mut visit, headers).await;
    let mut response = match admitted {
        Ok(()) => {
            request.extensions_mut().insert(visit.clone());
            next.run(request).await
        }
        Err(failure) => Refused(failure).into_response(),
    };
    response = fault::render(&portal, &visit, response);
    allow_sign_out(&portal, &mut response);
    if preference.chosen_now {
        let kept = LANGUAGE.set(preference.language.tag(), Some(A_YEAR));
        response.headers_mut().append(header::SET_COOKIE, kept);
    }
    let tag = preference.language.html_tag();
    response.headers_mut().insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(tag));
    response
}

/// Every page can sign out: that form ends at identity, which may have an origin of its own.
fn allow_sign_out(portal: &Portal, response: &mut Response) {
    let own = place::origin(&portal.config.base_url);
    let identity = place::origin(&portal.config.issuer);
    if let Some(identity) = identity.filter(|identity| own.as_ref() != Some(identity)) {
        let actions = response.extensions_mut().get_or_insert_default::<web::FormAction>();
        actions.0.push(identity);
    }
}

async fn admit(portal: &Portal, visit: &mut Visit, headers: &HeaderMap) -> Result<(), Failure> {
    if let Some(id) = SESSION.read(headers) {
        visit.session = portal.sessions.find(id).await?;
    }
    // Only a session that exists has a bucket of its own: a made-up cookie counts for its network.
    let verdict = match &visit.session {
        Some(session) => portal.limits.session.take(&[session.id_hash.as_bytes()]),
        None => portal.limits.network.take(&[visit.address.to_string().as_bytes()]),
    };
    if let Verdict::Refused(_) = verdict {
        return Err(fault::too_many());
    }
    if let Some(officer) = visit.session.as_ref().filter(|session| session.kind == Kind::Officer) {
        visit.menu = portal.menus.of(portal, officer.person).await;
    }
    if !visit.reads && web::same_origin(headers, &portal.config.base_url) == web::Origin::Other {
        return Err(Failure::forbidden(
            "portal.other-site",
            "This form was sent from another site. Open the page here and send it again.",
        ));
    }
    Ok(())
}

fn place_of(request: &Request) -> String {
    let uri = request.uri();
    // The answer of identity is for one use and belongs in no link.
    if uri.path() == "/signed-in" {
        return "/".to_owned();
    }
    let query = uri.query().unwrap_or_default();
    let kept: Vec<&str> = query.split('&').filter(|pair| !pair.is_empty() && !pair.starts_with("lang=")).collect();
    match kept.is_empty() {
        true => uri.path().to_owned(),
        false => format!("{}?{}", uri.path(), kept.join("&")),
    }
}

#[cfg(test)]
mod tests {
    use kernel::{ManualClock, Time};

    use super::*;

    #[test]
    fn whoever_took_three_copies_of_their_data_waits_and_nobody_waits_for_them() {
        let manual = Arc::new(ManualClock::at(Time::from_seconds(1_795_410_000)));
        let clock: Arc<dyn Clock> = manual.clone();
        let limits = Limits::new(&clock);
        let [one, another] = [1, 2].map(|number| PersonId::from_bytes([number; 16]));
        for _ in 0..3 {
            assert_eq!(limits.copy_for(one), Verdict::Allowed);
        }
        assert!(matches!(limits.copy_for(one), Verdict::Refused(_)));
        assert_eq!(limits.copy_for(another), Verdict::Allowed);
        manual.advance(Duration::from_secs(2 * 3600));
        assert_eq!(limits.copy_for(one), Verdict::Allowed);
    }
}
