//! What all cases left together: everything acknowledged is there, nothing happened twice, and nobody waits for news.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use kernel::Time;
use proto::permissions::EVENTS;

use super::{SERVICES, Traces};
use crate::patience::Patience;

impl Traces {
    /// No effect of any action happened twice.
    pub async fn nothing_twice(&self) {
        for (service, what, sql) in [
            (
                "eservice",
                "a number given to two cases",
                "SELECT count(*) - count(DISTINCT agency || number) FROM cases WHERE number IS NOT NULL",
            ),
            ("payments", "a second intent for a case", "SELECT count(*) - count(DISTINCT case_id) FROM intent"),
            (
                "payments",
                "a second capture of an intent",
                "SELECT count(*) FROM (SELECT intent FROM posting WHERE kind = 'captured' GROUP BY intent, credit HAVING count(*) > 1) AS twice",
            ),
            (
                "payments",
                "a second paid attempt of an intent",
                "SELECT count(*) - count(DISTINCT intent) FROM attempt WHERE state = 'paid'",
            ),
            (
                "payments",
                "a capture of another amount",
                "SELECT count(*) FROM (SELECT intent.amount AS owed, (SELECT sum(amount) FROM posting WHERE posting.intent = intent.intent AND kind = 'captured') AS taken FROM intent WHERE captured_us > 0) AS captured WHERE owed <> taken",
            ),
            ("payments", "money in suspense", "SELECT count(*) FROM posting WHERE kind = 'captured-late'"),
            ("payments", "something the reconciler found", "SELECT count(*) FROM finding"),
            (
                "signing",
                "a second document of a kind for a case",
                "SELECT count(*) FROM (SELECT case_id FROM documents GROUP BY case_id, kind HAVING count(*) > 1) AS twice",
            ),
            (
                "signing",
                "a sealed document that is not recorded",
                "SELECT count(*) FROM documents WHERE hash NOT IN (SELECT hash FROM sealed)",
            ),
            (
                "notifications",
                "a second message of a kind for a case",
                "SELECT count(*) FROM (SELECT case_id FROM message GROUP BY case_id, notification HAVING count(*) > 1) AS twice",
            ),
        ] {
            let found = self.total(service, sql).await;
            assert_eq!(found, 0, "{service}: {what}");
        }
        self.ledger_balances().await;
    }

    /// Every account's debits and credits, together, are zero; the provider owes what the agencies are owed.
    async fn ledger_balances(&self) {
        let moved = "SELECT debit, credit, amount FROM posting";
        let found = match self.server("payments").await {
            Some(mut server) => sqlx::query_as(moved).fetch_all(&mut server).await,
            None => sqlx::query_as(moved).fetch_all(&mut self.open("payments").await).await,
        };
        let rows: Vec<(String, String, i64)> = found.expect("postings can be read");
        let mut accounts: BTreeMap<String, i64> = BTreeMap::new();
        for (debit, credit, amount) in rows {
            *accounts.entry(debit).or_default() += amount;
            *accounts.entry(credit).or_default() -= amount;
        }
        assert_eq!(accounts.values().sum::<i64>(), 0, "{accounts:?}");
        let paid = "SELECT CAST(coalesce(sum(amount), 0) AS BIGINT) FROM attempt WHERE state = 'paid'";
        let taken = self.total("payments", paid).await;
        let clearing = accounts.get("provider-clearing:payme").copied().unwrap_or_default();
        assert_eq!(clearing, taken, "what the provider took is what it owes: {accounts:?}");
    }

    /// Credits minus debits of one account.
    pub async fn balance(&self, account: &str) -> i64 {
        let select = "SELECT coalesce(sum(CASE WHEN credit = $1 THEN amount ELSE -amount END), 0) FROM posting \
                      WHERE credit = $1 OR debit = $1";
        let row = sqlx::query_scalar(select).bind(account);
        row.fetch_one(&mut self.open("payments").await).await.expect("postings can be read")
    }

    /// Agency, role and office of whatever waits in a queue.
    pub async fn queued(&self) -> BTreeSet<(String, String, String)> {
        let rows = sqlx::query_as("SELECT DISTINCT agency, role, office FROM tasks");
        let found: Vec<(String, String, String)> =
            rows.fetch_all(&mut self.open("docket").await).await.expect("tasks can be read");
        found.into_iter().collect()
    }

    /// How much somebody did in cases within this time, by the record of acts.
    pub async fn acts_of(&self, person: &[u8], from: Time, until: Time) -> i64 {
        let select = "SELECT count(*) FROM audit WHERE actor = $1 AND time >= $2 AND time < $3";
        let row = sqlx::query_scalar(select).bind(person).bind(from.micros()).bind(until.micros());
        row.fetch_one(&mut self.open("eservice").await).await.expect("acts can be read")
    }

    /// How many actions and timers of cases should have been done by this moment.
    pub async fn due(&self, by: Time) -> i64 {
        let select = "SELECT (SELECT count(*) FROM case_actions WHERE state <> 'done' AND next_due <= $1) \
                      + (SELECT count(*) FROM case_timers WHERE due <= $1)";
        let row = sqlx::query_scalar(select).bind(by.micros());
        row.fetch_one(&mut self.open("eservice").await).await.expect("actions and timers can be read")
    }

    /// Every message left its outbox, and every consumer has taken all of what it follows.
    pub async fn outboxes_drain(&self) {
        let mut patience = Patience::default();
        loop {
            let waiting = self.waiting().await;
            if waiting.is_empty() {
                return;
            }
            assert!(patience.lasts_while(self.moved().await), "events still wait: {waiting:?}");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    async fn waiting(&self) -> Vec<String> {
        let mut waiting = Vec::new();
        for service in SERVICES {
            let unnumbered = self.total(service, "SELECT count(*) FROM outbox WHERE sequence IS NULL").await;
            if unnumbered > 0 {
                waiting.push(format!("{service}: {unnumbered} without a number"));
            }
        }
        for (producer, _, consumers) in EVENTS {
            let last = self.total(producer, "SELECT coalesce(max(last), 0) FROM outbox_head").await;
            for consumer in consumers.iter().filter(|consumer| SERVICES.contains(consumer)) {
                // The log of an agency's own host bears its name; nobody else hosts here then.
                let own =
                    "SELECT coalesce(max(sequence), 0) FROM cursors WHERE producer = $1 OR producer LIKE $1 || '/%'";
                let found = match self.server(consumer).await {
                    Some(mut server) => sqlx::query_scalar(own).bind(*producer).fetch_one(&mut server).await,
                    None => sqlx::query_scalar(own).bind(*producer).fetch_one(&mut self.open(consumer).await).await,
                };
                let reached: i64 = found.expect("cursors can be read");
                // What is not for this consumer may still lie between its last event and the log's end.
                if reached < last && self.concerns(producer, consumer, reached).await {
                    waiting.push(format!("{consumer} follows {producer}: {reached} of {last}"));
                }
            }
        }
        waiting
    }

    async fn concerns(&self, producer: &str, consumer: &str, after: i64) -> bool {
        let later = "SELECT DISTINCT name FROM outbox WHERE sequence > $1";
        let found = match self.server(producer).await {
            Some(mut server) => sqlx::query_scalar(later).bind(after).fetch_all(&mut server).await,
            None => sqlx::query_scalar(later).bind(after).fetch_all(&mut self.open(producer).await).await,
        };
        let names: Vec<String> = found.expect("outboxes can be read");
        names.iter().any(|name| {
            EVENTS
                .iter()
                .any(|(of, event, consumers)| *of == producer && event == name && consumers.contains(&consumer))
        })
    }
}
