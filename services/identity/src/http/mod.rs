//! The HTTP edge: OpenID Connect for clients, sign-in pages for people.

mod account;
mod asking;
mod authorize;
mod choose;
mod discovery;
mod form;
mod invitation;
mod logout;
mod officer;
mod oneid;
mod page;
mod password;
mod signed_in;
#[cfg(test)]
mod tests;
mod token;
mod userinfo;

use std::sync::Arc;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware,
    routing::{get, post},
};

use crate::provider::Provider;

/// A form of ours is far smaller.
const BODY_BYTES_MAX: usize = 16 * 1024;

/// Paths relative to the issuer's.
pub fn router(provider: Arc<Provider>) -> Router {
    let secure = web::Secure { https: provider.https };
    Router::new()
        .route("/.well-known/openid-configuration", get(discovery::configuration))
        .route("/jwks", get(discovery::keys))
        .route("/authorize", get(authorize::ask).post(authorize::ask))
        .route("/token", post(token::issue))
        .route("/userinfo", get(userinfo::show).post(userinfo::show))
        .route("/logout", get(logout::leave).post(logout::leave))
        .route("/sign-in/{flow}", get(choose::show))
        .route("/sign-in/{flow}/password", get(password::show).post(password::check))
        .route("/sign-in/{flow}/officer", get(officer::show).post(officer::check))
        .route("/sign-in/{flow}/code", get(officer::show_code).post(officer::check_code))
        .route("/sign-in/{flow}/oneid", get(oneid::leave))
        .route("/oneid/callback", get(oneid::come_back))
        .route("/account", get(account::show).post(account::change))
        .route("/invitation/{token}", get(invitation::show).post(invitation::accept))
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(middleware::from_fn_with_state(secure, web::secure))
        .with_state(provider)
}
