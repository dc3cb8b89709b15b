//! What one officer took in on paper and left lying is typed by another one: nobody's application is lost with whoever had it. And of
//! whom it was not known who they are, two officers say it before anything follows.

use kernel::{ErrorKind, Hash, id::PersonId};

use super::{Run, claims, tasks};
use crate::{
    Refusal,
    action::Request,
    case::{Applicant, Identity, Phase},
    event::What,
    letter, start,
};

/// Whether they may, and whether it was left lying, is the host's to judge.
pub fn take_over(run: &mut Run<'_>, officer: PersonId, role: &str) -> Result<(), Refusal> {
    tasks::takes_no_part(run, officer)?;
    let waits = run.state.phase == Phase::Draft || run.state.returned.is_some();
    let Some(taken) = run.state.taken_in.as_ref().filter(|_| waits) else {
        let message = "There is nothing to type in this application any more, or somebody else goes on with it. Look at the list again.";
        return Err(Refusal::stale("paper.not-left", message));
    };
    if taken.officer == officer {
        return Ok(());
    }
    run.emit(What::TakenOver { officer, role: role.to_owned() });
    // What they have of it they may not decide any more, and would only keep from the others.
    let held = run.state.open_tasks().filter(|task| task.claim.is_some_and(|claim| claim.officer == officer));
    for (task, token) in held.map(|task| (task.id, task.token)).collect::<Vec<_>>() {
        claims::forget_end(run, token);
        run.emit(What::TaskReleased { task, officer, by: None });
    }
    Ok(())
}

/// Each of two officers says it for themselves, and of what they say nothing follows before both have said the same: from then on a
/// case, its documents and its data are that person's.
pub fn identify(
    run: &mut Run<'_>,
    applicant: &Applicant,
    mark: Option<Hash>,
    officer: PersonId,
) -> Result<(), Refusal> {
    tasks::takes_no_part(run, officer)?;
    if applicant.person == officer {
        let message = "Nobody takes in their own application. Ask another officer of your role.";
        return Err(Refusal::new(ErrorKind::Forbidden, "paper.own", message));
    }
    if run.state.phase != Phase::Draft || !run.state.awaits_identity() {
        let message = "It is known whose application this is, or it is not there any more. Look at the list again.";
        return Err(Refusal::stale("paper.known", message));
    }
    match run.state.taken_in.as_ref().and_then(|taken| taken.identity) {
        Some(Identity::Said { person, officer: first, .. }) if person == applicant.person && first == officer => {
            let message = "You have said this already. Another officer of the role has to say the same.";
            return Err(Refusal::conflict("paper.second", message));
        }
        Some(Identity::Said { person, officer: first, .. }) if person == applicant.person => {
            let applicant = Box::new(applicant.clone());
            run.emit(What::Identified { applicant, mark, officers: [first, officer] });
        }
        _ => run.emit(What::IdentitySaid { person: applicant.person, officer }),
    }
    Ok(())
}

/// What follows after it was sent needs an applicant: registries are asked about them, documents and money are theirs.
pub fn is_known(run: &Run<'_>) -> Result<(), Refusal> {
    match run.state.awaits_identity() {
        true => Err(Refusal::conflict(
            "paper.not-identified",
            "It is not known yet whose application this is. Two officers of the role say by which PINFL; then it is sent.",
        )),
        false => Ok(()),
    }
}

/// Whoever was identified later has not heard of it yet.
pub fn tell(run: &mut Run<'_>) {
    let taken = run.state.taken_in.as_ref();
    let Some(taken) = taken.filter(|taken| matches!(taken.identity, Some(Identity::Known { .. }))) else { return };
    let definition = run.process.definition();
    let declared = start::on_paper(definition).and_then(|start| start.notify.clone());
    // A revision that came meanwhile takes it from nobody, as long as it has the words.
    let said = taken.notify.clone().filter(|name| definition.notification(name).is_some());
    if let Some(notification) = declared.or(said) {
        let request = Request::Notify {
            notification,
            language: run.state.language.tag().to_owned(),
            input: letter::of_notification(&run.state),
            recipient: None,
        };
        run.request_apart(None, request);
    }
}
