//! The same citizen while the platform may be gone at any moment: what was cut off is sent again, as a browser would.

use std::time::Duration;

use kernel::CaseId;

use super::{Citizen, SERVICE, answered, case_of};
use crate::visitor::{Form, Page};

const AGAIN: Duration = Duration::from_millis(250);
const TRIES: u32 = 60;

/// How far one application came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The platform said that it was received.
    Submitted(CaseId),
    /// The platform went away before it said anything.
    Cut,
}

impl Citizen {
    /// From the start to the acknowledgement.
    pub async fn try_apply(&mut self) -> Outcome {
        match self.try_answer().await {
            Some(check) => self.submit(&check).await,
            None => Outcome::Cut,
        }
    }

    /// The page on which the answers are checked before they are sent.
    pub async fn try_answer(&mut self) -> Option<Page> {
        let mut page = self.try_begin().await?;
        for _ in 0..12 {
            let path = page.url.path().to_owned();
            if path.ends_with("/check") {
                return Some(page);
            }
            if !path.contains("/pages/") {
                return None;
            }
            let next = self.insist(&answered(&page, &[])).await?;
            assert!(next.url.path() != path, "not taken on {path} ({}):\n{}", next.status, next.text());
            page = next;
        }
        None
    }

    async fn try_begin(&mut self) -> Option<Page> {
        let page = self.visitor.try_open(&format!("{}/{SERVICE}/start", self.portal)).await.ok()?;
        page.status.is_success().then_some(())?;
        let page = self.visitor.try_send(&page.form("").set("_choice", "new")).await.ok()?;
        page.status.is_success().then_some(page)
    }

    /// The same form again until the platform is back: it must take effect once.
    async fn insist(&mut self, form: &Form) -> Option<Page> {
        for _ in 0..TRIES {
            match self.visitor.try_send(form).await {
                Ok(page) if page.status.is_success() => return Some(page),
                Ok(page) if !page.status.is_server_error() => return None,
                _ => tokio::time::sleep(AGAIN).await,
            }
        }
        None
    }

    async fn submit(&mut self, page: &Page) -> Outcome {
        let form = page.form("/check");
        for _ in 0..TRIES {
            match self.visitor.acknowledged(&form).await {
                Ok(Some(to)) if to.path().ends_with("/next") => return Outcome::Submitted(case_of(&page.url)),
                Ok(Some(_)) => return Outcome::Cut,
                _ => tokio::time::sleep(AGAIN).await,
            }
        }
        Outcome::Cut
    }

    /// Pays if the fee is due now. False: it must be looked at again.
    pub async fn try_pay(&mut self, case: CaseId) -> bool {
        let Ok(page) = self.visitor.try_open(&self.address(case, "pay")).await else { return false };
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
}
