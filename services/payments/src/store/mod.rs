//! Where payments keeps its truth: intents, attempts, refunds, the insert-only ledger and what providers said.

pub mod answers;
pub mod attempts;
pub mod books;
pub mod callbacks;
pub mod closings;
pub mod endings;
pub mod findings;
pub mod found;
pub mod instructions;
pub mod intents;
pub mod ledger;
pub mod parties;
pub mod payouts;
pub mod receipts;
pub mod refunds;
pub mod refused;
pub mod restored;
pub mod strangers;
pub mod suspense;
pub mod tills;

use kernel::Time;

use crate::domain::provider::Stop;

pub const MIGRATIONS: sql::Migrations = &[
    sql::Migration {
        postgres_only: include_str!("migrations/0001_intents.postgres.sql"),
        ..sql::Migration::new(1, "intents", include_str!("migrations/0001_intents.sql"))
    },
    sql::Migration::new(2, "stranger", include_str!("migrations/0002_stranger.sql")),
    sql::Migration {
        postgres_only: include_str!("migrations/0003_append_only.postgres.sql"),
        append_only: &[
            sql::AppendOnly::new("posting"),
            sql::AppendOnly::new("callback"),
            sql::AppendOnly::new("provider_answer"),
        ],
        ..sql::Migration::new(3, "append_only", "")
    },
    sql::Migration {
        append_only: &[sql::AppendOnly::new("payout")],
        ..sql::Migration::new(4, "payout", include_str!("migrations/0004_payout.sql"))
    },
    sql::Migration::new(5, "representative", include_str!("migrations/0005_representative.sql")),
    sql::Migration::new(6, "restored", include_str!("migrations/0006_restored.sql")),
    sql::Migration::new(7, "suspense", include_str!("migrations/0007_suspense.sql")),
    sql::Migration {
        append_only: &[
            sql::AppendOnly::new("instruction").erasable("note", instructions::ERASES),
            sql::AppendOnly::new("instruction_verdict"),
        ],
        ..sql::Migration::new(8, "instruction", include_str!("migrations/0008_instruction.sql"))
    },
    sql::Migration {
        postgres_only: include_str!("migrations/0009_closing.postgres.sql"),
        append_only: &[sql::AppendOnly::new("closed_day"), sql::AppendOnly::new("closed_account")],
        ..sql::Migration::new(9, "closing", include_str!("migrations/0009_closing.sql"))
    },
    sql::Migration::new(10, "search", include_str!("migrations/0010_search.sql")),
    sql::Migration {
        append_only: &[sql::AppendOnly::new("receipt")],
        ..sql::Migration::new(11, "receipt", include_str!("migrations/0011_receipt.sql"))
    },
    sql::Migration::new(12, "party", include_str!("migrations/0012_party.sql")),
    sql::Migration::new(13, "lapse", include_str!("migrations/0013_lapse.sql")),
    sql::Migration {
        append_only: &[sql::AppendOnly::new("cash_deposit")],
        ..sql::Migration::new(14, "till", include_str!("migrations/0014_till.sql"))
    },
    sql::Migration {
        append_only: &[sql::AppendOnly::new("shift_count")],
        ..sql::Migration::new(15, "shift_count", include_str!("migrations/0015_shift_count.sql"))
    },
    sql::Migration::new(16, "refused_refund", include_str!("migrations/0016_refused_refund.sql")),
];

impl From<sql::Error> for Stop {
    fn from(error: sql::Error) -> Self {
        Self::Failed(error.into())
    }
}

/// Times that did not happen are stored as 0: the epoch is in nobody's payment.
fn stored(time: Option<Time>) -> i64 {
    time.map_or(0, Time::micros)
}

fn read_time(micros: i64) -> Option<Time> {
    (micros != 0).then(|| Time::from_micros(micros))
}
