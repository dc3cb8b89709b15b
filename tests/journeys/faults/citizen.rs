//! A citizen who applies for the example over plain HTTP and goes on where they were when the platform comes back.

use std::time::Duration;

use kernel::CaseId;
use tests::{
    platform::Platform,
    visitor::{Form, Page, Visitor},
};
use url::Url;

use super::SERVICE;

pub const PHONE: &str = "+998907654321";

pub struct Citizen {
    pub visitor: Visitor,
    portal: String,
}

/// How far one application came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The platform said that it was received.
    Submitted(CaseId),
    /// The platform went away before it said anything.
    Cut,
}

impl Citizen {
    /// Signs in with OneID's counterpart as one of its fictional people.
    pub async fn sign_in(platform: &Platform, person: &str) -> Self {
        let portal = platform.ready.portal.clone();
        let mut visitor = Visitor::new("en");
        let page = visitor.open(&format!("{portal}/{SERVICE}/start")).await;
        let page = visitor.link(&page, "/oneid").await;
        let page = visitor.send(&page.form("sign-in").set("person", person)).await;
        assert!(page.url.path().ends_with("/start"), "signed in, yet on {}:\n{}", page.url, page.text());
        Self { visitor, portal }
    }

    /// From the start to the acknowledgement. Whatever is cut off is sent again, as a person's browser would.
    pub async fn apply(&mut self) -> Outcome {
        let Some(mut page) = self.begin().await else { return Outcome::Cut };
        for _ in 0..12 {
            let path = page.url.path().to_owned();
            if path.ends_with("/check") {
                return self.submit(&page).await;
            }
            if !path.contains("/pages/") {
                return Outcome::Cut;
            }
            let form = answered(&page);
            page = match self.insist(&form).await {
                Some(next) if next.url.path() != path => next,
                Some(same) => panic!("the answers were not taken on {path} ({}):\n{}", same.status, same.text()),
                None => return Outcome::Cut,
            };
        }
        Outcome::Cut
    }

    async fn begin(&mut self) -> Option<Page> {
        let page = self.visitor.try_open(&format!("{}/{SERVICE}/start", self.portal)).await.ok()?;
        page.status.is_success().then_some(())?;
        let page = self.visitor.try_send(&page.form("").set("_choice", "new")).await.ok()?;
        page.status.is_success().then_some(page)
    }

    /// The same form again until the platform is back: it must take effect once.
    async fn insist(&mut self, form: &Form) -> Option<Page> {
        for _ in 0..60 {
            match self.visitor.try_send(form).await {
                Ok(page) if page.status.is_success() => return Some(page),
                Ok(page) if !page.status.is_server_error() => return None,
                _ => tokio::time::sleep(Duration::from_millis(250)).await,
            }
        }
        None
    }

    async fn submit(&mut self, page: &Page) -> Outcome {
        let Some(case) = case_of(&page.url) else { return Outcome::Cut };
        let form = page.form("/check");
        for _ in 0..60 {
            match self.visitor.acknowledged(&form).await {
                Ok(Some(to)) if to.path().ends_with("/next") => return Outcome::Submitted(case),
                Ok(Some(_)) => return Outcome::Cut,
                _ => tokio::time::sleep(Duration::from_millis(250)).await,
            }
        }
        Outcome::Cut
    }

    /// Pays if the fee is due now. False: it must be looked at again.
    pub async fn pay(&mut self, case: CaseId) -> bool {
        let address = format!("{}/applications/justice/{case}/pay", self.portal);
        let Ok(page) = self.visitor.try_open(&address).await else { return false };
        if !page.status.is_success() || !page.url.path().ends_with("/pay") {
            return page.status.is_success() && page.url.path().ends_with("/confirmation");
        }
        let Ok(page) = self.visitor.try_send(&page.form("/pay").set("_provider", "payme")).await else { return false };
        if !page.url.path().starts_with("/payme/checkout") {
            return false;
        }
        // What the counterpart was told holds, whether or not the way back to the platform exists now.
        let _ = self.visitor.try_send(&page.form("/payme/pay").set("action", "pay")).await;
        true
    }

    /// The page where a citizen follows an application.
    pub async fn track(&mut self, case: CaseId) -> Page {
        self.visitor.open(&format!("{}/applications/justice/{case}", self.portal)).await
    }
}

fn case_of(url: &Url) -> Option<CaseId> {
    url.path_segments()?.nth(2)?.parse().ok()
}

/// The page's form with answers that let it pass; what the registry gave stays.
pub fn answered(page: &Page) -> Form {
    let form = page.form("/pages/");
    let name = page.url.path_segments().and_then(|mut parts| parts.next_back()).unwrap_or_default();
    match name {
        "date" if form.get("_date:day:marriage.date").is_some() => form
            .set("_date:day:marriage.date", "16")
            .set("_date:month:marriage.date", "6")
            .set("_date:year:marriage.date", "2012"),
        "office" if form.get("marriage.office").is_some() => form.set("marriage.office", "tashkent-yunusabad"),
        "name" => form.set("formerName.changed", "false"),
        "reason" => form.set("reason.kind", "lost"),
        "benefit" => form.set("benefit.kind", "none"),
        "contact" => form.set("contact.phone", PHONE),
        _ => form,
    }
}
