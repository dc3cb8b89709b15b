//! Tasks that nobody can take, and applications that nobody can type, are an alarm: a gauge counts them, and the log names each once.

use std::{
    collections::{BTreeMap, HashSet},
    sync::Arc,
    time::Duration,
};

use boot::metrics;
use kernel::{CaseId, Failure, TaskId};
use proto::identity::v1::{Place, Places, operations::READ_UNSTAFFED};

use super::Docket;
use crate::store::staffing::{self, Waiting};

/// Of which something was told: a task, or an application that is to be typed.
type Told = HashSet<(CaseId, Option<TaskId>)>;

/// A role may also end by itself.
const LOOK_EVERY: Duration = Duration::from_secs(5 * 60);
/// What identity takes at once.
const TOGETHER: usize = 500;

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
    let places = staffing::places(&mut tx).await?;
    drop(tx);
    let mut unstaffed = Vec::new();
    for part in places.chunks(TOGETHER) {
        let request = Places { places: part.to_vec() };
        unstaffed.extend(docket.bus.request(&READ_UNSTAFFED, "platform", &request).await?.places);
    }
    let mut found = Vec::new();
    let mut tx = database.read().await?;
    for place in unstaffed {
        let waiting = staffing::waiting(&mut tx, &place).await?;
        found.push((place, waiting));
    }
    drop(tx);
    tell(&found, told);
    Ok(())
}

/// Counts are far below what a float holds exactly.
fn tell(found: &[(Place, Vec<Waiting>)], told: &mut Told) {
    let mut by_agency: BTreeMap<&str, f64> = BTreeMap::new();
    let mut now = HashSet::new();
    for (Place { agency, office, role, typed_by }, waiting) in found {
        *by_agency.entry(agency).or_default() += waiting.len() as f64;
        for Waiting { case, task, service } in waiting {
            now.insert((*case, *task));
            if told.contains(&(*case, *task)) {
                continue;
            }
            match task {
                Some(task) => {
                    let typed = typed_by.len();
                    tracing::warn!(agency, service, office, role, %task, typed, "nobody can take this task");
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
        let place = |office: &str| Place {
            agency: "justice".into(),
            office: office.into(),
            role: "registrar".into(),
            typed_by: Vec::new(),
        };
        let waiting = |number: u8| Waiting {
            case: CaseId::from_bytes([number; 16]),
            task: (number != 3).then(|| TaskId::from_bytes([number; 16])),
            service: "copy".into(),
        };
        let shown = || {
            let values = metrics::TASKS_UNSTAFFED.values();
            values.into_iter().find(|(labels, _)| labels[0] == "justice").map(|(_, value)| value)
        };
        let mut told = HashSet::new();
        tell(&[(place("nukus"), vec![waiting(1), waiting(2)]), (place(""), vec![waiting(3)])], &mut told);
        assert_eq!((shown(), told.len()), (Some(3.0), 3));
        tell(&[(place("nukus"), vec![waiting(2)])], &mut told);
        assert_eq!((shown(), told.len()), (Some(1.0), 1), "what somebody took is told anew if it comes back");
        tell(&[], &mut told);
        assert_eq!((shown(), told.is_empty()), (Some(0.0), true));
    }
}
