//! When a definition that is deleted may go: not before its last case has ended, and not before nothing of it is kept any more.

use api::Kind;
use kernel::Time;
use kube::ResourceExt;

use crate::{
    cause, host,
    kind::Applied,
    outcome::{Outcome, Stopped, waiting},
    owner,
    rollout::{self, Load, Placement},
    run::{Next, Operator},
    service,
};

/// Closes a service that is being deleted to new applications, and lets its cases end.
pub const END_CASES: &str = "xizmat.dev/end-cases";
/// Reasons that others read: which place a definition in deletion still has.
pub const KEEPING: &str = "Keeping";
pub const ENDING: &str = "Ending";
/// As the register knows why no new applications are taken.
const CLOSED: &str = "ending";
/// How often cases are counted.
const COUNT_EVERY_S: u64 = 30;

/// How far the end of a service has got.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stage {
    /// Cases are open, and nobody agreed to end the service.
    Held { open: u64 },
    /// No new applications; the cases that are open end.
    Closing { open: u64 },
    /// Nothing is open; the law says how long the rest is kept.
    Keeping { kept: u64, until: Option<Time> },
    /// Nobody can tell whether cases are open.
    NotAsked { why: String },
    /// Nothing is left but the host.
    Ending,
}

/// What is known of a definition in deletion.
pub struct Known<'a> {
    /// Why the host did not answer, where it did not.
    pub load: Result<&'a Load, String>,
    /// The annotation stands.
    pub agreed: bool,
    /// New applications are refused already.
    pub closed: bool,
    /// No host ever answered for it, and none runs: nobody can have applied.
    pub never_ran: bool,
    /// It was counted for the last time, and its host is on its way out: nobody is left who could be asked.
    pub goes: bool,
    /// Its host goes with it; else somebody else hosts it, and keeps what is to be kept.
    pub takes_its_host: bool,
}

pub fn stage(known: Known<'_>) -> Stage {
    let Known { load, agreed, closed, never_ran, goes, takes_its_host } = known;
    let load = match load {
        Ok(load) => load,
        Err(_) if never_ran || goes => return Stage::Ending,
        Err(why) => return Stage::NotAsked { why },
    };
    match (load.open(), load.kept()) {
        (open @ 1.., _) if !agreed => Stage::Held { open },
        (open @ 1.., _) => Stage::Closing { open },
        // Somebody may submit until it is closed: it is counted once more afterwards.
        (0, _) if !closed => Stage::Closing { open: 0 },
        (0, kept @ 1..) if takes_its_host => Stage::Keeping { kept, until: load.kept_until() },
        (0, _) => Stage::Ending,
    }
}

impl Stage {
    fn closes(&self) -> bool {
        matches!(self, Self::Closing { .. } | Self::Keeping { .. })
    }

    fn outcome(&self) -> Outcome {
        let (reason, message) = match self {
            Self::Held { open } => (
                "CasesOpen",
                format!(
                    "It is deleted, and {} open: nothing changes. Annotate it with {END_CASES}: \"true\" to refuse new applications and \
                     let these end.",
                    cases(*open)
                ),
            ),
            Self::Closing { open: 0 } => ("Closing", "New applications are refused from now on.".to_owned()),
            Self::Closing { open } => {
                ("Closing", format!("New applications are refused; {} still open and run to their end.", cases(*open)))
            }
            Self::Keeping { kept, until } => {
                let until = until.map(|until| format!(" until {}", process::calendar::civil_date(until)));
                let until = until.unwrap_or_default();
                (
                    KEEPING,
                    format!("Nothing is open. {kept} ended cases and drafts are kept by law{until}; then it goes."),
                )
            }
            Self::NotAsked { why } => (
                "NotAsked",
                format!("Its host cannot be asked whether cases are open, so nothing is taken away: {why}"),
            ),
            Self::Ending => (ENDING, "Its host ends its work.".to_owned()),
        };
        *waiting(reason, message)
    }
}

fn cases(count: u64) -> String {
    if count == 1 { "1 case is".to_owned() } else { format!("{count} cases are") }
}

impl Operator {
    /// One look at a definition that is being deleted; nothing when it is gone.
    pub async fn end(&self, applied: &Applied) -> Result<Option<Next>, Stopped> {
        // A namespace that nobody owns any more has no hosts that could be found.
        let agency = match owner::of(self, applied).await {
            Ok(agency) => agency,
            Err(stopped) if matches!(*stopped, Outcome::Waiting { .. }) => {
                self.release(Kind::ServiceDefinition, applied).await?;
                return Ok(None);
            }
            Err(stopped) => return Err(stopped),
        };
        let service = applied.name_any();
        let before = applied.status.clone().unwrap_or_default();
        let load = self.platform.load(&agency, &service, None, true).await.and_then(Load::read);
        let placement = match self.placed(&agency, &service).await {
            Ok(placement) => placement,
            Err(stopped) => {
                self.keep_up(applied, &agency).await;
                return Err(stopped);
            }
        };
        // What runs in a namespace that goes is stopped by others; its cases stay in the agency's database.
        let stage = if host::namespace_goes(self, &applied.namespace().unwrap_or_default()).await?
            || placement.revisions.is_empty()
        {
            Stage::Ending
        } else {
            stage(Known {
                load: load.as_ref().map_err(cause::told),
                agreed: applied.annotations().get(END_CASES).is_some_and(|agreed| agreed == "true"),
                closed: placement.closed == CLOSED,
                never_ran: before.open_cases.is_none() && !before.says("WorkloadAvailable", "Available"),
                goes: placement.closed == CLOSED && before.says("Ready", ENDING),
                takes_its_host: self.site(applied, &agency).is_some(),
            })
        };
        if stage.closes() && placement.closed != CLOSED {
            let closed = self.platform.set_intake(&agency, &service, false, CLOSED).await;
            if closed.is_err() {
                self.keep_up(applied, &agency).await;
            }
            closed?;
        }
        if stage == Stage::Ending {
            self.report_as(Kind::ServiceDefinition, applied, &stage.outcome(), None).await?;
            let finished = Box::pin(host::finish(self, applied, &agency)).await;
            if finished.map_err(|stopped| as_far_as(ENDING, stopped))? {
                self.release(Kind::ServiceDefinition, applied).await?;
                return Ok(None);
            }
        } else if matches!(stage, Stage::NotAsked { .. }) {
            self.keep_up(applied, &agency).await;
        } else {
            Box::pin(host::reconcile(self, applied, &agency)).await?;
        }
        let outcome = stage.outcome();
        let looked = rollout::tell(self, applied, &agency, placement, load.ok());
        self.report_as(Kind::ServiceDefinition, applied, &outcome, Some(&looked.progress)).await?;
        // What is about to go, goes with its definition.
        if stage != Stage::Ending {
            rollout::keep(self, applied, &looked).await.map_err(|stopped| match stage {
                Stage::Keeping { .. } => as_far_as(KEEPING, stopped),
                _ => stopped,
            })?;
        }
        let says_so = before.says("Ready", KEEPING);
        let again_s = match stage {
            Stage::Keeping { .. } if says_so => Some(self.config.look_every_s),
            // Closed just now: it is counted once more.
            Stage::Closing { open: 0 } => Some(1),
            Stage::Held { .. } | Stage::Closing { open: 1.. } | Stage::NotAsked { .. } => Some(COUNT_EVERY_S),
            // The next look finds the host moved.
            _ => None,
        };
        Ok(Some(Next { outcome, again_s }))
    }

    /// Cases run to their end whoever cannot be asked: a host that somebody took away answers again only once it is there again.
    /// What is on its way out is not brought back.
    async fn keep_up(&self, applied: &Applied, agency: &str) {
        let ends = applied.status.as_ref().is_some_and(|before| before.says("Ready", ENDING));
        if !ends && host::namespace_goes(self, &applied.namespace().unwrap_or_default()).await.is_ok_and(|goes| !goes) {
            Box::pin(service::repair(self, applied, agency)).await;
        }
    }

    /// A service that the register does not know was never published.
    async fn placed(&self, agency: &str, service: &str) -> Result<Placement, Stopped> {
        match rollout::placement(self, agency, service).await {
            Err(failure) if failure.kind == kernel::ErrorKind::NotFound => Ok(Placement::default()),
            found => Ok(found?),
        }
    }
}

/// What was said of it a moment ago still holds, whatever is away now: its host may be half gone, and could not be asked again.
fn as_far_as(reason: &'static str, stopped: Stopped) -> Stopped {
    match *stopped {
        Outcome::Waiting { message, .. } | Outcome::Refused { message, .. } | Outcome::Failed { message, .. } => {
            Box::new(Outcome::Failed { reason, message })
        }
        done @ Outcome::Done(_) => Box::new(done),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rollout::load_of;

    fn known<'a>(load: &'a Load) -> Known<'a> {
        Known { load: Ok(load), agreed: false, closed: false, never_ran: false, goes: false, takes_its_host: true }
    }

    #[test]
    fn open_cases_hold_a_definition_until_a_person_agrees_that_they_end() {
        let load = load_of(3, 1);
        assert_eq!(stage(known(&load)), Stage::Held { open: 3 });
        let Outcome::Waiting { reason, message } = stage(known(&load)).outcome() else { panic!("waits") };
        assert_eq!(reason, "CasesOpen");
        assert!(message.contains("3 cases are open") && message.contains(END_CASES), "{message}");
        assert_eq!(stage(Known { agreed: true, ..known(&load) }), Stage::Closing { open: 3 });
        assert!(!stage(known(&load)).closes() && stage(Known { agreed: true, ..known(&load) }).closes());
    }

    #[test]
    fn what_is_kept_by_law_keeps_a_host_and_the_definition() {
        let load = load_of(0, 2);
        assert_eq!(stage(known(&load)), Stage::Closing { open: 0 }, "closed before it is counted for the last time");
        let closed = || Known { closed: true, ..known(&load) };
        assert_eq!(stage(closed()), Stage::Keeping { kept: 2, until: None });
        assert_eq!(stage(Known { takes_its_host: false, ..closed() }), Stage::Ending, "another host keeps it");
    }

    #[test]
    fn a_definition_without_any_case_goes_once_nobody_can_apply_any_more() {
        let load = load_of(0, 0);
        assert_eq!(stage(known(&load)), Stage::Closing { open: 0 });
        assert_eq!(stage(Known { closed: true, ..known(&load) }), Stage::Ending);
    }

    #[test]
    fn nothing_is_taken_away_while_the_host_cannot_be_asked_unless_it_never_ran() {
        let load = load_of(0, 0);
        let silent = || Known { load: Err("away".into()), agreed: true, closed: true, ..known(&load) };
        assert_eq!(stage(silent()), Stage::NotAsked { why: "away".into() });
        assert_eq!(stage(Known { never_ran: true, ..silent() }), Stage::Ending);
        assert_eq!(stage(Known { goes: true, ..silent() }), Stage::Ending, "its host has gone before it");
        let late = load_of(1, 0);
        let counted = Known { load: Ok(&late), goes: true, closed: true, ..known(&load) };
        assert_eq!(stage(counted), Stage::Held { open: 1 }, "what its host says still counts");
    }
}
