//! How far a host has got, in facts for the definition's conditions.

use super::{build, dereference::Found, name::SHARED, place::Host, standing::Standing};
use crate::outcome::{Fact, Hosting};

/// Its Deployment says when that is over.
pub const STARTING: &str = "Starting";

/// The look that takes all of them there comes soon.
pub const JOINING: &str = "Joining";

/// Of a service that runs nowhere yet.
pub fn joining() -> Hosting {
    let others = "It comes to the host that its agency\u{2019}s services share, together with others.";
    let fact = || Fact::coming(JOINING, others);
    let selector = build::selector_text(SHARED);
    Hosting { bus: fact(), database: fact(), workload: fact(), replicas: 0, ready: 0, selector }
}

/// Before anything was done: what runs already keeps running.
pub fn before(host: &Host, found: &Found) -> Hosting {
    let mut hosting = Hosting {
        bus: Fact::coming("NotIssued", "The host has no credentials yet."),
        database: Fact::coming("NotProvided", "The host has no database yet."),
        workload: Fact::coming("NotStarted", "Nothing runs yet."),
        replicas: 0,
        ready: 0,
        selector: build::selector_text(&host.name),
    };
    if let Some(deployment) = &found.deployment {
        runs(&mut hosting, &Standing::of(deployment));
    }
    hosting
}

pub fn runs(hosting: &mut Hosting, standing: &Standing) {
    let Standing { wanted, ready, .. } = *standing;
    hosting.replicas = standing.replicas;
    hosting.ready = ready;
    let counted = format!("{ready} of {wanted} copies take requests.");
    hosting.workload = if standing.serves() {
        // The number moves with every node that is maintained; it stands in `readyReplicas`.
        Fact::holds("Available", "Copies take requests.")
    } else if let Some(why) = standing.stuck.as_ref().filter(|_| standing.observed) {
        Fact::stuck("NotStarting", format!("{counted} {why}"))
    } else {
        Fact::coming(STARTING, counted)
    };
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{host::standing::standing, outcome::State};

    fn told(status: serde_json::Value) -> Fact {
        let nothing = Fact::coming("", "");
        let mut hosting = Hosting {
            bus: nothing.clone(),
            database: nothing.clone(),
            workload: nothing,
            replicas: 0,
            ready: 0,
            selector: String::new(),
        };
        runs(&mut hosting, &standing(status));
        hosting.workload
    }

    #[test]
    fn a_host_is_available_when_a_copy_takes_requests() {
        let rolling = json!({
            "observedGeneration": 3, "replicas": 3, "updatedReplicas": 1, "readyReplicas": 2, "availableReplicas": 2,
            "conditions": [{"type": "Available", "status": "True"}],
        });
        assert_eq!(told(rolling).state, State::Holds);
    }

    #[test]
    fn a_host_that_does_not_start_says_why() {
        let late = json!([{"type": "Progressing", "status": "False", "message": "deadline exceeded"}]);
        let fact = told(json!({"observedGeneration": 3, "replicas": 2, "conditions": late}));
        assert_eq!(
            (fact.state, fact.message.as_str()),
            (State::Stuck, "0 of 2 copies take requests. deadline exceeded")
        );
        assert_eq!(told(json!({"observedGeneration": 3})).state, State::Coming);
    }
}
