//! One page of the form: shown with what the state already knows, kept at every Continue, valid or not.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
};

use bus::{Call, Person};
use futures::future::join_all;
use kernel::{CaseId, Failure, Hash, Language};
use process::{
    CaseState, Command,
    case::{Identity, Phase},
    forms::{self, PageView, Wanted},
};
use prost::Message;
use proto::eservice::v1::{Page, ReadPageRequest, SavePageReply, SavePageRequest, Value};

use super::{acting, command_id, draft::decoded, filed, moved, noted, own_service, paper, stored, uploads};
use crate::{
    domain::{
        form::{self, Typed},
        intake, text,
    },
    execute::{Order, no_answer, own_id},
    host::{Host, Service},
    perform::prefill,
    store::cases::Case,
};

/// Most answers of a page, and longest path of one, before anybody looks at them.
const VALUES_MAX: usize = 200;
const PATH_BYTES_MAX: usize = 200;

pub(super) fn no_such_page() -> Failure {
    Failure::not_found("form.page-not-found", "The form has no such page now.")
}

pub async fn read(host: Arc<Host>, call: Call<ReadPageRequest>) -> Result<Page, Failure> {
    let person = call.person()?;
    let asked = &call.request;
    let case_id = CaseId::from_slice(&asked.case_id)?;
    let case = paper::filled(&host, person, case_id).await;
    let case = noted(&host, person, case_id, &call.agency, case).await?;
    let service = own_service(&host, person, &case).await?;
    let case = moved::followed(&host, case, &service).await?;
    let case = filled_in(&host, case, &service, &asked.page).await?;
    let language = text::language(&asked.language);
    if forms::current(&service.process, &case.state).is_none() {
        return Err(no_such_page());
    }
    let moved = moved::told(&host, &case, &service, language).await;
    let facts = host.facts(&service);
    let with_problems = form::was_answered(&service.process, &case.state, &asked.page);
    let view = forms::page_view(&service.process, &case.state, &facts, &asked.page, language.tag(), with_problems);
    let view = view.ok_or_else(no_such_page)?;
    let page = Page { moved, ..form::page(&service.process, &case.state, case.version, &view, language) };
    let mut page = told(page, &case, &service, language);
    filed::judge(&host, case_id, filed::of_page(&mut page)).await?;
    uploads::tell(&host, &case, &asked.page, &mut page).await?;
    Ok(page)
}

/// With the words and names that only the edge knows.
fn told(mut page: Page, case: &Case, service: &Service, language: Language) -> Page {
    for field in &mut page.fields {
        field.source = service.source(&field.source, language);
    }
    filed::name(case, filed::of_page(&mut page));
    page
}

/// Asks the registries that this page's fields are filled in from, once a case.
async fn filled_in(host: &Host, case: Case, service: &Service, page: &str) -> Result<Case, Failure> {
    // While nobody knows whose it is, the answer would be that of nobody, and stand for them for good.
    if case.state.phase != Phase::Draft || case.state.awaits_identity() {
        return Ok(case);
    }
    let form = forms::current(&service.process, &case.state);
    let page = form.and_then(|form| form.page(page));
    let fields = page.iter().flat_map(|page| &page.fields);
    let named: Vec<_> = fields.flat_map(|field| forms::asks(&service.process, field)).collect();
    let wanted: Vec<_> = forms::wanted(&service.process, &case.state)
        .into_iter()
        .filter(|wanted| {
            named.iter().any(|(registry, operation)| *registry == wanted.registry && *operation == wanted.operation)
        })
        .collect();
    asked(host, case, service, &wanted).await
}

/// Pages that were typed before it was known whose it is asked nobody: it is made up for before it is sent.
pub(super) async fn filled_in_late(host: &Host, case: Case, service: &Service) -> Result<Case, Failure> {
    let identity = case.state.taken_in.as_ref().and_then(|taken| taken.identity);
    if case.state.phase != Phase::Draft || !matches!(identity, Some(Identity::Known { .. })) {
        return Ok(case);
    }
    let wanted = forms::wanted(&service.process, &case.state);
    asked(host, case, service, &wanted).await
}

async fn asked(host: &Host, case: Case, service: &Service, wanted: &[Wanted]) -> Result<Case, Failure> {
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
    let typed = Typed { values: values(&asked.values)?, disputed: asked.disputed.iter().cloned().collect() };
    if typed.is_too_long() {
        let again = Box::pin(typed_again(&host, person, case_id, asked, |page| typed.put_back(page))).await;
        return noted(&host, person, case_id, &call.agency, again).await;
    }
    acting(&host, person, case_id, &call.agency).await?;
    // Whoever cannot say what they were shown was shown something else.
    let shown = Hash::from_slice(&asked.shown_hash).unwrap_or_else(|_| Hash::of(&[]));
    let asked_before = Mutex::new(BTreeSet::new());
    let command = |case: &Case, service: &Service, _: Option<&str>| {
        paper::allow(&host, case, person)?;
        intake::assured(service.definition(), person.assurance.as_str())?;
        *asked_before.lock().expect("no holder of this lock panics") = questions(&host, &case.state, service, asked);
        let Typed { values, disputed } = typed.clone();
        Ok(Command::SaveAnswers { page: asked.page.clone(), values, disputed, shown: Some(shown) })
    };
    let order = Order {
        case_id,
        id: command_id(person),
        request: Some((person.id, call.body_hash)),
        opens: None,
        numbered: false,
        acts: Vec::new(),
        command: &command,
        answer: &|case, service| {
            let before = asked_before.lock().expect("no holder of this lock panics");
            let mut reply = saved(&host, (&case.state, case.version), service, asked, &before);
            reply.page = reply.page.map(|page| told(page, case, service, text::language(&asked.language)));
            Ok(reply.encode_to_vec())
        },
        outgoing: Vec::new(),
    };
    match host.execute(&order).await {
        Err(failure) if failure.code == "form.page-changed" => {
            Box::pin(typed_again(&host, person, case_id, asked, |page| typed.beside_what_is_kept(page))).await
        }
        done => decoded(&noted(&host, person, case_id, &call.agency, done).await?.answer()),
    }
}

pub(super) fn values(sent: &[Value]) -> Result<BTreeMap<String, String>, Failure> {
    if sent.len() > VALUES_MAX || sent.iter().any(|value| value.at.len() > PATH_BYTES_MAX) {
        return Err(Failure::invalid("form.too-many", "No page asks for so many answers. Open the question again."));
    }
    Ok(sent.iter().map(|value| (value.at.clone(), value.text.clone())).collect())
}

/// The page as it is now with what was typed; nothing of it was kept.
async fn typed_again(
    host: &Host,
    person: &Person,
    case_id: CaseId,
    asked: &SavePageRequest,
    put: impl Fn(&mut Page),
) -> Result<SavePageReply, Failure> {
    let case = paper::filled(host, person, case_id).await?;
    let service = own_service(host, person, &case).await?;
    let language = text::language(&asked.language);
    let view =
        forms::page_view(&service.process, &case.state, &host.facts(&service), &asked.page, language.tag(), false);
    let view = view.ok_or_else(no_such_page)?;
    let mut page = form::page(&service.process, &case.state, case.version, &view, language);
    put(&mut page);
    let page = Some(told(page, &case, &service, language));
    Ok(SavePageReply { version: case.version, page, ..SavePageReply::default() })
}

fn view(host: &Host, state: &CaseState, service: &Service, asked: &SavePageRequest) -> Option<PageView> {
    let language = text::language(&asked.language);
    forms::page_view(&service.process, state, &host.facts(service), &asked.page, language.tag(), true)
}

/// The fields that the page asks for; facts are shown, not asked for.
pub(super) fn questions(
    host: &Host,
    state: &CaseState,
    service: &Service,
    asked: &SavePageRequest,
) -> BTreeSet<String> {
    let fields = view(host, state, service, asked).into_iter().flat_map(|view| view.fields);
    fields.filter(|field| !field.fact).map(|field| field.at).collect()
}

/// The page again when something on it is wrong or an answer brought up another question on it, else where to go on.
pub(super) fn saved(
    host: &Host,
    (state, version): (&CaseState, i64),
    service: &Service,
    asked: &SavePageRequest,
    before: &BTreeSet<String>,
) -> SavePageReply {
    let mut reply = SavePageReply { version, ..SavePageReply::default() };
    let Some(mut view) = view(host, state, service, asked) else {
        let next = form::next_unanswered(&service.process, state, &host.facts(service));
        return SavePageReply { next: next.unwrap_or_default(), ..reply };
    };
    let mut again = false;
    for field in &mut view.fields {
        let new = !field.fact && !before.contains(&field.at);
        again |= new || field.problem.is_some();
        // Nobody is told off for a question they have not seen.
        field.problem = field.problem.take().filter(|_| !new);
    }
    if again {
        let language = text::language(&asked.language);
        let page = form::page(&service.process, state, version, &view, language);
        reply.page = Some(page);
    } else {
        let next = form::next_after(&view);
        reply.ends_part = forms::ends_part(&service.process, state, &view.page, next.as_deref());
        reply.next = next.unwrap_or_default();
    }
    reply
}
