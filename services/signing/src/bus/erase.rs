//! A case was erased: its documents' files and keys go, what verifies a copy of them stays.

use std::sync::Arc;

use ::bus::Event;
use boot::Kit;
use kernel::{BoxFuture, Failure, id::CaseId};
use proto::eservice::v1::CaseErased;
use sql::{Action, Tx, answers, audit};

use super::Office;
use crate::store::documents;

pub fn follow(office: &Arc<Office>, kit: &Kit) {
    let clock = office.clock.clone();
    let (bus, database) = (&office.bus, &office.database);
    ::bus::consume(bus, database, kit, "eservice", move |tx, event| -> BoxFuture<'_, Result<(), Failure>> {
        let now = clock.now();
        Box::pin(async move { take(tx, &event, now).await })
    });
}

pub async fn take(tx: &mut Tx, event: &Event, now: kernel::Time) -> Result<(), Failure> {
    if !event.is::<CaseErased>() {
        return Ok(());
    }
    let erased: CaseErased = event.decode()?;
    let case = erased.case.unwrap_or_default();
    for document in documents::erase(tx, CaseId::from_slice(&case.case_id)?).await? {
        files::remove(tx, document.as_bytes()).await?;
        let act = audit::Act {
            time: now,
            service_actor: Some("signing".into()),
            act: "document.key-destroyed".into(),
            subject: document.to_vec(),
            agency: case.agency.clone(),
            detail: "{}".into(),
            ..audit::Act::default()
        };
        audit::append(tx, &act).await?;
    }
    for action in &erased.actions {
        answers::erase(tx, Action::of_service(&case.agency, &case.service, action)).await?;
    }
    tx.destroys();
    Ok(())
}

#[cfg(test)]
mod tests {
    use kernel::{
        Hash, SeededRandom, Time,
        id::{MessageId, PersonId},
        sealed::{AgencyKey, CaseKey},
    };
    use prost::Message;

    use super::*;
    use crate::store::{MIGRATIONS, documents::Stored, tests};

    const NOW: Time = Time::from_seconds(1_790_000_000);
    /// Of another agency, whatever this one says of it.
    const FOREIGN: [u8; 32] = [7; 32];

    fn of(agency: &str, id: &'static [u8; 32]) -> Action<'static> {
        Action::of_service(agency, "copy", id)
    }

    fn document(case: u8, key: &CaseKey, hash: Hash) -> Stored {
        let random = SeededRandom::new(u64::from(case));
        Stored {
            representative: Some(PersonId::from_bytes([8; 16])),
            code_hash: Hash::of(b"code"),
            code_sealed: key.seal(b"code", b"code", &random),
            wrapped_key: key.wrap(&AgencyKey::from_bytes([1; 32]), &random),
            hash,
            size: 4,
            ..tests::document(case, case)
        }
    }

    fn told(case: u8) -> Event {
        let of = proto::CaseRef {
            case_id: vec![case; 16],
            agency: "justice".into(),
            service: "copy".into(),
            ..Default::default()
        };
        let actions = vec![vec![case; 32], FOREIGN.to_vec()];
        let erased = CaseErased { case: Some(of), actions, ..Default::default() };
        Event {
            producer: "eservice".into(),
            log: "platform".into(),
            name: "case-erased".into(),
            agency: "justice".into(),
            message_id: MessageId::from_bytes([2; 16]),
            epoch: 1,
            sequence: 1,
            case: Some((CaseId::from_bytes([case; 16]), 1)),
            time: NOW,
            body: erased.encode_to_vec().into(),
            trace: None,
        }
    }

    #[tokio::test]
    async fn an_erased_cases_document_can_be_verified_but_never_read() {
        let random = SeededRandom::new(3);
        for (engine, database) in testkit::databases(MIGRATIONS).await {
            let (key, asked) = (CaseKey::generate(&random), Hash::of(b"request"));
            let mut tx = database.begin().await.unwrap();
            for (case, action) in [(5_u8, &[5; 32]), (6, &[6; 32])] {
                let content = [b"%PDF".as_slice(), &[case]].concat();
                documents::add(&mut tx, &document(case, &key, Hash::of(&content))).await.unwrap();
                files::put(&mut tx, &[case; 16], &key, &content, &random, NOW).await.unwrap();
                answers::keep(&mut tx, of("justice", action), &asked, b"sealed", NOW).await.unwrap();
            }
            answers::keep(&mut tx, of("health", &FOREIGN), &asked, b"sealed", NOW).await.unwrap();
            // Told of it again after a restore, it destroys and records nothing more.
            for _ in 0..2 {
                take(&mut tx, &told(5), NOW).await.unwrap();
            }
            tx.commit().await.unwrap();
            let mut tx = database.read().await.unwrap();
            let erased = documents::by_number(&mut tx, "JUS-2026-000005").await.unwrap().unwrap();
            assert!(erased.wrapped_key.is_empty() && erased.code_sealed.is_empty(), "{engine}");
            assert_eq!((erased.holder, erased.representative), (PersonId::from_bytes([0; 16]), None), "{engine}");
            let same = documents::by_hash(&mut tx, erased.hash).await.unwrap().unwrap();
            assert_eq!((same.status.as_str(), same.code_hash), ("valid", Hash::of(b"code")), "{engine}");
            let file = |case: u8, hash| (vec![case; 16], hash);
            for ((scope, hash), there) in [(file(5, erased.hash), false), (file(6, Hash::of(b"%PDF\x06")), true)] {
                let read = files::read(&mut tx, &scope, &key, hash).await.unwrap();
                assert_eq!(read.is_some(), there, "{engine}");
            }
            let left = "SELECT (SELECT COUNT(*) FROM file_chunks) + (SELECT COUNT(*) FROM files)";
            assert_eq!(tx.fetch_one(left, sql::args![]).await.unwrap().int(0).unwrap(), 2, "{engine}");
            assert!(answers::recall(&mut tx, of("justice", &[5; 32]), &asked).await.is_err(), "{engine}");
            for other in [of("justice", &[6; 32]), of("health", &FOREIGN)] {
                assert!(answers::recall(&mut tx, other, &asked).await.unwrap().is_some(), "{engine}: {other:?}");
            }
            assert_eq!(audit::verify(&mut tx).await.unwrap().acts, 1, "{engine}");
        }
    }
}
