//! Who serves in an agency and who says so: administrators give and end others' roles, never their own.

use kernel::{Failure, Time};

use super::person::Appointment;

/// The role in which officers say who serves in their agency; it is of the whole agency.
pub const ADMINISTRATOR: &str = "administrator";
const NAME_BYTES_MAX: usize = 60;

/// Whether one of the appointments lets its holder say who serves in the agency.
pub fn administers(appointments: &[Appointment], agency: &str, now: Time) -> bool {
    let lets = |held: &Appointment| held.agency == agency && held.role == ADMINISTRATOR && held.office.is_empty();
    appointments.iter().any(|held| lets(held) && held.is_in_force(now))
}

/// Whether a role can be given so; `offices` are the agency's.
pub fn acceptable(appointment: &Appointment, offices: &[String]) -> Result<(), Failure> {
    let Appointment { office, role, from, to, .. } = appointment;
    if !is_name(role) {
        return Err(Failure::invalid(
            "identity.role",
            "A role is a short name of small letters, digits and dashes, such as registrar.",
        ));
    }
    if !office.is_empty() && !offices.contains(office) {
        return Err(Failure::invalid(
            "identity.office-unknown",
            "The agency has no such office. Choose one of those in its Agency, or the whole agency.",
        ));
    }
    is_wide_enough(appointment)?;
    ends_after(*from, *to)
}

/// Half an administrator would be none.
pub fn is_wide_enough(appointment: &Appointment) -> Result<(), Failure> {
    if appointment.role == ADMINISTRATOR && !appointment.office.is_empty() {
        return Err(Failure::invalid(
            "identity.administrator-office",
            "An administrator is one of the whole agency. Leave the office out.",
        ));
    }
    Ok(())
}

/// Whether a time has an end that lies behind its beginning.
pub fn ends_after(from: Time, to: Option<Time>) -> Result<(), Failure> {
    if to.is_some_and(|to| to <= from) {
        return Err(Failure::invalid("identity.dates", "The end must be after the beginning. Correct one of them."));
    }
    Ok(())
}

/// A window in which one officer of an agency does what another one may.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    pub from: Time,
    pub to: Time,
}

impl Window {
    pub fn is_apart_from(&self, other: &Self) -> bool {
        self.to <= other.from || other.to <= self.from
    }
}

/// What a substitute may do: the role they stand in for, for as long as both last. Nobody stands in for an administrator, and whoever
/// has no role of their own in the agency stands in for nobody.
pub fn lent(own: &[Appointment], of_another: Appointment, window: &Window, now: Time) -> Option<Appointment> {
    let serves = own.iter().any(|held| held.agency == of_another.agency && held.is_in_force(now));
    if !serves || of_another.role == ADMINISTRATOR {
        return None;
    }
    let from = of_another.from.max(window.from);
    let to = of_another.to.map_or(window.to, |to| to.min(window.to));
    (from < to).then_some(Appointment { from, to: Some(to), ..of_another })
}

fn is_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let begins = name.starts_with(|first: char| first.is_ascii_lowercase());
    begins && name.len() <= NAME_BYTES_MAX && !name.ends_with('-') && name.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(agency: &str, office: &str, role: &str, to: Option<i64>) -> Appointment {
        Appointment {
            agency: agency.into(),
            office: office.into(),
            role: role.into(),
            from: Time::from_seconds(10),
            to: to.map(Time::from_seconds),
        }
    }

    #[test]
    fn an_administrator_is_one_of_the_whole_agency_and_of_this_one_now() {
        let administers = |held: Appointment, at: i64| administers(&[held], "justice", Time::from_seconds(at));
        assert!(administers(held("justice", "", "administrator", Some(20)), 10));
        assert!(!administers(held("justice", "", "administrator", Some(20)), 20));
        assert!(!administers(held("justice", "", "administrator", None), 9));
        assert!(!administers(held("justice", "nukus", "administrator", None), 10));
        assert!(!administers(held("justice", "", "registrar", None), 10));
        assert!(!administers(held("health", "", "administrator", None), 10));
    }

    #[test]
    fn a_role_is_given_in_an_office_of_the_agency_and_ends_after_it_begins() {
        let offices = ["nukus".to_owned()];
        let code = |held: &Appointment| acceptable(held, &offices).err().map(|failure| failure.code.into_owned());
        assert_eq!(code(&held("justice", "nukus", "registrar", Some(11))), None);
        assert_eq!(code(&held("justice", "", "administrator", None)), None);
        let refused = |code: &str| Some(code.to_owned());
        assert_eq!(code(&held("justice", "bukhara", "registrar", None)), refused("identity.office-unknown"));
        assert_eq!(code(&held("justice", "nukus", "administrator", None)), refused("identity.administrator-office"));
        assert_eq!(code(&held("justice", "nukus", "registrar", Some(10))), refused("identity.dates"));
        for role in ["", "Registrar", "-clerk", "clerk-", "a b", "рол", &"a".repeat(61)] {
            assert_eq!(code(&held("justice", "nukus", role, None)), refused("identity.role"), "{role}");
        }
    }

    #[test]
    fn windows_that_only_touch_are_apart() {
        let window = |from: i64, to: i64| Window { from: Time::from_seconds(from), to: Time::from_seconds(to) };
        for (other, apart) in
            [((0, 10), true), ((0, 11), false), ((12, 13), false), ((19, 30), false), ((20, 30), true)]
        {
            assert_eq!(window(10, 20).is_apart_from(&window(other.0, other.1)), apart, "{other:?}");
        }
    }

    #[test]
    fn a_substitute_has_what_the_absent_one_has_for_as_long_as_both_last() {
        let now = Time::from_seconds(12);
        let window = Window { from: Time::from_seconds(12), to: Time::from_seconds(30) };
        let own = [held("justice", "", "clerk", None)];
        let of_another = held("justice", "nukus", "registrar", Some(20));
        let got = lent(&own, of_another.clone(), &window, now).unwrap();
        assert_eq!((got.from, got.to), (Time::from_seconds(12), Some(Time::from_seconds(20))));
        assert_eq!((got.office.as_str(), got.role.as_str()), ("nukus", "registrar"));
        assert_eq!(lent(&own, held("justice", "", "administrator", None), &window, now), None);
        assert_eq!(lent(&[held("health", "", "clerk", None)], of_another.clone(), &window, now), None);
        assert_eq!(lent(&[held("justice", "", "clerk", Some(12))], of_another, &window, now), None, "not any more");
        assert_eq!(lent(&own, held("justice", "nukus", "registrar", Some(12)), &window, now), None, "over before");
    }
}
