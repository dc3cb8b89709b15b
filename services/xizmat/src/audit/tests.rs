//! Chains on both engines, and what a checkpoint sees that a chain alone does not.

use bus::keys::Key;
use kernel::{SeededRandom, Time};
use sql::{Database, args, audit::Act};

use super::*;

const NOW: Time = Time::from_seconds(1_790_000_000);

async fn acts(settings: &sql::Settings, count: u8) {
    let database = Database::open(settings, &[]).await.unwrap();
    for number in 0..count {
        let mut tx = database.begin().await.unwrap();
        let act = Act { time: NOW, act: "case.opened".into(), subject: vec![number; 16], ..Act::default() };
        sql::audit::append(&mut tx, &act).await.unwrap();
        tx.commit().await.unwrap();
    }
    database.close().await;
}

/// As whoever owns the schema could: the last act goes, and the head with it.
async fn cut(settings: &sql::Settings) {
    let database = Database::open(&testkit::owned(settings), &[]).await.unwrap();
    let mut tx = database.begin().await.unwrap();
    let on = if settings.file.is_some() { "" } else { " ON audit" };
    tx.execute(sql::AssertSqlSafe(format!("DROP TRIGGER IF EXISTS audit_no_delete{on}")), args![]).await.unwrap();
    tx.execute("DELETE FROM audit WHERE sequence = (SELECT MAX(sequence) FROM audit)", args![]).await.unwrap();
    let end = "UPDATE audit_head SET last = (SELECT MAX(sequence) FROM audit),
                   hash = (SELECT hash FROM audit ORDER BY sequence DESC LIMIT 1)";
    tx.execute(end, args![]).await.unwrap();
    tx.commit().await.unwrap();
    database.close().await;
}

fn signing(folder: &std::path::Path, name: &str) -> bus::Settings {
    let key = Key::generate(&SeededRandom::new(1));
    let (key_file, trusted_keys_file) = (folder.join(format!("{name}.key")), folder.join(format!("{name}.json")));
    std::fs::write(&key_file, key.to_text()).unwrap();
    let known = vec![key.trusted(controller::ROLE, Time::from_seconds(0), None)];
    std::fs::write(&trusted_keys_file, serde_json::to_vec(&known).unwrap()).unwrap();
    bus::Settings { key_file, trusted_keys_file, ..bus::Settings::default() }
}

#[tokio::test]
async fn a_checkpoint_sees_that_an_end_was_cut_off_and_that_a_chain_is_gone() {
    for (engine, database) in testkit::stores() {
        acts(&database, 3).await;
        let mut settings = Settings::default();
        settings.docket.database = database.clone();
        settings.operator.bus = signing(testkit::folder(), engine);
        let before = chains::read(&settings, None, None).await.unwrap();
        assert_eq!((before.len(), before[0].proof.acts), (1, 3), "{engine}");
        let file = testkit::folder().join(format!("checkpoint-{engine}.json"));
        std::fs::write(&file, Checkpoint::of(&before, NOW).sealed(&settings.operator.bus).unwrap()).unwrap();
        let earlier = checkpoint::read(&file, &settings.operator.bus).unwrap();
        acts(&database, 1).await;
        let grown = chains::read(&settings, None, Some(&earlier)).await.unwrap();
        assert!(unbroken(&grown).is_ok(), "{engine}: more acts came");
        cut(&database).await;
        assert!(unbroken(&chains::read(&settings, None, Some(&earlier)).await.unwrap()).is_ok(), "{engine}");
        cut(&database).await;
        assert!(unbroken(&chains::read(&settings, None, None).await.unwrap()).is_ok(), "{engine}: alone it holds");
        let broken = chains::read(&settings, None, Some(&earlier)).await.unwrap();
        assert_eq!(unbroken(&broken).unwrap_err().code, "audit.broken", "{engine}");
        assert!(line(&broken[0]).contains("cut off"), "{engine}: {}", line(&broken[0]));
        settings.docket.database = sql::Settings::default();
        let gone = chains::read(&settings, None, Some(&earlier)).await.unwrap();
        assert!(line(&gone[0]).contains("no such chain"), "{engine}");
    }
}

#[tokio::test]
async fn a_checkpoint_is_believed_only_unchanged() {
    let bus = signing(testkit::folder(), "unchanged");
    let file = testkit::folder().join("unchanged-checkpoint.json");
    let settings = sql::Settings::file(testkit::folder().join("unchanged.sqlite"));
    acts(&settings, 2).await;
    let mut all = Settings::default();
    all.docket.database = settings;
    let chains = chains::read(&all, None, None).await.unwrap();
    let kept = Checkpoint::of(&chains, NOW).sealed(&bus).unwrap();
    std::fs::write(&file, &kept).unwrap();
    assert!(checkpoint::read(&file, &bus).is_ok());
    std::fs::write(&file, kept.replace("\"acts\": 2", "\"acts\": 1")).unwrap();
    assert_eq!(checkpoint::read(&file, &bus).unwrap_err().code, "audit.checkpoint");
}

#[tokio::test]
async fn two_databases_of_one_name_are_not_taken_for_one_chain() {
    let folder = testkit::folder();
    let file = |part: &str| {
        std::fs::create_dir_all(folder.join(part)).unwrap();
        sql::Settings::file(folder.join(part).join("same.sqlite"))
    };
    let (one, other) = (file("one"), file("other"));
    acts(&one, 2).await;
    acts(&other, 3).await;
    let mut settings = Settings::default();
    settings.docket.database = one.clone();
    settings.payments.database = one;
    let chains = chains::read(&settings, None, None).await.unwrap();
    assert_eq!(chains.len(), 1, "the same one, named twice");
    settings.payments.database = other;
    let refused = chains::read(&settings, None, None).await.map(|chains| chains.len());
    assert_eq!(refused.unwrap_err().code, "audit.same-name");
}
