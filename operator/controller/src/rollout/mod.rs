//! Brings a new revision in: by shares of the people, watched by what becomes of their cases, and back when it does badly.
//!
//! Everything is judged from what the register and the host tell at this look; nothing here remembers how far a rollout has got.

mod became;
mod chance;
mod decide;
mod gone;
mod judge;
mod load;
mod made;
mod objects;
mod orders;
mod placement;
#[cfg(test)]
mod tests;
mod told;
mod watch;

use api::Rollout;
use kernel::Failure;
use kube::ResourceExt;
use serde_json::Value;

pub use became::begin_to_count;
pub use decide::Plan;
pub use gone::{gone, resource as revisions};
pub use load::Load;
pub use made::Made;
pub use placement::{EVERYBODY, Placement};
#[cfg(test)]
pub use told::Health;
pub use told::{Progress, RevisionTold, RolloutTold};

use crate::{counts, kind::Applied, outcome::Stopped, run::Operator};

/// A definition that cannot be read has no plan; what is on its way waits.
pub fn plan(spec: &Value) -> Option<Plan> {
    let written = spec.get("rollout")?;
    let rollout: Rollout = serde_json::from_value(written.clone()).ok()?;
    Some(Plan::of(&rollout))
}

pub async fn placement(operator: &Operator, agency: &str, service: &str) -> Result<Placement, Failure> {
    Placement::read(operator.platform.placement(agency, service).await?)
}

/// What one look found: for the definition's status, and for the objects of its revisions.
pub struct Looked {
    pub progress: Progress,
    agency: String,
    placement: Placement,
    load: Option<Load>,
}

/// Carries out what was ordered, lets a revision that is on its way go on or back, and tells how all of them are.
pub async fn reconcile(operator: &Operator, applied: &Applied, agency: &str) -> Result<Looked, Stopped> {
    let service = applied.name_any();
    let mut placement = self::placement(operator, agency, &service).await?;
    if watch::carry_out(operator, applied, agency, &placement).await? {
        placement = self::placement(operator, agency, &service).await?;
    }
    let plan = plan(&applied.spec);
    let watched = watch::watch(operator, applied, agency, plan.as_ref(), &placement).await?;
    if watched.moved {
        placement = self::placement(operator, agency, &service).await?;
    }
    let load = numbers(operator, applied, &placement, watched.load);
    counts::told(operator, applied, agency, load.as_ref());
    let today = operator.today();
    let before = applied.status.clone().unwrap_or_default();
    let mut progress = told::progress(&told::Seen {
        placement: &placement,
        load: load.as_ref(),
        plan: plan.as_ref(),
        waits: placement.on_its_way().map(|_| watched.waits.unwrap_or_default()),
        alarm: &watched.alarm,
        goes_on: watch::written(applied).goes_on(&placement, &today),
        before: &before,
        today: &today,
    });
    progress.again_s = watched.again_s;
    Ok(Looked { progress, agency: agency.to_owned(), placement, load })
}

/// How all of them are, of a definition for which nothing is brought in any more.
pub fn tell(operator: &Operator, applied: &Applied, agency: &str, placement: Placement, load: Option<Load>) -> Looked {
    let before = applied.status.clone().unwrap_or_default();
    let today = operator.today();
    let progress = told::progress(&told::Seen {
        placement: &placement,
        load: load.as_ref(),
        plan: None,
        waits: None,
        alarm: &[],
        goes_on: false,
        before: &before,
        today: &today,
    });
    Looked { progress, agency: agency.to_owned(), placement, load }
}

/// Makes the objects of revisions as they should be.
pub async fn keep(operator: &Operator, applied: &Applied, looked: &Looked) -> Result<(), Stopped> {
    objects::keep(operator, applied, &looked.agency, &looked.placement, looked.load.as_ref()).await
}

#[cfg(test)]
pub fn load_of(open: u64, kept: u64) -> Load {
    let numbers = load::Numbers { open, kept, ..load::Numbers::default() };
    Load { revisions: [(kernel::Hash::of(&[1]), numbers)].into() }
}

/// A case more is told within a minute, not with a write a case; who is offered what, at once.
fn numbers(operator: &Operator, applied: &Applied, placement: &Placement, load: Option<Load>) -> Option<Load> {
    let (uid, now) = (applied.uid().unwrap_or_default(), operator.clock.now());
    let told = operator.memory.told.get(&uid, now).filter(|(of, _)| of == placement);
    let load = load?;
    if let Some((_, known)) = told {
        return Some(known);
    }
    operator.memory.told.put(uid, (placement.clone(), load.clone()), now);
    Some(load)
}
