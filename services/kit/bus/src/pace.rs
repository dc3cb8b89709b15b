//! When a consumer looks without being told: after a quiet minute, and sooner at logs that could not be read.

use std::{pin::Pin, time::Duration};

use tokio::time::{Instant, Sleep};

use crate::Log;

pub const QUIET: Duration = Duration::from_secs(60);
/// How soon a log is read again that could not be read now, while others are followed.
const LATER: Duration = Duration::from_secs(5);

/// Why every log is read again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Woken {
    /// Nothing was heard for a while.
    ByQuiet,
    /// The connection was made anew, and what passed meanwhile was not heard.
    ByConnection,
}

pub struct Pace {
    pub quiet: Pin<Box<Sleep>>,
    quiet_for: Duration,
    /// Logs that could not be read, and when they are tried again.
    pub waiting: Vec<Log>,
    pub later: tokio::time::Interval,
}

impl Pace {
    pub fn new(quiet_for: Duration, waiting: Vec<Log>) -> Self {
        let mut later = tokio::time::interval_at(Instant::now() + LATER, LATER);
        later.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        Self { quiet: Box::pin(tokio::time::sleep(quiet_for)), quiet_for, waiting, later }
    }

    pub fn heard(&mut self) {
        self.quiet.as_mut().reset(Instant::now() + self.quiet_for);
    }
}

/// The logs to try again, once it is time; never while there are none.
pub async fn later(interval: &mut tokio::time::Interval, waiting: &mut Vec<Log>) -> Vec<Log> {
    loop {
        interval.tick().await;
        if !waiting.is_empty() {
            return std::mem::take(waiting);
        }
    }
}
