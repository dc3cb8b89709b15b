//! While the platform's data is being recovered every address shows one page: what happens, and that nothing is taken meanwhile.

use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware::from_fn_with_state,
    response::{IntoResponse, Response},
    routing::get,
};
use kernel::Language;

use super::{asset, fault, frame::Frame, guard};
use crate::{Config, assets};

/// A restore takes minutes at least.
const COME_BACK_S: &str = "300";

/// The same addresses, closed.
pub fn router(config: &Config, trial: bool) -> Router {
    let secure = web::Secure { https: config.base_url.starts_with("https://") };
    Router::new()
        .route("/assets/{name}", get(asset))
        .fallback(notice)
        .layer(from_fn_with_state(secure, web::secure))
        .with_state(trial)
}

async fn notice(State(trial): State<bool>, request: Request) -> Response {
    let preference = web::negotiate(request.uri().query(), guard::LANGUAGE.read(request.headers()), request.headers());
    let frame = frame(preference.language, request.uri().path(), trial);
    let mut response = fault::restoring(frame).unwrap_or_else(|_| StatusCode::SERVICE_UNAVAILABLE.into_response());
    let headers: &mut HeaderMap = response.headers_mut();
    headers.insert(header::RETRY_AFTER, HeaderValue::from_static(COME_BACK_S));
    let tag = preference.language.html_tag();
    headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(tag));
    response
}

fn frame(language: Language, place: &str, trial: bool) -> Frame {
    Frame {
        language,
        place: place.to_owned(),
        kind: None,
        represents: false,
        acting: None,
        menu: Vec::new(),
        token: String::new(),
        command: String::new(),
        trial,
        css: assets::CSS,
        js: assets::JS,
    }
}

#[cfg(test)]
mod tests {
    use axum::body::{Body, to_bytes};
    use tower::ServiceExt;

    use super::*;

    #[tokio::test]
    async fn every_address_tells_in_every_language_that_the_platform_is_being_restored() {
        for (tag, words) in [
            ("uz", "tiklanmoqda"),
            ("uz-Cyrl", "тикланмоқда"),
            ("kaa", "tiklenip"),
            ("ru", "восстанавливается"),
            ("en", "being restored"),
        ] {
            for path in ["/", "/applications", "/officer", "/nowhere"] {
                let address = format!("{path}?lang={tag}");
                let asked = Request::get(address).body(Body::empty()).unwrap();
                let answer = router(&Config::default(), true).oneshot(asked).await.unwrap();
                assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE, "{path}");
                assert_eq!(answer.headers()[header::RETRY_AFTER], COME_BACK_S);
                let page = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
                let page = String::from_utf8(page.to_vec()).unwrap();
                assert!(page.contains(words) && page.contains("platform.recovering"), "{tag} {path}: {page}");
            }
        }
    }
}
