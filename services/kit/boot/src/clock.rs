//! The one place that reads the system's clock and randomness.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc, Weak,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use kernel::{BoxFuture, Clock, Failure, Random, Time};

/// How often a rehearsal's shift is read again.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// The system's civil time, shifted by a whole amount for rehearsals on a trial platform.
#[derive(Default)]
pub struct SystemClock {
    shift_us: Arc<AtomicI64>,
}

impl SystemClock {
    pub fn shifted(by: Duration) -> Self {
        let clock = Self::default();
        clock.shift(by);
        clock
    }

    /// Civil time as far ahead as this file says, in whole seconds; without the file, the time it is. Every process of
    /// one rehearsal follows the same file.
    pub fn following(file: PathBuf) -> Result<Self, Failure> {
        let clock = Self::default();
        follow_once(&file, &clock.shift_us);
        let shift = Arc::downgrade(&clock.shift_us);
        // A thread of its own: a busy runtime must not keep two processes from agreeing on the time.
        std::thread::Builder::new().name("rehearsal-clock".into()).spawn(move || follow(&file, &shift)).map_err(
            |error| Failure::internal("boot.clock", "The rehearsal's clock did not start.").with_detail(error),
        )?;
        Ok(clock)
    }

    /// Moves civil time forward; monotonic timers of transports are not touched.
    pub fn shift(&self, by: Duration) {
        self.shift_us.fetch_add(i64::try_from(by.as_micros()).unwrap_or(i64::MAX), Ordering::SeqCst);
    }
}

fn follow(file: &Path, shift_us: &Weak<AtomicI64>) {
    while let Some(shift_us) = shift_us.upgrade() {
        follow_once(file, &shift_us);
        drop(shift_us);
        std::thread::sleep(LOOK_EVERY);
    }
}

/// A file that is half written or not there changes nothing.
fn follow_once(file: &Path, shift_us: &AtomicI64) {
    let seconds = std::fs::read_to_string(file).ok().and_then(|text| text.strip_suffix('\n')?.parse::<i64>().ok());
    if let Some(micros) = seconds.and_then(|seconds| seconds.checked_mul(1_000_000)) {
        shift_us.store(micros, Ordering::SeqCst);
    }
}

#[expect(clippy::disallowed_methods, reason = "this is where civil time enters the house")]
fn system_now(shift_us: &AtomicI64) -> Time {
    let since_epoch = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    let micros = i64::try_from(since_epoch.as_micros()).unwrap_or(i64::MAX);
    Time::from_micros(micros.saturating_add(shift_us.load(Ordering::SeqCst)))
}

impl Clock for SystemClock {
    fn now(&self) -> Time {
        system_now(&self.shift_us)
    }

    fn sleep_until(&self, at: Time) -> BoxFuture<'static, ()> {
        let shift = self.shift_us.clone();
        Box::pin(async move {
            // Short naps: civil time may be shifted, set or corrected while we sleep.
            const NAP: Duration = Duration::from_millis(500);
            loop {
                let left = at.since(system_now(&shift));
                if left.is_zero() {
                    return;
                }
                tokio::time::sleep(left.min(NAP)).await;
            }
        })
    }
}

/// The operating system's randomness.
pub struct OsRandom;

impl Random for OsRandom {
    #[expect(clippy::disallowed_methods, reason = "this is where randomness enters the house")]
    fn fill(&self, buffer: &mut [u8]) {
        getrandom::fill(buffer).expect("the operating system gives randomness; without it nothing may go on");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rehearsals_clock_follows_its_file_and_ignores_one_that_is_half_written() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("clock-shift");
        let real = SystemClock::default();
        let day = Duration::from_secs(86_400);
        std::fs::write(&file, "86400\n").unwrap();
        let clock = SystemClock::following(file.clone()).unwrap();
        assert!(clock.now().since(real.now()) > day / 2, "the first reading counts at once");
        let shift = &clock.shift_us;
        std::fs::write(&file, "2592").unwrap();
        follow_once(&file, shift);
        assert_eq!(shift.load(Ordering::SeqCst), 86_400_000_000);
        std::fs::write(&file, "259200\n").unwrap();
        follow_once(&file, shift);
        assert_eq!(shift.load(Ordering::SeqCst), 259_200_000_000);
    }
}
