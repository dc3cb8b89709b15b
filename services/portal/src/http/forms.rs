//! The forms of the state: whose they are, by which act, in which version, and which services fill them in.

use std::sync::Arc;

use askama::Template;
use axum::{
    Router,
    extract::{Query, State},
    response::Response,
    routing::get,
};
use proto::register::v1::{ListStateFormsRequest, PassportForm, StateForm, operations::LIST_STATE_FORMS};

use super::{
    Portal, Shared,
    fault::{self, Refused},
    frame::{Frame, page},
    pages::{Pages, Wanted},
    visit::Visit,
};
use crate::domain::place;

pub fn routes() -> Router<Arc<Portal>> {
    Router::new().route("/forms", get(list))
}

#[derive(Template)]
#[template(path = "forms.html")]
pub struct FormsPage {
    pub f: Frame,
    pub forms: Vec<Entry>,
    pub pages: Pages,
}

/// A form with the services that use it.
pub struct Entry {
    pub form: PassportForm,
    pub used: StateForm,
}

impl Entry {
    pub fn of(mut used: StateForm) -> Self {
        Self { form: used.form.take().unwrap_or_default(), used }
    }
}

async fn list(State(portal): Shared, visit: Visit, Query(wanted): Query<Wanted>) -> Result<Response, Refused> {
    let after = wanted.after;
    if !after.is_empty() && !place::is_name(&after) {
        return Err(fault::no_such_page().into());
    }
    let request = ListStateFormsRequest { language: visit.language.tag().into(), after: after.clone() };
    let told = portal.services.ask(&LIST_STATE_FORMS, &request).await?;
    let pages = Pages::of("/forms", &after, &told.next);
    let forms = told.forms.into_iter().map(Entry::of).collect();
    page(&FormsPage { f: Frame::new(&portal, &visit), forms, pages })
}
