//! One request's visitor: language, place, network, and session if there is one.

use std::{net::IpAddr, sync::Arc};

use axum::{extract::FromRequestParts, http::request::Parts};
use bus::subject::Address;
use kernel::{CaseId, Failure, Language};

use super::{Portal, fault::Refused, menu::Entry};
use crate::{
    domain::{place, sign_in::Kind},
    store::Session,
};

/// Put into the request by the guard; every page takes it.
#[derive(Clone)]
pub struct Visit {
    pub language: Language,
    /// The request only reads.
    pub reads: bool,
    /// Path and query, without the language.
    pub place: String,
    pub address: IpAddr,
    pub session: Option<Session>,
    /// Pages of an officer's duties.
    pub menu: Vec<Entry>,
}

impl Visit {
    fn session(&self, kind: Kind) -> Result<Session, Failure> {
        match &self.session {
            Some(session) if session.kind == kind => Ok(session.clone()),
            _ => Err(signed_out()),
        }
    }

    /// The session under which what stands at this address is filled in: an officer types at addresses of their own.
    pub(super) fn filling(&self) -> Result<Session, Failure> {
        self.session(if self.place.starts_with("/officer/") { Kind::Officer } else { Kind::Citizen })
    }
}

fn signed_out() -> Failure {
    Failure::unauthenticated("portal.sign-in", "Sign in to see this page.")
}

fn visit(parts: &Parts) -> Result<Visit, Refused> {
    let visit = parts.extensions.get::<Visit>().cloned();
    visit.ok_or_else(|| Refused(Failure::internal("portal.no-visit", "This page is not available.")))
}

impl FromRequestParts<Arc<Portal>> for Visit {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<Portal>) -> Result<Self, Refused> {
        visit(parts)
    }
}

/// A signed-in citizen.
pub struct Citizen(pub Visit, pub Session);

impl FromRequestParts<Arc<Portal>> for Citizen {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<Portal>) -> Result<Self, Refused> {
        let visit = visit(parts)?;
        let session = visit.session(Kind::Citizen).map_err(Refused)?;
        Ok(Self(visit, session))
    }
}

/// A person signed in as an officer.
pub struct Officer(pub Visit, pub Session);

impl FromRequestParts<Arc<Portal>> for Officer {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<Portal>) -> Result<Self, Refused> {
        let visit = visit(parts)?;
        let session = visit.session(Kind::Officer).map_err(Refused)?;
        Ok(Self(visit, session))
    }
}

/// Whoever fills in an application: its applicant, or an officer who types what came on paper. The e-service judges which.
pub struct Filling(pub Visit, pub Session);

impl FromRequestParts<Arc<Portal>> for Filling {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<Portal>) -> Result<Self, Refused> {
        let visit = visit(parts)?;
        let session = visit.filling().map_err(Refused)?;
        Ok(Self(visit, session))
    }
}

/// A case as addresses name it: the agency and the service that handle it, then its id.
#[derive(Debug, Clone)]
pub struct CasePlace {
    pub agency: String,
    pub service: String,
    pub case: CaseId,
    /// An officer types it: its pages stand among the officer's.
    pub typed: bool,
}

impl CasePlace {
    pub fn new(agency: &str, service: &str, case: &str) -> Result<Self, Refused> {
        let case = case.parse().ok().filter(|_| place::is_name(agency) && place::is_name(service));
        let case = case.ok_or_else(|| Refused(super::fault::no_such_page()))?;
        Ok(Self { agency: agency.to_owned(), service: service.to_owned(), case, typed: false })
    }

    /// The same, as it is for whoever fills it in.
    pub fn filled_by(self, session: &Session) -> Self {
        Self { typed: session.kind == Kind::Officer, ..self }
    }

    /// Where whoever fills it in finds what else they have.
    pub fn list(&self) -> String {
        if self.typed { format!("/officer/paper/{}/{}", self.agency, self.service) } else { "/applications".to_owned() }
    }

    /// Whom commands for the case go to.
    pub fn host(&self) -> Address<'_> {
        Address::service(&self.agency, &self.service)
    }

    /// Address of the case, or of one of its pages.
    pub fn path(&self, rest: &str) -> String {
        self.under(if self.typed { "officer/applications" } else { "applications" }, rest)
    }

    /// The same for whoever is asked in it.
    pub fn asked(&self, rest: &str) -> String {
        self.under("asked", rest)
    }

    fn under(&self, part: &str, rest: &str) -> String {
        let base = format!("/{part}/{}/{}/{}", self.agency, self.service, self.case);
        if rest.is_empty() { base } else { format!("{base}/{rest}") }
    }
}
