//! What others may ask of this service, and what it hears from them.

pub(crate) mod address;
pub mod answers;
pub mod asked;
pub mod begin;
pub mod case;
pub mod claim;
pub mod draft;
mod enclosed;
pub mod events;
pub mod filed;
pub mod files;
pub mod identify;
pub mod keeping;
pub mod left;
pub mod load;
pub mod moved;
pub mod note;
pub mod opening;
mod opinion;
pub mod page;
pub mod paper;
pub mod platform;
pub mod preview;
pub mod principals;
pub mod purpose;
pub mod question;
pub mod rating;
pub mod reader;
pub mod recall;
pub mod registries;
pub mod reissue;
pub mod representation;
pub mod request;
pub mod second;
pub mod standing;
pub mod stuck;
mod subject;
pub mod submit;
pub mod task;
pub mod together;
pub mod uploads;
pub mod withdraw;

use std::{future::Future, sync::Arc};

use bus::{Call, Person};
use kernel::{BoxFuture, CaseId, Failure};
use proto::eservice::v1::operations;

pub use events::consume;

use crate::{
    ROLE,
    domain::intake,
    execute::{act, on_behalf},
    host::{Host, Reach, Service},
    mandate,
    recovery::Recovered,
    store::cases::{self, Case},
};

pub fn operations(host: &Arc<Host>) -> bus::Service {
    let (agency, services) = host.served();
    let service = bus::Service::new(ROLE).recording(&host.database).for_services(services.to_vec());
    let service = match agency {
        Some(agency) => service.for_agency(agency),
        None => service,
    };
    let service = for_officers(for_applicants(service, host), host);
    let recovery = (&operations::READ_RECOVERY, &operations::END_RECOVERY);
    bus::recovery::answering(service, recovery, &host.database, &host.clock, Arc::new(Recovered(host.clone())))
}

fn for_applicants(service: bus::Service, host: &Arc<Host>) -> bus::Service {
    service
        .on(&operations::LIST_PRINCIPALS, bound(host, principals::list))
        .on(&operations::LIST_REGISTRIES, bound(host, registries::list))
        .on(&operations::OPEN_DRAFT, bound(host, draft::open))
        .on(&operations::END_REPRESENTATION, bound(host, representation::end))
        .on(&operations::DISCARD_DRAFT, bound(host, draft::discard))
        .on(&operations::WITHDRAW, bound(host, withdraw::withdraw))
        .on(&operations::READ_PAGE, bound(host, page::read))
        .on(&operations::SAVE_PAGE, bound(host, page::save))
        .on(&operations::PUT_PIECES, bound(host, files::put))
        .on(&operations::BEGIN_UPLOAD, bound(host, uploads::begin))
        .on(&operations::READ_UPLOAD, bound(host, uploads::read))
        .on(&operations::END_UPLOAD, bound(host, uploads::end))
        .on(&operations::ATTACH_FILE, bound(host, files::attach))
        .on(&operations::REMOVE_FILE, bound(host, files::remove))
        .on(&operations::READ_FILE, bound(host, files::read))
        .on(&operations::READ_ANSWERS, bound(host, answers::read))
        .on(&operations::SUBMIT, bound(host, submit::submit))
        .on(&operations::READ_CASE, bound(host, case::read))
        .on(&operations::READ_ASKED, bound(host, asked::read))
        .on(&operations::READ_ASKED_PAGE, bound(host, asked::read_page))
        .on(&operations::SAVE_ASKED_PAGE, bound(host, asked::save_page))
        .on(&operations::READ_ASKED_ANSWERS, bound(host, asked::read_answers))
        .on(&operations::CONSENT, bound(host, asked::consent))
        .on(&operations::DECLINE, bound(host, asked::decline))
        .on(&operations::READ_STANDING, bound(host, standing::read))
        .on(&operations::ANSWER_QUESTION, bound(host, question::answer))
        .on(&operations::ADMIT_READER, bound(host, reader::admit))
        .on(&operations::READ_PURPOSE, bound(host, purpose::read))
        .on(&operations::RATE_CASE, bound(host, rating::rate))
}

fn for_officers(service: bus::Service, host: &Arc<Host>) -> bus::Service {
    service
        .on(&operations::IDENTIFY_APPLICANT, bound(host, identify::identify))
        .on(&operations::TAKE_OVER_PAPER, bound(host, left::take_over))
        .on(&operations::LIST_TAKEN_IN, bound(host, paper::list))
        .on(&operations::READ_TASK, bound(host, task::read))
        .on(&operations::READ_CHOICES, bound(host, together::choices))
        .on(&operations::DECIDE_TASK, bound(host, task::decide))
        .on(&operations::PREVIEW_DECISION, bound(host, preview::decision))
        .on(&operations::CONFIRM_TASK, bound(host, second::confirm))
        .on(&operations::SEND_BACK_TASK, bound(host, second::send_back))
        .on(&operations::RECALL_DOCUMENT, bound(host, recall::recall))
        .on(&operations::LIST_REISSUABLE, bound(host, reissue::list))
        .on(&operations::PROPOSE_REISSUE, bound(host, reissue::propose))
        .on(&operations::APPROVE_REISSUE, bound(host, reissue::approve))
        .on(&operations::READ_REISSUE, bound(host, reissue::read))
        .on(&operations::LIST_REISSUES, bound(host, reissue::overview))
        .on(&operations::CLAIM_TASK, bound(host, claim::claim))
        .on(&operations::RELEASE_TASK, bound(host, claim::release))
        .on(&operations::ASSIGN_TASK, bound(host, claim::assign))
        .on(&operations::ASK_APPLICANT, bound(host, question::ask))
        .on(&operations::READ_LENDERS, bound(host, request::lenders))
        .on(&operations::REQUEST_OPINION, bound(host, request::ask))
        .on(&operations::ADD_NOTE, bound(host, note::add))
        .on(&operations::READ_NOTES, bound(host, note::read))
        .on(&operations::TAKE_BACK_QUESTION, bound(host, question::take_back))
        .on(&operations::READ_LOAD, bound(host, load::read))
        .on(&operations::READ_REASONS, bound(host, case::reasons))
        .on(&operations::HOLD_CASE, bound(host, keeping::hold))
        .on(&operations::ERASE_CASE, bound(host, keeping::erase))
        .on(&operations::LIST_RECORDS, bound(host, keeping::list))
        .on(&operations::LIST_STUCK, bound(host, stuck::list))
        .on(&operations::RETRY_STEP, bound(host, stuck::retry))
        .on(&operations::READ_EXPERIENCE, bound(host, rating::experience))
        .on(&operations::LIST_RATINGS, bound(host, rating::list))
}

/// Acts are read chain by chain: a host answers for its database's own alone, whoever else's services it runs.
pub fn chain(log: &bus::Log, database: &sql::Database) -> bus::Service {
    let service = bus::Service::new(ROLE).for_agency(log.name.as_str());
    bus::audit::answering(service, &operations::AUDIT_READ, database)
}

/// Hands the host to an operation, once the case that it asks for is one of the address it came to.
fn bound<Q, R, F, Fut>(
    host: &Arc<Host>,
    operation: F,
) -> impl Fn(Call<Q>) -> BoxFuture<'static, Result<R, Failure>> + Send + Sync + 'static
where
    Q: address::OfCase + Send + Sync + 'static,
    R: Send + 'static,
    F: Fn(Arc<Host>, Call<Q>) -> Fut + Clone + Send + Sync + 'static,
    Fut: Future<Output = Result<R, Failure>> + Send + 'static,
{
    let host = host.clone();
    move |call| {
        let (host, operation) = (host.clone(), operation.clone());
        Box::pin(async move {
            address::fits(&host, &call).await?;
            operation(host, call).await
        })
    }
}

/// A person's command id, bound to the person: another person's equal id is another command.
fn command_id(person: &Person) -> Vec<u8> {
    crate::execute::own_id("command", &[person.id.as_bytes(), person.command_id.as_bytes()])
}

/// Passes an outcome on; a refused look at a case leaves an audit row, whatever its reason was.
async fn noted<T>(
    host: &Host,
    person: &Person,
    case: CaseId,
    agency: &str,
    outcome: Result<T, Failure>,
) -> Result<T, Failure> {
    if let Err(failure) = &outcome
        && failure.code == "case.not-found"
    {
        let mut refused = act("case.refused", host.now(), Some(person.actor), case, agency);
        refused.detail = serde_json::json!({"officer": person.officer}).to_string();
        host.record(on_behalf(refused, person)).await?;
    }
    outcome
}

/// A case as it is now; unknown ones look like forbidden ones.
async fn stored(host: &Host, case: CaseId) -> Result<Case, Failure> {
    let mut tx = host.database.read().await?;
    let case = cases::read(&mut tx, &host.keys, case).await?;
    case.ok_or_else(crate::domain::access::not_found)
}

/// The person's own case, as it is now.
async fn own(host: &Host, person: &Person, case: CaseId) -> Result<Case, Failure> {
    let case = stored(host, case).await?;
    mandate::hold(host, person, &case).await?;
    allow_applicant(host, &case, person)?;
    Ok(case)
}

/// Before a person's command is executed: who acts for somebody else, or types for them, still may. Nothing is asked inside a transaction.
async fn acting(host: &Host, person: &Person, case: CaseId, agency: &str) -> Result<(), Failure> {
    if person.officer {
        return Box::pin(paper::typing(host, person, case, agency)).await;
    }
    let mut tx = host.database.read().await?;
    let people = cases::people(&mut tx, case).await?;
    drop(tx);
    if people.and_then(|(_, representative)| representative) != Some(person.id) {
        return Ok(());
    }
    let held = own(host, person, case).await.map(|_| ());
    noted(host, person, case, agency, held).await
}

/// The service behind a person's own case, when the session is as sure as the service demands: a password alone must not
/// show what was filled in under a confirmed identity.
async fn own_service(host: &Host, person: &Person, case: &Case) -> Result<Service, Failure> {
    let revision = host.revision_of(case).await?;
    let service = host.service(&case.agency, revision, Reach::Platform).await?;
    intake::assured(service.definition(), person.assurance.as_str())?;
    Ok(service)
}

/// A person signed in as an officer is nobody's applicant, not even their own.
fn allow_applicant(host: &Host, case: &Case, person: &Person) -> Result<(), Failure> {
    if !person.officer && crate::domain::access::applies(&case.state, person.id, host.now()) {
        Ok(())
    } else {
        Err(crate::domain::access::not_found())
    }
}
