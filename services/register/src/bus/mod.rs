//! What the register is told and asked.

mod catalogue;
mod eligibility;
mod forms;
mod freeing;
mod letters;
mod passport;
mod placement;
mod publication;
mod publish;
mod read;
mod recovery;

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard},
};

use ::bus::{Bus, Service};
use api::{Agency, ServiceDefinition};
use boot::{Kit, Stage};
use kernel::{Clock, Failure, Hash, Random};
use process::{calendar::civil_date, check::TemplateChecker};
use proto::register::v1::operations::{
    APPROVE_REVISION, AUDIT_READ, CHECK_ELIGIBILITY, DESCRIBE_SERVICES, END_RECOVERY, FREE_PUBLICATION, LIST_AGENCIES,
    LIST_PROPOSALS, LIST_REVISIONS, LIST_STATE_FORMS, PLACE_REVISION, PUBLISH_AGENCY, PUBLISH_REVISION, READ_AGENCY,
    READ_BOOKLET, READ_PASSPORT, READ_PLACEMENT, READ_PROPOSAL, READ_RECOVERY, READ_REVISION, READ_SERVICE,
    RETURN_REVISION, SEARCH_CATALOGUE, SET_INTAKE, WITHDRAW_APPROVAL,
};
use sql::{Database, Tx};

use crate::store;
use letters::Letters;

/// The role's name on the bus.
const ROLE: &str = "register";

struct Register {
    bus: Bus,
    database: Database,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    stage: Stage,
    templates: Arc<dyn TemplateChecker>,
    letters: Arc<Letters>,
    /// Definitions that people were shown, by hash: they never change. What the catalogue shows no more goes with the next search.
    definitions: Mutex<HashMap<Hash, Arc<ServiceDefinition>>>,
}

pub async fn start(
    kit: &Kit,
    bus: Bus,
    database: Database,
    templates: Arc<dyn TemplateChecker>,
) -> Result<(), Failure> {
    let register = Arc::new(Register {
        bus: bus.clone(),
        database: database.clone(),
        clock: kit.clock.clone(),
        random: kit.random.clone(),
        stage: kit.stage,
        letters: Arc::new(Letters::new(templates.clone())),
        templates,
        definitions: Mutex::default(),
    });
    ::bus::relay::run(&bus, &database, ::bus::Log::of(ROLE), kit).await?;
    let of = || register.clone();
    let (publish, agency, revision, list) = (of(), of(), of(), of());
    let (read_agency, agencies, search, page) = (of(), of(), of(), of());
    let (placed, place, intake) = (of(), of(), of());
    let (passport, described, eligible, prescribed) = (of(), of(), of(), of());
    let service = approving(&register, Service::new(ROLE).recording(&database))
        .on(&PUBLISH_REVISION, move |call| publish::revision(publish.clone(), call))
        .on(&PUBLISH_AGENCY, move |call| publish::agency(agency.clone(), call))
        .on(&READ_REVISION, move |call| read::revision(revision.clone(), call))
        .on(&LIST_REVISIONS, move |call| read::list(list.clone(), call))
        .on(&READ_AGENCY, move |call| read::agency(read_agency.clone(), call))
        .on(&LIST_AGENCIES, move |call| read::agencies(agencies.clone(), call))
        .on(&READ_PLACEMENT, move |call| placement::read(placed.clone(), call))
        .on(&PLACE_REVISION, move |call| placement::place(place.clone(), call))
        .on(&SET_INTAKE, move |call| placement::set_intake(intake.clone(), call))
        .on(&SEARCH_CATALOGUE, move |call| catalogue::search(search.clone(), call))
        .on(&READ_SERVICE, move |call| catalogue::page(page.clone(), call))
        .on(&CHECK_ELIGIBILITY, move |call| eligibility::check(eligible.clone(), call))
        .on(&READ_PASSPORT, move |call| passport::read(passport.clone(), call))
        .on(&DESCRIBE_SERVICES, move |call| passport::describe(described.clone(), call))
        .on(&LIST_STATE_FORMS, move |call| forms::list(prescribed.clone(), call));
    let recovering = (&READ_RECOVERY, &END_RECOVERY);
    let service = ::bus::audit::answering(service, &AUDIT_READ, &database);
    let service = ::bus::recovery::answering(service, recovering, &database, &kit.clock, Arc::new(recovery::Recovered));
    bus.serve(service, kit).await
}

/// What lawyers and heads ask and say.
fn approving(register: &Arc<Register>, service: Service) -> Service {
    let of = || register.clone();
    let (list, read, booklet) = (of(), of(), of());
    let (approve, withdraw, back, free) = (of(), of(), of(), of());
    service
        .on(&LIST_PROPOSALS, move |call| publication::list(list.clone(), call))
        .on(&READ_PROPOSAL, move |call| publication::read(read.clone(), call))
        .on(&READ_BOOKLET, move |call| publication::booklet(booklet.clone(), call))
        .on(&APPROVE_REVISION, move |call| publication::approve(approve.clone(), call))
        .on(&WITHDRAW_APPROVAL, move |call| publication::withdraw(withdraw.clone(), call))
        .on(&RETURN_REVISION, move |call| publication::send_back(back.clone(), call))
        .on(&FREE_PUBLICATION, move |call| freeing::agree(free.clone(), call))
}

impl Register {
    /// Today in Tashkent, ISO 8601.
    fn today(&self) -> String {
        civil_date(self.clock.now()).to_string()
    }

    /// Drafts are shown only where everything is a trial.
    fn shows_drafts(&self) -> bool {
        self.stage == Stage::Trial
    }

    fn definitions(&self) -> MutexGuard<'_, HashMap<Hash, Arc<ServiceDefinition>>> {
        self.definitions.lock().expect("no holder of this lock panics")
    }

    async fn definition(&self, tx: &mut Tx, revision: Hash) -> Result<Arc<ServiceDefinition>, Failure> {
        let known = self.definitions().get(&revision).cloned();
        if let Some(known) = known {
            return Ok(known);
        }
        let read = Arc::new(read_definition(tx, revision).await?);
        self.definitions().insert(revision, read.clone());
        Ok(read)
    }

    /// As many as the catalogue has services.
    fn keep_only(&self, current: &HashSet<Hash>) {
        self.definitions().retain(|revision, _| current.contains(revision));
    }

    /// As it counts for what it publishes.
    async fn agency(&self, tx: &mut Tx, agency: &str) -> Result<Agency, Failure> {
        let resource = store::agency(tx, agency).await?;
        let resource =
            resource.ok_or_else(|| Failure::not_found("agency.unknown", "This agency is not registered."))?;
        let agency = serde_json::from_slice(&resource).map_err(|error| unreadable(&error))?;
        freeing::in_force(tx, agency).await
    }
}

/// A definition as it was admitted.
async fn read_definition(tx: &mut Tx, revision: Hash) -> Result<ServiceDefinition, Failure> {
    let admission = store::by_hash(tx, revision).await?.ok_or_else(unknown_revision)?;
    serde_json::from_slice(&admission.definition).map_err(|error| unreadable(&error))
}

fn unknown_revision() -> Failure {
    Failure::not_found("revision.unknown", "This revision was not admitted.")
}

fn unreadable(error: &dyn std::fmt::Display) -> Failure {
    Failure::internal("register.unreadable", "What was admitted cannot be read.").with_detail(error)
}
