//! What an e-service host keeps: cases, their events, actions, timers, tasks and the revisions they run on.

pub mod actions;
pub mod cases;
pub mod claims;
pub mod commit;
pub mod endings;
pub mod events;
pub mod gauges;
pub mod glance;
pub mod laid_by;
pub mod load;
pub mod marks;
pub mod openings;
pub mod placements;
pub mod ratings;
pub mod recovery;
pub mod reissues;
pub mod retention;
pub mod revisions;
pub mod timers;
pub mod waits;

use sql::{AppendOnly, Migration, Migrations};

pub const MIGRATIONS: Migrations = &[
    Migration::new(1, "cases", include_str!("migrations/0001_cases.sql")),
    Migration::new(2, "retention", include_str!("migrations/0002_retention.sql")),
    Migration {
        postgres_only: include_str!("migrations/0003_hosted_services.postgres.sql"),
        append_only: &[AppendOnly::new("case_events")],
        ..Migration::new(3, "hosted_services", include_str!("migrations/0003_hosted_services.sql"))
    },
    Migration::new(4, "representatives", include_str!("migrations/0004_representatives.sql")),
    Migration {
        postgres_only: include_str!("migrations/0005_placement.postgres.sql"),
        ..Migration::new(5, "placement", include_str!("migrations/0005_placement.sql"))
    },
    Migration {
        postgres_only: include_str!("migrations/0006_events_laid_by.postgres.sql"),
        ..Migration::new(6, "events_laid_by", include_str!("migrations/0006_events_laid_by.sql"))
    },
    files::pieces::migration(7),
    Migration::new(8, "claims", include_str!("migrations/0008_claims.sql")),
    Migration::new(9, "starts", include_str!("migrations/0009_starts.sql")),
    Migration {
        postgres_only: include_str!("migrations/0010_experience.postgres.sql"),
        ..Migration::new(10, "experience", include_str!("migrations/0010_experience.sql"))
    },
    files::judged::migration(11),
    Migration::new(12, "paper", include_str!("migrations/0012_paper.sql")),
    Migration {
        postgres_only: include_str!("migrations/0013_reissues.postgres.sql"),
        ..Migration::new(13, "reissues", include_str!("migrations/0013_reissues.sql"))
    },
    Migration::new(15, "holds", include_str!("migrations/0015_holds.sql")),
    files::uploads::migration(16),
    Migration {
        postgres_only: include_str!("migrations/0017_stuck.postgres.sql"),
        ..Migration::new(17, "stuck", include_str!("migrations/0017_stuck.sql"))
    },
    Migration {
        postgres_only: include_str!("migrations/0018_event_places.postgres.sql"),
        ..Migration::new(18, "event_places", include_str!("migrations/0018_event_places.sql"))
    },
    Migration::new(19, "originals", include_str!("migrations/0019_originals.sql")),
    Migration::new(22, "awaits_identity", include_str!("migrations/0022_awaits_identity.sql")),
];

#[cfg(test)]
mod tests;
