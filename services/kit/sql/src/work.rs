//! When a process has something to do in its database: who rests is woken by it, and connections are held as long as it lasts.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

use tokio::sync::{Notify, watch};

pub(crate) struct Work {
    commits: watch::Sender<u64>,
    woken: Notify,
    opened: Instant,
    /// Milliseconds after `opened`.
    last_ms: AtomicU64,
    /// How long connections outlast the last work.
    idle: Duration,
}

impl Work {
    pub fn new(idle: Duration) -> Self {
        let (commits, woken) = (watch::Sender::new(0), Notify::new());
        Self { commits, woken, opened: Instant::now(), last_ms: AtomicU64::new(0), idle }
    }

    /// Something is being done.
    pub fn goes_on(&self) {
        let now_ms = u64::try_from(self.opened.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.last_ms.fetch_max(now_ms, Ordering::Relaxed);
    }

    /// A commit left something to be done.
    pub fn came(&self) {
        self.goes_on();
        self.commits.send_modify(|count| *count += 1);
    }

    pub fn commits(&self) -> watch::Receiver<u64> {
        self.commits.subscribe()
    }

    pub fn wake(&self) {
        self.woken.notify_one();
    }

    pub async fn woken(&self) {
        self.woken.notified().await;
    }

    /// How long connections are still held; nothing is left when there has been no work for long enough.
    pub fn connections_last(&self) -> Duration {
        let last = Duration::from_millis(self.last_ms.load(Ordering::Relaxed));
        (last + self.idle).saturating_sub(self.opened.elapsed())
    }

    pub fn idle(&self) -> Duration {
        self.idle
    }
}
