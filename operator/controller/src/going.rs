//! What is deleted goes when nothing of it is left; until then it is held, and says what it waits for.

use api::Kind;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::{
    Api, ResourceExt,
    api::{Patch, PatchParams},
};
use serde_json::json;

use crate::{
    agency,
    ending::{ENDING, KEEPING},
    exchanged,
    kind::Applied,
    outcome::{Outcome, Stopped},
    run::{MANAGER, Next, Operator},
    status::Status,
};

/// Keeps a definition until what runs it has ended its work.
const HOST: &str = "xizmat.dev/host";
/// Keeps an agency or a registry until the exchange knows that it ended.
const EXCHANGE: &str = "xizmat.dev/exchange";

fn finalizer(of: Kind) -> &'static str {
    match of {
        Kind::ServiceDefinition => HOST,
        Kind::Agency | Kind::Registry | Kind::GrantRequest | Kind::Grant => EXCHANGE,
    }
}

impl Operator {
    /// One look at a resource that is being deleted; nothing when it is gone, or none of ours.
    pub async fn let_go(&self, of: Kind, applied: &Applied) -> Result<Option<Next>, Stopped> {
        if !self.holds(of, applied) || self.config.read_only {
            return Ok(None);
        }
        let went = match of {
            Kind::ServiceDefinition => self.end(applied).await,
            Kind::Agency => agency::end(self, applied).await,
            Kind::Registry | Kind::GrantRequest | Kind::Grant => exchanged::end(self, of, applied).await,
        };
        match went {
            Ok(next) => Ok(next),
            Err(stopped) => {
                let outcome = held_up(*stopped, applied.status.as_ref());
                self.report_as(of, applied, &outcome, None).await?;
                Ok(Some(Next { outcome, again_s: None }))
            }
        }
    }

    /// Before anything rests on it: then it cannot vanish without what the platform made of it.
    pub async fn hold(&self, of: Kind, applied: &Applied) -> Result<(), Stopped> {
        if self.holds(of, applied) {
            return Ok(());
        }
        let mut finalizers = applied.metadata.finalizers.clone().unwrap_or_default();
        finalizers.push(finalizer(of).to_owned());
        self.finalizers(of, &applied.metadata, finalizers).await
    }

    pub fn holds(&self, of: Kind, applied: &Applied) -> bool {
        applied.metadata.finalizers.iter().flatten().any(|held| held == finalizer(of))
    }

    /// Nothing of it is left. What this look wrote of it made another version of it.
    pub async fn release(&self, of: Kind, applied: &Applied) -> Result<(), Stopped> {
        let api = self.api(of, applied.metadata.namespace.as_deref());
        let Some(found) = api.get_metadata_opt(&applied.name_any()).await? else { return Ok(()) };
        if found.metadata.uid != applied.metadata.uid {
            return Ok(());
        }
        let mut finalizers = found.metadata.finalizers.clone().unwrap_or_default();
        finalizers.retain(|held| held != finalizer(of));
        self.finalizers(of, &found.metadata, finalizers).await
    }

    /// Fails when somebody else changed the list meanwhile, and is tried again.
    async fn finalizers(&self, of: Kind, stands: &ObjectMeta, finalizers: Vec<String>) -> Result<(), Stopped> {
        let api: Api<Applied> = self.api(of, stands.namespace.as_deref());
        let metadata = json!({"finalizers": finalizers, "resourceVersion": stands.resource_version});
        let name = stands.name.as_deref().unwrap_or_default();
        let as_manager = PatchParams { field_manager: Some(MANAGER.to_owned()), ..PatchParams::default() };
        match api.patch_metadata(name, &as_manager, &Patch::Merge(json!({"metadata": metadata}))).await {
            Err(kube::Error::Api(status)) if status.is_not_found() => Ok(()),
            patched => {
                patched?;
                Ok(())
            }
        }
    }
}

/// What a resource in deletion says when a look at it got no further. It is tried again, whoever has to mend what is in the way. How
/// far a definition had got stays its reason: a later look, and its neighbours, go on from there.
pub fn held_up(stopped: Outcome, before: Option<&Status>) -> Outcome {
    let got = |reason: &str| {
        let reached = |known: &&&str| reason == **known || before.is_some_and(|before| before.says("Ready", known));
        [ENDING, KEEPING].iter().find(reached).copied()
    };
    let says = |message: String| format!("It is deleted, and still waits: {message}");
    match stopped {
        Outcome::Waiting { reason, message } => {
            Outcome::Waiting { reason: got(reason).unwrap_or(reason), message: says(message) }
        }
        Outcome::Refused { reason, message } | Outcome::Failed { reason, message } => {
            Outcome::Failed { reason: got(reason).unwrap_or(reason), message: says(message) }
        }
        done @ Outcome::Done(_) => done,
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::{
        outcome::{refused, waiting},
        status::after,
    };

    fn away() -> Outcome {
        Outcome::Failed { reason: "PlatformAway", message: "The register does not answer.".into() }
    }

    #[test]
    fn what_is_in_the_way_of_a_deletion_is_said_and_tried_again() {
        let Outcome::Failed { reason, message } = held_up(away(), None) else { panic!("tried again") };
        assert_eq!(reason, "PlatformAway");
        assert_eq!(message, "It is deleted, and still waits: The register does not answer.");
        assert!(matches!(held_up(*refused("Refused", "No."), None), Outcome::Failed { reason: "Refused", .. }));
        assert!(matches!(held_up(*waiting("StillOwns", "A."), None), Outcome::Waiting { reason: "StillOwns", .. }));
    }

    #[test]
    fn how_far_a_definition_had_got_is_not_forgotten_because_something_is_away() {
        let reason = |outcome: Outcome| match outcome {
            Outcome::Failed { reason, .. } => reason,
            other => panic!("{other:?}"),
        };
        for reached in [ENDING, KEEPING] {
            let before = after(&Status::default(), Some(2), &waiting(reached, "So far."), None, Timestamp::UNIX_EPOCH);
            let held = held_up(away(), Some(&before));
            assert_eq!(reason(held.clone()), reached);
            let again = after(&before, Some(2), &held, None, Timestamp::UNIX_EPOCH);
            assert!(again.says("Ready", reached) && again.conditions[0].message.contains("does not answer"));
        }
        let told = held_up(Outcome::Failed { reason: ENDING, message: "Away.".into() }, Some(&Status::default()));
        assert_eq!(reason(told), ENDING, "also before the status that says so was read");
    }
}
