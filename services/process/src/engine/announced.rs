//! A case that an agency's event begins: there is no draft, and nobody has sent anything.

use kernel::{Language, id::CaseId};
use serde_json::Value;

use super::{Run, draft, promise};
use crate::{
    Refusal, SEMANTICS_VERSION, announced,
    case::{Announced, Applicant},
    event::What,
    process::office,
    start,
};

/// What was heard, and by which start it begins a case.
pub struct Heard<'a> {
    pub start: &'a str,
    pub announced: &'a Announced,
    pub said: &'a Value,
}

pub fn begin(
    run: &mut Run<'_>,
    case_id: CaseId,
    (applicant, language): (&Applicant, Language),
    number: &str,
    heard: &Heard<'_>,
) -> Result<(), Refusal> {
    let process = run.process;
    let way = announced::way_of(process, heard.start, heard.announced).ok_or_else(start::late)?;
    draft::within_intake(run, run.now())?;
    let beginning = announced::beginning(&way, heard.announced, heard.said, run.now());
    let data = beginning.carried.data.clone();
    if !process.validator().is_valid(&data) {
        let message = "What the case would take from the event is not what its service needs.";
        return Err(Refusal::invalid("start.event-data", message));
    }
    run.emit(What::DraftOpened {
        case_id,
        revision: process.revision(),
        semantics: SEMANTICS_VERSION,
        agency: process.agency().to_owned(),
        service: process.service().to_owned(),
        applicant: applicant.clone(),
        language,
        channel: announced::CHANNEL.to_owned(),
        beginning: Some(Box::new(beginning)),
    });
    let promised = process.definition().spec.service_level.as_ref().map(|level| run.deadline(level.promised));
    let office = office::found(process, &run.state, &data, &run.facts);
    run.emit(What::Begun { number: number.to_owned(), data, promised, office });
    promise::watch(run);
    let token = run.make_token(None);
    run.go(token, &way.start.step);
    Ok(())
}
