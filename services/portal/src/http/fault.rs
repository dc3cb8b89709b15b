//! Error pages: what is wrong, what to do, a stable code; in the visitor's language and with nothing internal.

use askama::Template;
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use kernel::{ErrorKind, Failure};

use super::{
    FORM_BYTES_MAX, Portal,
    frame::{self, Frame},
    visit::Visit,
};
use crate::{
    domain::sign_in::{Kind, is_enough},
    store::Session,
};

/// A refusal on its way to becoming a page.
#[derive(Debug, Clone)]
pub struct Refused(pub Failure);

impl From<Failure> for Refused {
    fn from(failure: Failure) -> Self {
        Self(failure)
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let mut response = status(&self.0).into_response();
        response.extensions_mut().insert(self);
        response
    }
}

#[derive(Template)]
#[template(path = "fault.html")]
struct FaultPage {
    f: Frame,
    /// Which texts: `fault-<what>-title` and `fault-<what>-text`.
    what: &'static str,
    code: String,
    sign_in: Option<String>,
    retry: Option<String>,
    /// The page whose form was not taken.
    back: Option<String>,
    limit: String,
}

pub fn no_such_page() -> Failure {
    Failure::not_found("portal.not-found", "There is no such page.")
}

pub fn too_many() -> Failure {
    Failure::too_many("portal.too-many", "Too many requests came from here. Wait a minute and try again.")
}

/// The code of a copy of one's data that is asked for again and again.
const COPIES: &str = "portal.copies-too-many";

pub fn too_many_copies() -> Failure {
    Failure::too_many(COPIES, "You have just taken several copies of your data. Take the next one in two hours.")
}

/// The code of a form that is refused for its size.
const TOO_LARGE: &str = "portal.form-too-large";

fn status(failure: &Failure) -> StatusCode {
    if failure.code == TOO_LARGE {
        return StatusCode::PAYLOAD_TOO_LARGE;
    }
    StatusCode::from_u16(failure.kind.http_status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// A refusal becomes a page, or the way to sign-in where that is all that is missing.
pub fn render(portal: &Portal, visit: &Visit, response: Response) -> Response {
    let failure = match response.extensions().get::<Refused>() {
        Some(refused) => refused.0.clone(),
        // Axum's own refusals (a path that does not parse, a method that is not there) have no page of ours.
        None if response.status() == StatusCode::METHOD_NOT_ALLOWED => no_such_page(),
        None if response.status() == StatusCode::BAD_REQUEST => no_such_page(),
        None => return response,
    };
    report(&failure);
    let unauthenticated = failure.kind == ErrorKind::Unauthenticated;
    let unsure = is_unsure(&failure, visit);
    let sign_in = match (unauthenticated, unsure) {
        (true, _) => Some(sign_in_path(visit)),
        (false, true) => Some(format!("{}&level=substantial", sign_in_path(visit))),
        (false, false) => None,
    };
    // Only where signing in is all that is missing: another service's refusal would come again and lead in a circle.
    if let Some(path) = &sign_in
        && visit.reads
        && (unsure || matches!(failure.code.as_ref(), "portal.sign-in" | "portal.signed-out"))
    {
        return Redirect::to(path).into_response();
    }
    let wanted = Frame::new(portal, visit);
    fault_page(wanted, &failure, sign_in, visit)
}

/// Signed in with a password where a confirmed identity is needed: signing in again helps. Whoever is known that surely
/// already is not sent round in a circle.
fn is_unsure(failure: &Failure, visit: &Visit) -> bool {
    let low = |session: &Session| session.kind == Kind::Citizen && !is_enough(&session.opened.assurance, "substantial");
    failure.code == "service.assurance" && visit.session.as_ref().is_some_and(low)
}

pub fn sign_in_path(visit: &Visit) -> String {
    let officers = ["/officer", "/staff", "/finance", "/cash", "/publication"];
    let officers = officers.iter().any(|begin| visit.place.starts_with(begin));
    let kind = if officers { Kind::Officer } else { Kind::Citizen };
    // Where a form was sent that stands on another page there is nothing to come back to.
    let place = if visit.reads || has_a_form(&visit.place) { visit.place.as_str() } else { "" };
    let then: String = url::form_urlencoded::byte_serialize(place.as_bytes()).collect();
    format!("/sign-in?as={}&then={then}", kind.as_str())
}

fn fault_page(f: Frame, failure: &Failure, sign_in: Option<String>, visit: &Visit) -> Response {
    let retry = (failure.kind.retry() && visit.reads).then(|| visit.place.clone());
    let back =
        (failure.kind == ErrorKind::Invalid && !visit.reads && has_a_form(&visit.place)).then(|| visit.place.clone());
    let limit = format!("{} KB", FORM_BYTES_MAX / 1024);
    let (what, code) = (what(failure.kind, &failure.code), failure.code.to_string());
    let template = FaultPage { what, code, sign_in, retry, back, limit, f };
    let Ok(mut response) = frame::page_with(status(failure), &template) else {
        return (status(failure), failure.message.clone()).into_response();
    };
    if matches!(failure.kind, ErrorKind::TooMany | ErrorKind::Unavailable) {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("30"));
    }
    response
}

/// Nothing works while the platform's data is being recovered; there is nothing to try again at once.
pub fn restoring(f: Frame) -> Result<Response, Refused> {
    let code = "platform.recovering".to_owned();
    let template =
        FaultPage { what: "restoring", code, sign_in: None, retry: None, back: None, limit: String::new(), f };
    frame::page_with(StatusCode::SERVICE_UNAVAILABLE, &template)
}

/// Forms of applications, tasks, accounts, staff and publication are sent to the address of the page they stand on.
fn has_a_form(place: &str) -> bool {
    let pages = [
        "/applications/",
        "/asked/",
        "/services/",
        "/acting",
        "/officer/tasks/",
        "/officer/applications/",
        "/officer/paper/",
        "/officer/questions/",
        "/account/",
        "/staff/",
        "/publication",
    ];
    pages.iter().any(|begin| place.starts_with(begin))
}

fn what(kind: ErrorKind, code: &str) -> &'static str {
    match kind {
        ErrorKind::NotFound => "not-found",
        ErrorKind::Forbidden => "forbidden",
        ErrorKind::Unauthenticated => "signed-out",
        ErrorKind::TooMany if code == COPIES => "copies",
        ErrorKind::TooMany => "too-many",
        ErrorKind::Unavailable if code.contains("full") => "full",
        ErrorKind::Unavailable => "unavailable",
        ErrorKind::Conflict if code == "service.ending" => closed("ending"),
        ErrorKind::Conflict if code == "service.stopped" => closed("unhealthy"),
        ErrorKind::Conflict | ErrorKind::Stale => "changed",
        ErrorKind::Invalid if code == TOO_LARGE => "too-large",
        ErrorKind::Invalid => "invalid",
        ErrorKind::Internal => "internal",
    }
}

/// Which texts say why a service takes no new applications.
pub fn closed(reason: &str) -> &'static str {
    if reason == "ending" { "ended" } else { "stopped" }
}

/// The log gets the cause; never an address, which may name a case.
fn report(failure: &Failure) {
    match failure.kind {
        ErrorKind::Internal => tracing::error!(code = %failure.code, ?failure, "a page failed"),
        ErrorKind::Unavailable => tracing::warn!(code = %failure.code, ?failure, "a page had to wait"),
        _ => tracing::debug!(code = %failure.code, "a page was refused"),
    }
}

#[cfg(test)]
pub fn sample(f: Frame) -> String {
    let code = "portal.not-found".to_owned();
    let (back, limit) = (None, String::new());
    FaultPage { f, what: "not-found", code, sign_in: None, retry: Some("/".into()), back, limit }
        .render()
        .expect("a page renders")
}

#[cfg(test)]
mod tests {
    use kernel::{Hash, Language, PersonId, Time};

    use super::*;
    use crate::store::{Desk, Opened};

    fn visit(assurance: &str) -> Visit {
        let opened = Opened {
            form_token: String::new(),
            access_token: String::new(),
            access_ends: Time::from_seconds(1),
            refresh_token: None,
            id_token: String::new(),
            assurance: assurance.into(),
            represents: false,
            acting: None,
            desk: Desk::default(),
        };
        let session = Session {
            id_hash: Hash::of(b"id"),
            person: PersonId::from_bytes([1; 16]),
            kind: Kind::Citizen,
            opened,
            seen: None,
            used: Time::from_seconds(1),
        };
        Visit {
            language: Language::En,
            reads: true,
            place: "/applications/justice/1".into(),
            address: std::net::Ipv4Addr::LOCALHOST.into(),
            session: Some(session),
            menu: Vec::new(),
        }
    }

    #[test]
    fn officers_sign_in_as_officers_and_come_back_to_a_page() {
        let from = |place: &str, reads: bool| sign_in_path(&Visit { reads, place: place.into(), ..visit("low") });
        for place in ["/officer", "/staff", "/finance", "/cash", "/publication"] {
            assert!(from(place, true).starts_with("/sign-in?as=officer&"), "{place}");
        }
        assert_eq!(
            from("/applications/a/b/c/check", false),
            "/sign-in?as=citizen&then=%2Fapplications%2Fa%2Fb%2Fc%2Fcheck"
        );
        assert_eq!(from("/cash/shift", false), "/sign-in?as=officer&then=", "only a form is sent there");
    }

    #[test]
    fn an_application_is_filled_in_under_the_kind_of_session_that_its_address_is_for() {
        let at = |place: &str| Visit { place: place.into(), ..visit("substantial") };
        assert!(at("/applications/a/b/c/pages/date").filling().is_ok());
        let typed = at("/officer/applications/a/b/c/pages/date");
        let refused = typed.filling().err().map(|failure| failure.code.into_owned());
        assert_eq!(refused.as_deref(), Some("portal.sign-in"), "not a page that is not there");
        assert!(sign_in_path(&typed).starts_with("/sign-in?as=officer&then=%2Fofficer%2Fapplications"));
    }

    #[test]
    fn only_whoever_can_be_known_more_surely_is_sent_to_sign_in_again() {
        let unsure = Failure::forbidden("service.assurance", "Sign in with OneID.");
        assert!(is_unsure(&unsure, &visit("low")));
        assert!(!is_unsure(&unsure, &visit("substantial")), "never in a circle");
        assert!(!is_unsure(&Failure::forbidden("service.mandate", "No."), &visit("low")));
    }
}
