//! Grants: whose word counts, how many persons must give it, and which version is in force at a moment.

use std::time::Duration;

use api::{Agency, GrantSpec, GrantedTo};
use jiff::{ToSpan, civil::Date, tz::TimeZone};
use kernel::{Failure, Hash, Time, id::PersonId};
use proto::identity::v1::{Appointment, Officer};

/// The role in which officers approve their agency's grants.
pub const APPROVER: &str = "grant-approver";
const PER_MINUTE: u32 = 600;
pub const RATE_WINDOW: Duration = Duration::from_secs(60);

/// One version of a grant's spec, as the exchange keeps it.
#[derive(Debug, Clone, PartialEq)]
pub struct Version {
    pub agency: String,
    pub name: String,
    pub hash: Hash,
    pub spec: GrantSpec,
    /// Grows with each version published under the name.
    pub order: i64,
    /// Approvals by different persons.
    pub approvals: u32,
    pub approvals_needed: u32,
    /// Officers took it back, for good.
    pub revoked: bool,
    /// The newest one published under its name.
    pub newest: bool,
}

/// What becomes of a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    Waiting,
    Approved,
    Superseded,
    Expired,
    Revoked,
}

impl State {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Approved => "approved",
            Self::Superseded => "superseded",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
        }
    }
}

/// What an approval signs: the whole spec under its name.
pub fn hash(agency: &str, name: &str, spec: &GrantSpec) -> Result<Hash, Failure> {
    let canonical = serde_json_canonicalizer::to_vec(spec)
        .map_err(|error| Failure::invalid("exchange.grant", "The grant cannot be read.").with_detail(error))?;
    Ok(Hash::of_parts(&[b"grant", agency.as_bytes(), name.as_bytes(), &canonical]))
}

/// Persons that must approve.
pub fn approvals_needed(giver: &Agency) -> u32 {
    if giver.spec.four_eyes { 2 } else { 1 }
}

/// The first moment at which a grant no longer holds: its last day is over in Tashkent.
pub fn end(spec: &GrantSpec) -> Result<Time, Failure> {
    let malformed = || Failure::invalid("exchange.grant-until", "`until` is a date such as 2030-12-31.");
    let last: Date = spec.until.parse().map_err(|_| malformed())?;
    let zone = TimeZone::get("Asia/Tashkent").map_err(|_| malformed())?;
    let next = last.checked_add(1.day()).map_err(|_| malformed())?;
    let midnight = next.to_zoned(zone).map_err(|_| malformed())?;
    Ok(Time::from_jiff(midnight.timestamp()))
}

impl Version {
    pub fn approved(&self) -> bool {
        self.approvals >= self.approvals_needed
    }

    pub fn in_force(&self, now: Time) -> bool {
        self.approved() && !self.revoked && end(&self.spec).is_ok_and(|end| now < end)
    }

    /// Whether it lets `service` of `agency` ask this operation.
    pub fn covers(&self, agency: &str, service: &str, registry: &str, operation: &str) -> bool {
        let spec = &self.spec;
        let operation_fits = spec.operations.iter().any(|name| name == operation);
        spec.registry.as_deref() == Some(registry) && self.is_given_to(agency, service) && operation_fits
    }

    /// Whether officers of the giving agency take tasks of `service` of `agency` in this role.
    pub fn lends(&self, agency: &str, service: &str, role: &str) -> bool {
        self.is_given_to(agency, service) && self.spec.roles.iter().any(|name| name == role)
    }

    /// Whether the giving agency receives a share of what `service` of `agency` charges.
    pub fn shares(&self, agency: &str, service: &str) -> bool {
        self.spec.beneficiary && self.is_given_to(agency, service)
    }

    /// Whether what the giving agency announces under this name begins cases of `service` of `agency`.
    pub fn tells(&self, agency: &str, service: &str, event: &str) -> bool {
        self.is_given_to(agency, service) && self.spec.events.iter().any(|name| name == event)
    }

    /// Where it names no services, it is for all of the agency's.
    fn is_given_to(&self, agency: &str, service: &str) -> bool {
        let spec = &self.spec;
        spec.to == agency && (spec.services.is_empty() || spec.services.iter().any(|name| name == service))
    }

    pub fn per_minute(&self) -> u32 {
        self.spec.per_minute.unwrap_or(PER_MINUTE)
    }

    pub fn about_anyone(&self) -> bool {
        self.spec.about == GrantedTo::Anyone
    }

    /// `newer_approved`: a later version under the same name was approved.
    pub fn state(&self, now: Time, newer_approved: bool) -> State {
        if self.revoked {
            return State::Revoked;
        }
        if end(&self.spec).is_ok_and(|end| now >= end) {
            return State::Expired;
        }
        match (self.approved(), newer_approved) {
            (_, true) => State::Superseded,
            (true, false) => State::Approved,
            (false, false) if self.newest => State::Waiting,
            (false, false) => State::Superseded,
        }
    }
}

/// The versions in force: of each grant the last approved one, as long as it has neither expired nor been revoked.
pub fn in_force(mut versions: Vec<Version>, now: Time) -> Vec<Version> {
    versions.retain(Version::approved);
    versions.sort_by(|one, other| {
        let key = |version: &Version| (version.agency.clone(), version.name.clone());
        key(one).cmp(&key(other)).then(other.order.cmp(&one.order))
    });
    versions.dedup_by(|later, kept| (&later.agency, &later.name) == (&kept.agency, &kept.name));
    versions.retain(|version| version.in_force(now));
    versions
}

/// An approver holds the role at the giving agency, and no office at the asking one.
pub fn may_approve(officer: &Officer, spec: &GrantSpec, now: Time) -> Result<(), Failure> {
    may_revoke(officer, spec, now)?;
    if serves(officer, &spec.to, now) {
        return Err(Failure::forbidden(
            "exchange.own-request",
            "Who serves the asking agency cannot approve its request. Ask a colleague.",
        ));
    }
    Ok(())
}

/// Who may give may take back, alone and wherever else they serve: nobody gains by it.
pub fn may_revoke(officer: &Officer, spec: &GrantSpec, now: Time) -> Result<(), Failure> {
    let approves = |held: &Appointment| held.agency == spec.from && held.role == APPROVER && is_held(held, now);
    if officer.appointments.iter().any(approves) {
        return Ok(());
    }
    Err(Failure::not_found("exchange.no-such-grant", "There is no such grant."))
}

fn is_held(appointment: &Appointment, now: Time) -> bool {
    appointment.from_us <= now.micros() && (appointment.to_us == 0 || now.micros() < appointment.to_us)
}

/// Whether the officer belongs to the agency at all.
pub fn serves(officer: &Officer, agency: &str, now: Time) -> bool {
    officer.appointments.iter().any(|held| held.agency == agency && is_held(held, now))
}

/// Asks identity in the right words.
pub fn officer_request(person: &PersonId) -> proto::identity::v1::ReadPersonRequest {
    proto::identity::v1::ReadPersonRequest { person: person.to_vec(), case_id: Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(until: &str) -> GrantSpec {
        let text = serde_json::json!({"en": "Issuing a copy"});
        serde_json::from_value(serde_json::json!({
            "from": "civil-status", "to": "justice", "services": ["copy"], "registry": "marriages",
            "operations": ["find"], "purpose": text, "legalBasis": {"title": text, "uri": "https://lex.uz"}, "until": until,
        }))
        .unwrap()
    }

    fn version(order: i64, approvals: u32, until: &str) -> Version {
        let spec = spec(until);
        Version {
            agency: "civil-status".into(),
            name: "marriages".into(),
            hash: hash("civil-status", "marriages", &spec).unwrap(),
            spec,
            order,
            approvals,
            approvals_needed: 1,
            revoked: false,
            newest: order == 3,
        }
    }

    fn at(text: &str) -> Time {
        text.parse().unwrap()
    }

    #[test]
    fn a_changed_spec_has_no_approval_and_the_last_approved_one_stays_in_force() {
        let now = at("2026-11-24T00:00:00Z");
        let versions = vec![version(3, 0, "2031-01-01"), version(1, 1, "2028-01-01"), version(2, 1, "2029-01-01")];
        let in_force = in_force(versions, now);
        assert_eq!(in_force.len(), 1);
        assert_eq!(in_force[0].spec.until, "2029-01-01");
        assert_ne!(version(1, 1, "2028-01-01").hash, version(2, 1, "2029-01-01").hash);
    }

    #[test]
    fn an_expired_grant_does_not_bring_back_an_older_longer_one() {
        let versions = vec![version(1, 1, "2040-01-01"), version(2, 1, "2026-11-23")];
        assert!(in_force(versions.clone(), at("2026-11-23T18:59:59Z")).len() == 1, "its last day in Tashkent");
        assert!(in_force(versions, at("2026-11-23T19:00:00Z")).is_empty());
    }

    #[test]
    fn what_officers_take_back_is_over_and_brings_nothing_older_back() {
        let now = at("2026-11-24T00:00:00Z");
        let taken = Version { revoked: true, ..version(2, 1, "2030-01-01") };
        assert_eq!(taken.state(now, false), State::Revoked);
        assert_eq!(taken.state(at("2031-01-01T00:00:00Z"), true), State::Revoked, "it stays what it is");
        assert!(in_force(vec![version(1, 1, "2040-01-01"), taken.clone()], now).is_empty());
        let again = in_force(vec![taken, version(3, 1, "2031-01-01")], now);
        assert_eq!(again[0].spec.until, "2031-01-01", "a later version is another decision");
    }

    #[test]
    fn it_lends_officers_only_in_the_roles_that_it_names_to_whom_it_names() {
        let mut version = version(1, 1, "2030-01-01");
        assert!(!version.lends("justice", "copy", "expert"), "a grant of a registry lends nobody");
        version.spec.roles = vec!["expert".into()];
        assert!(version.lends("justice", "copy", "expert"));
        assert!(!version.lends("justice", "copy", "registrar"));
        assert!(!version.lends("justice", "other", "expert"));
        assert!(!version.lends("tax", "copy", "expert"));
    }

    #[test]
    fn its_agency_takes_a_share_only_where_it_says_so_and_from_whom_it_names() {
        let mut version = version(1, 1, "2030-01-01");
        assert!(!version.shares("justice", "copy"), "a grant of a registry takes no money");
        version.spec.beneficiary = true;
        assert!(version.shares("justice", "copy"));
        assert!(!version.shares("justice", "other"));
        assert!(!version.shares("tax", "copy"));
        version.spec.services.clear();
        assert!(version.shares("justice", "other"), "no service is named: all of them");
    }

    #[test]
    fn it_tells_only_the_events_that_it_names_to_whom_it_names() {
        let mut version = version(1, 1, "2030-01-01");
        assert!(!version.tells("justice", "copy", "find"), "a grant of a registry tells no events");
        version.spec.events = vec!["child-born".into()];
        assert!(version.tells("justice", "copy", "child-born"));
        assert!(!version.tells("justice", "copy", "child-died"));
        assert!(!version.tells("justice", "other", "child-born"));
        assert!(!version.tells("tax", "copy", "child-born"));
    }

    #[test]
    fn it_covers_only_what_it_names() {
        let version = version(1, 1, "2030-01-01");
        assert!(version.covers("justice", "copy", "marriages", "find"));
        assert!(!version.covers("tax", "copy", "marriages", "find"));
        assert!(!version.covers("justice", "other", "marriages", "find"));
        assert!(!version.covers("justice", "copy", "marriages", "list"));
    }

    #[test]
    fn only_an_approver_of_the_giver_who_does_not_serve_the_asker_may_approve() {
        let now = Time::from_seconds(100);
        let held = |agency: &str, role: &str, to_us| Appointment {
            agency: agency.into(),
            role: role.into(),
            to_us,
            ..Appointment::default()
        };
        let officer = |appointments| Officer { appointments, ..Officer::default() };
        let spec = spec("2030-01-01");
        assert!(may_approve(&officer(vec![held("civil-status", APPROVER, 0)]), &spec, now).is_ok());
        assert!(may_approve(&officer(vec![held("civil-status", "clerk", 0)]), &spec, now).is_err());
        assert!(may_approve(&officer(vec![held("civil-status", APPROVER, 1)]), &spec, now).is_err(), "no longer");
        let both = officer(vec![held("civil-status", APPROVER, 0), held("justice", "registrar", 0)]);
        assert_eq!(may_approve(&both, &spec, now).unwrap_err().code, "exchange.own-request");
        assert!(may_revoke(&both, &spec, now).is_ok());
        let stranger = officer(vec![held("justice", APPROVER, 0)]);
        assert_eq!(may_revoke(&stranger, &spec, now).unwrap_err().code, "exchange.no-such-grant");
    }
}
