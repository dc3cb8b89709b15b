//! What the provider can do and the keys that verify what it signed (OpenID Connect Discovery 1.0, RFC 8414).

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use kernel::Language;
use serde_json::json;

use crate::{
    domain::{exchange, session::Wanted},
    provider::Provider,
};

pub async fn configuration(State(provider): State<Arc<Provider>>) -> Response {
    let at = |path: &str| provider.address(path);
    let document = json!({
        "issuer": provider.issuer,
        "authorization_endpoint": at("/authorize"),
        "token_endpoint": at("/token"),
        "userinfo_endpoint": at("/userinfo"),
        "jwks_uri": at("/jwks"),
        "end_session_endpoint": at("/logout"),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token", exchange::GRANT_TYPE],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "subject_types_supported": ["public"],
        "scopes_supported": ["openid", "profile", "phone", "email", "offline_access"],
        "claims_supported": [
            "sub", "auth_time", "acr", "amr", "sid", "officer", "name", "given_name", "family_name",
            "middle_name", "birthdate", "gender", "locale", "phone_number", "email", "mandates",
        ],
        "acr_values_supported": Wanted::ALL.map(Wanted::as_str),
        "ui_locales_supported": Language::ALL.map(Language::tag),
        "prompt_values_supported": ["none", "login"],
        "authorization_response_iss_parameter_supported": true,
        "request_parameter_supported": false,
        "request_uri_parameter_supported": false,
        "claims_parameter_supported": false,
    });
    cached(Json(document))
}

pub async fn keys(State(provider): State<Arc<Provider>>) -> Response {
    cached(Json(provider.keys.jwks()))
}

/// Short, so that a rotated key is known before the old one is gone.
fn cached(body: impl IntoResponse) -> Response {
    ([(header::CACHE_CONTROL, "public, max-age=300")], body).into_response()
}
