//! Whoever is asked in another's case answers in their own session, or, of a company, in that of whoever directs it now: they see what
//! they are told, answer, agree or decline, and come to nothing else of the case.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
};

use api::MandateKind;
use bus::{Call, Person};
use kernel::{CaseId, ErrorKind, Failure, Hash, PersonId};
use process::{
    CaseState, Command,
    case::{Number, PartyAnswer},
    forms,
};
use prost::Message;
use proto::eservice::v1::{
    Answers, Asked, Case as CaseView, CaseCommand, CaseReply, Page, ReadCaseRequest, ReadPageRequest, SavePageReply,
    SavePageRequest, SubmitRequest,
};
use sql::audit::Act;

use super::{
    command_id,
    draft::decoded,
    noted,
    page::{no_such_page, questions, saved, values},
    stored,
};
use crate::{
    domain::{
        access, asked,
        form::{self, Typed},
        intake, summary, text,
    },
    execute::{Order, act, on_behalf},
    host::{Host, Reach, Service},
    store::cases::{self, Case},
};

/// The phase of a case that somebody who is asked in it reads.
const ASKED: &str = "asked";

/// A part in another's case is one's own, and a company's is its director's: no officer, and nobody who acts for another person, has it.
fn has_part(case: &Case, person: &Person) -> Result<(), Failure> {
    let (_, party) = asked::part(&case.state, person.id)?;
    if is_theirs(person, &party.number) {
        return Ok(());
    }
    Err(access::not_found().with_detail("not in person, or not by whoever directs the company"))
}

/// Whether whoever is known by this number comes in person, a company through its director.
pub(super) fn is_theirs(person: &Person, number: &Number) -> bool {
    let comes = match number {
        Number::Pinfl(_) => person.actor == person.id && person.mandate.is_none(),
        Number::Tin(_) => person.mandate.as_deref() == Some(MandateKind::Director.name()),
    };
    comes && !person.officer
}

async fn own_part(host: &Host, person: &Person, case_id: CaseId) -> Result<(Case, Service), Failure> {
    let case = stored(host, case_id).await?;
    has_part(&case, person)?;
    let service = host.service(&case.agency, case.revision, Reach::Platform).await?;
    intake::assured_party(service.definition(), person.assurance.as_str())?;
    Ok((case, service))
}

/// The case with its service, or a refusal that leaves an audit row.
async fn opened(host: &Host, person: &Person, case: &[u8], agency: &str) -> Result<(Case, Service), Failure> {
    let case_id = CaseId::from_slice(case)?;
    let part = own_part(host, person, case_id).await;
    noted(host, person, case_id, agency, part).await
}

/// For whoever opens a case in which they are asked and do not apply: that it is so, and nothing more.
pub async fn only(host: &Host, person: &Person, case_id: CaseId) -> Result<Option<CaseView>, Failure> {
    let case = match stored(host, case_id).await {
        Ok(case) if has_part(&case, person).is_ok() => case,
        Err(failure) if failure.kind != ErrorKind::NotFound => return Err(failure),
        _ => return Ok(None),
    };
    Ok(Some(CaseView {
        case_id: case.id.to_vec(),
        agency: case.agency,
        service: case.service,
        phase: ASKED.to_owned(),
        ..CaseView::default()
    }))
}

pub async fn read(host: Arc<Host>, call: Call<ReadCaseRequest>) -> Result<Asked, Failure> {
    let person = call.person()?;
    let (case, service) = opened(&host, person, &call.request.case_id, &call.agency).await?;
    let language = text::language(&call.request.language);
    let agreed = as_agreed(&host, &case, person.id).await?;
    let facts = host.facts(&service);
    asked::view(&service.process, &case.state, case.version, person.id, language, &facts, agreed.as_ref())
}

/// The case as it was before them when they agreed; none: they have not, or do not any more.
async fn as_agreed(host: &Host, case: &Case, person: PersonId) -> Result<Option<CaseState>, Failure> {
    let (_, part) = asked::part(&case.state, person)?;
    if part.answer != PartyAnswer::Consented {
        return Ok(None);
    }
    let mut tx = host.database.read().await?;
    let events = cases::events(&mut tx, case).await?;
    Ok(process::as_agreed(CaseState::absent(case.id), &events, person))
}

pub async fn read_page(host: Arc<Host>, call: Call<ReadPageRequest>) -> Result<Page, Failure> {
    let person = call.person()?;
    let wanted = &call.request;
    let (case, service) = opened(&host, person, &wanted.case_id, &call.agency).await?;
    let seen = asked::waiting(&case.state, person.id)?;
    let with_problems = form::was_answered(&service.process, &seen, &wanted.page);
    shown(&host, &service, (&seen, case.version), (wanted.page.as_str(), wanted.language.as_str()), with_problems)
}

/// Who acts for the applicant is no matter of theirs.
fn shown(
    host: &Host,
    service: &Service,
    (seen, version): (&CaseState, i64),
    (page, language): (&str, &str),
    with_problems: bool,
) -> Result<Page, Failure> {
    let language = text::language(language);
    let facts = host.facts(service);
    let view = forms::page_view(&service.process, seen, &facts, page, language.tag(), with_problems);
    let view = view.ok_or_else(no_such_page)?;
    Ok(Page { representation: None, ..form::page(&service.process, seen, version, &view, language) })
}

pub async fn save_page(host: Arc<Host>, call: Call<SavePageRequest>) -> Result<SavePageReply, Failure> {
    let person = call.person()?;
    let sent = &call.request;
    let case_id = CaseId::from_slice(&sent.case_id)?;
    let typed = Typed { values: values(&sent.values)?, disputed: BTreeSet::new() };
    if typed.is_too_long() {
        return Box::pin(again(&host, &call, |page| typed.put_back(page))).await;
    }
    // Whoever cannot say what they were shown was shown something else.
    let hash = Hash::from_slice(&sent.shown_hash).unwrap_or_else(|_| Hash::of(&[]));
    let asked_before = Mutex::new(BTreeSet::new());
    let command = |case: &Case, service: &Service, _: Option<&str>| {
        has_part(case, person)?;
        intake::assured_party(service.definition(), person.assurance.as_str())?;
        let seen = asked::waiting(&case.state, person.id)?;
        *asked_before.lock().expect("no holder of this lock panics") = questions(&host, &seen, service, sent);
        let (page, values) = (sent.page.clone(), typed.values.clone());
        Ok(Command::SavePartyAnswers { by: person.id, page, values, shown: hash })
    };
    let order = Order {
        command: &command,
        answer: &|case, service| {
            let seen = asked::waiting(&case.state, person.id)?;
            let before = asked_before.lock().expect("no holder of this lock panics");
            let mut reply = saved(&host, (&seen, case.version), service, sent, &before);
            reply.page = reply.page.map(|page| Page { representation: None, ..page });
            Ok(reply.encode_to_vec())
        },
        ..ordered(person, case_id, call.body_hash)
    };
    match host.execute(&order).await {
        Err(failure) if failure.code == "form.page-changed" => {
            Box::pin(again(&host, &call, |page| typed.beside_what_is_kept(page))).await
        }
        done => decoded(&noted(&host, person, case_id, &call.agency, done).await?.answer()),
    }
}

/// The page as it is now with what was typed; nothing of it was kept.
async fn again(host: &Host, call: &Call<SavePageRequest>, put: impl Fn(&mut Page)) -> Result<SavePageReply, Failure> {
    let person = call.person()?;
    let sent = &call.request;
    let (case, service) = opened(host, person, &sent.case_id, &call.agency).await?;
    let seen = asked::waiting(&case.state, person.id)?;
    let mut page = shown(host, &service, (&seen, case.version), (sent.page.as_str(), sent.language.as_str()), false)?;
    put(&mut page);
    Ok(SavePageReply { version: case.version, page: Some(page), ..SavePageReply::default() })
}

pub async fn read_answers(host: Arc<Host>, call: Call<ReadCaseRequest>) -> Result<Answers, Failure> {
    let person = call.person()?;
    let (case, service) = opened(&host, person, &call.request.case_id, &call.agency).await?;
    let seen = asked::waiting(&case.state, person.id)?;
    let language = text::language(&call.request.language);
    Ok(summary::asked(&service.process, &seen, case.version, language, &host.facts(&service)))
}

pub async fn consent(host: Arc<Host>, call: Call<SubmitRequest>) -> Result<CaseReply, Failure> {
    let person = call.person()?;
    let sent = &call.request;
    let case_id = CaseId::from_slice(&sent.case_id)?;
    let hash = Hash::from_slice(&sent.shown_hash)?;
    let language = text::language(&sent.language);
    let command = |case: &Case, service: &Service, _: Option<&str>| {
        has_part(case, person)?;
        intake::assured_party(service.definition(), person.assurance.as_str())?;
        let seen = asked::waiting(&case.state, person.id)?;
        let answers = summary::asked(&service.process, &seen, case.version, language, &host.facts(service));
        if answers.shown_hash != hash.to_vec() {
            return Err(Failure::stale(
                "case.shown-changed",
                "The answers changed after this page was shown. Check them again.",
            ));
        }
        Ok(Command::Consent { by: person.id, actor: person.actor, shown_hash: hash, language })
    };
    let order = Order {
        acts: vec![answered("party.consented", &host, person, (case_id, &call.agency))],
        command: &command,
        ..ordered(person, case_id, call.body_hash)
    };
    let done = host.execute(&order).await;
    decoded(&noted(&host, person, case_id, &call.agency, done).await?.answer())
}

pub async fn decline(host: Arc<Host>, call: Call<CaseCommand>) -> Result<CaseReply, Failure> {
    let person = call.person()?;
    let case_id = CaseId::from_slice(&call.request.case_id)?;
    let command = |case: &Case, service: &Service, _: Option<&str>| {
        has_part(case, person)?;
        intake::assured_party(service.definition(), person.assurance.as_str())?;
        Ok(Command::Decline { by: person.id, actor: person.actor })
    };
    let order = Order {
        acts: vec![answered("party.declined", &host, person, (case_id, &call.agency))],
        command: &command,
        ..ordered(person, case_id, call.body_hash)
    };
    let done = host.execute(&order).await;
    decoded(&noted(&host, person, case_id, &call.agency, done).await?.answer())
}

/// Who answered, and for which company.
fn answered(name: &str, host: &Host, person: &Person, (case_id, agency): (CaseId, &str)) -> Act {
    on_behalf(act(name, host.now(), Some(person.actor), case_id, agency), person)
}

/// A person's command, without what it is.
fn ordered<'a>(person: &Person, case_id: CaseId, request: Hash) -> Order<'a> {
    Order {
        case_id,
        id: command_id(person),
        request: Some((person.id, request)),
        opens: None,
        numbered: false,
        acts: Vec::new(),
        command: &nothing,
        answer: &replied,
        outgoing: Vec::new(),
    }
}

fn nothing(_: &Case, _: &Service, _: Option<&str>) -> Result<Command, Failure> {
    Err(access::not_found())
}

/// That it took effect; where the case stands otherwise is not told.
fn replied(case: &Case, _: &Service) -> Result<Vec<u8>, Failure> {
    Ok(CaseReply { case_id: case.id.to_vec(), version: case.version, phase: ASKED.to_owned() }.encode_to_vec())
}
