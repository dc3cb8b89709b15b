//! Cash at a counter: who may take it, what has to lie in the till, and whose word gives it back.

use std::collections::{BTreeMap, BTreeSet};

use kernel::{AttemptId, CommandId, Failure, IntentId, PersonId, Time};
use process::calendar::civil_date;
use proto::identity::v1::Officer;

use super::finance::in_force;

/// The role that takes cash in an office.
pub const CASHIER: &str = "cashier";
/// The role that answers for an office; without an office for all of the agency's.
const LEAD: &str = "lead";
/// What an attempt says where it would name a provider.
pub const CASH: &str = "cash";
/// Tiyin. More is not in a till; sums of it do not overflow.
const TILL_MAX: i64 = 1_000_000_000_000;
const REASON_CHARS_MAX: usize = 300;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shift {
    /// Follows from the command that opened it.
    pub id: CommandId,
    pub agency: String,
    pub office: String,
    pub cashier: PersonId,
    pub opened: Time,
    /// Tiyin, as the following: change that lay in the till.
    pub change: i64,
    pub closed: Option<Time>,
    pub counted: i64,
    /// What had to lie in the till when it was closed.
    pub expected: i64,
    pub reason: String,
}

/// Cash that was taken for one payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    pub attempt: AttemptId,
    pub shift: CommandId,
    pub intent: IntentId,
    /// Tiyin.
    pub amount: i64,
    pub time: Time,
    pub reversed: Option<Time>,
}

/// What somebody counted in a till whose cashier does not close it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Count {
    /// Follows from the command that said it.
    pub id: CommandId,
    pub shift: CommandId,
    pub by: PersonId,
    /// They answer for the till: a treasurer, or the office's lead.
    pub in_charge: bool,
    /// Tiyin.
    pub counted: i64,
    /// Why the cashier does not close it.
    pub why: String,
    pub time: Time,
}

/// The agency's offices in which the officer is a cashier now. Cash lies in one place: a role without an office takes none.
pub fn offices(officer: &Officer, agency: &str, now: Time) -> BTreeSet<String> {
    let held = officer.appointments.iter().filter(|one| in_force(one, now) && one.agency == agency);
    held.filter(|one| one.role == CASHIER && !one.office.is_empty()).map(|one| one.office.clone()).collect()
}

/// Those for which the officer answers now; the empty one: all of them.
pub fn led(officer: &Officer, agency: &str, now: Time) -> BTreeSet<String> {
    let held = officer.appointments.iter().filter(|one| in_force(one, now) && one.agency == agency);
    held.filter(|one| one.role == LEAD).map(|one| one.office.clone()).collect()
}

/// What has to lie in the till.
pub fn expected(shift: &Shift, taken: &[Taken]) -> i64 {
    shift.change + taken.iter().filter(|one| one.reversed.is_none()).map(|one| one.amount).sum::<i64>()
}

/// An amount that may lie in a till.
pub fn counted(tiyin: i64) -> Result<i64, Failure> {
    if (0..=TILL_MAX).contains(&tiyin) {
        return Ok(tiyin);
    }
    Err(Failure::invalid("payment.till-amount", "Write the sum that was counted: zero or above, in soum."))
}

/// Why what was counted differs. Where it does not, nothing needs to be said.
pub fn reason(difference: i64, said: &str) -> Result<String, Failure> {
    let said = said.trim();
    let written = said.chars().count() <= REASON_CHARS_MAX && !said.chars().any(char::is_control);
    if !written || (difference != 0 && said.is_empty()) {
        let message = "What was counted differs from what has to be there. Count again, or say why in one line of at most \
                       300 characters, without names or numbers of people.";
        return Err(Failure::invalid("payment.till-reason", message));
    }
    Ok(said.to_owned())
}

/// Why somebody else closes a shift: always said.
pub fn why(said: &str) -> Result<String, Failure> {
    let said = said.trim();
    let written = said.chars().count() <= REASON_CHARS_MAX && !said.chars().any(char::is_control);
    if said.is_empty() || !written {
        let message = "Say in one line of at most 300 characters why its cashier does not close the shift: that they do not \
                       come, not what they suffer from, and without names or numbers of people.";
        return Err(Failure::invalid("payment.till-why", message));
    }
    Ok(said.to_owned())
}

/// The day of the shift is over: its cashier had the day to close it, and nobody counts a till out of their hands.
pub fn is_left(shift: &Shift, now: Time) -> bool {
    shift.closed.is_none() && civil_date(shift.opened) < civil_date(now)
}

/// Of each person the last count; what was counted before money came or went says nothing any more. `counts`: oldest first.
pub fn standing<'a>(counts: &'a [Count], taken: &[Taken]) -> Vec<&'a Count> {
    let moved = taken.iter().map(|one| one.reversed.unwrap_or(one.time)).max();
    let mut last = BTreeMap::new();
    for count in counts.iter().filter(|count| moved.is_none_or(|moved| moved <= count.time)) {
        last.insert(count.by, count);
    }
    last.into_values().collect()
}

/// Two persons have counted the same, and one of them answers for the till.
pub fn agree(standing: &[&Count], newest: &Count) -> bool {
    let mut others = standing.iter().filter(|other| other.by != newest.by && other.counted == newest.counted);
    others.any(|other| other.in_charge || newest.in_charge)
}

/// Two persons: whoever took it does not give it back.
pub fn reversible(shift: &Shift, taken: &Taken, by: PersonId) -> Result<(), Failure> {
    if shift.cashier == by {
        let message = "You took this cash yourself. Another cashier of the office or a treasurer has to give it back.";
        return Err(Failure::forbidden("payment.second-person", message));
    }
    if shift.closed.is_some() || taken.reversed.is_some() {
        let message =
            "The shift is closed or the cash was given back before. Ask finance officers for a refund instead.";
        return Err(Failure::conflict("payment.till-closed", message));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proto::identity::v1::Appointment;

    use super::*;

    fn shift(cashier: u8) -> Shift {
        Shift {
            id: CommandId::from_bytes([1; 16]),
            agency: "justice".into(),
            office: "yunusobod".into(),
            cashier: PersonId::from_bytes([cashier; 16]),
            opened: Time::from_micros(1),
            change: 500,
            closed: None,
            counted: 0,
            expected: 0,
            reason: String::new(),
        }
    }

    fn taken(amount: i64, reversed: bool) -> Taken {
        Taken {
            attempt: AttemptId::from_bytes([2; 16]),
            shift: CommandId::from_bytes([1; 16]),
            intent: IntentId::from_bytes([3; 16]),
            amount,
            time: Time::from_micros(2),
            reversed: reversed.then(|| Time::from_micros(3)),
        }
    }

    #[test]
    fn only_a_cashier_of_an_office_takes_cash_and_only_there() {
        let held = |office: &str, role: &str, to_us: i64| Appointment {
            agency: "justice".into(),
            office: office.into(),
            role: role.into(),
            from_us: 1,
            to_us,
        };
        let appointments = vec![
            held("yunusobod", CASHIER, 0),
            held("chilonzor", CASHIER, 50),
            held("", CASHIER, 0),
            held("sergeli", "registrar", 0),
        ];
        let officer = Officer { appointments, ..Officer::default() };
        let seen =
            |agency: &str, at: i64| offices(&officer, agency, Time::from_micros(at)).into_iter().collect::<Vec<_>>();
        assert_eq!(seen("justice", 10), ["chilonzor", "yunusobod"]);
        assert_eq!(seen("justice", 60), ["yunusobod"], "no longer there");
        assert!(seen("health", 10).is_empty());
    }

    #[test]
    fn a_till_holds_its_change_and_what_was_taken_and_not_given_back() {
        assert_eq!(expected(&shift(5), &[taken(1_000, false), taken(700, true)]), 1_500);
        assert_eq!(counted(-1).unwrap_err().code, "payment.till-amount");
        assert!(counted(i64::MAX).is_err() && counted(0).is_ok());
        assert_eq!(reason(0, " ").unwrap(), "");
        assert_eq!(reason(-5, " ").unwrap_err().code, "payment.till-reason");
        assert_eq!(reason(-5, " a note was torn ").unwrap(), "a note was torn");
    }

    #[test]
    fn a_lead_answers_for_their_office_or_for_all_of_the_agency() {
        let held = |agency: &str, office: &str, role: &str| Appointment {
            agency: agency.into(),
            office: office.into(),
            role: role.into(),
            from_us: 1,
            to_us: 50,
        };
        let appointments = vec![
            held("justice", "yunusobod", LEAD),
            held("justice", "", LEAD),
            held("health", "sergeli", LEAD),
            held("justice", "chilonzor", CASHIER),
        ];
        let officer = Officer { appointments, ..Officer::default() };
        let seen = |at: i64| led(&officer, "justice", Time::from_micros(at)).into_iter().collect::<Vec<_>>();
        assert_eq!(seen(10), ["", "yunusobod"]);
        assert!(seen(60).is_empty(), "no longer");
    }

    fn count(by: u8, in_charge: bool, counted: i64, at: i64) -> Count {
        Count {
            id: CommandId::from_bytes([by; 16]),
            shift: CommandId::from_bytes([1; 16]),
            by: PersonId::from_bytes([by; 16]),
            in_charge,
            counted,
            why: "does not come".into(),
            time: Time::from_micros(at),
        }
    }

    #[test]
    fn two_persons_who_counted_the_same_agree_where_one_answers_for_the_till() {
        let agreed = |counts: &[Count], taken: &[Taken]| agree(&standing(counts, taken), counts.last().unwrap());
        let (lead, cashier) = (count(5, true, 900, 10), count(6, false, 900, 11));
        assert!(!agreed(std::slice::from_ref(&lead), &[]), "one alone");
        assert!(!agreed(&[lead.clone(), lead.clone()], &[]), "one alone, twice");
        assert!(agreed(&[lead.clone(), cashier.clone()], &[]) && agreed(&[cashier.clone(), lead.clone()], &[]));
        assert!(!agreed(&[cashier.clone(), count(7, false, 900, 12)], &[]), "nobody answers for it");
        assert!(!agreed(&[lead.clone(), count(6, false, 899, 11)], &[]), "they differ");
        let anew = count(5, true, 899, 12);
        assert!(agreed(&[lead.clone(), count(6, false, 899, 11), anew.clone()], &[]), "counted anew");
        assert!(!agreed(&[lead.clone(), anew, cashier.clone()], &[]), "what counts of each is the last");
        let later = Taken { time: Time::from_micros(11), ..taken(1, false) };
        assert!(!agreed(&[lead.clone(), count(6, false, 900, 12)], &[later]), "money came between the two");
        let back = Taken { reversed: Some(Time::from_micros(11)), ..taken(1, false) };
        assert!(!agreed(&[lead, count(6, false, 900, 12)], &[back]), "money went between the two");
    }

    #[test]
    fn a_shift_is_left_when_its_day_in_tashkent_is_over() {
        let opened = |text: &str| Shift { opened: text.parse().unwrap(), ..shift(5) };
        let left = |from: &str, at: &str| is_left(&opened(from), at.parse().unwrap());
        assert!(!left("2026-11-30T04:00:00Z", "2026-11-30T18:59:59Z"), "the same day, late");
        assert!(left("2026-11-30T04:00:00Z", "2026-11-30T19:00:00Z"), "the next day");
        assert!(!left("2026-11-29T19:00:00Z", "2026-11-30T18:59:59Z"), "from its first moment to its last");
        let over = Shift { closed: Some(Time::from_micros(9)), ..opened("2026-11-30T04:00:00Z") };
        assert!(!is_left(&over, "2026-12-02T04:00:00Z".parse().unwrap()), "closed");
    }

    #[test]
    fn whoever_closes_for_another_says_why() {
        assert_eq!(why(" does not come ").unwrap(), "does not come");
        for wrong in [" ", "two\nlines", &"x".repeat(301)] {
            assert_eq!(why(wrong).unwrap_err().code, "payment.till-why");
        }
    }

    #[test]
    fn cash_is_given_back_by_a_second_person_in_the_same_shift() {
        let code = |shift: &Shift, taken: &Taken, by: u8| {
            reversible(shift, taken, PersonId::from_bytes([by; 16])).map_err(|failure| failure.code.into_owned())
        };
        assert_eq!(code(&shift(5), &taken(1, false), 6), Ok(()));
        assert_eq!(code(&shift(5), &taken(1, false), 5).unwrap_err(), "payment.second-person");
        assert_eq!(code(&shift(5), &taken(1, true), 6).unwrap_err(), "payment.till-closed");
        let closed = Shift { closed: Some(Time::from_micros(9)), ..shift(5) };
        assert_eq!(code(&closed, &taken(1, false), 6).unwrap_err(), "payment.till-closed");
    }
}
