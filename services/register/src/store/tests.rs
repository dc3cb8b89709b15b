//! The store on both engines.

use std::collections::BTreeMap;

use kernel::{Hash, Time};

use crate::domain::choice::Entry;

use super::{
    Admission, MIGRATIONS, Placement, agency, by_hash, closed, entries, index, listed, newest, place, placement, put,
    put_agency, set_closed, touch, words_like,
};

fn admission(number: u8, draft: bool) -> Admission {
    Admission {
        entry: Entry {
            revision: Hash::of(&[number]),
            agency: "justice".into(),
            service: "copy".into(),
            admitted: Time::from_micros(i64::from(number)),
            effective_from: "2026-01-01".into(),
            draft,
            share: 100,
            placed: Time::from_micros(i64::from(number)),
            change: "first".into(),
            reason: String::new(),
        },
        definition: vec![number],
        signature: format!("signature {number}"),
    }
}

#[tokio::test]
async fn an_admitted_revision_is_found_by_hash_service_and_time() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let mut tx = database.begin().await.unwrap();
        put(&mut tx, &admission(1, true)).await.unwrap();
        put(&mut tx, &admission(2, false)).await.unwrap();
        assert_eq!(by_hash(&mut tx, Hash::of(&[1])).await.unwrap(), Some(admission(1, true)), "{engine}");
        assert_eq!(by_hash(&mut tx, Hash::of(&[9])).await.unwrap(), None, "{engine}");
        assert_eq!(newest(&mut tx, "justice", "copy").await.unwrap().unwrap().revision, Hash::of(&[2]), "{engine}");
        let after = (Time::from_micros(1), Hash::of(&[1]).to_vec());
        let listed = listed(&mut tx, (None, &[]), (after.0, &after.1), 10).await.unwrap();
        assert_eq!(listed.iter().map(|one| one.revision).collect::<Vec<_>>(), [Hash::of(&[2])], "{engine}");
        assert_eq!(entries(&mut tx, None).await.unwrap().len(), 2, "{engine}");
        tx.commit().await.unwrap();
    }
}

#[tokio::test]
async fn the_same_bytes_admitted_again_count_from_then_on() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let mut tx = database.begin().await.unwrap();
        put(&mut tx, &admission(1, true)).await.unwrap();
        put(&mut tx, &admission(2, false)).await.unwrap();
        let mut again = admission(1, false);
        again.entry.admitted = Time::from_micros(3);
        put(&mut tx, &again).await.unwrap();
        assert_eq!(newest(&mut tx, "justice", "copy").await.unwrap().unwrap(), again.entry, "{engine}");
        tx.commit().await.unwrap();
    }
}

#[tokio::test]
async fn a_share_and_a_closed_intake_are_kept_and_every_change_counts() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let mut tx = database.begin().await.unwrap();
        put(&mut tx, &admission(1, false)).await.unwrap();
        place(&mut tx, Hash::of(&[1]), 25, "healthy", Time::from_micros(9)).await.unwrap();
        let placed = newest(&mut tx, "justice", "copy").await.unwrap().unwrap();
        assert_eq!((placed.share, placed.placed.micros(), placed.reason.as_str()), (25, 9, "healthy"), "{engine}");
        assert_eq!(placed.admitted.micros(), 1, "{engine}: a share is no admission");

        assert_eq!(placement(&mut tx, "justice", "copy").await.unwrap(), Placement::default(), "{engine}");
        assert_eq!(touch(&mut tx, "justice", "copy").await.unwrap(), 1, "{engine}");
        assert_eq!(touch(&mut tx, "justice", "copy").await.unwrap(), 2, "{engine}");
        set_closed(&mut tx, "justice", "copy", "ending").await.unwrap();
        assert_eq!(touch(&mut tx, "justice", "copy").await.unwrap(), 3, "{engine}");
        let found = placement(&mut tx, "justice", "copy").await.unwrap();
        assert_eq!(found, Placement { version: 3, closed: "ending".into() }, "{engine}: a change does not open it");
        assert!(closed(&mut tx, "ending").await.unwrap().contains(&("justice".into(), "copy".into())), "{engine}");
        assert!(closed(&mut tx, "unhealthy").await.unwrap().is_empty(), "{engine}");
        tx.commit().await.unwrap();
    }
}

#[tokio::test]
async fn words_are_found_by_what_they_share() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let mut tx = database.begin().await.unwrap();
        let words = BTreeMap::from([("nikoh".to_owned(), 4), ("nusxasi".to_owned(), 1)]);
        index(&mut tx, Hash::of(b"1"), &words).await.unwrap();
        index(&mut tx, Hash::of(b"1"), &words).await.unwrap();
        let found = words_like(&mut tx, "nikox").await.unwrap();
        assert!(found.iter().any(|found| found.word == "nikoh" && found.weight == 4), "{engine}: {found:?}");
        assert!(words_like(&mut tx, "qqqq").await.unwrap().is_empty(), "{engine}");
        tx.commit().await.unwrap();
    }
}

#[tokio::test]
async fn an_agency_is_replaced_by_its_newer_resource() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let mut tx = database.begin().await.unwrap();
        put_agency(&mut tx, "justice", b"{}", Time::from_micros(1)).await.unwrap();
        put_agency(&mut tx, "justice", b"[]", Time::from_micros(2)).await.unwrap();
        assert_eq!(agency(&mut tx, "justice").await.unwrap().unwrap(), b"[]", "{engine}");
        assert_eq!(agency(&mut tx, "tax").await.unwrap(), None, "{engine}");
        tx.commit().await.unwrap();
    }
}
