//! `open-shift`: a cashier counts the change in the till and begins.

use bus::Call;
use kernel::{CommandId, Failure};
use proto::payments::v1::{OpenShiftRequest, Shift as Shown};
use sql::Action;

use super::{
    Office, keep, recall,
    till::{command, seated, shown, sum},
    treasurer::noted,
};
use crate::domain::till::Shift;

pub async fn handle(office: &Office, call: Call<OpenShiftRequest>) -> Result<Shown, Failure> {
    let person = call.person()?;
    let outcome = done(office, &call).await;
    noted(office, person, (&call.agency, &[]), outcome).await
}

async fn done(office: &Office, call: &Call<OpenShiftRequest>) -> Result<Shown, Failure> {
    let (person, request) = (call.person()?, &call.request);
    let seat = seated(office, person, &call.agency).await?;
    if !seat.offices.contains(&request.office) {
        let message = "You are no cashier of this office. Choose one of yours.";
        return Err(Failure::not_found("payment.not-cashier", message).with_detail("another office"));
    }
    let change = sum(request.change.as_ref())?;
    let command = command("open-shift", call)?;
    let action = Action::of_person(person.id, command.as_bytes());
    let mut tx = office.database.begin().await?;
    if let Some(kept) = recall(&mut tx, action, &call.body_hash).await? {
        return Ok(kept);
    }
    let shift = Shift {
        id: CommandId::derived(command),
        agency: call.agency.clone(),
        office: request.office.clone(),
        cashier: person.actor,
        opened: office.desk.now(),
        change,
        closed: None,
        counted: 0,
        expected: 0,
        reason: String::new(),
    };
    let shift = office.desk.open_shift(&mut tx, shift).await?;
    let answer = shown(&mut tx, &shift, (person, &seat)).await?;
    keep(&mut tx, action, &call.body_hash, &answer, office.desk.now()).await?;
    tx.commit().await?;
    Ok(answer)
}
