//! `/token`: codes and refresh tokens for tokens, an access token for a person's assertion.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use boot::telemetry::{Kind, Work};
use kernel::{Failure, Trace};
use serde_json::{Value, json};

use super::asking::Asking;
use crate::{
    domain::{
        client::Client,
        exchange, pkce,
        token::{ACCESS_LIFE, Grant, id_token},
    },
    provider::Provider,
    store::grants::Issued,
};

/// An OAuth error (RFC 6749, 5.2), or a failure of our own.
enum Refused {
    Told { error: &'static str, description: &'static str },
    Failed(Failure),
}

impl From<Failure> for Refused {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

const fn told(error: &'static str, description: &'static str) -> Refused {
    Refused::Told { error, description }
}

/// Wrong, used, expired and revoked look alike.
const INVALID_GRANT: Refused = told("invalid_grant", "it is not valid, or not any more");
/// Never asserted in this session, asserted too long ago, and for somebody unknown look alike.
const NO_MANDATE: Refused = told("invalid_target", "this session gives no mandate for the principal");

pub async fn issue(State(provider): State<Arc<Provider>>, asking: Asking) -> Response {
    let outcome = match client(&provider, &asking) {
        Some(client) => match cause(client, &asking) {
            None => answer(&provider, client, &asking).await,
            cause => {
                let work = Work::new(Kind::Server, "identity", "POST /token").because_of(cause);
                work.run(&*provider.random, answer(&provider, client, &asking)).await
            }
        },
        None => Err(told("invalid_client", "the client is not known or did not prove itself")),
    };
    let mut response = match outcome {
        Ok(body) => Json(body).into_response(),
        Err(refused) => refuse(refused),
    };
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

async fn answer(provider: &Provider, client: &Client, asking: &Asking) -> Result<Value, Refused> {
    match asking.field("grant_type") {
        "authorization_code" => redeem(provider, client, asking).await,
        "refresh_token" => refresh(provider, client, asking).await,
        exchange::GRANT_TYPE => assert(provider, client, asking).await,
        _ => Err(told("unsupported_grant_type", "this grant type is not offered")),
    }
}

/// What the request belongs to, as said by an edge of the platform itself: it has proved to know its secret, and it may
/// ask for assertions. Nobody else is believed.
fn cause(client: &Client, asking: &Asking) -> Option<Trace> {
    asking.claimed.filter(|_| client.secret.is_some() && !client.audiences.is_empty())
}

fn refuse(refused: Refused) -> Response {
    let (status, error, description) = match refused {
        Refused::Told { error, description } => {
            let unknown = error == "invalid_client";
            (if unknown { StatusCode::UNAUTHORIZED } else { StatusCode::BAD_REQUEST }, error, description.to_owned())
        }
        Refused::Failed(failure) => {
            tracing::error!(?failure, "a token could not be issued");
            let status = StatusCode::from_u16(failure.kind.http_status());
            let error = if failure.kind.retry() { "temporarily_unavailable" } else { "server_error" };
            (status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), error, failure.message)
        }
    };
    let mut response = (status, Json(json!({ "error": error, "error_description": description }))).into_response();
    if status == StatusCode::UNAUTHORIZED {
        let scheme = HeaderValue::from_static("Basic realm=\"identity\"");
        response.headers_mut().insert(header::WWW_AUTHENTICATE, scheme);
    }
    response
}

/// The client, when it proved itself in exactly one way.
fn client<'p>(provider: &'p Provider, asking: &Asking) -> Option<&'p Client> {
    let posted = asking.fields.get("client_secret").cloned();
    let (id, secret) = match basic(&asking.headers) {
        Some(_) if posted.is_some() => return None,
        Some(basic) => basic,
        None => (asking.field("client_id").to_owned(), posted),
    };
    let named = asking.fields.get("client_id");
    if named.is_some_and(|named| *named != id) {
        return None;
    }
    provider.client(&id).filter(|client| client.is_proved_by(secret.as_deref()))
}

/// RFC 6749, 2.3.1: both parts are form-encoded before they are put together.
fn basic(headers: &HeaderMap) -> Option<(String, Option<String>)> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, encoded) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let pair = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (id, secret) = pair.split_once(':')?;
    Some((form_decoded(id), Some(form_decoded(secret))))
}

fn form_decoded(text: &str) -> String {
    let line = format!("value={text}");
    let decoded = url::form_urlencoded::parse(line.as_bytes()).next();
    decoded.map(|(_, value)| value.into_owned()).unwrap_or_default()
}

async fn redeem(provider: &Provider, client: &Client, asking: &Asking) -> Result<Value, Refused> {
    let fits = |redeemed: &crate::store::grants::Redeemed| {
        redeemed.grant.client == client.id
            && redeemed.redirect_uri == asking.field("redirect_uri")
            && pkce::proves(asking.field("code_verifier"), &redeemed.challenge)
    };
    let redeemed = provider.store.redeem_code(asking.field("code"), fits).await?;
    let (redeemed, issued) = redeemed.ok_or(INVALID_GRANT)?;
    tokens(provider, &redeemed.grant, redeemed.nonce, &issued)
}

async fn refresh(provider: &Provider, client: &Client, asking: &Asking) -> Result<Value, Refused> {
    let refreshed = provider.store.refresh(asking.field("refresh_token"), &client.id).await?;
    let (grant, issued) = refreshed.ok_or(INVALID_GRANT)?;
    tokens(provider, &grant, None, &issued)
}

fn tokens(provider: &Provider, grant: &Grant, nonce: Option<String>, issued: &Issued) -> Result<Value, Refused> {
    let claims = id_token(&provider.issuer, grant, nonce, &issued.access, provider.clock.now());
    Ok(json!({
        "access_token": issued.access.reveal(),
        "token_type": "Bearer",
        "expires_in": ACCESS_LIFE.as_secs(),
        "refresh_token": issued.refresh.reveal(),
        "id_token": provider.keys.sign("JWT", &claims)?,
        "scope": grant.scope,
    }))
}

async fn assert(provider: &Provider, client: &Client, asking: &Asking) -> Result<Value, Refused> {
    let request = exchange::read(&asking.fields, client).map_err(|refused| told(refused.error, refused.description))?;
    let grant = provider.store.access(&request.subject_token).await?;
    let grant = grant.filter(|grant| grant.client == client.id).ok_or(INVALID_GRANT)?;
    let mandate = match request.principal {
        Some(principal) => {
            let kind = provider.store.mandate(grant.session.id, principal, provider.mandates_since()).await?;
            Some((principal, kind.ok_or(NO_MANDATE)?))
        }
        None => None,
    };
    let claims = exchange::assertion(&provider.issuer, &request, &grant, mandate, provider.clock.now());
    tracing::info!(client = client.id, audience = request.audience, operation = request.operation, "assertion issued");
    Ok(json!({
        "access_token": provider.keys.sign(exchange::HEADER_TYPE, &claims)?,
        "issued_token_type": exchange::ASSERTION,
        "token_type": "N_A",
        "expires_in": exchange::LIFE.as_secs(),
    }))
}
