//! A service: its definition becomes an admitted revision that hosts run and citizens find.

mod apply;
mod build;
mod references;
mod status;
mod validate;

use api::Kind;
use build::Wanted;
use kube::ResourceExt;

use crate::{
    host,
    kind::Applied,
    outcome::{Hosting, Outcome, RECOVERING, Stopped},
    owner,
    rollout::{self, Looked},
    run::Operator,
};
pub use references::CONDITION as REFERENCES;
pub use status::DEPLOYMENT;

/// What came of one look at a service.
pub struct Came {
    pub outcome: Result<Outcome, Stopped>,
    /// What was found of its revisions: they are watched whatever became of the definition.
    pub looked: Option<Looked>,
    /// What still runs, where the definition itself got no further.
    pub kept: Option<Kept>,
}

/// A host that was kept in repair.
pub struct Kept {
    pub hosting: Option<Hosting>,
    /// It is not as it should be yet.
    pub again: bool,
}

pub async fn reconcile(operator: &Operator, applied: &Applied) -> Came {
    let agency = match owner::of(operator, applied).await {
        Ok(agency) => agency,
        Err(stopped) => return Came { outcome: Err(stopped), looked: None, kept: None },
    };
    let known = applied.status.as_ref().is_some_and(|status| status.revision.is_some());
    // In a recovery also a cluster that never knew it needs its host: nobody else can say what its cases are.
    let keeps_host = |stopped: &Outcome| known || stopped.says().0 == RECOVERING;
    let (outcome, kept) = match admit(operator, applied, &agency).await {
        Ok(admitted) => (publish(operator, applied, &agency, admitted).await, None),
        Err(stopped) if keeps_host(&stopped) => (Err(stopped), Some(repair(operator, applied, &agency).await)),
        Err(stopped) => (Err(stopped), None),
    };
    let joins = outcome.as_ref().is_ok_and(Outcome::joins);
    if joins || outcome.is_err() && !known {
        return Came { outcome, looked: None, kept };
    }
    match rollout::reconcile(operator, applied, &agency).await {
        Ok(looked) => Came { outcome, looked: Some(looked), kept },
        Err(stopped) => Came { outcome: outcome.and(Err(stopped)), looked: None, kept },
    }
}

/// Its own check and the register's.
struct Admitted {
    wanted: Wanted,
    needs: references::Needs,
    /// None in read-only mode.
    revision: Option<String>,
}

async fn admit(operator: &Operator, applied: &Applied, agency: &str) -> Result<Admitted, Stopped> {
    let mut sound = validate::validate(applied, agency, operator.platform.trial())?;
    let needs = std::mem::take(&mut sound.needs);
    let wanted = build::build(sound, agency, &operator.config.portal_url);
    let revision = apply::apply(operator, applied, agency, &wanted).await?;
    Ok(Admitted { wanted, needs, revision })
}

async fn publish(operator: &Operator, applied: &Applied, agency: &str, of: Admitted) -> Result<Outcome, Stopped> {
    let Admitted { wanted, needs, revision } = of;
    let (hosting, references) = match &revision {
        Some(_) => {
            hold(operator, applied).await?;
            let hosting = host::reconcile(operator, applied, agency).await?;
            (hosting, references::resolve(operator, (agency, &applied.name_any()), needs).await?)
        }
        None => (None, None),
    };
    let unfollowed = revision.is_some() && operator.config.host_image.is_none() && host::says_how(&applied.spec);
    Ok(status::done(wanted, revision, status::Found { hosting, references, unfollowed }, operator.clock.now()))
}

/// Its author has to mend the definition, or nobody can be asked about it: what runs is no worse for that.
pub async fn repair(operator: &Operator, applied: &Applied, agency: &str) -> Kept {
    match host::reconcile(operator, applied, agency).await {
        Ok(hosting) => Kept { again: hosting.as_ref().is_some_and(|hosting| hosting.missing().is_some()), hosting },
        Err(stopped) => {
            let (reason, message) = stopped.says();
            tracing::warn!(agency, service = applied.name_any(), reason, message, "its host is not kept in repair");
            Kept { hosting: None, again: true }
        }
    }
}

/// Whoever hosts it: it does not vanish while cases are open.
async fn hold(operator: &Operator, applied: &Applied) -> Result<(), Stopped> {
    let wish = host::wish(&applied.name_any(), &applied.spec)?;
    if wish.hosted { operator.hold(Kind::ServiceDefinition, applied).await } else { Ok(()) }
}
