//! A form that was sent: bounded, decoded without trust, and only from the session it was made for.

use std::{sync::Arc, time::Duration};

use axum::{
    body::{Body, BodyDataStream},
    extract::{FromRequest, Request},
    http::header,
};
use futures::StreamExt;
use kernel::{CommandId, Failure};
use web::Token;

use super::{FORM_BYTES_MAX, Portal, fault::Refused, visit::Visit};
use crate::domain::form;

/// How much of a form that is too large is read all the same, and for how long.
const DRAIN_BYTES_MAX: usize = 64 * 1024 * 1024;
const DRAIN_PATIENCE: Duration = Duration::from_secs(20);

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

pub fn malformed() -> Refused {
    Refused(Failure::invalid("portal.form", "The form did not arrive whole. Go back and send it again."))
}

/// A form of ours, or a refusal. A browser shows an answer only after it has sent everything: what is too large is read on
/// for a while, and none of it is kept.
async fn read(body: Body) -> Result<Vec<u8>, Refused> {
    let mut arriving = body.into_data_stream();
    let mut kept = Vec::new();
    while let Some(chunk) = arriving.next().await {
        let chunk = chunk.map_err(|_| malformed())?;
        if kept.len() + chunk.len() > FORM_BYTES_MAX {
            drop(kept);
            let _ = tokio::time::timeout(DRAIN_PATIENCE, drain(arriving)).await;
            return Err(Refused(Failure::invalid(
                "portal.form-too-large",
                "What was sent is too large. Shorten the answers and send them again.",
            )));
        }
        kept.extend_from_slice(&chunk);
    }
    Ok(kept)
}

async fn drain(mut arriving: BodyDataStream) {
    let mut left = DRAIN_BYTES_MAX;
    while let Some(Ok(chunk)) = arriving.next().await {
        let Some(less) = left.checked_sub(chunk.len()) else { return };
        left = less;
    }
}

impl FromRequest<Arc<Portal>> for Posted {
    type Rejection = Refused;

    async fn from_request(request: Request, _: &Arc<Portal>) -> Result<Self, Refused> {
        let session = request.extensions().get::<Visit>().and_then(|visit| visit.session.clone());
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        if !kind.starts_with("application/x-www-form-urlencoded") {
            return Err(malformed());
        }
        let body = read(request.into_body()).await?;
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
