//! An officer's menu: pages of the duties that they hold now. To everybody else such a page does not exist, so no link leads there.

use std::time::Duration;

use kernel::{Failure, Kept, PersonId, Time};
use proto::identity::v1::{Officer, ReadPersonRequest, operations::READ_OFFICER};

use super::Portal;

/// Address and key of the title.
pub type Entry = (&'static str, &'static str);

/// Each page with the roles that it is for; the page itself judges again.
const DUTIES: [(Entry, &[&str]); 9] = [
    (("/officer/audit", "audit-title"), &["auditor"]),
    (("/officer/records", "records-title"), &["archivist"]),
    (("/publication", "publication-title"), &["lawyer", "head"]),
    (("/officer/reissue", "reissue-title"), &["lawyer", "head"]),
    (("/officer/seals", "seals-title"), &["administrator", "lawyer", "head"]),
    (("/finance", "finance-menu"), &["finance", "treasurer"]),
    (("/cash", "cash-menu"), &["cashier", "lead", "treasurer"]),
    (("/staff", "menu-staff"), &["administrator"]),
    (("/officer/events", "events-title"), &["administrator"]),
];

/// How long what identity said of an officer's roles is used: as long as a role takes to count.
const FRESH: Duration = Duration::from_secs(60);
const OFFICERS_MAX: usize = 4_096;

/// Of those who were here a moment ago.
pub struct Menus(Kept<PersonId, (Vec<Entry>, Time)>);

impl Default for Menus {
    fn default() -> Self {
        Self(Kept::at_most(OFFICERS_MAX))
    }
}

impl Menus {
    /// Identity being away, the page is shown without: it asks for itself what it needs.
    pub async fn of(&self, portal: &Portal, person: PersonId) -> Vec<Entry> {
        let now = portal.clock.now();
        if let Some((menu, read)) = self.0.get(&person)
            && now >= read
            && now.since(read) < FRESH
        {
            return menu;
        }
        let request = ReadPersonRequest { person: person.to_vec(), case_id: Vec::new() };
        let told = portal.services.ask(&READ_OFFICER, &request).await;
        self.told(person, now, told)
    }

    /// The next page asks again where identity said nothing.
    fn told(&self, person: PersonId, now: Time, told: Result<Officer, Failure>) -> Vec<Entry> {
        match told {
            Ok(officer) => {
                let menu = entries(&officer, now.micros());
                self.0.put(person, (menu.clone(), now));
                menu
            }
            Err(failure) => {
                tracing::warn!(code = %failure.code, ?failure, "an officer's menu is shown without their duties");
                Vec::new()
            }
        }
    }
}

fn entries(officer: &Officer, now: i64) -> Vec<Entry> {
    let current =
        officer.appointments.iter().filter(|held| held.from_us <= now && (held.to_us == 0 || now < held.to_us));
    let held: Vec<&str> = current.map(|held| held.role.as_str()).collect();
    let duties = DUTIES.into_iter().filter(|(_, roles)| roles.iter().any(|role| held.contains(role)));
    duties.map(|(entry, _)| entry).collect()
}

#[cfg(test)]
mod tests {
    use kernel::ErrorKind;
    use proto::identity::v1::Appointment;

    use super::*;

    fn paths(roles: &[(&str, i64)]) -> Vec<&'static str> {
        let held = |(role, to_us): &(&str, i64)| Appointment {
            agency: "justice".into(),
            role: (*role).into(),
            from_us: 10,
            to_us: *to_us,
            ..Appointment::default()
        };
        let officer = Officer { appointments: roles.iter().map(held).collect(), ..Officer::default() };
        entries(&officer, 20).into_iter().map(|(path, _)| path).collect()
    }

    #[test]
    fn a_menu_leads_to_the_pages_of_the_roles_that_are_held_now_each_once() {
        assert_eq!(paths(&[("auditor", 0)]), ["/officer/audit"]);
        assert!(paths(&[("registrar", 0), ("treasurer", 20)]).is_empty(), "a role that has ended leads nowhere");
        assert_eq!(paths(&[("treasurer", 21), ("finance", 0)]), ["/finance", "/cash"]);
        assert_eq!(paths(&[("lawyer", 0), ("head", 0)]), ["/publication", "/officer/reissue", "/officer/seals"]);
        assert!(entries(&Officer::default(), 20).is_empty());
    }

    #[test]
    fn a_menu_that_identity_could_not_tell_is_asked_for_again() {
        let (menus, person, now) = (Menus::default(), PersonId::from_bytes([1; 16]), Time::from_micros(20));
        let away = Failure::new(ErrorKind::Unavailable, "bus.busy", "Identity does not answer.");
        assert!(menus.told(person, now, Err(away)).is_empty());
        assert!(menus.0.get(&person).is_none(), "nothing is kept of it");
        menus.told(person, now, Ok(Officer::default()));
        assert!(menus.0.get(&person).is_some());
    }
}
