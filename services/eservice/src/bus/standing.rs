//! Signing and payments ask what somebody is in a case: a document and a payment belong to its applicant, and a representative
//! comes to them only as long as the mandate gives them the case. Of an officer payments asks, too, whether the case names them or is
//! of a company that they direct: nobody moves the money of their own affairs.

use std::sync::Arc;

use bus::{Assurance, Call, Person};
use kernel::{CaseId, CommandId, ErrorKind, Failure, PersonId};
use proto::eservice::v1::{ReadStandingRequest, Standing};

use super::{own, stored};
use crate::{
    domain::{access, parties},
    host::Host,
};

pub async fn read(host: Arc<Host>, call: Call<ReadStandingRequest>) -> Result<Standing, Failure> {
    let case_id = CaseId::from_slice(&call.request.case_id)?;
    let id = PersonId::from_slice(&call.request.person)?;
    // The caller has verified the person's assertion; an officer is asked about as the citizen that they are.
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
    let standing = if standing == "none" && is_named(&host, &call, (case_id, id)).await? { "named" } else { standing };
    Ok(Standing { standing: standing.to_owned() })
}

/// Only where it was asked, and only of the asking agency's own cases.
async fn is_named(
    host: &Host,
    call: &Call<ReadStandingRequest>,
    (case_id, person): (CaseId, PersonId),
) -> Result<bool, Failure> {
    let ReadStandingRequest { party, party_key, directs, .. } = &call.request;
    if party.is_empty() && directs.is_empty() {
        return Ok(false);
    }
    let case = match stored(host, case_id).await {
        Ok(case) if case.agency == call.agency => case,
        Ok(_) => return Ok(false),
        Err(failure) if failure.kind == ErrorKind::NotFound => return Ok(false),
        Err(failure) => return Err(failure),
    };
    if access::directed(&case.state, directs) || case.state.takes_part(person) {
        return Ok(true);
    }
    Ok(!party.is_empty() && parties::names_party(host.keys.lookup(), &case.state, (party, party_key))?)
}
