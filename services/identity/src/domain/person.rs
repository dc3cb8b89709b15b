//! What identity knows about a person, and which of it came from whom.

use kernel::{Personal, Time};
use serde::{Deserialize, Serialize};

/// Facts about a citizen as their identity provider gave them; sealed wherever they rest.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    pub pinfl: Personal<String>,
    pub given_name: Personal<String>,
    pub family_name: Personal<String>,
    pub patronymic: Personal<String>,
    /// ISO 8601.
    pub birth_date: Personal<String>,
    /// `male` or `female`, from the PINFL.
    pub sex: String,
    pub passport: Personal<String>,
    pub address: Personal<String>,
    pub phone: Personal<String>,
    pub email: Personal<String>,
    /// Companies the person speaks for, as the provider said at the last sign-in.
    #[serde(default)]
    pub companies: Vec<Company>,
    /// Of a company, which is a person in law: its taxpayer number.
    #[serde(default)]
    pub tin: Personal<String>,
    /// Of a company: its name.
    #[serde(default)]
    pub legal_name: Personal<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Company {
    pub tin: Personal<String>,
    pub name: Personal<String>,
    pub basic: bool,
}

impl Facts {
    /// A provider that is silent about a field does not erase what is known.
    pub fn updated_by(&self, newer: Self) -> Self {
        let keep = |old: &Personal<String>, new: Personal<String>| {
            if new.reveal().is_empty() { old.clone() } else { new }
        };
        Self {
            given_name: keep(&self.given_name, newer.given_name),
            family_name: keep(&self.family_name, newer.family_name),
            patronymic: keep(&self.patronymic, newer.patronymic),
            passport: keep(&self.passport, newer.passport),
            address: keep(&self.address, newer.address),
            phone: keep(&self.phone, newer.phone),
            email: keep(&self.email, newer.email),
            pinfl: newer.pinfl,
            birth_date: newer.birth_date,
            sex: newer.sex,
            companies: newer.companies,
            tin: newer.tin,
            legal_name: newer.legal_name,
        }
    }
}

/// A role in an office from–to; an empty office is every office of the agency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appointment {
    pub agency: String,
    pub office: String,
    pub role: String,
    pub from: Time,
    /// None: until it is ended.
    pub to: Option<Time>,
}

impl Appointment {
    pub fn is_in_force(&self, now: Time) -> bool {
        self.from <= now && self.to.is_none_or(|to| now < to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_appointment_holds_from_its_first_moment_until_before_its_last() {
        let appointment = Appointment {
            agency: "justice".into(),
            office: String::new(),
            role: "registrar".into(),
            from: Time::from_seconds(10),
            to: Some(Time::from_seconds(20)),
        };
        let in_force = |seconds| appointment.is_in_force(Time::from_seconds(seconds));
        assert_eq!([9, 10, 19, 20].map(in_force), [false, true, true, false]);
    }

    #[test]
    fn a_silent_provider_erases_nothing() {
        let known = Facts { phone: "+998901234567".to_owned().into(), ..Facts::default() };
        let newer = Facts { given_name: "Dilnoza".to_owned().into(), ..Facts::default() };
        let facts = known.updated_by(newer);
        assert_eq!(facts.phone.reveal(), "+998901234567");
        assert_eq!(facts.given_name.reveal(), "Dilnoza");
    }
}
