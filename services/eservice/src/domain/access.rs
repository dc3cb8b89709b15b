//! Who may see and decide what: the applicant their own case, an officer the tasks of their role, office and agency.

use kernel::{Failure, PersonId, Time};
use process::{CaseState, case::Task};
use proto::identity::v1::{Appointment, Officer};

use super::{paper, parties};

/// Another's case, an unknown one and a forbidden one look alike.
pub fn not_found() -> Failure {
    Failure::not_found("case.not-found", "There is no such application, or it is not yours.")
}

/// Whether the person applies in this case: for themselves, or under a mandate that the case knows of no end of.
pub fn applies(state: &CaseState, person: PersonId, now: Time) -> bool {
    let applicant = state.applicant.as_ref().filter(|_| !paper::is_being_typed(state));
    applicant.is_some_and(|applicant| applicant.person == person || applicant.represented_by(now) == Some(person))
}

pub(super) fn in_force(appointment: &Appointment, now: Time) -> bool {
    let now = now.micros();
    appointment.from_us <= now && (appointment.to_us == 0 || now < appointment.to_us)
}

/// Whether one of the officer's appointments covers the task now.
pub fn covers(officer: &Officer, task: &Task, now: Time) -> bool {
    serves(officer, (&task.agency, &task.role, task.office.as_deref()), now)
}

/// The same of a task of which only this is known.
pub fn serves(officer: &Officer, (agency, role, office): (&str, &str, Option<&str>), now: Time) -> bool {
    officer.appointments.iter().any(|appointment| {
        in_force(appointment, now)
            && appointment.agency == agency
            && appointment.role == role
            && (appointment.office.is_empty() || office.is_none_or(|office| office == appointment.office))
    })
}

/// The role of whoever leads an office: it gives tasks to others and takes them back, and opens none.
pub(super) const LEAD: &str = "lead";

/// Whether one of the officer's appointments leads the task's office now; a task of no office is led by who leads the whole agency.
pub fn leads(officer: &Officer, task: &Task, now: Time) -> bool {
    officer.appointments.iter().any(|appointment| {
        in_force(appointment, now)
            && appointment.agency == task.agency
            && appointment.role == LEAD
            && (appointment.office.is_empty() || task.office.as_ref() == Some(&appointment.office))
    })
}

/// Whether one of the officer's appointments leads an office of the agency now: this one, where one is meant.
pub fn leads_in(officer: &Officer, agency: &str, office: Option<&str>, now: Time) -> bool {
    officer.appointments.iter().any(|appointment| {
        in_force(appointment, now)
            && appointment.agency == agency
            && appointment.role == LEAD
            && (appointment.office.is_empty() || office.is_none_or(|office| office == appointment.office))
    })
}

/// Whether an officer may open this task of this case; the reason of a refusal stays inside. `key`: of look-up hashes.
pub fn officer_may(
    key: &[u8; 32],
    state: &CaseState,
    task: &Task,
    person: PersonId,
    officer: &Officer,
    now: Time,
) -> Result<(), Failure> {
    if !covers(officer, task, now) {
        return Err(not_found().with_detail("no appointment for this agency, role and office"));
    }
    takes_no_part(key, state, person, officer)
}

/// Whether an officer may say who works on this task.
pub fn lead_may(
    key: &[u8; 32],
    state: &CaseState,
    task: &Task,
    person: PersonId,
    officer: &Officer,
    now: Time,
) -> Result<(), Failure> {
    if !leads(officer, task, now) {
        return Err(not_found().with_detail("no lead of the task's office"));
    }
    takes_no_part(key, state, person, officer)
}

/// Whether the officer directs a company that has a part in the case, or did a while ago.
pub fn directs_party(state: &CaseState, officer: &Officer) -> bool {
    directed(state, &officer.directs)
}

/// Whether one of these companies applies, or was asked.
pub fn directed(state: &CaseState, companies: &[Vec<u8>]) -> bool {
    let takes_part = |company: &Vec<u8>| PersonId::from_slice(company).is_ok_and(|company| state.takes_part(company));
    companies.iter().any(takes_part)
}

/// Nobody has a say in a case in which they have a part, or which names them.
pub fn takes_no_part(key: &[u8; 32], state: &CaseState, person: PersonId, officer: &Officer) -> Result<(), Failure> {
    if state.takes_part(person) {
        return Err(not_found().with_detail("an officer's own case"));
    }
    if parties::names(key, state, officer)? {
        return Err(not_found().with_detail("the case names the officer"));
    }
    if directs_party(state, officer) {
        return Err(not_found().with_detail("an officer's own company"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn task(office: Option<&str>) -> Task {
        Task {
            id: kernel::TaskId::from_bytes([1; 16]),
            step: "review".into(),
            activation: 1,
            token: 1,
            agency: "justice".into(),
            role: "registrar".into(),
            office: office.map(str::to_owned),
            opened: Time::default(),
            due: None,
            allowed: None,
            escalated: false,
            closed: None,
            claim: None,
            proposal: None,
        }
    }

    fn officer(agency: &str, office: &str, role: &str, to_us: i64) -> Officer {
        Officer {
            person: vec![7; 16],
            display_name: String::new(),
            appointments: vec![Appointment {
                agency: agency.into(),
                office: office.into(),
                role: role.into(),
                from_us: 10,
                to_us,
            }],
            party: vec![1; 32],
            party_key: kernel::pinfl::party_key(&[3; 32]).to_vec(),
            directs: Vec::new(),
        }
    }

    #[test]
    fn only_the_role_of_the_agency_and_office_covers_a_task() {
        let now = Time::from_micros(100);
        let nukus = task(Some("nukus"));
        assert!(covers(&officer("justice", "nukus", "registrar", 0), &nukus, now));
        assert!(covers(&officer("justice", "", "registrar", 0), &nukus, now));
        assert!(!covers(&officer("justice", "samarkand", "registrar", 0), &nukus, now));
        assert!(!covers(&officer("justice", "nukus", "clerk", 0), &nukus, now));
        assert!(!covers(&officer("health", "nukus", "registrar", 0), &nukus, now));
        assert!(!covers(&officer("justice", "nukus", "registrar", 99), &nukus, now));
        assert!(!covers(&officer("justice", "nukus", "registrar", 0), &nukus, Time::from_micros(9)));
    }

    #[test]
    fn only_the_lead_of_an_office_says_who_works_on_its_tasks() {
        let now = Time::from_micros(100);
        let nukus = task(Some("nukus"));
        assert!(leads(&officer("justice", "nukus", "lead", 0), &nukus, now));
        assert!(leads(&officer("justice", "", "lead", 0), &nukus, now));
        assert!(!leads(&officer("justice", "samarkand", "lead", 0), &nukus, now));
        assert!(!leads(&officer("justice", "nukus", "registrar", 0), &nukus, now));
        assert!(!leads(&officer("health", "nukus", "lead", 0), &nukus, now));
        assert!(!leads(&officer("justice", "nukus", "lead", 99), &nukus, now));
        assert!(!leads(&officer("justice", "nukus", "lead", 0), &task(None), now), "of no office: the agency's");
        assert!(!covers(&officer("justice", "nukus", "lead", 0), &nukus, now), "a lead opens no case");
    }

    #[test]
    fn an_officer_never_opens_a_case_they_have_a_part_in() {
        let person = PersonId::from_bytes([7; 16]);
        let mut state = CaseState::absent(kernel::CaseId::from_bytes([2; 16]));
        state.applicant = Some(process::case::Applicant {
            person,
            actor: person,
            mandate: None,
            assurance: "substantial".into(),
            profile: serde_json::Map::new(),
        });
        let officer = officer("justice", "", "registrar", 0);
        let now = Time::from_micros(100);
        let may = |who: PersonId, officer: &Officer| officer_may(&[3; 32], &state, &task(None), who, officer, now);
        assert_eq!(may(person, &officer).unwrap_err().code, "case.not-found");
        assert!(may(PersonId::from_bytes([8; 16]), &officer).is_ok());
        let director = Officer { directs: vec![vec![6; 16], person.to_vec()], ..officer.clone() };
        assert_eq!(may(PersonId::from_bytes([8; 16]), &director).unwrap_err().code, "case.not-found", "their company");
        let mut state = state.clone();
        state.facts = serde_json::json!({"record": {"spouse": "41503920170217"}});
        let party = kernel::pinfl::Pinfl::parse("41503920170217").unwrap().party(&[3; 32]);
        let spouse = Officer { party: party.to_vec(), ..officer };
        let refused = officer_may(&[3; 32], &state, &task(None), PersonId::from_bytes([8; 16]), &spouse, now);
        assert_eq!(refused.unwrap_err().code, "case.not-found", "the case names them");
    }
}
