//! Copies of a running platform's databases, each of its own moment, and what the platform says once they were put back.

use std::{collections::BTreeMap, path::PathBuf, time::Instant};

use kernel::CaseId;
use serde_json::Value;
use sqlx::{Connection, SqliteConnection, sqlite::SqliteConnectOptions};

use crate::{platform::Platform, terminal};

pub struct Backup {
    folder: PathBuf,
    services: Vec<&'static str>,
}

impl Backup {
    pub fn in_folder(platform: &Platform, name: &str) -> Self {
        let folder = platform.folder.path().join(name);
        std::fs::create_dir_all(&folder).expect("the folder can be written");
        Self { folder, services: Vec::new() }
    }

    /// A copy of these services' databases as they are now, one after the other.
    pub async fn copy(&mut self, platform: &Platform, services: &[&'static str]) {
        for service in services {
            let options = SqliteConnectOptions::new().filename(platform.data().join(format!("db/{service}.sqlite")));
            let mut connection = SqliteConnection::connect_with(&options).await.expect("the database can be read");
            let copy = self.folder.join(format!("{service}.sqlite"));
            let sql = sqlx::AssertSqlSafe(format!("VACUUM INTO '{}'", copy.display()));
            sqlx::query(sql).execute(&mut connection).await.unwrap_or_else(|error| panic!("{service}: {error}"));
            self.services.push(service);
        }
    }

    /// Takes the databases of a platform that has stopped away and puts the copies in their place. What the bus kept goes, too.
    pub fn put_back(&self, platform: &Platform) {
        for service in &self.services {
            for rest in ["", "-wal", "-shm"] {
                let file = platform.data().join(format!("db/{service}.sqlite{rest}"));
                if file.exists() {
                    std::fs::remove_file(&file).expect("it is ours");
                }
            }
            let (copy, place) = (format!("{service}.sqlite"), platform.data().join(format!("db/{service}.sqlite")));
            std::fs::copy(self.folder.join(copy), place).expect("the folder can be written");
        }
    }
}

/// What `xizmat recovery check` lists, by case; under no case what is about whole databases.
pub async fn disagreements(platform: &Platform) -> Disagreements {
    listed(&terminal::as_administrator(platform, &["recovery", "check", "--json"], "").await)
}

pub type Disagreements = BTreeMap<Option<CaseId>, Vec<String>>;

/// The same of what the command said elsewhere.
pub fn listed(told: &str) -> Disagreements {
    let mut found = Disagreements::new();
    for line in told.lines() {
        let one: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {told}"));
        if let Some(code) = one["code"].as_str() {
            let case = one["case"].as_str().and_then(|case| case.parse().ok());
            found.entry(case).or_default().push(code.to_owned());
        } else {
            assert_eq!(one["state"], "recovering", "{told}");
        }
    }
    found
}

/// Exactly what others remember of these cases where the e-services' copy is the oldest: of one that was a draft then, one that
/// was not paid, one that was not decided, and one that was not there.
pub fn lost_by_the_e_services(mut found: Disagreements, [draft, unpaid, waiting, lost]: [CaseId; 4]) {
    let readers = found.remove(&None).unwrap_or_default();
    // The docket and payments for certain; others, if they have read the log since.
    assert!(readers.len() >= 2, "{readers:?}");
    assert!(readers.iter().all(|code| code == "recovery.consumer-ahead"), "{readers:?}");
    let of = |codes: &[&str]| codes.iter().map(|code| format!("recovery.{code}")).collect::<Vec<_>>();
    assert_eq!(found.remove(&Some(draft)), Some(of(&["case-ahead", "payment-unknown"])));
    assert_eq!(found.remove(&Some(unpaid)), Some(of(&["case-ahead", "payment-untold"])));
    let issued = of(&["case-ahead", "ending-unknown", "document-unknown"]);
    assert_eq!(found.remove(&Some(waiting)), Some(issued));
    assert_eq!(found.remove(&Some(lost)), Some(of(&["case-lost", "payment-without-case"])));
    assert!(found.is_empty(), "{found:?}");
}

/// Ends the recovery and starts to serve again; how long people were turned away is printed.
pub async fn end(platform: &mut Platform, name: &str, since: Instant) {
    let told = terminal::as_administrator(platform, &["recovery", "end", name], "").await;
    assert!(told.contains(&format!("The recovery {name} has ended")), "{told}");
    assert!(platform.stop().await.success(), "{}", platform.log());
    platform.start_again().await;
    println!("RTO: {:.1} s from the stop to the first page, restoring included", since.elapsed().as_secs_f64());
}
