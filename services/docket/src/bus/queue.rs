//! An officer's queue: open tasks of the offices and roles they hold now, most urgent first, narrowed as they like.

use std::{collections::BTreeSet, sync::Arc};

use bus::Call;
use kernel::{Failure, PersonId};
use proto::docket::v1::{ListQueueRequest, Queue, Task};

use super::Docket;
use crate::{
    domain::{
        filter::Filter,
        queue::{Place, merged, scopes},
    },
    store::{filters, lists},
};

const MOST: i64 = 100;
const USUAL: i64 = 50;

pub async fn list(docket: Arc<Docket>, call: Call<ListQueueRequest>) -> Result<Queue, Failure> {
    let person = call.person()?;
    let officer = docket.appointed(person).await?;
    let asked = &call.request;
    let now = docket.clock.now();
    let filter = Filter::of(asked, now)?;
    let limit = if asked.limit <= 0 { USUAL } else { i64::from(asked.limit).min(MOST) };
    let after = Place::parse(&asked.after).unwrap_or_else(Place::start);
    let (mut found, mut services, mut offices) = (Vec::new(), BTreeSet::new(), BTreeSet::new());
    let mut tx = docket.database.read().await?;
    for scope in scopes(&officer, &asked.agency, &asked.office, &asked.role, now) {
        found.extend(lists::queue(&mut tx, &scope, &officer, &filter, after, limit + 1).await?);
    }
    let all = scopes(&officer, &asked.agency, "", "", now);
    for scope in &all {
        for (service, office) in lists::choices(&mut tx, scope).await? {
            services.insert(service);
            offices.extend((!office.is_empty()).then_some(office));
        }
    }
    let filters = filters::of(&mut tx, person.id).await?;
    drop(tx);
    let (lag_us, stale) = docket.freshness.age(now);
    let (mut tasks, next) = merged(found, usize::try_from(limit).unwrap_or_default());
    name_holders(&docket, &mut tasks).await?;
    let roles: BTreeSet<String> = all.into_iter().map(|scope| scope.role).collect();
    Ok(Queue {
        tasks,
        lag_us,
        stale,
        next: next.map(|place| place.to_string()).unwrap_or_default(),
        filters,
        services: services.into_iter().collect(),
        offices: offices.into_iter().collect(),
        roles: roles.into_iter().collect(),
    })
}

pub(super) async fn name_holders(docket: &Docket, tasks: &mut [Task]) -> Result<(), Failure> {
    for task in tasks.iter_mut().filter(|task| !task.assignee.is_empty()) {
        task.assignee_name = docket.name(PersonId::from_slice(&task.assignee)?).await;
    }
    Ok(())
}
