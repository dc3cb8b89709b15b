//! `xizmat cases`: whoever leads an office sees which cases are stuck, and has a step that failed tried again.

use clap::{Args, Subcommand};
use kernel::{Failure, Time};
use proto::eservice::v1::{
    ListStuckRequest, RetryStepRequest,
    operations::{LIST_STUCK, RETRY_STEP},
};

use crate::officer::Officer;

#[derive(Subcommand)]
pub enum What {
    /// Cases that wait for something which nobody may ever do: what for, since when, and who asked for another try.
    Stuck(Where),
    /// Asks for another try of the step of a case that failed, or agrees to what another lead asked for.
    Retry {
        /// The case's number.
        number: String,
        /// Why, for the record and whoever has to agree; without personal data. Not needed to agree.
        #[arg(long, default_value = "")]
        reason: String,
        /// To agree: the moment of what another lead asked for, as `xizmat cases stuck` shows it.
        #[arg(long, default_value_t = 0)]
        asked: i64,
        /// Which place of the case, where more than one step of it failed.
        #[arg(long = "place", default_value_t = 0)]
        token: u32,
        #[command(flatten)]
        place: Where,
    },
}

#[derive(Args)]
pub struct Where {
    /// The service that it is about.
    #[arg(long)]
    service: String,
    #[command(flatten)]
    lead: Officer,
}

pub async fn run(what: What) -> Result<(), Failure> {
    match what {
        What::Stuck(place) => {
            let request = ListStuckRequest { agency: place.lead.agency.clone(), service: place.service.clone() };
            let stuck = place.lead.ask(&LIST_STUCK, Some(&place.service), &request).await?;
            for one in &stuck.cases {
                let since = Time::from_micros(one.since_us);
                // What is typed from paper has no number before it is sent.
                let name = if one.number.is_empty() { &one.original } else { &one.number };
                println!("{name}  {} {} {}  since {since}, place {}", one.kind, one.step, one.code, one.token);
                if !one.asked_by.is_empty() {
                    println!("  {} asks for another try: {}", one.asked_name, one.asked_reason);
                    println!("  to agree: --asked {}", one.asked_us);
                }
            }
            println!("{} stuck", stuck.count);
        }
        What::Retry { number, reason, asked, token, place } => {
            let request = RetryStepRequest {
                number: number.clone(),
                reason,
                token,
                asked_us: asked,
                ..RetryStepRequest::default()
            };
            place.lead.ask(&RETRY_STEP, Some(&place.service), &request).await?;
            let done = if asked == 0 { "asked for; another lead has to agree" } else { "tried again" };
            println!("{number}: {done}.");
        }
    }
    Ok(())
}
