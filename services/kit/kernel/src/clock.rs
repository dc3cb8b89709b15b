//! Civil time as an argument, so that law, deadlines and expiries can be tested on a shifted clock.

use std::{
    future::Future,
    pin::Pin,
    sync::Mutex,
    task::{Poll, Waker},
    time::Duration,
};

use crate::Time;

pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Civil time: what the law and every expiry that we check ourselves goes by.
pub trait Clock: Send + Sync {
    fn now(&self) -> Time;

    /// Returns once `now() >= at`.
    fn sleep_until(&self, at: Time) -> BoxFuture<'static, ()>;
}

/// A clock that only moves when a test moves it.
pub struct ManualClock {
    state: std::sync::Arc<Mutex<ManualState>>,
}

struct ManualState {
    now: Time,
    sleepers: Vec<Waker>,
}

impl ManualClock {
    pub fn at(now: Time) -> Self {
        let state = ManualState { now, sleepers: Vec::new() };
        Self { state: std::sync::Arc::new(Mutex::new(state)) }
    }

    pub fn advance(&self, by: Duration) {
        let now = self.now();
        self.set(now.plus(by));
    }

    pub fn set(&self, now: Time) {
        let mut state = self.state.lock().expect("no holder of this lock panics");
        state.now = now;
        for waker in state.sleepers.drain(..) {
            waker.wake();
        }
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Time {
        self.state.lock().expect("no holder of this lock panics").now
    }

    fn sleep_until(&self, at: Time) -> BoxFuture<'static, ()> {
        let state = self.state.clone();
        Box::pin(std::future::poll_fn(move |context| {
            let mut state = state.lock().expect("no holder of this lock panics");
            if state.now >= at {
                return Poll::Ready(());
            }
            state.sleepers.push(context.waker().clone());
            Poll::Pending
        }))
    }
}
