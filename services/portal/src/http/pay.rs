//! Paying: the amount and how it came about, the way to the provider, and the return, which changes nothing.

use std::time::Duration;

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use bus::subject::PLATFORM;
use kernel::Failure;
use proto::{
    eservice::v1::Case,
    payments::v1::{BeginAttemptReply, BeginAttemptRequest, IntentView, ReadIntentRequest, operations},
};

use super::{
    Portal, Shared,
    fault::Refused,
    frame::{Frame, page},
    posted::Posted,
    submit::read_case,
    visit::{CasePlace, Citizen, Visit},
};
use crate::{
    domain::{
        arithmetic::{self, Arithmetic},
        place,
    },
    store::Session,
};

#[derive(Template)]
#[template(path = "pay.html")]
pub struct PayPage {
    pub f: Frame,
    pub case: Case,
    pub view: IntentView,
    pub amount: proto::Money,
    /// How the amount came about, a line each.
    pub lines: Vec<String>,
    pub base: String,
    pub unanswered: bool,
}

pub async fn offer(
    State(portal): Shared,
    Citizen(visit, session): Citizen,
    Path((agency, service, case)): Path<(String, String, String)>,
) -> Result<Response, Refused> {
    show(&portal, &visit, &session, &CasePlace::new(&agency, &service, &case)?, false).await
}

async fn show(
    portal: &Portal,
    visit: &Visit,
    session: &Session,
    at: &CasePlace,
    unanswered: bool,
) -> Result<Response, Refused> {
    let case = read_case(portal, visit, session, at).await?;
    let Some(view) = due(portal, session, &case).await? else {
        return Ok(Redirect::to(&at.path("confirmation")).into_response());
    };
    let intent = view.intent.clone().unwrap_or_default();
    let f = Frame::new(portal, visit);
    let template = PayPage {
        amount: intent.amount.unwrap_or_default(),
        lines: lines(&f, &arithmetic::read(&intent.arithmetic)),
        base: at.path(""),
        unanswered,
        case,
        view,
        f,
    };
    let mut response = page(&template)?;
    // Chromium applies form-action to the redirect that follows the form.
    response.extensions_mut().insert(web::FormAction(portal.config.checkout_origins.clone()));
    Ok(response)
}

/// The arithmetic in the payer's language.
pub fn lines(f: &Frame, arithmetic: &Arithmetic) -> Vec<String> {
    let mut lines = Vec::new();
    for used in &arithmetic.values {
        let name = f.named("reference-", &used.name);
        let day = if used.from.is_empty() { String::new() } else { format!(" ({})", f.iso(&used.from)) };
        lines.push(format!("{name}{day}: {}", web::money(f.language, used.amount)));
    }
    if !arithmetic.formula.is_empty() {
        lines.push(f.put("pay-formula", &arithmetic.formula));
    }
    if let Some(title) = arithmetic.waiver.as_ref().and_then(|waiver| waiver.title.get(f.language.tag())) {
        lines.push(f.put("pay-waived", title));
    }
    if let Some(credit) = arithmetic.credit {
        lines.push(f.put("pay-credit", web::money(f.language, credit)));
    }
    lines
}

/// The intent of a case, while it is open: asked of payments, never believed from an address.
async fn due(portal: &Portal, session: &Session, case: &Case) -> Result<Option<IntentView>, Refused> {
    if case.intent.is_empty() {
        return Ok(None);
    }
    let request = ReadIntentRequest { intent: case.intent.clone() };
    let view = portal.services.read(session, &operations::READ_INTENT, PLATFORM, &request).await?;
    let open = view.intent.as_ref().is_some_and(|intent| intent.state == "open");
    Ok(open.then_some(view))
}

/// Payments knows of the money a moment before the case does: nobody is asked to pay what is paid.
pub async fn settled(portal: &Portal, session: &Session, mut case: Case) -> Case {
    if !case.intent.is_empty() && matches!(due(portal, session, &case).await, Ok(None)) {
        case.intent.clear();
        "working".clone_into(&mut case.status);
    }
    case
}

#[derive(Template)]
#[template(path = "leave.html")]
pub struct LeavePage {
    pub f: Frame,
    pub url: String,
    pub host: String,
    pub base: String,
}

pub async fn begin(
    State(portal): Shared,
    Citizen(visit, session): Citizen,
    Path((agency, service, case)): Path<(String, String, String)>,
    posted: Posted,
) -> Result<Response, Refused> {
    let at = CasePlace::new(&agency, &service, &case)?;
    let provider = posted.control("_provider");
    if provider.is_empty() {
        return show(&portal, &visit, &session, &at, true).await;
    }
    let case = read_case(&portal, &visit, &session, &at).await?;
    if due(&portal, &session, &case).await?.is_none() {
        return Ok(Redirect::to(&at.path("confirmation")).into_response());
    }
    let request = BeginAttemptRequest {
        intent: case.intent,
        provider: provider.to_owned(),
        return_url: format!("{}{}", portal.config.base_url, at.path("returned")),
        language: visit.language.tag().into(),
    };
    let reply: BeginAttemptReply =
        portal.services.command(&session, &operations::BEGIN_ATTEMPT, PLATFORM, &request, posted.command()?).await?;
    lead_to(&portal, &visit, &at, reply.url)
}

/// Straight there where the policy allows it; else over a page with a link, which no policy stops.
fn lead_to(portal: &Portal, visit: &Visit, at: &CasePlace, url: String) -> Result<Response, Refused> {
    let origin = place::origin(&url).ok_or_else(|| {
        Refused(Failure::internal("portal.checkout-address", "The payment page has no usable address."))
    })?;
    if portal.config.checkout_origins.contains(&origin) {
        return Ok(Redirect::to(&url).into_response());
    }
    let host = origin.split("//").nth(1).unwrap_or_default().to_owned();
    page(&LeavePage { f: Frame::new(portal, visit), url, host, base: at.path("") })
}

#[derive(Template)]
#[template(path = "returned.html")]
pub struct ReturnedPage {
    pub f: Frame,
    pub base: String,
    pub number: String,
}

const LOOKS: u32 = 6;
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Back from the provider. Only payments knows what happened; asked as often as the person likes, it changes nothing.
pub async fn returned(
    State(portal): Shared,
    Citizen(visit, session): Citizen,
    Path((agency, service, case)): Path<(String, String, String)>,
) -> Result<Response, Refused> {
    let at = CasePlace::new(&agency, &service, &case)?;
    for look in 1..=LOOKS {
        let case = read_case(&portal, &visit, &session, &at).await?;
        let Some(view) = due(&portal, &session, &case).await? else {
            // Paid; the case learns of it in a moment, and then says what happens next.
            if case.intent.is_empty() || look == LOOKS {
                return Ok(Redirect::to(&at.path("confirmation")).into_response());
            }
            tokio::time::sleep(LOOK_EVERY).await;
            continue;
        };
        if matches!(view.attempt.as_str(), "none" | "declined") {
            return Ok(Redirect::to(&at.path("pay")).into_response());
        }
        if look == LOOKS {
            let number = case.number;
            return page(&ReturnedPage { f: Frame::new(&portal, &visit), base: at.path(""), number });
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    Ok(Redirect::to(&at.path("pay")).into_response())
}
