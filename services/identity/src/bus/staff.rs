//! An administrator's questions and orders about who serves in their agency, and where nobody does.

use std::sync::Arc;

use ::bus::{Bus, Call, subject::PLATFORM};
use kernel::{Failure, PersonId, Time, pinfl::Pinfl};
use proto::{
    identity::v1::{
        self as wire, EndAccessRequest, EndRoleRequest, EndSubstituteRequest, GiveRoleRequest, InviteOfficerReply,
        InviteOfficerRequest, ListStaffRequest, NameSubstituteRequest, Places, Staff, StaffMember,
    },
    register::v1::{ReadAgencyRequest, operations::READ_AGENCY},
};

use super::appoint::refused;
use crate::{
    domain::{
        person::Appointment,
        staff::{Window, acceptable},
    },
    provider::Provider,
    store::staff::{Acting, Inviting, Member, Place, Whom},
};

/// One reply has to hold what was asked.
const PLACES_MAX: usize = 500;
const NAME_BYTES_MAX: usize = 200;

pub struct Desk {
    pub provider: Arc<Provider>,
    pub bus: Bus,
}

pub async fn list(desk: &Desk, call: Call<ListStaffRequest>) -> Result<Staff, Failure> {
    let acting = acting(&call, &call.request.agency)?;
    let named = |bytes: &[u8]| (!bytes.is_empty()).then(|| PersonId::from_slice(bytes)).transpose();
    let whom = match named(&call.request.person)? {
        Some(person) => Whom::Beside(person),
        None => Whom::After(named(&call.request.after)?),
    };
    let found = desk.provider.store.staff(acting, whom).await?;
    Ok(Staff {
        members: found.members.into_iter().map(|member| told(member, acting)).collect(),
        next: found.next.map(|person| person.to_vec()).unwrap_or_default(),
    })
}

pub async fn invite(desk: &Desk, call: Call<InviteOfficerRequest>) -> Result<InviteOfficerReply, Failure> {
    let InviteOfficerRequest { login, display_name, pinfl, appointment } = &call.request;
    let appointment = given(desk, appointment.as_ref()).await?;
    for (text, what) in [(login, "a login"), (display_name, "a display name")] {
        if text.trim().is_empty() || text.len() > NAME_BYTES_MAX || text.chars().any(char::is_control) {
            return Err(refused(what));
        }
    }
    let acting = acting(&call, &appointment.agency)?;
    let inviting = Inviting {
        pinfl: Pinfl::parse(pinfl)?,
        login: login.clone(),
        display_name: display_name.trim().to_owned(),
        appointment: appointment.clone(),
    };
    let (member, token) = desk.provider.store.invite_officer(acting, inviting).await?;
    let address = |token: &str| desk.provider.address(&format!("/invitation/{token}"));
    let invitation = token.map(|token| address(token.reveal())).unwrap_or_default();
    Ok(InviteOfficerReply { member: Some(told(member, acting)), invitation })
}

pub async fn give_role(desk: &Desk, call: Call<GiveRoleRequest>) -> Result<StaffMember, Failure> {
    let GiveRoleRequest { person, appointment } = &call.request;
    let appointment = given(desk, appointment.as_ref()).await?;
    let acting = acting(&call, &appointment.agency)?;
    let person = PersonId::from_slice(person)?;
    Ok(told(desk.provider.store.give_role(acting, person, &appointment).await?, acting))
}

pub async fn end_role(desk: &Desk, call: Call<EndRoleRequest>) -> Result<StaffMember, Failure> {
    let EndRoleRequest { person, agency, office, role } = &call.request;
    let (acting, person) = (acting(&call, agency)?, PersonId::from_slice(person)?);
    Ok(told(desk.provider.store.end_role(acting, person, (office, role)).await?, acting))
}

pub async fn name_substitute(desk: &Desk, call: Call<NameSubstituteRequest>) -> Result<StaffMember, Failure> {
    let NameSubstituteRequest { agency, absent, substitute, from_us, to_us } = &call.request;
    let acting = acting(&call, agency)?;
    let persons = (PersonId::from_slice(absent)?, PersonId::from_slice(substitute)?);
    let window = Window { from: beginning(desk, *from_us), to: Time::from_micros(*to_us) };
    Ok(told(desk.provider.store.name_substitute(acting, persons, &window).await?, acting))
}

pub async fn end_substitute(desk: &Desk, call: Call<EndSubstituteRequest>) -> Result<StaffMember, Failure> {
    let EndSubstituteRequest { agency, absent, substitute } = &call.request;
    let acting = acting(&call, agency)?;
    let persons = (PersonId::from_slice(absent)?, PersonId::from_slice(substitute)?);
    Ok(told(desk.provider.store.end_substitute(acting, persons).await?, acting))
}

pub async fn end_access(desk: &Desk, call: Call<EndAccessRequest>) -> Result<StaffMember, Failure> {
    let EndAccessRequest { agency, person } = &call.request;
    let (acting, person) = (acting(&call, agency)?, PersonId::from_slice(person)?);
    Ok(told(desk.provider.store.end_access(acting, person).await?, acting))
}

pub async fn unstaffed(desk: &Desk, call: Call<Places>) -> Result<Places, Failure> {
    if call.request.places.len() > PLACES_MAX {
        return Err(Failure::invalid("identity.places", "At most 500 places are asked about at once."));
    }
    let place = |wire::Place { agency, office, role }| Place { agency, office, role };
    let asked = call.request.places.into_iter().map(place).collect();
    let mut told = Places::default();
    for (Place { agency, office, role }, persons) in desk.provider.store.few(asked).await? {
        let place = wire::Place { agency, office, role };
        if persons.is_empty() {
            told.places.push(place);
        } else {
            let persons = persons.into_iter().map(kernel::PersonId::to_vec).collect();
            told.few.push(wire::Holders { place: Some(place), persons });
        }
    }
    Ok(told)
}

fn acting<'a, Q>(call: &'a Call<Q>, agency: &'a str) -> Result<Acting<'a>, Failure> {
    let person = call.person()?;
    Ok(Acting { person: person.id, officer: person.officer, agency, through: &call.caller })
}

/// A role as it can be given: the agency has the office today.
async fn given(desk: &Desk, appointment: Option<&wire::Appointment>) -> Result<Appointment, Failure> {
    let given = appointment.ok_or_else(|| refused("an appointment"))?;
    let appointment = Appointment {
        agency: given.agency.clone(),
        office: given.office.clone(),
        role: given.role.clone(),
        from: beginning(desk, given.from_us),
        to: (given.to_us != 0).then(|| Time::from_micros(given.to_us)),
    };
    let offices = if given.office.is_empty() { Vec::new() } else { offices(&desk.bus, &given.agency).await? };
    acceptable(&appointment, &offices)?;
    Ok(appointment)
}

async fn offices(bus: &Bus, agency: &str) -> Result<Vec<String>, Failure> {
    let request = ReadAgencyRequest { agency: agency.to_owned() };
    let found = bus.request(&READ_AGENCY, PLATFORM, &request).await?;
    let resource: serde_json::Value = serde_json::from_slice(&found.resource).map_err(|error| {
        Failure::internal("identity.agency-unreadable", "What the agency says about itself cannot be read.")
            .with_detail(error)
    })?;
    let offices = resource["spec"]["offices"].as_array().into_iter().flatten();
    Ok(offices.filter_map(|office| office["name"].as_str()).map(str::to_owned).collect())
}

fn beginning(desk: &Desk, from_us: i64) -> Time {
    if from_us == 0 { desk.provider.clock.now() } else { Time::from_micros(from_us) }
}

fn told(member: Member, acting: Acting<'_>) -> StaffMember {
    StaffMember {
        own: member.person == acting.person,
        person: member.person.to_vec(),
        display_name: member.display_name,
        appointments: member.appointments.into_iter().map(super::read::appointment).collect(),
        substitutes: member
            .substitutes
            .into_iter()
            .map(|substitute| wire::Substitute {
                person: substitute.person.to_vec(),
                display_name: substitute.display_name,
                from_us: substitute.window.from.micros(),
                to_us: substitute.window.to.micros(),
            })
            .collect(),
        invited: member.invited,
    }
}
