//! Everybody who serves in an agency, for its administrators.

use askama::Template;
use axum::{
    extract::{Query, State},
    response::Response,
};
use proto::identity::v1::{Appointment, StaffMember};
use serde::Deserialize;

use super::{Agency, administered, agency, period, staff};
use crate::http::{
    Shared,
    fault::Refused,
    frame::{Frame, hex, page},
    visit::Officer,
};

#[derive(Template)]
#[template(path = "staff_list.html")]
pub struct ListPage {
    pub f: Frame,
    /// Those that the officer administers.
    pub agencies: Vec<String>,
    /// The one that is shown; none, where they administer none.
    pub agency: Option<Agency>,
    pub members: Vec<StaffMember>,
    pub now: i64,
}

impl ListPage {
    pub fn person(&self, member: &StaffMember) -> String {
        hex(&member.person)
    }

    pub fn period(&self, held: &Appointment) -> String {
        period(&self.f, held.from_us, held.to_us)
    }

    pub fn is_over(&self, held: &Appointment) -> bool {
        held.to_us != 0 && held.to_us <= self.now
    }
}

#[derive(Deserialize)]
pub struct Wanted {
    #[serde(default)]
    agency: String,
}

pub async fn list(
    State(portal): Shared,
    Officer(visit, session): Officer,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Refused> {
    let agencies = administered(&portal, &session).await?;
    let chosen = agencies.iter().find(|agency| **agency == wanted.agency).or(agencies.first()).cloned();
    let (shown, members) = match &chosen {
        Some(name) => {
            let shown = agency(&portal, visit.language, name).await?;
            (Some(shown), staff(&portal, &session, name).await?.members)
        }
        None => (None, Vec::new()),
    };
    let now = portal.clock.now().micros();
    page(&ListPage { f: Frame::new(&portal, &visit), agencies, agency: shown, members, now })
}
