//! The HTTP edge: OpenID Connect for clients, sign-in pages for people.

mod account;
mod asking;
mod authorize;
mod choose;
mod discovery;
mod form;
mod invitation;
mod logout;
mod machine;
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

use axum::{Router, extract::DefaultBodyLimit, middleware, routing::get};
use serde_json::Value;
use web::Described;

use crate::provider::Provider;

/// A form of ours is far smaller.
const BODY_BYTES_MAX: usize = 16 * 1024;

/// Paths relative to the issuer's.
pub fn router(provider: Arc<Provider>) -> Router {
    let secure = web::Secure { https: provider.https };
    routes()
        .router()
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(middleware::from_fn_with_state(secure, web::secure))
        .with_state(provider)
}

/// What machines may ask, as an OpenAPI document.
pub fn document() -> Value {
    machine::document(&routes())
}

fn routes() -> Described<Arc<Provider>> {
    machine::routes()
        .page("/sign-in/{flow}", get(choose::show))
        .page("/sign-in/{flow}/password", get(password::show).post(password::check))
        .page("/sign-in/{flow}/officer", get(officer::show).post(officer::check))
        .page("/sign-in/{flow}/code", get(officer::show_code).post(officer::check_code))
        .page("/sign-in/{flow}/oneid", get(oneid::leave))
        .page("/oneid/callback", get(oneid::come_back))
        .page("/account", get(account::show).post(account::change))
        .page("/invitation/{token}", get(invitation::show).post(invitation::accept))
}
