//! Whatever ends between printing a number and committing it, and whoever is faster: numbers have no gap and no twin.

use kernel::{DocumentId, Hash, SeededRandom, Time, bytes};
use sql::{Action, Database, answers};

use super::{MIGRATIONS, documents, numbers, tests::document};

const NOW: Time = Time::from_seconds(1_790_000_000);
const ACTIONS: u8 = 5;
/// Orders of what happens; each is another one.
const SEEDS: u64 = 8;
const YEARS: [i16; 2] = [2026, 2027];
const PATTERN: &str = "{agency}-{year}-{n}";

/// A process of signing at work on one action. Each action is asked for by two of them, as a repeated message is.
#[derive(Clone, Copy)]
struct Worker {
    action: u8,
    at: At,
}

#[derive(Clone, Copy, PartialEq)]
enum At {
    Idle,
    /// The document bears this number, but nobody has it.
    Printed(i64),
    Done,
}

/// Before which part of the transaction the process ends.
#[derive(Clone, Copy, PartialEq)]
enum Ends {
    BeforeDocument,
    BeforeAnswer,
    BeforeCommit,
    Never,
}

impl Worker {
    fn year(&self) -> i16 {
        YEARS[usize::from(self.action) % YEARS.len()]
    }

    async fn go_on(&mut self, database: &Database, random: &SeededRandom) {
        let dice = bytes::<1>(random)[0];
        self.at = match self.at {
            At::Idle => {
                let mut tx = database.read().await.unwrap();
                At::Printed(numbers::next(&mut tx, "justice", self.year(), PATTERN).await.unwrap())
            }
            // It ended while it rendered or sealed.
            At::Printed(_) if dice.is_multiple_of(4) => At::Idle,
            At::Printed(n) => {
                let ends = match dice % 8 {
                    1 => Ends::BeforeDocument,
                    2 => Ends::BeforeAnswer,
                    3 => Ends::BeforeCommit,
                    _ => Ends::Never,
                };
                self.keep(database, n, ends).await
            }
            At::Done => At::Done,
        };
    }

    /// The transaction of `bus::issue`, in its order.
    async fn keep(&self, database: &Database, n: i64, ends: Ends) -> At {
        let (id, request) = ([self.action; 32], Hash::of(b"request"));
        let action = Action::of_service("justice", "copy", &id);
        let mut tx = database.begin().await.unwrap();
        if answers::recall(&mut tx, action, &request).await.unwrap().is_some() {
            return At::Done;
        }
        if !numbers::take(&mut tx, "justice", self.year(), PATTERN, n).await.unwrap() || ends == Ends::BeforeDocument {
            return At::Idle;
        }
        let year = self.year();
        let stored = documents::Stored {
            id: DocumentId::derived(Hash::of_parts(&[&year.to_be_bytes(), &n.to_be_bytes()])),
            number: format!("justice-{year}-{n}"),
            hash: Hash::of_parts(&[&[self.action], &n.to_be_bytes()]),
            ..document(self.action, self.action)
        };
        documents::add(&mut tx, &stored).await.unwrap();
        if ends == Ends::BeforeAnswer {
            return At::Idle;
        }
        answers::keep(&mut tx, action, &request, stored.number.as_bytes(), NOW).await.unwrap();
        if ends == Ends::BeforeCommit {
            return At::Idle;
        }
        tx.commit().await.unwrap();
        At::Done
    }
}

async fn given(database: &Database) -> Vec<String> {
    let mut tx = database.read().await.unwrap();
    let rows = tx.fetch_all("SELECT number FROM documents ORDER BY number", sql::args![]).await.unwrap();
    rows.iter().map(|row| row.text(0).unwrap()).collect()
}

#[tokio::test]
async fn whatever_ends_in_between_every_action_gets_one_number_and_none_is_left_out() {
    let numbered = |year: i16, actions: i64| (1..=actions).map(move |n| format!("justice-{year}-{n}"));
    let even = i64::from(ACTIONS.div_ceil(2));
    let expected: Vec<String> = numbered(2026, even).chain(numbered(2027, i64::from(ACTIONS) - even)).collect();
    for seed in 0..SEEDS {
        for (engine, database) in testkit::databases(MIGRATIONS).await {
            let random = SeededRandom::new(seed);
            let mut workers: Vec<Worker> =
                (0..ACTIONS).chain(0..ACTIONS).map(|action| Worker { action, at: At::Idle }).collect();
            while workers.iter().any(|worker| worker.at != At::Done) {
                let next = usize::from(bytes::<1>(&random)[0]) % workers.len();
                workers[next].go_on(&database, &random).await;
            }
            assert_eq!(given(&database).await, expected, "{engine}, seed {seed}");
        }
    }
}
