//! An applicant takes an application back that is under way.

use std::sync::Arc;

use bus::Call;
use kernel::{CaseId, Failure};
use process::Command;
use prost::Message;
use proto::eservice::v1::{CaseCommand, CaseReply};

use super::{
    acting, allow_applicant, command_id,
    draft::{decoded, replied},
    noted,
};
use crate::{
    domain::intake,
    execute::{Order, act},
    host::Host,
};

pub async fn withdraw(host: Arc<Host>, call: Call<CaseCommand>) -> Result<CaseReply, Failure> {
    let person = call.person()?;
    let case_id = CaseId::from_slice(&call.request.case_id)?;
    acting(&host, person, case_id, &call.agency).await?;
    let order = Order {
        case_id,
        id: command_id(person),
        request: Some((person.id, call.body_hash)),
        opens: None,
        numbered: false,
        acts: vec![act("case.withdrawn", host.now(), Some(person.actor), case_id, &call.agency)],
        // Whatever changed since the page was shown: it is withdrawn as long as nothing was decided, and the money follows the law.
        command: &|case, service, _| {
            allow_applicant(&host, case, person)?;
            intake::assured(service.definition(), person.assurance.as_str())?;
            Ok(Command::Withdraw { by: person.actor })
        },
        answer: &|case, _| Ok(replied(case).encode_to_vec()),
        outgoing: Vec::new(),
    };
    let done = host.execute(&order).await;
    decoded(&noted(&host, person, case_id, &call.agency, done).await?.answer())
}
