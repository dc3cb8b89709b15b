//! What the configuration says about when messages leave, and how many.

use kernel::{Hash, keyed_hash};

use crate::{
    channels::sms,
    domain::{limits::Limits, quiet::Quiet},
};

pub struct Rules {
    pub quiet: Quiet,
    /// `None`: there is no gateway.
    pub texting: Option<Texting>,
}

/// Of text messages.
pub struct Texting {
    pub limits: Limits,
    /// Of one part, in tiyin, where it is known.
    pub price: Option<u32>,
    /// Numbers are counted under their hash with it, and never kept.
    pub numbers_key: [u8; 32],
}

impl Texting {
    /// Under which a number is counted, however it is written; `None`: it is none that the gateway takes.
    pub fn counted(&self, phone: &str) -> Option<Hash> {
        let number = sms::number(phone)?;
        Some(keyed_hash(&self.numbers_key, &[b"text messages", number.as_bytes()]))
    }
}
