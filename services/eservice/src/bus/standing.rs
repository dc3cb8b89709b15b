//! Signing and payments ask what somebody is in a case: a document and a payment belong to its applicant, and a representative
//! comes to them only as long as the mandate gives them the case.

use std::sync::Arc;

use bus::{Assurance, Call, Person};
use kernel::{CaseId, CommandId, ErrorKind, Failure, PersonId};
use proto::eservice::v1::{ReadStandingRequest, Standing};

use super::own;
use crate::host::Host;

pub async fn read(host: Arc<Host>, call: Call<ReadStandingRequest>) -> Result<Standing, Failure> {
    let case_id = CaseId::from_slice(&call.request.case_id)?;
    let id = PersonId::from_slice(&call.request.person)?;
    // The caller has verified the person's assertion and does not ask for officers.
    let person = Person {
        id,
        actor: id,
        mandate: None,
        assurance: Assurance::Low,
        authenticated: host.now(),
        command_id: CommandId::from_bytes([0; 16]),
        officer: false,
    };
    let standing = match own(&host, &person, case_id).await {
        Ok(case) if case.agency != call.agency => "none",
        Ok(case) if case.applicant == id => "applicant",
        Ok(_) => "representative",
        Err(failure) if failure.kind == ErrorKind::NotFound => "none",
        Err(failure) => return Err(failure),
    };
    Ok(Standing { standing: standing.to_owned() })
}
