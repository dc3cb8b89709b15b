//! How long a test waits for what comes by itself: as long as anything moves. On a busy machine everything takes its time, and
//! how much of it is no test's business; only where nothing happens any more nothing will.

use std::time::{Duration, Instant};

const STILL: Duration = Duration::from_secs(120);

pub struct Patience {
    seen: i64,
    since: Instant,
}

impl Default for Patience {
    fn default() -> Self {
        Self { seen: 0, since: Instant::now() }
    }
}

impl Patience {
    /// For what nobody sees moving.
    pub fn lasts(&self) -> bool {
        self.since.elapsed() < STILL
    }

    /// `moved`: a number that changes with everything that happens.
    pub fn lasts_while(&mut self, moved: i64) -> bool {
        if moved != self.seen {
            (self.seen, self.since) = (moved, Instant::now());
        }
        self.lasts()
    }
}
