//! An officer opened a case: the applicant reads it among the calls of registries.

use kernel::{Failure, Time, id::PersonId};
use proto::eservice::v1::CaseOpened;
use sql::Tx;

use crate::store::data_use::{self, Opened, Use, Words};

pub async fn take(tx: &mut Tx, opened: CaseOpened) -> Result<(), Failure> {
    let case = opened.case.unwrap_or_default();
    let used = Use {
        time: Time::from_micros(opened.time_us),
        person: Some(PersonId::from_slice(&opened.applicant)?),
        asking_agency: opened.agency,
        service: case.service,
        // Whose the case is: there the typed reason is kept.
        owner: case.agency,
        purpose: Words::of(&opened.purpose.unwrap_or_default()),
        case_id: case.case_id,
        cause: opened.opening,
        ..Use::default()
    };
    let (office, role) = (opened.office, opened.role);
    let opened = Opened { office, role, document: opened.document, reasoned: opened.reasoned, searched: false };
    Ok(data_use::record_opening(tx, &used, &opened).await?)
}
