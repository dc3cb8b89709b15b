//! A case was erased: what registries answered for it goes, that they were asked stays. While it is held, none of that goes by itself.

use std::sync::Arc;

use ::bus::Event;
use boot::Kit;
use kernel::{BoxFuture, Failure, PersonId};
use proto::eservice::v1::{CaseErased, CaseHeld, CaseOpened, RepresentationBegan};
use sql::{Action, Tx};

use super::opened;
use crate::{Exchange, store};

pub fn follow(exchange: &Arc<Exchange>, kit: &Kit) {
    let (bus, database) = (&exchange.bus, &exchange.database);
    ::bus::consume(bus, database, kit, "eservice", |tx, event| -> BoxFuture<'_, Result<(), Failure>> {
        Box::pin(async move { take(tx, &event).await })
    });
}

pub async fn take(tx: &mut Tx, event: &Event) -> Result<(), Failure> {
    if event.is::<CaseOpened>() {
        return opened::take(tx, event.decode()?).await;
    }
    if event.is::<RepresentationBegan>() {
        let began: RepresentationBegan = event.decode()?;
        let case = began.case.unwrap_or_default().case_id;
        return Ok(store::data_use::represent(tx, &case, PersonId::from_slice(&began.principal)?).await?);
    }
    if event.is::<CaseHeld>() {
        return Ok(store::held::hear(tx, &event.decode()?).await?);
    }
    if !event.is::<CaseErased>() {
        return Ok(());
    }
    let erased: CaseErased = event.decode()?;
    let case = erased.case.unwrap_or_default();
    store::data_use::erase(tx, &case.case_id).await?;
    store::held::forget(tx, &case.case_id).await?;
    for action in &erased.actions {
        sql::answers::erase(tx, Action::of_service(&case.agency, &case.service, action)).await?;
    }
    Ok(())
}
