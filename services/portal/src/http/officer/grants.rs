//! Grants that wait for approval, and those in force.

use askama::Template;
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use bus::subject::PLATFORM;
use kernel::Hash;
use proto::exchange::v1::{self as exchange, GrantStatus};

use super::appointments;
use crate::http::{
    Shared,
    fault::Refused,
    frame::{Frame, hex, page_with},
    posted::Posted,
    visit::Officer,
};

#[derive(Template)]
#[template(path = "officer_grants.html")]
pub struct GrantsPage {
    pub f: Frame,
    pub grants: Vec<GrantStatus>,
    /// Where the officer serves.
    pub agencies: Vec<String>,
}

impl GrantsPage {
    pub fn hash(&self, grant: &GrantStatus) -> String {
        hex(&grant.hash)
    }

    /// Whether the officer serves who gives it: others cannot take it back.
    pub fn gives(&self, grant: &GrantStatus) -> bool {
        self.agencies.contains(&grant.agency)
    }
}

pub async fn grants(State(portal): Shared, Officer(visit, session): Officer) -> Result<Response, Refused> {
    let agencies = appointments(&portal, &session).await?.agencies;
    let mut grants = Vec::new();
    for agency in &agencies {
        let request = exchange::ListGrantsRequest { agency: agency.clone() };
        let found = portal.services.read(&session, &exchange::operations::LIST_GRANTS, PLATFORM, &request).await?;
        grants.extend(found.grants);
    }
    page_with(StatusCode::OK, &GrantsPage { f: Frame::new(&portal, &visit), grants, agencies })
}

pub async fn approve(State(portal): Shared, Officer(_, session): Officer, posted: Posted) -> Result<Response, Refused> {
    let (agency, name, hash) = decided(&posted)?;
    let request = exchange::ApproveGrantRequest { agency, name, hash };
    portal
        .services
        .command(&session, &exchange::operations::APPROVE_GRANT, PLATFORM, &request, posted.command()?)
        .await?;
    Ok(Redirect::to("/officer/grants").into_response())
}

pub async fn revoke(State(portal): Shared, Officer(_, session): Officer, posted: Posted) -> Result<Response, Refused> {
    let (agency, name, hash) = decided(&posted)?;
    let request = exchange::RevokeGrantRequest { agency, name, hash };
    portal
        .services
        .command(&session, &exchange::operations::REVOKE_GRANT, PLATFORM, &request, posted.command()?)
        .await?;
    Ok(Redirect::to("/officer/grants").into_response())
}

/// The version of a grant as the officer read it.
fn decided(posted: &Posted) -> Result<(String, String, Vec<u8>), Refused> {
    let hash: Hash = posted.control("_hash").parse()?;
    Ok((posted.control("_agency").to_owned(), posted.control("_name").to_owned(), hash.to_vec()))
}
