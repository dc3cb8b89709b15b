//! The officer's pages.

mod claim;
mod correct;
mod events;
mod grants;
mod identify;
mod load;
mod messages;
mod next;
mod note;
mod opening;
mod opinion;
mod paper;
mod preview;
mod question;
mod queue;
mod recall;
mod seals;
mod search;
mod second;
mod task;
mod together;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use axum::{
    Router,
    routing::{get, post},
};
#[cfg(test)]
pub use correct::{CorrectPage, Written};
#[cfg(test)]
pub use events::EventsPage;
#[cfg(test)]
pub use grants::GrantsPage;
#[cfg(test)]
pub use identify::IdentifyPage;
use kernel::TaskId;
pub use load::unstaffed;
#[cfg(test)]
pub use load::{HeldPage, Listed, LoadPage};
#[cfg(test)]
pub use messages::MessagesPage;
pub use opening::asks_for_a_reason;
#[cfg(test)]
pub use opening::{DecidedPage, ReasonPage};
#[cfg(test)]
pub use opinion::{OpinionPage, Wanted as WantedOpinion};
pub use paper::sent;
#[cfg(test)]
pub use paper::{PaperPage, SentPage, TakePage, Told};
#[cfg(test)]
pub use preview::PreviewPage;
use proto::{
    docket::v1 as docket,
    identity::v1::{ReadPersonRequest, operations},
    register::v1 as register,
};
#[cfg(test)]
pub use question::AskPage;
#[cfg(test)]
pub use queue::{QueuePage, Wanted};
#[cfg(test)]
pub use recall::{RecallPage, Wish};
#[cfg(test)]
pub use seals::{SealedTemplate, SealsPage, Word};
#[cfg(test)]
pub use search::{SearchPage, Typed};
#[cfg(test)]
pub use task::{Chosen, TaskTemplate};
#[cfg(test)]
pub use together::{Picked, Stage, TogetherPage};

use super::{
    Portal,
    catalogue::read_service,
    fault::{self, Refused},
    files::large,
    visit::{CasePlace, Visit},
};
use crate::store::Session;

pub fn routes() -> Router<Arc<Portal>> {
    Router::new()
        .route("/officer", get(queue::queue))
        .route("/officer/tasks/{agency}/{service}/{case}/{task}", get(task::task).post(task::decide))
        .route("/officer/tasks/{agency}/{service}/{case}/{task}/reason", get(opening::back).post(opening::give_reason))
        .route("/officer/tasks/{agency}/{service}/{case}/{task}/documents/{document}", get(opening::document))
        .route(
            "/officer/tasks/{agency}/{service}/{case}/{task}/documents/{document}/recall",
            get(recall::form).post(recall::send),
        )
        .route(
            "/officer/tasks/{agency}/{service}/{case}/{task}/documents/{document}/correct",
            get(correct::form).post(correct::send),
        )
        .route("/officer/tasks/{agency}/{service}/{case}/{task}/messages", get(messages::messages))
        .route("/officer/filters", post(queue::save))
        .route("/officer/filters/remove", post(queue::forget))
        .route("/officer/next", post(next::next))
        .route("/officer/claims/{agency}/{service}/{case}/{task}", post(claim::claim))
        .route("/officer/claims/{agency}/{service}/{case}/{task}/release", post(claim::release))
        .route("/officer/second/{agency}/{service}/{case}/{task}", post(second::agree))
        .route("/officer/second/{agency}/{service}/{case}/{task}/back", post(second::send_back))
        .route("/officer/together", post(together::choose))
        .route("/officer/together/check", post(together::check))
        .route("/officer/together/decide", post(together::decide))
        .route("/officer/preview/{agency}/{service}/{case}/{task}", post(preview::show_all))
        .route("/officer/preview/{agency}/{service}/{case}/{task}/document", post(preview::document))
        .route("/officer/questions/{agency}/{service}/{case}/{task}", get(question::form).merge(large(question::ask)))
        .route("/officer/questions/{agency}/{service}/{case}/{task}/take-back", post(question::take_back))
        .route("/officer/opinions/{agency}/{service}/{case}/{task}", get(opinion::form).post(opinion::send))
        .route("/officer/notes/{agency}/{service}/{case}/{task}", post(note::add))
        .merge(paper::routes())
        .merge(seals::routes())
        .route("/officer/search", get(search::form).post(search::search))
        .route("/officer/load", get(load::load))
        .route("/officer/load/tasks", get(load::held).post(load::assign))
        .route("/officer/load/take-back", post(load::take_back))
        .route("/officer/events", get(events::list))
        .route("/officer/grants", get(grants::grants).post(grants::approve))
        .route("/officer/grants/revoke", post(grants::revoke))
}

/// An officer, as identity knows them now.
pub struct Appointed {
    name: String,
    /// In which they have a role.
    pub agencies: Vec<String>,
    /// Their roles, each by agency and name.
    roles: BTreeSet<(String, String)>,
    /// Offices in which they have them, each behind agency and role; an empty name: the whole agency.
    seats: BTreeSet<(String, String, String)>,
    /// Whether they lead an office of one.
    leads: bool,
}

impl Appointed {
    /// Whether a task is in their own queue, as the e-service judges it: what else they may open needs a reason.
    fn owns(&self, task: &docket::Task) -> bool {
        let (agency, role, office) = (task.agency.clone(), task.role.clone(), task.office.clone());
        match office.is_empty() {
            true => self.roles.contains(&(agency, role)),
            false => self.seats.contains(&(agency, role, office)),
        }
    }
}

const LEAD: &str = "lead";
const ARCHIVIST: &str = "archivist";
/// Where seals are doubted and withdrawn.
const SEALS: &str = "/officer/seals";

pub async fn appointments(portal: &Portal, session: &Session) -> Result<Appointed, Refused> {
    let request = ReadPersonRequest { person: session.person.to_vec(), case_id: Vec::new() };
    let officer = portal.services.ask(&operations::READ_OFFICER, &request).await?;
    let now = portal.clock.now().micros();
    let mut current = officer.appointments;
    current.retain(|role| role.from_us <= now && (role.to_us == 0 || now < role.to_us));
    let leads = current.iter().any(|held| held.role == LEAD);
    let seats = current.iter().map(|held| (held.agency.clone(), held.role.clone(), held.office.clone())).collect();
    let roles: BTreeSet<_> = current.into_iter().map(|held| (held.agency, held.role)).collect();
    let mut agencies: Vec<String> = roles.iter().map(|(agency, _)| agency.clone()).collect();
    agencies.dedup();
    Ok(Appointed { name: officer.display_name, agencies, roles, seats, leads })
}

/// Titles of services, and of the offices that they have, each by agency and name.
type Titles = BTreeMap<(String, String), String>;

/// The catalogue being away, names serve.
async fn words(portal: &Portal, visit: &Visit, services: BTreeSet<(String, String)>) -> (Titles, Titles) {
    let (mut titles, mut offices) = (Titles::new(), Titles::new());
    for (agency, service) in services {
        let Ok(found) = read_service(portal, visit.language, &agency, &service).await else { continue };
        for office in found.offices {
            offices.insert((agency.clone(), office.name), office.title);
        }
        titles.insert((agency, service), found.card.unwrap_or_default().title);
    }
    (titles, offices)
}

/// Titles of an agency's offices by their names, as it published them; the register being away, names serve.
async fn offices(portal: &Portal, visit: &Visit, agency: &str) -> BTreeMap<String, String> {
    let request = register::ReadAgencyRequest { agency: agency.to_owned() };
    let Ok(found) = portal.services.ask(&register::operations::READ_AGENCY, &request).await else {
        return BTreeMap::new();
    };
    let resource: serde_json::Value = serde_json::from_slice(&found.resource).unwrap_or_default();
    let offices = resource["spec"]["offices"].as_array().into_iter().flatten();
    let titled = offices.filter_map(|office| {
        let title = &office["title"];
        let title = title[visit.language.tag()].as_str().or(title["uz"].as_str())?;
        Some((office["name"].as_str()?.to_owned(), title.to_owned()))
    });
    titled.collect()
}

/// Whose service the task's case is of. A docket of an older release does not say it, and knows no other than the task's agency.
pub fn home(task: &docket::Task) -> &str {
    if task.case_agency.is_empty() { &task.agency } else { &task.case_agency }
}

/// Agency, service, case and task of an address.
pub type Parts = (String, String, String, String);

/// A task as addresses name it.
pub struct TaskPlace {
    pub at: CasePlace,
    pub task: TaskId,
}

impl TaskPlace {
    pub fn new((agency, service, case, task): Parts) -> Result<Self, Refused> {
        let task = task.parse().map_err(|_| fault::no_such_page())?;
        Ok(Self { at: CasePlace::new(&agency, &service, &case)?, task })
    }

    pub fn path(&self) -> String {
        format!("/officer/tasks/{}/{}/{}/{}", self.at.agency, self.at.service, self.at.case, self.task)
    }
}
