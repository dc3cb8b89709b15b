//! What is enforced of a grant at a moment, and which grant answers a request: what their resources tell of themselves.

use api::{GrantSpec, GrantedTo};
use kernel::{Hash, Time};

use super::grant::{self, Version};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    Expired,
    /// Officers took it back.
    Revoked,
    /// A later version was published, or approved: nobody can approve this one any more.
    Superseded,
    Waiting,
    InForce,
}

impl State {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Expired => "expired",
            Self::Revoked => "revoked",
            Self::Superseded => "superseded",
            Self::Waiting => "waiting",
            Self::InForce => "in-force",
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Enforced {
    pub state: State,
    /// What was asked about.
    pub version: Version,
    /// Another one while that waits.
    pub in_force: Option<Version>,
}

impl Enforced {
    /// The first moment at which what is in force, or what expired, holds no longer.
    pub fn until(&self) -> Option<Time> {
        let ends = match self.state {
            State::Expired => Some(self.in_force.as_ref().unwrap_or(&self.version)),
            State::InForce | State::Waiting | State::Superseded | State::Revoked => self.in_force.as_ref(),
        };
        ends.and_then(|version| grant::end(&version.spec).ok())
    }
}

/// One of the versions that were published under one name; without a hash the newest. Nothing when there is none.
pub fn of_grant(versions: &[Version], hash: Option<Hash>, now: Time) -> Option<Enforced> {
    let asked = |version: &&Version| hash.map_or(version.newest, |hash| version.hash == hash);
    let version = versions.iter().find(asked)?.clone();
    let in_force = grant::in_force(versions.to_vec(), now).pop();
    let holds = in_force.as_ref().is_some_and(|in_force| in_force.hash == version.hash);
    let state = match version.state(now, false) {
        grant::State::Expired => State::Expired,
        grant::State::Revoked => State::Revoked,
        grant::State::Approved if holds => State::InForce,
        grant::State::Waiting => State::Waiting,
        grant::State::Approved | grant::State::Superseded => State::Superseded,
    };
    Some(Enforced { state, version, in_force })
}

/// The best answer to a request among the grants of whom it asks; nothing when none gives all that is asked.
pub fn of_request(asked: &GrantSpec, given: &[Version], now: Time) -> Option<Enforced> {
    let mut names: Vec<&str> = given.iter().map(|version| version.name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    let answers = names.into_iter().filter_map(|name| {
        let versions: Vec<Version> = given.iter().filter(|version| version.name == name).cloned().collect();
        let of = of_grant(&versions, None, now)?;
        match &of.in_force {
            // What is in force counts, whatever was published after it.
            Some(version) if gives(&version.spec, asked) => Some(Enforced { state: State::InForce, ..of }),
            _ if gives(&of.version.spec, asked) => Some(Enforced { in_force: None, ..of }),
            _ => None,
        }
    });
    answers.max_by_key(|answer| (answer.state, answer.until()))
}

/// Where a grant names nothing, it gives everything of that kind.
fn gives(given: &GrantSpec, asked: &GrantSpec) -> bool {
    let all = |given: &[String], asked: &[String]| asked.iter().all(|one| given.contains(one));
    let open = |given: &[String], asked: &[String]| given.is_empty() || !asked.is_empty() && all(given, asked);
    (&given.from, &given.to) == (&asked.from, &asked.to)
        && (asked.registry.is_none() || given.registry == asked.registry)
        && all(&given.operations, &asked.operations)
        && open(&given.services, &asked.services)
        && open(&given.fields, &asked.fields)
        && (given.seal || !asked.seal)
        && (given.beneficiary || !asked.beneficiary)
        && all(&given.roles, &asked.roles)
        && all(&given.events, &asked.events)
        && (given.about == GrantedTo::Anyone || asked.about == GrantedTo::Case)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn spec(change: impl Fn(&mut Value)) -> GrantSpec {
        let text = json!({"en": "Issuing a copy"});
        let mut spec = json!({
            "from": "archive", "to": "justice", "services": ["copy"], "registry": "marriages", "operations": ["find"],
            "purpose": text, "legalBasis": {"title": text}, "until": "2030-12-31",
        });
        change(&mut spec);
        serde_json::from_value(spec).unwrap()
    }

    fn version(name: &str, order: i64, approvals: u32, newest: bool, until: &str) -> Version {
        let spec = spec(|spec| spec["until"] = until.into());
        let (agency, name) = ("archive".to_owned(), name.to_owned());
        let hash = Hash::of_parts(&[name.as_bytes(), &order.to_be_bytes()]);
        Version { agency, name, hash, spec, order, approvals, approvals_needed: 2, revoked: false, newest }
    }

    fn at(text: &str) -> Time {
        text.parse().unwrap()
    }

    #[test]
    fn a_change_waits_while_the_version_before_it_is_in_force_until_its_own_last_day() {
        let versions = [version("g", 1, 2, false, "2027-01-01"), version("g", 2, 1, true, "2030-01-01")];
        let waits = of_grant(&versions, None, at("2026-12-01T00:00:00Z")).unwrap();
        assert_eq!((waits.state, waits.in_force.as_ref()), (State::Waiting, Some(&versions[0])));
        assert_eq!(waits.until(), Some(at("2027-01-01T19:00:00Z")), "midnight in Tashkent");
        let alone = of_grant(&versions, None, at("2027-01-01T19:00:00Z")).unwrap();
        assert_eq!((alone.state, &alone.in_force, alone.until()), (State::Waiting, &None, None));
        assert_eq!(of_grant(&[], None, at("2026-12-01T00:00:00Z")), None);
    }

    #[test]
    fn a_version_that_a_later_one_took_the_place_of_cannot_be_approved_any_more() {
        let now = at("2026-12-01T00:00:00Z");
        let versions = [
            version("g", 1, 2, false, "2030-01-01"),
            version("g", 2, 0, false, "2030-01-02"),
            version("g", 3, 2, false, "2030-01-03"),
            version("g", 4, 0, true, "2030-01-04"),
        ];
        let state = |index: usize| of_grant(&versions, Some(versions[index].hash), now).unwrap().state;
        assert_eq!([0, 1, 2, 3].map(state), [State::Superseded, State::Superseded, State::InForce, State::Waiting]);
    }

    #[test]
    fn a_revoked_version_is_no_longer_enforced_and_what_waits_behind_it_still_waits() {
        let now = at("2026-12-01T00:00:00Z");
        let taken = Version { revoked: true, ..version("g", 1, 2, true, "2030-01-01") };
        let over = of_grant(std::slice::from_ref(&taken), None, now).unwrap();
        assert_eq!((over.state, &over.in_force, over.until()), (State::Revoked, &None, None));
        assert_eq!(of_request(&taken.spec, std::slice::from_ref(&taken), now).unwrap().state, State::Revoked);
        let changed = [Version { newest: false, ..taken }, version("g", 2, 0, true, "2030-01-02")];
        let waits = of_grant(&changed, None, now).unwrap();
        assert_eq!((waits.state, &waits.in_force), (State::Waiting, &None));
    }

    #[test]
    fn a_grant_expires_by_time_alone() {
        let versions = [version("g", 1, 2, true, "2026-12-01")];
        let moment = |text| of_grant(&versions, None, at(text)).unwrap();
        assert_eq!(moment("2026-12-01T18:59:59Z").state, State::InForce);
        let over = moment("2026-12-01T19:00:00Z");
        assert_eq!((over.state, &over.in_force), (State::Expired, &None));
        assert_eq!(over.until(), Some(at("2026-12-01T19:00:00Z")));
    }

    #[test]
    fn a_request_is_answered_by_what_gives_all_it_asks_and_what_is_in_force_comes_first() {
        let now = at("2026-12-01T00:00:00Z");
        let given = [
            version("a", 1, 0, true, "2031-01-01"),
            version("b", 2, 2, true, "2029-01-01"),
            version("c", 3, 2, true, "2020-01-01"),
        ];
        let asked = spec(|_| ());
        let answer = of_request(&asked, &given, now).unwrap();
        assert_eq!((answer.state, answer.version.name.as_str()), (State::InForce, "b"));
        let waiting = of_request(&asked, &given[..1], now).unwrap();
        assert_eq!((waiting.state, &waiting.in_force), (State::Waiting, &None));
        assert_eq!(of_request(&asked, &given[2..], now).unwrap().state, State::Expired);
        for more in [
            spec(|spec| spec["operations"] = json!(["find", "list"])),
            spec(|spec| spec["services"] = json!([])),
            spec(|spec| spec["services"] = json!(["copy", "other"])),
            spec(|spec| spec["registry"] = "births".into()),
            spec(|spec| spec["to"] = "tax".into()),
            spec(|spec| spec["about"] = "anyone".into()),
            spec(|spec| spec["seal"] = true.into()),
            spec(|spec| spec["beneficiary"] = true.into()),
            spec(|spec| spec["roles"] = json!(["expert"])),
            spec(|spec| spec["events"] = json!(["corrected"])),
        ] {
            assert_eq!(of_request(&more, &given, now), None, "{more:?}");
        }
        let fields = spec(|spec| spec["fields"] = json!(["date"]));
        assert!(of_request(&fields, &given, now).is_some(), "who gives every field gives one");
    }
}
