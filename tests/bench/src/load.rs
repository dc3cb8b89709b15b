//! Closed loops: as many askers as said, each asks again as soon as it was answered, until the time is over.

use std::{
    future::Future,
    thread,
    time::{Duration, Instant},
};

use tokio::task::JoinSet;

use crate::Outcome;

/// How often a second something is done by `askers` at the same time.
pub async fn closed<A, F, W>(askers: usize, lasting: Duration, mut asker: A) -> Outcome<f64>
where
    A: FnMut(usize) -> F,
    F: FnMut() -> W + Send + 'static,
    W: Future<Output = Outcome> + Send,
{
    let begun = Instant::now();
    let mut all = JoinSet::new();
    for number in 0..askers {
        let mut ask = asker(number);
        all.spawn(async move {
            let mut done = 0_u32;
            while begun.elapsed() < lasting {
                ask().await?;
                done += 1;
            }
            Outcome::Ok(done)
        });
    }
    let mut done = 0;
    while let Some(one) = all.join_next().await {
        done += one??;
    }
    Ok(f64::from(done) / begun.elapsed().as_secs_f64())
}

/// The same for computations: one thread a core.
pub fn on_every_core(lasting: Duration, work: impl Fn() -> Outcome + Send + Sync) -> Outcome<f64> {
    let cores = thread::available_parallelism()?.get();
    let begun = Instant::now();
    let done: Outcome<u32> = thread::scope(|scope| {
        let threads: Vec<_> = (0..cores)
            .map(|_| {
                scope.spawn(|| {
                    let mut done = 0_u32;
                    while begun.elapsed() < lasting {
                        work()?;
                        done += 1;
                    }
                    Outcome::Ok(done)
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().map_err(|_| "a thread panicked")?).sum()
    });
    Ok(f64::from(done?) / begun.elapsed().as_secs_f64())
}
