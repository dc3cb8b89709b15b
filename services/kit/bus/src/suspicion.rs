//! An assertion that does not fit is somebody's attempt to act as another person: it leaves an audit row where it was refused.

use std::{sync::Mutex, time::Duration};

use async_nats::HeaderMap;
use kernel::{Failure, Hash};
use sql::{Database, audit};
use tokio::time::Instant;

use crate::{Bus, assertion, header, subject};

/// More rows in a minute say nothing more; the log has every refusal.
const ROWS_MAX: u32 = 60;
const WINDOW: Duration = Duration::from_secs(60);

pub struct Suspicions {
    database: Database,
    written: Mutex<(Instant, u32)>,
}

impl Suspicions {
    pub fn new(database: Database) -> Self {
        Self { database, written: Mutex::new((Instant::now(), 0)) }
    }

    /// Records the refusal of a request whose sender was verified, if it was refused for its assertion.
    pub async fn record(&self, bus: &Bus, subject: &str, headers: &HeaderMap, refused: &Failure) {
        if refused.code != assertion::REFUSED || !self.has_room() {
            return;
        }
        let Some(parsed) = subject::parse_request(subject) else { return };
        let presented = Hash::of(header::text(headers, header::ASSERTION).as_bytes());
        let act = audit::Act {
            time: bus.now(),
            service_actor: Some(parsed.caller.to_owned()),
            act: "assertion.refused".into(),
            subject: presented.to_vec(),
            agency: parsed.agency.to_owned(),
            detail: serde_json::json!({"operation": parsed.operation, "why": refused.detail}).to_string(),
            ..audit::Act::default()
        };
        if let Err(error) = self.write(&act).await {
            tracing::error!(%error, "a refused assertion could not be recorded");
        }
    }

    async fn write(&self, act: &audit::Act) -> Result<(), sql::Error> {
        let mut tx = self.database.begin().await?;
        audit::append(&mut tx, act).await?;
        tx.commit().await
    }

    fn has_room(&self) -> bool {
        let mut written = self.written.lock().expect("no holder of this lock panics");
        if written.0.elapsed() >= WINDOW {
            *written = (Instant::now(), 0);
        }
        written.1 += 1;
        written.1 <= ROWS_MAX
    }
}
