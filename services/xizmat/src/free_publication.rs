//! `xizmat free-publication`: a lawyer or a head agrees that their agency publishes without approval from now on.

use kernel::Failure;
use proto::register::v1::{FreePublicationRequest, operations::FREE_PUBLICATION};

use crate::officer::Officer;

pub async fn run(officer: Officer) -> Result<(), Failure> {
    let request = FreePublicationRequest { agency: officer.agency.clone() };
    let stands = officer.ask(&FREE_PUBLICATION, None, &request).await?;
    match stands.missing.as_slice() {
        [] => println!("Agreed by both: {} publishes whatever is sound from now on.", officer.agency),
        missing => println!("Agreed by you. Still missing: {}", missing.join(", ")),
    }
    Ok(())
}
