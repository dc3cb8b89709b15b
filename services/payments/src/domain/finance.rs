//! Who may see an agency's money and have it moved: its finance officers and treasurers, and the platform's treasurer.

use kernel::Time;
use proto::identity::v1::{Appointment, Officer};

use super::payout::TREASURER;

/// The role that looks after an agency's own money.
pub const FINANCE: &str = "finance";
/// Stands for every agency; only its treasurer looks after that money.
pub const PLATFORM: &str = "platform";

pub fn in_force(appointment: &Appointment, now: Time) -> bool {
    let now = now.micros();
    appointment.from_us <= now && (appointment.to_us == 0 || now < appointment.to_us)
}

/// Whether the officer looks after the money of this agency now; `platform`: of all of them.
pub fn looks_after(officer: &Officer, agency: &str, now: Time) -> bool {
    officer.appointments.iter().filter(|one| in_force(one, now)).any(|one| match one.role.as_str() {
        TREASURER => one.agency == agency || one.agency == PLATFORM,
        FINANCE => one.agency == agency && agency != PLATFORM,
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn officer(agency: &str, role: &str, to_us: i64) -> Officer {
        let appointment =
            Appointment { agency: agency.into(), role: role.into(), from_us: 10, to_us, ..Appointment::default() };
        Officer { appointments: vec![appointment], ..Officer::default() }
    }

    #[test]
    fn an_agencys_officers_look_after_its_own_money_and_the_platforms_treasurer_after_all_of_it() {
        let now = Time::from_micros(100);
        for role in [FINANCE, TREASURER] {
            assert!(looks_after(&officer("justice", role, 0), "justice", now), "{role}");
            assert!(!looks_after(&officer("justice", role, 0), "health", now), "{role}");
            assert!(!looks_after(&officer("justice", role, 0), PLATFORM, now), "{role}");
            assert!(!looks_after(&officer("justice", role, 100), "justice", now), "{role} no longer");
            assert!(!looks_after(&officer("justice", role, 0), "justice", Time::from_micros(9)), "{role} not yet");
        }
        for agency in ["justice", PLATFORM] {
            assert!(looks_after(&officer(PLATFORM, TREASURER, 0), agency, now));
            assert!(!looks_after(&officer(PLATFORM, FINANCE, 0), agency, now));
            assert!(!looks_after(&officer(PLATFORM, "lead", 0), agency, now));
        }
        assert!(!looks_after(&officer("justice", "registrar", 0), "justice", now));
    }
}
