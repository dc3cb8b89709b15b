//! An officer opened a case: the applicant, and whoever else's answers are part of it, read it among the calls of registries.

use kernel::{Failure, Time, id::PersonId};
use proto::eservice::v1::CaseOpened;
use sql::Tx;

use crate::store::data_use::{self, Opened, Use, Words};

pub async fn take(tx: &mut Tx, opened: CaseOpened) -> Result<(), Failure> {
    let case = opened.case.unwrap_or_default();
    let used = Use {
        time: Time::from_micros(opened.time_us),
        asking_agency: opened.agency,
        service: case.service,
        // Whose the case is: there the typed reason is kept.
        owner: case.agency,
        purpose: Words::of(&opened.purpose.unwrap_or_default()),
        case_id: case.case_id,
        cause: opened.opening,
        ..Use::default()
    };
    let (office, role, document, reasoned) = (opened.office, opened.role, opened.document, opened.reasoned);
    let seen = Opened { office, role, document, reasoned, searched: false };
    record(tx, &used, &opened.applicant, &seen).await?;
    // What was typed stays with the case, which they may not read.
    let seen = Opened { reasoned: false, ..seen };
    for party in &opened.parties {
        record(tx, &used, party, &seen).await?;
    }
    Ok(())
}

async fn record(tx: &mut Tx, used: &Use, person: &[u8], seen: &Opened) -> Result<(), Failure> {
    let used = Use { person: Some(PersonId::from_slice(person)?), ..used.clone() };
    Ok(data_use::record_opening(tx, &used, seen).await?)
}
