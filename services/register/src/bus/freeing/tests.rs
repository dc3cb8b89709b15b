//! From the wish to its end, on both engines.

use ::bus::Assurance;
use kernel::{CommandId, PersonId};
use process::revision::canonical_json;
use serde_json::json;
use sql::{Database, args};

use super::*;
use crate::domain::publication::{HEAD, LAWYER};

fn resource(publication: &str) -> Vec<u8> {
    let agency = json!({
        "apiVersion": api::API_VERSION, "kind": "Agency", "metadata": {"name": "justice"},
        "spec": {"title": {"en": "Ministry of Justice"}, "publication": publication},
    });
    canonical_json(&agency).unwrap()
}

fn person(number: u8) -> Person {
    let id = PersonId::from_bytes([number; 16]);
    Person {
        id,
        actor: id,
        mandate: None,
        assurance: Assurance::Substantial,
        authenticated: Time::default(),
        command_id: CommandId::from_bytes([number; 16]),
        officer: true,
    }
}

/// As the operator publishes the agency's resource: whose agreement it waits for.
async fn published(tx: &mut Tx, publication: &str, second: i64) -> Vec<&'static str> {
    let (new, now) = (resource(publication), Time::from_seconds(second));
    let agency: Agency = serde_json::from_slice(&new).unwrap();
    let before = store::agency(tx, "justice").await.unwrap();
    let missing = asked(tx, (before.as_deref(), &agency), "operator", now).await.unwrap();
    store::put_agency(tx, "justice", &new, now).await.unwrap();
    missing
}

async fn agrees(tx: &mut Tx, number: u8, held: &[&'static str], second: i64) -> Result<Vec<&'static str>, Failure> {
    agreed(tx, "justice", (&person(number), held), Time::from_seconds(second)).await
}

/// How many agreements are missing as an officer reads it, and as what they would agree.
async fn shown(tx: &mut Tx, number: u8, held: &[&'static str]) -> Option<(usize, String)> {
    let freeing = told(tx, "justice", (&person(number), held)).await.unwrap()?;
    Some((freeing.missing.len(), freeing.role))
}

async fn counts(tx: &mut Tx) -> Publication {
    let kept = store::agency(tx, "justice").await.unwrap().unwrap();
    in_force(tx, serde_json::from_slice(&kept).unwrap()).await.unwrap().spec.publication
}

/// Acts are written with the transaction's end.
async fn acts(database: &Database) -> Vec<String> {
    let mut tx = database.read().await.unwrap();
    let rows = tx.fetch_all("SELECT act FROM audit ORDER BY sequence", args![]).await.unwrap();
    rows.iter().map(|row| row.text(0).unwrap()).collect()
}

#[tokio::test]
async fn an_agency_publishes_nothing_unapproved_until_its_lawyer_and_its_head_have_agreed_that_it_may() {
    for (engine, database) in testkit::databases(store::MIGRATIONS).await {
        let mut tx = database.begin().await.unwrap();
        assert!(published(&mut tx, "approved", 1).await.is_empty(), "{engine}");
        assert_eq!(published(&mut tx, "free", 2).await, [LAWYER, HEAD], "{engine}");
        assert_eq!(counts(&mut tx).await, Publication::Approved, "{engine}: its resource alone changes nothing");
        assert_eq!(published(&mut tx, "free", 3).await, [LAWYER, HEAD], "{engine}: nor does saying it twice");
        assert_eq!(shown(&mut tx, 1, &[LAWYER]).await, Some((2, LAWYER.to_owned())), "{engine}");
        for second in [4, 5] {
            assert_eq!(agrees(&mut tx, 1, &[LAWYER], second).await.unwrap(), [HEAD], "{engine}");
        }
        assert_eq!(shown(&mut tx, 1, &[LAWYER]).await, Some((1, String::new())), "{engine}: they have");
        assert_eq!(shown(&mut tx, 2, &[HEAD]).await, Some((1, HEAD.to_owned())), "{engine}");
        assert_eq!(published(&mut tx, "free", 6).await, [HEAD], "{engine}");
        assert_eq!(counts(&mut tx).await, Publication::Approved, "{engine}: one is not two");
        assert!(agrees(&mut tx, 2, &[HEAD], 7).await.unwrap().is_empty(), "{engine}");
        assert_eq!(counts(&mut tx).await, Publication::Free, "{engine}");
        assert_eq!(shown(&mut tx, 2, &[HEAD]).await, None, "{engine}: nothing is asked any more");
        assert!(published(&mut tx, "free", 8).await.is_empty(), "{engine}: it stays so");
        assert_eq!(agrees(&mut tx, 3, &[HEAD], 9).await.unwrap_err().code, "publication.unknown", "{engine}");
        tx.commit().await.unwrap();
        let expected = [
            "publication.freeing-asked",
            "publication.freeing-agreed",
            "publication.freeing-agreed",
            "publication.freed",
        ];
        assert_eq!(acts(&database).await, expected, "{engine}");
    }
}

#[tokio::test]
async fn who_agreed_to_a_wish_that_was_taken_back_did_not_agree_to_the_next_one() {
    for (engine, database) in testkit::databases(store::MIGRATIONS).await {
        let mut tx = database.begin().await.unwrap();
        published(&mut tx, "approved", 1).await;
        published(&mut tx, "free", 2).await;
        agrees(&mut tx, 1, &[LAWYER], 3).await.unwrap();
        assert!(published(&mut tx, "approved", 4).await.is_empty(), "{engine}");
        assert_eq!(agrees(&mut tx, 2, &[HEAD], 5).await.unwrap_err().code, "publication.unknown", "{engine}");
        assert_eq!(published(&mut tx, "free", 6).await, [LAWYER, HEAD], "{engine}");
        assert_eq!(agrees(&mut tx, 2, &[HEAD], 7).await.unwrap(), [LAWYER], "{engine}");
        assert_eq!(counts(&mut tx).await, Publication::Approved, "{engine}");
    }
}

#[tokio::test]
async fn one_person_with_both_roles_agrees_once_and_whoever_never_needed_approval_asks_nobody() {
    for (engine, database) in testkit::databases(store::MIGRATIONS).await {
        let mut tx = database.begin().await.unwrap();
        assert!(published(&mut tx, "free", 1).await.is_empty(), "{engine}");
        assert_eq!(counts(&mut tx).await, Publication::Free, "{engine}");
        published(&mut tx, "approved", 2).await;
        published(&mut tx, "free", 3).await;
        for second in [4, 5] {
            assert_eq!(agrees(&mut tx, 1, &[LAWYER, HEAD], second).await.unwrap(), [HEAD], "{engine}");
        }
        assert_eq!(agrees(&mut tx, 2, &[], 6).await.unwrap_err().code, "publication.unknown", "{engine}: no role");
        // Another lawyer: whoever has both roles is the head then.
        assert_eq!(agrees(&mut tx, 2, &[LAWYER], 7).await.unwrap(), [HEAD], "{engine}");
        assert!(agrees(&mut tx, 1, &[LAWYER, HEAD], 8).await.unwrap().is_empty(), "{engine}");
        assert_eq!(counts(&mut tx).await, Publication::Free, "{engine}");
    }
}
