//! A case was erased: so is what was written about it.

use kernel::{BoxFuture, CaseId, Failure};
use proto::eservice::v1::CaseErased;

use super::Office;
use crate::store::messages;

pub fn follow(bus: &bus::Bus, office: &Office, kit: &boot::Kit) {
    bus::consume(bus, &office.database, kit, "eservice", |tx, event| -> BoxFuture<'_, Result<(), Failure>> {
        Box::pin(async move { take(tx, &event).await })
    });
}

pub async fn take(tx: &mut sql::Tx, event: &bus::Event) -> Result<(), Failure> {
    if !event.is::<CaseErased>() {
        return Ok(());
    }
    let erased: CaseErased = event.decode()?;
    let case = erased.case.unwrap_or_default();
    messages::erase(tx, CaseId::from_slice(&case.case_id)?).await?;
    for action in &erased.actions {
        sql::answers::erase(tx, sql::Action::of_service(&case.agency, &case.service, action)).await?;
    }
    Ok(())
}
