//! One officer of the agency: their roles, who stands in for them, and the end of their access.

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse, Redirect, Response},
};
use bus::subject::PLATFORM;
use kernel::PersonId;
use proto::identity::v1::{
    Appointment, EndAccessRequest, EndRoleRequest, EndSubstituteRequest, GiveRoleRequest, ListStaffRequest,
    NameSubstituteRequest, StaffMember, Substitute, operations,
};
use serde::Deserialize;

use super::{Agency, agency, from_day, period, staff, to_day, wrong};
use crate::{
    domain::form,
    http::{
        Portal, Shared,
        fault::{self, Refused},
        frame::{Frame, hex, page},
        posted::Posted,
        visit::{Officer, Visit},
    },
    store::Session,
};

#[derive(Template)]
#[template(path = "staff_member.html")]
pub struct MemberPage {
    pub f: Frame,
    pub agency: Agency,
    pub member: StaffMember,
    /// Who may stand in for them.
    pub others: Vec<StaffMember>,
    pub now: i64,
    pub done: bool,
    /// As it was typed.
    pub typed: Vec<(String, String)>,
    /// The part of the page that was not taken, and the key of the text that says why.
    pub wrong: Option<(&'static str, &'static str)>,
}

impl MemberPage {
    pub fn action(&self) -> String {
        format!("/staff/{}/{}", self.agency.name, hex(&self.member.person))
    }

    pub fn person(&self, bytes: &[u8]) -> String {
        hex(bytes)
    }

    pub fn period(&self, held: &Appointment) -> String {
        period(&self.f, held.from_us, held.to_us)
    }

    pub fn while_away(&self, substitute: &Substitute) -> String {
        period(&self.f, substitute.from_us, substitute.to_us)
    }

    pub fn is_over(&self, held: &Appointment) -> bool {
        held.to_us != 0 && held.to_us <= self.now
    }

    pub fn typed(&self, name: &str) -> &str {
        form::control(&self.typed, name)
    }

    pub fn is_chosen(&self, office: &str) -> bool {
        self.typed("_office") == office
    }

    pub fn wrong_in(&self, part: &str) -> Option<&'static str> {
        self.wrong.filter(|(at, _)| *at == part).map(|(_, key)| key)
    }
}

#[derive(Deserialize)]
pub struct Came {
    #[serde(default)]
    done: String,
}

pub async fn member(
    State(portal): Shared,
    Officer(visit, session): Officer,
    Path((name, person)): Path<(String, String)>,
    Query(came): Query<Came>,
) -> Result<Response, Refused> {
    let place = Place::new(&name, &person)?;
    show(&portal, &visit, &session, &place, Shown { done: came.done == "yes", ..Shown::default() }).await
}

pub async fn change(
    State(portal): Shared,
    Officer(visit, session): Officer,
    Path((name, person)): Path<(String, String)>,
    posted: Posted,
) -> Result<Response, Refused> {
    let place = Place::new(&name, &person)?;
    let act = posted.control("_act").to_owned();
    let Err(Refused(failure)) = order(&portal, &session, &place, &act, &posted).await else {
        return Ok(Redirect::to(&format!("/staff/{}/{}?done=yes", place.agency, place.person)).into_response());
    };
    let Some(key) = wrong(&failure) else { return Err(Refused(failure)) };
    let part = if act.contains("substitute") { "substitutes" } else { "roles" };
    let shown = Shown { typed: posted.0, wrong: Some((part, key)), ..Shown::default() };
    show(&portal, &visit, &session, &place, shown).await
}

/// An officer as addresses name them.
struct Place {
    agency: String,
    person: PersonId,
}

impl Place {
    fn new(agency: &str, person: &str) -> Result<Self, Refused> {
        let person = person.parse().map_err(|_| fault::no_such_page())?;
        Ok(Self { agency: agency.to_owned(), person })
    }
}

/// What a page says beside what there is.
#[derive(Default)]
struct Shown {
    done: bool,
    typed: Vec<(String, String)>,
    wrong: Option<(&'static str, &'static str)>,
}

async fn show(
    portal: &Portal,
    visit: &Visit,
    session: &Session,
    place: &Place,
    shown: Shown,
) -> Result<Response, Refused> {
    let agency = agency(portal, visit.language, &place.agency).await?;
    let now = portal.clock.now().micros();
    let request =
        ListStaffRequest { agency: place.agency.clone(), person: place.person.to_vec(), ..ListStaffRequest::default() };
    let mut others = staff(portal, session, &request).await?.members.into_iter();
    let member = others.next().ok_or_else(fault::no_such_page)?;
    let serves = |held: &Appointment| held.to_us == 0 || now < held.to_us;
    let others = others.filter(|other| !other.own && other.appointments.iter().any(serves)).collect();
    let Shown { done, typed, wrong } = shown;
    page(&MemberPage { f: Frame::new(portal, visit), agency, member, others, now, done, typed, wrong })
}

async fn order(portal: &Portal, session: &Session, place: &Place, act: &str, posted: &Posted) -> Result<(), Refused> {
    let (agency, person) = (place.agency.clone(), place.person.to_vec());
    let typed = |name: &str| posted.control(name).trim().to_owned();
    let (services, command) = (&portal.services, posted.command()?);
    match act {
        "give" => {
            let appointment = Appointment {
                agency,
                office: typed("_office"),
                role: typed("_role"),
                from_us: from_day(&typed("_from"))?,
                to_us: to_day(&typed("_to"))?,
            };
            let request = GiveRoleRequest { person, appointment: Some(appointment) };
            services.command(session, &operations::GIVE_ROLE, PLATFORM, &request, command).await?;
        }
        "end-role" => {
            let request = EndRoleRequest { person, agency, office: typed("_office"), role: typed("_role") };
            services.command(session, &operations::END_ROLE, PLATFORM, &request, command).await?;
        }
        "substitute" => {
            let request = NameSubstituteRequest {
                agency,
                absent: person,
                substitute: substitute(&typed("_person"))?,
                from_us: from_day(&typed("_since"))?,
                to_us: to_day(&typed("_until"))?,
            };
            services.command(session, &operations::NAME_SUBSTITUTE, PLATFORM, &request, command).await?;
        }
        "end-substitute" => {
            let substitute = substitute(&typed("_person"))?;
            let request = EndSubstituteRequest { agency, absent: person, substitute };
            services.command(session, &operations::END_SUBSTITUTE, PLATFORM, &request, command).await?;
        }
        "end" => {
            let request = EndAccessRequest { agency, person };
            services.command(session, &operations::END_ACCESS, PLATFORM, &request, command).await?;
        }
        _ => return Err(Refused(fault::no_such_page())),
    }
    Ok(())
}

fn substitute(typed: &str) -> Result<Vec<u8>, Refused> {
    let person: PersonId = typed.parse().map_err(|_| fault::no_such_page())?;
    Ok(person.to_vec())
}
