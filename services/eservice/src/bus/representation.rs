//! The applicant takes an application back from whoever acts for them, whatever the registry still says of the record.

use std::sync::Arc;

use api::MandateKind;
use bus::{Call, Person};
use kernel::{CaseId, Failure};
use process::Command;
use prost::Message;
use proto::eservice::v1::{CaseCommand, CaseReply};

use super::{
    command_id,
    draft::{decoded, replied},
    noted,
};
use crate::{
    domain::{access, intake},
    execute::{Order, act},
    host::Host,
    store::cases::Case,
};

/// Why the mandate gives no right to the case any more.
const WITHDRAWN: &str = "mandate.withdrawn";

pub async fn end(host: Arc<Host>, call: Call<CaseCommand>) -> Result<CaseReply, Failure> {
    let person = call.person()?;
    let case_id = CaseId::from_slice(&call.request.case_id)?;
    let mut ended = act("mandate.ended", host.now(), Some(person.actor), case_id, &call.agency);
    ended.detail = serde_json::json!({"reason": WITHDRAWN}).to_string();
    let order = Order {
        case_id,
        id: command_id(person),
        request: Some((person.id, call.body_hash)),
        opens: None,
        numbered: false,
        acts: vec![ended],
        command: &|case, service, _| {
            allow_principal(case, person)?;
            intake::assured(service.definition(), person.assurance.as_str())?;
            Ok(Command::EndMandate { reason: WITHDRAWN.to_owned() })
        },
        answer: &|case, _| Ok(replied(case).encode_to_vec()),
        outgoing: Vec::new(),
    };
    let done = host.execute(&order).await;
    decoded(&noted(&host, person, case_id, &call.agency, done).await?.answer())
}

/// Whoever gave the power of attorney, in person. A child does not take itself from its parent.
fn allow_principal(case: &Case, person: &Person) -> Result<(), Failure> {
    let applicant = case.state.applicant.as_ref().filter(|applicant| applicant.person == person.id);
    let mandate = applicant.and_then(|applicant| applicant.mandate.as_ref());
    let given = mandate.is_some_and(|mandate| mandate.kind == MandateKind::Attorney.name());
    if given && !person.officer && person.mandate.is_none() { Ok(()) } else { Err(access::not_found()) }
}
