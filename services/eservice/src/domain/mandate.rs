//! Whether what a registry says of a record lets somebody act for somebody else in one service, and for whom.

use std::time::Duration;

use api::MandateKind;
use jiff::civil::Date;
use kernel::{Failure, PersonId, Time, pinfl::Pinfl};
use process::{
    CaseState,
    calendar::{anniversary, civil_date, end_of_day, start_of_day},
    case::{Applicant, Mandate},
};
use proto::eservice::v1::Representation;
use serde::Deserialize;

/// What the registry said counts for so long without asking again, as an officer's appointment does.
pub const FRESH: Duration = Duration::from_secs(60);
/// While the registry does not answer, its last word counts for looking and typing; never for submitting.
pub const GRACE: Duration = Duration::from_secs(3600);
/// Longest number of a record.
const RECORD_CHARS_MAX: usize = 40;
/// From this birthday on somebody acts for themselves.
const OF_AGE_YEARS: i64 = 18;
/// Children that one parent chooses among.
const CHILDREN_MAX: usize = 30;

/// The number as it was typed, without what people put around it.
pub fn record(typed: &str) -> Result<String, Failure> {
    let record = typed.trim();
    let plain = |letter: char| letter.is_alphanumeric() || "-/. ".contains(letter);
    if record.is_empty() || record.chars().count() > RECORD_CHARS_MAX || !record.chars().all(plain) {
        return Err(Failure::invalid("mandate.record", "Type the number of the power of attorney as it stands on it."));
    }
    Ok(record.to_owned())
}

/// No such record and a record of another representative look alike.
pub fn unknown() -> Failure {
    Failure::invalid("mandate.unknown", "There is no power of attorney with this number that names you.")
}

/// A child that the registry does not name and one of other parents look alike.
fn no_child() -> Failure {
    Failure::invalid("mandate.no-child", "The register of civil status names no such child of yours.")
}

pub fn unavailable() -> Failure {
    Failure::unavailable(
        "mandate.unavailable",
        "The registry that proves the mandate does not answer. Try again shortly.",
    )
}

pub fn not_taken() -> Failure {
    Failure::forbidden("service.mandate", "Nobody can apply for this service under this kind of mandate.")
}

/// Whether the failure says that the mandate gives no right, rather than that nobody could tell.
pub fn is_refusal(failure: &Failure) -> bool {
    matches!(
        failure.code.as_ref(),
        "mandate.unknown"
            | "mandate.expired"
            | "mandate.revoked"
            | "mandate.scope"
            | "mandate.no-child"
            | "mandate.of-age"
    )
}

/// Whom a registry named as the one who is acted for, and the moment until which.
pub struct Proved {
    pub pinfl: String,
    pub family_name: String,
    pub given_name: String,
    pub patronymic: String,
    pub until: Time,
}

/// What an answer is judged by: the record that was chosen, whoever would act by it, and for which service.
pub struct Claim<'a> {
    pub record: &'a str,
    /// The representative's PINFL.
    pub representative: &'a str,
    /// `agency/service`
    pub service: &'a str,
}

/// What a registry's answer about a kind of mandate proves at this moment.
pub fn prove(kind: MandateKind, body: &[u8], claim: &Claim<'_>, now: Time) -> Result<Proved, Failure> {
    match kind {
        MandateKind::Attorney => {
            let answer = Answer::read(body)?;
            let until = answer.judge(claim.representative, claim.service, now)?;
            Ok(Proved {
                pinfl: answer.principal,
                family_name: answer.family_name,
                given_name: answer.given_name,
                patronymic: answer.patronymic,
                until,
            })
        }
        MandateKind::Parent => Children::read(body)?.judge(claim, now),
        // No registry proves one.
        MandateKind::Director => Err(not_taken()),
    }
}

/// What a registry answers about a record; what else it says is not read.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Answer {
    attorney: String,
    pub principal: String,
    pub family_name: String,
    pub given_name: String,
    #[serde(default)]
    pub patronymic: String,
    services: Vec<String>,
    until: Date,
    state: String,
}

impl Answer {
    pub fn read(body: &[u8]) -> Result<Self, Failure> {
        serde_json::from_slice(body).map_err(|_| unavailable().with_detail("the answer is not what a mandate needs"))
    }

    /// The moment after the last day, when the record lets `attorney` act for another person in `agency/service` now.
    pub fn judge(&self, attorney: &str, service: &str, now: Time) -> Result<Time, Failure> {
        if self.attorney != attorney || self.principal == attorney || Pinfl::parse(&self.principal).is_err() {
            return Err(unknown());
        }
        if self.state != "in-force" {
            return Err(Failure::invalid("mandate.revoked", "The power of attorney was revoked."));
        }
        if civil_date(now) > self.until {
            return Err(Failure::invalid("mandate.expired", "The power of attorney has expired."));
        }
        if !self.services.iter().any(|scope| covers(scope, service)) {
            return Err(Failure::invalid("mandate.scope", "The power of attorney does not cover this service."));
        }
        Ok(end_of_day(self.until).plus(Duration::from_secs(1)))
    }
}

/// What a registry answers about a parent; what else it says is not read.
#[derive(Deserialize)]
pub struct Children {
    children: Vec<Child>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Child {
    /// Of the record of the birth.
    pub number: String,
    pinfl: String,
    pub family_name: String,
    pub given_name: String,
    #[serde(default)]
    pub patronymic: String,
    birth_date: Date,
}

impl Children {
    pub fn read(body: &[u8]) -> Result<Self, Failure> {
        serde_json::from_slice(body).map_err(|_| unavailable().with_detail("the answer is not what a mandate needs"))
    }

    /// Those for whom their parent acts now.
    pub fn minors(self, now: Time) -> Vec<Child> {
        self.children.into_iter().filter(|child| now < child.of_age()).take(CHILDREN_MAX).collect()
    }

    fn judge(self, claim: &Claim<'_>, now: Time) -> Result<Proved, Failure> {
        let child = self.children.into_iter().find(|child| child.number == claim.record).ok_or_else(no_child)?;
        if child.pinfl == claim.representative || Pinfl::parse(&child.pinfl).is_err() {
            return Err(no_child());
        }
        let until = child.of_age();
        if until <= now {
            return Err(Failure::invalid("mandate.of-age", "The child has come of age and applies alone."));
        }
        Ok(Proved {
            pinfl: child.pinfl,
            family_name: child.family_name,
            given_name: child.given_name,
            patronymic: child.patronymic,
            until,
        })
    }
}

impl Child {
    /// The first moment of the 18th birthday. A birthday that is no date is over: nobody acts by it.
    fn of_age(&self) -> Time {
        anniversary(self.birth_date, OF_AGE_YEARS).map_or(Time::default(), start_of_day)
    }
}

/// `agency/service`, `agency/*` or `*`.
fn covers(scope: &str, service: &str) -> bool {
    let agency = scope.strip_suffix('*').filter(|agency| agency.ends_with('/'));
    scope == "*" || scope == service || agency.is_some_and(|agency| service.starts_with(agency))
}

/// Who acts for whom in this case, by name: every page says it.
pub fn told(state: &CaseState) -> Option<Representation> {
    let applicant = state.applicant.as_ref()?;
    let mandate = applicant.mandate.as_ref()?;
    Some(Representation {
        kind: mandate.kind.clone(),
        principal: applicant.profile.get("name").and_then(serde_json::Value::as_str).unwrap_or_default().to_owned(),
        representative: mandate.representative.clone(),
        record: mandate.record.clone(),
        until: if mandate.is_asserted() { String::new() } else { last_day(mandate).to_string() },
        ended: mandate.ended.is_some(),
        actor: applicant.actor.to_vec(),
    })
}

fn last_day(mandate: &Mandate) -> Date {
    civil_date(mandate.until.minus(Duration::from_secs(1)))
}

/// Whether this person is the one who acts for the applicant, whatever the mandate is worth now.
pub fn is_representative(applicant: &Applicant, person: PersonId) -> bool {
    applicant.mandate.is_some() && applicant.actor == person && applicant.person != person
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ATTORNEY: &str = "30207880170130";
    const SERVICE: &str = "justice/marriage-certificate-copy";

    fn judged(changes: serde_json::Value) -> Result<Time, String> {
        let mut answer = json!({
            "number": "2026-1", "attorney": ATTORNEY, "principal": "41503920170217", "familyName": "Karimova",
            "givenName": "Dilnoza", "services": [SERVICE], "until": "2026-11-24", "state": "in-force",
        });
        for (name, value) in changes.as_object().unwrap() {
            answer[name] = value.clone();
        }
        let answer = Answer::read(answer.to_string().as_bytes()).map_err(|failure| failure.code.into_owned())?;
        // Late in the evening of its last day in Tashkent.
        let now = "2026-11-24T18:59:59Z".parse().unwrap();
        answer.judge(ATTORNEY, SERVICE, now).map_err(|failure| failure.code.into_owned())
    }

    #[test]
    fn a_record_is_judged_by_whom_it_names_its_state_its_days_and_its_scope() {
        assert_eq!(judged(json!({})).unwrap().to_string(), "2026-11-24T19:00:00Z");
        let refused = |changes| judged(changes).unwrap_err();
        assert_eq!(refused(json!({"attorney": "41105950350124"})), "mandate.unknown", "another's looks like none");
        assert_eq!(refused(json!({"principal": ATTORNEY})), "mandate.unknown", "nobody represents themselves");
        assert_eq!(refused(json!({"principal": "1"})), "mandate.unknown");
        assert_eq!(refused(json!({"state": "revoked"})), "mandate.revoked");
        assert_eq!(refused(json!({"state": "suspended"})), "mandate.revoked", "whatever else is not in force");
        assert_eq!(refused(json!({"until": "2026-11-23"})), "mandate.expired");
        assert_eq!(refused(json!({"services": ["justice/divorce"]})), "mandate.scope");
        assert_eq!(refused(json!({"services": []})), "mandate.scope");
        assert_eq!(refused(json!({"until": 5})), "mandate.unavailable");
        assert!(judged(json!({"services": ["justice/*"]})).is_ok());
        assert!(judged(json!({"services": ["*"]})).is_ok());
        assert_eq!(refused(json!({"services": ["just*", "health/*", "justice/"]})), "mandate.scope");
    }

    #[test]
    fn a_parent_acts_for_their_own_child_until_the_18th_birthday() {
        let body = json!({"children": [{
            "number": "2010-77", "pinfl": "41503920170217", "familyName": "Aliyeva", "givenName": "Zarina",
            "birthDate": "2010-03-05", "registered": "elsewhere",
        }]});
        let body = body.to_string();
        let proved = |number: &str, parent: &str, now: &str| {
            let claim = Claim { record: number, representative: parent, service: SERVICE };
            let judged = prove(MandateKind::Parent, body.as_bytes(), &claim, now.parse().unwrap());
            judged.map(|proved| proved.until.to_string()).map_err(|failure| failure.code.into_owned())
        };
        // The evening before the birthday in Tashkent, and its first moment.
        assert_eq!(proved("2010-77", ATTORNEY, "2028-03-04T18:59:59Z").unwrap(), "2028-03-04T19:00:00Z");
        let refused = |number, parent, now| proved(number, parent, now).unwrap_err();
        assert_eq!(refused("2010-77", ATTORNEY, "2028-03-04T19:00:00Z"), "mandate.of-age");
        assert_eq!(refused("2010-78", ATTORNEY, "2026-11-24T10:00:00Z"), "mandate.no-child", "others' looks like none");
        assert_eq!(refused("2010-77", "41503920170217", "2026-11-24T10:00:00Z"), "mandate.no-child", "oneself");
        let minors = |now: &str| Children::read(body.as_bytes()).unwrap().minors(now.parse().unwrap()).len();
        assert_eq!((minors("2028-03-04T18:59:59Z"), minors("2028-03-04T19:00:00Z")), (1, 0));
        assert_eq!(Children::read(b"{}").err().unwrap().code, "mandate.unavailable");
    }

    #[test]
    fn who_was_born_on_29_february_is_of_age_on_the_day_on_which_a_form_counts_18_years() {
        let child = json!({
            "number": "2008-1", "pinfl": "52902080170444", "familyName": "Aliyev", "givenName": "Anvar",
            "birthDate": "2008-02-29",
        });
        let of_age = serde_json::from_value::<Child>(child).unwrap().of_age();
        assert_eq!(of_age.to_string(), "2026-02-28T19:00:00Z", "1 March in Tashkent");
    }

    #[test]
    fn a_number_is_what_stands_on_a_record() {
        assert_eq!(record("  2026-0412/7731 ").unwrap(), "2026-0412/7731");
        for wrong in ["", "   ", "{\"$ne\": 1}", &"7".repeat(41)] {
            assert_eq!(record(wrong).unwrap_err().code, "mandate.record");
        }
    }
}
