//! What one agency announced began a case of another, or of its own: whoever it is about reads who told whom, what for and by which law.

use kernel::{Failure, Time, id::PersonId};
use proto::eservice::v1::BegunFromEvent;
use sql::Tx;

use crate::store::data_use::{self, Use, Words};

pub async fn take(tx: &mut Tx, begun: BegunFromEvent) -> Result<(), Failure> {
    let case = begun.case.unwrap_or_default();
    let used = Use {
        time: Time::from_micros(begun.time_us),
        person: Some(PersonId::from_slice(&begun.applicant)?),
        asking_agency: case.agency,
        service: case.service,
        owner: begun.owner,
        registry: begun.name,
        purpose: Words::of(&begun.purpose.unwrap_or_default()),
        legal_basis: Words::of(&begun.legal_basis.unwrap_or_default()),
        case_id: case.case_id,
        cause: begun.cause,
        outcome: "found".to_owned(),
        ..Use::default()
    };
    // Nothing was asked and answered that anybody could prove: what was announced is the exchange's own record.
    data_use::record(tx, &used, [0; 16], &[], &[]).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use proto::{CaseRef, Text};

    use super::*;
    use crate::store::MIGRATIONS;

    #[tokio::test]
    async fn whoever_an_event_is_about_reads_who_told_whom_and_what_for() {
        for (engine, database) in testkit::databases(MIGRATIONS).await {
            let case = CaseRef {
                case_id: vec![9; 16],
                agency: "justice".into(),
                service: "copy".into(),
                ..CaseRef::default()
            };
            let words = Text { by_language: [("en".to_owned(), "A record was lost".to_owned())].into() };
            let begun = BegunFromEvent {
                case: Some(case),
                applicant: vec![1; 16],
                time_us: 5,
                owner: "civil-status".into(),
                name: "record-lost".into(),
                purpose: Some(words.clone()),
                cause: vec![4; 16],
                ..BegunFromEvent::default()
            };
            let mut tx = database.begin().await.unwrap();
            take(&mut tx, begun).await.unwrap();
            let read = data_use::of_person(&mut tx, PersonId::from_bytes([1; 16]), i64::MAX, 9).await.unwrap();
            let [(_, used)] = read.as_slice() else { panic!("{engine}: {read:?}") };
            assert_eq!((used.owner.as_str(), used.asking_agency.as_str()), ("civil-status", "justice"), "{engine}");
            assert_eq!((used.registry.as_str(), used.purpose.text()), ("record-lost", Some(words)), "{engine}");
            assert!(used.opened.is_none(), "{engine}: nobody opened anything");
            let others = data_use::of_person(&mut tx, PersonId::from_bytes([2; 16]), i64::MAX, 9).await.unwrap();
            assert!(others.is_empty(), "{engine}");
            tx.commit().await.unwrap();
        }
    }
}
