//! What comes on paper: an officer chooses the service, says who signed and where the original lies, and types it into the form that
//! everybody fills in.

use std::sync::Arc;

use askama::Template;
use axum::{
    Router,
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use bus::subject::Address;
use kernel::CaseId;
use proto::{
    eservice::v1::{
        CaseCommand, CaseReply, ListTakenInRequest, OpenDraftReply, OpenDraftRequest, Paper, SubmitReply, TakenIn,
        TakenInCase, operations,
    },
    register::v1 as register,
};

use super::{Appointed, appointments, identify};
use crate::{
    domain::place::is_name,
    http::{
        Portal, Shared, applications, apply,
        catalogue::read_service,
        fault::{self, Refused},
        frame::{Frame, page},
        parts,
        posted::Posted,
        submit,
        visit::{CasePlace, Filling, Officer, Visit},
    },
    store::Session,
};

/// The pages on which it is typed are the applicant's own, at addresses among the officer's.
pub fn routes() -> Router<Arc<Portal>> {
    Router::new()
        .route("/officer/paper", get(services))
        .route("/officer/paper/{agency}/{service}", get(form).post(take))
        .route("/officer/paper/{agency}/{service}/take-over", get(listed).post(take_over))
        .route("/officer/paper/{agency}/{service}/identify/{case}", get(identify::form).post(identify::say))
        .route("/officer/applications/{agency}/{service}/{case}", get(back))
        .route("/officer/applications/{agency}/{service}/{case}/pages/{page}", get(apply::question).post(apply::keep))
        .route("/officer/applications/{agency}/{service}/{case}/parts", get(parts::list))
        .route("/officer/applications/{agency}/{service}/{case}/check", get(submit::check).post(submit::send))
        .route(
            "/officer/applications/{agency}/{service}/{case}/discard",
            get(applications::ask_discard).post(applications::discard),
        )
}

/// The services of which the officer takes in what comes on paper.
#[derive(Template)]
#[template(path = "officer_paper.html")]
pub struct PaperPage {
    pub f: Frame,
    pub services: Vec<register::ServiceCard>,
}

pub async fn services(State(portal): Shared, Officer(visit, session): Officer) -> Result<Response, Refused> {
    let held = appointments(&portal, &session).await?;
    let services = taken_in(&portal, &visit, &held).await?;
    page(&PaperPage { f: Frame::new(&portal, &visit), services })
}

async fn taken_in(portal: &Portal, visit: &Visit, held: &Appointed) -> Result<Vec<register::ServiceCard>, Refused> {
    let mut services = Vec::new();
    for agency in &held.agencies {
        let request = register::SearchCatalogueRequest {
            language: visit.language.tag().into(),
            agency: agency.clone(),
            paper: true,
            ..register::SearchCatalogueRequest::default()
        };
        let found = portal.services.ask(&register::operations::SEARCH_CATALOGUE, &request).await?.services;
        services.extend(found.into_iter().filter(|card| {
            card.agency == *agency && card.level == "hosted" && takes_in(held, agency, &card.paper_role)
        }));
    }
    Ok(services)
}

/// Whether that page has anything for the officer. Where the catalogue is away it has not, and their queue serves all the same.
pub async fn takes_any_in(portal: &Portal, visit: &Visit, held: &Appointed) -> bool {
    match taken_in(portal, visit, held).await {
        Ok(services) => !services.is_empty(),
        Err(Refused(failure)) => {
            tracing::warn!(code = %failure.code, ?failure, "whether the officer takes in papers is not shown");
            false
        }
    }
}

fn takes_in(held: &Appointed, agency: &str, role: &str) -> bool {
    !role.is_empty() && held.roles.contains(&(agency.to_owned(), role.to_owned()))
}

/// What an officer says of the paper, as it was typed.
#[derive(Default)]
pub struct Told {
    pub paper: Paper,
    /// In which the applicant is written to.
    pub language: String,
}

/// Who signed, and what else this officer has still to type.
#[derive(Template)]
#[template(path = "officer_paper_take.html")]
pub struct TakePage {
    pub f: Frame,
    pub title: String,
    /// How whoever signed may be identified; `ex-officio`: nobody need have signed.
    pub ways: Vec<String>,
    /// New applications are not taken.
    pub closed: bool,
    /// Agency and service, as addresses have them.
    pub place: String,
    pub told: Told,
    pub cases: Vec<TakenInCase>,
    /// What others left lying.
    pub left: Vec<TakenInCase>,
    /// What others have of which it is not known whose it is.
    pub to_identify: Vec<TakenInCase>,
    /// Id of the input, and the key of the text that says what is wrong with it.
    pub wrong: Option<(&'static str, &'static str)>,
}

impl TakePage {
    pub fn error_on(&self, id: &str) -> Option<&'static str> {
        self.wrong.filter(|(at, _)| *at == id).map(|(_, key)| key)
    }

    pub fn takes(&self, way: &str) -> bool {
        self.ways.iter().any(|taken| taken == way)
    }

    pub fn is_way(&self, way: &str) -> bool {
        self.told.paper.identified == way
    }

    /// Where people sign papers, their names and the original's number are asked for.
    pub fn takes_papers(&self) -> bool {
        self.takes("pinfl") || self.takes("document") || self.takes("not-yet")
    }

    pub fn asks_day_of_birth(&self) -> bool {
        self.takes("pinfl") || self.takes("not-yet")
    }

    pub fn is_language(&self, tag: &str) -> bool {
        self.told.language == tag
    }

    /// Where the officer goes on.
    pub fn href(&self, case: &TakenInCase) -> String {
        self.under(case, "check")
    }

    pub fn discard(&self, case: &TakenInCase) -> String {
        self.under(case, "discard")
    }

    pub fn identify(&self, case: &TakenInCase) -> String {
        format!("/officer/paper/{}/identify/{}", self.place, self.f.hex(&case.case_id))
    }

    fn under(&self, case: &TakenInCase, rest: &str) -> String {
        format!("/officer/applications/{}/{}/{rest}", self.place, self.f.hex(&case.case_id))
    }
}

/// The service, for an officer who takes in what comes on paper there; anybody else finds no such page.
pub(super) async fn offered(
    portal: &Portal,
    visit: &Visit,
    session: &Session,
    (agency, name): (&str, &str),
) -> Result<register::ServicePage, Refused> {
    let service = read_service(portal, visit.language, agency, name).await?;
    let held = appointments(portal, session).await?;
    if takes_in(&held, agency, &service.paper_role) { Ok(service) } else { Err(fault::no_such_page().into()) }
}

async fn show(
    portal: &Portal,
    visit: &Visit,
    session: &Session,
    service: register::ServicePage,
    told: Told,
    wrong: Option<(&'static str, &'static str)>,
) -> Result<Response, Refused> {
    let card = service.card.unwrap_or_default();
    let request = ListTakenInRequest { agency: card.agency.clone(), service: card.service.clone() };
    let host = Address::service(&card.agency, &card.service);
    let TakenIn { cases, left, to_identify } =
        portal.services.read(session, &operations::LIST_TAKEN_IN, host, &request).await?;
    let (f, closed) = (Frame::new(portal, visit), !service.closed.is_empty());
    let place = format!("{}/{}", card.agency, card.service);
    let (title, ways) = (card.title, service.paper_by);
    page(&TakePage { f, title, ways, closed, place, told, cases, left, to_identify, wrong })
}

pub async fn form(
    State(portal): Shared,
    Officer(visit, session): Officer,
    Path((agency, name)): Path<(String, String)>,
) -> Result<Response, Refused> {
    let service = offered(&portal, &visit, &session, (&agency, &name)).await?;
    let identified = service.paper_by.first().cloned().unwrap_or_default();
    let paper = Paper { identified, ..Paper::default() };
    let told = Told { language: visit.language.tag().to_owned(), paper };
    show(&portal, &visit, &session, service, told, None).await
}

pub async fn take(
    State(portal): Shared,
    Officer(visit, session): Officer,
    Path((agency, name)): Path<(String, String)>,
    posted: Posted,
) -> Result<Response, Refused> {
    let service = offered(&portal, &visit, &session, (&agency, &name)).await?;
    let control = |name: &str| posted.control(name).trim().to_owned();
    let paper = Paper {
        pinfl: control("_pinfl"),
        family_name: control("_family"),
        given_name: control("_given"),
        patronymic: control("_patronymic"),
        original: control("_original"),
        identified: control("_identified"),
        document: control("_document"),
        reason: control("_reason"),
        born: control("_born"),
        received: control("_received"),
        contact: control("_contact"),
    };
    let request = OpenDraftRequest {
        agency: agency.clone(),
        service: name.clone(),
        language: control("_language"),
        paper: Some(paper),
        ..OpenDraftRequest::default()
    };
    let host = Address::service(&agency, &name);
    let sent = portal.services.command(&session, &operations::OPEN_DRAFT, host, &request, posted.command()?).await;
    let reply: OpenDraftReply = match sent {
        Ok(reply) => reply,
        Err(failure) => {
            let Some(wrong) = wrong(&failure.code) else { return Err(failure.into()) };
            let told = Told { paper: request.paper.unwrap_or_default(), language: request.language };
            return show(&portal, &visit, &session, service, told, Some(wrong)).await;
        }
    };
    let case = CaseId::from_slice(&reply.case_id)?;
    let case = CasePlace { agency, service: name, case, typed: true };
    let target = match reply.first_page.as_str() {
        "" => case.path("check"),
        _ if reply.outlined => case.path("parts"),
        page => case.path(&format!("pages/{page}")),
    };
    Ok(Redirect::to(&target).into_response())
}

/// Where the language is changed on the page that a form led to.
async fn listed(_: Officer, Path((agency, name)): Path<(String, String)>) -> Result<Redirect, Refused> {
    if !is_name(&agency) || !is_name(&name) {
        return Err(fault::no_such_page().into());
    }
    Ok(Redirect::to(&format!("/officer/paper/{agency}/{name}")))
}

/// The officer goes on with what another one left lying.
async fn take_over(
    State(portal): Shared,
    Officer(_, session): Officer,
    Path((agency, name)): Path<(String, String)>,
    posted: Posted,
) -> Result<Response, Refused> {
    let case = CasePlace { typed: true, ..CasePlace::new(&agency, &name, posted.control("_case"))? };
    let request = CaseCommand { case_id: case.case.to_vec(), version: 0 };
    let command = posted.command()?;
    let reply: CaseReply =
        portal.services.command(&session, &operations::TAKE_OVER_PAPER, case.host(), &request, command).await?;
    portal.sessions.note_seen(&session, case.case, reply.version).await?;
    Ok(Redirect::to(&case.path("check")).into_response())
}

/// What is wrong with what was typed: the input, and the key of what is said.
pub(super) fn wrong(code: &str) -> Option<(&'static str, &'static str)> {
    Some(match code {
        "paper.name" => ("family", "paper-wrong-name"),
        "paper.original" => ("original", "paper-wrong-original"),
        "paper.document" => ("document", "paper-wrong-document"),
        "paper.reason" => ("reason", "paper-wrong-reason"),
        "paper.identified" => ("way", "paper-wrong-way"),
        "paper.born" => ("born", "paper-wrong-born"),
        "paper.received" => ("received", "paper-wrong-received"),
        "paper.name-differs" => ("pinfl", "paper-wrong-differs"),
        "paper.own" => ("pinfl", "paper-wrong-own"),
        "paper.day-of-birth" => ("born", "paper-wrong-day-of-birth"),
        "paper.contact" => ("contact", "paper-wrong-contact"),
        "paper.differs" => ("family", "paper-wrong-differs-from-paper"),
        "paper.second" => ("pinfl", "paper-wrong-second"),
        "paper.taken-already" => ("original", "paper-wrong-again"),
        "paper.too-many" => ("original", "paper-wrong-too-many"),
        _ if code.starts_with("pinfl.") => ("pinfl", "paper-wrong-pinfl"),
        _ => return None,
    })
}

/// A case's own page is the applicant's: the officer goes on from their list.
async fn back(
    Filling(_, session): Filling,
    Path((agency, service, case)): Path<(String, String, String)>,
) -> Result<Response, Refused> {
    let case = CasePlace::new(&agency, &service, &case)?.filled_by(&session);
    Ok(Redirect::to(&if case.typed { case.list() } else { case.path("") }).into_response())
}

/// What was typed is sent: the number goes onto the paper, and to whoever handed it in.
#[derive(Template)]
#[template(path = "officer_paper_sent.html")]
pub struct SentPage {
    pub f: Frame,
    pub number: String,
    pub list: String,
}

pub fn sent(portal: &Portal, visit: &Visit, case: &CasePlace, reply: SubmitReply) -> Result<Response, Refused> {
    let mut f = Frame::new(portal, visit);
    // What was sent has no address of its own.
    f.place = case.list();
    page(&SentPage { f, number: reply.number, list: case.list() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn papers_are_taken_in_by_whoever_has_the_role_in_the_agency_of_the_service() {
        let held = |agency: &str, role: &str| Appointed {
            name: String::new(),
            agencies: vec![agency.to_owned()],
            roles: [(agency.to_owned(), role.to_owned())].into(),
            seats: [(agency.to_owned(), role.to_owned(), String::new())].into(),
            leads: false,
        };
        assert!(takes_in(&held("justice", "registrar"), "justice", "registrar"));
        assert!(!takes_in(&held("justice", "cashier"), "justice", "registrar"));
        assert!(!takes_in(&held("health", "registrar"), "justice", "registrar"));
        assert!(!takes_in(&held("justice", ""), "justice", ""), "nothing comes on paper");
    }

    #[test]
    fn what_was_typed_wrongly_is_said_beside_its_input_and_nothing_else_is() {
        for (code, expected) in [
            ("pinfl.check-digit", Some(("pinfl", "paper-wrong-pinfl"))),
            ("paper.original", Some(("original", "paper-wrong-original"))),
            ("paper.not-appointed", None),
            ("service.stopped", None),
        ] {
            assert_eq!(wrong(code), expected, "{code}");
        }
    }
}
