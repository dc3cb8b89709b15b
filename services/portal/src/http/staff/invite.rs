//! Gives a person their first role in the agency, and shows once at which address they set up their account.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use bus::subject::PLATFORM;
use proto::identity::v1::{Appointment, InviteOfficerReply, InviteOfficerRequest, ListStaffRequest, operations};

use super::{Agency, agency, from_day, staff, to_day, wrong};
use crate::{
    domain::form,
    http::{
        Portal, Shared,
        fault::Refused,
        frame::{Frame, page},
        posted::Posted,
        visit::Officer,
    },
    store::Session,
};

#[derive(Template)]
#[template(path = "staff_invite.html")]
pub struct InvitePage {
    pub f: Frame,
    pub agency: Agency,
    /// As it was typed.
    pub typed: Vec<(String, String)>,
    /// Key of the text that says what is wrong.
    pub wrong: Option<&'static str>,
}

impl InvitePage {
    pub fn typed(&self, name: &str) -> &str {
        form::control(&self.typed, name)
    }

    pub fn is_chosen(&self, office: &str) -> bool {
        self.typed("_office") == office
    }
}

#[derive(Template)]
#[template(path = "staff_invited.html")]
pub struct InvitedPage {
    pub f: Frame,
    pub agency: String,
    pub name: String,
    /// Empty where they have an account already.
    pub invitation: String,
}

pub async fn ask(
    State(portal): Shared,
    Officer(visit, session): Officer,
    Path(name): Path<String>,
) -> Result<Response, Refused> {
    let agency = agency(&portal, visit.language, &name).await?;
    // Whoever is no administrator there hears it before they type somebody's number.
    let anybody = ListStaffRequest { agency: name.clone(), ..ListStaffRequest::default() };
    staff(&portal, &session, &anybody).await?;
    page(&InvitePage { f: Frame::new(&portal, &visit), agency, typed: Vec::new(), wrong: None })
}

pub async fn invite(
    State(portal): Shared,
    Officer(visit, session): Officer,
    Path(name): Path<String>,
    posted: Posted,
) -> Result<Response, Refused> {
    let agency = agency(&portal, visit.language, &name).await?;
    match order(&portal, &session, &name, &posted).await {
        Ok(InviteOfficerReply { member, invitation }) => {
            let name = member.unwrap_or_default().display_name;
            page(&InvitedPage { f: Frame::new(&portal, &visit), agency: agency.name, name, invitation })
        }
        Err(Refused(failure)) => {
            let Some(key) = wrong(&failure) else { return Err(Refused(failure)) };
            page(&InvitePage { f: Frame::new(&portal, &visit), agency, typed: posted.0, wrong: Some(key) })
        }
    }
}

async fn order(
    portal: &Portal,
    session: &Session,
    agency: &str,
    posted: &Posted,
) -> Result<InviteOfficerReply, Refused> {
    let typed = |name: &str| posted.control(name).trim().to_owned();
    let request = InviteOfficerRequest {
        login: typed("_login"),
        display_name: typed("_name"),
        pinfl: typed("_pinfl"),
        appointment: Some(Appointment {
            agency: agency.to_owned(),
            office: typed("_office"),
            role: typed("_role"),
            from_us: from_day(&typed("_from"))?,
            to_us: to_day(&typed("_to"))?,
        }),
    };
    let operation = &operations::INVITE_OFFICER;
    Ok(portal.services.command(session, operation, PLATFORM, &request, posted.command()?).await?)
}
