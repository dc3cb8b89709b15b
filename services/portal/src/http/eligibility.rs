//! The check before the start: open to anybody, answered on one page, told on the next, and kept nowhere.

use std::{collections::BTreeMap, sync::Arc};

use askama::Template;
use axum::{
    Router,
    extract::{Path, State},
    response::Response,
    routing::get,
};
use proto::register::v1::{
    CheckEligibilityRequest, EligibilityOption, EligibilityQuestion, EligibilityVerdict, ServiceCard, ServicePage,
    operations,
};

use super::{
    Portal, Shared,
    catalogue::read_service,
    fault::{self, Refused},
    frame::{Frame, page},
    posted::Posted,
    visit::Visit,
};

pub fn routes() -> Router<Arc<Portal>> {
    Router::new().route("/services/{agency}/{service}/eligibility", get(offer).post(judge))
}

/// A question with what was chosen, and whether it was left out.
pub struct Asked {
    pub name: String,
    pub label: String,
    pub hint: String,
    pub options: Vec<EligibilityOption>,
    pub chosen: String,
    pub missing: bool,
}

impl Asked {
    /// Ids of what describes the question; only those that are there.
    pub fn described(&self) -> String {
        let parts = [("hint", !self.hint.is_empty()), ("error", self.missing)];
        let there = parts.iter().filter(|(_, there)| *there).map(|(part, _)| format!("{}-{part}", self.name));
        there.collect::<Vec<_>>().join(" ")
    }

    /// What was chosen, in words.
    pub fn answer(&self) -> &str {
        let chosen = self.options.iter().find(|option| option.value == self.chosen);
        chosen.map_or("", |option| option.label.as_str())
    }
}

#[derive(Template)]
#[template(path = "eligibility.html")]
pub struct EligibilityPage {
    pub f: Frame,
    pub card: ServiceCard,
    pub path: String,
    pub asked: Vec<Asked>,
}

impl EligibilityPage {
    pub fn missing(&self) -> Vec<&Asked> {
        self.asked.iter().filter(|asked| asked.missing).collect()
    }
}

#[derive(Template)]
#[template(path = "eligible.html")]
pub struct VerdictPage {
    pub f: Frame,
    pub card: ServiceCard,
    pub path: String,
    pub asked: Vec<Asked>,
    pub verdict: EligibilityVerdict,
    /// New applications are taken here.
    pub open: bool,
}

async fn offer(
    State(portal): Shared,
    visit: Visit,
    Path((agency, service)): Path<(String, String)>,
) -> Result<Response, Refused> {
    let (f, service) = (Frame::new(&portal, &visit), checked(&portal, &visit, &agency, &service).await?);
    show(f, service, &BTreeMap::new(), &[])
}

/// Answers come by POST alone: they stand in no address, and the page that tells what they mean forgets them.
async fn judge(
    State(portal): Shared,
    visit: Visit,
    Path((agency, service)): Path<(String, String)>,
    posted: Posted,
) -> Result<Response, Refused> {
    let found = checked(&portal, &visit, &agency, &service).await?;
    let answer = |question: &EligibilityQuestion| (question.name.clone(), posted.control(&question.name).to_owned());
    let answers: BTreeMap<String, String> = found.eligibility.iter().map(answer).collect();
    let language = visit.language.tag().to_owned();
    let request = CheckEligibilityRequest { agency, service, language, answers: answers.clone() };
    let verdict = portal.services.ask(&operations::CHECK_ELIGIBILITY, &request).await?;
    let f = Frame::new(&portal, &visit);
    if verdict.outcome.is_empty() {
        return show(f, found, &answers, &verdict.unanswered);
    }
    let asked = asked(&f, &found, &answers, &[]);
    let card = found.card.unwrap_or_default();
    let open = found.closed.is_empty() && matches!(card.level.as_str(), "" | "hosted");
    page(&VerdictPage { path: path(&card), f, card, asked, verdict, open })
}

/// A service that has such a check.
async fn checked(portal: &Portal, visit: &Visit, agency: &str, service: &str) -> Result<ServicePage, Refused> {
    let found = read_service(portal, visit.language, agency, service).await?;
    if found.eligibility.is_empty() {
        return Err(fault::no_such_page().into());
    }
    Ok(found)
}

fn show(
    f: Frame,
    service: ServicePage,
    answers: &BTreeMap<String, String>,
    missing: &[String],
) -> Result<Response, Refused> {
    let asked = asked(&f, &service, answers, missing);
    let card = service.card.unwrap_or_default();
    page(&EligibilityPage { path: path(&card), f, card, asked })
}

fn path(card: &ServiceCard) -> String {
    format!("/services/{}/{}", card.agency, card.service)
}

pub fn asked(f: &Frame, service: &ServicePage, answers: &BTreeMap<String, String>, missing: &[String]) -> Vec<Asked> {
    let yes_or_no = || {
        let option =
            |value: &str, label: String| EligibilityOption { value: value.to_owned(), label, hint: String::new() };
        vec![option("true", f.t("yes")), option("false", f.t("no"))]
    };
    let one = |question: &EligibilityQuestion| Asked {
        name: question.name.clone(),
        label: question.label.clone(),
        hint: question.hint.clone(),
        options: if question.options.is_empty() { yes_or_no() } else { question.options.clone() },
        chosen: answers.get(&question.name).cloned().unwrap_or_default(),
        missing: missing.contains(&question.name),
    };
    service.eligibility.iter().map(one).collect()
}
