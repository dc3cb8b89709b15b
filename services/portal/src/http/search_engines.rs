//! What search engines are told: which pages are for them, and where those stand in each language.

use std::sync::Arc;

use axum::{
    Router,
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
    routing::get,
};
use kernel::Language;
use proto::register::v1::Catalogue;

use super::{Portal, Shared, catalogue, fault::Refused};

/// Pages change when services do, which is not often.
const KEPT: &str = "public, max-age=3600";
/// Pages that everybody may see and that need no address of their own kind.
const ALWAYS: [&str; 5] = ["/", "/search", "/forms", "/help", "/accessibility"];

pub fn routes() -> Router<Arc<Portal>> {
    Router::new().route("/robots.txt", get(robots)).route("/sitemap.xml", get(sitemap))
}

async fn robots(State(portal): Shared) -> Response {
    answer("text/plain; charset=utf-8", permitted(&portal.config.base_url))
}

async fn sitemap(State(portal): Shared) -> Result<Response, Refused> {
    let found = catalogue::catalogue(&portal, Language::Uz, |_| {}).await?;
    Ok(answer("application/xml; charset=utf-8", listed(&portal.config.base_url, &found)))
}

/// Only what is public is named; the rest says of itself that it is not to be kept.
fn permitted(base: &str) -> String {
    let mut text = String::from("User-agent: *\n");
    for private in ["/applications", "/asked", "/officer", "/sign-in", "/search?"] {
        text.push_str(&format!("Disallow: {private}\n"));
    }
    text.push_str(&format!("Sitemap: {base}/sitemap.xml\n"));
    text
}

fn listed(base: &str, found: &Catalogue) -> String {
    let mut text = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\" \
         xmlns:xhtml=\"http://www.w3.org/1999/xhtml\">\n",
    );
    let events = found.life_events.iter().map(|event| format!("/life-events/{}", event.name));
    let services = found.services.iter().map(|card| format!("/services/{}/{}", card.agency, card.service));
    for path in ALWAYS.into_iter().map(str::to_owned).chain(events).chain(services) {
        text.push_str(&format!("<url><loc>{base}{path}</loc>"));
        for language in Language::ALL {
            let (code, tag) = (language.html_tag(), language.tag());
            let at = format!("{base}{path}?lang={tag}");
            text.push_str(&format!("<xhtml:link rel=\"alternate\" hreflang=\"{code}\" href=\"{at}\"/>"));
        }
        text.push_str("</url>\n");
    }
    text.push_str("</urlset>\n");
    text
}

fn answer(kind: &'static str, text: String) -> Response {
    let fixed = HeaderValue::from_static;
    ([(header::CONTENT_TYPE, fixed(kind)), (header::CACHE_CONTROL, fixed(KEPT))], text).into_response()
}

#[cfg(test)]
mod tests {
    use proto::register::v1::{LifeEvent, ServiceCard};

    use super::*;

    #[test]
    fn each_public_page_stands_once_with_its_languages() {
        let found = Catalogue {
            life_events: vec![LifeEvent { name: "marriage".into(), ..LifeEvent::default() }],
            services: vec![ServiceCard { agency: "justice".into(), service: "copy".into(), ..ServiceCard::default() }],
        };
        let text = listed("https://my.example", &found);
        assert_eq!(text.matches("<loc>").count(), ALWAYS.len() + 2);
        assert!(text.contains("<loc>https://my.example/services/justice/copy</loc>"), "{text}");
        assert_eq!(text.matches("/life-events/marriage?lang=").count(), Language::ALL.len());
        assert!(text.contains("hreflang=\"uz-Cyrl\""), "{text}");
    }

    #[test]
    fn what_is_about_a_person_is_not_for_search_engines() {
        let text = permitted("https://my.example");
        assert!(text.contains("Disallow: /applications\n") && text.contains("Disallow: /officer\n"), "{text}");
        assert!(text.ends_with("Sitemap: https://my.example/sitemap.xml\n"), "{text}");
    }
}
