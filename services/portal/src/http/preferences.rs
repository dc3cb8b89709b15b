//! How a person wants to be told, and why they were told something.

use std::sync::Arc;

use askama::Template;
use axum::{
    Router,
    extract::{Path, Query, State},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use bus::subject::PLATFORM;
use kernel::{Language, MessageId};
use proto::notifications::v1::{
    ExplainMessageRequest, Explanation, Preferences, ReadPreferencesRequest,
    operations::{EXPLAIN_MESSAGE, READ_PREFERENCES, SAVE_PREFERENCES},
};
use serde::Deserialize;

use super::{
    Portal, Shared,
    fault::{self, Refused},
    frame::{Frame, hex, page},
    posted::Posted,
    visit::Citizen,
};

const PLACE: &str = "/account/preferences";
/// What a ticked box sends.
const TICKED: &str = "yes";

pub fn routes() -> Router<Arc<Portal>> {
    Router::new().route(PLACE, get(preferences).post(keep)).route("/inbox/{message}/why", get(why))
}

#[derive(Template)]
#[template(path = "preferences.html")]
pub struct PreferencesPage {
    pub f: Frame,
    pub wanted: Preferences,
    pub saved: bool,
}

impl PreferencesPage {
    /// Tags of the languages that messages are written in.
    pub fn tags(&self) -> Vec<&'static str> {
        Language::ALL.map(Language::tag).to_vec()
    }

    pub fn chosen(&self, tag: &str) -> bool {
        self.wanted.language == tag
    }
}

#[derive(Deserialize)]
pub struct Wanted {
    #[serde(default)]
    saved: String,
}

async fn preferences(
    State(portal): Shared,
    Citizen(visit, session): Citizen,
    Query(asked): Query<Wanted>,
) -> Result<Response, Refused> {
    let wanted = portal.services.read(&session, &READ_PREFERENCES, PLATFORM, &ReadPreferencesRequest {}).await?;
    page(&PreferencesPage { f: Frame::new(&portal, &visit), wanted, saved: asked.saved == TICKED })
}

/// A box that is not ticked is not sent: it says no.
async fn keep(State(portal): Shared, Citizen(_, session): Citizen, posted: Posted) -> Result<Response, Refused> {
    let ticked = |name: &str| posted.control(name) == TICKED;
    let wanted = Preferences {
        sms: ticked("_sms"),
        email: ticked("_email"),
        language: posted.control("_language").to_owned(),
        ..Preferences::default()
    };
    portal.services.command(&session, &SAVE_PREFERENCES, PLATFORM, &wanted, posted.command()?).await?;
    Ok(Redirect::to(&format!("{PLACE}?saved={TICKED}")).into_response())
}

#[derive(Template)]
#[template(path = "why.html")]
pub struct WhyPage {
    pub f: Frame,
    pub why: Explanation,
}

impl WhyPage {
    pub fn case_href(&self) -> String {
        format!("/applications/{}/{}/{}", self.why.agency, self.why.service, hex(&self.why.case_id))
    }
}

async fn why(
    State(portal): Shared,
    Citizen(visit, session): Citizen,
    Path(message): Path<String>,
) -> Result<Response, Refused> {
    let message: MessageId = message.parse().map_err(|_| fault::no_such_page())?;
    let request = ExplainMessageRequest { message_id: message.to_vec(), language: visit.language.tag().to_owned() };
    let why = portal.services.read(&session, &EXPLAIN_MESSAGE, PLATFORM, &request).await?;
    page(&WhyPage { f: Frame::new(&portal, &visit), why })
}
