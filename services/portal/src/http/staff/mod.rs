//! The pages of an agency's administrators: who serves there, in which office, since when and until when.

mod invite;
mod list;
mod member;

use std::{borrow::Borrow, sync::Arc};

use axum::{Router, routing::get};
use bus::subject::PLATFORM;
#[cfg(test)]
pub use invite::{InvitePage, InvitedPage};
use kernel::{Failure, Language};
#[cfg(test)]
pub use list::ListPage;
#[cfg(test)]
pub use member::MemberPage;
use proto::{
    identity::v1::{ListStaffRequest, ReadPersonRequest, Staff, operations},
    register::v1 as register,
};
use serde_json::Value;

use super::{
    Portal,
    fault::{self, Refused},
    frame::Frame,
};
use crate::{
    domain::{day, place::is_name},
    locales::TEXTS,
    store::Session,
};

/// The role whose holders say who serves in their agency.
const ADMINISTRATOR: &str = "administrator";

pub fn routes() -> Router<Arc<Portal>> {
    Router::new()
        .route("/staff", get(list::list))
        .route("/staff/{agency}/invite", get(invite::ask).post(invite::invite))
        .route("/staff/{agency}/{person}", get(member::member).post(member::change))
}

/// An office as people read it.
pub struct Office {
    pub name: String,
    pub title: String,
}

/// An agency as its administrators read it.
pub struct Agency {
    pub name: String,
    pub title: String,
    pub offices: Vec<Office>,
}

impl Agency {
    pub fn office<'a>(&'a self, name: &'a str) -> &'a str {
        self.offices.iter().find(|office| office.name == name).map_or(name, |office| office.title.as_str())
    }
}

async fn agency(portal: &Portal, language: Language, name: &str) -> Result<Agency, Refused> {
    if !is_name(name) {
        return Err(Refused(fault::no_such_page()));
    }
    let request = register::ReadAgencyRequest { agency: name.to_owned() };
    let found = portal.services.ask(&register::operations::READ_AGENCY, &request).await?;
    let resource: Value = serde_json::from_slice(&found.resource)
        .map_err(|error| Failure::internal("portal.agency", "This page is not available.").with_detail(error))?;
    let said = |text: &Value| {
        let own = text[language.tag()].as_str().or(text["uz"].as_str());
        own.map(str::to_owned)
    };
    let offices = resource["spec"]["offices"].as_array().into_iter().flatten();
    Ok(Agency {
        name: name.to_owned(),
        title: said(&resource["spec"]["title"]).unwrap_or_else(|| name.to_owned()),
        offices: offices
            .filter_map(|office| {
                let name = office["name"].as_str()?.to_owned();
                Some(Office { title: said(&office["title"]).unwrap_or_else(|| name.clone()), name })
            })
            .collect(),
    })
}

/// Agencies of which the officer is an administrator now. Identity judges each act again.
async fn administered(portal: &Portal, session: &Session) -> Result<Vec<String>, Refused> {
    let request = ReadPersonRequest { person: session.person.to_vec(), case_id: Vec::new() };
    let officer = portal.services.ask(&operations::READ_OFFICER, &request).await?;
    let administrating = officer.appointments.into_iter().filter(|role| role.role == ADMINISTRATOR);
    let mut agencies: Vec<String> = administrating.map(|role| role.agency).collect();
    agencies.sort();
    agencies.dedup();
    Ok(agencies)
}

async fn staff(portal: &Portal, session: &Session, request: &ListStaffRequest) -> Result<Staff, Refused> {
    Ok(portal.services.read(session, &operations::LIST_STAFF, PLATFORM, request).await?)
}

/// From the beginning of a day; an empty one is now.
fn from_day(typed: &str) -> Result<i64, Refused> {
    if typed.is_empty() {
        return Ok(0);
    }
    Ok(day::begins(typed).ok_or_else(no_day)?.micros())
}

/// To the end of a day; an empty one is never.
fn to_day(typed: &str) -> Result<i64, Refused> {
    if typed.is_empty() {
        return Ok(0);
    }
    Ok(day::ends(typed).ok_or_else(no_day)?.micros())
}

fn no_day() -> Failure {
    Failure::invalid("portal.day", "This is not a day. Write year, month and day, such as 2026-12-31.")
}

/// Since when and until when; the last day is the one that is still whole.
fn period(f: &Frame, from_us: impl Borrow<i64>, to_us: impl Borrow<i64>) -> String {
    let (from, to) = (f.day(from_us), *to_us.borrow());
    if to == 0 {
        return TEXTS.with(f.language, "staff-since", &[("from", from.as_str().into())]);
    }
    let to = f.day(to - 1);
    TEXTS.with(f.language, "staff-period", &[("from", from.as_str().into()), ("to", to.as_str().into())])
}

/// The text for a refusal that the administrator can put right on the same page.
fn wrong(failure: &Failure) -> Option<&'static str> {
    Some(match failure.code.as_ref() {
        "pinfl.length" | "pinfl.check-digit" | "pinfl.birth-date" => "staff-wrong-pinfl",
        "identity.login-taken" => "staff-wrong-login",
        "identity.appointment" => "staff-wrong-missing",
        "identity.role" => "staff-wrong-role",
        "identity.office-unknown" | "identity.administrator-office" => "staff-wrong-office",
        "identity.dates" | "portal.day" => "staff-wrong-dates",
        "identity.own-access" => "staff-wrong-own",
        "identity.substitute-self" | "identity.substitute-no-role" => "staff-wrong-substitute",
        "identity.substitute-elsewhen" => "staff-wrong-elsewhen",
        _ => return None,
    })
}
