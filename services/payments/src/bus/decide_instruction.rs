//! `decide-instruction`: another person confirms what was asked for and the money moves, or it is withdrawn.

use bus::Call;
use kernel::{CommandId, Failure, Hash};
use proto::payments::v1::{DecideInstructionRequest, Instruction as Shown};
use sql::Action;

use super::{
    Office,
    finance::{admitted, movable, shown},
    keep, recall,
    treasurer::noted,
};
use crate::{desk::unknown_instruction, domain::instruction::Verdict, store};

pub async fn handle(office: &Office, call: Call<DecideInstructionRequest>) -> Result<Shown, Failure> {
    let person = call.person()?;
    let outcome = decided(office, &call).await;
    noted(office, person, (&call.agency, &call.request.instruction), outcome).await
}

async fn decided(office: &Office, call: &Call<DecideInstructionRequest>) -> Result<Shown, Failure> {
    let person = call.person()?;
    let officer = admitted(office, person, &call.agency).await?;
    let id = CommandId::from_slice(&call.request.instruction)?;
    let verdict = verdict(&call.request.verdict)?;
    let mut tx = office.database.read().await?;
    let given = store::instructions::find(&mut tx, id).await?;
    drop(tx);
    let given = given.filter(|given| given.agency == call.agency).ok_or_else(unknown_instruction)?;
    for concerned in [Some(given.intent), given.target].into_iter().flatten() {
        movable(office, (person, &officer), &call.agency, concerned).await?;
    }
    let command = Hash::of_parts(&[b"decide", person.id.as_bytes(), person.command_id.as_bytes()]);
    let action = Action::of_person(person.id, command.as_bytes());
    let mut tx = office.database.begin().await?;
    if let Some(kept) = recall(&mut tx, action, &call.body_hash).await? {
        return Ok(kept);
    }
    let given = match verdict {
        Verdict::Confirmed => office.desk.confirm_instruction(&mut tx, id, person.actor).await?,
        Verdict::Withdrawn | Verdict::Lapsed => office.desk.withdraw_instruction(&mut tx, id, person.actor).await?,
    };
    // Kept answers outlive the case's erasure: the note is not among them.
    let answer = Shown { note: String::new(), ..shown(&mut tx, &given, person, verdict.as_str()).await? };
    keep(&mut tx, action, &call.body_hash, &answer, office.desk.now()).await?;
    tx.commit().await?;
    Ok(answer)
}

fn verdict(text: &str) -> Result<Verdict, Failure> {
    let known = [Verdict::Confirmed, Verdict::Withdrawn].into_iter().find(|verdict| verdict.as_str() == text);
    known.ok_or_else(|| Failure::invalid("payment.verdict", "What was asked for is confirmed or withdrawn."))
}
