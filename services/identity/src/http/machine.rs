//! What clients of the provider call, served and described by the same words (`docs/api/identity.yaml`).

use std::sync::Arc;

use axum::http::Method;
use schemars::JsonSchema;
use serde_json::{Value, json};
use web::{Content, Described, Operation, operation};

use super::{authorize, discovery, logout, token, userinfo};
use crate::provider::Provider;

const ABOUT: &str = "OpenID Connect 1.0 with PKCE for browsers, and token exchange (RFC 8693) that turns an access token \
    into a person's assertion for exactly one command. Paths are relative to the issuer. A parameter that is repeated is \
    refused; bodies have at most 16 KiB.";
/// Schemes by which a caller proves itself.
const BASIC: &str = "client";
const BEARER: &str = "access";

pub fn routes() -> Described<Arc<Provider>> {
    Described::new()
        .machine(configuration(), discovery::configuration)
        .machine(keys(), discovery::keys)
        .machine(authorization(Method::GET, "authorize").query::<Authorization>(), authorize::ask)
        .machine(
            authorization(Method::POST, "authorize-by-form").takes(Content::form::<Authorization>()),
            authorize::ask,
        )
        .machine(tokens(), token::issue)
        .machine(about_person(Method::GET, "userinfo"), userinfo::show)
        .machine(about_person(Method::POST, "userinfo-by-post"), userinfo::show)
        .machine(end(Method::GET, "logout").query::<Leaving>(), logout::leave)
        .machine(end(Method::POST, "logout-by-form").takes(Content::form::<Leaving>()), logout::leave)
}

/// The OpenAPI document.
pub fn document(served: &Described<Arc<Provider>>) -> Value {
    let schemes = json!({
        BASIC: { "type": "http", "scheme": "basic", "description": "Client id and secret, both form-encoded (RFC 6749, 2.3.1)." },
        BEARER: { "type": "http", "scheme": "bearer", "description": "An access token from the token endpoint." },
    });
    served.document("Xizmat identity", ABOUT, "/identity", schemes)
}

fn configuration() -> Operation {
    operation(Method::GET, "/.well-known/openid-configuration", "configuration", "What the provider can do.")
        .about("OpenID Connect Discovery 1.0, RFC 8414. Kept for five minutes.")
        .answers(200, "The provider's metadata.", Content::json::<Configuration>())
}

fn keys() -> Operation {
    operation(Method::GET, "/jwks", "keys", "Public keys that verify what the provider signs.")
        .about("A JWK Set (RFC 7517) of ES256 keys. Kept for five minutes; a new key is here before it signs.")
        .answers(200, "The keys.", Content::json::<KeySet>())
}

fn authorization(method: Method, id: &'static str) -> Operation {
    operation(method, "/authorize", id, "Begins a sign-in, or answers at once for who is signed in well enough.")
        .about("For a browser. What is wrong with the client or its address is shown; everything else is told to the client.")
        .says(303, "To the sign-in pages, or back to the client with `code`, `state` and `iss`, or `error`.")
        .answers(400, "Shown to the person: the client or its address is not registered.", Content::text("text/html"))
        .says(415, "A body that is no form.")
        .answers(429, "Too many sign-ins from this network.", Content::text("text/html"))
}

fn tokens() -> Operation {
    operation(Method::POST, "/token", "token", "Gives tokens for a code, a refresh token or an access token.")
        .about(
            "With `grant_type` `urn:ietf:params:oauth:grant-type:token-exchange` an access token becomes an assertion: a JWT \
             that lives 60 seconds and counts once, for one command with one payload to one operation of one service.",
        )
        .proved_by(&[BASIC, ""])
        .takes(Content::form::<Asked>())
        .answers(200, "Tokens, or an assertion.", Content::json::<Tokens>())
        .answers(400, "Refused.", Content::json::<Refusal>())
        .answers(401, "The client did not prove itself.", Content::json::<Refusal>())
        .says(415, "A body that is no form.")
        .answers(503, "Try again in a minute.", Content::json::<Refusal>())
}

fn about_person(method: Method, id: &'static str) -> Operation {
    operation(method, "/userinfo", id, "What the granted scopes let a client know of the person; never the PINFL.")
        .proved_by(&[BEARER])
        .answers(200, "Claims.", Content::json::<Claims>())
        .says(401, "The access token is not valid, or not any more.")
}

fn end(method: Method, id: &'static str) -> Operation {
    operation(method, "/logout", id, "Ends the session.")
        .about("OpenID Connect RP-Initiated Logout 1.0. Without an ID token the person is asked first.")
        .answers(200, "A page: the session has ended, or the person is asked.", Content::text("text/html"))
        .says(303, "Back to the client, with `state`.")
        .answers(400, "Shown to the person: the ID token or the address does not fit.", Content::text("text/html"))
        .answers(403, "Shown to the person: the form was not made by this page.", Content::text("text/html"))
}

#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its shape is told")]
struct Configuration {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    userinfo_endpoint: String,
    jwks_uri: String,
    end_session_endpoint: String,
    response_types_supported: Vec<String>,
    response_modes_supported: Vec<String>,
    grant_types_supported: Vec<String>,
    code_challenge_methods_supported: Vec<String>,
    token_endpoint_auth_methods_supported: Vec<String>,
    id_token_signing_alg_values_supported: Vec<String>,
    subject_types_supported: Vec<String>,
    scopes_supported: Vec<String>,
    claims_supported: Vec<String>,
    acr_values_supported: Vec<String>,
    ui_locales_supported: Vec<String>,
    prompt_values_supported: Vec<String>,
    authorization_response_iss_parameter_supported: bool,
    request_parameter_supported: bool,
    request_uri_parameter_supported: bool,
    claims_parameter_supported: bool,
}

#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its shape is told")]
struct KeySet {
    keys: Vec<Key>,
}

#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its shape is told")]
struct Key {
    kty: String,
    crv: String,
    x: String,
    y: String,
    kid: String,
    #[serde(rename = "use")]
    purpose: String,
    alg: String,
}

#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its shape is told")]
struct Authorization {
    client_id: String,
    /// Compared exactly with the registered ones.
    redirect_uri: String,
    /// `code`
    response_type: String,
    /// Words out of `openid` (required), `profile`, `phone`, `email`, `offline_access`.
    scope: String,
    /// Comes back as it was given.
    state: Option<String>,
    /// Comes back in the ID token.
    nonce: Option<String>,
    /// SHA-256 of the verifier in base64url (RFC 7636).
    code_challenge: String,
    /// `S256`
    code_challenge_method: String,
    /// `query`
    response_mode: Option<String>,
    /// Levels of sign-in; the first known one counts. `low` when left out.
    acr_values: Option<String>,
    /// `none`: answers without showing anything; `login`: asks the person again.
    prompt: Option<String>,
    /// Seconds since the person signed in.
    max_age: Option<u32>,
    /// Languages of the pages; the first known one counts.
    ui_locales: Option<String>,
}

#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its shape is told")]
struct Asked {
    /// `authorization_code`, `refresh_token` or `urn:ietf:params:oauth:grant-type:token-exchange`.
    grant_type: String,
    /// With `client_secret` where the client does not use Basic; alone for a client that has no secret.
    client_id: Option<String>,
    client_secret: Option<String>,
    /// Of `authorization_code`.
    code: Option<String>,
    /// Of `authorization_code`: the one the code was asked with.
    redirect_uri: Option<String>,
    /// Of `authorization_code` (RFC 7636).
    code_verifier: Option<String>,
    /// Of `refresh_token`; it counts once, the answer brings the next one.
    refresh_token: Option<String>,
    /// Of token exchange: an access token.
    subject_token: Option<String>,
    /// Of token exchange: `urn:ietf:params:oauth:token-type:access_token`.
    subject_token_type: Option<String>,
    /// Of token exchange: `urn:xizmat:params:token-type:assertion`.
    requested_token_type: Option<String>,
    /// Of token exchange: the service that will be commanded.
    audience: Option<String>,
    /// Of token exchange: the one operation of that service.
    operation: Option<String>,
    /// Of token exchange: the command's id, 32 hexadecimal digits.
    command_id: Option<String>,
    /// Of token exchange: SHA-256 of the command's bytes in base64url.
    payload_hash: Option<String>,
    /// Of token exchange: for whom the person acts, out of `mandates`; left out, for themselves.
    principal: Option<String>,
}

#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its shape is told")]
struct Tokens {
    /// The access token, or the assertion.
    access_token: String,
    /// `Bearer`; `N_A` for an assertion.
    token_type: String,
    /// Seconds.
    expires_in: u64,
    refresh_token: Option<String>,
    id_token: Option<String>,
    /// The scopes that were granted.
    scope: Option<String>,
    /// Of token exchange.
    issued_token_type: Option<String>,
}

/// RFC 6749, 5.2.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its shape is told")]
struct Refusal {
    /// A code of RFC 6749 or RFC 8693.
    error: String,
    error_description: String,
}

#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its shape is told")]
struct Claims {
    /// The person's opaque id.
    sub: String,
    /// The level of the sign-in.
    acr: String,
    /// Signed in as an officer.
    officer: bool,
    name: Option<String>,
    given_name: Option<String>,
    family_name: Option<String>,
    middle_name: Option<String>,
    birthdate: Option<String>,
    gender: Option<String>,
    phone_number: Option<String>,
    email: Option<String>,
    locale: Option<String>,
    /// For whom the person may act in this session.
    mandates: Option<Vec<Mandate>>,
}

#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its shape is told")]
struct Mandate {
    /// The opaque id of whoever is acted for.
    principal: String,
    /// `director`
    kind: String,
    name: String,
    /// Taxpayer number.
    tin: String,
}

#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its shape is told")]
struct Leaving {
    /// An ID token of the client's; an expired one still says which session is meant.
    id_token_hint: Option<String>,
    client_id: Option<String>,
    /// Compared exactly with the registered ones.
    post_logout_redirect_uri: Option<String>,
    /// Comes back as it was given.
    state: Option<String>,
}
