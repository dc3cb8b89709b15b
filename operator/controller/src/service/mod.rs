//! A service: its definition becomes an admitted revision that hosts run and citizens find.

mod apply;
mod build;
mod references;
mod status;
mod validate;

use api::Kind;
use kube::ResourceExt;

use crate::{
    host,
    kind::Applied,
    outcome::{Outcome, Stopped},
    owner,
    rollout::{self, Looked},
    run::Operator,
};
pub use references::CONDITION as REFERENCES;

/// What was found of its revisions comes back beside the outcome: they are watched whatever became of the definition.
pub async fn reconcile(operator: &Operator, applied: &Applied) -> (Result<Outcome, Stopped>, Option<Looked>) {
    let agency = match owner::of(operator, applied).await {
        Ok(agency) => agency,
        Err(stopped) => return (Err(stopped), None),
    };
    let published = publish(operator, applied, &agency).await;
    let known = applied.status.as_ref().is_some_and(|status| status.revision.is_some());
    if published.is_err() && !known {
        return (published, None);
    }
    match rollout::reconcile(operator, applied, &agency).await {
        Ok(looked) => (published, Some(looked)),
        Err(stopped) => (published.and(Err(stopped)), None),
    }
}

async fn publish(operator: &Operator, applied: &Applied, agency: &str) -> Result<Outcome, Stopped> {
    let mut sound = validate::validate(applied, agency, operator.platform.trial())?;
    let questions = std::mem::take(&mut sound.questions);
    let wanted = build::build(sound, agency, &operator.config.portal_url);
    let admitted = apply::apply(operator, applied, agency, &wanted).await?;
    let (hosting, references) = match &admitted {
        Some(_) => {
            hold(operator, applied).await?;
            let hosting = host::reconcile(operator, applied, agency).await?;
            (hosting, references::resolve(operator, (agency, &applied.name_any()), questions).await?)
        }
        None => (None, None),
    };
    Ok(status::done(wanted, admitted, status::Found { hosting, references }, operator.clock.now()))
}

/// Whoever hosts it: it does not vanish while cases are open.
async fn hold(operator: &Operator, applied: &Applied) -> Result<(), Stopped> {
    let wish = host::wish(&applied.name_any(), &applied.spec)?;
    if wish.hosted { operator.hold(Kind::ServiceDefinition, applied).await } else { Ok(()) }
}
