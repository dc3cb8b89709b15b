//! Who is told which events began no case, and for how long.

use std::{collections::BTreeSet, time::Duration};

use kernel::{Failure, Time};
use proto::identity::v1::Officer;

use super::{load::LEAD, queue::scopes};

/// Those who see to it that events begin cases: whoever leads an office, and administrators.
const TOLD: [&str; 2] = [LEAD, "administrator"];
/// As long as the exchange keeps what an event says.
pub const KEPT: Duration = Duration::from_secs(30 * 86_400);

/// Agencies of whose services the officer is told.
pub fn told(officer: &Officer, now: Time) -> Result<BTreeSet<String>, Failure> {
    let held = TOLD.into_iter().flat_map(|role| scopes(officer, "", "", role, now));
    let agencies: BTreeSet<String> = held.map(|scope| scope.agency).collect();
    if agencies.is_empty() {
        let message = "This page is for those who lead an office of the agency, and for its administrators.";
        return Err(Failure::forbidden("docket.leads-and-administrators-only", message));
    }
    Ok(agencies)
}

#[cfg(test)]
mod tests {
    use proto::identity::v1::Appointment;

    use super::*;

    #[test]
    fn whoever_leads_an_office_or_administers_the_agency_is_told_of_its_events_and_nobody_else() {
        let held = |agency: &str, role: &str, to_us: i64| Appointment {
            agency: agency.into(),
            office: "nukus".into(),
            role: role.into(),
            to_us,
            ..Appointment::default()
        };
        let of = |appointments: Vec<Appointment>| {
            told(&Officer { appointments, ..Officer::default() }, Time::from_micros(100))
        };
        let both = vec![held("justice", LEAD, 0), held("health", "administrator", 0), held("justice", "registrar", 0)];
        assert_eq!(of(both).unwrap().into_iter().collect::<Vec<_>>(), ["health", "justice"]);
        for role in ["registrar", "archivist", "auditor"] {
            let refused = of(vec![held("justice", role, 0)]).unwrap_err();
            assert_eq!(refused.code, "docket.leads-and-administrators-only", "{role}");
        }
        assert!(of(vec![held("justice", LEAD, 100)]).is_err(), "no longer");
    }
}
