//! `decide`: judges one command against the state and gives the events that follow, without touching the world.

mod actions;
mod announced;
mod claims;
mod correct;
mod draft;
mod enclosures;
mod expiry;
mod files;
mod late;
mod mandate;
mod money;
mod moved;
mod notes;
mod opinions;
mod paper;
pub mod parties;
pub mod promise;
mod questions;
mod recall;
mod returned;
mod route;
mod run;
mod second;
mod subjects;
mod tasks;
#[cfg(test)]
mod tests;
mod timers;
mod withdraw;

pub use run::Run;
pub use withdraw::{Withdrawal, withdrawal};

use crate::{
    Command, Decision, Facts, Refusal,
    case::{CaseState, Phase},
    process::Process,
};

/// Total: whatever the state and the command, the answer is events, no events, or a refusal.
#[expect(clippy::too_many_lines, reason = "one arm a command")]
pub fn decide(process: &Process, state: &CaseState, command: &Command, facts: &Facts<'_>) -> Result<Decision, Refusal> {
    admit(process, state, command)?;
    let mut run = Run::new(process, state.clone(), *facts);
    match command {
        Command::OpenDraft { case_id, applicant, language, channel, beginning } => {
            draft::open(&mut run, *case_id, applicant, (*language, channel.as_str()), beginning.as_deref())?;
        }
        Command::BeginFromEvent { case_id, applicant, language, number, start, announced, said } => {
            let heard = announced::Heard { start, announced, said };
            announced::begin(&mut run, *case_id, (applicant, *language), number, &heard)?;
        }
        Command::SaveAnswers { page, values, disputed, shown } => {
            draft::save(&mut run, page, values, disputed, *shown)?;
        }
        Command::AttachFile { page, at, file } => files::attach(&mut run, page, at, file)?,
        Command::RemoveFile { page, at, file } => files::remove(&mut run, page, at, *file)?,
        Command::RecordPrefill { registry, operation, result } => {
            draft::record_prefill(&mut run, registry, operation, result);
        }
        Command::MoveDraft { asked_before } => moved::follow_revision(&mut run, asked_before.as_ref()),
        Command::DiscardDraft => draft::discard(&mut run)?,
        Command::TakeOver { officer, role } => paper::take_over(&mut run, *officer, role)?,
        Command::Identify { applicant, mark, officer } => paper::identify(&mut run, applicant, *mark, *officer)?,
        Command::Submit { number, shown_hash, by, language, mandate, signed_in } => {
            mandate::confirm(&mut run, *by, mandate.as_ref())?;
            draft::submit(&mut run, number, *shown_hash, (*by, signed_in.as_ref()), *language)?;
        }
        Command::EndMandate { reason } => mandate::end(&mut run, reason),
        Command::SavePartyAnswers { by, page, values, shown } => parties::save(&mut run, *by, page, values, *shown)?,
        Command::Consent { by, actor, shown_hash, language } => {
            parties::consent(&mut run, (*by, *actor), *shown_hash, *language)?;
        }
        Command::Decline { by, actor } => parties::decline(&mut run, *by, *actor)?,
        Command::CompleteAction { action_id, result } => actions::complete(&mut run, *action_id, result),
        Command::PaymentVerdict { intent, verdict } => money::verdict(&mut run, *intent, verdict),
        Command::RefundSettled { intent, refund, amount } => money::refund_settled(&mut run, *intent, *refund, *amount),
        Command::PaymentLost { intent } => money::lost(&mut run, *intent),
        Command::DecideTask { task, outcome, reasons, note, marked, officer } => {
            let decided = tasks::Decided { outcome, reasons, note, marked, officer: *officer };
            tasks::decide(&mut run, *task, &decided)?;
        }
        Command::ConfirmTask { task, officer } => second::confirm(&mut run, *task, *officer)?,
        Command::SendBackTask { task, officer, note, until } => {
            second::send_back(&mut run, *task, *officer, note, *until)?;
        }
        Command::ClaimTask { task, officer, until } => claims::claim(&mut run, *task, *officer, *until)?,
        Command::ReleaseTask { task, officer, by } => claims::release(&mut run, *task, *officer, *by)?,
        Command::AssignTask { task, officer, by, until } => {
            claims::assign(&mut run, *task, *officer, *by, *until)?;
        }
        Command::AskApplicant { task, officer, text } => questions::ask(&mut run, *task, *officer, text)?,
        Command::RequestOpinion { task, agency, role, text, pages, officer } => {
            let asked = opinions::Asked { agency, role, text, pages, officer: *officer };
            opinions::ask(&mut run, *task, &asked)?;
        }
        Command::AddNote { task, officer, text } => notes::add(&mut run, *task, *officer, text)?,
        Command::Enclose { of, file, by } => enclosures::enclose(&mut run, *of, file, *by)?,
        Command::RemoveEnclosed { of, file, by } => enclosures::remove(&mut run, *of, *file, *by)?,
        Command::TakeBackQuestion { task, number, officer } => {
            questions::take_back(&mut run, *task, *number, *officer)?;
        }
        Command::AnswerQuestion { number, text, by } => questions::answer(&mut run, *number, text, *by)?,
        Command::FireTimer { timer } => timers::fire(&mut run, *timer),
        Command::ReceiveMessage { name, body } => route::receive(&mut run, name, body),
        Command::Withdraw { by } => withdraw::withdraw(&mut run, *by)?,
        Command::RecallDocument { document, reason, note, replace, corrections, officer } => {
            let (document, officer) = (*document, *officer);
            let order = recall::Order { document, reason, note, replace: *replace, corrections, officer };
            recall::recall(&mut run, &order)?;
        }
        Command::ReissueDocument { document, reason, officer, second, template } => {
            recall::reissue(&mut run, *document, reason, (*officer, *second), *template)?;
        }
        Command::RetryStep { token, by, reason } => route::retry(&mut run, *token, *by, reason)?,
    }
    run.drain();
    subjects::look_up(&mut run, state);
    Ok(run.finish())
}

/// A submitted case runs on its own revision; a draft may meet a newer one and moves on to it.
fn admit(process: &Process, state: &CaseState, command: &Command) -> Result<(), Refusal> {
    let opening = matches!(command, Command::OpenDraft { .. } | Command::BeginFromEvent { .. });
    match state.phase {
        Phase::Absent if !opening => {
            Err(Refusal::new(kernel::ErrorKind::NotFound, "case.unknown", "There is no such application."))
        }
        Phase::Draft | Phase::Running | Phase::Ended | Phase::Discarded if opening => {
            Err(Refusal::conflict("case.exists", "The application is already open."))
        }
        Phase::Running | Phase::Ended if state.revision != process.revision() => Err(Refusal::new(
            kernel::ErrorKind::Internal,
            "case.other-revision",
            "The application runs on another revision of the service.",
        )),
        _ => Ok(()),
    }
}
