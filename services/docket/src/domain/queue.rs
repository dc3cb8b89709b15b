//! Which tasks an officer's appointments open, and where a page of the queue ends.

use std::collections::BTreeMap;

use kernel::{TaskId, Time};
use proto::{docket::v1::Task, identity::v1::Officer};

/// What one appointment opens.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Scope {
    pub agency: String,
    pub role: String,
    /// Empty: every office.
    pub office: String,
}

/// A task's place in the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    pub urgency: i64,
    pub task: TaskId,
}

impl Place {
    pub const FIRST: [u8; 16] = [0; 16];

    /// Before every task.
    pub fn start() -> Self {
        Self { urgency: i64::MIN, task: TaskId::from_bytes(Self::FIRST) }
    }

    pub fn parse(text: &str) -> Option<Self> {
        let (urgency, task) = text.split_once('.')?;
        Some(Self { urgency: urgency.parse().ok()?, task: task.parse().ok()? })
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}.{}", self.urgency, self.task)
    }
}

/// Appointments in force now, narrowed to what was asked for, each once.
pub fn scopes(officer: &Officer, agency: &str, office: &str, role: &str, now: Time) -> Vec<Scope> {
    let now = now.micros();
    let mut scopes: Vec<Scope> = officer
        .appointments
        .iter()
        .filter(|held| held.from_us <= now && (held.to_us == 0 || now < held.to_us))
        .filter(|held| agency.is_empty() || held.agency == agency)
        .filter(|held| role.is_empty() || held.role == role)
        .filter(|held| office.is_empty() || held.office.is_empty() || held.office == office)
        .map(|held| Scope {
            agency: held.agency.clone(),
            role: held.role.clone(),
            office: if held.office.is_empty() { office.to_owned() } else { held.office.clone() },
        })
        .collect();
    scopes.sort();
    scopes.dedup();
    scopes
}

/// Several appointments' tasks as one queue, and where its next page begins; a task that two of them open stands once.
/// Of each appointment one task more than `limit` was looked for.
pub fn merged(found: Vec<(Place, Task)>, limit: usize) -> (Vec<Task>, Option<Place>) {
    let ordered: BTreeMap<Place, Task> = found.into_iter().collect();
    let next = ordered.keys().nth(limit.saturating_sub(1)).filter(|_| ordered.len() > limit).copied();
    (ordered.into_values().take(limit).collect(), next)
}

#[cfg(test)]
mod tests {
    use proto::identity::v1::Appointment;

    use super::*;

    fn held(agency: &str, office: &str, to_us: i64) -> Appointment {
        Appointment { agency: agency.into(), office: office.into(), role: "registrar".into(), from_us: 0, to_us }
    }

    #[test]
    fn an_ended_appointment_opens_nothing_and_a_wide_one_is_narrowed() {
        let officer = Officer {
            appointments: vec![held("justice", "", 0), held("health", "nukus", 5), held("justice", "nukus", 0)],
            ..Officer::default()
        };
        let now = Time::from_micros(10);
        let all = scopes(&officer, "", "", "", now);
        assert_eq!(all.len(), 2);
        let nukus = scopes(&officer, "justice", "nukus", "", now);
        assert_eq!(nukus.len(), 1);
        assert_eq!(nukus[0].office, "nukus");
        assert!(scopes(&officer, "health", "", "", now).is_empty());
        assert!(scopes(&officer, "", "", "lead", now).is_empty());
    }

    #[test]
    fn a_page_names_the_next_one_only_when_there_is_more() {
        let at = |number: u8| Place { urgency: i64::from(number), task: TaskId::from_bytes([number; 16]) };
        let found = || [3, 1, 2, 1].map(|number| (at(number), Task::default())).to_vec();
        for (limit, shown, next) in [(2, 2, Some(at(2))), (3, 3, None), (4, 3, None)] {
            let (tasks, after) = merged(found(), limit);
            assert_eq!((tasks.len(), after), (shown, next), "{limit}");
        }
    }

    #[test]
    fn a_place_survives_its_text() {
        let place = Place { urgency: i64::MAX, task: TaskId::from_bytes([3; 16]) };
        assert_eq!(Place::parse(&place.to_string()), Some(place));
        assert_eq!(Place::parse("x"), None);
    }
}
