//! What one officer took in on paper and left lying is typed by another one: nobody's application is lost with whoever had it.

use kernel::id::PersonId;

use super::{Run, tasks};
use crate::{Refusal, case::Phase, event::What};

/// Whether they may, and whether it was left lying, is the host's to judge.
pub fn take_over(run: &mut Run<'_>, officer: PersonId, role: &str) -> Result<(), Refusal> {
    tasks::takes_no_part(run, officer)?;
    let waits = run.state.phase == Phase::Draft || run.state.returned.is_some();
    let Some(taken) = run.state.taken_in.as_ref().filter(|_| waits) else {
        let message = "There is nothing to type in this application any more, or somebody else goes on with it. Look at the list again.";
        return Err(Refusal::stale("paper.not-left", message));
    };
    if taken.officer != officer {
        run.emit(What::TakenOver { officer, role: role.to_owned() });
    }
    Ok(())
}
