//! Who answers for an agency's seals.

use kernel::Time;
use proto::identity::v1::Officer;

/// Those who run the agency in the platform, and those who answer for what it publishes.
const ROLES: [&str; 3] = ["administrator", "head", "lawyer"];

/// Whether the officer has one of the roles now, in the whole agency.
pub fn keeps_seals(officer: &Officer, agency: &str, now: Time) -> bool {
    let now = now.micros();
    officer.appointments.iter().any(|held| {
        held.agency == agency
            && held.office.is_empty()
            && ROLES.contains(&held.role.as_str())
            && held.from_us <= now
            && (held.to_us == 0 || now < held.to_us)
    })
}

#[cfg(test)]
mod tests {
    use proto::identity::v1::Appointment;

    use super::*;

    #[test]
    fn only_a_role_that_answers_for_the_whole_agency_now_keeps_its_seals() {
        let officer = |agency: &str, office: &str, role: &str, to_us| Officer {
            appointments: vec![Appointment {
                agency: agency.into(),
                office: office.into(),
                role: role.into(),
                from_us: 10,
                to_us,
            }],
            ..Officer::default()
        };
        let now = Time::from_micros(100);
        for role in ROLES {
            assert!(keeps_seals(&officer("justice", "", role, 0), "justice", now), "{role}");
        }
        for other in [
            officer("justice", "", "registrar", 0),
            officer("justice", "nukus", "head", 0),
            officer("health", "", "head", 0),
            officer("justice", "", "head", 100),
        ] {
            assert!(!keeps_seals(&other, "justice", now), "{other:?}");
        }
        assert!(!keeps_seals(&officer("justice", "", "head", 0), "justice", Time::from_micros(9)));
    }
}
