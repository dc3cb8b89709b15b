//! Has the register admit it: the register judges once more, with templates, and alone signs.

use super::build::Wanted;
use crate::{
    outcome::{Stopped, not_admitted, waiting},
    run::Operator,
};

/// Hash of the admitted revision; none in read-only mode.
pub async fn apply(operator: &Operator, agency: &str, wanted: &Wanted) -> Result<Option<String>, Stopped> {
    if operator.config.read_only {
        return Ok(None);
    }
    let reply = match operator.platform.revision(agency, wanted.definition.clone(), wanted.draft).await {
        Err(failure) if failure.code == "agency.unknown" => {
            return Err(waiting("NoAgency", format!("The register does not know the agency `{agency}` yet.")));
        }
        reply => reply?,
    };
    if reply.problems.iter().any(|problem| !problem.warning) {
        return Err(not_admitted(&reply.problems));
    }
    Ok(Some(reply.revision.iter().map(|byte| format!("{byte:02x}")).collect()))
}
