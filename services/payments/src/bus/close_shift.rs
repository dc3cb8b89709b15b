//! `close-shift`: the cashier counts the till and goes; what differs is booked with its reason.

use bus::Call;
use kernel::Failure;
use proto::payments::v1::{CloseShiftRequest, Shift as Shown};
use sql::Action;

use super::{
    Office, keep, recall,
    till::{command, own_shift, seated, shown, sum},
    treasurer::noted,
};

pub async fn handle(office: &Office, call: Call<CloseShiftRequest>) -> Result<Shown, Failure> {
    let person = call.person()?;
    let outcome = done(office, &call).await;
    noted(office, person, (&call.agency, &[]), outcome).await
}

async fn done(office: &Office, call: &Call<CloseShiftRequest>) -> Result<Shown, Failure> {
    let (person, request) = (call.person()?, &call.request);
    let seat = seated(office, person, &call.agency).await?;
    let counted = sum(request.counted.as_ref())?;
    let command = command("close-shift", call)?;
    let action = Action::of_person(person.id, command.as_bytes());
    let mut tx = office.database.begin().await?;
    if let Some(kept) = recall(&mut tx, action, &call.body_hash).await? {
        return Ok(kept);
    }
    let shift = own_shift(&mut tx, person, &call.agency).await?;
    let closed = office.desk.close_shift(&mut tx, shift, (counted, &request.reason)).await?;
    let answer = shown(&mut tx, &closed, (person, &seat)).await?;
    keep(&mut tx, action, &call.body_hash, &answer, office.desk.now()).await?;
    tx.commit().await?;
    Ok(answer)
}
