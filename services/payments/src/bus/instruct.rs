//! `instruct`: the first of two persons asks for a refund, for the return of money in suspense, or for its attachment.

use bus::Call;
use kernel::{AttemptId, CommandId, Currency, Failure, Hash, IntentId};
use proto::payments::v1::{InstructRequest, Instruction as Shown};
use sql::Action;

use super::{
    Office,
    finance::{WAITING, admitted, movable, shown},
    keep, recall,
    treasurer::noted,
};
use crate::{
    domain::{
        instruction::{Instruction, Kind, Why},
        suspense,
    },
    store,
};

pub async fn handle(office: &Office, call: Call<InstructRequest>) -> Result<Shown, Failure> {
    let person = call.person()?;
    let subject = [call.request.intent.as_slice(), call.request.suspense.as_slice()].concat();
    let outcome = instructed(office, &call).await;
    noted(office, person, (&call.agency, &subject), outcome).await
}

async fn instructed(office: &Office, call: &Call<InstructRequest>) -> Result<Shown, Failure> {
    let person = call.person()?;
    let officer = admitted(office, person, &call.agency).await?;
    let command = Hash::of_parts(&[b"instruct", person.id.as_bytes(), person.command_id.as_bytes()]);
    let given = given(office, call, CommandId::derived(command)).await?;
    for concerned in [Some(given.intent), given.target].into_iter().flatten() {
        movable(office, (person, &officer), &call.agency, concerned).await?;
    }
    let action = Action::of_person(person.id, command.as_bytes());
    let mut tx = office.database.begin().await?;
    if let Some(kept) = recall(&mut tx, action, &call.body_hash).await? {
        return Ok(kept);
    }
    let given = office.desk.instruct(&mut tx, given).await?;
    // Kept answers outlive the case's erasure: the note is not among them.
    let answer = Shown { note: String::new(), ..shown(&mut tx, &given, person, WAITING).await? };
    keep(&mut tx, action, &call.body_hash, &answer, office.desk.now()).await?;
    tx.commit().await?;
    Ok(answer)
}

async fn given(office: &Office, call: &Call<InstructRequest>, id: CommandId) -> Result<Instruction, Failure> {
    let (request, person) = (&call.request, call.person()?);
    let kind = Kind::find(&request.kind).ok_or_else(|| {
        let message = "Money is refunded, returned from suspense or attached to a payment: ask for one of these.";
        Failure::invalid("payment.instruction-kind", message)
    })?;
    let why = Why::checked(&request.reason, &request.note)?;
    let (intent, suspense, target, amount) = match kind {
        Kind::Refund => (IntentId::from_slice(&request.intent)?, None, None, wanted(request)?),
        Kind::Return => {
            let (attempt, intent) = waits(office, request).await?;
            (intent, Some(attempt), None, 0)
        }
        Kind::Attach => {
            let (attempt, intent) = waits(office, request).await?;
            (intent, Some(attempt), Some(IntentId::from_slice(&request.target)?), 0)
        }
    };
    let (agency, by, time) = (call.agency.clone(), person.actor, office.desk.now());
    Ok(Instruction { id, kind, agency, intent, suspense, target, amount, why, by, time })
}

/// Tiyin; 0: everything.
fn wanted(request: &InstructRequest) -> Result<i64, Failure> {
    let Some(amount) = &request.amount else { return Ok(0) };
    Currency::parse(&amount.currency)?;
    if amount.minor <= 0 {
        return Err(Failure::invalid("payment.refund-amount", "A refund is above zero."));
    }
    Ok(amount.minor)
}

async fn waits(office: &Office, request: &InstructRequest) -> Result<(AttemptId, IntentId), Failure> {
    let attempt = AttemptId::from_slice(&request.suspense)?;
    let mut tx = office.database.read().await?;
    let item = store::suspense::find(&mut tx, attempt).await?.ok_or_else(suspense::unknown)?;
    Ok((attempt, item.intent))
}
