//! The one place that reads the system's clock and randomness.

use std::{sync::atomic::AtomicI64, sync::atomic::Ordering, time::Duration};

use kernel::{BoxFuture, Clock, Random, Time};

/// The system's civil time, shifted by a whole amount for rehearsals on a trial platform.
#[derive(Default)]
pub struct SystemClock {
    shift_us: std::sync::Arc<AtomicI64>,
}

impl SystemClock {
    pub fn shifted(by: Duration) -> Self {
        let clock = Self::default();
        clock.shift(by);
        clock
    }

    /// Moves civil time forward; monotonic timers of transports are not touched.
    pub fn shift(&self, by: Duration) {
        self.shift_us.fetch_add(i64::try_from(by.as_micros()).unwrap_or(i64::MAX), Ordering::SeqCst);
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
