//! What others may ask of the docket, and the events it is built from.

mod applications;
mod auditor;
mod chains;
mod filters;
mod freshness;
mod holds;
mod load;
mod not_begun;
mod queue;
mod recovery;
mod search;
mod staffing;
mod unusual;

use std::{sync::Arc, time::Duration};

use bus::{Bus, Event, Log, Person, Service};
use futures::FutureExt;
use kernel::{CaseId, Clock, ErrorKind, Failure, Kept, PersonId, Random, Time, sealed::AgencyKey};
use proto::{
    docket::v1::operations,
    eservice::v1::{CaseChanged, CaseErased, CaseHeld, CaseNotBegun},
    identity::v1::{AppointmentChanged, Officer, ReadPersonRequest, operations::READ_OFFICER},
};
use sql::Database;
use tokio::sync::Notify;

pub use freshness::Freshness;

use crate::{
    ROLE,
    store::{self, index},
};

/// How long identity's word about an officer may be used.
const OFFICER_FRESH: Duration = Duration::from_secs(60);
const OFFICERS_MAX: usize = 4_096;

pub struct Docket {
    pub database: Database,
    pub bus: Bus,
    pub clock: Arc<dyn Clock>,
    pub random: Arc<dyn Random>,
    pub freshness: Freshness,
    /// Somebody got or lost a role: who can take what is looked at anew.
    pub roles_changed: Notify,
    /// Wraps the keys of what officers type for a search.
    reasons: AgencyKey,
    /// Chains of acts are read by one at a time.
    reading: tokio::sync::Mutex<()>,
    officers: Kept<PersonId, (Officer, Time)>,
}

impl Docket {
    pub fn new(kit: &boot::Kit, database: Database, bus: Bus, reasons: AgencyKey) -> Self {
        Self {
            database,
            bus,
            clock: kit.clock.clone(),
            random: kit.random.clone(),
            freshness: Freshness::default(),
            roles_changed: Notify::new(),
            reasons,
            reading: tokio::sync::Mutex::default(),
            officers: Kept::at_most(OFFICERS_MAX),
        }
    }

    /// Who asks, when they are an officer and signed in as one.
    async fn appointed(&self, person: &Person) -> Result<Officer, Failure> {
        if !person.officer {
            return Err(officers_only());
        }
        self.officer(person.id).await.map_err(|failure| match failure.kind {
            ErrorKind::NotFound => officers_only(),
            _ => failure,
        })
    }

    /// An officer's name: it is missing for a while rather than the list.
    async fn name(&self, person: PersonId) -> String {
        self.officer(person).await.map(|officer| officer.display_name).unwrap_or_default()
    }

    async fn officer(&self, person: PersonId) -> Result<Officer, Failure> {
        let now = self.clock.now();
        if let Some((officer, read)) = self.officers.get(&person)
            && is_fresh(read, now)
        {
            return Ok(officer);
        }
        let request = ReadPersonRequest { person: person.to_vec(), case_id: Vec::new() };
        let officer: Officer = self.bus.request(&READ_OFFICER, "platform", &request).await?;
        self.officers.put(person, (officer.clone(), now));
        Ok(officer)
    }
}

pub async fn start(kit: &boot::Kit, docket: &Arc<Docket>) -> Result<(), Failure> {
    bus::consume(&docket.bus, &docket.database, kit, "eservice", |tx, event| {
        async move { indexed(tx, &event).await }.boxed()
    });
    let roles = docket.clone();
    bus::consume(&docket.bus, &docket.database, kit, "identity", move |_, event| {
        if event.is::<AppointmentChanged>() {
            roles.roles_changed.notify_one();
        }
        async { Ok(()) }.boxed()
    });
    freshness::watch(kit, docket);
    staffing::watch(kit, docket);
    chains::follow(kit, docket);
    bus::relay::run(&docket.bus, &docket.database, Log::of(ROLE), kit).await?;
    let service = auditing(lists(Service::new(ROLE).recording(&docket.database), docket), docket);
    let recovering = (&operations::READ_RECOVERY, &operations::END_RECOVERY);
    let keeper = Arc::new(recovery::Recovered);
    let service = bus::recovery::answering(service, recovering, &docket.database, &docket.clock, keeper);
    docket.bus.serve(service, kit).await
}

fn lists(service: Service, docket: &Arc<Docket>) -> Service {
    let of = || docket.clone();
    let (applications, queue, saved, removed) = (of(), of(), of(), of());
    let (searched, reasons, load, held, ending, not_begun, unstaffed) = (of(), of(), of(), of(), of(), of(), of());
    service
        .on(&operations::LIST_APPLICATIONS, move |call| applications::list(applications.clone(), call))
        .on(&operations::LIST_QUEUE, move |call| queue::list(queue.clone(), call))
        .on(&operations::SAVE_FILTER, move |call| filters::save(saved.clone(), call))
        .on(&operations::REMOVE_FILTER, move |call| filters::remove(removed.clone(), call))
        .on(&operations::SEARCH, move |call| search::search(searched.clone(), call))
        .on(&operations::READ_SEARCH_REASONS, move |call| search::reasons(reasons.clone(), call))
        .on(&operations::READ_LOAD, move |call| load::read(load.clone(), call))
        .on(&operations::LIST_HELD, move |call| load::held(held.clone(), call))
        .on(&operations::LIST_UNSTAFFED, move |call| staffing::list(unstaffed.clone(), call))
        .on(&operations::LIST_ENDING_HOLDS, move |call| holds::ending(ending.clone(), call))
        .on(&operations::LIST_NOT_BEGUN, move |call| not_begun::list(not_begun.clone(), call))
}

fn auditing(service: Service, docket: &Arc<Docket>) -> Service {
    let of = || docket.clone();
    let (searched, read, exported, listed) = (of(), of(), of(), of());
    service
        .on(&operations::SEARCH_ACTS, move |call| auditor::search(searched.clone(), call))
        .on(&operations::READ_ACT, move |call| auditor::read(read.clone(), call))
        .on(&operations::EXPORT_ACTS, move |call| auditor::export(exported.clone(), call))
        .on(&operations::LIST_UNUSUAL, move |call| unusual::list(listed.clone(), call))
}

async fn indexed(tx: &mut sql::Tx, event: &Event) -> Result<(), Failure> {
    if event.is::<CaseChanged>() {
        index::apply(tx, &event.decode()?).await?;
    }
    if event.is::<CaseHeld>() {
        store::holds::hear(tx, &event.decode()?).await?;
    }
    if event.is::<CaseNotBegun>() {
        store::not_begun::hear(tx, &event.decode()?).await?;
    }
    if event.is::<CaseErased>() {
        let erased: CaseErased = event.decode()?;
        let case = erased.case.unwrap_or_default().case_id;
        index::erase(tx, &case).await?;
        // Of whoever found it the exchange was told.
        sql::outbox::erase(tx, CaseId::from_slice(&case)?).await?;
        tx.destroys();
    }
    Ok(())
}

/// Whether what was read then may be used now: a clock that was put back makes nothing fresh.
fn is_fresh(read: Time, now: Time) -> bool {
    now >= read && now.since(read) < OFFICER_FRESH
}

fn officers_only() -> Failure {
    Failure::forbidden("docket.officers-only", "This page is for officers. Sign in as one.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_remembered_of_an_officer_is_less_than_a_minute_old() {
        let read = Time::from_seconds(1_795_410_000);
        let almost = Duration::from_millis(59_999);
        assert!(is_fresh(read, read) && is_fresh(read, read.plus(almost)));
        assert!(!is_fresh(read, read.plus(Duration::from_secs(60))));
        assert!(!is_fresh(read, read.minus(Duration::from_secs(1))), "the clock was put back");
    }
}
