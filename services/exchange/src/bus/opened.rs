//! An officer opened a case: the applicant, and whoever else's answers are part of it, read it among the calls of registries.

use kernel::{Failure, Time, id::PersonId};
use proto::eservice::v1::CaseOpened;
use sql::Tx;

use crate::store::data_use::{self, Opened, Use, Words};

pub async fn take(tx: &mut Tx, opened: CaseOpened) -> Result<(), Failure> {
    let case = opened.case.unwrap_or_default();
    let used = Use {
        time: Time::from_micros(opened.time_us),
        asking_agency: opened.agency,
        service: case.service,
        // Whose the case is: there the typed reason is kept.
        owner: case.agency,
        purpose: Words::of(&opened.purpose.unwrap_or_default()),
        case_id: case.case_id,
        cause: opened.opening,
        ..Use::default()
    };
    let (office, role, document, reasoned) = (opened.office, opened.role, opened.document, opened.reasoned);
    let seen = Opened { office, role, document, reasoned, searched: false };
    record(tx, &used, &opened.applicant, &seen).await?;
    // What was typed stays with the case, which they may not read.
    let seen = Opened { reasoned: false, ..seen };
    for party in &opened.parties {
        record(tx, &used, party, &seen).await?;
    }
    Ok(())
}

async fn record(tx: &mut Tx, used: &Use, person: &[u8], seen: &Opened) -> Result<(), Failure> {
    let used = Use { person: Some(PersonId::from_slice(person)?), ..used.clone() };
    Ok(data_use::record_opening(tx, &used, seen).await?)
}

#[cfg(test)]
mod tests {
    use proto::CaseRef;

    use super::*;
    use crate::store::MIGRATIONS;

    #[tokio::test]
    async fn everybody_whose_answers_are_in_a_case_reads_that_it_was_opened_and_only_the_applicant_that_a_reason_is_kept()
     {
        for (engine, database) in testkit::databases(MIGRATIONS).await {
            let (applicant, party, other) = ([1; 16], [2; 16], [3; 16]);
            let opened = CaseOpened {
                case: Some(CaseRef { case_id: vec![9; 16], agency: "interior".into(), ..CaseRef::default() }),
                opening: vec![4; 16],
                applicant: applicant.to_vec(),
                time_us: 5,
                agency: "interior".into(),
                reasoned: true,
                parties: vec![party.to_vec()],
                ..CaseOpened::default()
            };
            let mut tx = database.begin().await.unwrap();
            take(&mut tx, opened).await.unwrap();
            for (who, expected) in [(applicant, vec![true]), (party, vec![false]), (other, vec![])] {
                let read = data_use::of_person(&mut tx, PersonId::from_bytes(who), i64::MAX, 9).await.unwrap();
                let reasoned: Vec<bool> = read.into_iter().map(|(_, used)| used.opened.unwrap().reasoned).collect();
                assert_eq!(reasoned, expected, "{engine}: {who:?}");
            }
            tx.commit().await.unwrap();
        }
    }
}
