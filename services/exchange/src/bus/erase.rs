//! A case was erased: what registries answered for it goes, that they were asked stays. While it is held, none of that goes by itself.

use std::sync::Arc;

use ::bus::Event;
use boot::Kit;
use kernel::{BoxFuture, Failure, PersonId};
use proto::eservice::v1::{BegunFromEvent, CaseErased, CaseHeld, CaseOpened, RepresentationBegan};
use sql::{Action, Tx};

use super::{begun, opened};
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
    if event.is::<BegunFromEvent>() {
        return begun::take(tx, event.decode()?).await;
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

#[cfg(test)]
mod tests {
    use kernel::{CaseId, Time, id::MessageId};
    use proto::CaseRef;

    use super::*;
    use crate::store::{MIGRATIONS, data_use};

    fn told<E: proto::Event>(told: &E) -> Event {
        Event {
            producer: E::PRODUCER.into(),
            log: "justice".into(),
            name: E::NAME.into(),
            agency: "justice".into(),
            message_id: MessageId::from_bytes([2; 16]),
            epoch: 1,
            sequence: 1,
            case: Some((CaseId::from_bytes([5; 16]), 1)),
            time: Time::default(),
            body: told.encode_to_vec().into(),
            trace: None,
        }
    }

    #[tokio::test]
    async fn a_hold_is_heard_of_and_is_over_with_its_case() {
        for (engine, database) in testkit::databases(MIGRATIONS).await {
            let case = Some(CaseRef { case_id: vec![5; 16], agency: "justice".into(), ..CaseRef::default() });
            let mut tx = database.begin().await.unwrap();
            let used = data_use::Use { case_id: vec![5; 16], ..data_use::Use::default() };
            data_use::record(&mut tx, &used, [7; 16], b"question", b"answer").await.unwrap();
            let (before, now) = (Time::from_micros(40), Time::from_micros(50));
            assert_eq!(data_use::over(&mut tx, before, now).await.unwrap().len(), 1, "{engine}");
            let held = CaseHeld { case: case.clone(), stands: true, ..CaseHeld::default() };
            take(&mut tx, &told(&held)).await.unwrap();
            assert!(data_use::over(&mut tx, before, now).await.unwrap().is_empty(), "{engine}");
            take(&mut tx, &told(&CaseErased { case, ..CaseErased::default() })).await.unwrap();
            let left = tx.fetch_all("SELECT 1 FROM held", sql::args![]).await.unwrap();
            assert!(left.is_empty(), "{engine}");
        }
    }
}
