//! Everybody who serves in an agency, for its administrators.

use askama::Template;
use axum::{
    extract::{Query, State},
    response::Response,
};
use kernel::PersonId;
use proto::{
    docket::v1::Unstaffed,
    identity::v1::{Appointment, ListStaffRequest, StaffMember},
};
use serde::Deserialize;

use super::{Agency, administered, agency, period, staff};
use crate::http::{
    Shared,
    fault::{self, Refused},
    frame::{Frame, hex, page},
    officer::unstaffed,
    pages::Pages,
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
    /// Tasks that nobody can take; none: that is not known now.
    pub unstaffed: Option<Unstaffed>,
    pub pages: Pages,
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
    #[serde(default)]
    after: String,
}

pub async fn list(
    State(portal): Shared,
    Officer(visit, session): Officer,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Refused> {
    let agencies = administered(&portal, &session).await?;
    let chosen = agencies.iter().find(|agency| **agency == wanted.agency).or(agencies.first()).cloned();
    let (mut shown, mut members, mut pages, mut cannot) = (None, Vec::new(), Pages::default(), None);
    if let Some(name) = &chosen {
        let after = match wanted.after.as_str() {
            "" => Vec::new(),
            person => person.parse::<PersonId>().map_err(|_| fault::no_such_page())?.to_vec(),
        };
        let request = ListStaffRequest { agency: name.clone(), after, ..ListStaffRequest::default() };
        let staff = staff(&portal, &session, &request).await?;
        pages = Pages::of(&format!("/staff?agency={name}"), &wanted.after, &hex(&staff.next));
        let told = agency(&portal, visit.language, name).await?;
        cannot = unstaffed(&portal, &session, name, |office| Some(told.office(office).to_owned())).await;
        (shown, members) = (Some(told), staff.members);
    }
    let now = portal.clock.now().micros();
    page(&ListPage { f: Frame::new(&portal, &visit), agencies, agency: shown, members, unstaffed: cannot, pages, now })
}
