//! The HTTP edge: providers' callbacks, relative to the callback prefix.

use axum::Router;

/// Each provider's adapter brings its own routes.
pub fn router(adapters: Vec<Router>) -> Router {
    adapters.into_iter().fold(Router::new(), Router::merge)
}
