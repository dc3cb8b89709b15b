//! Tasks that nobody can take, and applications that nobody can type, are an alarm: a gauge counts them, the log names each of them
//! once, and whoever answers for the office reads which tasks they are.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    sync::Arc,
    time::Duration,
};

use boot::metrics;
use bus::Call;
use futures::future::join_all;
use kernel::{CaseId, ErrorKind, Failure, PersonId, TaskId};
use proto::{
    docket::v1::{ListUnstaffedRequest, Unstaffed, UnstaffedTask},
    identity::v1::{Holders, Officer, Place, Places, operations::READ_UNSTAFFED},
};
use sql::Database;

use super::Docket;
use crate::{
    domain::load::overseen,
    store::staffing::{self, Waiting},
};

/// Of which something was told: a task, or an application that is to be typed.
type Told = HashSet<(CaseId, Option<TaskId>)>;

/// A role may also end by itself.
const LOOK_EVERY: Duration = Duration::from_secs(5 * 60);
/// Identity looks at one place after the other, and has answered about so many long before a request ends.
const TOGETHER: usize = 50;
/// Officers that are asked for at once: one after the other, those of many places would not come in time.
const OFFICERS_TOGETHER: usize = 32;
/// On one page.
const LISTED_MAX: usize = 100;

pub fn watch(kit: &boot::Kit, docket: &Arc<Docket>) {
    let (docket, shutdown) = (docket.clone(), kit.shutdown.clone());
    kit.spawn("staffing", move || {
        let (docket, shutdown) = (docket.clone(), shutdown.clone());
        async move {
            let mut told = HashSet::new();
            loop {
                if let Err(failure) = look(&docket, &mut told).await {
                    tracing::debug!(?failure, "whether somebody can take the open tasks is not known");
                }
                tokio::select! {
                    () = shutdown.cancelled() => return Ok(()),
                    () = docket.roles_changed.notified() => {}
                    () = tokio::time::sleep(LOOK_EVERY) => {}
                }
            }
        }
    });
}

async fn look(docket: &Docket, told: &mut Told) -> Result<(), Failure> {
    let database = docket.database.quietly();
    let mut tx = database.read().await?;
    let places = staffing::places(&mut tx, "").await?;
    drop(tx);
    let found = find(docket, &database, &places, None).await?;
    tell(&found, told);
    Ok(())
}

/// A place where there are tasks that nobody can take, those tasks, and whether there are officers of the role at all.
struct Found {
    place: Place,
    waiting: Vec<Waiting>,
    kept_off: bool,
}

/// What waits at these places and nobody can take; where few have the role, also what each of them is kept off.
async fn find(
    docket: &Docket,
    database: &Database,
    places: &[Place],
    reader: Option<&Officer>,
) -> Result<Vec<Found>, Failure> {
    let mut few = Vec::new();
    for part in places.chunks(TOGETHER) {
        let request = Places { places: part.to_vec(), ..Places::default() };
        let told = docket.bus.request(&READ_UNSTAFFED, "platform", &request).await?;
        few.extend(told.places.into_iter().map(|place| Holders { place: Some(place), persons: Vec::new() }));
        few.extend(told.few);
    }
    let known = officers(docket, &few).await?;
    let mut found = Vec::new();
    for Holders { place, persons } in few {
        let Some(place) = place else { continue };
        let holders: Vec<Officer> = persons.iter().filter_map(|person| known.get(person)).cloned().collect();
        let mut tx = database.read().await?;
        let waiting = staffing::waiting(&mut tx, &place, &holders, reader).await?;
        if !waiting.is_empty() {
            found.push(Found { place, waiting, kept_off: !holders.is_empty() });
        }
    }
    Ok(found)
}

/// The same people as cases know them, each asked for once.
async fn officers(docket: &Docket, few: &[Holders]) -> Result<BTreeMap<Vec<u8>, Officer>, Failure> {
    let persons = few.iter().flat_map(|held| &held.persons).map(|person| PersonId::from_slice(person));
    let persons: BTreeSet<PersonId> = persons.collect::<Result<_, Failure>>()?;
    let persons: Vec<PersonId> = persons.into_iter().collect();
    let mut known = BTreeMap::new();
    for some in persons.chunks(OFFICERS_TOGETHER) {
        let told = join_all(some.iter().map(|person| docket.officer(*person))).await;
        for (person, officer) in some.iter().zip(told) {
            match officer {
                Ok(officer) => {
                    known.insert(person.to_vec(), officer);
                }
                Err(failure) if failure.kind == ErrorKind::NotFound => {}
                Err(failure) => return Err(failure),
            }
        }
    }
    Ok(known)
}

/// For whoever answers for the office: what nobody can take there.
pub async fn list(docket: Arc<Docket>, call: Call<ListUnstaffedRequest>) -> Result<Unstaffed, Failure> {
    let officer = docket.appointed(call.person()?).await?;
    let agency = &call.request.agency;
    let offices = overseen(&officer, agency, docket.clock.now())?;
    let mut tx = docket.database.read().await?;
    let mut places = staffing::places(&mut tx, agency).await?;
    drop(tx);
    places.retain(|place| offices.iter().any(|scope| scope.office.is_empty() || scope.office == place.office));
    Ok(listed(find(&docket, &docket.database, &places, Some(&officer)).await?))
}

/// The most urgent first.
fn listed(found: Vec<Found>) -> Unstaffed {
    let mut tasks = Vec::new();
    for Found { place, waiting, kept_off } in found {
        tasks.extend(waiting.into_iter().map(|one| UnstaffedTask {
            number: one.number,
            title: Some(one.title),
            office: place.office.clone(),
            role: place.role.clone(),
            due_us: one.due_us,
            kept_off,
            typing: one.task.is_none(),
        }));
    }
    tasks.sort_by_key(|task| (task.due_us == 0, task.due_us));
    let more = tasks.len() > LISTED_MAX;
    tasks.truncate(LISTED_MAX);
    Unstaffed { tasks, more }
}

/// Counts are far below what a float holds exactly.
fn tell(found: &[Found], told: &mut Told) {
    let mut by_agency: BTreeMap<&str, f64> = BTreeMap::new();
    let mut now = HashSet::new();
    for Found { place: Place { agency, office, role }, waiting, kept_off } in found {
        *by_agency.entry(agency).or_default() += waiting.len() as f64;
        for Waiting { case, task, service, number, .. } in waiting {
            now.insert((*case, *task));
            if told.contains(&(*case, *task)) {
                continue;
            }
            match task {
                Some(task) => {
                    tracing::warn!(agency, service, office, role, number, kept_off, %task, "nobody can take this task");
                }
                None => tracing::warn!(agency, service, role, %case, "nobody can go on typing this application"),
            }
        }
    }
    metrics::TASKS_UNSTAFFED.replace(&by_agency.into_iter().collect::<Vec<_>>());
    *told = now;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_that_nobody_can_take_is_counted_until_somebody_can() {
        let place = |office: &str| Place { agency: "justice".into(), office: office.into(), role: "registrar".into() };
        let waiting = |number: u8| Waiting {
            case: CaseId::from_bytes([number; 16]),
            task: (number != 3).then(|| TaskId::from_bytes([number; 16])),
            service: "copy".into(),
            number: format!("JUS-{number}"),
            title: proto::Text::default(),
            due_us: 0,
        };
        let found = |office: &str, waiting| Found { place: place(office), waiting, kept_off: false };
        let shown = || {
            let values = metrics::TASKS_UNSTAFFED.values();
            values.into_iter().find(|(labels, _)| labels[0] == "justice").map(|(_, value)| value)
        };
        let mut told = HashSet::new();
        tell(&[found("nukus", vec![waiting(1), waiting(2)]), found("", vec![waiting(3)])], &mut told);
        assert_eq!((shown(), told.len()), (Some(3.0), 3));
        tell(&[found("nukus", vec![waiting(2)])], &mut told);
        assert_eq!((shown(), told.len()), (Some(1.0), 1), "what somebody took is told anew if it comes back");
        tell(&[], &mut told);
        assert_eq!((shown(), told.is_empty()), (Some(0.0), true));
    }

    #[test]
    fn an_application_that_nobody_can_type_is_listed_beside_the_tasks_after_what_has_a_deadline() {
        let waiting = |number: u8, due_us: i64| Waiting {
            case: CaseId::from_bytes([number; 16]),
            task: (due_us > 0).then(|| TaskId::from_bytes([number; 16])),
            service: "copy".into(),
            number: String::new(),
            title: proto::Text::default(),
            due_us,
        };
        let place = Place { agency: "justice".into(), role: "registrar".into(), ..Place::default() };
        let found = Found { place, waiting: vec![waiting(1, 0), waiting(2, 7)], kept_off: false };
        let told: Vec<_> = listed(vec![found]).tasks.into_iter().map(|task| (task.typing, task.due_us)).collect();
        assert_eq!(told, [(false, 7), (true, 0)]);
    }
}
