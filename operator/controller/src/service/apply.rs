//! Has the register admit it: the register judges once more, with templates, and alone signs.

use kube::ResourceExt;

use super::build::Wanted;
use crate::{
    kind::Applied,
    outcome::{Stopped, not_admitted, waiting},
    run::Operator,
};

/// Hash of the admitted revision; none in read-only mode.
pub async fn apply(
    operator: &Operator,
    applied: &Applied,
    agency: &str,
    wanted: &Wanted,
) -> Result<Option<String>, Stopped> {
    if operator.config.read_only {
        return Ok(None);
    }
    // What runs it changes more often than what it says.
    if let Some(revision) = operator.admitted(applied) {
        return Ok(Some(revision));
    }
    let (uid, now) = (applied.uid().unwrap_or_default(), operator.clock.now());
    let generation = applied.metadata.generation.unwrap_or_default();
    let reply = match operator.platform.revision(agency, wanted.definition()).await {
        Err(failure) if failure.code == "agency.unknown" => {
            return Err(waiting("NoAgency", format!("The register does not know the agency `{agency}` yet.")));
        }
        reply => reply?,
    };
    if reply.problems.iter().any(|problem| !problem.warning) {
        return Err(not_admitted(&reply.problems));
    }
    let revision: String = reply.revision.iter().map(|byte| format!("{byte:02x}")).collect();
    operator.memory.admitted.put(uid, (generation, revision.clone()), now);
    Ok(Some(revision))
}
