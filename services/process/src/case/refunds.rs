//! What an ended case still owes because payments refused to give it back.

use super::{CaseState, Payment, Phase, TokenId};

/// The place of it among those that wait: no token stands there.
pub const AFTER_THE_END: TokenId = 0;

impl CaseState {
    /// Payments of an ended case whose refund was refused, each with its code. While a case runs, its steps say what they wait for.
    pub fn refused_refunds(&self) -> impl Iterator<Item = (&Payment, &str)> {
        let payments = self.payments.values().flatten().filter(|_| self.phase == Phase::Ended);
        payments.filter_map(|payment| Some((payment, payment.refused()?)))
    }
}
