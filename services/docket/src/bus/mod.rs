//! What others may ask of the docket, and the events it is built from.

mod applications;
mod freshness;
mod queue;
mod recovery;
mod staffing;

use std::{sync::Arc, time::Duration};

use bus::{Bus, Event, Service};
use futures::FutureExt;
use kernel::{Clock, Failure, Kept, PersonId, Time};
use proto::{
    docket::v1::operations,
    eservice::v1::{CaseChanged, CaseErased},
    identity::v1::{AppointmentChanged, Officer, ReadPersonRequest, operations::READ_OFFICER},
};
use sql::Database;
use tokio::sync::Notify;

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
    /// Somebody got or lost a role: who can take what is looked at anew.
    pub roles_changed: Notify,
    officers: Kept<PersonId, (Officer, Time)>,
}

impl Docket {
    pub fn new(database: Database, bus: Bus, clock: Arc<dyn Clock>) -> Self {
        let officers = Kept::at_most(OFFICERS_MAX);
        Self { database, bus, clock, freshness: Freshness::default(), roles_changed: Notify::new(), officers }
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
    let roles = docket.clone();
    bus::consume(&docket.bus, &docket.database, kit, "identity", move |_, event| {
        if event.is::<AppointmentChanged>() {
            roles.roles_changed.notify_one();
        }
        async { Ok(()) }.boxed()
    });
    freshness::watch(kit, docket);
    staffing::watch(kit, docket);
    let (applications, queue) = (docket.clone(), docket.clone());
    let service = Service::new(ROLE)
        .recording(&docket.database)
        .on(&operations::LIST_APPLICATIONS, move |call| applications::list(applications.clone(), call))
        .on(&operations::LIST_QUEUE, move |call| queue::list(queue.clone(), call));
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
