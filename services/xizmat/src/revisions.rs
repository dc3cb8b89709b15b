//! `xizmat revisions`: which revisions of a service people are offered, and whether new applications are taken. On Kubernetes
//! the operator does this by itself.

use bus::{Bus, subject::PLATFORM};
use clap::{Args, Subcommand, ValueEnum};
use kernel::{Failure, Hash, Time};
use proto::register::v1::{
    PlaceRevisionRequest, Placement, ReadPlacementRequest, SetIntakeRequest,
    operations::{PLACE_REVISION, READ_PLACEMENT, SET_INTAKE},
};

use crate::as_operator::AsOperator;

#[derive(Subcommand)]
pub enum What {
    /// Lists what was admitted, the newest first, and to what share of people it is offered.
    List(Of),
    /// Offers a revision to another share of people; 0 takes it back. What is law is offered to everybody.
    Offer {
        #[command(flatten)]
        of: Of,
        /// The revision, or as much of its beginning as tells it from the others.
        revision: String,
        /// Of people, in percent.
        #[arg(long)]
        share: i32,
        /// Why, for the record; without personal data.
        #[arg(long, default_value = "")]
        reason: String,
    },
    /// Stops taking new applications, or takes them again. What was sent runs on.
    Intake {
        #[command(flatten)]
        of: Of,
        state: Intake,
    },
}

#[derive(Args)]
pub struct Of {
    /// The agency that owns the service.
    #[arg(long)]
    agency: String,
    #[arg(long)]
    service: String,
    #[command(flatten)]
    operator: AsOperator,
}

#[derive(Clone, Copy, ValueEnum)]
pub enum Intake {
    /// New applications are taken.
    Open,
    /// Stopped for now: people are told that there is a fault.
    Unhealthy,
    /// Stopped for good: people are told that the service has ended.
    Ending,
}

pub async fn run(what: What) -> Result<(), Failure> {
    match what {
        What::List(of) => {
            let (_, bus) = of.operator.connect().await?;
            print(&placement(&bus, of.agency, of.service).await?);
        }
        What::Offer { of, revision, share, reason } => {
            let (_, bus) = of.operator.connect().await?;
            let known = placement(&bus, of.agency.clone(), of.service.clone()).await?;
            let revision = named(&known, &revision)?;
            let (agency, service) = (of.agency.clone(), of.service.clone());
            let request = PlaceRevisionRequest { agency, service, revision: revision.to_vec(), share, reason };
            bus.request(&PLACE_REVISION, PLATFORM, &request).await?;
            print(&placement(&bus, of.agency, of.service).await?);
        }
        What::Intake { of, state } => {
            let (_, bus) = of.operator.connect().await?;
            let (open, reason) = match state {
                Intake::Open => (true, ""),
                Intake::Unhealthy => (false, "unhealthy"),
                Intake::Ending => (false, "ending"),
            };
            let (agency, service) = (of.agency.clone(), of.service.clone());
            let request = SetIntakeRequest { agency, service, open, reason: reason.to_owned() };
            bus.request(&SET_INTAKE, PLATFORM, &request).await?;
            print(&placement(&bus, of.agency, of.service).await?);
        }
    }
    Ok(())
}

async fn placement(bus: &Bus, agency: String, service: String) -> Result<Placement, Failure> {
    let placement = bus.request(&READ_PLACEMENT, PLATFORM, &ReadPlacementRequest { agency, service }).await?;
    if placement.revisions.is_empty() {
        return Err(Failure::not_found("service.unknown", "There is no such service. Name its agency, too."));
    }
    Ok(placement)
}

/// The one revision that begins so.
fn named(known: &Placement, beginning: &str) -> Result<Hash, Failure> {
    let revisions = known.revisions.iter().map(|placed| Hash::from_slice(&placed.revision));
    let revisions = revisions.collect::<Result<Vec<_>, _>>()?;
    let mut found = revisions.iter().filter(|revision| revision.to_string().starts_with(beginning));
    match (found.next(), found.next()) {
        (Some(revision), None) => Ok(*revision),
        (None, _) => Err(Failure::not_found("revision.unknown", "No revision of the service begins so.")),
        (Some(_), Some(_)) => {
            Err(Failure::invalid("revision.ambiguous", "Several revisions begin so. Write more of it."))
        }
    }
}

fn print(placement: &Placement) {
    println!("{:<14}{:<8}{:<14}{:<12}{:<18}REASON", "REVISION", "SHARE", "CHANGE", "FROM", "ADMITTED");
    for placed in &placement.revisions {
        let revision: String = Hash::from_slice(&placed.revision)
            .map(|hash| hash.to_string())
            .unwrap_or_default()
            .chars()
            .take(12)
            .collect();
        let admitted: String = Time::from_micros(placed.admitted_us).to_string().chars().take(16).collect();
        let from = if placed.effective_from.is_empty() { "at once" } else { &placed.effective_from };
        let share = format!("{} %", placed.share);
        println!("{revision:<14}{share:<8}{:<14}{from:<12}{admitted:<18}{}", placed.change, placed.reason);
    }
    let why =
        if placement.intake_reason.is_empty() { String::new() } else { format!(" ({})", placement.intake_reason) };
    println!("New applications: {}{why}", placement.intake);
}
