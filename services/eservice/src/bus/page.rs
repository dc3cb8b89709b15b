//! One page of the form: shown with what the state already knows, kept at every Continue, valid or not.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use bus::Call;
use futures::future::join_all;
use kernel::{CaseId, Failure, Language};
use process::{Command, case::Phase, forms};
use prost::Message;
use proto::eservice::v1::{Page, ReadPageRequest, SavePageReply, SavePageRequest, Value};

use super::{allow_applicant, command_id, draft::decoded, noted, own, own_service, stored};
use crate::{
    domain::{form, intake, text},
    execute::{Order, no_answer, own_id},
    host::{Host, Service},
    perform::prefill,
    store::cases::Case,
};

/// Longest text of one answer, and most answers of a page, before anybody looks at them.
const TEXT_MAX: usize = 20_000;
const VALUES_MAX: usize = 200;

fn no_such_page() -> Failure {
    Failure::not_found("form.page-not-found", "The form has no such page now.")
}

pub async fn read(host: Arc<Host>, call: Call<ReadPageRequest>) -> Result<Page, Failure> {
    let person = call.person()?;
    let asked = &call.request;
    let case_id = CaseId::from_slice(&asked.case_id)?;
    let case = own(&host, person, case_id).await;
    let case = noted(&host, person, case_id, &call.agency, case).await?;
    let service = own_service(&host, person, &case).await?;
    let case = filled_in(&host, case, &service, &asked.page).await?;
    let language = text::language(&asked.language);
    let facts = host.facts(&service);
    if forms::current(&service.process, &case.state).is_none() {
        return Err(no_such_page());
    }
    let with_problems = form::was_answered(&service.process, &case.state, &asked.page);
    let view = forms::page_view(&service.process, &case.state, &facts, &asked.page, language.tag(), with_problems);
    let view = view.ok_or_else(no_such_page)?;
    Ok(with_sources(form::page(&service.process, &case.state, case.version, &view, language), &service, language))
}

fn with_sources(mut page: Page, service: &Service, language: Language) -> Page {
    for field in &mut page.fields {
        field.source = service.source(&field.source, language);
    }
    page
}

/// Asks the registries that this page's fields are filled in from, once a case.
async fn filled_in(host: &Host, case: Case, service: &Service, page: &str) -> Result<Case, Failure> {
    if case.state.phase != Phase::Draft {
        return Ok(case);
    }
    let form = forms::current(&service.process, &case.state);
    let page = form.and_then(|form| form.page(page));
    let named: Vec<_> = page.iter().flat_map(|page| &page.fields).filter_map(|field| field.prefill.as_ref()).collect();
    let wanted: Vec<_> = forms::wanted(&service.process, &case.state)
        .into_iter()
        .filter(|wanted| {
            named.iter().any(|prefill| prefill.registry == wanted.registry && prefill.operation == wanted.operation)
        })
        .collect();
    if wanted.is_empty() {
        return Ok(case);
    }
    let asked = wanted.iter().map(|wanted| prefill(host, &case, service, &wanted.registry, &wanted.operation));
    for (wanted, result) in wanted.iter().zip(join_all(asked).await) {
        let command =
            Command::RecordPrefill { registry: wanted.registry.clone(), operation: wanted.operation.clone(), result };
        let order = Order {
            case_id: case.id,
            id: own_id("prefill", &[case.id.as_bytes(), wanted.registry.as_bytes(), wanted.operation.as_bytes()]),
            request: None,
            opens: None,
            numbered: false,
            acts: Vec::new(),
            command: &|_, _, _| Ok(command.clone()),
            answer: &no_answer,
            outgoing: Vec::new(),
        };
        host.execute(&order).await?;
    }
    stored(host, case.id).await
}

pub async fn save(host: Arc<Host>, call: Call<SavePageRequest>) -> Result<SavePageReply, Failure> {
    let person = call.person()?;
    let asked = &call.request;
    let case_id = CaseId::from_slice(&asked.case_id)?;
    let values = values(&asked.values)?;
    let disputed: BTreeSet<String> = asked.disputed.iter().cloned().collect();
    let command = |case: &Case, service: &Service, _: Option<&str>| {
        allow_applicant(case, person)?;
        intake::assured(service.definition(), person.assurance.as_str())?;
        Ok(Command::SaveAnswers { page: asked.page.clone(), values: values.clone(), disputed: disputed.clone() })
    };
    let order = Order {
        case_id,
        id: command_id(person),
        request: Some(call.body_hash),
        opens: None,
        numbered: false,
        acts: Vec::new(),
        command: &command,
        answer: &|case, service| Ok(saved(&host, case, service, asked).encode_to_vec()),
        outgoing: Vec::new(),
    };
    let done = host.execute(&order).await;
    decoded(&noted(&host, person, case_id, &call.agency, done).await?.answer())
}

fn values(sent: &[Value]) -> Result<BTreeMap<String, String>, Failure> {
    if sent.len() > VALUES_MAX || sent.iter().any(|value| value.text.len() > TEXT_MAX || value.at.len() > 200) {
        return Err(Failure::invalid("form.too-long", "An answer is too long. Shorten it and try again."));
    }
    Ok(sent.iter().map(|value| (value.at.clone(), value.text.clone())).collect())
}

/// The page again when something on it is wrong, else where to go on.
fn saved(host: &Host, case: &Case, service: &Service, asked: &SavePageRequest) -> SavePageReply {
    let language = text::language(&asked.language);
    let facts = host.facts(service);
    let mut reply = SavePageReply { version: case.version, ..SavePageReply::default() };
    let view = forms::page_view(&service.process, &case.state, &facts, &asked.page, language.tag(), true);
    match view {
        Some(view) if view.fields.iter().any(|field| field.problem.is_some()) => {
            let page = form::page(&service.process, &case.state, case.version, &view, language);
            reply.page = Some(with_sources(page, service, language));
        }
        Some(view) => reply.next = form::next_after(&view).unwrap_or_default(),
        None => reply.next = form::next_unanswered(&service.process, &case.state, &facts).unwrap_or_default(),
    }
    reply
}
