//! `xizmat officers appoint`: whoever runs the platform gives a person a role in an agency, and gets the invitation to hand to them.
//!
//! An agency's first administrator comes this way; nobody else could appoint them. Whoever can read the operator's keys may.

use clap::{Args, Subcommand};
use kernel::{Failure, Time};
use proto::identity::v1::{AppointOfficerRequest, Appointment, operations::APPOINT_OFFICER};

use crate::{
    as_operator::AsOperator,
    staff::{self, pinfl},
};

#[derive(Subcommand)]
pub enum What {
    /// As whoever runs the platform: gives a person a role in an office. Their PINFL is asked for, so that it stands in no list of
    /// processes.
    Appoint(Order),
    #[command(flatten)]
    Staff(staff::What),
}

#[derive(Args)]
pub struct Order {
    /// What the officer signs in with.
    #[arg(long)]
    login: String,
    /// The officer's name, as colleagues read it.
    #[arg(long)]
    name: String,
    /// The agency in which they serve.
    #[arg(long)]
    agency: String,
    /// The office; left out: the whole agency.
    #[arg(long, default_value = "")]
    office: String,
    /// The role, such as `administrator`, who appoints the agency's others, or `registrar`. An `auditor` of the agency `platform` audits
    /// everything.
    #[arg(long)]
    role: String,
    /// From when on, such as 2027-01-01T00:00:00Z; left out: from now on.
    #[arg(long)]
    from: Option<Time>,
    /// Until when; left out: until it is ended.
    #[arg(long)]
    until: Option<Time>,
    #[command(flatten)]
    operator: AsOperator,
}

pub async fn run(what: What) -> Result<(), Failure> {
    match what {
        What::Appoint(order) => appoint(order).await,
        What::Staff(what) => staff::run(what).await,
    }
}

async fn appoint(order: Order) -> Result<(), Failure> {
    let pinfl = pinfl()?;
    let (kit, bus) = order.operator.connect().await?;
    let request = AppointOfficerRequest {
        login: order.login.clone(),
        display_name: order.name,
        pinfl,
        appointment: Some(Appointment {
            agency: order.agency.clone(),
            office: order.office,
            role: order.role,
            from_us: order.from.unwrap_or_else(|| kit.clock.now()).micros(),
            to_us: order.until.map_or(0, Time::micros),
        }),
        ..AppointOfficerRequest::default()
    };
    let appointed = bus.request(&APPOINT_OFFICER, &order.agency, &request).await?;
    match appointed.invitation.as_str() {
        "" => println!("{} is appointed and signs in as before.", order.login),
        address => println!("{} is appointed. Hand them this address, and nobody else:\n{address}", order.login),
    }
    Ok(())
}
