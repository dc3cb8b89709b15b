//! A form that was sent: bounded, decoded without trust, and only from the session it was made for.

use std::sync::Arc;

use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
    http::header,
};
use kernel::{CommandId, Failure};
use web::Token;

use super::{Portal, fault::Refused, visit::Visit};
use crate::domain::form;

/// Fields in the order they were sent.
pub struct Posted(pub Vec<(String, String)>);

impl Posted {
    pub fn control(&self, name: &str) -> &str {
        form::control(&self.0, name)
    }

    /// The command id that came with the form.
    pub fn command(&self) -> Result<CommandId, Refused> {
        self.control("_command").parse().map_err(|_| malformed())
    }

    /// The version of the case that the form was made from.
    pub fn version(&self) -> Result<i64, Refused> {
        self.control("_version").parse().map_err(|_| malformed())
    }
}

fn malformed() -> Refused {
    Refused(Failure::invalid("portal.form", "The form did not arrive whole. Go back and send it again."))
}

impl FromRequest<Arc<Portal>> for Posted {
    type Rejection = Refused;

    async fn from_request(request: Request, portal: &Arc<Portal>) -> Result<Self, Refused> {
        let session = request.extensions().get::<Visit>().and_then(|visit| visit.session.clone());
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        if !kind.starts_with("application/x-www-form-urlencoded") {
            return Err(malformed());
        }
        let body = Bytes::from_request(request, portal).await.map_err(|_| {
            Refused(Failure::invalid(
                "portal.form-too-large",
                "What was sent is too large. Shorten the answers and send them again.",
            ))
        })?;
        let fields: Vec<(String, String)> = url::form_urlencoded::parse(&body).into_owned().collect();
        let posted = Self(fields);
        if let Some(session) = session {
            check_token(&session.opened.form_token, posted.control("_token"))?;
        }
        Ok(posted)
    }
}

/// The session's own forms only, whatever the browser says about origins.
pub fn check_token(kept: &str, shown: &str) -> Result<(), Refused> {
    if token(kept).is_some_and(|token| token.matches(shown)) {
        return Ok(());
    }
    Err(Refused(Failure::forbidden(
        "portal.form-token",
        "This page was open for too long or in another session. Open it again and repeat what you did.",
    )))
}

pub fn token(kept: &str) -> Option<Token> {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    Token::from_slice(&URL_SAFE_NO_PAD.decode(kept).ok()?)
}
