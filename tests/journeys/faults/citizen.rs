//! A citizen who applies for the example over plain HTTP and goes on where they were when the platform comes back.

use std::time::Duration;

use kernel::CaseId;
use tests::{
    citizen::{SERVICE, answered, case_of},
    platform::Platform,
    visitor::{Form, Page, Visitor},
};

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
        let citizen = tests::citizen::Citizen::sign_in(platform, person, "en").await;
        Self { visitor: citizen.visitor, portal: citizen.portal }
    }

    /// From the start to the acknowledgement. Whatever is cut off is sent again, as a person's browser would.
    pub async fn apply(&mut self) -> Outcome {
        match self.answer().await {
            Some(check) => self.submit(&check).await,
            None => Outcome::Cut,
        }
    }

    /// The page on which the answers are checked before they are sent.
    pub async fn answer(&mut self) -> Option<Page> {
        let mut page = self.begin().await?;
        for _ in 0..12 {
            let path = page.url.path().to_owned();
            if path.ends_with("/check") {
                return Some(page);
            }
            if !path.contains("/pages/") {
                return None;
            }
            let form = answered(&page, &[]);
            let next = self.insist(&form).await?;
            assert!(
                next.url.path() != path,
                "the answers were not taken on {path} ({}):\n{}",
                next.status,
                next.text()
            );
            page = next;
        }
        None
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
        let case = case_of(&page.url);
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
        let _ = self.visitor.try_send(&page.form("/payme/pay").set("action", "pay").set("failure", "none")).await;
        true
    }

    /// The page where a citizen follows an application.
    pub async fn track(&mut self, case: CaseId) -> Page {
        self.visitor.open(&format!("{}/applications/justice/{case}", self.portal)).await
    }
}
