//! From a proposal to its publication, on both engines.

use ::bus::Assurance;
use kernel::{CommandId, PersonId};
use process::revision::{canonical_bytes, hash_of};
use serde_json::json;
use sql::{Database, args};

use super::*;
use crate::domain::publication::{HEAD, LAWYER};

fn admissible(title: &str) -> Admissible {
    let definition: ServiceDefinition = serde_json::from_value(json!({
        "apiVersion": api::API_VERSION, "kind": "ServiceDefinition",
        "metadata": {"name": "copy", "namespace": "justice"},
        "spec": {"title": {"en": title}, "agency": "justice", "level": "listed"},
    }))
    .unwrap();
    let canonical = canonical_bytes(&definition).unwrap();
    Admissible { revision: hash_of(&canonical), canonical, definition, unreviewed: Vec::new() }
}

fn officer(number: u8) -> Person {
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

fn at(second: i64) -> Time {
    Time::from_seconds(second)
}

/// Whether it waits, after the operator's look.
async fn waits(tx: &mut Tx, admissible: &Admissible, second: i64) -> Option<String> {
    let problems = hold(tx, admissible, "operator", at(second)).await.unwrap();
    problems.into_iter().next().map(|problem| problem.message)
}

async fn says(tx: &mut Tx, number: u8, role: &'static str, word: Word, second: i64) -> Result<Verdict, Failure> {
    let proposal = store::proposal(tx, "justice", "copy").await?.ok_or_else(unknown)?;
    speak(tx, &proposal, (&officer(number), &[role]), word, at(second)).await
}

/// Acts are written with the transaction's end.
async fn acts(database: &Database) -> Vec<String> {
    let mut tx = database.read().await.unwrap();
    let rows = tx.fetch_all("SELECT act FROM audit ORDER BY sequence", args![]).await.unwrap();
    rows.iter().map(|row| row.text(0).unwrap()).collect()
}

fn approved() -> Word {
    Word::Approve(vec![Hash::of(b"booklet")])
}

#[tokio::test]
async fn a_revision_waits_until_a_lawyer_and_a_head_have_approved_exactly_it() {
    for (engine, database) in testkit::databases(store::MIGRATIONS).await {
        let mut tx = database.begin().await.unwrap();
        let first = admissible("Copy");
        let told = waits(&mut tx, &first, 1).await.unwrap();
        assert!(told.ends_with("waits for the approval of a `lawyer` and a `head`"), "{engine}: {told}");
        let one = says(&mut tx, 1, LAWYER, approved(), 2).await.unwrap();
        assert_eq!((one.missing, one.returned), (vec![HEAD.to_owned()], false), "{engine}");
        assert!(waits(&mut tx, &first, 3).await.unwrap().ends_with("of a `head`"), "{engine}");
        says(&mut tx, 1, LAWYER, approved(), 4).await.unwrap();
        says(&mut tx, 2, HEAD, approved(), 5).await.unwrap();
        assert_eq!(waits(&mut tx, &first, 6).await, None, "{engine}");
        tx.commit().await.unwrap();
        let expected = ["revision.proposed", "revision.approved", "revision.approved"];
        assert_eq!(acts(&database).await, expected, "{engine}: a look or a word that changes nothing leaves nothing");
        let mut tx = database.begin().await.unwrap();
        // Another one takes its place, and what was said was said of the first.
        let second = admissible("Copy of a deed");
        assert!(waits(&mut tx, &second, 7).await.unwrap().contains("a `lawyer` and a `head`"), "{engine}");
        assert_eq!(store::proposals(&mut tx, "justice", 10).await.unwrap().len(), 1, "{engine}");
        assert_eq!(waits(&mut tx, &first, 8).await, None, "{engine}: the same bytes need no second approval");
        assert!(store::drop_proposal(&mut tx, "justice", "copy").await.unwrap(), "{engine}");
        assert!(store::proposals(&mut tx, "justice", 10).await.unwrap().is_empty(), "{engine}");
    }
}

#[tokio::test]
async fn two_lawyers_are_no_head_and_what_is_taken_back_was_never_said() {
    for (engine, database) in testkit::databases(store::MIGRATIONS).await {
        let mut tx = database.begin().await.unwrap();
        let revision = admissible("Copy");
        waits(&mut tx, &revision, 1).await;
        for number in [1, 2] {
            says(&mut tx, number, LAWYER, approved(), 2).await.unwrap();
        }
        assert!(waits(&mut tx, &revision, 3).await.unwrap().ends_with("of a `head`"), "{engine}");
        says(&mut tx, 3, HEAD, approved(), 4).await.unwrap();
        for number in [1, 2] {
            says(&mut tx, number, LAWYER, Word::Withdraw, 5).await.unwrap();
        }
        let told = waits(&mut tx, &revision, 6).await.unwrap();
        assert!(told.ends_with("of a `lawyer`"), "{engine}: {told}");
        says(&mut tx, 1, LAWYER, Word::Withdraw, 7).await.unwrap();
        tx.commit().await.unwrap();
        let withdrawn = acts(&database).await.into_iter().filter(|act| act == "approval.withdrawn").count();
        assert_eq!(withdrawn, 2, "{engine}: once for each");
    }
}

#[tokio::test]
async fn what_one_sends_back_is_not_published_whoever_else_approves_until_they_change_their_mind() {
    for (engine, database) in testkit::databases(store::MIGRATIONS).await {
        let mut tx = database.begin().await.unwrap();
        let revision = admissible("Copy");
        waits(&mut tx, &revision, 1).await;
        let back = says(&mut tx, 3, LAWYER, Word::Return("The fee has no law.".into()), 2).await.unwrap();
        assert!(back.returned, "{engine}");
        says(&mut tx, 1, LAWYER, approved(), 3).await.unwrap();
        says(&mut tx, 2, HEAD, approved(), 4).await.unwrap();
        let told = waits(&mut tx, &revision, 5).await.unwrap();
        assert!(told.ends_with("was sent back"), "{engine}: {told}");
        assert!(!told.contains("law."), "{engine}: what an officer writes does not reach a status");
        says(&mut tx, 3, LAWYER, approved(), 6).await.unwrap();
        assert_eq!(waits(&mut tx, &revision, 7).await, None, "{engine}");
    }
}

#[tokio::test]
async fn whoever_read_another_revision_or_asks_for_what_does_not_wait_is_told_so() {
    for (engine, database) in testkit::databases(store::MIGRATIONS).await {
        let mut tx = database.begin().await.unwrap();
        let (first, second) = (admissible("Copy"), admissible("Copy of a deed"));
        waits(&mut tx, &second, 1).await;
        let stale = found(&mut tx, ("justice", "copy"), first.revision.as_bytes()).await.unwrap_err();
        assert_eq!(stale.code, "publication.changed", "{engine}");
        for (agency, service) in [("health", "copy"), ("justice", "other")] {
            let none = found(&mut tx, (agency, service), second.revision.as_bytes()).await.unwrap_err();
            assert_eq!(none.code, "publication.unknown", "{engine}");
        }
        let proposal = found(&mut tx, ("justice", "copy"), second.revision.as_bytes()).await.unwrap();
        let nobody = speak(&mut tx, &proposal, (&officer(1), &[]), approved(), at(2)).await.unwrap_err();
        assert_eq!(nobody.code, "publication.unknown", "{engine}: no role, no word");
    }
}

#[tokio::test]
async fn nobody_is_asked_to_approve_texts_that_nobody_has_reviewed() {
    for (engine, database) in testkit::databases(store::MIGRATIONS).await {
        let mut tx = database.begin().await.unwrap();
        let text = json!({"uz": "A", "uz-Cyrl": "A", "kaa": "A", "ru": "A", "en": "A"});
        let law = json!({"title": text, "uri": "https://lex.uz/docs/1"});
        let definition = json!({
            "apiVersion": api::API_VERSION, "kind": "ServiceDefinition",
            "metadata": {"name": "copy", "namespace": "justice"},
            "spec": {"title": text, "summary": text, "agency": "justice", "level": "listed", "legalBasis": [law]},
        });
        let judged = |publication: &str| {
            let agency: Agency = serde_json::from_value(json!({
                "apiVersion": api::API_VERSION, "kind": "Agency", "metadata": {"name": "justice"},
                "spec": {"title": text, "publication": publication},
            }))
            .unwrap();
            crate::domain::admission::judge(definition.to_string().as_bytes(), &agency, false, &NoTemplates)
        };
        let demanded = judged("approved").unwrap();
        let told = hold(&mut tx, &demanded, "operator", at(1)).await.unwrap();
        assert_eq!(told.iter().map(|one| one.code.as_str()).collect::<Vec<_>>(), ["text.not-reviewed"], "{engine}");
        assert_eq!(store::proposal(&mut tx, "justice", "copy").await.unwrap(), None, "{engine}");
        assert!(judged("free").unwrap().unreviewed.is_empty(), "{engine}: of another agency it is nothing");
    }
}

/// Of a service that is only listed none is compiled.
struct NoTemplates;

impl process::check::TemplateChecker for NoTemplates {
    fn check(&self, _: &str, _: &serde_json::Value) -> Result<(), Vec<process::check::TemplateProblem>> {
        Ok(())
    }

    fn read(&self, template: &str, inputs: &serde_json::Value) -> Result<Option<String>, String> {
        Ok(Some(format!("<p>{template} {}</p>", inputs["language"])))
    }
}

#[tokio::test]
async fn the_booklets_hash_is_the_one_that_the_authors_desk_prints() {
    let Admissible { mut definition, .. } = admissible("Copy");
    let document = json!({"name": "copy", "template": "= Copy", "seal": "justice"});
    definition.spec.documents = vec![serde_json::from_value(document).unwrap()];
    let canonical = canonical_bytes(&definition).unwrap();
    let revision = hash_of(&canonical);
    let proposal = Proposal {
        agency: "justice".into(),
        service: "copy".into(),
        revision,
        definition: canonical,
        proposed: Time::default(),
    };
    let agency: Agency = serde_json::from_value(json!({
        "apiVersion": api::API_VERSION, "kind": "Agency", "metadata": {"name": "justice"},
        "spec": {"title": {"en": "Ministry of Justice"}},
    }))
    .unwrap();
    let letters = Arc::new(Letters::new(Arc::new(NoTemplates)));
    let written = booklets(&letters, &proposal, agency.clone(), Language::ALL.to_vec()).await.unwrap();
    assert_eq!(written.len(), publication::BOOKLETS_MAX);
    for (language, file) in written {
        let desk = ::booklet::write(&definition, Some(&agency), language, &NoTemplates).unwrap();
        assert!(desk.contains("<p>= Copy "), "with its letter");
        assert_eq!(Hash::of(&file), Hash::of(desk.as_bytes()), "{}", language.tag());
    }
}
