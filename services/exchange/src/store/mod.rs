//! The exchange's database: resources, grants with their approvals, accounts, and who asked about whom.

pub mod accounts;
pub mod data_use;
pub mod grants;
pub mod resources;

use sql::{Migration, Migrations};

pub const MIGRATIONS: Migrations = &[
    Migration::new(1, "exchange", include_str!("migrations/0001_exchange.sql")),
    Migration::new(2, "grants_needed", include_str!("migrations/0002_grants_needed.sql")),
];

#[cfg(test)]
mod tests {
    use kernel::{
        Hash, Time,
        id::{CommandId, PersonId},
    };

    use super::*;

    fn agency(four_eyes: bool) -> Vec<u8> {
        let spec = serde_json::json!({"title": {"en": "Archive"}, "fourEyes": four_eyes});
        let resource = serde_json::json!({"apiVersion": "xizmat.dev/v1alpha1", "kind": "Agency",
            "metadata": {"name": "archive"}, "spec": spec});
        resource.to_string().into_bytes()
    }

    fn spec() -> api::GrantSpec {
        let text = serde_json::json!({"en": "Why"});
        serde_json::from_value(
            serde_json::json!({"from": "archive", "to": "justice", "registry": "r", "operations": ["o"],
            "purpose": text, "legalBasis": {"title": text}, "until": "2030-01-01"}),
        )
        .unwrap()
    }

    #[tokio::test]
    async fn a_person_counts_once_however_often_they_approve() {
        for (engine, database) in testkit::databases(MIGRATIONS).await {
            let now = Time::from_seconds(1);
            let hash = Hash::of(b"one");
            let mut tx = database.begin().await.unwrap();
            let place = (api::Kind::Agency, "archive", "archive");
            let body = agency(true);
            assert!(resources::put(&mut tx, place, &body, Hash::of(&body), now).await.unwrap(), "{engine}");
            assert!(!resources::put(&mut tx, place, &body, Hash::of(&body), now).await.unwrap(), "{engine}");
            assert!(grants::add(&mut tx, ("archive", "g"), hash, &spec(), now).await.unwrap());
            assert!(!grants::add(&mut tx, ("archive", "g"), hash, &spec(), now).await.unwrap());
            let command = |number| CommandId::from_bytes([number; 16]);
            let (one, other) = (PersonId::from_bytes([1; 16]), PersonId::from_bytes([2; 16]));
            assert!(grants::approve(&mut tx, hash, one, command(1), now).await.unwrap());
            assert!(!grants::approve(&mut tx, hash, one, command(2), now).await.unwrap(), "{engine}");
            assert!(!grants::all(&mut tx).await.unwrap()[0].approved(), "{engine}: two persons must");
            let lax = agency(false);
            assert!(resources::put(&mut tx, place, &lax, Hash::of(&lax), now).await.unwrap());
            assert!(!grants::all(&mut tx).await.unwrap()[0].approved(), "{engine}: YAML takes no approval's place");
            assert!(grants::approve(&mut tx, hash, other, command(3), now).await.unwrap());
            assert!(grants::all(&mut tx).await.unwrap()[0].approved(), "{engine}");
            tx.commit().await.unwrap();
        }
    }

    #[tokio::test]
    async fn a_person_sees_their_own_rows_newest_first() {
        for (engine, database) in testkit::databases(MIGRATIONS).await {
            let mut tx = database.begin().await.unwrap();
            let person = PersonId::from_bytes([1; 16]);
            for (number, whose) in [(1, person), (2, PersonId::from_bytes([2; 16])), (3, person)] {
                let used = data_use::Use {
                    time: Time::from_seconds(number),
                    person: Some(whose),
                    fields: vec!["date".into(), "office".into()],
                    ..data_use::Use::default()
                };
                data_use::record(&mut tx, &used, [0; 16], b"question", b"answer").await.unwrap();
            }
            let rows = data_use::of_person(&mut tx, person, i64::MAX, 10).await.unwrap();
            let times: Vec<_> = rows.iter().map(|(_, used)| used.time.seconds()).collect();
            assert_eq!(times, [3, 1], "{engine}");
            assert_eq!(rows[0].1.fields, ["date", "office"], "{engine}");
            let older = data_use::of_person(&mut tx, person, rows[0].0, 10).await.unwrap();
            assert_eq!(older.len(), 1, "{engine}");
        }
    }
}
