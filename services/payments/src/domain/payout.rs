//! How a refund that no provider makes is settled: a treasurer enters the treasury's payment order, another one confirms it.

use std::{fmt, str::FromStr};

use kernel::{Failure, PersonId, Time};
use process::calendar::civil_date;
use proto::identity::v1::Officer;

use super::finance::in_force;

/// The role that says how such refunds were paid.
pub const TREASURER: &str = "treasurer";
const NUMBER_CHARS_MAX: usize = 30;

/// A payment order of the treasury: what an auditor finds the payment by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentOrder {
    pub number: String,
    /// ISO 8601.
    pub date: String,
}

impl PaymentOrder {
    /// As it was typed. `booked`: since when the refund is owed; nobody paid it before that day.
    pub fn checked(number: &str, date: &str, booked: Time, now: Time) -> Result<Self, Failure> {
        let number = number.trim();
        let written = |letter: char| letter.is_alphanumeric() || "-/.№".contains(letter);
        if number.is_empty() || number.chars().count() > NUMBER_CHARS_MAX || !number.chars().all(written) {
            let message = "A payment order's number has at most 30 letters, digits and the signs - / . №";
            return Err(Failure::invalid("payment.order-number", message));
        }
        let day = jiff::civil::Date::from_str(date.trim()).ok();
        let possible = day.filter(|day| civil_date(booked) <= *day && *day <= civil_date(now));
        let day = possible.ok_or_else(|| {
            let message = "A payment order's date is written like 2026-11-29, and lies between the day the refund was \
                           booked and today.";
            Failure::invalid("payment.order-date", message)
        })?;
        Ok(Self { number: number.to_owned(), date: day.to_string() })
    }
}

impl fmt::Display for PaymentOrder {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} of {}", self.number, self.date)
    }
}

/// An order as a treasurer entered it; the last one entered counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub order: PaymentOrder,
    pub by: PersonId,
}

/// Whether what one entered may be confirmed by `who` with the order that they hold.
pub fn confirmable(entered: Option<&Entry>, order: &PaymentOrder, who: PersonId) -> Result<(), Failure> {
    let entered = entered.ok_or_else(|| {
        Failure::conflict(
            "payment.order-missing",
            "Nobody has entered a payment order for this refund. Enter it first.",
        )
    })?;
    if entered.by == who {
        let message = "You entered this payment order yourself. Another treasurer has to confirm it.";
        return Err(Failure::forbidden("payment.second-person", message));
    }
    if entered.order != *order {
        let message = "Another number or date was entered. Compare both with the payment order, and enter it again if \
                       it was entered wrongly.";
        return Err(Failure::conflict("payment.order-differs", message));
    }
    Ok(())
}

/// Whether the officer is a treasurer of this agency now.
pub fn pays_out(officer: &Officer, agency: &str, now: Time) -> bool {
    officer.appointments.iter().any(|one| in_force(one, now) && one.agency == agency && one.role == TREASURER)
}

#[cfg(test)]
mod tests {
    use proto::identity::v1::Appointment;

    use super::*;

    fn at(text: &str) -> Time {
        text.parse().unwrap()
    }

    #[test]
    fn a_payment_order_has_a_number_and_a_day_between_the_booking_and_today() {
        let (booked, now) = (at("2026-11-26T20:00:00Z"), at("2026-11-29T20:00:00Z"));
        let code = |number: &str, date: &str| match PaymentOrder::checked(number, date, booked, now) {
            Ok(order) => order.to_string(),
            Err(failure) => failure.code.into_owned(),
        };
        assert_eq!(code(" 118/2-Б ", "2026-11-27"), "118/2-Б of 2026-11-27");
        // In Tashkent both days have begun five hours earlier.
        assert_eq!(code("118", "2026-11-30"), "118 of 2026-11-30");
        assert_eq!(code("118", "2026-11-26"), "payment.order-date", "before it was owed");
        for wrong in ["2026-12-01", "27.11.2026", "2026-11-31", ""] {
            assert_eq!(code("118", wrong), "payment.order-date", "{wrong}");
        }
        for wrong in ["", "  ", "118 to Dilnoza", "1<2", &"1".repeat(31)] {
            assert_eq!(code(wrong, "2026-11-27"), "payment.order-number", "{wrong}");
        }
    }

    #[test]
    fn what_one_treasurer_entered_another_confirms_word_for_word() {
        let order = |number: &str| PaymentOrder { number: number.into(), date: "2026-11-27".into() };
        let (one, other) = (PersonId::from_bytes([1; 16]), PersonId::from_bytes([2; 16]));
        let entered = Entry { order: order("118"), by: one };
        let code = |entry, order: &PaymentOrder, who| confirmable(entry, order, who).unwrap_err().code;
        assert!(confirmable(Some(&entered), &order("118"), other).is_ok());
        assert_eq!(code(Some(&entered), &order("118"), one), "payment.second-person");
        assert_eq!(code(Some(&entered), &order("119"), other), "payment.order-differs");
        assert_eq!(code(None, &order("118"), other), "payment.order-missing");
    }

    #[test]
    fn only_a_treasurer_of_the_agency_in_office_pays_out() {
        let officer = |agency: &str, role: &str, to_us: i64| Officer {
            appointments: vec![Appointment {
                agency: agency.into(),
                role: role.into(),
                from_us: 10,
                to_us,
                ..Appointment::default()
            }],
            ..Officer::default()
        };
        let now = Time::from_micros(100);
        assert!(pays_out(&officer("justice", TREASURER, 0), "justice", now));
        assert!(!pays_out(&officer("justice", TREASURER, 100), "justice", now), "no longer");
        assert!(!pays_out(&officer("justice", TREASURER, 0), "justice", Time::from_micros(9)), "not yet");
        assert!(!pays_out(&officer("justice", "registrar", 0), "justice", now));
        assert!(!pays_out(&officer("health", TREASURER, 0), "justice", now));
    }
}
