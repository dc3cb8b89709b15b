//! Fees: an exact amount with the arithmetic that led to it, the waiver that applied and the split to beneficiaries.

mod evaluate;
mod inputs;
#[cfg(test)]
mod tests;

pub use evaluate::{Charge, FeeFault, Part, Used, WaiverUsed, charge, standard_amount};
pub use inputs::Inputs;
