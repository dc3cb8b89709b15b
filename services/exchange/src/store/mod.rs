//! The exchange's database: resources, grants with their approvals, accounts, and who asked about whom.

pub mod accounts;
pub mod agents;
pub mod data_use;
pub mod events;
pub mod grants;
pub mod held;
pub mod hosts;
pub mod resources;

use sql::{AppendOnly, Migration, Migrations};

pub const MIGRATIONS: Migrations = &[
    Migration::new(1, "exchange", include_str!("migrations/0001_exchange.sql")),
    Migration::new(2, "grants_needed", include_str!("migrations/0002_grants_needed.sql")),
    Migration::new(3, "data_use_by_case", include_str!("migrations/0003_data_use_by_case.sql")),
    Migration {
        append_only: &[AppendOnly::new("approvals"), AppendOnly::new("data_use").erasable("salt", data_use::ERASES)],
        ..Migration::new(4, "append_only", "")
    },
    Migration {
        append_only: &[AppendOnly::new("openings")],
        ..Migration::new(5, "openings", include_str!("migrations/0005_openings.sql"))
    },
    Migration::new(6, "represented", include_str!("migrations/0006_represented.sql")),
    Migration::new(7, "hosts", include_str!("migrations/0007_hosts.sql")),
    Migration::new(8, "agents", include_str!("migrations/0008_agents.sql")),
    Migration {
        append_only: &[AppendOnly::new("revocations")],
        ..Migration::new(9, "withdrawn", include_str!("migrations/0009_withdrawn.sql"))
    },
    Migration::new(10, "announced", include_str!("migrations/0010_announced.sql")),
    Migration::new(11, "held", include_str!("migrations/0011_held.sql")),
];

#[cfg(test)]
mod tests {
    use kernel::{Hash, Time, id::PersonId};
    use proto::eservice::v1::CaseHeld;

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
            let command = |number: u8| Hash::of(&[number]);
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
    async fn a_registry_that_is_withdrawn_is_asked_no_more_is_still_known_by_its_names_and_comes_back() {
        for (engine, database) in testkit::databases(MIGRATIONS).await {
            let mut tx = database.begin().await.unwrap();
            let registry = serde_json::json!({"apiVersion": "xizmat.dev/v1alpha1", "kind": "Registry",
                "metadata": {"name": "r"}, "spec": {"title": {"en": "Records"}, "agency": "archive", "operations": []}});
            let (body, place) = (registry.to_string().into_bytes(), (api::Kind::Registry, "archive", "r"));
            let (hash, at) = (Hash::of(&body), Time::from_seconds);
            assert!(grants::add(&mut tx, ("archive", "g"), Hash::of(b"one"), &spec(), at(1)).await.unwrap());
            assert!(resources::put(&mut tx, place, &body, hash, at(10)).await.unwrap());
            assert!(resources::withdraw(&mut tx, place, at(20)).await.unwrap());
            assert!(!resources::withdraw(&mut tx, place, at(21)).await.unwrap(), "{engine}: once");
            assert!(resources::registry(&mut tx, "archive", "r").await.unwrap().is_none(), "{engine}");
            assert!(resources::known_registry(&mut tx, "archive", "r").await.unwrap().is_some(), "{engine}");
            assert_eq!(resources::published(&mut tx, "archive", "r").await.unwrap(), Some(body.clone()), "{engine}");
            let told = grants::changed_since(&mut tx, at(20)).await.unwrap();
            let grant = ["archive", "g", "justice"].map(str::to_owned).into();
            assert_eq!(told, vec![grant], "{engine}: its grants are looked at");
            assert!(resources::put(&mut tx, place, &body, hash, at(30)).await.unwrap(), "{engine}: the same again");
            assert!(resources::registry(&mut tx, "archive", "r").await.unwrap().is_some(), "{engine}");
            assert_eq!(grants::changed_since(&mut tx, at(31)).await.unwrap(), [], "{engine}");
        }
    }

    #[tokio::test]
    async fn an_agency_that_ended_approves_nothing_and_its_account_takes_nobody_in_until_it_is_there_again() {
        for (engine, database) in testkit::databases(MIGRATIONS).await {
            let mut tx = database.begin().await.unwrap();
            let (body, place, now) = (agency(false), (api::Kind::Agency, "archive", "archive"), Time::from_seconds(1));
            let account = accounts::Account {
                agency: "archive".into(),
                public_key: "A".into(),
                signing_key: "S".into(),
                closed: false,
            };
            assert!(resources::put(&mut tx, place, &body, Hash::of(&body), now).await.unwrap());
            assert!(accounts::open(&mut tx, &account, now).await.unwrap());
            let hash = Hash::of(b"one");
            grants::add(&mut tx, ("archive", "g"), hash, &spec(), now).await.unwrap();
            grants::approve(&mut tx, hash, PersonId::from_bytes([1; 16]), Hash::of(b"command"), now).await.unwrap();
            assert!(grants::all(&mut tx).await.unwrap()[0].approved(), "{engine}");
            assert!(agents::admit(&mut tx, ("archive", "one"), "UA", now).await.unwrap());
            assert!(resources::withdraw(&mut tx, place, now).await.unwrap());
            accounts::close(&mut tx, "archive", now).await.unwrap();
            agents::end(&mut tx, "archive", now).await.unwrap();
            assert!(!grants::all(&mut tx).await.unwrap()[0].approved(), "{engine}");
            assert!(accounts::all(&mut tx).await.unwrap()[0].closed, "{engine}");
            assert_eq!(agents::ended(&mut tx).await.unwrap().len(), 1, "{engine}");
            assert!(accounts::open(&mut tx, &account, now).await.unwrap(), "{engine}: open again");
            assert!(!accounts::open(&mut tx, &account, now).await.unwrap(), "{engine}: nothing changes");
            assert_eq!(accounts::all(&mut tx).await.unwrap(), [account], "{engine}: under the same keys");
        }
    }

    #[tokio::test]
    async fn who_looked_and_who_approved_is_written_once_and_only_the_salt_goes() {
        for (engine, settings) in testkit::stores() {
            let database = sql::Database::open(&settings, MIGRATIONS).await.unwrap();
            let mut tx = database.begin().await.unwrap();
            let used = data_use::Use { case_id: vec![5; 16], ..data_use::Use::default() };
            data_use::record(&mut tx, &used, [7; 16], b"question", b"answer").await.unwrap();
            data_use::record_opening(&mut tx, &used, &data_use::Opened::default()).await.unwrap();
            let person = PersonId::from_bytes([1; 16]);
            let (hash, now) = (Hash::of(b"one"), Time::from_seconds(1));
            assert!(grants::approve(&mut tx, hash, person, Hash::of(b"command"), now).await.unwrap());
            assert!(grants::revoke(&mut tx, hash, person, Hash::of(b"another"), now).await.unwrap());
            tx.commit().await.unwrap();
            let tables =
                [("approvals", "time"), ("revocations", "time"), ("data_use", "outcome"), ("openings", "office")];
            testkit::are_written_once(&settings, MIGRATIONS, &tables).await;
            for more in ["salt = $1", "salt = $2, purpose = 'another'"] {
                let mut tx = database.begin().await.unwrap();
                let change =
                    sql::AssertSqlSafe(format!("UPDATE data_use SET {more} WHERE case_id <> $1 AND case_id <> $2"));
                assert!(
                    tx.execute(change, sql::args![[9_u8; 16], Vec::<u8>::new()]).await.is_err(),
                    "{engine}: {more}"
                );
            }
            let mut tx = database.begin().await.unwrap();
            data_use::erase(&mut tx, &[5; 16]).await.unwrap();
            tx.commit().await.unwrap();
        }
    }

    #[tokio::test]
    async fn what_an_older_release_kept_is_read_by_this_one() {
        let grant = serde_json::to_vec(&spec()).unwrap();
        let used = |purpose: &str| {
            format!(
                "INSERT INTO data_use (time, person, asking_agency, service, owner, registry, operation, purpose,
                     legal_basis, case_id, cause, outcome, code, fields, salt, commitment)
                 VALUES (1, $1, 'justice', 'copy', 'archive', 'r', 'o', '{purpose}', '', $1, $1, 'found', '', '', $1, $1)"
            )
        };
        let (said, granted) = (used("Checking the record"), used(r#"{"en": "Why"}"#));
        let rows: [(&str, &[&[u8]]); 3] = [
            (
                "INSERT INTO grants (agency, name, hash, spec, to_agency, published)
                 VALUES ('archive', 'g', $1, $2, 'justice', 1)",
                &[&[1; 32], &grant],
            ),
            (said.as_str(), &[&[1; 16]]),
            (granted.as_str(), &[&[1; 16]]),
        ];
        for (engine, _, database) in testkit::expanded(MIGRATIONS, 1, &rows).await {
            let mut tx = database.read().await.unwrap();
            let all = grants::all(&mut tx).await.unwrap();
            assert!(all.len() == 1 && !all[0].approved(), "{engine}");
            let used = data_use::of_person(&mut tx, PersonId::from_bytes([1; 16]), i64::MAX, 10).await.unwrap();
            let [(_, granted), (_, said)] = used.as_slice() else { panic!("{engine}: {used:?}") };
            assert_eq!((said.purpose.plain().as_str(), said.purpose.text()), ("Checking the record", None), "{engine}");
            assert_eq!(
                granted.purpose.text().unwrap().by_language["en"],
                "Why",
                "{engine}: the grant's, in every language"
            );
            assert_eq!(granted.purpose.plain(), "", "{engine}");
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

    #[tokio::test]
    async fn an_officers_opening_stands_among_the_rows_once_and_outlives_the_case() {
        for (engine, database) in testkit::databases(MIGRATIONS).await {
            let mut tx = database.begin().await.unwrap();
            let person = PersonId::from_bytes([1; 16]);
            data_use::record(&mut tx, &data_use::Use { person: Some(person), ..Default::default() }, [0; 16], b"", b"")
                .await
                .unwrap();
            let opened = data_use::Opened {
                office: "nukus".into(),
                role: "registrar".into(),
                document: "certificate".into(),
                reasoned: true,
                searched: false,
            };
            let searched = data_use::Opened { document: String::new(), searched: true, ..opened.clone() };
            let used =
                data_use::Use { person: Some(person), case_id: vec![5; 16], cause: vec![6; 16], ..Default::default() };
            data_use::record_opening(&mut tx, &used, &opened).await.unwrap();
            data_use::record_opening(&mut tx, &used, &searched).await.unwrap();
            data_use::erase(&mut tx, &[5; 16]).await.unwrap();
            tx.commit().await.unwrap();
            let mut tx = database.read().await.unwrap();
            let rows = data_use::of_person(&mut tx, person, i64::MAX, 10).await.unwrap();
            let found: Vec<_> = rows.into_iter().map(|(_, used)| used.opened).collect();
            assert_eq!(found, [Some(searched), Some(opened), None], "{engine}: also whoever looked for them");
        }
    }

    #[tokio::test]
    async fn an_erased_case_leaves_who_looked_and_nothing_of_what_was_seen() {
        for (engine, database) in testkit::databases(MIGRATIONS).await {
            let mut tx = database.begin().await.unwrap();
            let person = PersonId::from_bytes([1; 16]);
            let request = Hash::of(b"request");
            for case in [5_u8, 6] {
                let used = data_use::Use {
                    person: Some(person),
                    asking_agency: "justice".into(),
                    service: "copy".into(),
                    case_id: vec![case; 16],
                    cause: vec![case; 32],
                    ..data_use::Use::default()
                };
                data_use::record(&mut tx, &used, [7; 16], b"question", b"answer").await.unwrap();
                let asked = sql::Action::of_service("justice", "copy", &used.cause);
                sql::answers::keep(&mut tx, asked, &request, b"answer", Time::default()).await.unwrap();
            }
            // Under the same id, asked by another agency.
            let foreign = sql::Action::of_service("health", "copy", &[5; 32]);
            sql::answers::keep(&mut tx, foreign, &request, b"answer", Time::default()).await.unwrap();
            data_use::erase(&mut tx, &[5; 16]).await.unwrap();
            assert_eq!(data_use::of_person(&mut tx, person, i64::MAX, 10).await.unwrap().len(), 2, "{engine}");
            let own = |id: &'static [u8; 32]| sql::Action::of_service("justice", "copy", id);
            assert!(sql::answers::recall(&mut tx, own(&[5; 32]), &request).await.is_err(), "{engine}");
            for kept in [own(&[6; 32]), foreign] {
                assert!(sql::answers::recall(&mut tx, kept, &request).await.unwrap().is_some(), "{engine}: {kept:?}");
            }
            let salts = tx.fetch_all("SELECT LENGTH(salt) FROM data_use ORDER BY id", sql::args![]).await.unwrap();
            let salts: Vec<i64> = salts.iter().map(|row| row.int(0).unwrap()).collect();
            assert_eq!(salts, [0, 16], "{engine}");
        }
    }

    #[tokio::test]
    async fn what_proves_a_question_ends_with_its_time_and_that_it_was_asked_stays() {
        for (engine, database) in testkit::databases(MIGRATIONS).await {
            let mut tx = database.begin().await.unwrap();
            let (person, request) = (PersonId::from_bytes([1; 16]), Hash::of(b"request"));
            for second in 1..=3_u8 {
                let used = data_use::Use {
                    time: Time::from_seconds(second.into()),
                    person: Some(person),
                    asking_agency: "justice".into(),
                    service: "copy".into(),
                    case_id: vec![second; 16],
                    cause: vec![second; 32],
                    ..data_use::Use::default()
                };
                if second == 2 {
                    data_use::record_opening(&mut tx, &used, &data_use::Opened::default()).await.unwrap();
                    continue;
                }
                data_use::record(&mut tx, &used, [7; 16], b"question", b"answer").await.unwrap();
                let asked = sql::Action::of_service("justice", "copy", &used.cause);
                sql::answers::keep(&mut tx, asked, &request, b"answer", Time::default()).await.unwrap();
            }
            let now = Time::from_seconds(9);
            let over = data_use::over(&mut tx, Time::from_seconds(1), now).await.unwrap();
            assert!(over.is_empty(), "{engine}: not yet");
            let over = data_use::over(&mut tx, Time::from_seconds(3), now).await.unwrap();
            assert_eq!(over.len(), 1, "{engine}: the opening proves nothing");
            data_use::end(&mut tx, &over).await.unwrap();
            let again = data_use::over(&mut tx, Time::from_seconds(3), now).await.unwrap();
            assert!(again.is_empty(), "{engine}: nothing is ended twice");
            let asked = |id: &'static [u8; 32]| sql::Action::of_service("justice", "copy", id);
            assert!(sql::answers::recall(&mut tx, asked(&[1; 32]), &request).await.is_err(), "{engine}");
            assert!(sql::answers::recall(&mut tx, asked(&[3; 32]), &request).await.unwrap().is_some(), "{engine}");
            assert_eq!(data_use::of_person(&mut tx, person, i64::MAX, 10).await.unwrap().len(), 3, "{engine}");
        }
    }

    #[tokio::test]
    async fn what_proves_the_questions_of_a_held_case_does_not_end_before_its_hold_does() {
        for (engine, database) in testkit::databases(MIGRATIONS).await {
            let mut tx = database.begin().await.unwrap();
            for case in 1..=4_u8 {
                let used = data_use::Use { case_id: vec![case; 16], cause: vec![case; 32], ..data_use::Use::default() };
                data_use::record(&mut tx, &used, [7; 16], b"question", b"answer").await.unwrap();
            }
            let told = |case: u8, stands: bool, until_us: i64| CaseHeld {
                case: Some(proto::CaseRef { case_id: vec![case; 16], ..proto::CaseRef::default() }),
                until_us,
                stands,
                ..CaseHeld::default()
            };
            let holds = [told(1, true, 0), told(2, true, 50), told(3, true, 0), told(3, false, 0)];
            for told in holds {
                held::hear(&mut tx, &told).await.unwrap();
            }
            let mut over = async |now: i64| {
                data_use::over(&mut tx, Time::from_micros(40), Time::from_micros(now)).await.unwrap().len()
            };
            assert_eq!(over(49).await, 2, "{engine}: one hold was ended, on one case there was none");
            assert_eq!(over(50).await, 3, "{engine}: one ended by itself");
            held::forget(&mut tx, &[1; 16]).await.unwrap();
            let all = data_use::over(&mut tx, Time::from_micros(40), Time::from_micros(50)).await.unwrap();
            assert_eq!(all.len(), 4, "{engine}: its case was erased");
        }
    }

    #[tokio::test]
    async fn the_principal_sees_what_was_asked_about_who_acts_for_them_and_not_the_other_way_round() {
        for (engine, database) in testkit::databases(MIGRATIONS).await {
            let mut tx = database.begin().await.unwrap();
            let (principal, representative) = (PersonId::from_bytes([1; 16]), PersonId::from_bytes([2; 16]));
            for (case, person) in [(5_u8, representative), (5, principal), (6, representative)] {
                let used = data_use::Use { person: Some(person), case_id: vec![case; 16], ..data_use::Use::default() };
                data_use::record(&mut tx, &used, [0; 16], b"question", b"answer").await.unwrap();
            }
            for _ in 0..2 {
                data_use::represent(&mut tx, &[5; 16], principal).await.unwrap();
            }
            let own = data_use::of_person(&mut tx, principal, i64::MAX, 10).await.unwrap();
            let about: Vec<_> = own.iter().map(|(_, used)| used.person).collect();
            assert_eq!(about, [Some(principal), Some(representative)], "{engine}: of this case only");
            let acting = data_use::of_person(&mut tx, representative, i64::MAX, 10).await.unwrap();
            assert!(acting.iter().all(|(_, used)| used.person == Some(representative)), "{engine}");
            assert_eq!(acting.len(), 2, "{engine}");
        }
    }
}
