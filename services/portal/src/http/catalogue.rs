//! What anyone may see: the services of the state, by life event, by search and one by one.

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use kernel::Language;
use proto::{
    docket::v1 as docket,
    eservice::v1::Experience,
    register::v1::{self as register, ServiceCard, operations},
};
use serde::Deserialize;

use super::{
    Portal, Shared,
    applications::href,
    experience,
    fault::{self, Refused},
    frame::{Frame, page},
    submit::ASKED,
    visit::Visit,
};
use crate::domain::{government_service, place};

#[derive(Template)]
#[template(path = "home.html")]
pub struct HomePage {
    pub f: Frame,
    pub life_events: Vec<register::LifeEvent>,
    pub services: Vec<ServiceCard>,
    pub unfinished: Vec<Unfinished>,
}

/// An application that waits for the person, offered first.
pub struct Unfinished {
    pub title: String,
    pub href: String,
    /// Of the text that says what it waits for.
    pub key: &'static str,
}

const SERVICES_ON_HOME: usize = 6;

pub async fn home(State(portal): Shared, visit: Visit) -> Result<Response, Refused> {
    let found = catalogue(&portal, visit.language, |_| {}).await?;
    let f = Frame::new(&portal, &visit);
    let unfinished = unfinished(&portal, &visit, &f).await;
    let services = found.services.into_iter().take(SERVICES_ON_HOME).collect();
    page(&HomePage { life_events: found.life_events, services, unfinished, f })
}

/// A home page must not fail because a list is late.
async fn unfinished(portal: &Portal, visit: &Visit, f: &Frame) -> Vec<Unfinished> {
    let Some(session) = visit.session.as_ref().filter(|_| f.is_citizen()) else { return Vec::new() };
    let request = docket::ListApplicationsRequest { unfinished: true, ..docket::ListApplicationsRequest::default() };
    let list = portal.services.read(session, &docket::operations::LIST_APPLICATIONS, bus::subject::PLATFORM, &request);
    let Ok(list) = list.await else { return Vec::new() };
    let unfinished = list
        .entries
        .iter()
        .filter_map(|entry| Some(Unfinished { title: f.own(&entry.title), href: href(entry), key: waits_for(entry)? }));
    unfinished.take(3).collect()
}

/// Key of the text that says what an application waits for; nothing where that is not the person.
fn waits_for(entry: &docket::Entry) -> Option<&'static str> {
    match (entry.phase.as_str(), entry.status.as_str()) {
        ("draft", _) => Some("home-unfinished-draft"),
        ("returned", _) => Some("home-unfinished-returned"),
        // An officer's question in one's own application, or another's application in which one is asked.
        (ASKED, "waiting") | ("running", "asked") => Some("home-unfinished-asked"),
        _ => None,
    }
}

pub async fn catalogue(
    portal: &Portal,
    language: Language,
    narrow: impl FnOnce(&mut register::SearchCatalogueRequest),
) -> Result<register::Catalogue, Refused> {
    let mut request = register::SearchCatalogueRequest { language: language.tag().into(), ..Default::default() };
    narrow(&mut request);
    Ok(portal.services.ask(&operations::SEARCH_CATALOGUE, &request).await?)
}

#[derive(Template)]
#[template(path = "life_event.html")]
pub struct LifeEventPage {
    pub f: Frame,
    pub title: String,
    pub services: Vec<ServiceCard>,
}

pub async fn life_event(State(portal): Shared, visit: Visit, Path(name): Path<String>) -> Result<Response, Refused> {
    if !place::is_name(&name) {
        return Err(fault::no_such_page().into());
    }
    let found = catalogue(&portal, visit.language, |request| request.life_event = name.clone()).await?;
    let event = found.life_events.iter().find(|event| event.name == name);
    let title = event.map(|event| event.title.clone()).ok_or_else(fault::no_such_page)?;
    page(&LifeEventPage { f: Frame::new(&portal, &visit), title, services: found.services })
}

#[derive(Deserialize)]
pub struct Asked {
    #[serde(default)]
    q: String,
}

#[derive(Template)]
#[template(path = "search.html")]
pub struct SearchPage {
    pub f: Frame,
    pub query: String,
    pub found: i64,
    pub services: Vec<ServiceCard>,
}

const QUERY_CHARS_MAX: usize = 100;

pub async fn search(State(portal): Shared, visit: Visit, Query(asked): Query<Asked>) -> Result<Response, Refused> {
    let query: String = asked.q.trim().chars().filter(|letter| !letter.is_control()).take(QUERY_CHARS_MAX).collect();
    let found = catalogue(&portal, visit.language, |request| request.query = query.clone()).await?;
    let count = i64::try_from(found.services.len()).unwrap_or(i64::MAX);
    page(&SearchPage { f: Frame::new(&portal, &visit), query, found: count, services: found.services })
}

#[derive(Template)]
#[template(path = "service.html")]
pub struct ServicePage {
    pub f: Frame,
    pub card: ServiceCard,
    pub service: register::ServicePage,
    pub experience: Experience,
}

impl ServicePage {
    /// Which texts say why no new applications are taken.
    pub fn closed(&self) -> Option<&'static str> {
        (!self.service.closed.is_empty()).then(|| fault::closed(&self.service.closed))
    }

    /// For search engines; a block of data, which runs nowhere and which the policy lets stand.
    pub fn data(&self) -> String {
        let audience = |word: &str| self.f.named("audience-", word);
        government_service::block(&self.card, &self.service, self.f.lang(), audience)
    }
}

pub async fn service(
    State(portal): Shared,
    visit: Visit,
    Path((agency, service)): Path<(String, String)>,
) -> Result<Response, Refused> {
    let service = read_service(&portal, visit.language, &agency, &service).await?;
    let card = service.card.clone().unwrap_or_default();
    let is_hosted = card.level == "hosted" || card.level.is_empty();
    let experience =
        if is_hosted { experience::of(&portal, &card.agency, &card.service).await } else { Experience::default() };
    page(&ServicePage { f: Frame::new(&portal, &visit), card, service, experience })
}

pub async fn read_service(
    portal: &Portal,
    language: Language,
    agency: &str,
    service: &str,
) -> Result<register::ServicePage, Refused> {
    if !place::is_name(agency) || !place::is_name(service) {
        return Err(fault::no_such_page().into());
    }
    let request = register::ReadServiceRequest {
        agency: agency.to_owned(),
        service: service.to_owned(),
        language: language.tag().into(),
    };
    Ok(portal.services.ask(&operations::READ_SERVICE, &request).await?)
}

#[derive(Template)]
#[template(path = "help.html")]
pub struct HelpPage {
    pub f: Frame,
    pub code: String,
}

#[derive(Deserialize)]
pub struct Code {
    #[serde(default)]
    code: String,
}

pub async fn help(State(portal): Shared, visit: Visit, Query(asked): Query<Code>) -> Result<Response, Refused> {
    let plain =
        asked.code.len() <= 80 && asked.code.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-".contains(&byte));
    page(&HelpPage { f: Frame::new(&portal, &visit), code: if plain { asked.code } else { String::new() } })
}

#[derive(Template)]
#[template(path = "accessibility.html")]
pub struct AccessibilityPage {
    pub f: Frame,
}

pub async fn accessibility(State(portal): Shared, visit: Visit) -> Result<Response, Refused> {
    page(&AccessibilityPage { f: Frame::new(&portal, &visit) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_waits_for_a_person_leads_to_their_own_part_of_it() {
        let entry = |phase: &str, status: &str| docket::Entry {
            case_id: vec![1],
            agency: "justice".into(),
            service: "copy".into(),
            phase: phase.into(),
            status: status.into(),
            ..docket::Entry::default()
        };
        let another = entry("asked", "waiting");
        assert_eq!(waits_for(&another), Some("home-unfinished-asked"));
        assert_eq!(href(&another), "/asked/justice/copy/01");
        let own = entry("running", "asked");
        assert_eq!(
            (waits_for(&own), href(&own)),
            (Some("home-unfinished-asked"), "/applications/justice/copy/01".into())
        );
        assert_eq!(waits_for(&entry("asked", "consented")), None);
        assert_eq!(waits_for(&entry("running", "reviewing")), None);
        assert_eq!(
            waits_for(&entry("ended", "asked")),
            None,
            "an ended one has its outcome for a status, whatever that is called"
        );
    }
}
