//! What others may ask of the docket, and the events it is built from.

mod applications;
mod auditor;
mod chains;
mod freshness;
mod queue;
mod recovery;
mod unusual;

use std::{sync::Arc, time::Duration};

use bus::{Bus, Event, Service};
use futures::FutureExt;
use kernel::{Clock, Failure, Kept, PersonId, Time};
use proto::{
    docket::v1::operations,
    eservice::v1::{CaseChanged, CaseErased},
    identity::v1::{Officer, ReadPersonRequest, operations::READ_OFFICER},
};
use sql::Database;

pub use freshness::Freshness;

use crate::{ROLE, store::index};

/// How long identity's word about an officer may be used.
const OFFICER_FRESH: Duration = Duration::from_secs(60);
const OFFICERS_MAX: usize = 4_096;

pub struct Docket {
    pub database: Database,
    pub bus: Bus,
    pub clock: Arc<dyn Clock>,
    pub freshness: Freshness,
    /// Chains of acts are read by one at a time.
    reading: tokio::sync::Mutex<()>,
    officers: Kept<PersonId, (Officer, Time)>,
}

impl Docket {
    pub fn new(database: Database, bus: Bus, clock: Arc<dyn Clock>) -> Self {
        let (freshness, reading) = (Freshness::default(), tokio::sync::Mutex::default());
        Self { database, bus, clock, freshness, reading, officers: Kept::at_most(OFFICERS_MAX) }
    }

    async fn officer(&self, person: PersonId) -> Result<Officer, Failure> {
        let now = self.clock.now();
        if let Some((officer, read)) = self.officers.get(&person)
            && now >= read
            && now.since(read) < OFFICER_FRESH
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
    freshness::watch(kit, docket);
    chains::follow(kit, docket);
    let [applications, queue, searched, read, exported, unusual] = std::array::from_fn(|_| docket.clone());
    let service = Service::new(ROLE)
        .recording(&docket.database)
        .on(&operations::LIST_APPLICATIONS, move |call| applications::list(applications.clone(), call))
        .on(&operations::LIST_QUEUE, move |call| queue::list(queue.clone(), call))
        .on(&operations::SEARCH_ACTS, move |call| auditor::search(searched.clone(), call))
        .on(&operations::READ_ACT, move |call| auditor::read(read.clone(), call))
        .on(&operations::EXPORT_ACTS, move |call| auditor::export(exported.clone(), call))
        .on(&operations::LIST_UNUSUAL, move |call| unusual::list(unusual.clone(), call));
    let recovering = (&operations::READ_RECOVERY, &operations::END_RECOVERY);
    let keeper = Arc::new(recovery::Recovered);
    let service = bus::recovery::answering(service, recovering, &docket.database, &docket.clock, keeper);
    docket.bus.serve(service, kit).await
}

async fn indexed(tx: &mut sql::Tx, event: &Event) -> Result<(), Failure> {
    if event.is::<CaseChanged>() {
        index::apply(tx, &event.decode()?).await?;
    }
    if event.is::<CaseErased>() {
        let erased: CaseErased = event.decode()?;
        index::erase(tx, &erased.case.unwrap_or_default().case_id).await?;
        tx.destroys();
    }
    Ok(())
}
