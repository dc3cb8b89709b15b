//! Submitting a draft, or a returned application again: once, on exactly what the person saw.

use std::sync::Arc;

use bus::{Call, Person};
use kernel::{CaseId, Failure, Hash};
use process::{Command, case::Mandate};
use prost::Message;
use proto::eservice::v1::{SubmitReply, SubmitRequest};

use super::{
    acting, allow_applicant, command_id,
    draft::{decoded, takes_applications},
    filed, noted, stored,
};
use crate::{
    domain::{intake, summary, text},
    execute::{Order, act},
    host::{Host, Service},
    mandate,
    store::cases::{self, Case},
};

pub async fn submit(host: Arc<Host>, call: Call<SubmitRequest>) -> Result<SubmitReply, Failure> {
    let person = call.person()?;
    let asked = &call.request;
    let case_id = CaseId::from_slice(&asked.case_id)?;
    let shown = Hash::from_slice(&asked.shown_hash)?;
    let language = text::language(&asked.language);
    acting(&host, person, case_id, &call.agency).await?;
    let mandate = confirmed(&host, person, case_id).await;
    let mandate = noted(&host, person, case_id, &call.agency, mandate).await?;
    taken(&host, case_id).await?;
    let found = filed::found(&host, case_id).await?;
    let command = |case: &Case, service: &Service, number: Option<&str>| {
        allow_applicant(&host, case, person)?;
        intake::assured(service.definition(), person.assurance.as_str())?;
        let answers = summary::answers(&service.process, &case.state, case.version, language, &host.facts(service));
        filed::all_readable(&host, &found, case, &answers.sections)?;
        if answers.shown_hash != shown.to_vec() {
            return Err(Failure::stale(
                "case.shown-changed",
                "The answers changed after this page was shown. Check them again.",
            ));
        }
        Ok(Command::Submit {
            number: number.unwrap_or_default().to_owned(),
            shown_hash: shown,
            by: person.actor,
            language,
            mandate: mandate.clone(),
        })
    };
    let order = Order {
        case_id,
        id: command_id(person),
        request: Some((person.id, call.body_hash)),
        opens: None,
        numbered: true,
        acts: vec![act("case.submitted", host.now(), Some(person.actor), case_id, &call.agency)],
        command: &command,
        answer: &|case, _| Ok(submitted(case).encode_to_vec()),
        outgoing: Vec::new(),
    };
    let done = host.execute(&order).await;
    decoded(&noted(&host, person, case_id, &call.agency, done).await?.answer())
}

/// An application that was sent back by an officer is sent again also where new ones are stopped.
async fn taken(host: &Host, case_id: CaseId) -> Result<(), Failure> {
    let mut tx = host.database.read().await?;
    let draft = cases::draft_of(&mut tx, case_id).await?;
    drop(tx);
    match draft {
        Some((agency, service)) => takes_applications(host, &agency, &service).await,
        None => Ok(()),
    }
}

/// What the registry says now, when the person submits for somebody else.
async fn confirmed(host: &Host, person: &Person, case_id: CaseId) -> Result<Option<Mandate>, Failure> {
    let mut tx = host.database.read().await?;
    let people = cases::people(&mut tx, case_id).await?;
    drop(tx);
    if people.and_then(|(_, representative)| representative) != Some(person.id) {
        return Ok(None);
    }
    mandate::confirmed(host, person, &stored(host, case_id).await?).await
}

fn submitted(case: &Case) -> SubmitReply {
    SubmitReply {
        case_id: case.id.to_vec(),
        version: case.version,
        number: case.state.number.clone().unwrap_or_default(),
    }
}
