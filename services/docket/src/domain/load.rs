//! What a lead sees of their offices: which those are, where working days end, and how amounts are added up.

use std::time::Duration;

use api::{Span, Unit};
use kernel::{Failure, PersonId, Time};
use process::calendar::Calendar;
use proto::{
    docket::v1::{Amount, ListHeldRequest},
    identity::v1::Officer,
};

use super::queue::{Scope, scopes};

pub const LEAD: &str = "lead";
const ADMINISTRATOR: &str = "administrator";
const DAY: Duration = Duration::from_secs(24 * 3600);
/// In days: what is open for longer than the last is one group more.
const AGES: [u32; 4] = [1, 3, 7, 14];
/// In working days.
const AHEAD: [u32; 3] = [1, 3, 5];

/// The offices that an officer leads now; where they lead a whole agency, that alone.
pub fn led(officer: &Officer, now: Time) -> Result<Vec<Scope>, Failure> {
    let mut led = scopes(officer, "", "", LEAD, now);
    let whole: Vec<String> =
        led.iter().filter(|scope| scope.office.is_empty()).map(|scope| scope.agency.clone()).collect();
    led.retain(|scope| scope.office.is_empty() || !whole.contains(&scope.agency));
    if led.is_empty() {
        return Err(Failure::forbidden("docket.leads-only", "This page is for those who lead an office."));
    }
    Ok(led)
}

/// Offices of an agency for which an officer answers: those that they lead, and every one of an agency that they administer.
pub fn overseen(officer: &Officer, agency: &str, now: Time) -> Result<Vec<Scope>, Failure> {
    let mut found = Vec::new();
    for role in [LEAD, ADMINISTRATOR].iter().filter(|_| !agency.is_empty()) {
        found.extend(scopes(officer, agency, "", role, now));
    }
    if found.is_empty() {
        let message = "Only those who lead an office of the agency, or administer it, see which tasks nobody can take.";
        return Err(Failure::forbidden("docket.overseers-only", message));
    }
    Ok(found)
}

/// The moments by which tasks are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moments {
    pub now: Time,
    /// Ends of the working days ahead.
    pub ahead: [Time; 3],
    /// Beginnings of the ages, the youngest first.
    pub ages: [Time; 4],
}

impl Moments {
    pub fn at(now: Time) -> Self {
        let calendar = Calendar::standard();
        let ahead = AHEAD.map(|amount| calendar.deadline(now, Span { amount, unit: Unit::WorkingDays }));
        Self { now, ahead, ages: AGES.map(|days| now.minus(DAY * days)) }
    }
}

/// Which tasks of their offices a lead lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slice {
    pub whose: Whose,
    /// None: every office that they lead.
    pub offices: Vec<String>,
    /// Due from the one moment to the other, both included; none: whenever, or never.
    pub due: Option<(Time, Time)>,
    /// By which claims hold.
    pub now: Time,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    Anybody,
    /// What somebody could take.
    Nobody,
    Officer(PersonId),
}

impl Slice {
    pub fn of(asked: &ListHeldRequest, moments: &Moments) -> Result<Self, Failure> {
        let due = due(&asked.due, moments)?;
        let whose = match asked.officer.as_slice() {
            [] if due.is_some() => Whose::Anybody,
            [] => Whose::Nobody,
            id => Whose::Officer(PersonId::from_slice(id)?),
        };
        Ok(Self { whose, offices: asked.offices.clone(), due, now: moments.now })
    }
}

/// The same tasks as the amounts count.
fn due(asked: &str, moments: &Moments) -> Result<Option<(Time, Time)>, Failure> {
    let (now, [in_1, in_3, in_5]) = (moments.now, moments.ahead);
    Ok(Some(match asked {
        "" => return Ok(None),
        "late" => (Time::from_micros(1), Time::from_micros(now.micros() - 1)),
        "1" => (now, in_1),
        "3" => (now, in_3),
        "5" => (now, in_5),
        _ => {
            let message = "Tasks are listed that are `late`, or due within 1, 3 or 5 working days: name one of them.";
            return Err(Failure::invalid("docket.filter", message));
        }
    }))
}

pub fn add(to: &mut Amount, more: &Amount) {
    to.open += more.open;
    to.late += more.late;
    to.due_in_1 += more.due_in_1;
    to.due_in_3 += more.due_in_3;
    to.due_in_5 += more.due_in_5;
    to.ages.resize(AGES.len() + 1, 0);
    for (sum, more) in to.ages.iter_mut().zip(&more.ages) {
        *sum += more;
    }
}

#[cfg(test)]
mod tests {
    use proto::identity::v1::Appointment;

    use super::*;

    fn held(office: &str, role: &str) -> Appointment {
        Appointment { agency: "justice".into(), office: office.into(), role: role.into(), from_us: 0, to_us: 0 }
    }

    #[test]
    fn a_lead_sees_the_offices_they_lead_and_nobody_else_any() {
        let of = |appointments: Vec<Appointment>| {
            let officer = Officer { appointments, ..Officer::default() };
            led(&officer, Time::default()).map(|led| led.into_iter().map(|scope| scope.office).collect::<Vec<_>>())
        };
        assert_eq!(of(vec![held("", "registrar")]).unwrap_err().code, "docket.leads-only");
        assert_eq!(of(vec![held("nukus", LEAD), held("samarkand", "registrar")]).unwrap(), ["nukus"]);
        assert_eq!(of(vec![held("nukus", LEAD), held("", LEAD)]).unwrap(), [""], "each task is counted once");
    }

    #[test]
    fn whoever_leads_an_office_or_administers_the_agency_answers_for_what_waits_there() {
        let of = |appointments: Vec<Appointment>, agency: &str| {
            let officer = Officer { appointments, ..Officer::default() };
            let found = overseen(&officer, agency, Time::default());
            found.map(|found| found.into_iter().map(|one| one.office).collect::<Vec<_>>())
        };
        assert_eq!(of(vec![held("nukus", LEAD)], "justice"), Ok(vec!["nukus".to_owned()]));
        assert_eq!(of(vec![held("", ADMINISTRATOR)], "justice"), Ok(vec![String::new()]));
        for (appointments, agency) in [
            (vec![held("nukus", "registrar")], "justice"),
            (vec![held("nukus", LEAD)], "health"),
            (vec![held("", ADMINISTRATOR)], ""),
        ] {
            assert_eq!(of(appointments, agency).unwrap_err().code, "docket.overseers-only", "{agency}");
        }
    }

    #[test]
    fn working_days_end_with_their_day_in_tashkent() {
        // Friday, 20 November 2026, 10:00.
        let moments = Moments::at("2026-11-20T05:00:00Z".parse().unwrap());
        let ends = moments.ahead.map(|end| end.to_string());
        assert_eq!(ends, ["2026-11-23T18:59:59Z", "2026-11-25T18:59:59Z", "2026-11-27T18:59:59Z"]);
        assert_eq!(moments.ages[1].to_string(), "2026-11-17T05:00:00Z");
    }

    #[test]
    fn what_is_due_is_listed_whoever_has_it_and_what_is_not_narrowed_only_of_somebody_or_nobody() {
        let moments = Moments::at("2026-11-20T05:00:00Z".parse().unwrap());
        let of = |officer: Vec<u8>, due: &str| {
            let asked = ListHeldRequest { officer, due: due.into(), ..ListHeldRequest::default() };
            Slice::of(&asked, &moments)
        };
        let somebody = Whose::Officer(PersonId::from_bytes([2; 16]));
        assert_eq!(of(Vec::new(), "").unwrap().whose, Whose::Nobody);
        assert_eq!(of(Vec::new(), "late").unwrap().whose, Whose::Anybody);
        assert_eq!(of(vec![2; 16], "").unwrap().whose, somebody);
        assert_eq!(of(vec![2; 16], "1").unwrap().whose, somebody);
        let late = of(Vec::new(), "late").unwrap().due.unwrap();
        let soon = of(Vec::new(), "1").unwrap().due.unwrap();
        assert!(late.1 < moments.now && soon == (moments.now, moments.ahead[0]), "each stands in one of them");
        assert_eq!(of(Vec::new(), "2").unwrap_err().code, "docket.filter");
    }

    #[test]
    fn amounts_are_added_group_by_group() {
        let one = Amount { open: 3, late: 1, due_in_1: 1, due_in_3: 1, due_in_5: 2, ages: vec![1, 0, 0, 0, 2] };
        let mut sum = Amount::default();
        add(&mut sum, &one);
        add(&mut sum, &one);
        assert_eq!((sum.open, sum.late, sum.due_in_5, sum.ages), (6, 2, 4, vec![2, 0, 0, 0, 4]));
    }
}
