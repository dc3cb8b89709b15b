//! Makes it so: the namespace first, then the platform's own records.

use super::{build::Wanted, validate::Sound};
use crate::{
    outcome::{Stopped, refused},
    run::Operator,
};

pub async fn apply(operator: &Operator, agency: &Sound, wanted: &Wanted) -> Result<(), Stopped> {
    let Wanted { namespace, quota, limits } = wanted;
    operator.put(namespace).await?;
    operator.put_in(&agency.name, quota).await?;
    operator.put_in(&agency.name, limits).await?;
    if operator.config.read_only {
        return Ok(());
    }
    let problems = operator.platform.agency(&agency.name, agency.resource.clone()).await?;
    if problems.is_empty() { Ok(()) } else { Err(refused("NotAdmitted", problems.join("\n"))) }
}
