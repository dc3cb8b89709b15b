//! The same citizen while the platform may be gone at any moment: what was cut off is sent again, as a browser would.

use std::time::Duration;

use kernel::CaseId;

use super::{Citizen, SERVICE, answered, case_of};
use crate::visitor::{Form, Page};

const AGAIN: Duration = Duration::from_millis(250);
const TRIES: u32 = 60;

/// How far one application came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The platform said that it was received.
    Submitted(CaseId),
    /// It came no further, and why: the platform went away, or a page says that it cannot.
    Cut(String),
}

impl Citizen {
    /// From the start to the acknowledgement.
    pub async fn try_apply(&mut self) -> Outcome {
        match self.try_answer().await {
            Ok(check) => self.submit(&check).await,
            Err(why) => Outcome::Cut(why),
        }
    }

    /// The page on which the answers are checked before they are sent.
    pub async fn try_answer(&mut self) -> Result<Page, String> {
        let mut page = self.try_begin().await?;
        for _ in 0..12 {
            let path = page.url.path().to_owned();
            if path.ends_with("/check") {
                return Ok(page);
            }
            if !path.contains("/pages/") {
                return Err(said(&page));
            }
            let next = self.insist(&answered(&page, &[])).await?;
            assert!(next.url.path() != path, "not taken on {path} ({}):\n{}", next.status, next.text());
            page = next;
        }
        Err(said(&page))
    }

    async fn try_begin(&mut self) -> Result<Page, String> {
        let page = succeeded(self.visitor.try_open(&format!("{}/{SERVICE}/start", self.portal)).await)?;
        succeeded(self.visitor.try_send(&page.form("").set("_choice", "new")).await)
    }

    /// The same form again until the platform is back: it must take effect once.
    async fn insist(&mut self, form: &Form) -> Result<Page, String> {
        let mut why = String::new();
        for _ in 0..TRIES {
            let answer = self.visitor.try_send(form).await;
            let passing = answer.as_ref().map_or(true, |page| page.status.is_server_error());
            match succeeded(answer) {
                Ok(page) => return Ok(page),
                Err(refused) if !passing => return Err(refused),
                Err(again) => why = again,
            }
            tokio::time::sleep(AGAIN).await;
        }
        Err(why)
    }

    async fn submit(&mut self, page: &Page) -> Outcome {
        let form = page.form("/check");
        let mut why = String::new();
        for _ in 0..TRIES {
            match self.visitor.acknowledged(&form).await {
                Ok(Some(to)) if to.path().ends_with("/next") => return Outcome::Submitted(case_of(&page.url)),
                Ok(Some(to)) => return Outcome::Cut(format!("{} leads to {to}", page.url)),
                Ok(None) => why = format!("{} is not taken", page.url),
                Err(error) => why = error.to_string(),
            }
            tokio::time::sleep(AGAIN).await;
        }
        Outcome::Cut(why)
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

fn succeeded(answer: Result<Page, reqwest::Error>) -> Result<Page, String> {
    let page = answer.map_err(|error| error.to_string())?;
    if page.status.is_success() { Ok(page) } else { Err(said(&page)) }
}

fn said(page: &Page) -> String {
    format!("{} {}: {}", page.status, page.url, page.text().replace('\n', " / "))
}
