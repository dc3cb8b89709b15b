//! What anybody may open: the front page in each language, the services, a service's page, and its start.

use kernel::{Failure, Language};
use url::Url;

use super::{
    browser::{Browser, look_at, place},
    page::Page,
    walked,
};

/// What the public pages led to.
pub struct Found {
    /// Says a trial of itself.
    pub trial: bool,
    /// The service that people can apply for, and its start.
    pub start: Option<Start>,
    /// Why there is none.
    pub reason: String,
}

pub struct Start {
    /// `AGENCY/NAME`.
    pub service: String,
    pub address: Url,
}

pub async fn walk(browser: &mut Browser, wanted: Option<&str>) -> Result<Found, Failure> {
    let front = in_every_language(browser, "/").await?;
    walked("the front page in five languages");
    in_every_language(browser, "/verify").await?;
    walked("the page that verifies documents");
    let list = browser.open(&browser.at("/search?q=")).await?;
    let services = services(&list);
    walked(&format!("the list of services ({} published)", services.len()));
    let trial = front.is_of_a_trial();
    let candidates = match wanted {
        Some(service) => vec![service.to_owned()],
        None => services,
    };
    for service in &candidates {
        let page = in_every_language(browser, &format!("/services/{service}")).await?;
        let start = page.link(|path| path == format!("/services/{service}/start"));
        walked(&format!("the page of {service} in five languages"));
        if let Some(address) = start {
            let start = Some(Start { service: service.clone(), address });
            return Ok(Found { trial, start, reason: String::new() });
        }
        if wanted.is_some() {
            let message = format!(
                "{} has no button that starts an application; expected one, for this service is named. Look whether it takes new \
                 applications: kubectl get sd --all-namespaces.",
                place(&page.url)
            );
            return Err(Failure::unavailable("journey.closed", message));
        }
    }
    let reason = if candidates.is_empty() { "no service is published" } else { "no service takes applications" };
    Ok(Found { trial, start: None, reason: reason.to_owned() })
}

/// The page in the last language, which later pages keep.
async fn in_every_language(browser: &mut Browser, path: &str) -> Result<Page, Failure> {
    let mut last = None;
    for language in Language::ALL {
        let page = browser.open(&browser.at(&format!("{path}?lang={}", language.tag()))).await?;
        let (said, expected) = (page.language(), language.html_tag());
        let silent = page.heading().is_empty();
        if said != expected || silent {
            let found = if silent { "has no heading".to_owned() } else { format!("says lang={said:?}") };
            let place = place(&page.url);
            let message = format!("{place} {found}; expected it in {expected}. {}", look_at(&page.url));
            return Err(Failure::unavailable("journey.language", message));
        }
        last = Some(page);
    }
    Ok(last.expect("there are languages"))
}

/// Each service of the list once, as `AGENCY/NAME`.
fn services(list: &Page) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for link in list.links() {
        let Some(rest) = link.path().strip_prefix("/services/") else { continue };
        if rest.split('/').count() == 2 && !found.iter().any(|one| one == rest) {
            found.push(rest.to_owned());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_service_of_the_list_is_found_once() {
        let url = Url::parse("https://gov.example/search?q=").unwrap();
        let html = "<a href=/services/justice/a>A</a><a href=/services/justice/a>A</a><a href=/services/justice/a/start>s</a>\
            <a href=/services/notary/b>B</a><a href=/>home</a>";
        assert_eq!(services(&Page::read(url, Vec::new(), html)), ["justice/a", "notary/b"]);
    }
}
