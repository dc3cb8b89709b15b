//! What a journey leaves in the databases, read beside the running platform: a case that has ended leaves nothing open.

mod everywhere;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    time::Duration,
};

use kernel::CaseId;
use sqlx::{Connection, PgConnection, SqliteConnection, sqlite::SqliteConnectOptions};

use crate::{patience::Patience, platform::Platform};

const POLL: Duration = Duration::from_millis(300);
pub const SERVICES: [&str; 9] =
    ["docket", "eservice", "exchange", "identity", "notifications", "payments", "portal", "register", "signing"];

pub struct Traces {
    data: PathBuf,
}

impl Traces {
    pub fn of(platform: &Platform) -> Self {
        Self { data: platform.data() }
    }

    async fn open(&self, service: &str) -> SqliteConnection {
        let file = self.data.join(format!("db/{service}.sqlite"));
        let options = SqliteConnectOptions::new().filename(&file).read_only(true).busy_timeout(Duration::from_secs(10));
        SqliteConnection::connect_with(&options).await.unwrap_or_else(|error| panic!("{}: {error}", file.display()))
    }

    /// A platform in a cluster may keep it on PostgreSQL: then a file says where, in the place of the database's own.
    async fn server(&self, service: &str) -> Option<PgConnection> {
        let url = std::fs::read_to_string(self.data.join(format!("db/{service}.url"))).ok()?;
        let connected = PgConnection::connect(url.trim()).await;
        Some(connected.unwrap_or_else(|error| panic!("{service}: {error}")))
    }

    /// One number about a case, which the statement calls `$1`.
    pub async fn count(&self, service: &str, case: CaseId, sql: &'static str) -> i64 {
        let id = case.as_bytes().to_vec();
        let found = match self.server(service).await {
            Some(mut server) => sqlx::query_scalar(sql).bind(id).fetch_one(&mut server).await,
            None => sqlx::query_scalar(sql).bind(id).fetch_one(&mut self.open(service).await).await,
        };
        found.unwrap_or_else(|error| panic!("{service}: {sql}: {error}"))
    }

    /// One number about everybody.
    pub async fn total(&self, service: &str, sql: &'static str) -> i64 {
        let found = match self.server(service).await {
            Some(mut server) => sqlx::query_scalar(sql).fetch_one(&mut server).await,
            None => sqlx::query_scalar(sql).fetch_one(&mut self.open(service).await).await,
        };
        found.unwrap_or_else(|error| panic!("{service}: {sql}: {error}"))
    }

    /// All values of one column of text about a case.
    pub async fn texts(&self, service: &str, case: CaseId, sql: &'static str) -> Vec<String> {
        let id = case.as_bytes().to_vec();
        let found = match self.server(service).await {
            Some(mut server) => sqlx::query_scalar(sql).bind(id).fetch_all(&mut server).await,
            None => sqlx::query_scalar(sql).bind(id).fetch_all(&mut self.open(service).await).await,
        };
        found.unwrap_or_else(|error| panic!("{service}: {sql}: {error}"))
    }

    /// Waits until the values of a column of text about a case are these.
    pub async fn until_texts(&self, service: &str, case: CaseId, sql: &'static str, expected: &[&str]) {
        let mut patience = Patience::default();
        while self.texts(service, case, sql).await != expected && patience.lasts_while(self.moved().await) {
            tokio::time::sleep(POLL).await;
        }
        assert_eq!(self.texts(service, case, sql).await, expected, "{case}");
    }

    /// Changes with everything that happens to any case: others are told of it.
    pub async fn moved(&self) -> i64 {
        let mut moved = 0;
        for service in SERVICES {
            moved += self.total(service, "SELECT coalesce(max(last), 0) FROM outbox_head").await;
        }
        moved
    }

    /// Every application that was sent.
    pub async fn sent(&self) -> Vec<CaseId> {
        let mut connection = self.open("eservice").await;
        let found =
            sqlx::query_scalar("SELECT case_id FROM cases WHERE phase <> 'draft'").fetch_all(&mut connection).await;
        let ids: Vec<Vec<u8>> = found.expect("cases can be read");
        ids.into_iter().map(|id| CaseId::from_bytes(id.try_into().expect("sixteen bytes"))).collect()
    }

    /// Which revision a case runs on.
    pub async fn revision(&self, case: CaseId) -> String {
        let found = self.texts("eservice", case, "SELECT hex(revision) FROM cases WHERE case_id = $1").await;
        found.into_iter().next().unwrap_or_else(|| panic!("there is no {case}"))
    }

    /// To how many of a hundred people a revision is offered, as the host of its service knows.
    pub async fn share(&self, revision: &str) -> i64 {
        let mut connection = self.open("eservice").await;
        let select = "SELECT share FROM service_revisions WHERE hex(revision) = $1 AND admitted IS NOT NULL";
        let found = sqlx::query_scalar(select).bind(revision.to_uppercase()).fetch_optional(&mut connection).await;
        found.expect("revisions can be read").unwrap_or_default()
    }

    /// Phase of a case; none when it is unknown.
    pub async fn phase(&self, case: CaseId) -> Option<String> {
        self.texts("eservice", case, "SELECT phase FROM cases WHERE case_id = $1").await.pop()
    }

    /// How a case ended, as the docket knows it; empty before its end.
    pub async fn outcome(&self, case: CaseId) -> String {
        let told = self.texts("docket", case, "SELECT outcome FROM entries WHERE case_id = $1").await.pop();
        told.unwrap_or_default()
    }

    /// Acts on a case, as a service recorded them.
    pub async fn acts(&self, service: &str, case: CaseId) -> Vec<String> {
        self.texts(service, case, "SELECT act FROM audit WHERE subject = $1 ORDER BY sequence").await
    }

    /// Credits minus debits of each account that a case moved money on.
    pub async fn balances(&self, case: CaseId) -> BTreeMap<String, i64> {
        let moved = "SELECT debit, credit, posting.amount FROM posting JOIN intent ON intent.intent = posting.intent WHERE case_id = $1";
        let id = case.as_bytes().to_vec();
        let found = match self.server("payments").await {
            Some(mut server) => sqlx::query_as(moved).bind(id).fetch_all(&mut server).await,
            None => sqlx::query_as(moved).bind(id).fetch_all(&mut self.open("payments").await).await,
        };
        let rows: Vec<(String, String, i64)> = found.expect("postings can be read");
        let mut accounts: BTreeMap<String, i64> = BTreeMap::new();
        for (debit, credit, amount) in rows {
            *accounts.entry(debit).or_default() -= amount;
            *accounts.entry(credit).or_default() += amount;
        }
        accounts.retain(|_, balance| *balance != 0);
        accounts
    }

    /// Waits until the money of a case stands as it should: what agencies keep, owed by the provider.
    pub async fn money_is(&self, case: CaseId, kept: &[(&str, i64)]) {
        let total: i64 = kept.iter().map(|(_, amount)| amount).sum();
        let mut expected: BTreeMap<String, i64> =
            kept.iter().map(|(agency, amount)| (format!("agency:{agency}"), *amount)).collect();
        if total > 0 {
            expected.insert("provider-clearing:payme".into(), -total);
        }
        let mut patience = Patience::default();
        while self.balances(case).await != expected && patience.lasts_while(self.moved().await) {
            tokio::time::sleep(POLL).await;
        }
        assert_eq!(self.balances(case).await, expected, "{case}");
    }

    /// The case has ended like this, everything that followed from it has been done, and everybody knows.
    pub async fn nothing_is_left(&self, case: CaseId, outcome: &str) {
        let mut patience = Patience::default();
        loop {
            let left = self.left(case, outcome).await;
            if left.is_empty() {
                return;
            }
            assert!(patience.lasts_while(self.moved().await), "{case} leaves {left:#?}");
            tokio::time::sleep(POLL).await;
        }
    }

    async fn left(&self, case: CaseId, outcome: &str) -> Vec<String> {
        let mut left = Vec::new();
        for (service, what, sql) in [
            (
                "eservice",
                "a case that has not ended",
                "SELECT count(*) FROM cases WHERE case_id = $1 AND phase <> 'ended'",
            ),
            ("eservice", "an open action", "SELECT count(*) FROM case_actions WHERE case_id = $1 AND state <> 'done'"),
            ("eservice", "a timer", "SELECT count(*) FROM case_timers WHERE case_id = $1"),
            ("eservice", "an open task", "SELECT count(*) FROM case_tasks WHERE case_id = $1 AND closed IS NULL"),
            ("docket", "a task in the queue", "SELECT count(*) FROM tasks WHERE case_id = $1"),
            ("payments", "an open intent", "SELECT count(*) FROM intent WHERE case_id = $1 AND state = 'open'"),
            (
                "payments",
                "a refund under way",
                "SELECT count(*) FROM refund JOIN intent USING (intent) WHERE case_id = $1 AND refund.state <> 'settled'",
            ),
            (
                "notifications",
                "a message under way",
                "SELECT count(*) FROM delivery JOIN message USING (message) WHERE case_id = $1 AND delivery.next_us > 0 AND delivery.state = 'queued'",
            ),
        ] {
            let found = self.count(service, case, sql).await;
            if found > 0 {
                left.push(format!("{service}: {what} ({found})"));
            }
        }
        for service in SERVICES {
            let waiting =
                self.count(service, case, "SELECT count(*) FROM outbox WHERE case_id = $1 AND sequence IS NULL").await;
            if waiting > 0 {
                left.push(format!("{service}: {waiting} in the outbox"));
            }
        }
        let told = self.texts("docket", case, "SELECT outcome FROM entries WHERE case_id = $1").await;
        if told != [outcome] {
            left.push(format!("docket: {told:?} instead of {outcome}"));
        }
        left
    }
}

/// A file of a journey's own.
pub fn file(folder: &Path, name: &str, content: &[u8]) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, content).expect("the folder can be written");
    path
}
