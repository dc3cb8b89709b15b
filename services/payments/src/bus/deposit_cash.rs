//! `deposit-cash`: a treasurer brought an office's cash to the bank.

use bus::Call;
use kernel::Failure;
use proto::payments::v1::{DepositCashRequest, OfficeCash};
use sql::Action;

use super::{
    Office,
    finance::uzs,
    keep, recall,
    till::{command, sum},
    treasurer::{is_treasurer, noted},
};
use crate::domain::payout::PaymentOrder;

/// Older slips are entered by nobody.
const SLIP_AGE_MAX: std::time::Duration = std::time::Duration::from_secs(90 * 86_400);

pub async fn handle(office: &Office, call: Call<DepositCashRequest>) -> Result<OfficeCash, Failure> {
    let person = call.person()?;
    let outcome = done(office, &call).await;
    noted(office, person, (&call.agency, &[]), outcome).await
}

async fn done(office: &Office, call: &Call<DepositCashRequest>) -> Result<OfficeCash, Failure> {
    let (person, request) = (call.person()?, &call.request);
    is_treasurer(office, person, &call.agency).await?;
    let amount = sum(request.amount.as_ref())?;
    let slip = request.slip.clone().unwrap_or_default();
    let now = office.desk.now();
    let slip = PaymentOrder::checked(&slip.number, &slip.date, now.minus(SLIP_AGE_MAX), now)?;
    let command = command("deposit-cash", call)?;
    let action = Action::of_person(person.id, command.as_bytes());
    let mut tx = office.database.begin().await?;
    if let Some(kept) = recall(&mut tx, action, &call.body_hash).await? {
        return Ok(kept);
    }
    let place = (call.agency.as_str(), request.office.as_str());
    let left = office.desk.deposit_cash(&mut tx, place, (&slip, amount), person.actor).await?;
    let answer = OfficeCash { office: request.office.clone(), amount: uzs(left) };
    keep(&mut tx, action, &call.body_hash, &answer, office.desk.now()).await?;
    tx.commit().await?;
    Ok(answer)
}
