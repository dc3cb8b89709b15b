//! Randomness as an argument, so that a run can be repeated from its seed.

use std::sync::Mutex;

use sha2::{Digest, Sha256};

/// Source of unpredictable bytes. The system's one lives in `boot`.
pub trait Random: Send + Sync {
    fn fill(&self, buffer: &mut [u8]);
}

pub fn bytes<const N: usize>(random: &dyn Random) -> [u8; N] {
    let mut buffer = [0; N];
    random.fill(&mut buffer);
    buffer
}

/// For tests and simulation only: the same seed gives the same bytes.
pub struct SeededRandom(Mutex<(u64, u64)>);

impl SeededRandom {
    pub fn new(seed: u64) -> Self {
        Self(Mutex::new((seed, 0)))
    }
}

impl Random for SeededRandom {
    fn fill(&self, buffer: &mut [u8]) {
        let mut state = self.0.lock().expect("no holder of this lock panics");
        for chunk in buffer.chunks_mut(32) {
            let mut digest = Sha256::new();
            digest.update(state.0.to_be_bytes());
            digest.update(state.1.to_be_bytes());
            state.1 += 1;
            chunk.copy_from_slice(&digest.finalize()[..chunk.len()]);
        }
    }
}
