//! Who is told that a legal hold ends soon.

use std::time::Duration;

use kernel::Time;
use proto::identity::v1::Officer;

/// The role that looks after an agency's records.
const ARCHIVIST: &str = "archivist";
/// How long before.
pub const AHEAD: Duration = Duration::from_secs(31 * 86_400);

/// Agencies whose records the officer looks after now, each once.
pub fn kept_by(officer: &Officer, now: Time) -> Vec<String> {
    let now = now.micros();
    let held = officer.appointments.iter().filter(|held| held.role == ARCHIVIST);
    let in_force = held.filter(|held| held.from_us <= now && (held.to_us == 0 || now < held.to_us));
    let mut agencies: Vec<String> = in_force.map(|held| held.agency.clone()).collect();
    agencies.sort();
    agencies.dedup();
    agencies
}

#[cfg(test)]
mod tests {
    use proto::identity::v1::Appointment;

    use super::*;

    #[test]
    fn only_who_looks_after_an_agencys_records_now_is_told_of_its_holds() {
        let held = |agency: &str, role: &str, to_us: i64| Appointment {
            agency: agency.into(),
            role: role.into(),
            to_us,
            ..Appointment::default()
        };
        let appointments = vec![
            held("justice", ARCHIVIST, 0),
            held("justice", ARCHIVIST, 200),
            held("health", ARCHIVIST, 100),
            held("notary", "registrar", 0),
        ];
        let officer = Officer { appointments, ..Officer::default() };
        assert_eq!(kept_by(&officer, Time::from_micros(100)), ["justice"]);
    }
}
