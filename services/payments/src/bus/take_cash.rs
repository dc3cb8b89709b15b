//! `take-cash`: a cashier takes the money of an open payment; with it comes its receipt.

use bus::Call;
use kernel::{Failure, IntentId};
use proto::payments::v1::{CashTaken, TakeCashRequest};
use sql::Action;

use super::{
    Office,
    finance::movable,
    keep, recall,
    till::{cash, command, own_shift, seated},
    treasurer::noted,
};

pub async fn handle(office: &Office, call: Call<TakeCashRequest>) -> Result<CashTaken, Failure> {
    let person = call.person()?;
    let outcome = done(office, &call).await;
    noted(office, person, (&call.agency, &[]), outcome).await
}

async fn done(office: &Office, call: &Call<TakeCashRequest>) -> Result<CashTaken, Failure> {
    let (person, request) = (call.person()?, &call.request);
    let seat = seated(office, person, &call.agency).await?;
    let intent = IntentId::from_slice(&request.intent)?;
    movable(office, (person, &seat.officer), &call.agency, intent).await?;
    let command = command("take-cash", call)?;
    let action = Action::of_person(person.id, command.as_bytes());
    let mut tx = office.database.begin().await?;
    if let Some(kept) = recall(&mut tx, action, &call.body_hash).await? {
        return Ok(kept);
    }
    let shift = own_shift(&mut tx, person, &call.agency).await?;
    let taken = office.desk.take_cash(&mut tx, shift, intent).await?;
    let answer = cash(&mut tx, &taken).await?;
    keep(&mut tx, action, &call.body_hash, &answer, office.desk.now()).await?;
    tx.commit().await?;
    Ok(answer)
}
