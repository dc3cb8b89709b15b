//! The desk: every movement of money is decided and written here, inside one transaction, whoever asked for it.

mod announce;
mod begin;
mod capture;
mod close;
mod create;
mod instruct;
mod payout;
mod receipt;
mod refund;
mod suspense;
mod till;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use kernel::{Clock, Failure, Random, Time};

pub use announce::case_ref;
pub use capture::Hold;
pub use create::{Made, Order, Price};
pub use instruct::unknown_instruction;
pub use payout::Typed;
pub use refund::Wish;
pub use till::{no_shift, unknown_cash, unknown_shift};

use crate::domain::provider::Provider;

/// What the movements need beside their transaction.
#[derive(Clone)]
pub struct Desk {
    pub clock: Arc<dyn Clock>,
    pub random: Arc<dyn Random>,
    pub providers: Arc<BTreeMap<String, Arc<dyn Provider>>>,
    /// For how long money that nobody is owed waits before it goes back.
    pub keep_suspense: Duration,
}

impl Desk {
    pub fn new(clock: Arc<dyn Clock>, random: Arc<dyn Random>, providers: Vec<Arc<dyn Provider>>) -> Self {
        let providers = providers.into_iter().map(|provider| (provider.name().to_owned(), provider)).collect();
        Self { clock, random, providers: Arc::new(providers), keep_suspense: Duration::ZERO }
    }

    pub fn keeping_suspense(self, keep_suspense: Duration) -> Self {
        Self { keep_suspense, ..self }
    }

    pub fn now(&self) -> Time {
        self.clock.now()
    }

    pub fn provider(&self, name: &str) -> Result<&Arc<dyn Provider>, Failure> {
        self.providers.get(name).ok_or_else(|| {
            Failure::invalid("payment.unknown-provider", "This way to pay is not offered. Choose another.")
        })
    }
}

/// Another agency's, an unknown and a forbidden one look alike.
pub fn unknown_refund() -> Failure {
    Failure::not_found("payment.unknown-refund", "There is no such refund, or it is not yours to settle.")
}

pub fn unknown_intent() -> Failure {
    Failure::not_found("payment.unknown-intent", "There is no such payment.")
}

#[cfg(test)]
pub mod tests;
