//! One platform for the journeys that leave each other alone: starting one costs seconds and memory.

use std::sync::{Arc, LazyLock, Weak};

use tokio::{runtime::Runtime, sync::Mutex};

use crate::platform::Platform;

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime")
});

/// Nobody owns it for good: it ends, and its folder goes, when the last journey that uses it has.
static SHARED: Mutex<Weak<Platform>> = Mutex::const_new(Weak::new());

/// Walks a journey. All of them run in one runtime, so that a connection made by one can be used by another.
pub fn walk<T>(journey: impl Future<Output = T>) -> T {
    RUNTIME.block_on(journey)
}

/// The platform that is running, or a new one.
pub async fn platform() -> Arc<Platform> {
    let mut shared = SHARED.lock().await;
    if let Some(platform) = shared.upgrade() {
        return platform;
    }
    let platform = Arc::new(Platform::start().await);
    *shared = Arc::downgrade(&platform);
    platform
}
