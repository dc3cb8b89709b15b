//! A citizen who applies for the example over plain HTTP.

mod insisting;

use std::time::Duration;

pub use insisting::Outcome;
use kernel::CaseId;
use url::Url;

use crate::{
    patience::Patience,
    platform::Platform,
    visitor::{Form, Page, Visitor},
};

pub const SERVICE: &str = "services/justice/marriage-certificate-copy";
/// What the example costs: a tenth of the base calculation amount, in tiyin.
pub const DUTY: i64 = 4_120_000;
const POLL: Duration = Duration::from_millis(300);

#[derive(Clone)]
pub struct Citizen {
    pub visitor: Visitor,
    pub portal: String,
    /// What they apply for.
    pub service: &'static str,
}

impl Citizen {
    /// Signs in with OneID's counterpart as one of its fictional people.
    pub async fn sign_in(platform: &Platform, person: &str, language: &'static str) -> Self {
        let mut citizen =
            Self { visitor: Visitor::new(language), portal: platform.ready.portal.clone(), service: SERVICE };
        citizen.sign_in_again(person).await;
        citizen
    }

    /// Signs in where nobody is signed in any more.
    pub async fn sign_in_again(&mut self, person: &str) {
        let page = self.visitor.open(&format!("{}/{}/start", self.portal, self.service)).await;
        if page.url.path().ends_with("/start") {
            return;
        }
        let page = self.visitor.link(&page, "/oneid").await;
        let page = self.visitor.send(&page.form("sign-in").set("person", person)).await;
        assert!(page.url.path().ends_with("/start"), "signed in, yet on {}:\n{}", page.url, page.text());
    }

    /// A new draft's first question.
    pub async fn begin(&mut self) -> Page {
        let page = self.visitor.open(&format!("{}/{}/start", self.portal, self.service)).await;
        let page = self.visitor.send(&page.form("/start").set("_choice", "new")).await;
        assert!(page.url.path().contains("/pages/"), "begun, yet on {} ({}):\n{}", page.url, page.status, page.text());
        page
    }

    /// Answers question after question until the answers can be checked. `other`: what is answered otherwise.
    pub async fn answer(&mut self, mut page: Page, other: &[(&str, &str)]) -> Page {
        for _ in 0..15 {
            let path = page.url.path().to_owned();
            if path.ends_with("/check") {
                return page;
            }
            let next = self.visitor.send(&answered(&page, other)).await;
            // An answer can bring up another question on the same page; then nothing on it is called wrong.
            let taken = next.url.path() != path || !next.has_errors();
            assert!(taken, "not taken on {path} ({}):\n{}", next.status, next.text());
            page = next;
        }
        panic!("there is no end to the questions; last {}:\n{}", page.url, page.text())
    }

    /// From the start to the sent application; the page that comes then is the payment's.
    pub async fn apply(&mut self, other: &[(&str, &str)]) -> (CaseId, Page) {
        let page = self.begin().await;
        let case = case_of(&page.url);
        let check = self.answer(page, other).await;
        let page = self.visitor.send(&check.form("/check")).await;
        assert!(page.status.is_success(), "sent, yet {} on {}:\n{}", page.status, page.url, page.text());
        (case, self.until(case, "pay", |page| page.url.path().ends_with("/pay")).await)
    }

    /// Answers what is not answered yet in a draft that was left, and sends it.
    pub async fn finish(&mut self, draft: CaseId) {
        let address = self.address(draft, "check");
        let page = self.visitor.open(&address).await;
        let on = page.links().into_iter().rfind(|link| link.path().contains("/pages/"));
        let on = on.unwrap_or_else(|| panic!("nothing is left to answer on {}:\n{}", page.url, page.text()));
        let page = self.visitor.open(on.as_str()).await;
        let check = self.answer(page, &[]).await;
        let sent = self.visitor.send(&check.form("/check")).await;
        assert!(sent.status.is_success(), "sent, yet {} on {}:\n{}", sent.status, sent.url, sent.text());
    }

    /// From the payment's page to the provider's.
    pub async fn to_provider(&mut self, page: &Page) -> Page {
        let page = self.visitor.send(&page.form("/pay").set("_provider", "payme")).await;
        assert!(page.url.path().contains("/payme/checkout"), "on {} ({}):\n{}", page.url, page.status, page.text());
        page
    }

    /// Pays, or does otherwise, at the provider. `failure`: what goes wrong on the way.
    pub async fn pay(&mut self, page: &Page, action: &str, failure: &str) -> Page {
        let page = self.to_provider(page).await;
        self.visitor.send(&page.form("/payme/pay").set("action", action).set("failure", failure)).await
    }

    /// An application that is paid for.
    pub async fn apply_and_pay(&mut self, other: &[(&str, &str)]) -> CaseId {
        let (case, page) = self.apply(other).await;
        self.pay(&page, "pay", "none").await;
        case
    }

    pub fn address(&self, case: CaseId, rest: &str) -> String {
        let base = format!("{}/{}/{case}", self.portal, self.service.replacen("services/", "applications/", 1));
        if rest.is_empty() { base } else { format!("{base}/{rest}") }
    }

    /// Opens a page of the application again and again until it is as expected.
    pub async fn until(&mut self, case: CaseId, rest: &str, expected: impl Fn(&Page) -> bool) -> Page {
        let address = self.address(case, rest);
        let mut page = self.visitor.open(&address).await;
        let patience = Patience::default();
        while patience.lasts() {
            if page.status.is_success() && expected(&page) {
                return page;
            }
            tokio::time::sleep(POLL).await;
            page = self.visitor.open(&address).await;
        }
        panic!("{address} stays as it is ({}, {}):\n{}", page.status, page.url, page.text())
    }

    /// Follows the application until its page says so.
    pub async fn until_told(&mut self, case: CaseId, words: &str) -> Page {
        self.until(case, "", |page| page.shows(words)).await
    }

    /// The only document of an application, as bytes.
    pub async fn document(&mut self, page: &Page) -> Vec<u8> {
        let link = page.links().into_iter().find(|link| link.path().contains("/documents/"));
        let link = link.unwrap_or_else(|| panic!("no document on {}:\n{}", page.url, page.text()));
        let (status, bytes) = self.visitor.download(&link).await;
        assert!(status.is_success() && bytes.starts_with(b"%PDF-"), "{link}: {status}");
        bytes
    }
}

/// Number and code as they stand beside the document on its holder's page, and on the document itself.
pub fn printed(page: &Page) -> (String, String) {
    let text = page.text();
    let line = text.lines().find(|line| line.contains(" · ") && line.matches(": ").count() == 2);
    let (number, code) =
        line.and_then(|line| line.split_once(" · ")).unwrap_or_else(|| panic!("no number and code in:\n{text}"));
    let value = |part: &str| part.split_once(": ").expect("found by it").1.trim().to_owned();
    (value(number), value(code))
}

/// The case that an address names.
pub fn case_of(url: &Url) -> CaseId {
    let id = url.path_segments().and_then(|mut parts| parts.nth(3)).and_then(|id| id.parse().ok());
    id.unwrap_or_else(|| panic!("{url} names no case"))
}

/// The question's form with answers that let it pass; what the registry gave stays.
pub fn answered(page: &Page, other: &[(&str, &str)]) -> Form {
    let usual = [
        ("_date:day:marriage.date", "16"),
        ("_date:month:marriage.date", "6"),
        ("_date:year:marriage.date", "2012"),
        ("marriage.office", "tashkent-yunusabad"),
        ("formerName.changed", "false"),
        ("reason.kind", "lost"),
        ("benefit.kind", "none"),
        ("contact.phone", "+998907654321"),
    ];
    let mut form = page.form("/pages/");
    for (name, value) in usual {
        let present = page.has_input(name);
        let value = other.iter().find(|(at, _)| *at == name).map_or(value, |(_, value)| *value);
        if present {
            form = form.set(name, value);
        }
    }
    for (name, value) in other.iter().filter(|(name, _)| usual.iter().all(|(known, _)| known != name)) {
        if page.has_input(name) {
            form = form.set(name, value);
        }
    }
    form
}
