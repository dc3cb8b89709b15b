//! What every service is handed when it starts, and the supervisor of its background work.

use std::{future::Future, path::PathBuf, sync::Arc, time::Duration};

use futures::FutureExt;
use kernel::{Clock, Failure, Random};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::Instrument;

use crate::{OsRandom, SystemClock};

/// Fixed at first start. An endpoint of the other stage is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, Default)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// Documents bear SPECIMEN, demo accounts exist, outside parties are their trial endpoints.
    #[default]
    Trial,
    Production,
}

impl Stage {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Trial => "trial",
            Self::Production => "production",
        }
    }
}

#[derive(Clone)]
pub struct Kit {
    pub clock: Arc<dyn Clock>,
    pub random: Arc<dyn Random>,
    pub shutdown: CancellationToken,
    pub stage: Stage,
    /// Whose work it is, for the log; empty before a service starts.
    pub role: &'static str,
    /// Its data was restored and its disagreements with the others are not settled yet: nothing happens by itself.
    pub recovering: bool,
    tasks: TaskTracker,
}

/// What a service gives back when it is ready.
#[derive(Default)]
pub struct Started {
    /// Routes relative to the prefix under which the service's HTTP edge is mounted.
    pub router: Option<axum::Router>,
}

impl Kit {
    pub fn new(clock: Arc<dyn Clock>, random: Arc<dyn Random>, stage: Stage) -> Self {
        Self {
            clock,
            random,
            shutdown: CancellationToken::new(),
            stage,
            role: "",
            recovering: false,
            tasks: TaskTracker::new(),
        }
    }

    pub fn system(stage: Stage) -> Self {
        Self::new(Arc::new(SystemClock::default()), Arc::new(OsRandom), stage)
    }

    /// Civil time follows a file, so that a trial can be led through days in a minute. Never in production.
    pub fn rehearsal(stage: Stage, clock_file: PathBuf) -> Result<Self, Failure> {
        if stage == Stage::Production {
            let message = "A production platform keeps real time: --rehearsal is for trials.";
            return Err(Failure::invalid("up.rehearsal-in-production", message));
        }
        Ok(Self::new(Arc::new(SystemClock::following(clock_file)?), Arc::new(OsRandom), stage))
    }

    /// A kit whose tasks can be stopped and waited for on their own, in the order services depend on each other.
    pub fn child(&self) -> Self {
        Self { shutdown: self.shutdown.child_token(), tasks: TaskTracker::new(), ..self.clone() }
    }

    /// The same kit in the hands of a service.
    pub fn of(&self, role: &'static str) -> Self {
        Self { role, ..self.clone() }
    }

    /// The same kit over data that is being recovered, or not.
    pub fn over(&self, recovering: bool) -> Self {
        Self { recovering, ..self.clone() }
    }

    /// Runs a loop for as long as the service lives: an error or a panic restarts it after a pause, nothing else stops. Not over
    /// data that is being recovered: no timer fires and nothing leaves.
    pub fn spawn<F, T>(&self, name: &'static str, work: F)
    where
        F: FnMut() -> T + Send + 'static,
        T: Future<Output = Result<(), Failure>> + Send + 'static,
    {
        if self.recovering {
            tracing::debug!(task = name, "waits for the end of the recovery");
            return;
        }
        self.spawn_always(name, work);
    }

    /// Like [`Self::spawn`], for what the recovery itself stands on.
    pub fn spawn_always<F, T>(&self, name: &'static str, mut work: F)
    where
        F: FnMut() -> T + Send + 'static,
        T: Future<Output = Result<(), Failure>> + Send + 'static,
    {
        let shutdown = self.shutdown.clone();
        let work = async move {
            let mut pause = Duration::from_millis(100);
            while !shutdown.is_cancelled() {
                let outcome = std::panic::AssertUnwindSafe(work()).catch_unwind().await;
                match outcome {
                    Ok(Ok(())) => return,
                    Ok(Err(failure)) => {
                        tracing::warn!(task = name, code = %failure.code, ?failure, "task failed; it starts again")
                    }
                    Err(_) => tracing::error!(task = name, "task panicked; it starts again"),
                }
                tokio::select! {
                    () = tokio::time::sleep(pause) => pause = (pause * 2).min(Duration::from_secs(10)),
                    () = shutdown.cancelled() => return,
                }
            }
        };
        // At the level of errors, so that no filter for lines takes their role away.
        self.tasks.spawn(work.instrument(tracing::error_span!("task", role = self.role, task = name)));
    }

    /// Tells everything to stop and waits until it has, at most `limit`.
    pub async fn stop(&self, limit: Duration) -> bool {
        self.shutdown.cancel();
        self.tasks.close();
        tokio::time::timeout(limit, self.tasks.wait()).await.is_ok()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[tokio::test]
    async fn over_data_that_is_being_recovered_nothing_happens_by_itself() {
        let kit = Kit::system(Stage::Trial).of("test").over(true);
        let runs = Arc::new(AtomicU32::new(0));
        let [by_itself, always] = std::array::from_fn(|_| runs.clone());
        kit.spawn("timers", move || {
            by_itself.fetch_add(1, Ordering::SeqCst);
            std::future::ready(Ok(()))
        });
        kit.spawn_always("accounts", move || {
            always.fetch_add(10, Ordering::SeqCst);
            std::future::ready(Ok(()))
        });
        while runs.load(Ordering::SeqCst) < 10 {
            tokio::task::yield_now().await;
        }
        assert!(kit.stop(Duration::from_secs(1)).await);
        assert_eq!(runs.load(Ordering::SeqCst), 10);
    }

    #[tokio::test(start_paused = true)]
    async fn a_task_that_panics_starts_again_and_stops_at_shutdown() {
        let kit = Kit::system(Stage::Trial);
        let runs = Arc::new(AtomicU32::new(0));
        let (counter, shutdown) = (runs.clone(), kit.shutdown.clone());
        kit.spawn("test", move || {
            let (counter, shutdown) = (counter.clone(), shutdown.clone());
            async move {
                match counter.fetch_add(1, Ordering::SeqCst) {
                    0 => panic!("on purpose"),
                    1 => Err(Failure::unavailable("test.down", "Down.")),
                    _ => {
                        shutdown.cancelled().await;
                        Ok(())
                    }
                }
            }
        });
        tokio::time::sleep(Duration::from_secs(2)).await;
        assert_eq!(runs.load(Ordering::SeqCst), 3);
        assert!(kit.stop(Duration::from_secs(1)).await);
    }
}
