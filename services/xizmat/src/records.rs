//! `xizmat records`: an archivist lays a legal hold on a case, ends it, or orders a case's erasure before its time.

use clap::{Args, Subcommand};
use kernel::Failure;
use proto::eservice::v1::{
    EraseCaseRequest, HoldCaseRequest,
    operations::{ERASE_CASE, HOLD_CASE},
};

use crate::officer::Officer;

#[derive(Subcommand)]
pub enum What {
    /// Nothing of the case is erased until the hold is released.
    Hold(Order),
    /// Ends a hold.
    Release(Order),
    /// Erases an ended case before its retention is over, a day after its last change.
    Erase {
        #[command(flatten)]
        order: Order,
        /// The act or decision that orders it; the applicant is shown it.
        #[arg(long)]
        legal_basis: String,
    },
}

#[derive(Args)]
pub struct Order {
    /// The case's number.
    number: String,
    /// The service that it is a case of.
    #[arg(long)]
    service: String,
    /// Why, for the record; without personal data.
    #[arg(long)]
    reason: String,
    #[command(flatten)]
    archivist: Officer,
}

pub async fn run(what: What) -> Result<(), Failure> {
    let (release, order, basis) = match what {
        What::Hold(order) => (false, order, None),
        What::Release(order) => (true, order, None),
        What::Erase { order, legal_basis } => (false, order, Some(legal_basis)),
    };
    let (number, reason) = (order.number.clone(), order.reason.clone());
    match basis {
        Some(legal_basis) => {
            let request = EraseCaseRequest { number, reason, legal_basis, ..EraseCaseRequest::default() };
            order.archivist.ask(&ERASE_CASE, Some(&order.service), &request).await?;
            println!("{} is erased a day after its last change.", order.number);
        }
        None => {
            let request = HoldCaseRequest { number, reason, release, ..HoldCaseRequest::default() };
            order.archivist.ask(&HOLD_CASE, Some(&order.service), &request).await?;
            println!("{}: {}", order.number, if release { "the hold has ended." } else { "held." });
        }
    }
    Ok(())
}
