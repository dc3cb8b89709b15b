//! What is known at a step, a bit for each thing that some step reads.

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bits(Vec<u64>);

impl Bits {
    pub fn none(count: usize) -> Self {
        Self(vec![0; count.div_ceil(64)])
    }

    pub fn has(&self, at: usize) -> bool {
        self.0[at / 64] & (1 << (at % 64)) != 0
    }

    pub fn put(&mut self, at: usize) {
        self.0[at / 64] |= 1 << (at % 64);
    }

    pub fn take(&mut self, at: usize) {
        self.0[at / 64] &= !(1 << (at % 64));
    }

    /// Keeps what both know; whether that is less than before.
    pub fn meet(&mut self, other: &Self) -> bool {
        let mut less = false;
        for (word, theirs) in self.0.iter_mut().zip(&other.0) {
            less |= *word & !theirs != 0;
            *word &= theirs;
        }
        less
    }

    /// Takes over what the other knows.
    pub fn join(&mut self, other: &Self) {
        for (word, theirs) in self.0.iter_mut().zip(&other.0) {
            *word |= theirs;
        }
    }
}
