//! What the resource says afterwards: that it is recorded, and of a grant what the exchange enforces of it.

use std::time::Duration;

use api::Kind;
use kernel::Time;
use process::calendar::civil_date;
use proto::exchange::v1::EnforcedGrant;

use crate::{
    outcome::{Done, Fact, Outcome},
    status::Approval,
};

/// The role in which officers approve grants.
const APPROVER: &str = "grant-approver";

/// `giver`: the agency whose officers decide.
pub fn done(kind: Kind, giver: &str, enforced: Option<&EnforcedGrant>) -> Outcome {
    let message = match kind {
        Kind::Grant => "Recorded. It takes effect when officers of this agency have approved it.",
        Kind::GrantRequest => "Recorded. The other agency decides by a grant of its own.",
        _ => "Recorded. Other agencies ask it under a grant.",
    };
    let again = enforced.filter(|of| of.until_us > 0 && of.state != "expired").map(|of| Time::from_micros(of.until_us));
    Outcome::Done(Done {
        message: message.to_owned(),
        beside: enforced.map(|of| ("Approved", approved(kind, giver, of))).into_iter().collect(),
        approval: enforced.filter(|of| !of.hash.is_empty()).map(approval),
        again,
        ..Done::default()
    })
}

fn approved(kind: Kind, giver: &str, of: &EnforcedGrant) -> Fact {
    let of_whom =
        if kind == Kind::GrantRequest { format!("Grant `{}` of `{giver}`: ", of.name) } else { String::new() };
    let until = last_day(of.until_us);
    let still = match of.in_force.as_slice() {
        [] => String::new(),
        hash => format!(" The version approved before, {}, is in force up to and including {until}.", short(hash)),
    };
    match of.state.as_str() {
        "in-force" => {
            let version = short(&of.in_force);
            Fact::holds("InForce", format!("{of_whom}version {version} is in force up to and including {until}."))
        }
        "waiting" => {
            let who = match of.approvals_needed {
                1 => "one officer".to_owned(),
                2 => "two officers".to_owned(),
                _ => "officers".to_owned(),
            };
            let given = match of.approvals {
                0 => "nobody has yet".to_owned(),
                number => format!("{number} did"),
            };
            let message = format!(
                "{of_whom}{who} of `{giver}` in the role `{APPROVER}` must approve version {}, {given}.{still}",
                hex(&of.hash)
            );
            Fact::coming("Waiting", message)
        }
        "superseded" => {
            let message = format!(
                "{of_whom}a later version was published or approved, so that nobody approves this one any more: change \
                 something in it.{still}"
            );
            Fact::coming("Superseded", message)
        }
        "revoked" => {
            let message = format!(
                "{of_whom}officers of `{giver}` took version {} back: nobody asks under it any more. To give it again, change something \
                 in it and have that approved.{still}",
                short(&of.hash)
            );
            Fact::coming("Revoked", message)
        }
        "expired" => {
            let message = format!("{of_whom}its last day, {until}, is over: nobody asks under it any more.");
            Fact::coming("Expired", message)
        }
        _ => Fact::coming("NotGiven", format!("`{giver}` has given nothing yet that gives all that is asked.")),
    }
}

fn approval(of: &EnforcedGrant) -> Approval {
    let moment = |micros: i64| jiff::Timestamp::from_microsecond(micros).ok().map(|moment| moment.to_string());
    Approval {
        grant: of.name.clone(),
        hash: hex(&of.hash),
        given: of.approvals,
        needed: of.approvals_needed,
        in_force: (!of.in_force.is_empty()).then(|| hex(&of.in_force)),
        valid_until: Some(of.until_us).filter(|until| *until > 0).and_then(moment),
    }
}

/// The day before the first moment at which it holds no longer, in Tashkent.
fn last_day(until_us: i64) -> String {
    civil_date(Time::from_micros(until_us).minus(Duration::from_secs(1))).to_string()
}

fn hex(hash: &[u8]) -> String {
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Enough of a hash to tell versions apart by eye.
fn short(hash: &[u8]) -> String {
    hex(hash).chars().take(12).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::State;

    /// Midnight after 2026-12-31 in Tashkent.
    const END: i64 = 1_798_743_600_000_000;

    fn enforced(state: &str, in_force: Vec<u8>, until_us: i64) -> EnforcedGrant {
        let name = "marriages".to_owned();
        let hash = vec![0xab; 32];
        EnforcedGrant { state: state.into(), name, hash, approvals: 1, approvals_needed: 2, in_force, until_us }
    }

    fn told(kind: Kind, of: &EnforcedGrant) -> (Fact, Done) {
        let Outcome::Done(done) = super::done(kind, "archive", Some(of)) else { panic!("done") };
        (done.beside[0].1.clone(), done)
    }

    #[test]
    fn a_grant_says_who_must_approve_what_and_what_is_in_force_meanwhile() {
        let (fact, done) = told(Kind::Grant, &enforced("waiting", vec![1; 32], END));
        assert_eq!((fact.state, fact.reason), (State::Coming, "Waiting"));
        assert!(fact.message.starts_with("two officers of `archive` in the role `grant-approver`"), "{}", fact.message);
        assert!(fact.message.contains(&"ab".repeat(32)) && fact.message.contains("1 did"), "{}", fact.message);
        assert!(
            fact.message.ends_with("010101010101, is in force up to and including 2026-12-31."),
            "{}",
            fact.message
        );
        assert_eq!(done.again, Some(Time::from_micros(END)), "its end is no edit");
        let approval = done.approval.unwrap();
        assert_eq!((approval.given, approval.needed), (1, 2));
        assert_eq!(approval.valid_until.as_deref(), Some("2026-12-31T19:00:00Z"));
    }

    #[test]
    fn an_approved_grant_is_in_force_and_one_whose_day_is_over_is_not() {
        let (fact, done) = told(Kind::Grant, &enforced("in-force", vec![0xab; 32], END));
        assert_eq!((fact.state, fact.reason, done.again), (State::Holds, "InForce", Some(Time::from_micros(END))));
        let (fact, done) = told(Kind::Grant, &enforced("expired", Vec::new(), END));
        assert_eq!((fact.state, fact.reason, done.again), (State::Coming, "Expired", None));
        assert!(fact.message.contains("2026-12-31, is over"), "{}", fact.message);
        let (fact, done) = told(Kind::Grant, &enforced("revoked", Vec::new(), 0));
        assert_eq!((fact.state, fact.reason, done.again), (State::Coming, "Revoked", None));
        assert!(fact.message.starts_with("officers of `archive` took version abab"), "{}", fact.message);
    }

    #[test]
    fn a_request_names_the_grant_that_answers_it_or_says_that_none_does() {
        let (fact, _) = told(Kind::GrantRequest, &enforced("in-force", vec![0xab; 32], END));
        assert!(fact.message.starts_with("Grant `marriages` of `archive`: "), "{}", fact.message);
        let none = EnforcedGrant { state: "none".into(), ..EnforcedGrant::default() };
        let (fact, done) = told(Kind::GrantRequest, &none);
        assert_eq!((fact.reason, done.approval, done.again), ("NotGiven", None, None));
    }
}
