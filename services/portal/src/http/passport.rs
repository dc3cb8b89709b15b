//! A service's passport: all that the register knows of it, with what changed from revision to revision.

use std::sync::Arc;

use askama::Template;
use axum::{
    Router,
    extract::{Path, Query, State},
    response::Response,
    routing::get,
};
use kernel::Hash;
use proto::register::v1::{
    Passport, PassportRevision, ReadPassportRequest, RevisionChange, ServiceCard, ServicePage, operations,
};

use super::{
    Portal, Shared,
    fault::{self, Refused},
    frame::{Frame, hex, page},
    pages::{Pages, Wanted},
    visit::Visit,
};
use crate::domain::place;

pub fn routes() -> Router<Arc<Portal>> {
    Router::new().route("/services/{agency}/{service}/passport", get(passport))
}

#[derive(Template)]
#[template(path = "passport.html")]
pub struct PassportPage {
    pub f: Frame,
    pub card: ServiceCard,
    pub service: ServicePage,
    pub passport: Passport,
    pub pages: Pages,
}

impl PassportPage {
    pub fn revision(&self, revision: impl AsRef<[u8]>) -> String {
        hex(revision.as_ref())
    }

    /// The wire has the strings of a definition, which may be empty.
    pub fn level(&self) -> &str {
        if self.card.level.is_empty() { "hosted" } else { &self.card.level }
    }

    /// Whom it is offered to, where that is not everybody.
    pub fn offered(&self, revision: &PassportRevision) -> Option<String> {
        match revision.share {
            100.. => None,
            share @ 1.. => Some(self.f.put("passport-share", share.to_string())),
            _ => Some(self.f.t("passport-withdrawn")),
        }
    }

    pub fn changed(&self, change: &RevisionChange) -> String {
        changed(&self.f, change)
    }

    /// Languages by their own names.
    pub fn drafts(&self) -> String {
        self.passport.drafts.iter().map(|tag| self.f.language_name(tag)).collect::<Vec<_>>().join(", ")
    }
}

/// `Fees: State duty – changed (change of substance)`.
pub fn changed(f: &Frame, change: &RevisionChange) -> String {
    let section = if change.section.is_empty() { "other" } else { &change.section };
    let section = f.named("passport-section-", section);
    let item = if change.item.is_empty() { String::new() } else { format!("{} – ", change.item) };
    let (what, kind) = (f.named("passport-what-", &change.what), f.named("passport-kind-", &change.kind));
    format!("{section}: {item}{what} ({kind})")
}

async fn passport(
    State(portal): Shared,
    visit: Visit,
    Path((agency, service)): Path<(String, String)>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Refused> {
    if !place::is_name(&agency) || !place::is_name(&service) {
        return Err(fault::no_such_page().into());
    }
    let before = match wanted.after.as_str() {
        "" => Vec::new(),
        place => place.parse::<Hash>().map_err(|_| fault::no_such_page())?.to_vec(),
    };
    let path = format!("/services/{agency}/{service}/passport");
    let request = ReadPassportRequest { agency, service, language: visit.language.tag().into(), before };
    let mut passport = portal.services.ask(&operations::READ_PASSPORT, &request).await?;
    let service = passport.page.take().unwrap_or_default();
    let last = passport.revisions.last().filter(|_| passport.older);
    let next = last.map(|revision| hex(&revision.revision)).unwrap_or_default();
    let pages = Pages::of(&path, &wanted.after, &next);
    let card = service.card.clone().unwrap_or_default();
    page(&PassportPage { f: Frame::new(&portal, &visit), card, service, passport, pages })
}
