//! A citizen on the day: what they do next, and what was done in their cases as those who did it saw it.

use kernel::CaseId;

use crate::plan::{Planned, Service, pinfl};

/// Taxpayer numbers of companies have nine digits; those of the bundled people's lie behind these.
const FIRST_TIN: usize = 300_000_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    Apply,
    Pay,
    Correct,
    Answer,
    Withdraw,
    Appeal,
    Nothing,
}

pub struct Life {
    pub planned: Planned,
    pub next: Next,
    /// The first, and the appeal from it.
    pub cases: Vec<CaseId>,
    /// What officers decided.
    pub decisions: Vec<&'static str>,
    /// What was said before they did: step and outcome.
    pub said: Vec<String>,
    /// An officer asked.
    pub asked: bool,
    /// And the citizen answered.
    pub answered: bool,
    /// The list of what is late named a task of theirs.
    pub reported: bool,
    /// Something was done in their case for an officer of another office.
    pub stood_in: bool,
    /// What was done in which case, under the names that the record of acts has for it.
    pub acts: Vec<(CaseId, &'static str)>,
}

impl Life {
    pub fn new(planned: Planned) -> Self {
        Self {
            planned,
            next: Next::Apply,
            cases: Vec::new(),
            decisions: Vec::new(),
            said: Vec::new(),
            asked: false,
            answered: false,
            reported: false,
            stood_in: false,
            acts: Vec::new(),
        }
    }

    /// Under which OneID knows them.
    pub fn key(&self) -> String {
        format!("citizen-{}", self.planned.number)
    }

    pub fn pinfl(&self) -> String {
        pinfl(3, self.planned.number).0
    }

    /// The case that is under way.
    pub fn case(&self) -> CaseId {
        *self.cases.last().expect("they have applied")
    }

    /// As OneID's counterpart takes persons.
    pub fn person(&self) -> serde_json::Value {
        let (number, (pinfl, birth_date)) = (self.planned.number, pinfl(3, self.planned.number));
        // Who builds directs a company.
        let tin = (FIRST_TIN + number).to_string();
        let company = serde_json::json!({"tin": tin, "name": format!("«Bino {number}» MChJ"), "basic": true});
        let companies = Vec::from_iter((self.planned.service == Service::Permit).then_some(company));
        serde_json::json!({
            "key": self.key(),
            "pinfl": pinfl,
            "given_name": "Aziz",
            "family_name": "Karimov",
            "patronymic": "Anvarovich",
            "birth_date": birth_date,
            "passport": format!("AA{number:07}"),
            "phone": format!("+99890{number:07}"),
            "email": format!("citizen-{number}@example.uz"),
            "address": "Toshkent shahri, Navoiy ko‘chasi, 1-uy",
            "companies": companies,
        })
    }
}
