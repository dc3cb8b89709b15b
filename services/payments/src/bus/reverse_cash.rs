//! `reverse-cash`: a second person gives back what was taken by mistake, while the shift is open.

use bus::Call;
use kernel::{AttemptId, Failure};
use proto::payments::v1::{CashTaken, ReverseCashRequest};
use sql::Action;

use super::{
    Office,
    finance::movable,
    keep, recall,
    till::{cash, command, seated},
    treasurer::noted,
};
use crate::{desk::unknown_cash, store::tills};

pub async fn handle(office: &Office, call: Call<ReverseCashRequest>) -> Result<CashTaken, Failure> {
    let person = call.person()?;
    let outcome = done(office, &call).await;
    noted(office, person, (&call.agency, &[]), outcome).await
}

async fn done(office: &Office, call: &Call<ReverseCashRequest>) -> Result<CashTaken, Failure> {
    let (person, request) = (call.person()?, &call.request);
    let seat = seated(office, person, &call.agency).await?;
    let attempt = AttemptId::from_slice(&request.attempt)?;
    let mut tx = office.database.read().await?;
    let taken = tills::taken(&mut tx, attempt).await?.ok_or_else(unknown_cash)?;
    let of = tills::find(&mut tx, taken.shift).await?;
    drop(tx);
    of.filter(|shift| shift.agency == call.agency && seat.gives_back(&shift.office)).ok_or_else(unknown_cash)?;
    movable(office, (person, &seat.officer), &call.agency, taken.intent).await?;
    let command = command("reverse-cash", call)?;
    let action = Action::of_person(person.id, command.as_bytes());
    let mut tx = office.database.begin().await?;
    if let Some(kept) = recall(&mut tx, action, &call.body_hash).await? {
        return Ok(kept);
    }
    let reversed = office.desk.reverse_cash(&mut tx, attempt, person.actor).await?;
    let answer = cash(&mut tx, &reversed).await?;
    keep(&mut tx, action, &call.body_hash, &answer, office.desk.now()).await?;
    tx.commit().await?;
    Ok(answer)
}
