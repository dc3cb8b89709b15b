//! Hashes passwords in a pool of fixed size: sign-ins never take all memory, and what does not fit is told to come back.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use kernel::{Failure, Personal};
use tokio::sync::Semaphore;

use crate::domain::password::Hasher;

#[derive(Clone)]
pub struct Passwords {
    hasher: Arc<Hasher>,
    workers: Arc<Semaphore>,
    /// Workers and those who wait for one.
    places: Arc<Semaphore>,
    hashes: Arc<AtomicU64>,
}

impl Passwords {
    pub fn new(hasher: Hasher, workers: usize, queue: usize) -> Self {
        Self {
            hasher: Arc::new(hasher),
            workers: Arc::new(Semaphore::new(workers)),
            places: Arc::new(Semaphore::new(workers + queue)),
            hashes: Arc::new(AtomicU64::new(0)),
        }
    }

    /// Costs one hash for every account, known or not.
    pub async fn verify(&self, password: Personal<String>, stored: Option<String>) -> Result<bool, Failure> {
        self.run(move |hasher| hasher.verify(password.reveal().as_bytes(), stored.as_deref())).await
    }

    pub async fn hash(&self, password: Personal<String>, salt: [u8; 16]) -> Result<String, Failure> {
        self.run(move |hasher| hasher.hash(password.reveal().as_bytes(), salt)).await?
    }

    /// How many hashes were computed since the start.
    #[cfg(test)]
    pub fn count(&self) -> u64 {
        self.hashes.load(Ordering::Relaxed)
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce(&Hasher) -> T + Send + 'static) -> Result<T, Failure> {
        let busy = || {
            Failure::too_many(
                "identity.busy",
                "Too many people are signing in at this moment. Wait a little and try again.",
            )
        };
        let place = self.places.clone().try_acquire_owned().map_err(|_| busy())?;
        let worker = self.workers.clone().acquire_owned().await.map_err(|_| busy())?;
        let (hasher, hashes) = (self.hasher.clone(), self.hashes.clone());
        let task = tokio::task::spawn_blocking(move || {
            // Held until the work is done, also when the asker has gone.
            let _held = (place, worker);
            hashes.fetch_add(1, Ordering::Relaxed);
            work(&hasher)
        });
        task.await.map_err(|error| {
            Failure::internal("identity.password-hash", "The password could not be processed. Try again.")
                .with_detail(error)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::password::Cost;
    use kernel::SeededRandom;

    #[tokio::test]
    async fn a_full_pool_answers_too_many_and_recovers() {
        let cost = Cost { memory_kib: 8, passes: 1 };
        let hasher = Hasher::new([1; 32], cost, &SeededRandom::new(1)).unwrap();
        let pool = Passwords::new(hasher, 1, 1);
        let taken = pool.places.clone().acquire_many_owned(2).await.unwrap();
        let refused = pool.verify("x".to_owned().into(), None).await.unwrap_err();
        assert_eq!(refused.kind, kernel::ErrorKind::TooMany);
        drop(taken);
        assert!(!pool.verify("x".to_owned().into(), None).await.unwrap());
        assert_eq!(pool.count(), 1);
    }
}
