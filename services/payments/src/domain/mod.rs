//! The rules of money: which states exist, what may follow what, who is owed how much. No I/O.

pub mod attempt;
pub mod closing;
pub mod fees;
pub mod finance;
pub mod instruction;
pub mod intent;
pub mod ledger;
pub mod payout;
pub mod provider;
pub mod receipt;
pub mod refund;
pub mod served;
pub mod settlement;
pub mod suspense;
pub mod till;
