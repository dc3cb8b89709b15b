//! `count-shift`: somebody else counts a till whose cashier does not close it, and the second person who counts the same closes it.

use bus::Call;
use kernel::{CommandId, Failure};
use proto::payments::v1::{CountShiftRequest, Shift as Shown};
use sql::Action;

use super::{
    Office, keep, recall,
    till::{command, seated, shown, sum},
    treasurer::noted,
};
use crate::{
    desk::unknown_shift,
    domain::till::{Count, Shift, why},
    store::tills,
};

pub async fn handle(office: &Office, call: Call<CountShiftRequest>) -> Result<Shown, Failure> {
    let person = call.person()?;
    let outcome = done(office, &call).await;
    noted(office, person, (&call.agency, &call.request.shift), outcome).await
}

async fn done(office: &Office, call: &Call<CountShiftRequest>) -> Result<Shown, Failure> {
    let (person, request) = (call.person()?, &call.request);
    let seat = seated(office, person, &call.agency).await?;
    let id = CommandId::from_slice(&request.shift)?;
    let mut tx = office.database.read().await?;
    let found = tills::find(&mut tx, id).await?;
    drop(tx);
    let theirs = |shift: &Shift| shift.agency == call.agency && seat.counts(shift, person);
    let shift = found.filter(theirs).ok_or_else(unknown_shift)?;
    let (counted, why) = (sum(request.counted.as_ref())?, why(&request.reason)?);
    let command = command("count-shift", call)?;
    let action = Action::of_person(person.id, command.as_bytes());
    let mut tx = office.database.begin().await?;
    if let Some(kept) = recall(&mut tx, action, &call.body_hash).await? {
        return Ok(kept);
    }
    let count = Count {
        id: CommandId::derived(command),
        shift: id,
        by: person.actor,
        in_charge: seat.answers_for(&shift.office),
        counted,
        why,
        time: office.desk.now(),
    };
    let shift = office.desk.count_shift(&mut tx, count).await?;
    let answer = shown(&mut tx, &shift, (person, &seat)).await?;
    keep(&mut tx, action, &call.body_hash, &answer, office.desk.now()).await?;
    tx.commit().await?;
    Ok(answer)
}
