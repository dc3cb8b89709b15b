//! Static files built into the binary: compressed beforehand, named by content, kept by browsers for a year.

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, Response, StatusCode, header},
};

/// One file with its compressed twins.
#[derive(Debug, Clone, Copy)]
pub struct Asset {
    /// Carries a hash of the content, so that it also serves as the ETag.
    pub name: &'static str,
    pub kind: &'static str,
    pub plain: &'static [u8],
    pub brotli: &'static [u8],
    pub gzip: &'static [u8],
}

/// `stable`: the address does not change with the content, so the browser asks again each time.
pub fn serve_asset(asset: &Asset, headers: &HeaderMap, stable: bool) -> Response<Body> {
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok()).unwrap_or_default();
    let accepted = text(header::ACCEPT_ENCODING);
    let accepts = |coding: &str| accepted.split(',').any(|part| part.trim().split(';').next() == Some(coding));
    let (coding, bytes) = match (accepts("br"), accepts("gzip")) {
        (true, _) => (Some("br"), asset.brotli),
        (_, true) => (Some("gzip"), asset.gzip),
        _ => (None, asset.plain),
    };
    let tag = format!("\"{}.{}\"", asset.name, coding.unwrap_or("plain"));
    let cache = if stable { "public, no-cache" } else { "public, max-age=31536000, immutable" };
    let response = Response::builder()
        .header(header::ETAG, &tag)
        .header(header::CACHE_CONTROL, cache)
        .header(header::VARY, "accept-encoding");
    let known = text(header::IF_NONE_MATCH).split(',').any(|one| one.trim() == tag);
    let response = if known {
        response.status(StatusCode::NOT_MODIFIED).body(Body::empty())
    } else {
        let response = response.header(header::CONTENT_TYPE, asset.kind);
        match coding {
            Some(coding) => response.header(header::CONTENT_ENCODING, coding).body(Body::from(bytes)),
            None => response.body(Body::from(bytes)),
        }
    };
    response.expect("every header above is a fixed, valid value")
}
