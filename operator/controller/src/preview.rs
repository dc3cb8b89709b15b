//! Read-only mode: what was found of each resource and what would be done stands in the log, one line when it changes.

use api::Kind;
use kube::ResourceExt;

use crate::{
    host,
    kind::Applied,
    outcome::{Outcome, Stopped},
    owner,
    run::Operator,
};

pub async fn tell(operator: &Operator, of: Kind, applied: &Applied, outcome: &Outcome) {
    // A cluster that does not answer is said, too: the verdict is the same.
    let would = match would(operator, of, applied, outcome).await {
        Ok(would) if would.is_empty() => "nothing".to_owned(),
        Ok(would) => would.join("; "),
        Err(stopped) => format!("not known: {}", stopped.says().1),
    };
    let place = (of, applied.namespace().unwrap_or_default(), applied.name_any());
    let (reason, message) = outcome.says();
    let (said, now) = (format!("{reason} {message} {would}"), operator.clock.now());
    if operator.memory.said.get(&place, now).as_ref() == Some(&said) {
        return;
    }
    let (kind, namespace, name) = (of.name(), &place.1, &place.2);
    tracing::info!(kind, namespace, name, reason, message, would, "read-only: judged, and nothing written");
    operator.memory.said.put(place, said, now);
}

async fn would(operator: &Operator, of: Kind, applied: &Applied, outcome: &Outcome) -> Result<Vec<String>, Stopped> {
    let before = applied.status.clone().unwrap_or_default();
    let mut would = Vec::new();
    match outcome {
        Outcome::Done(_) if before.observed_generation != applied.metadata.generation => {
            would.push("tell the platform, and say in its status what came of it".to_owned());
        }
        Outcome::Done(_) => {}
        stopped if before.says("Ready", stopped.says().0) => {}
        stopped => would.push(format!("say {} in its status", stopped.says().0)),
    }
    let runs = matches!(outcome, Outcome::Done(_)) || before.revision.is_some();
    if of == Kind::ServiceDefinition && runs {
        let agency = owner::of(operator, applied).await?;
        would.extend(host::preview(operator, applied, &agency).await?);
    }
    Ok(would)
}
