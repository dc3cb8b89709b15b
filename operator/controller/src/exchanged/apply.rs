//! Tells the exchange.

use api::Kind;

use super::build::Wanted;
use crate::{
    outcome::{Stopped, refused},
    run::Operator,
};

pub async fn apply(operator: &Operator, kind: Kind, agency: &str, wanted: Wanted) -> Result<(), Stopped> {
    if operator.config.read_only {
        return Ok(());
    }
    let problems = operator.platform.exchanged(agency, kind, wanted.resource).await?;
    if problems.is_empty() { Ok(()) } else { Err(refused("NotAdmitted", problems.join("\n"))) }
}
