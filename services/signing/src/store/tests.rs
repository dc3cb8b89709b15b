//! Numbers have no gaps and no twins, on both engines.

use kernel::{Hash, Time};

use super::{MIGRATIONS, attempts, numbers};

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
async fn failures_are_counted_by_the_hour() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let (subject, now) = (Hash::of(b"asker"), Time::from_micros(1_796_000_000_000_000));
        let mut tx = database.begin().await.unwrap();
        for expected in 1..=3 {
            attempts::count(&mut tx, subject, now).await.unwrap();
            assert_eq!(attempts::failed(&mut tx, subject, now).await.unwrap(), expected, "{engine}");
        }
        let later = now.plus(std::time::Duration::from_secs(3600));
        assert_eq!(attempts::failed(&mut tx, subject, later).await.unwrap(), 0, "{engine}");
    }
}
