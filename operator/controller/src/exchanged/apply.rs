//! Tells the exchange.

use api::Kind;

use super::build::Wanted;
use crate::{
    outcome::{Stopped, refused},
    run::Operator,
};

/// Hash of what the exchange keeps; of a grant: of its spec. None in read-only mode.
pub async fn apply(operator: &Operator, kind: Kind, agency: &str, wanted: Wanted) -> Result<Option<Vec<u8>>, Stopped> {
    if operator.config.read_only {
        return Ok(None);
    }
    let told = operator.platform.exchanged(agency, kind, wanted.resource).await?;
    if told.problems.is_empty() { Ok(Some(told.hash)) } else { Err(refused("NotAdmitted", told.problems.join("\n"))) }
}
