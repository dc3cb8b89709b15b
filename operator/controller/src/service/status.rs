//! What the definition says afterwards.

use std::time::Duration;

use kernel::Time;
use process::calendar::civil_date;

use super::{build::Wanted, references};
use crate::{
    host,
    outcome::{Done, Fact, Hosting, Outcome, State},
};

/// There, and false, where nobody follows how a definition wants to be run.
pub const DEPLOYMENT: &str = "DeploymentFollowed";
/// Nobody tells when a registry or a grant that was missing is there.
const LOOK_FOR_REFERENCES: Duration = Duration::from_secs(30);

/// What there is of it besides what the register keeps.
pub struct Found {
    pub hosting: Option<Hosting>,
    /// Whether registries answer what it asks.
    pub references: Option<Fact>,
    /// It says how it wants to be run, and something else than the operator hosts it.
    pub unfollowed: bool,
}

pub fn done(wanted: Wanted, admitted: Option<String>, found: Found, now: Time) -> Outcome {
    // Dates compare as ISO 8601 writes them.
    let later = wanted.from > civil_date(now).to_string();
    let waits = found.references.as_ref().is_some_and(|fact| fact.state != State::Holds);
    let mut message = match (&admitted, wanted.draft) {
        (None, _) => "Judged only: the operator is in read-only mode.".to_owned(),
        (_, true) => "Tried out: it runs, but texts are missing and it is not published.".to_owned(),
        (_, false) if later => format!("Admitted; applications follow it from {}.", wanted.from),
        (_, false) => "Citizens find it in the portal.".to_owned(),
    };
    if waits {
        message += " Registries do not answer everything that it asks: see ReferencesResolved.";
    }
    let references = found.references.map(|fact| (references::CONDITION, fact));
    let unfollowed = found.unfollowed.then(|| (DEPLOYMENT, in_shared_host()));
    let url = admitted.is_some().then_some(wanted.url);
    Outcome::Done(Done {
        revision: admitted,
        later,
        url,
        message,
        hosting: found.hosting.map(Box::new),
        beside: references.into_iter().chain(unfollowed).collect(),
        again: waits.then(|| now.plus(LOOK_FOR_REFERENCES)),
        ..Done::default()
    })
}

fn in_shared_host() -> Fact {
    let message = format!(
        "spec.deployment: {}. Whoever runs the platform has each service run as it says with `sharedHost.enabled: false`, before the \
         first case.",
        host::UNFOLLOWED
    );
    Fact::stuck("RunsInSharedHost", message)
}
