//! What is told in events: whoever reads `kubectl describe` sees what became of a resource, and what it came from.

use kube::runtime::events::{Event, EventType};

use crate::{
    host,
    kind::Applied,
    outcome::{Done, Fact, Hosting, Outcome, State},
    run::Operator,
    status::Status,
};

/// Longest note that an event takes.
const NOTE_BYTES_MAX: usize = 1000;
/// Conditions and reasons that keep nothing from being ready, and that somebody should look at all the same.
const BESIDE: [(&str, &str); 1] = [("DatabaseReady", host::TOO_MANY)];

/// How grave an event is, its reason and its note.
type Told<'a> = (EventType, &'a str, &'a str);

/// Admitted alone is not live: what runs it may still be on its way, or not come about.
fn of(outcome: &Outcome) -> Told<'_> {
    match outcome {
        Outcome::Done(Done { hosting, message, .. }) => match hosting.as_deref().and_then(Hosting::missing) {
            Some(Fact { state: State::Failed | State::Stuck, reason, message }) => {
                (EventType::Warning, reason, message)
            }
            Some(Fact { state: _, reason, message }) => (EventType::Normal, reason, message),
            None => (EventType::Normal, "Live", message),
        },
        Outcome::Waiting { reason, message } => (EventType::Normal, reason, message),
        Outcome::Refused { reason, message } | Outcome::Failed { reason, message } => {
            (EventType::Warning, reason, message)
        }
    }
}

/// What was not so before.
fn beside<'a>(before: &Status, after: &'a Status) -> Vec<Told<'a>> {
    let new = BESIDE.into_iter().filter(|(kind, reason)| !before.says(kind, reason));
    let told = new.filter_map(|(kind, reason)| {
        let said = after.conditions.iter().find(|known| known.type_ == kind && known.reason == reason)?;
        Some((EventType::Warning, reason, said.message.as_str()))
    });
    told.collect()
}

impl Operator {
    /// An event when the summary changed, and for what passed a limit. What was taken back is told by who took it.
    pub async fn tell(&self, applied: &Applied, outcome: &Outcome, (before, after): (&Status, &Status), is_told: bool) {
        let summary = |status: &Status| {
            status.conditions.first().map(|ready| (ready.status.clone(), ready.reason.clone(), ready.message.clone()))
        };
        // What only takes its time is seen in the status.
        let was_ready = before.conditions.first().is_some_and(|ready| ready.status == "True");
        let passes = !was_ready && after.conditions.first().is_some_and(|ready| ready.reason == host::STARTING);
        let first = (summary(before) != summary(after) && !is_told && !passes).then(|| of(outcome));
        for (type_, reason, note) in first.into_iter().chain(beside(before, after)) {
            self.say(applied, type_, reason, note).await;
        }
    }

    /// An event that is lost is only a line less in `kubectl describe`.
    pub async fn say(&self, applied: &Applied, type_: EventType, reason: &str, note: &str) {
        if self.config.read_only {
            return;
        }
        let mut note = note.to_owned();
        note.truncate(note.floor_char_boundary(NOTE_BYTES_MAX));
        let event = Event {
            type_,
            reason: reason.to_owned(),
            note: Some(note),
            action: "Reconcile".to_owned(),
            secondary: None,
        };
        let types = applied.types.clone().unwrap_or_default();
        let reference = k8s_openapi::api::core::v1::ObjectReference {
            api_version: Some(types.api_version),
            kind: Some(types.kind),
            name: applied.metadata.name.clone(),
            namespace: applied.metadata.namespace.clone(),
            uid: applied.metadata.uid.clone(),
            ..Default::default()
        };
        if let Err(error) = self.recorder.publish(&event, &reference).await {
            tracing::debug!(%error, "an event is lost");
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::status::after;

    fn hosted(database: Fact) -> Outcome {
        let holds = Fact::holds("Available", "");
        let hosting =
            Hosting { bus: holds.clone(), database, workload: holds, replicas: 1, ready: 1, selector: String::new() };
        let message = "Citizens find it in the portal.".to_owned();
        Outcome::Done(Done { message, hosting: Some(Box::new(hosting)), ..Done::default() })
    }

    fn status(of: &Outcome) -> Status {
        after(&Status::default(), Some(1), of, None, Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn a_definition_without_its_host_is_not_told_to_be_live() {
        let failed = hosted(Fact::failed("DatabaseAway", "permission denied (SQLSTATE 42501)"));
        assert_eq!(of(&failed), (EventType::Warning, "DatabaseAway", "permission denied (SQLSTATE 42501)"));
        let coming = hosted(Fact::coming("NotProvided", "Soon."));
        assert_eq!(of(&coming), (EventType::Normal, "NotProvided", "Soon."));
        assert_eq!(of(&hosted(Fact::holds("Provided", ""))).1, "Live");
    }

    #[test]
    fn a_limit_that_is_passed_is_told_once_though_everything_is_ready() {
        let within = status(&hosted(Fact::holds("Provided", "")));
        let past = status(&hosted(Fact::holds("TooManyConnections", "98 of 97.")));
        assert_eq!(past.not_ready(), None);
        assert_eq!(beside(&within, &past), [(EventType::Warning, "TooManyConnections", "98 of 97.")]);
        assert!(beside(&past, &past).is_empty() && beside(&past, &within).is_empty());
    }
}
