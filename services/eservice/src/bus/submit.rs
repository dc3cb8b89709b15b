//! Submitting a draft, or a returned application again: once, on exactly what the person saw.

use std::sync::Arc;

use bus::{Call, Person};
use kernel::{CaseId, Failure, Hash};
use process::{
    Command,
    case::{Mandate, Phase},
    command::SignedIn,
};
use prost::Message;
use proto::eservice::v1::{SubmitReply, SubmitRequest};

use super::{
    acting, allow_applicant, command_id,
    draft::{decoded, takes_applications},
    filed, moved, noted, own_service, paper, stored,
};
use crate::{
    domain::{intake, summary, text},
    execute::{Order, SUBMITTED, act, on_behalf},
    host::{Host, Reach, Service},
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
    // Paper that was taken in was handed in before.
    if !person.officer {
        taken(&host, case_id).await?;
    }
    let found = filed::found(&host, case_id).await?;
    let confirmed = match asked.confirmed.as_slice() {
        [] => None,
        hash => Some(Hash::from_slice(hash)?),
    };
    let command = |case: &Case, service: &Service, number: Option<&str>| {
        paper::allow(&host, case, person)?;
        let (definition, assurance) = (service.definition(), person.assurance.as_str());
        intake::assured(definition, assurance)?;
        if person.officer && confirmed.is_none() {
            return Err(not_confirmed());
        }
        let asked = definition.spec.access.submission.as_ref();
        intake::signed_in_lately(asked, assurance, person.authenticated, host.now())?;
        if case.state.phase == Phase::Draft && case.state.revision != service.process.revision() {
            return Err(draft_moved());
        }
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
            // An officer reads the pages in a language of their own; the applicant is written to in theirs.
            language: if case.state.is_taken_in_by(person.actor) { case.state.language } else { language },
            mandate: mandate.clone(),
            signed_in: Some(SignedIn { at: person.authenticated, assurance: assurance.to_owned() }),
        })
    };
    let mut recorded = act(SUBMITTED, host.now(), Some(person.actor), case_id, &call.agency);
    if let Some(words) = confirmed.filter(|_| person.officer) {
        // The words bind the officer who saw the original, and stand where officers answer for what they do.
        recorded.detail = serde_json::json!({"confirmed": words, "language": language.tag()}).to_string();
    }
    let order = Order {
        case_id,
        id: command_id(person),
        request: Some((person.id, call.body_hash)),
        opens: None,
        numbered: true,
        acts: vec![on_behalf(recorded, person)],
        command: &command,
        answer: &|case, _| Ok(submitted(case).encode_to_vec()),
        outgoing: Vec::new(),
    };
    let done = host.execute(&order).await;
    if done.as_ref().is_err_and(|failure| failure.code == "case.draft-moved") {
        let case = stored(&host, case_id).await?;
        let service = own_service(&host, person, &case).await?;
        moved::followed(&host, case, &service).await?;
    }
    decoded(&noted(&host, person, case_id, &call.agency, done).await?.answer())
}

fn not_confirmed() -> Failure {
    Failure::invalid(
        "paper.not-confirmed",
        "Open the page again, read what you confirm, and send the application from there.",
    )
}

/// Nobody sends what they did not see under the rules that are in force.
fn draft_moved() -> Failure {
    Failure::stale(
        "case.draft-moved",
        "The service changed after this application was filled in. Check the answers again, then send it.",
    )
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

/// What the registry says now, or identity says in the assertion, when the person submits for somebody else.
async fn confirmed(host: &Host, person: &Person, case_id: CaseId) -> Result<Option<Mandate>, Failure> {
    if person.mandate.is_some() {
        let case = stored(host, case_id).await?;
        allow_applicant(host, &case, person)?;
        let service = host.service(&case.agency, host.revision_of(&case).await?, Reach::Platform).await?;
        return mandate::asserted(host, person, &service, case_id).await.map(Some);
    }
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
