//! What a request brings: its fields, its browser, its network and its language, read once and strictly.

use std::sync::Arc;

use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
    http::{HeaderMap, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use kernel::{Failure, Hash, Language, Random, Trace};

use crate::{
    domain::{Parameters, token::Opaque},
    provider::Provider,
    store::{
        flows::{Flow, FlowId},
        sessions::SigningIn,
    },
};

/// The one cookie: a random value; what it means is known only here.
pub const BROWSER: web::Cookie = web::Cookie { name: "__Host-xizmat-identity" };

pub struct Asking {
    pub posted: bool,
    /// The query of a GET, the form of a POST.
    pub fields: Parameters,
    pub browser: Option<String>,
    pub network: String,
    pub language: Language,
    /// The person chose the language in this very request.
    pub chosen: bool,
    pub headers: HeaderMap,
    /// What the caller says its request belongs to; not believed before the caller is known.
    pub claimed: Option<Trace>,
}

impl FromRequest<Arc<Provider>> for Asking {
    type Rejection = Response;

    async fn from_request(request: Request, provider: &Arc<Provider>) -> Result<Self, Response> {
        let (parts, body) = request.into_parts();
        let posted = parts.method == Method::POST;
        let query = parts.uri.query().unwrap_or_default().to_owned();
        let preference = web::negotiate(Some(&query), None, &parts.headers);
        let network = web::client_address(&parts.extensions, &parts.headers, provider.hops).to_string();
        let headers = parts.headers.clone();
        let claimed = parts.extensions.get::<web::ClaimedTrace>().map(|claimed| claimed.0);
        let text = if posted {
            let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
            if !kind.starts_with("application/x-www-form-urlencoded") {
                return Err(StatusCode::UNSUPPORTED_MEDIA_TYPE.into_response());
            }
            let body = Bytes::from_request(Request::from_parts(parts, body), provider).await;
            String::from_utf8(body.map_err(IntoResponse::into_response)?.to_vec())
                .map_err(|_| StatusCode::BAD_REQUEST.into_response())?
        } else {
            query
        };
        let Some(fields) = fields(&text) else {
            return Err((StatusCode::BAD_REQUEST, "A parameter is repeated or unreadable.\n").into_response());
        };
        Ok(Self {
            posted,
            fields,
            browser: BROWSER.read(&headers).map(str::to_owned),
            network,
            language: preference.language,
            chosen: preference.chosen_now,
            headers,
            claimed,
        })
    }
}

/// A repeated parameter is refused, never resolved by order; NUL and other control characters are nobody's input.
fn fields(text: &str) -> Option<Parameters> {
    let mut fields = Parameters::new();
    for (name, value) in url::form_urlencoded::parse(text.as_bytes()) {
        let hostile = value.chars().any(|letter| letter.is_control() || letter == char::REPLACEMENT_CHARACTER);
        if hostile || fields.insert(name.into_owned(), value.into_owned()).is_some() {
            return None;
        }
    }
    Some(fields)
}

impl Asking {
    pub fn field(&self, name: &str) -> &str {
        self.fields.get(name).map(String::as_str).unwrap_or_default()
    }

    /// The browser's own value, or a new one for a browser that has none.
    pub fn browser_or_new(&self, random: &dyn Random) -> (String, bool) {
        match &self.browser {
            Some(browser) => (browser.clone(), false),
            None => (Opaque::new(random).reveal().to_owned(), true),
        }
    }

    /// This browser at the end of a flow: its value is replaced by another one.
    pub fn signing_in<'a>(&'a self, flow: &'a Flow, browser: &'a Opaque) -> SigningIn<'a> {
        SigningIn {
            token: browser.reveal(),
            before: self.browser.as_deref(),
            through: &flow.request.client,
            flow: flow.id,
        }
    }

    /// Refuses a form that another site sent or that was not made for this browser and purpose.
    pub fn demand_own_form(&self, provider: &Provider, purpose: &[u8]) -> Result<(), Failure> {
        let origin = web::same_origin(&self.headers, &provider.origin());
        let browser = self.browser.as_deref().unwrap_or_default();
        let token = form_token(provider, browser, purpose);
        if origin == web::Origin::Other || browser.is_empty() || !token.matches(self.field("csrf")) {
            return Err(Failure::forbidden(
                "identity.foreign-form",
                "This form is too old or was not made by this page. Go back and try again.",
            ));
        }
        Ok(())
    }
}

/// Bound to one browser and one purpose; shown under a fresh mask on each page.
pub fn form_token(provider: &Provider, browser: &str, purpose: &[u8]) -> web::Token {
    let key = &provider.store.seals.forms;
    let bound = kernel::keyed_hash(key, &[Hash::of(browser.as_bytes()).as_bytes(), purpose]);
    web::Token::from_slice(bound.as_bytes()).expect("a hash has 32 bytes")
}

impl FlowId {
    pub fn parse(text: &str) -> Option<Self> {
        text.parse::<kernel::CommandId>().ok().map(|id| Self(*id.as_bytes()))
    }

    pub fn text(self) -> String {
        kernel::CommandId::from_bytes(self.0).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeated_and_hostile_parameters_are_refused() {
        assert!(fields("a=1&b=2").is_some());
        assert!(fields("a=1&a=1").is_none());
        assert!(fields("a=%00").is_none());
        assert!(fields("a=%ff").is_none());
    }
}
