//! Numbers have no gaps and no twins, on both engines.

use kernel::{CaseId, DocumentId, Hash, PersonId, Time};

use super::{
    MIGRATIONS,
    attempts::{self, Asker},
    documents, doubts, numbers, restored, seals,
};

#[tokio::test]
async fn a_number_is_taken_once_and_only_in_order() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let mut tx = database.begin().await.unwrap();
        assert_eq!(numbers::next(&mut tx, "justice", 2026, "p").await.unwrap(), 1, "{engine}");
        assert!(numbers::take(&mut tx, "justice", 2026, "p", 1).await.unwrap());
        assert!(!numbers::take(&mut tx, "justice", 2026, "p", 1).await.unwrap(), "{engine}: taken twice");
        assert!(!numbers::take(&mut tx, "justice", 2026, "p", 3).await.unwrap(), "{engine}: a gap");
        tx.commit().await.unwrap();
        let mut abandoned = database.begin().await.unwrap();
        assert!(numbers::take(&mut abandoned, "justice", 2026, "p", 2).await.unwrap());
        drop(abandoned);
        let mut tx = database.begin().await.unwrap();
        assert_eq!(numbers::next(&mut tx, "justice", 2026, "p").await.unwrap(), 2, "{engine}");
        assert_eq!(numbers::next(&mut tx, "justice", 2027, "p").await.unwrap(), 1, "{engine}");
    }
}

#[tokio::test]
async fn wrong_codes_are_bounded_by_network_and_together_for_an_hour() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let now = Time::from_micros(1_796_000_000_000_000);
        let of = |network: u32| Asker { network: Hash::of(&network.to_be_bytes()), all: Hash::of(b"all") };
        let mut tx = database.begin().await.unwrap();
        for _ in 0..30 {
            assert!(!attempts::exhausted(&mut tx, &of(0), now).await.unwrap(), "{engine}");
            attempts::count_wrong(&mut tx, &of(0), now).await.unwrap();
        }
        assert!(attempts::exhausted(&mut tx, &of(0), now).await.unwrap(), "{engine}");
        assert!(!attempts::exhausted(&mut tx, &of(1), now).await.unwrap(), "{engine}: another network");
        for network in 30..3_000 {
            attempts::count_wrong(&mut tx, &of(network), now).await.unwrap();
        }
        assert!(attempts::exhausted(&mut tx, &of(1), now).await.unwrap(), "{engine}: all together");
        let later = now.plus(std::time::Duration::from_secs(3600));
        assert!(!attempts::exhausted(&mut tx, &of(0), later).await.unwrap(), "{engine}");
    }
}

#[tokio::test]
async fn what_was_sealed_is_written_once() {
    for (_, settings) in testkit::stores() {
        let database = sql::Database::open(&settings, MIGRATIONS).await.unwrap();
        let now = Time::from_seconds(1);
        let seal = seals::Seal {
            serial: vec![1],
            agency: "justice".into(),
            key_name: "seal".into(),
            certificate: vec![2],
            since: now,
            until: now,
        };
        let mut tx = database.begin().await.unwrap();
        seals::add(&mut tx, &seal).await.unwrap();
        assert!(seals::record(&mut tx, DocumentId::from_bytes([1; 16]), Hash::of(b"file"), &seal, now).await.unwrap());
        tx.commit().await.unwrap();
        testkit::are_written_once(&settings, MIGRATIONS, &[("sealed", "hash")]).await;
    }
}

#[tokio::test]
async fn what_an_older_release_sealed_and_numbered_is_read_by_this_one() {
    let rows: [(&str, &[&[u8]]); 3] = [
        (
            "INSERT INTO documents (document_id, number, agency, owner, service, revision, case_id, kind, titles,
                 agency_titles, language, holder, code_hash, code_sealed, wrapped_key, hash, size, seal, sealed, status,
                 status_since, reason)
             VALUES ($1, 'justice-2026-41', 'justice', 'justice', 'copy', $2, $1, 'certificate', '{}', '{}', 'uz', $1, $2,
                 $1, $1, $2, 4, $1, 7, 'valid', 7, '')",
            &[&[1; 16], &[2; 32]],
        ),
        ("INSERT INTO numbers (agency, year, pattern, last) VALUES ('justice', 2026, 'p', 41)", &[]),
        ("INSERT INTO sealed (document_id, hash, agency, serial, time) VALUES ($1, $1, 'justice', $1, 7)", &[&[1; 16]]),
    ];
    for (engine, _, database) in testkit::expanded(MIGRATIONS, 1, &rows).await {
        let mut tx = database.begin().await.unwrap();
        assert_eq!(numbers::next(&mut tx, "justice", 2026, "p").await.unwrap(), 42, "{engine}");
        assert_eq!(seals::count_since(&mut tx, "justice", Time::from_micros(0)).await.unwrap(), 1, "{engine}");
        let document = documents::by_number(&mut tx, "justice-2026-41").await.unwrap().unwrap();
        let later = (document.representative, document.twin);
        assert_eq!((document.status.as_str(), later), ("valid", (None, None)), "{engine}");
    }
}

/// One that is valid.
pub fn document(number: u8, case: u8) -> documents::Stored {
    documents::Stored {
        id: DocumentId::from_bytes([number; 16]),
        number: format!("JUS-2026-{number:06}"),
        agency: "justice".into(),
        owner: "justice".into(),
        service: "copy".into(),
        revision: Hash::of(b"revision"),
        case: CaseId::from_bytes([case; 16]),
        kind: "certificate".into(),
        titles: "{}".into(),
        agency_titles: "{}".into(),
        language: "uz".into(),
        holder: PersonId::from_bytes([9; 16]),
        representative: None,
        code_hash: Hash::of(&[number]),
        code_sealed: vec![1],
        wrapped_key: vec![2],
        hash: Hash::of(&[number, 1]),
        size: 1,
        twin: Some(Hash::of(&[number, 2])),
        seal: vec![3],
        sealed: Time::from_seconds(1),
        valid_until: None,
        status: "valid".into(),
        status_since: Time::from_seconds(1),
        reason: String::new(),
    }
}

#[tokio::test]
async fn after_a_restore_documents_are_told_by_whole_cases_and_no_number_goes_back() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let mut tx = database.begin().await.unwrap();
        for (number, case) in [(1, 7), (2, 7), (3, 8), (4, 9)] {
            documents::add(&mut tx, &document(number, case)).await.unwrap();
        }
        let first = restored::of_cases(&mut tx, &[], 2).await.unwrap();
        let rest = restored::of_cases(&mut tx, &first.last().unwrap().case.to_vec(), 2).await.unwrap();
        let told = [first, rest].map(|page| page.into_iter().map(|one| one.id.as_bytes()[0]).collect::<Vec<_>>());
        assert_eq!(told, [vec![1, 2, 3], vec![4]], "{engine}");
        let (case, id, now) = (CaseId::from_bytes([7; 16]), DocumentId::from_bytes([1; 16]), Time::from_seconds(2));
        assert!(restored::unclaim(&mut tx, case, id, now).await.unwrap());
        assert!(!restored::unclaim(&mut tx, case, id, now).await.unwrap(), "{engine}: once");
        assert_eq!(restored::unclaimed(&mut tx, case, "certificate").await.unwrap(), [id], "{engine}");
        assert!(restored::unclaimed(&mut tx, case, "refusal").await.unwrap().is_empty(), "{engine}: of another kind");
        for last in [5, 3] {
            restored::skip(&mut tx, "justice", 2026, "p", last).await.unwrap();
        }
        assert_eq!(restored::given(&mut tx, "justice").await.unwrap(), [(2026, "p".to_owned(), 5)], "{engine}");
        assert_eq!(numbers::next(&mut tx, "justice", 2026, "p").await.unwrap(), 6, "{engine}");
    }
}

#[tokio::test]
async fn a_superseded_document_names_the_one_that_took_its_place() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let mut tx = database.begin().await.unwrap();
        for number in [1, 2, 3] {
            documents::add(&mut tx, &document(number, 7)).await.unwrap();
        }
        let [old, new, other] = [1, 2, 3].map(|number| DocumentId::from_bytes([number; 16]));
        let now = Time::from_seconds(2);
        assert!(documents::withdraw(&mut tx, old, "superseded", "error", Some(new), now).await.unwrap());
        assert!(documents::withdraw(&mut tx, other, "revoked", "error", None, now).await.unwrap());
        let named = documents::successor(&mut tx, old).await.unwrap();
        assert_eq!(named, Some(document(2, 7).number), "{engine}");
        let read = documents::by_id(&mut tx, old).await.unwrap().unwrap();
        assert_eq!((read.twin, read.status.as_str()), (document(1, 7).twin, "superseded"), "{engine}");
        for id in [new, other] {
            assert_eq!(documents::successor(&mut tx, id).await.unwrap(), None, "{engine}");
        }
    }
}

#[tokio::test]
async fn seals_are_counted_by_agency_and_hour() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let (now, hour) = (Time::from_seconds(1_800_000_000), std::time::Duration::from_secs(3600));
        let sealed = [(1_u8, "justice", now.minus(hour * 2)), (2, "justice", now.minus(hour / 2)), (3, "health", now)];
        let mut tx = database.begin().await.unwrap();
        for (number, agency, at) in sealed {
            let seal = seals::Seal {
                serial: vec![number],
                agency: agency.into(),
                key_name: format!("seal-{number}"),
                certificate: vec![2],
                since: at,
                until: now,
            };
            seals::add(&mut tx, &seal).await.unwrap();
            let id = DocumentId::from_bytes([number; 16]);
            assert!(seals::record(&mut tx, id, Hash::of(&[number]), &seal, at).await.unwrap());
        }
        for (agency, since, counted) in
            [("justice", hour, 1), ("justice", hour * 2, 2), ("health", hour, 1), ("land", hour, 0)]
        {
            let found = seals::count_since(&mut tx, agency, now.minus(since)).await.unwrap();
            assert_eq!(found, counted, "{engine}: {agency}");
        }
    }
}

#[tokio::test]
async fn a_seal_is_withdrawn_once_by_another_and_seals_nothing_from_then_on() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let now = Time::from_seconds(1_800_000_000);
        let hour = std::time::Duration::from_secs(3600);
        let seal = seals::Seal {
            serial: vec![3],
            agency: "justice".into(),
            key_name: "seal".into(),
            certificate: vec![2],
            since: now.minus(hour * 9),
            until: now.plus(hour * 9),
        };
        let mut tx = database.begin().await.unwrap();
        seals::add(&mut tx, &seal).await.unwrap();
        for (number, sealed) in [(1, now.minus(hour * 3)), (2, now.minus(hour * 2)), (3, now)] {
            documents::add(&mut tx, &documents::Stored { sealed, ..document(number, 7) }).await.unwrap();
        }
        let (one, other) = (PersonId::from_bytes([1; 16]), PersonId::from_bytes([2; 16]));
        let doubt = doubts::Doubt {
            reason: "The disk was stolen".into(),
            since: now.minus(hour * 2),
            by: one,
            withdrawn_by: None,
        };
        let mistyped = doubts::Doubt { since: now, ..doubt.clone() };
        for word in [&mistyped, &doubt] {
            assert!(doubts::add(&mut tx, ("justice", &[3]), word, now).await.unwrap(), "{engine}: theirs to mend");
        }
        let another = doubts::Doubt { by: other, since: now, ..doubt.clone() };
        assert!(!doubts::add(&mut tx, ("justice", &[3]), &another, now).await.unwrap(), "{engine}: one word at a time");
        assert_eq!(doubts::since(&mut tx, &[3]).await.unwrap(), None, "{engine}: one word changes nothing");
        let id = DocumentId::from_bytes([9; 16]);
        assert!(seals::record(&mut tx, id, Hash::of(b"a"), &seal, now).await.unwrap(), "{engine}");
        let before = doubts::withdraw(&mut tx, &[3], &mistyped, other, now).await.unwrap();
        assert!(!before && seals::revoked(&mut tx).await.unwrap().is_empty(), "{engine}: it is not said any more");
        assert!(doubts::withdraw(&mut tx, &[3], &doubt, other, now).await.unwrap(), "{engine}");
        assert!(!doubts::withdraw(&mut tx, &[3], &doubt, other, now).await.unwrap(), "{engine}: once");
        assert_eq!(doubts::since(&mut tx, &[3]).await.unwrap(), Some(doubt.since), "{engine}");
        assert!(!seals::record(&mut tx, id, Hash::of(b"b"), &seal, now).await.unwrap(), "{engine}: nothing more");
        assert!(seals::current(&mut tx, "justice", now).await.unwrap().is_none(), "{engine}: another is made");
        assert_eq!(seals::revoked(&mut tx).await.unwrap(), [(vec![3], now)], "{engine}: it stands on the list");
        let known = proto::KnownSeal { agency: "justice".into(), serial: vec![3] };
        assert_eq!(seals::withdrawn(&mut tx).await.unwrap(), [known], "{engine}");
        let held = doubts::find(&mut tx, "justice", &[3]).await.unwrap().unwrap();
        assert_eq!(held.doubt, Some(doubts::Doubt { withdrawn_by: Some(other), ..doubt.clone() }), "{engine}");
        assert!(doubts::find(&mut tx, "health", &[3]).await.unwrap().is_none(), "{engine}: another agency's");
        let first = doubts::sealed_since(&mut tx, &[3], doubt.since, ("", 1)).await.unwrap();
        let rest = doubts::sealed_since(&mut tx, &[3], doubt.since, (&first[0].number, 9)).await.unwrap();
        assert_eq!((first.len(), rest.len()), (1, 1), "{engine}: those of the moment and after it, not the one before");
    }
}
