//! What anybody needs to verify documents without asking anybody: the root certificate, and the signed lists of documents and of seals
//! that no longer count.

use std::time::Duration;

use axum::{
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use kernel::{Failure, Time};
use proto::{
    Empty,
    signing::v1::{Trust, operations},
};
use tokio::sync::Mutex;

use super::{Portal, Shared, fault::Refused};

pub const LIST: &str = "application/jose";
pub const CERTIFICATE: &str = "application/x-pem-file";
/// RFC 2585, 4.
pub const REVOCATION_LIST: &str = "application/pkix-crl";
/// Each list costs a signature; who asks meanwhile gets the last one.
const FRESH: Duration = Duration::from_secs(60);
const KEPT: &str = "public, max-age=60";

/// What signing said last, and when.
#[derive(Default)]
pub struct Latest(Mutex<Option<(Time, Trust)>>);

impl Latest {
    /// While signing is away an older list serves: it says itself until when it counts. Nobody waits for signing again meanwhile.
    pub async fn read(&self, portal: &Portal) -> Result<Trust, Failure> {
        let now = portal.clock.now();
        let mut kept = self.0.lock().await;
        if let Some((read, trust)) = &*kept
            && *read <= now
            && now.since(*read) < FRESH
        {
            return Ok(trust.clone());
        }
        match portal.services.ask(&operations::READ_TRUST, &Empty {}).await {
            Ok(trust) => {
                *kept = Some((now, trust.clone()));
                Ok(trust)
            }
            Err(failure) => {
                let (read, trust) = kept.as_mut().ok_or(failure)?;
                *read = now;
                Ok(trust.clone())
            }
        }
    }
}

pub async fn status_list(State(portal): Shared) -> Result<Response, Refused> {
    let trust = portal.trust.read(&portal).await?;
    Ok(answer(LIST, trust.status_list))
}

pub async fn seals(State(portal): Shared) -> Result<Response, Refused> {
    let trust = portal.trust.read(&portal).await?;
    Ok(answer(REVOCATION_LIST, trust.crl))
}

pub async fn root(State(portal): Shared) -> Result<Response, Refused> {
    let trust = portal.trust.read(&portal).await?;
    Ok(answer(CERTIFICATE, trust.root_pem))
}

fn answer(kind: &'static str, body: impl IntoResponse) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CACHE_CONTROL, HeaderValue::from_static(KEPT)),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*")),
    ];
    (headers, body).into_response()
}
