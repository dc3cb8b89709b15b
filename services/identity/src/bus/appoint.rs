//! Gives a person a role in an office; a trial platform's demo officers get their password and second factor with it.

use boot::Stage;
use kernel::{Failure, Personal, Time, bytes, pinfl::Pinfl};
use proto::identity::v1::{AppointOfficerReply, AppointOfficerRequest};

use crate::{
    domain::{person::Appointment, staff::is_wide_enough, totp},
    provider::Provider,
    store::invitations::Appointing,
};

pub async fn appoint(
    provider: &Provider,
    request: AppointOfficerRequest,
    caller: &str,
) -> Result<AppointOfficerReply, Failure> {
    let appointment = request.appointment.ok_or_else(|| refused("an appointment"))?;
    for (value, what) in [
        (&request.login, "a login"),
        (&request.display_name, "a display name"),
        (&appointment.agency, "an agency"),
        (&appointment.role, "a role"),
    ] {
        if value.trim().is_empty() || value.len() > 200 {
            return Err(refused(what));
        }
    }
    let appointment = Appointment {
        agency: appointment.agency,
        office: appointment.office,
        role: appointment.role,
        from: Time::from_micros(appointment.from_us),
        to: (appointment.to_us != 0).then(|| Time::from_micros(appointment.to_us)),
    };
    is_wide_enough(&appointment)?;
    let demo = demo(provider, request.demo_password, request.demo_totp_secret).await?;
    let appointing = Appointing {
        pinfl: Pinfl::parse(&request.pinfl)?,
        login: request.login,
        display_name: request.display_name,
        appointment,
        demo,
    };
    let appointed = provider.store.appoint(appointing, caller).await?;
    let invitation = appointed.invitation;
    Ok(AppointOfficerReply {
        person: appointed.person.to_vec(),
        invitation: invitation
            .map(|token| provider.address(&format!("/invitation/{}", token.reveal())))
            .unwrap_or_default(),
    })
}

async fn demo(provider: &Provider, password: String, secret: String) -> Result<Option<(String, String)>, Failure> {
    if password.is_empty() {
        return Ok(None);
    }
    if provider.stage != Stage::Trial {
        return Err(Failure::forbidden(
            "identity.demo-account",
            "Demo accounts exist on a trial platform only. Leave the demo password out: the officer is invited.",
        ));
    }
    totp::from_base32(&secret)?;
    let phc = provider.passwords.hash(Personal::new(password), bytes(&*provider.random)).await?;
    Ok(Some((phc, secret)))
}

pub(super) fn refused(what: &str) -> Failure {
    Failure::invalid("identity.appointment", format!("An appointment needs {what}."))
}
